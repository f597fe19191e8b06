"""The nodes: lines of a table where one is a single call of an eager block, and classes."""

# ruff: noqa: I001  # the nodes of the table are imported in rows

from ..node import Node
from . import call
from .leaves import Placeholder, Variable
from .table import (
    Add, Affine, Argmax, BatchFlatten, Div, Dot, Equals, Function1d, Mean, Mult, Reshape, Sample, Sub, Subscript, Sum,
)  # fmt: skip

__all__ = [
    "Add", "Affine", "Argmax", "BatchFlatten", "Div", "Dot", "Equals", "Function1d", "Mean", "Mult", "Node",
    "Placeholder", "Reshape", "Sample", "Sub", "Subscript", "Sum", "Variable", "call",
]  # fmt: skip
