"""debug_nans finds the operation that made the first NaN or infinity."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from .errors import NonFiniteError
from .explain.observer import Location, Observer, quoted, users_line
from .functions import parameter_name
from .tape.listener import pulling
from .tape.operation import Operation
from .tape.tensor import ArrayLike, Tensor
from .tape.value_id import ValueId
from .tree import BRANCHES, children
from .variable import Variable


@contextmanager
def debug_nans() -> Iterator[None]:
    """A block in which an operation that makes a NaN or an infinity raises an error that names the operation.

    It sees every operation on tensors, forward and backward, in this thread: what layers and optimizers do, the inside
    of `checkpoint` and `scan`, and traced functions and `g.run`, which here run operation by operation. It does not see
    NumPy's work on plain arrays, nor a `Program` that is called directly. An infinity in a result is not reported if an
    argument has one already; a NaN that is computed from infinities (inf - inf) is reported. Every result is inspected,
    so a block takes several times as long; outside of it nothing is slower.

    Raises:
        NonFiniteError: it names what was computed, in the forward or backward pass, the shape, dtype and range of each
            argument, and the line of the program; for a derivative also the line of the forward operation, if that
            ran in the block, too.

    >>> import ntb
    >>> x = ntb.tensor([0.0, 1.0])
    >>> with np.errstate(divide="ignore"), debug_nans():
    ...     np.log(x)
    Traceback (most recent call last):
        ...
    ntb.errors.NonFiniteError: np.log made an infinity (1 of 2 elements), in the forward pass
      argument 'x': float64[2], from 0 to 1
      at <doctest ntb.debug.debug_nans[2]>:2: np.log(x)
    """
    with _Inspector():
        yield


class _Inspector(Observer):
    """Looks for NaN, and for infinity, in the result of every operation; ignores either if an argument has it, too."""

    def __init__(self) -> None:
        self.around = pulling.get()  # the derivative in which the block was opened, if any
        self.lines: WeakKeyDictionary[ValueId, Location] = WeakKeyDictionary()
        self.variables: WeakKeyDictionary[ValueId, str] = WeakKeyDictionary()  # the names of those that were read

    def read(self, variable: Variable) -> None:
        if variable.name:
            self.variables[variable.id] = f", the variable {variable.name!r}"

    def look(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        results = [y for _, y in _named_values(result, "") if isinstance(y, Tensor)]
        line = users_line()
        for y in results:
            y.id = y.id or y.Id(y.value)
            self.lines[y.id] = line
        for test, what in ((np.isnan, "a NaN"), (np.isinf, "an infinity")):
            for y in results:
                count = _count_of(test, y.value)
                given = [*_named_arguments(operation, args), *_named_values(kwargs, "")]
                if count and not any(_count_of(test, x) for _, x in given):
                    shown = [
                        f"\n  argument {name}{self.called(x)}: {_ranged(x)}" for name, x in given if _is_numeric(x)
                    ]
                    raise NonFiniteError(
                        f"{operation.name} made {what} ({count} of {y.size} elements), in {self.where()}"
                        + "".join(shown)
                        + f"\n  at {quoted(line)}"
                        + self.origin()
                    )

    def called(self, x: Any) -> str:
        """Which variable an argument is, if it is one with a name."""
        return self.variables.get(x.id, "") if isinstance(x, Tensor) and x.id else ""

    def where(self) -> str:
        """Which pass this is: forward, or backward in the derivative of a named operation."""
        pulled = pulling.get()
        if pulled is None or pulled is self.around:
            return "the forward pass"
        operation, position, _, _ = pulled
        place = position if type(position) is int else position[0]
        argument = parameter_name(operation.derivative.names, place)
        return f"the backward pass: in the derivative of {operation.name} by its argument {argument}"

    def origin(self) -> str:
        """The line that ran the forward operation, if this is a derivative and the line is known."""
        pulled = pulling.get()
        if pulled is None or pulled is self.around:
            return ""
        operation, _, result, _ = pulled
        line = self.lines.get(result[0] if type(result) is tuple else result)
        return f"\n  {operation.name} ran at {quoted(line)}" if line else ""


# --- arguments and their ranges


def _named_arguments(operation: Operation, args: tuple) -> Iterator[tuple[str, Any]]:
    for i, x in enumerate(args):
        yield from _named_values(x, parameter_name(operation.derivative.names, i))


def _named_values(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The values at any depth of lists, tuples and dicts, with names."""
    if not isinstance(tree, BRANCHES):
        yield name, tree
        return
    for key, x in children(tree):
        yield from _named_values(x, f"{name}[{key!r}]" if name or not isinstance(tree, dict) else repr(key))


def _is_numeric(x: Any) -> bool:
    return not isinstance(x, bool) and isinstance(x, ArrayLike | np.ndarray | np.generic | float | int | complex)


def _array_of(x: Any) -> Any:
    """The value as a NumPy array; an empty one if another library would have to compute it."""
    x = x.read().value if isinstance(x, ArrayLike) else x
    return np.asarray(x) if _is_numeric(x) else np.empty(0)


def _count_of(test: np.ufunc, x: Any) -> int:
    """The number of elements for which the test holds."""
    array = _array_of(x)
    return int(np.count_nonzero(test(array))) if array.dtype.kind in "fc" else 0


def _ranged(x: Any) -> str:
    """Shape, dtype and range, as in `float64[3], from 0 to 2.5, 1 NaN`."""
    array = _array_of(x)
    text = f"{array.dtype}{list(array.shape)}"
    size = np.abs(array) if array.dtype.kind == "c" else array
    finite = size[np.isfinite(size)] if array.dtype.kind in "fc" else size
    if finite.size:
        low, high = f"{np.min(finite):.6g}", f"{np.max(finite):.6g}"
        sizes = "of absolute value " * (array.dtype.kind == "c")
        text += f", {sizes}{low}" if low == high else f", {sizes}from {low} to {high}"
    nans, infinities = _count_of(np.isnan, array), _count_of(np.isinf, array)
    return text + f", {nans} NaN" * bool(nans) + f", {infinities} infinite" * bool(infinities)
