"""Symbols: what a call does to each element, found by running it on symbols instead of arrays.

    relu_pull(g, y) = g * (y > 0)       is opened into       t0 = y > 0;  t1 = float32(t0);  t2 = g * t1

A primitive whose trait says that it `opens` is a row of ufuncs, perhaps block by block. A symbol has the shape and the
dtype of an array; a ufunc that meets it is written down as a statement. So nobody describes a second time what a
primitive computes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..replay.calls import choose
from ..replay.code import Code, Instruction, Ref
from ..tape.rules import table


class _Unopened(Exception):
    """The call does something that is no row of ufuncs."""


class Value:
    """A number for each element: what a statement gives, or what is loaded from an array of the program.

    Attributes:
        ref: the value of the program that it is, if it is one.
        shape, strides: of an array that is loaded, as it is broadcast; strides are None for what a statement gives.
    """

    __slots__ = ("dtype", "ref", "shape", "strides")

    def __init__(self, dtype: Any, ref: Ref | None = None, shape: Any = (), strides: Any = None) -> None:
        self.dtype = np.dtype(dtype)
        self.ref: Any = ref
        self.shape = shape
        self.strides = strides


class Statement:
    """One ufunc on operands of one dtype: `result = function(*args)`; an argument is a `Value` or a number.

    With `quiet`, NumPy does not warn where it overflows.
    """

    __slots__ = ("args", "dtype", "function", "quiet", "result")

    def __init__(self, function: Any, args: tuple, dtype: np.dtype, result: Value) -> None:
        self.function = function
        self.args = args
        self.dtype = dtype
        self.result = result
        self.quiet = np.geterr()["over"] == "ignore"


class Opening:
    """The statements of calls, one after the other.

    Attributes:
        statements: in order; values: for each value of the program the one that stands for it.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        self.statements: list[Statement] = []
        self.values: dict[Ref, Value] = {}

    def add(self, instruction: Instruction) -> bool:
        """Add the statements of a call; False if it is no row of ufuncs, and then there are none."""
        body, result, count = _body(instruction.function), self.code.specs[instruction.result], len(self.statements)
        try:
            if body is None or result.dtype is None or result.shape is None:
                raise _Unopened
            out = _Symbol(self, Value(result.dtype, shape=result.shape))
            given = [self._given(a) for a in instruction.args]
            with np.errstate(over="warn"):  # unless the body says otherwise
                answer = body(*given, out=out, **instruction.kwargs)
            if (answer is not out and answer is not None) or len(self.statements) == count:
                raise _Unopened
        except _Unopened:
            del self.statements[count:]
            return False
        out.value.ref = instruction.result
        self.values[instruction.result] = out.value
        return True

    def loads(self) -> list[Value]:
        """The arrays and numbers that the statements read, each once."""
        return list(dict.fromkeys(a for statement in self.statements for a in statement.args if _is_loaded(a)))

    def _given(self, x: Any) -> Any:
        """The symbol of an argument; a number as it is."""
        if type(x) is not Ref:
            return x
        spec = self.code.specs[x]
        if x not in self.values:
            if spec.strides is None or spec.dtype is None:
                raise _Unopened
            self.values[x] = Value(spec.dtype, x, spec.shape, spec.strides)
        return _Symbol(self, self.values[x])

    def call(self, function: Any, inputs: tuple, out: _Symbol | None = None) -> _Symbol:
        """Write a ufunc down; its result is what the symbol `out` stands for from now on."""
        shape = np.broadcast_shapes(*[x.shape for x in inputs if isinstance(x, _Symbol | np.ndarray | np.generic)])
        try:
            given = [type(x) if type(x) in (int, float) else np.dtype(getattr(x, "dtype", type(x))) for x in inputs]
            *operands, dtype = function.resolve_dtypes((*given, None))
        except TypeError:
            raise _Unopened from None
        if len(set(operands)) > 1 or any(np.ndim(x) for x in inputs if not isinstance(x, _Symbol)):
            raise _Unopened
        value = Value(dtype, shape=shape)
        args = tuple([x.value if isinstance(x, _Symbol) else x for x in inputs])
        self.statements.append(Statement(function, args, operands[0], value))
        if out is None:
            return _Symbol(self, value)
        if out.dtype != dtype:  # the result is cast as it is written
            value = Value(out.dtype, shape=shape)
            self.statements.append(Statement(np.positive, (self.statements[-1].result,), out.dtype, value))
        if out.shape != shape or not np.can_cast(dtype, out.dtype, "same_kind"):
            raise _Unopened
        out.value = value
        return out


