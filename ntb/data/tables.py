"""Tables: their columns as arrays, by what pandas, PyArrow, Hugging Face and others offer. None of them is imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError, describe


def columns(table: Any, *names: str | Sequence[str]) -> tuple[Any, ...]:
    """Columns of a table as arrays (rows, ...) of any element type, for `batches`, `split` and `Trainer.fit`.

    Args:
        table: pandas' and Polars' DataFrames, PyArrow's tables, Hugging Face's data sets, structured arrays, dicts of
            columns, what `np.load` gives for .npz: all that tells the names of its columns and has a column for a name.
        names: of the columns that are wanted; a list of names gives one array (rows, names). By itself all columns.

    Cells that are lists or arrays of equal shapes become further axes; those of unequal lengths stay objects, which
    `bucketed` takes. The columns of a data set of Hugging Face's (what has `select_columns`) are not read at once:
    each batch reads its rows, so they need not fit in memory.

    Returns:
        A tuple with an array for each name, rows in their order.

    Raises:
        InputError: it is no table, or has no such column.

    >>> table = {"height": [1.7, 1.8, 1.6], "weight": [60, 80, 55], "name": ["Ann", "Bob", "Cid"]}
    >>> x, y = columns(table, ["height", "weight"], "name")
    >>> x.shape, y.tolist()
    ((3, 2), ['Ann', 'Bob', 'Cid'])
    """
    known = _names(table)
    return tuple(_column(table, name, known) for name in names or known)


def _names(table: Any) -> list[Any]:
    """The names of all columns."""
    if isinstance(table, np.ndarray):
        found = table.dtype.names
    elif hasattr(table, "keys") and not hasattr(table, "shape"):  # pandas' Series has keys, which are its index
        found = table.keys()
    else:
        found = getattr(table, "column_names", getattr(table, "columns", None))
    if found is None:
        raise InputError(
            f"columns are taken from a table, such as a DataFrame or a dict of lists, not from {describe(table)}"
        )
    return list(found)


def _column(table: Any, name: Any, known: list[Any]) -> Any:
    if isinstance(name, (list, tuple)):
        return np.stack([np.asarray(_column(table, one, known)) for one in name], axis=-1)
    if name not in known:
        raise InputError(f"the table has no column {name!r}, but {', '.join(map(repr, known))}")
    if hasattr(table, "select_columns"):
        return _Column(table.select_columns([name]), name)
    return _as_array(table[name])


class _Column:
    """A column whose rows are read when they are asked for.

    Args:
        table: of this column alone, so that no other is decoded; for a slice or a list of rows it gives a dict.
        name: of the column.
    """

    def __init__(self, table: Any, name: str) -> None:
        self.table, self.name = table, name
        self.shape = (len(table), *self[:1].shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        rows = rows if isinstance(rows, slice) else np.asarray(rows).tolist()
        return _as_array(self.table[rows][self.name])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype)


def _as_array(cells: Any) -> np.ndarray:
    """A column as one array, with further axes where cells have equal shapes."""
    try:
        array = np.asarray(cells)
    except ValueError:  # cells of unequal lengths
        return np.fromiter(map(np.asarray, cells), object, len(cells))
    if array.dtype == object and array.ndim == 1 and all(isinstance(cell, (list, np.ndarray)) for cell in array):
        inner = [np.asarray(cell) for cell in array]
        if len({cell.shape for cell in inner}) == 1:
            return np.stack(inner)
    return array
