"""The nodes: lines of a table where one is a single call of an eager block, and classes."""

from ..node import Node
from . import call
from .arithmetic import Argmax, Function1d, Reshape
from .leaves import Placeholder, Variable
from .nonlinearities import Sample
from .table import Add, Affine, BatchFlatten, Div, Dot, Equals, Mean, Mult, Sub, Subscript, Sum

__all__ = [
    "Add", "Affine", "Argmax", "BatchFlatten", "Div", "Dot", "Equals", "Function1d", "Mean", "Mult", "Node",
    "Placeholder", "Reshape", "Sample", "Sub", "Subscript", "Sum", "Variable", "call",
]  # fmt: skip
