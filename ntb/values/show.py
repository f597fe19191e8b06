"""How tensors, variables and tapes look when they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import Traceable
from ..errors import describe
from ..extending import extends
from ..habits import of_class
from ..tape.listener import listeners
from ..tape.record import Record
from ..tape.tape import Tape
from ..tape.tensor import ArrayLike, Tensor, is_number
from ..tape.value_id import ValueId
from ..tree import BRANCHES

if TYPE_CHECKING:
    from ..markup.graph import Box


@extends(ArrayLike)
class Looks(Traceable):
    """Texts of tensors and variables."""

    if TYPE_CHECKING:
        read: Callable[[], Any]

    def __repr__(self) -> str:
        return shown(self.value, "Tensor")

    def _repr_html_(self) -> str:
        from .notebook import as_html

        return as_html("Tensor", self.value)

    def __format__(self, spec: str) -> str:
        """The text of a number, of which a trace takes notice; without a format of any other tensor what `repr` gives.

        >>> f"{Tensor(np.array(0.125)):.2f}"
        '0.12'
        """
        tensor = self.read()
        if not spec and not is_number(tensor):
            return repr(self)
        text = format(tensor.fetched(), spec)
        for listener in listeners.get():
            listener.decide(f"{{:{spec}}}".format, tensor, text)
        return text


def shown(value: Any, name: str) -> str:
    """An array as `repr` shows it, under another name."""
    if not isinstance(value, np.ndarray | np.generic | float | int | complex):
        return f"{name}({value!r})"
    text = np.array2string(np.asarray(value), separator=", ", prefix=name + "(")
    dtype = np.result_type(value)
    usual = dtype in (np.dtype(float), np.dtype(int), np.dtype(bool), np.dtype(complex))
    return f"{name}({text})" if usual and np.size(value) else f"{name}({text}, dtype={dtype})"


@extends(Record)
class RecordLooks:
    """Texts of records."""

    def __repr__(self: Any) -> str:
        shown = [*map(describe, self.args), *[f"{key}={describe(x)}" for key, x in self.kwargs.items()]]
        return f"{self.result!r} = {self.operation.name}({', '.join(shown)})"


@extends(Tape)
class Listing:
    """What can be read from a tape."""

    __getattr__ = of_class("tape")
    _records: list[tuple]

    @property
    def records(self) -> tuple[Record, ...]:
        """What was recorded, oldest first."""
        return tuple([Record._make(fields) for fields in self._records])

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __bool__(self) -> bool:
        return True

    def __repr__(self: Any) -> str:
        count = len(self._records)
        state = "that was used up" if self._used_up else f"of {count} operation{'s' * (count != 1)}"
        return f"<{type(self).__name__.lower()} {state}>"

    def __str__(self) -> str:
        """A numbered listing: one line per record, where `%3` is the result of line 3."""
        return "\n".join(_lines_of(self._records)) or "(an empty tape)"

    def boxes(self, names: Mapping[str, Any] | None = None) -> list[Box]:
        """What `ntb.vis.graph` draws: for each value that goes in, and for each operation, its lines of text, its kind,
        and the numbers of its inputs. `names` says what values are called, those that go in and results."""
        from .notebook import boxes_of

        return list(boxes_of(self._records, names or {}))

    def _repr_html_(self) -> str:
        from ..markup.graph import pictured
        from .notebook import boxes_of

        return pictured(repr(self).strip("<>"), boxes_of(self._records, {}), _lines_of(self._records))


def _lines_of(records: Iterable[tuple]) -> Iterator[str]:
    """The lines of the listing of a tape."""
    numbers: dict[Any, str] = {}
    for i, fields in enumerate(records):
        record = Record._make(fields)
        for _, x in record.inputs:
            numbers.setdefault(x, f"{x!r}")
        arguments = [_called(a, numbers) for a in record.args]
        arguments += [f"{key}={describe(x)}" for key, x in record.kwargs.items()]
        yield f"%{i} {record.result!r} = {record.operation.name}({', '.join(arguments)})"
        for j, y in enumerate(record.results()):
            numbers[y] = f"%{i}" if type(record.result) is not tuple else f"%{i}[{j}]"


def _called(x: Any, numbers: dict[Any, str]) -> str:
    """An argument in the listing of a tape: its number, if it was computed before."""
    if isinstance(x, BRANCHES) and not isinstance(x, dict):
        return "[" + ", ".join(_called(item, numbers) for item in x) + "]"
    return numbers.get(x.id if isinstance(x, Tensor) else x if isinstance(x, ValueId) else None) or describe(x)
