"""Batches of the rows of many files."""

import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ntb
from ntb import data


class Files:
    """Arrays by name, and which of them were read."""

    def __init__(self, lengths):
        starts = np.cumsum([0, *lengths])
        self.arrays = {str(i): np.arange(starts[i], starts[i + 1]) for i in range(len(lengths))}
        self.read = []

    def load(self, name):
        self.read.append(name)
        return self.arrays[name], 2 * self.arrays[name]


@given(
    lengths=st.lists(st.integers(0, 9), max_size=6), size=st.integers(1, 8), shuffle=st.sampled_from([None, 3, True]),
    drop_last=st.booleans(), told=st.booleans(),
)  # fmt: skip
def test_every_row_once_in_full_batches(lengths, size, shuffle, drop_last, told):
    files = Files(lengths)
    rows = lengths if told else None
    source = data.shards(files.arrays, size=size, load=files.load, shuffle=shuffle, drop_last=drop_last, rows=rows)
    found = list(source)
    full, short = divmod(sum(lengths), size)
    assert [len(x) for x, _ in found] == [size] * full + [short] * (short > 0 and not drop_last)
    assert len(found) == len(source)
    seen = [i for x, _ in found for i in x.tolist()]
    assert all(np.array_equal(2 * x, y) for x, y in found) and len(set(seen)) == len(seen)
    if not drop_last:
        assert sorted(seen) == list(range(sum(lengths)))
    if shuffle is None:
        assert seen == list(range(len(seen)))


def test_a_file_that_was_used_is_not_read_again():
    files = Files([6, 6, 6])
    source = data.shards(files.arrays, size=4, load=files.load, rows=[6, 6, 6])
    assert [x.tolist() for x, _ in source.epoch(0, start=3)] == [[12, 13, 14, 15], [16, 17]]
    assert files.read == ["2"]
    assert len(source) == 5


def test_one_file_at_a_time_and_a_length_after_the_first_epoch():
    files = Files([4, 4, 4])
    source = data.shards(files.arrays, size=4, load=files.load, shuffle=1)
    with pytest.raises(TypeError, match="not known"):
        len(source)
    for count, _ in enumerate(source, 1):
        assert len(files.read) == count
    assert len(source) == 3


def test_rows_and_files_come_in_other_orders_in_other_epochs():
    files = Files([5, 5, 5, 5])
    source = data.shards(files.arrays, size=5, load=files.load, shuffle=1)
    first, second = ([x.tolist() for x, _ in source.epoch(number)] for number in (0, 1))
    assert [min(x) // 5 for x in first] != [min(x) // 5 for x in second]
    assert all(sorted(x) == list(range(min(x), min(x) + 5)) and x != sorted(x) for x in first)


def test_files_of_numpy(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6).reshape(3, 2))
    assert [x.tolist() for (x,) in data.shards(tmp_path / "a.npy", size=2)] == [[[0, 1], [2, 3]], [[4, 5]]]


def test_mistakes_are_explained():
    files = Files([2, 3])
    make = lambda **options: data.shards(files.arrays, **{"size": 2, "load": files.load, **options})
    with pytest.raises(ntb.InputError, match="size=0"):
        make(size=0)
    with pytest.raises(ntb.InputError, match="there are 1 for 2"):
        make(rows=[2])
    with pytest.raises(ntb.InputError, match="1 has 3 rows, and rows= says 4"):
        list(make(rows=[2, 4]))
    with pytest.raises(TypeError, match="from a seed"):
        make(shuffle=np.random.default_rng(0))
    with pytest.raises(FileNotFoundError):
        list(data.shards(["nowhere.npy"], size=2))


@pytest.mark.parametrize("shuffle", [None, 0])
def test_memory_holds_one_file(shuffle):
    alive = []

    def load(path):
        assert all(reference() is None for reference in alive)
        array = np.arange(5)
        alive.append(weakref.ref(array))
        return array

    assert len(list(data.shards([*"abc"], size=2, load=load, shuffle=shuffle))) == 8
