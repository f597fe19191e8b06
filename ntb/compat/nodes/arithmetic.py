"""Nodes with an option by position, and functions of the user's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..current import GraphError
from ..node import Node, shape_of
from .table import Sum


class Reshape(Node):
    """x in another shape, which may contain one -1."""

    integers = True

    def __init__(self, x: Any, shape: Any, name: str | None = None) -> None:
        target, met = shape_of(shape, "Reshape"), getattr(x, "shape", (-1,))
        count, known = math.prod(met), math.prod([n for n in target if n != -1])
        fits = count == known if -1 not in target else known and count % known == 0
        if target.count(-1) > 1 or not (-1 in met or fits):
            raise GraphError(
                f"Reshape: a node of shape {met} does not fill {target}; the number of elements stays the same, and "
                "one size may be -1"
            )
        super().__init__(x, shape=target, name=name)

    def compute(self, x: Any) -> Any:
        return np.reshape(x, self.shape)


class Argmax(Sum):
    """The index of the greatest along an axis, which must be named; no gradient."""

    integers = True
    block = staticmethod(np.argmax)

    def __init__(self, x: Any, axis: int, keepdims: bool = False, name: str | None = None) -> None:
        super().__init__(x, axis=axis, keepdims=keepdims, name=name)


class Function1d(Node):
    """f(x), elementwise, with the derivative df(x): functions of arrays of the user's."""

    def init(self, f: Callable[[Any], Any], df: Callable[[Any], Any], shape: Any = None) -> None:
        self.f, self.df = f, df

    def forw_eval(self, x: Any) -> tuple[Any, Any]:
        return self.f(x), x

    def back_eval(self, Dout: Any, cache: Any, bp_mask: Sequence[bool]) -> Any:
        return Dout * self.df(cache)
