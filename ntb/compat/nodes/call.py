"""Functions of NumPy on nodes: `np.clip(x, 0, 1)` and `np.linalg.inv(x)` are nodes too, with their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...tree import leaves, tree_map
from ..current import GraphError
from ..misc import Shape, tried_shape
from ..node import KINDS, Node

OF_INTEGERS = frozenset({np.take, np.take_along_axis, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert,
                         np.left_shift, np.right_shift})  # fmt: skip
"""Functions in which integers and bools among the inputs stay what they are."""

UNIFORM = frozenset({np.sum, np.mean, np.max, np.min, np.var, np.std, np.transpose, np.swapaxes, np.moveaxis,
                     np.reshape, np.ravel, np.expand_dims, np.squeeze, np.concatenate, np.stack, np.where, np.clip,
                     np.dot, np.broadcast_to, np.cumsum, np.flip, np.outer})  # fmt: skip
"""Functions beside ufuncs whose derivatives are the same calls for all sizes: a median, say, looks at even and odd."""


class Call(Node):
    """A call of any function of NumPy, which has nodes among its arguments: `np.clip(x, 0, 1)`."""

    def __init__(self, function: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        if "out" in kwargs:
            raise GraphError(
                f"{function.__name__} cannot write into out=, as nodes are computed in a run; leave it out"
            )
        self.function, self.arguments = function, (tuple(args), kwargs)
        self.integers = function in OF_INTEGERS
        self.given = list(dict.fromkeys(x for x in leaves(self.arguments) if isinstance(x, Node)))
        super().__init__(*self.given)

    @property
    def kind(self) -> str:
        return str(self.function.__name__)

    @property
    def is_uniform(self) -> bool:
        return super().is_uniform and (isinstance(self.function, np.ufunc) or self.function in UNIFORM)

    def compute(self, *inputs: Any) -> Any:
        values = dict(zip(self.given, inputs))
        args, kwargs = tree_map(lambda x: values[x] if isinstance(x, Node) else x, self.arguments)
        return self.function(*args, **kwargs)

    def infer_shape(self, *shapes: Shape) -> Shape:
        return tried_shape(self, f"np.{self.kind}", *shapes)


KINDS["Call"] = Call
