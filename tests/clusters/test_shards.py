"""Sums in a fixed order, what a replica computes, and where shards come from; all in this process."""

import random

import dask.array as da
import dask.bag
import numpy as np
import pytest
from dask import delayed
from hypothesis import given
from hypothesis import strategies as st

import ntb
from ntb.data import batches
from ntb.distributed import collections, parts, rows, work
from ntb.distributed.shards import Place, divided
from ntb.distributed.summing import add, packed, pieces, total, unpacked
from tests.clusters.runs import ROWS, SHARDS, Serial, assert_same, data, fitted, still, trainer


@given(st.integers(1, 17), st.integers(1, 5), st.randoms(use_true_random=False))
def test_sums_do_not_depend_on_who_adds_what_when(count, workers, rng):
    numbers = np.random.default_rng(count).standard_normal((count, 3)).astype(np.float32)
    expected = {}
    for shard in range(count):
        add(expected, (0, shard), [numbers[shard]], count)
    cuts = sorted(rng.choices(range(count + 1), k=workers - 1))
    owned = [range(a, b) for a, b in zip([0, *cuts], [*cuts, count])]
    nodes = {}
    rng.shuffle(owned)
    for shards in owned:
        own = {}
        for shard in rng.sample(list(shards), len(shards)):
            add(own, (0, shard), [numbers[shard]], count)
        assert len(own) <= 2 * count.bit_length()
        for node, vectors in rng.sample(list(own.items()), len(own)):
            add(nodes, node, vectors, count)
    (sums,), (right,) = total(nodes), total(expected)
    assert sums.tobytes() == right.tobytes()
    np.testing.assert_allclose(sums, numbers.sum(axis=0, dtype=float), atol=1e-5)


def test_arrays_are_packed_by_type_and_come_back():
    arrays = [np.float64(2), np.arange(6, dtype=np.float32).reshape(2, 3), np.ones((0, 2)), np.array(3), np.full(2, 1j)]
    vectors = packed(arrays)
    assert [v.dtype.str for v in vectors] == ["<c16", "<f4", "<f8", "<i8"]
    for found, x in zip(unpacked(vectors, arrays), arrays):
        assert found.dtype == x.dtype and found.shape == x.shape and np.array_equal(found, x)
    parts = [pieces(vectors, i, 3) for i in range(3)]
    for i, vector in enumerate(vectors):
        assert np.array_equal(np.concatenate([part[i] for part in parts]), vector)


def test_without_draws_the_numbers_are_those_of_one_process_to_rounding():
    found, expected = fitted(Serial(), model=still), fitted(model=still)
    for name, values in expected.history.items():
        if name != "seconds":
            np.testing.assert_allclose(found.history[name], values, rtol=1e-5, atol=1e-6)
    for name, x in ntb.state.snapshot(expected.model).items():
        np.testing.assert_allclose(ntb.state.snapshot(found.model)[name], x, rtol=1e-4, atol=1e-5)


def test_replayed_and_eager_shards_have_the_same_bits():
    assert_same(fitted(Serial()), fitted(Serial(), traced=False))


def test_draws_belong_to_a_step_and_a_shard_and_disturb_nobody():
    before = ntb.random.default().value, np.random.get_state()[1].tolist(), random.getstate()
    made = trainer(Serial())
    made.strategy.begin(made)
    x, y = data()
    first, again, other, later = [
        made.strategy.work.shard((3, step), shard, (x[:8], y[:8]), 1.0).vectors[0].tobytes()
        for step, shard in [(0, 0), (0, 0), (0, 1), (1, 0)]
    ]
    assert first == again and len({first, other, later}) == 3
    assert np.array_equal(ntb.random.default().value, before[0])
    assert np.random.get_state()[1].tolist() == before[1] and random.getstate() == before[2]


def test_no_other_replica_of_the_process_draws_while_a_step_is_traced():
    """A trace would take that for a draw of its own. One that was given up may still compute when another is there."""
    held, made = [], trainer(model=still)
    look = lambda gradients: held.append(work._drawing.locked()) or {}
    replica = work.Work(work.Recipe(made.model, made.loss, made.optimizer, {}, [look], False, True))
    shard = replica.shard((3, 0), 0, tuple(x[:8] for x in data()), 1.0)
    replica.update((3, 1), shard.changed, shard.vectors)
    assert held and all(held)