def _body(function: Any) -> Callable[..., Any] | None:
    """What runs on arrays, if it is a row of ufuncs that can be written into `out`."""
    if function is choose:
        return _choose
    if isinstance(function, np.ufunc):
        return function if function.signature is None and function.nout == 1 else None
    operation = table.get(function)
    opens = operation.traits.opens if operation is not None else False
    return opens if callable(opens) else operation.call if operation is not None and opens else None


def _is_loaded(x: Any) -> bool:
    return isinstance(x, Value) and x.strides is not None


class _Symbol(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for an array; `value` is what it holds at the moment, since arrays are written into."""

    nbytes = 0  # what works block by block takes all of it at once

    def __init__(self, opening: Opening, value: Value) -> None:
        self.opening = opening
        self.value = value

    shape = property(lambda self: self.value.shape)
    dtype = property(lambda self: self.value.dtype)
    ndim = property(lambda self: len(self.value.shape))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (None,), **others: Any) -> Any:
        if method != "__call__" or others or ufunc.nout != 1:
            raise _Unopened
        return self.opening.call(ufunc, inputs, out[0])

    def __array_function__(self, function: Any, _types: Any, args: tuple, kwargs: dict) -> Any:
        if function not in _FUNCTIONS:
            raise _Unopened
        return _FUNCTIONS[function](*args, **kwargs)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise _Unopened


def _empty_like(x: _Symbol, dtype: Any = None) -> _Symbol:
    return _Symbol(x.opening, Value(dtype or x.dtype, shape=x.shape))


def _reshape(x: _Symbol, shape: tuple[int, ...]) -> _Symbol:
    """An array that is loaded, with other axes of length 1."""
    value = x.value
    if not _is_loaded(value):
        raise _Unopened
    filled = np.empty(value.shape, bool).reshape(shape).shape
    moved = [(n, stride) for n, stride in zip(value.shape, value.strides) if n > 1]
    if [n for n in filled if n > 1] != [n for n, _ in moved]:
        raise _Unopened
    kept = iter([stride for _, stride in moved])
    return _Symbol(
        x.opening, Value(value.dtype, value.ref, filled, tuple([next(kept) if n > 1 else 0 for n in filled]))
    )


def _clip(x: _Symbol, least: Any, most: Any, out: _Symbol | None = None) -> _Symbol:
    between = x.opening.call(np.maximum, (x, least))
    return x.opening.call(np.minimum, (between, most), out)


def _choose(condition: _Symbol, x: Any, y: Any, out: _Symbol) -> _Symbol:
    """One statement, for which the mask is cast as the others are: to ones and zeros."""
    given, opening = (condition, x, y), condition.opening
    shape = np.broadcast_shapes(*[a.shape for a in given if isinstance(a, _Symbol)])
    if shape != out.shape:
        raise _Unopened
    value = Value(out.dtype, shape=shape)
    args = tuple([a.value if isinstance(a, _Symbol) else a for a in given])
    opening.statements.append(Statement(np.where, args, out.dtype, value))
    out.value = value
    return out


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.empty_like: _empty_like,
    np.reshape: _reshape,
    np.clip: _clip,
    np.result_type: lambda *xs: np.result_type(*[x.dtype if isinstance(x, _Symbol) else x for x in xs]),
}
