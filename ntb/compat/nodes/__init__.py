"""The nodes: each says which eager block it is."""

from ..node import Node
from .arithmetic import (
    Add,
    Affine,
    Argmax,
    BatchFlatten,
    Div,
    Dot,
    Equals,
    Function1d,
    Mean,
    Mult,
    Reshape,
    Sub,
    Subscript,
    Sum,
)  # fmt: skip
from .leaves import Placeholder, Variable
from .nonlinearities import Sample

__all__ = [
    "Add", "Affine", "Argmax", "BatchFlatten", "Div", "Dot", "Equals", "Function1d", "Mean", "Mult", "Node",
    "Placeholder", "Reshape", "Sample", "Sub", "Subscript", "Sum", "Variable",
]  # fmt: skip
