"""How tensors, variables and tapes look in notebooks; imported when one asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..markup.graph import Box, shown_numbers, shown_shape, shown_types
from ..markup.pieces import listing, titled
from ..tape.record import Record
from ..tape.tensor import ArrayLike, Tensor
from ..tape.value_id import ValueId
from ..tree import leaves

_MANY = 1_000_000
"""Elements; of a larger array nobody waits for the range."""


def as_html(kind: str, value: Any, *facts: str) -> str:
    """An array: its type, its shape, the range of its numbers and some of them.

    >>> "float64 (2,), 2 elements, 16 bytes, from 0 to 1" in as_html("Tensor", np.array([0.0, 1.0]))
    True
    """
    if not isinstance(value, np.ndarray | np.generic | float | int | complex):
        own = getattr(value, "_repr_html_", None)
        return titled(kind, own() if own else listing([repr(value)]), facts=facts)
    array = np.asarray(value)
    size = f"{array.size:,} element{'s' * (array.size != 1)}"
    told = [f"{array.dtype} {array.shape}", *facts, size, f"{array.nbytes:,} bytes", *_range_of(array)]
    first = (0,) * (array.ndim - 2) if array.size else ()  # of a stack of matrices the first one
    place = [f"[{', '.join(map(str, first))}]:"] if first else []
    numbers = np.array2string(array[first], separator=", ", threshold=100, precision=4, max_line_width=100)
    return titled(kind, listing(place + numbers.split("\n")), facts=told)


def _range_of(array: np.ndarray) -> Iterator[str]:
    """The least and the greatest number, and how many are none."""
    if not 0 < array.size <= _MANY or array.dtype.kind not in "iuf":
        return
    finite = array[np.isfinite(array)]
    if finite.size:
        form = ".4g" if array.dtype.kind == "f" else ","
        yield f"from {finite.min():{form}} to {finite.max():{form}}"
    if missing := array.size - finite.size:
        yield f"{missing:,} NaN or infinite"


def boxes_of(records: Iterable[tuple], names: Mapping[str, Any]) -> Iterator[Box]:
    """The graph of what a tape recorded: a box for each operation, and for each value or array that goes in."""
    naming = _Naming(names)
    made: dict[Any, int] = {}  # by the key of a value, the number of its box
    count = 0
    for record in map(Record._make, records):
        given = {_key(a): a for a in leaves((record.args, record.kwargs)) if isinstance(a, _ARRAYS) and a.shape}
        followed = {x: x for _, x in record.inputs}
        given.update(followed)  # numbers, too
        for key, value in given.items():
            if key not in made:
                made[key], count = count, count + 1
                name = naming.of(value) or ("input" if key in followed else "array")
                yield Box([name, *shown_shape(value.shape)], "input", value=shown_types([value]))
        results = record.results()
        title = " ".join([record.operation.name.removeprefix("np."), *shown_numbers(record.args)])
        told = [*naming.known(results[0]), *shown_shape(results[0].shape)]
        lines = [title, *[" ".join(told)] * bool(told)]
        yield Box(lines, inputs=[made[key] for key in given], value=shown_types(results))
        made.update(dict.fromkeys(results, count))
        count += 1


_ARRAYS = (Tensor, ValueId, np.ndarray)


def _key(x: Any) -> Any:
    """What tells a value from others: its id, if it has one, or that of the object, which its record keeps."""
    return x if isinstance(x, ValueId) else getattr(x, "id", None) or id(x)


class _Naming:
    """What the values on a tape are called.

    A tape keeps no objects of the user's. A tensor that it tracks is known by its id, an array that it copied by its
    numbers. Of what it did not keep there are only shape and dtype left: they tell if one name alone has these.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.ids = {x.id: name for name, x in names.items() if isinstance(x, ArrayLike) and x.id is not None}
        read = {name: x.read().value if isinstance(x, ArrayLike) else np.asarray(x) for name, x in names.items()}
        self.arrays = {name: x for name, x in read.items() if name not in self.ids.values()}

    def known(self, x: Any) -> list[str]:
        """The name of a value that has an id, if it has a name."""
        return [self.ids[x]] if x in self.ids else []

    def of(self, value: Any) -> str | None:
        """The name of a value or array that goes in."""
        key = _key(value)
        if key in self.ids:
            return self.ids[key]
        kept = getattr(value, "value", value)
        alike = [name for name, x in self.arrays.items() if x.shape == value.shape and x.dtype == value.dtype]
        if isinstance(kept, np.ndarray):
            return next((name for name in alike if np.array_equal(self.arrays[name], kept)), None)
        return alike[0] if len(alike) == 1 else None
