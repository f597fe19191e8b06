"""Columns of tables, of whatever library."""

import numpy as np
import pandas as pd
import pytest

import ntb
from ntb import data

from .tables import ArrowTable, Rows

PLAIN = {"height": [1.5, 1.75, 2.0], "age": [20, 30, 40], "name": ["Ann", "Bob", "Cid"]}


def structured():
    return np.array(list(zip(*PLAIN.values())), [("height", float), ("age", int), ("name", "U3")])


def saved(folder):
    np.savez(folder / "table.npz", **PLAIN)
    return np.load(folder / "table.npz")


TABLES = {
    "dict": lambda folder: PLAIN,
    "DataFrame": lambda folder: pd.DataFrame(PLAIN, index=[7, 8, 9]),
    "structured array": lambda folder: structured(),
    "npz": saved,
    "Arrow": lambda folder: ArrowTable(PLAIN),
    "Hugging Face": lambda folder: Rows(PLAIN),
}


@pytest.mark.parametrize("kind", TABLES)
def test_columns_are_arrays(kind, tmp_path):
    table = TABLES[kind](tmp_path)
    everything = data.columns(table)
    assert [np.asarray(column).tolist() for column in everything] == list(PLAIN.values())
    x, names = data.columns(table, ["age", "height"], "name")
    assert x.tolist() == [[20, 1.5], [30, 1.75], [40, 2.0]] and np.asarray(names).tolist() == PLAIN["name"]
    batches = list(data.batches(*data.columns(table, "age", "name"), size=2, shuffle=0))
    assert sorted((int(a), str(n)) for ages, names in batches for a, n in zip(ages, names)) == [
        (20, "Ann"), (30, "Bob"), (40, "Cid"),
    ]  # fmt: skip
    with pytest.raises(ntb.InputError, match="no column 'weight', but 'height', 'age', 'name'"):
        data.columns(table, "weight")


def test_only_the_rows_and_columns_of_a_batch_are_read():
    table = Rows({"x": [[i, i] for i in range(9)], "y": list(range(9)), "picture": ["large"] * 9})
    x, y = data.columns(table, "x", "y")
    assert x.shape == (9, 2) and len(y) == 9 and y.shape == (9,)
    table.asked.clear()
    a, b = next(iter(data.batches(x, y, size=4, shuffle=1)))
    assert a.shape == (4, 2) and np.array_equal(a[:, 0], b)
    assert table.asked == [(b.tolist(), ["x"]), (b.tolist(), ["y"])]
    train, rest = data.split(x, y, aside=0.3, shuffle=0)
    assert sorted([*train[1], *rest[1]]) == list(range(9)) and len(rest[1]) == 3
    assert np.asarray(y, float).dtype == float


@pytest.mark.parametrize("make", [dict, pd.DataFrame, ArrowTable, Rows])
def test_cells_of_numbers(make):
    """Those of one length are a further axis; others stay as they are, for buckets."""
    even, ragged = data.columns(make({"even": [[1, 2], [3, 4], [5, 6]], "ragged": [[1], [2, 3], []]}), "even", "ragged")
    assert np.asarray(even).tolist() == [[1, 2], [3, 4], [5, 6]]
    (x, lengths), *_ = data.bucketed(ragged, size=3, buckets=1)
    assert x.tolist() == [[1, 0], [2, 3], [0, 0]] and lengths.tolist() == [1, 2, 0]


def test_what_is_no_table_is_refused():
    for wrong in (np.ones((3, 2)), pd.Series([1, 2]), [1, 2], 3):
        with pytest.raises(ntb.InputError, match="columns are taken from a table"):
            data.columns(wrong, 0)
