"""The nodes of arithmetic, shapes and reductions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...nn.linear import affine
from ...ops.layout import flatten
from ..current import GraphError
from ..misc import Shape, product, reduced_shape, whole
from ..node import Node, shape_of


class Add(Node):
    """x + y."""

    operation = staticmethod(np.add)


class Sub(Node):
    """x - y."""

    operation = staticmethod(np.subtract)


class Mult(Node):
    """x * y."""

    operation = staticmethod(np.multiply)


class Div(Node):
    """x / y."""

    operation = staticmethod(np.divide)


class Power(Node):
    """x ** exponent, the exponent a number."""

    def init(self, exponent: float, shape: Any = None) -> None:
        self.exponent = exponent

    operation = staticmethod(np.power)
    constants = property(lambda self: (self.exponent,))


class Negative(Node):
    """-x."""

    operation = staticmethod(np.negative)


class Absolute(Node):
    """abs(x)."""

    operation = staticmethod(np.absolute)


class Compare(Node):
    """x < y and the like: bools, without gradient."""

    def init(self, comparison: Any, shape: Any = None) -> None:
        self.operation = comparison


class Dot(Node):
    """The matrix product of x (N, D) and y (D, M)."""

    def infer_shape(self, x: Shape, y: Shape) -> Shape:
        if len(x) != 2 or len(y) != 2 or (x[1] != y[0] and -1 not in (x[1], y[0])):
            raise InputError(f"Dot: shapes {x} and {y} are not those of a matrix product, (N, D) and (D, M)")
        return (x[0], y[1])

    operation = staticmethod(np.matmul)


class Affine(Node):
    """x @ w + b, for x (N, D), w (D, M), b (M,)."""

    def infer_shape(self, x: Shape, w: Shape, b: Shape) -> Shape:
        if len(x) != 2 or len(w) != 2 or b != w[1:] or (x[1] != w[0] and x[1] != -1):
            raise InputError(f"Affine: shapes {x}, {w} and {b} do not fit; expected (N, D), (D, M) and (M,)")
        return (x[0], w[1])

    operation = staticmethod(affine)

    def compute(self, x: Any, w: Any, b: Any) -> Any:
        return nn.linear(x, w, b)


class Reshape(Node):
    """x in another shape, which may contain one -1."""

    integers = True

    operation = staticmethod(np.reshape)
    constants = property(lambda self: (self.shape,))

    def __init__(self, x: Any, shape: Any) -> None:
        target = shape_of(shape, "Reshape")
        if sum(n == -1 for n in target) > 1:
            raise GraphError(f"Reshape to {target}: one size may be -1, and follows from the others")
        if isinstance(x, Node) and -1 not in x.shape:
            count, known = product(x.shape), product([n for n in target if n != -1])
            if count != known if -1 not in target else known and count % known:
                raise GraphError(f"Reshape: the {count} elements of a node of shape {x.shape} do not fill {target}")
        super().__init__(x, shape=target)


class BatchFlatten(Node):
    """x (N, ...) as (N, D)."""

    integers = True

    def infer_shape(self, x: Shape) -> Shape:
        return (x[0], product(x[1:]))

    operation = staticmethod(flatten)


class Reduction(Node):
    """The base of Sum and Mean: axis None, an int or a tuple; keepdims."""

    def init(self, axis: Any = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    @property
    def options(self) -> dict[str, Any]:  # type: ignore[override]
        return ({} if self.axis is None else {"axis": self.axis}) | ({"keepdims": True} if self.keepdims else {})

    def infer_shape(self, x: Shape) -> Shape:
        return reduced_shape(x, self.axis, self.keepdims, self.kind)


class Sum(Reduction):
    """The sum over axes."""

    operation = staticmethod(np.sum)


class Mean(Reduction):
    """The mean over axes."""

    operation = staticmethod(np.mean)


class Argmax(Reduction):
    """The index of the greatest along an axis, which must be named; no gradient."""

    integers = True

    operation = staticmethod(np.argmax)

    def __init__(self, x: Node, axis: int, keepdims: bool = False) -> None:
        super().__init__(
            x, axis=whole("the axis of Argmax", axis, least=-len(getattr(x, "shape", ()))), keepdims=keepdims
        )


class Equals(Node):
    """x == y, elementwise; bools, no gradient."""

    integers = True

    operation = staticmethod(np.equal)


class Subscript(Node):
    """x[index], for ints, slices, tuples of them, and arrays."""

    integers = True

    def init(self, index: Any) -> None:
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

    def forw_eval(self, x: Any) -> tuple[Any, Any]:
        return self.f(x), x

    def back_eval(self, Dout: Any, cache: Any, bp_mask: Sequence[bool]) -> Any:
        return Dout * self.df(cache)
