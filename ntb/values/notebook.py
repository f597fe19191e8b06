"""How tensors, variables and tapes look in notebooks; imported when one asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..markup.graph import Box, shown_numbers, shown_shape
from ..markup.pieces import listing, titled
from ..tape.record import Record
from ..tape.tensor import ArrayLike

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
    """The graph of what a tape recorded: a box for each operation, and for each value that goes in."""
    called = {x.id: name for name, x in names.items() if isinstance(x, ArrayLike)}
    made: dict[Any, int] = {}  # by the id of a value, the number of its box
    count = 0
    for record in map(Record._make, records):
        given = list(dict.fromkeys(value for _, value in record.inputs))
        for value in given:
            if value not in made:
                made[value], count = count, count + 1
                yield Box([called.get(value, "input"), *shown_shape(value.shape)], "input")
        results = record.results()
        title = " ".join([record.operation.name.removeprefix("np."), *shown_numbers(record.args)])
        yield Box([title, *shown_shape(results[0].shape)], inputs=[made[value] for value in given])
        made.update(dict.fromkeys(results, count))
        count += 1
