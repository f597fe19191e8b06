"""Sequences in batches of like lengths."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ntb
from ntb import data

some_lengths = st.lists(st.integers(0, 12), max_size=30)


@given(
    lengths=some_lengths, size=st.integers(1, 7), buckets=st.integers(1, 5), shuffle=st.sampled_from([None, 0, True])
)
def test_every_sequence_once_padded_to_one_of_few_lengths(lengths, size, buckets, shuffle):
    sequences = [np.full(n, i + 1) for i, n in enumerate(lengths)]
    source = data.bucketed(sequences, np.arange(len(lengths)), size=size, buckets=buckets, shuffle=shuffle, value=-1)
    found = list(source)
    assert len(found) == len(source)
    assert sorted(i for *_, rows in found for i in rows) == list(range(len(lengths)))
    assert len({x.shape[1] for x, *_ in found}) <= buckets
    for x, counts, rows in found:
        assert counts.tolist() == [lengths[i] for i in rows] and len(x) <= size
        inside = np.arange(x.shape[1]) < counts[:, None]
        assert np.array_equal(x, np.where(inside, rows[:, None] + 1, -1))


def test_lengths_of_buckets_may_be_told():
    sequences = [[1] * n for n in (1, 5, 2, 3, 9)]
    found = [(x.shape, lengths.tolist()) for x, lengths in data.bucketed(sequences, size=2, buckets=[3, 5, 10])]
    assert found == [((2, 3), [1, 2]), ((1, 3), [3]), ((1, 5), [5]), ((1, 10), [9])]
    assert len(data.bucketed(sequences, size=2, buckets=[3, 5, 10], drop_last=True)) == 1
    assert [
        lengths.tolist() for _, lengths in data.bucketed(sequences, size=2, buckets=[3, 5, 10], drop_last=True)
    ] == [[1, 2]]


def test_little_is_padded():
    lengths = np.random.default_rng(0).integers(1, 100, 300)
    sequences = [np.ones(n) for n in lengths]
    share = lambda **options: np.mean([x.mean() for x, _ in data.bucketed(sequences, size=10, shuffle=0, **options)])
    assert share(buckets=1) < 0.6 and share() > 0.8


def test_an_epoch_mixes_buckets_and_sequences():
    source = data.bucketed([[0] * n for n in range(40)], size=4, shuffle=5, buckets=4)
    first, second = ([lengths.tolist() for _, lengths in source.epoch(number)] for number in range(2))
    assert first != second and sorted(chain(*first)) == sorted(chain(*second)) == list(range(40))
    assert [max(lengths) for lengths in first] != sorted(max(lengths) for lengths in first)


def test_mistakes_are_explained():
    for options, message in [
        ({"buckets": 0}, "1 bucket or more"), ({"buckets": [4, 2]}, "rising lengths"), ({"buckets": True}, "how many"),
        ({"buckets": [1, 2]}, "longest sequence has 3 steps, and the buckets end at 2"), ({"size": 0}, "size=0"),
        ({"buckets": []}, "how many, or a list"),
    ]:  # fmt: skip
        with pytest.raises(ntb.InputError, match=message):
            data.bucketed([[1, 2, 3], [4]], **{"size": 2, **options})
    for sequences, arrays, message in [
        ([1, 2], [], r"sequences, as lists or arrays \(length, ...\), not 1"),
        ([[1], [2]], [[1, 2, 3]], "2 sequences, and arrays of 3 rows"),
    ]:
        with pytest.raises(ntb.InputError, match=message):
            data.bucketed(sequences, *arrays, size=2)
    with pytest.raises(TypeError, match="'yes'"):
        data.bucketed([[1]], size=1, shuffle="yes")
