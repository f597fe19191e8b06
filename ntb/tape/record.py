"""Record: what a tape writes down of one operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .rules import Operation
from .tensor import Tensor
from .text import describe
from .token import Token


class Record:
    """One operation that ran: `result = operation(*args, **kwargs)`.

    Attributes:
        operation: what ran, with its derivative rules.
        args, kwargs: its arguments; a tensor whose array no rule needs is represented by its token.
        value: the result as a tensor if a rule needs it, else its token.
        result: the token of the result, or a tuple of tokens.
        inputs: position and token of each tracked argument; the position of an item of a list is a pair.
    """

    __slots__ = ("args", "inputs", "kwargs", "operation", "result", "value")

    def __init__(self, operation: Operation, args: Any, kwargs: Any, value: Any, result: Any, inputs: Any) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.value = value
        self.result = result
        self.inputs = inputs

    def results(self) -> tuple:
        """The tokens of all results."""
        return self.result if type(self.result) is tuple else (self.result,)

    def with_inputs(self, inputs: Any) -> Record:
        """The same record with another choice of tracked arguments."""
        return Record(self.operation, self.args, self.kwargs, self.value, self.result, inputs)

    def __repr__(self) -> str:
        shown = [describe(a) for a in self.args] + [f"{key}={describe(v)}" for key, v in self.kwargs.items()]
        return f"{self.result!r} = {self.operation.name}({', '.join(shown)})"


def retain(a: Any, needed: bool) -> Any:
    """What a record keeps of an argument. The user's arrays are copied, as they may change; what is not needed goes."""
    kind = type(a)
    if kind is Tensor:
        return a if needed else a.token or (Token(a.value) if hasattr(a.value, "dtype") else a.value)
    if kind is np.ndarray:
        if not needed:
            return Token(a)
        return a.copy(order="K") if a.flags.writeable or a.base is not None else a
    if kind is list or kind is tuple:
        return kind([retain(item, needed) for item in a])
    return a


def listing(records: Sequence[Record]) -> str:
    """Records as numbered lines, where `%3` stands for the result of line 3."""
    numbers: dict[Any, str] = {}
    lines = []
    for i, record in enumerate(records):
        for _, token in record.inputs:
            numbers.setdefault(token, f"{token!r}")
        shown = [_called(a, numbers) for a in record.args]
        shown += [f"{key}={describe(v)}" for key, v in record.kwargs.items()]
        lines.append(f"%{i} {record.result!r} = {record.operation.name}({', '.join(shown)})")
        for j, token in enumerate(record.results()):
            numbers[token] = f"%{i}" if type(record.result) is not tuple else f"%{i}[{j}]"
    return "\n".join(lines) or "(an empty tape)"


def _called(x: Any, numbers: dict[Any, str]) -> str:
    """An argument in the listing of a tape: by its number where it was computed before."""
    if type(x) is list or type(x) is tuple:
        return "[" + ", ".join(_called(item, numbers) for item in x) + "]"
    return numbers.get(x.token if type(x) is Tensor else x if type(x) is Token else None) or describe(x)
