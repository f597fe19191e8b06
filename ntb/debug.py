"""debug_nans: which operation made the first NaN or infinity."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from .tape.errors import NonFiniteError
from .tape.gradient import backpropagate
from .tape.observer import Line, Observer, quoted, users_line
from .tape.rules import Operation
from .tape.tensor import ArrayLike, Tensor
from .tape.token import Token

WALK = backpropagate.__code__


@contextmanager
def debug_nans() -> Iterator[None]:
    """A block in which the operation that makes a NaN or an infinity raises an error that names it.

    It sees every operation on tensors, forward and backward, in this thread: what layers and optimizers do, the inside
    of `checkpoint` and `scan`, and traced functions and `g.run`, which run operation by operation meanwhile. It does
    not see NumPy's work on plain arrays, nor a `Program` that is called itself. An operation that has an infinity among
    its arguments did not make that in its result; a NaN that it computes of infinities (inf - inf) is new. Each result
    is looked at once, so that a block takes some times as long; outside of it nothing is slower.

    Raises:
        NonFiniteError: what was computed, in the forward or backward pass, the shape, dtype and range of each argument,
            and the line of the program; for a derivative also the line that ran the operation it is of, if that was in
            the block, too.

    >>> import ntb
    >>> x = ntb.tensor([0.0, 1.0])
    >>> with np.errstate(divide="ignore"), debug_nans():
    ...     np.log(x)
    Traceback (most recent call last):
        ...
    ntb.tape.errors.NonFiniteError: np.log made an infinity (1 of 2 elements), in the forward pass
      argument 'x': float64[2], from 0 to 1
      at <doctest ntb.debug.debug_nans[2]>:2: np.log(x)
    """
    with Inspector():
        yield


class Inspector(Observer):
    """Looks at the result of every operation for a number that is not finite, and is not of its arguments' making."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: WeakKeyDictionary[Token, Line] = WeakKeyDictionary()

    def look(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        results = [y for _, y in parts(result, "") if isinstance(y, Tensor)]
        line = users_line()
        for y in results:
            y.token = y.token or Token(y.value)
            self.lines[y.token] = line
        for test, what in ((np.isnan, "a NaN"), (np.isinf, "an infinity")):
            for y in results:
                count = counted(test, y.value)
                given = [*named(operation, args), *parts(kwargs or {}, "")]
                if count and not any(counted(test, x) for _, x in given):
                    raise NonFiniteError(
                        f"{operation.name} made {what} ({count} of {y.size} elements), in {self.where()}"
                        + "".join([f"\n  argument {name}: {ranged(x)}" for name, x in given if is_numeric(x)])
                        + f"\n  at {quoted(line)}"
                        + self.origin()
                    )

    def where(self) -> str:
        """The forward pass, or of which operation this is the derivative."""
        frame = walk()
        if frame is None:
            return "the forward pass"
        operation, position = frame.f_locals["operation"], frame.f_locals["position"]
        place = position if type(position) is int else position[0]
        return f"the backward pass: in the derivative of {operation.name} by its argument {operation.parameter(place)}"

    def origin(self) -> str:
        """Where the operation ran of which this is the derivative."""
        frame = walk()
        if frame is None:
            return ""
        result = frame.f_locals["result"]
        line = self.lines.get(result[0] if type(result) is tuple else result)
        return f"\n  {frame.f_locals['operation'].name} ran at {quoted(line)}" if line else ""


def walk() -> FrameType | None:
    """The innermost backward walk that is running."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not WALK:
        frame = frame.f_back
    return frame


# --- arguments and their ranges


def named(operation: Operation, args: tuple) -> Iterator[tuple[str, Any]]:
    for i, x in enumerate(args):
        yield from parts(x, operation.parameter(i))


def parts(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The values at any depth of lists, tuples and dicts, with names."""
    if type(tree) in (tuple, list):
        for i, x in enumerate(tree):
            yield from parts(x, f"{name}[{i}]")
    elif type(tree) is dict:
        for key, x in tree.items():
            yield from parts(x, f"{name}[{key!r}]" if name else repr(key))
    else:
        yield name, tree


def is_numeric(x: Any) -> bool:
    return not isinstance(x, bool) and isinstance(x, ArrayLike | np.ndarray | np.generic | float | int | complex)


def array_of(x: Any) -> Any:
    """The NumPy array of a value; without elements, if that would be some other library's to compute."""
    x = x.read().value if isinstance(x, ArrayLike) else x
    return np.asarray(x) if is_numeric(x) else np.empty(0)


def counted(test: np.ufunc, x: Any) -> int:
    """For how many elements the test holds."""
    array = array_of(x)
    return int(np.count_nonzero(test(array))) if array.dtype.kind in "fc" else 0


def ranged(x: Any) -> str:
    """Shape, dtype and range, as in `float64[3], from 0 to 2.5, 1 NaN`."""
    array = array_of(x)
    text = f"{array.dtype}{list(array.shape)}"
    size = np.abs(array) if array.dtype.kind == "c" else array
    finite = size[np.isfinite(size)] if array.dtype.kind in "fc" else size
    if finite.size:
        low, high = f"{np.min(finite):.6g}", f"{np.max(finite):.6g}"
        sizes = "of absolute value " * (array.dtype.kind == "c")
        text += f", {sizes}{low}" if low == high else f", {sizes}from {low} to {high}"
    nans, infinities = counted(np.isnan, array), counted(np.isinf, array)
    return text + f", {nans} NaN" * bool(nans) + f", {infinities} infinite" * bool(infinities)
