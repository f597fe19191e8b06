"""The nodes of arithmetic, shapes and reductions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...ops.layout import flatten
from ..current import GraphError
from ..custom import call_user_node
from ..misc import Shape, product, reduced_shape
from ..node import Node


class Add(Node):
    """x + y."""

    def compute(self, x: Any, y: Any) -> Any:
        return np.add(x, y)


class Sub(Node):
    """x - y."""

    def compute(self, x: Any, y: Any) -> Any:
        return np.subtract(x, y)


class Mult(Node):
    """x * y."""

    def compute(self, x: Any, y: Any) -> Any:
        return np.multiply(x, y)


class Div(Node):
    """x / y."""

    def compute(self, x: Any, y: Any) -> Any:
        return np.divide(x, y)


class Power(Node):
    """x ** exponent, the exponent a number."""

    def init(self, exponent: float, shape: Any = None) -> None:
        if isinstance(exponent, Node):
            raise GraphError(
                "the exponent of `node ** c` is a number; for a node use exp(c * log(x)) in a node of your own"
            )
        self.exponent = exponent

    def compute(self, x: Any) -> Any:
        return np.power(x, self.exponent)


class Negative(Node):
    """-x."""

    def compute(self, x: Any) -> Any:
        return np.negative(x)


class Absolute(Node):
    """abs(x)."""

    def compute(self, x: Any) -> Any:
        return np.absolute(x)


class Compare(Node):
    """x < y and the like: bools, without gradient."""

    def init(self, comparison: Any, shape: Any = None) -> None:
        self.comparison = comparison

    def compute(self, x: Any, y: Any) -> Any:
        return self.comparison(x, y)


class Dot(Node):
    """The matrix product of x (N, D) and y (D, M)."""

    def infer_shape(self, x: Shape, y: Shape) -> Shape:
        if len(x) != 2 or len(y) != 2 or (x[1] != y[0] and -1 not in (x[1], y[0])):
            raise InputError(f"Dot: shapes {x} and {y} are not those of a matrix product, (N, D) and (D, M)")
        return (x[0], y[1])

    def compute(self, x: Any, y: Any) -> Any:
        return np.matmul(x, y)


class Affine(Node):
    """x @ w + b, for x (N, D), w (D, M), b (M,)."""

    def infer_shape(self, x: Shape, w: Shape, b: Shape) -> Shape:
        if len(x) != 2 or len(w) != 2 or b != w[1:] or (x[1] != w[0] and x[1] != -1):
            raise InputError(f"Affine: shapes {x}, {w} and {b} do not fit; expected (N, D), (D, M) and (M,)")
        return (x[0], w[1])

    def compute(self, x: Any, w: Any, b: Any) -> Any:
        return nn.linear(x, w, b)


class Reshape(Node):
    """x in another shape, which may contain one -1."""

    integers = True

    def init(self, shape: Any) -> None:
        self.target = tuple(shape)

    def compute(self, x: Any) -> Any:
        return np.reshape(x, self.target)


class BatchFlatten(Node):
    """x (N, ...) as (N, D)."""

    integers = True

    def infer_shape(self, x: Shape) -> Shape:
        return (x[0], product(x[1:]))

    def compute(self, x: Any) -> Any:
        return flatten(x)


class Reduction(Node):
    """The base of Sum and Mean: axis None, an int or a tuple; keepdims."""

    def init(self, axis: Any = None, keepdims: bool = False, shape: Any = None) -> None:
        self.axis = axis
        self.keepdims = keepdims
        self.options = ({} if axis is None else {"axis": axis}) | ({"keepdims": True} if keepdims else {})

    def infer_shape(self, x: Shape) -> Shape:
        return reduced_shape(x, self.axis, self.keepdims, self.kind)


class Sum(Reduction):
    """The sum over axes."""

    def compute(self, x: Any) -> Any:
        return np.sum(x, **self.options)


class Mean(Reduction):
    """The mean over axes."""

    def compute(self, x: Any) -> Any:
        return np.mean(x, **self.options)


class Argmax(Reduction):
    """The index of the greatest along an axis, which must be named; no gradient."""

    integers = True

    def __init__(self, x: Node, axis: int, **kwargs: Any) -> None:
        super().__init__(x, axis=axis, **kwargs)

    def compute(self, x: Any) -> Any:
        return np.argmax(x, axis=self.axis)


class Equals(Node):
    """x == y, elementwise; bools, no gradient."""

    integers = True

    def compute(self, x: Any, y: Any) -> Any:
        return np.equal(x, y)


class Subscript(Node):
    """x[index], for ints, slices, tuples of them, and arrays."""

    integers = True

    def init(self, index: Any, shape: Any = None) -> None:
        self.index = index

    def infer_shape(self, x: Shape) -> Shape:
        return indexed_shape(x, self.index)

    def compute(self, x: Any) -> Any:
        return x[self.index]


def indexed_shape(shape: Shape, index: Any) -> Shape:
    """The shape of x[index]. An unknown size stays unknown where it is sliced."""
    parts = index if isinstance(index, tuple) else (index,)
    if sum(p is not None and p is not ... for p in parts) > len(shape):
        raise InputError(f"Subscript: {len(parts)} indices for a node of shape {shape}")
    # Two sizes for each unknown one: where the results differ, the size of the result is unknown.
    sizes = [tuple(size if n == -1 else n for n in shape) for size in (1009, 1013)]
    try:
        results = [np.broadcast_to(np.False_, s)[index].shape for s in sizes]
    except IndexError as error:
        raise InputError(f"Subscript: {error} (a node of shape {shape})") from None
    return tuple(a if a == b else -1 for a, b in zip(*results))


class Function1d(Node):
    """f(x), elementwise, with the derivative df(x): functions of arrays of the user's."""

    def init(self, f: Callable[[Any], Any], df: Callable[[Any], Any], shape: Any = None) -> None:
        self.f = f
        self.df = df

    def compute(self, x: Any) -> Any:
        return call_user_node(self, (x,))

    def forw_eval(self, x: Any) -> tuple[Any, Any]:
        return self.f(x), x

    def back_eval(self, Dout: Any, cache: Any, bp_mask: Sequence[bool]) -> Any:
        return Dout * self.df(cache)
