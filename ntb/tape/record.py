"""Record: what a tape writes down of one operation."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .errors import GradientError
from .foreign import is_foreign
from .rules import Operation
from .tensor import Tensor
from .text import describe
from .token import Token


class Record(NamedTuple):
    """One operation that ran: `result = operation(*args, **kwargs)`. A tape holds plain tuples of these fields.

    Attributes:
        operation: what ran, with its derivative rules.
        args, kwargs: its arguments; a tensor whose array no rule needs is represented by its token. Without keyword
            arguments `kwargs` is None where all arguments are two operands, neither of them a list.
        value: the result as a tensor if a rule needs it, else its token.
        result: the token of the result, or a tuple of tokens.
        positions: of the tracked arguments; an item of a list, or of `*operands`, has a pair as its position.
    """

    operation: Operation
    args: tuple
    kwargs: dict | None
    value: Any
    result: Any
    positions: Sequence

    @property
    def inputs(self) -> list[tuple]:
        """Position and token of each tracked argument."""
        return [(position, token_at(self.operation, self.args, position)) for position in self.positions]

    def results(self) -> tuple:
        """The tokens of all results."""
        return self.result if type(self.result) is tuple else (self.result,)

    def __repr__(self) -> str:
        shown = [describe(a) for a in self.args] + [f"{key}={describe(v)}" for key, v in (self.kwargs or {}).items()]
        return f"{self.result!r} = {self.operation.name}({', '.join(shown)})"


def outline(records: Sequence[tuple]) -> list[tuple]:
    """Of each record the operation, the tokens of the tracked arguments, and those of the results: no arrays."""
    return [
        (operation, [token_at(operation, args, position) for position in positions], result)
        for operation, args, _, _, result, positions in records
    ]


# --- what is written down of the arguments


def token_at(operation: Operation, args: tuple, position: Any) -> Token:
    """The token of the argument at a position."""
    if type(position) is int:
        x = args[position]
    else:
        first, i = position
        x = args[first + i] if operation.variadic else args[first][i]
    return x.token if type(x) is Tensor else x


def tracked_positions(operation: Operation, args: tuple, tracked: set[Token]) -> list:
    """The positions of the tracked arguments."""
    positions: list[Any] = []
    rest = len(operation.names) - 1 if operation.variadic else len(args)
    for i, a in enumerate(args):
        if type(a) is Tensor:
            if a.token in tracked:
                positions.append(i if i < rest else (rest, i - rest))
        elif type(a) is list or type(a) is tuple:
            if operation.rules is not None and any(type(t) in (list, tuple) and within(t, tracked) for t in a):
                raise GradientError(
                    f"{operation.name} got a tracked tensor in a list inside a list, where no derivative rule finds "
                    "it; make one array of the inner list first, as with np.stack"
                )
            positions += [(i, j) for j, t in enumerate(a) if type(t) is Tensor and t.token in tracked]
    return positions


def within(tree: Any, tracked: set[Token]) -> bool:
    """Whether a tracked tensor lies at any depth of lists, tuples and dicts."""
    if type(tree) is Tensor:
        return tree.token in tracked
    children = tree.values() if type(tree) is dict else tree if type(tree) in (tuple, list) else ()
    return any(within(child, tracked) for child in children)


def retained(operation: Operation, args: tuple) -> tuple:
    """What a record keeps of the arguments: the arrays that some rule needs."""
    keep = operation.keep or (False,)
    if len(keep) < len(args):
        keep += keep[-1:] * (len(args) - len(keep))
    return tuple([a if needed and type(a) is Tensor else retain(a, needed) for a, needed in zip(args, keep)])


def retain(a: Any, needed: bool) -> Any:
    """What a record keeps of an argument. The user's arrays are copied, as they may change; what is not needed goes.

    That an array is marked as read-only does not help: its owner can unlock it, or has a view of it from before.
    """
    kind = type(a)
    if kind is Tensor:
        return a if needed else a.token or (Token(a.value) if hasattr(a.value, "dtype") else a.value)
    if kind is np.ndarray:
        return a.copy(order="K") if needed else Token(a)
    if kind is list or kind is tuple:
        return kind([retain(item, needed) for item in a])
    if kind is slice:
        if isinstance(a.start, np.ndarray) or isinstance(a.stop, np.ndarray) or isinstance(a.step, np.ndarray):
            return slice(*[end if end is None else operator.index(end) for end in (a.start, a.stop, a.step)])
        return a
    if isinstance(a, np.ndarray):  # np.memmap and others of its kind
        return a.copy(order="K") if needed else Token(a)
    if is_foreign(a):
        return a.copy() if needed else Token(a)
    return a


# --- printing


def listing(records: Sequence[Record]) -> str:
    """Records as numbered lines, where `%3` stands for the result of line 3."""
    numbers: dict[Any, str] = {}
    lines = []
    for i, record in enumerate(records):
        for _, token in record.inputs:
            numbers.setdefault(token, f"{token!r}")
        shown = [_called(a, numbers) for a in record.args]
        shown += [f"{key}={describe(v)}" for key, v in (record.kwargs or {}).items()]
        lines.append(f"%{i} {record.result!r} = {record.operation.name}({', '.join(shown)})")
        for j, token in enumerate(record.results()):
            numbers[token] = f"%{i}" if type(record.result) is not tuple else f"%{i}[{j}]"
    return "\n".join(lines) or "(an empty tape)"


def _called(x: Any, numbers: dict[Any, str]) -> str:
    """An argument in the listing of a tape: by its number where it was computed before."""
    if type(x) is list or type(x) is tuple:
        return "[" + ", ".join(_called(item, numbers) for item in x) + "]"
    return numbers.get(x.token if type(x) is Tensor else x if type(x) is Token else None) or describe(x)
