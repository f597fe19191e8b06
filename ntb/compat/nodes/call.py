"""Functions of NumPy on nodes: `np.clip(x, 0, 1)` and `np.linalg.inv(x)` are nodes too, with their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...tree import leaves, tree_map
from ..current import GraphError
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
            raise GraphError(f"{function.__name__} cannot write into out=, as nodes are computed later; leave it out")
        self.function, self.integers = function, function in OF_INTEGERS
        given = list(dict.fromkeys(x for x in leaves((args, kwargs)) if isinstance(x, Node)))

        def block(*inputs: Any) -> Any:
            values = dict(zip(given, inputs))
            positional, named = tree_map(lambda x: values[x] if isinstance(x, Node) else x, (tuple(args), kwargs))
            return function(*positional, **named)

        self.block = block
        super().__init__(*given)

    @property
    def kind(self) -> str:
        return str(self.function.__name__)

    @property
    def is_uniform(self) -> bool:
        return super().is_uniform and (isinstance(self.function, np.ufunc) or self.function in UNIFORM)


KINDS["Call"] = Call
