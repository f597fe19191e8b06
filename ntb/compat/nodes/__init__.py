"""The nodes: lines of a table where one is a single call of an eager block, and classes."""

# ruff: noqa: F401  # where programs of the earlier ntb find them

from ..node import Node
from . import call
from .arithmetic import Argmax, Function1d, Reshape
from .leaves import Placeholder, Variable
from .nonlinearities import Sample
from .table import Add, Affine, BatchFlatten, Div, Dot, Equals, Mean, Mult, Sub, Subscript, Sum
