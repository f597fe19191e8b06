import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntb.data import batches


@given(
    n=st.integers(0, 30),
    size=st.integers(1, 40),
    shuffle=st.sampled_from([None, False, True, 0, 7, np.int64(3)]),
    drop_last=st.booleans(),
)
def test_every_row_once_and_the_arrays_together(n, size, shuffle, drop_last):
    x = np.arange(3 * n).reshape(n, 3)
    y = np.arange(n)
    got = list(batches(x, y, size=size, shuffle=shuffle, drop_last=drop_last))
    full, short = divmod(n, size)
    assert [len(b) for _, b in got] == [size] * full + [short] * (short > 0 and not drop_last)
    for rows, numbers in got:
        np.testing.assert_array_equal(rows[:, 0], 3 * numbers)
    seen = [i for _, numbers in got for i in numbers.tolist()]
    assert len(set(seen)) == len(seen) and set(seen) <= set(range(n))
    if shuffle is None or shuffle is False:
        assert seen == list(range(len(seen)))


def order(shuffle):
    return [i for (batch,) in batches(np.arange(50), size=7, shuffle=shuffle) for i in batch.tolist()]


def test_what_shuffle_means():
    assert order(None) == order(False) == list(range(50))
    assert order(5) == order(5) == order(np.random.default_rng(5)) != order(6)
    assert order(True) != order(True), "True is another order each time, not the seed 1"
    assert order(0) != list(range(50)), "0 is a seed, not False"
    rng = np.random.default_rng(5)
    assert order(rng) != order(rng)
    assert sorted(order(np.random.RandomState(0))) == list(range(50))
    with pytest.raises(TypeError, match="'yes'"):
        order("yes")


def test_errors_come_at_the_call():
    with pytest.raises(ValueError, match=r"\(3,\), \(4, 2\)"):
        batches(np.zeros(3), np.zeros((4, 2)), size=2)
    with pytest.raises(ValueError, match=r"\(\)"):
        batches(np.float64(3), size=2)
    with pytest.raises(ValueError, match="size=0"):
        batches(np.zeros(3), size=0)
    with pytest.raises(ValueError, match="at least one array"):
        batches(size=2)


def test_lists_are_taken():
    assert [x.tolist() for (x,) in batches([1, 2, 3], size=2)] == [[1, 2], [3]]


def test_batches_in_order_are_views_and_shuffled_ones_are_not():
    x = np.arange(10)
    assert all(np.shares_memory(batch, x) for (batch,) in batches(x, size=3))
    assert not any(np.shares_memory(batch, x) for (batch,) in batches(x, size=3, shuffle=0))


class Recorder:
    """An array on disk, as batches sees it: a shape, and rows to be asked for."""

    def __init__(self, n):
        self.shape, self.asked = (n, 4), []

    def __getitem__(self, rows):
        self.asked.append(rows)
        return np.zeros((self.shape[0], 1))[rows]


@pytest.mark.parametrize("shuffle", [None, 0])
def test_only_the_rows_of_a_batch_are_read(shuffle):
    array = Recorder(100)
    iterator = iter(batches(array, size=8, shuffle=shuffle))
    assert array.asked == []
    for count in (1, 2, 3):
        assert next(iterator)[0].shape == (8, 1)
        assert len(array.asked) == count


def test_memory_mapped_arrays(tmp_path):
    x = np.memmap(tmp_path / "rows", np.uint8, "w+", shape=(100, 3))
    x[:] = np.arange(100)[:, None]
    assert all(np.shares_memory(batch, x) for (batch,) in batches(x, size=30))
    assert sorted(i for (batch,) in batches(x, size=30, shuffle=0) for i in batch[:, 0].tolist()) == list(range(100))


def test_rows_with_replacement():
    x = np.arange(1000)
    source = batches(x, size=300, shuffle=2, replace=True)
    assert len(source) == 4
    first, second = (np.concatenate([rows for (rows,) in source.epoch(number)]) for number in (0, 1))
    assert len(first) == len(second) == 1000 and not np.array_equal(first, second)
    assert 600 < len(np.unique(first)) < 660  # 1 - 1/e of the rows
    assert np.array_equal(np.concatenate([rows for (rows,) in source.epoch(1)]), second)
    rng = np.random.default_rng(0)
    assert len(np.unique([rows for (rows,) in batches(x, size=1000, shuffle=rng, replace=True)])) < 700
    assert len(list(batches(x, size=1000, shuffle=True, replace=True))) == 1
    assert list(batches(x[:0], size=2, shuffle=0, replace=True)) == []
    for shuffle in (None, False):
        with pytest.raises(ValueError, match="replace=True draws rows"):
            batches(x, size=2, shuffle=shuffle, replace=True)
    with pytest.raises(TypeError, match=r"integers\(n\)"):
        batches(x, size=2, shuffle=np.random.RandomState(0), replace=True)


def test_seeds_give_the_orders_that_they_always_gave():
    """Programs that wrote down a seed count on it: the first epoch is that of default_rng(seed)."""
    for seed in (0, 7, 2**40):
        source = batches(np.arange(20), size=20, shuffle=seed)
        assert np.array_equal(next(source.epoch(0))[0], np.random.default_rng(seed).permutation(20))
        assert np.array_equal(next(source.epoch(3))[0], np.random.default_rng([seed, 3]).permutation(20))
