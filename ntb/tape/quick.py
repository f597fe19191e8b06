"""Fewer steps for operators and ufuncs. Nobody needs to read this: all of it can be left out.

In `x * 0.9` NumPy takes less time than the engine around it. Where operands are tensors, arrays and numbers, this file
does the same in fewer steps: it replaces the methods of operators, and gives each operation a shortcut for the backward
walk. A test runs random programs with and without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arguments import NUMERIC
from ..errors import annotate
from .gradient import fit
from .listener import listeners
from .operation import Operation
from .record import retain
from .rules import operation_of, operations
from .tape import Tape
from .tensor import GETITEM, NO_KEYWORDS, ArrayLike, Tensor, apply, wrap
from .value_id import ValueId

_new = object.__new__
_OPERANDS = frozenset({Tensor, np.ndarray, float, int})
_INDICES = frozenset({int, slice})
_BINARY: dict[str, Any] = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "pow": np.power,
          "matmul": np.matmul, "mod": np.remainder, "floordiv": np.floor_divide, "eq": np.equal, "ne": np.not_equal,
          "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}  # fmt: skip
_UNARY: dict[str, Any] = {"neg": np.negative, "abs": np.absolute}
replaced: dict[str, Any] = {}
"""The general methods of operators, by name."""
_ufuncs: dict[Any, tuple[Callable, Callable]] = {}
"""By ufunc the quick methods that are called on its first operand and on its second."""


def _quick_method(general: Callable, operation: Operation, swapped: bool = False, others: Any = _OPERANDS) -> Callable:
    """A method with another operand; for operands that are not the usual ones the general method."""
    function, record = operation.call, _recorder(operation)

    def method(self: Any, other: Any) -> Any:
        known = type(other) in others and (type(other) is not np.ndarray or other.dtype.char in NUMERIC)
        if type(self) is not Tensor or type(x := self.value) is not np.ndarray or not known:
            return _otherwise(method, general, self, other)
        y = other.value if type(other) is Tensor else other
        try:
            value = function(y, x) if swapped else function(x, y)
        except Exception as error:
            annotate(error, operation.name, (other, self) if swapped else (self, other))
            raise
        if type(value) is np.ndarray:
            result = _new(Tensor)  # what Tensor(value) does, in two thirds of its time
            result.value, result.id = value, None
        else:
            result = wrap(value)
        for listener in listeners.get():
            if type(listener) is not Tape:
                listener.write(operation, (other, self) if swapped else (self, other), NO_KEYWORDS, result)
            elif swapped:
                record(listener, other, self, result, value)
            else:
                record(listener, self, other, result, value)
        return result

    return method


def _otherwise(method: Callable, general: Callable, self: Any, other: Any) -> Any:
    """The quick method of the value of a variable, or the general method."""
    variable = type(self) is not Tensor and type(tensor := self.read()) is Tensor
    return method(tensor, other) if variable else general(self, other)


def _quick_unary(general: Callable, operation: Operation) -> Callable:
    """The same for methods without another operand."""
    function, record = operation.call, _recorder(operation, operands=1)

    def method(self: Any) -> Any:
        self = self if type(self) is Tensor else self.read()
        if type(self) is not Tensor or type(self.value) is not np.ndarray:
            return general(self)
        try:
            value = function(self.value)
        except Exception as error:
            annotate(error, operation.name, (self,))
            raise
        result = Tensor(value) if type(value) is np.ndarray else wrap(value)
        for listener in listeners.get():
            if type(listener) is Tape:
                record(listener, self, 0.0, result, value)
            else:
                listener.write(operation, (self,), NO_KEYWORDS, result)
        return result

    return method


def _recorder(operation: Operation, operands: int = 2) -> Callable[[Tape, Any, Any, Tensor, Any], None]:
    """`Tape.write` for two operands, or for one."""
    if not _is_usual(operation, operands) and operation is not GETITEM:
        return lambda tape, a, b, result, value: tape.write(operation, (a, b)[:operands], NO_KEYWORDS, result)
    keep_a, keep_b, *_ = *operation.derivative.keep, False
    keep_result = operation.derivative.keep_result

    def record(tape: Tape, a: Any, b: Any, result: Tensor, value: Any) -> None:
        tracked = tape.tracked
        second = type(b) is Tensor and (id_b := b.id) in tracked
        if type(a) is Tensor and (id_a := a.id) in tracked:
            inputs: Any = ((0, id_a), (1, id_b)) if second else ((0, id_a),)
            a = a if keep_a else id_a
        elif second:
            inputs = ((1, id_b),)
            a = a if type(a) is float else retain(a, keep_a)
        else:
            return
        if second:
            b = b if keep_b else id_b
        elif type(b) is not float:
            b = ValueId(b) if type(b) is np.ndarray and not keep_b else retain(b, keep_b)
        y = result.id
        if y is None:  # what ValueId(value) does, in two thirds of its time
            y = result.id = _new(ValueId)
            y.shape, y.dtype = value.shape, value.dtype
        tracked.add(y)
        args = (a, b) if operands == 2 else (a,)
        tape.keep((operation, args, NO_KEYWORDS, result if keep_result else y, y, inputs))

    return record


def _is_usual(operation: Operation, operands: int) -> bool:
    """Whether it is a ufunc of so many operands with a rule for each, of which floats make floats."""
    keep, rules = operation.derivative.keep, operation.derivative.rules
    simple = isinstance(operation.function, np.ufunc) and operation.traits.takes_out and not operation.traits.constant
    return simple and len(keep) == len(rules) == operands and None not in rules


def _shortcut(
    rules: tuple, args: tuple, y: Any, inputs: Any, g: Any, gradients: dict, reached: Any, o: Operation
) -> None:
    """The walk through a record of two operands, on arrays."""
    a, b = args
    a, b = a.value if type(a) is Tensor else a, b.value if type(b) is Tensor else b
    y = y.value if type(y) is Tensor else y
    for position, x in inputs:
        if x in reached:
            d = rules[position](g, y, a, b)
            if d.shape != x.shape or d.dtype is not x.dtype:
                d = fit(d, x, o)
            gradients[x] = np.add(gradients[x], d) if x in gradients else d


def _shortcut_of_ids(
    rules: tuple, args: tuple, y: Any, inputs: Any, g: Any, gradients: dict, reached: Any, o: Operation
) -> None:
    """The same, where no rule looks at an array."""
    a, b = args
    for position, x in inputs:
        if x in reached:
            d = rules[position](g, y, a, b)
            if d.shape != x.shape or d.dtype is not x.dtype:
                d = fit(d, x, o)
            gradients[x] = np.add(gradients[x], d) if x in gradients else d


def _shortcut_unary(
    rules: tuple, args: tuple, y: Any, inputs: Any, g: Any, gradients: dict, reached: Any, o: Operation
) -> None:
    """The same for one operand."""
    (a,), ((_, x),) = args, inputs
    if x in reached:
        d = rules[0](g, y.value if type(y) is Tensor else y, a.value if type(a) is Tensor else a)
        if d.shape != x.shape or d.dtype is not x.dtype:
            d = fit(d, x, o)
        gradients[x] = np.add(gradients[x], d) if x in gradients else d


def _quick_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """`__array_ufunc__`, for calls such as np.tanh(x) and np.add(x, y)."""
    if kwargs or method != "__call__" or ufunc not in _ufuncs:
        return replaced["__array_ufunc__"](self, ufunc, method, *inputs, **kwargs)
    on_first, on_second = _ufuncs[ufunc]
    if len(inputs) == 1:
        return on_first(inputs[0])
    a, b = inputs
    return on_first(a, b) if isinstance(a, ArrayLike) else on_second(b, a)


def _general(operation: Operation, swapped: bool = False) -> Callable:
    return lambda *args: apply(operation, args[::-1] if swapped else args)


def install() -> None:
    """Put the quick methods in the place of the general ones, and give operations their shortcuts."""
    for operation in operations():
        unary, binary = _is_usual(operation, 1), _is_usual(operation, 2)
        if unary:
            _ufuncs[operation.function] = _quick_unary(_general(operation), operation), apply
            operation.shortcut = _shortcut_unary
        elif binary:
            on_second = _quick_method(_general(operation, True), operation, swapped=True)
            _ufuncs[operation.function] = _quick_method(_general(operation), operation), on_second
            arrays = operation.derivative.keep_result or any(operation.derivative.keep)
            operation.shortcut = _shortcut if arrays else _shortcut_of_ids
    for name, ufunc in _UNARY.items():
        _replace(f"__{name}__", _quick_unary, operation_of(ufunc))
    for name, ufunc in _BINARY.items():
        _replace(f"__{name}__", _quick_method, operation_of(ufunc))
        _replace(f"__r{name}__", _quick_method, operation_of(ufunc), True)
    _replace("__getitem__", _quick_method, GETITEM, False, _INDICES)
    _replace("__array_ufunc__", lambda general: _quick_ufunc)


def _replace(name: str, quick: Callable, *arguments: Any) -> None:
    """Put a quick method in the place of the general one, if there is one of this name."""
    if name in vars(ArrayLike):
        replaced[name] = vars(ArrayLike)[name]
        setattr(ArrayLike, name, quick(replaced[name], *arguments))


def remove() -> None:
    """Put the general methods back, and take the shortcuts away."""
    for name, general in replaced.items():
        setattr(ArrayLike, name, general)
    for operation in operations():
        operation.shortcut = None
