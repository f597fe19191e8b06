"""The nodes: lines of a table where one is a single call of an eager block, and classes."""

# ruff: noqa: F401, I001  # where programs of the earlier ntb find them

from ..node import Node
from . import call
from .leaves import Placeholder, Variable
from .table import (
    Add, Affine, Argmax, BatchFlatten, Div, Dot, Equals, Function1d, Mean, Mult, Reshape, Sample, Sub, Subscript, Sum,
)  # fmt: skip