def test_running_statistics_are_the_mean_over_shards():
    made, (x, y) = trainer(Serial()), data()
    made.strategy.begin(made)
    made.strategy.step(x[:6], y[:6])  # shards of 1, 2, 1 and 2 rows
    convolved = trainer().model[0](x[:6]).numpy()
    means = [convolved[a:b].mean(axis=(0, 2, 3)) * (b - a) / 6 for a, b in [(0, 1), (1, 3), (3, 4), (4, 6)]]
    ratios = made.model[1].running_mean.value / sum(means)  # it was 0
    assert np.ptp(ratios) < 1e-4 and 0 < ratios[0] < 1


# --- where shards come from


def all_of(source, shards, epochs=1):
    for epoch in range(epochs):
        for (at,) in source.epoch(epoch):
            yield [source.made(at.place, shard) for shard in range(shards)]


def test_rows_are_those_of_batches():
    x, y = np.arange(22).reshape(11, 2), np.arange(11)
    source = rows(x, y, size=4, shards=3, shuffle=5)
    expected = batches(x, y, size=4, shuffle=5, drop_last=True)
    assert len(source) == len(expected) == 2
    found = list(all_of(source, 3, epochs=2))
    for step, batch in zip(found, [*expected, *expected]):
        for column, whole in zip(zip(*step), batch):
            assert np.array_equal(np.concatenate(column), whole)


def test_parts_are_loaded_in_the_order_of_the_epoch():
    source = parts(list("abcdefg"), lambda item: [item], shards=3, shuffle=0)
    seen = [item for step in all_of(source, 3) for (item,) in step]
    assert len(source) == 2 and len(set(seen)) == 6
    later = [item for step in list(all_of(source, 3, epochs=2))[2:] for (item,) in step]
    assert later != seen and source.following(Place(0, 1)) == Place(1, 0)


def test_collections_of_dask_are_computed_by_partitions():
    x, y = da.arange(12, chunks=3).reshape(12, 1), np.arange(12)
    x = x.rechunk((3, 1))
    bag = dask.bag.from_sequence(y.tolist(), npartitions=4)
    late = [delayed(y[i : i + 3]) for i in range(0, 12, 3)]
    for targets in (da.from_array(y, chunks=3), bag, late):
        (first, second) = all_of(collections(x, targets, shards=2), 2)
        for i, (part, target) in enumerate([*first, *second]):
            assert part.tolist() == [[3 * i], [3 * i + 1], [3 * i + 2]] and target.tolist() == [
                3 * i,
                3 * i + 1,
                3 * i + 2,
            ]


def test_a_dataframe_and_a_bag_are_trained_on():
    """Columns of numbers and a bag of labels, to the bits that the same shards give when they are sent."""
    why = "dataframes need dask[dataframe]: pandas and pyarrow"
    dataframe = pytest.importorskip("dask.dataframe", reason=why, exc_type=ImportError)
    pandas = pytest.importorskip("pandas", reason=why)
    x, y = data()
    x = x.reshape(ROWS, -1)
    columns = [f"pixel{i}" for i in range(x.shape[1])]
    table = dataframe.from_pandas(pandas.DataFrame(x, columns=columns), npartitions=11, sort=False)
    bag = dask.bag.from_sequence(y.tolist(), npartitions=11)
    found, expected = trainer(Serial(), model=still), trainer(Serial(), model=still)
    found.fit(collections(table, bag, shards=SHARDS), epochs=2)
    expected.fit(x, y, epochs=2, batch_size=4 * SHARDS, shuffle=False, drop_last=True)
    assert_same(found, expected)


def test_a_small_batch_has_fewer_shards():
    _, needed, weights = divided((np.arange(3), np.arange(3)), SHARDS)
    assert [x.tolist() for x, _ in needed] == [[0], [1], [2]] and weights == [1 / 3] * 3
