"""NumPy's functions on nodes: `np.exp(x)` and `np.concatenate([x, y])` are nodes too, with their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...tree import leaves, tree_map
from ..current import GraphError
from ..misc import Shape
from ..node import Node

OF_INTEGERS = frozenset({np.take, np.take_along_axis, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert,
                         np.left_shift, np.right_shift})  # fmt: skip
"""Functions in which integers and bools among the inputs stay what they are."""

UNIFORM = frozenset({np.sum, np.mean, np.max, np.min, np.var, np.std, np.transpose, np.swapaxes, np.moveaxis,
                     np.reshape, np.ravel, np.expand_dims, np.squeeze, np.concatenate, np.stack, np.where, np.clip,
                     np.dot, np.broadcast_to, np.cumsum, np.flip, np.outer})  # fmt: skip
"""Functions beside ufuncs whose derivatives are the same calls for all sizes: a median, say, looks at even and odd."""


class NumPyFunction(Node):
    """The value of a function of NumPy, whose arguments are nodes among other things."""

    def __init__(self, function: Any, args: tuple, kwargs: dict[str, Any]) -> None:
        given = [x for x in leaves((args, kwargs)) if isinstance(x, Node)]
        if "out" in kwargs:
            raise GraphError(
                f"{function.__name__} cannot write into out=, as nodes are computed in a run; leave it out"
            )
        places = {x: i for i, x in enumerate(dict.fromkeys(given))}
        arguments = tree_map(lambda x: Place(places[x]) if isinstance(x, Node) else x, (args, kwargs))
        super().__init__(*places, function=function, arguments=arguments)

    def init(self, function: Any, arguments: Any) -> None:
        self.function = function
        self.arguments = arguments
        self.integers = function in OF_INTEGERS

    @property
    def kind(self) -> str:
        return str(self.function.__name__)

    @property
    def is_uniform(self) -> bool:
        return super().is_uniform and (isinstance(self.function, np.ufunc) or self.function in UNIFORM)

    def compute(self, *inputs: Any) -> Any:
        args, kwargs = tree_map(lambda x: inputs[x.number] if isinstance(x, Place) else x, self.arguments)
        return self.function(*args, **kwargs)

    def infer_shape(self, *shapes: Shape) -> Shape:
        """The shape for two sizes in the place of each that is not known: where the results differ, it is not known."""
        found = []
        for size in (3, 5):
            dtype = np.int64 if self.integers else self.graph.dtype
            dummies = [np.ones([size if n == -1 else n for n in shape], dtype) for shape in shapes]
            try:
                with np.errstate(all="ignore"):
                    result = self.compute(*dummies)
            except (TypeError, ValueError, IndexError) as error:
                raise GraphError(f"np.{self.kind} of nodes of shapes {', '.join(map(str, shapes))}: {error}") from None
            if not isinstance(result, np.ndarray | np.generic):
                raise GraphError(
                    f"np.{self.kind} of a node does not give one array, and so is no node; take it of the value of a "
                    "run"
                )
            found.append(result.shape)
        return tuple([a if a == b else -1 for a, b in zip(*found, strict=True)])


class Place:
    """Stands for an input among the arguments of a function."""

    def __init__(self, number: int) -> None:
        self.number = number
