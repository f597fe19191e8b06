"""Tensors of Dask arrays: the numbers of NumPy, and nothing computed before it is asked for."""

import dask
import dask.array as da
import numpy as np
import pytest

import ntb
from ntb.dask import compute
from ntb.ops.indexing import scatter_along_axis

from .programs import PROGRAMS, differentiate
from .survey import ComputedError, refuse


@pytest.fixture
def nothing_computes():
    with dask.config.set(scheduler=refuse):
        yield


def chunked(array, rows=2):
    return da.from_array(array, chunks=(rows, *array.shape[1:]) if array.ndim else ())


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", PROGRAMS)
def test_numbers_are_those_of_numpy(name, dtype, nothing_computes):
    program = PROGRAMS[name]
    data, parameters = program.arrays(dtype)
    expected = differentiate(program, data, [ntb.Variable(p) for p in parameters])
    lazy = differentiate(program, map(chunked, data), [ntb.Variable(p) for p in parameters])
    assert all(isinstance(t.value, da.Array) for t in lazy)
    found = compute(lazy, scheduler="synchronous")
    for lazily, one, other in zip(lazy, found, expected, strict=True):
        assert lazily.shape == one.shape == other.shape and lazily.dtype == one.dtype == other.dtype
        tolerance = 1e-12 if dtype == np.float64 else 1e-4
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=tolerance, atol=tolerance)


@pytest.fixture
def x():
    return ntb.tensor(da.arange(6.0, chunks=2))


def test_computing_keeps_structures_and_what_is_not_lazy(x):
    v = ntb.Variable(2.0)
    found = compute({"a": [x, (v, 3)], "b": x.sum()}, scheduler="synchronous")
    assert type(found["a"][0].value) is np.ndarray and found["a"][1] == (v, 3) and found["b"].item() == 15
    assert compute(1, x, scheduler="synchronous")[0] == 1 and compute() == ()


def test_computing_is_one_pass():
    counted = []

    def make(block_info=None):
        counted.append(block_info)
        return np.ones(2)

    x = ntb.tensor(da.map_blocks(make, chunks=((2, 2),), dtype=float, meta=np.empty(0)))
    w = ntb.Variable(3.0)
    with ntb.Tape() as tape:
        loss = np.sum(np.square(w * x))
    compute(loss, tape.gradient(loss, [w, w]), scheduler="synchronous")
    assert len(counted) == 2  # once for each chunk


def test_nothing_is_computed_unless_asked(x, nothing_computes):
    assert repr(x).startswith("Tensor(dask.array<") and repr(x * x)
    assert x.shape == (6,) and len(x) == 6 and x.dtype == float and x.size == 6
    assert np.size(x) == 6 and np.ndim(x) == 1 and np.result_type(x, 1) is np.dtype(float)
    asked = [
        lambda: x.numpy(),
        lambda: np.asarray(x),
        lambda: float(x.sum()),
        lambda: x.sum().item(),
        lambda: bool(x.sum() > 3),
        lambda: f"{x.sum():.2f}",
        lambda: ntb.Variable(np.ones(6)).assign(x),
    ]
    for ask in asked:
        with pytest.raises(ComputedError):
            ask()


def test_asking_computes(x):
    with dask.config.set(scheduler="synchronous"):
        assert type(x.numpy()) is np.ndarray and float(x.sum()) == 15 and f"{x.mean():.1f}" == "2.5"
        v = ntb.Variable(x)
        assert type(v.value) is np.ndarray
        v.assign(x * 2)
        v.assign(da.ones(6))
        assert type(v.value) is np.ndarray and v.value.tolist() == [1] * 6


def test_what_dask_would_compute_is_refused(x, nothing_computes):
    with pytest.raises(ntb.ConversionError, match=r"np\.linalg\.det has no form for arrays of dask"):
        np.linalg.det(ntb.tensor(da.ones((2, 2))))
    with pytest.raises(ntb.ConversionError, match="scatter_along_axis has no form for arrays of dask"):
        scatter_along_axis(ntb.tensor(da.ones(2)), np.array([0, 0]), 0, (2,))
    with pytest.raises(ntb.InputError, match=r"np\.where\(mask"):
        x[x > 2]
    with pytest.raises(ntb.InputError, match="compute_chunk_sizes"):
        ntb.tensor(x.value[x.value > 2])
    with pytest.raises(ntb.ConversionError, match=r"without ntb\.function"):
        ntb.function(lambda x: x * 2)(x)


def test_a_label_out_of_range_is_found_when_it_is_computed(nothing_computes):
    loss = ntb.nn.cross_entropy(ntb.tensor(da.ones((4, 3), chunks=2)), ntb.tensor(da.arange(4, chunks=2)))
    with pytest.raises(ValueError, match=r"0 \.\.\. 2; these reach from 2 to 3"):
        compute(loss, scheduler="synchronous")


def test_padding_keeps_the_chunks():
    """Dask's own makes chunks of what is put around, and so many small ones of all windows of a padded image."""
    images = da.arange(24, chunks=6).reshape(4, 2, 3)
    for widths in (1, (1, 0), ((0, 0), (0, 0), (2, 1)), ((0, 1), (1, 0), (0, 2))):
        found = np.pad(ntb.tensor(images), widths, constant_values=7)
        np.testing.assert_array_equal(np.pad(np.arange(24).reshape(4, 2, 3), widths, constant_values=7), found.value)
    assert np.pad(ntb.tensor(images), ((0, 0), (1, 1), (2, 0))).value.numblocks == (4, 1, 1)


def test_arguments_that_are_numpys_default_are_not_passed_on(x):
    for call in (lambda t: np.sum(t, 0, None, None, True), lambda t: np.reshape(t, (2, 3), order="C"),
                 lambda t: np.mean(t, axis=0, where=True), lambda t: np.var(t, 0, None, None, 1)):  # fmt: skip
        with dask.config.set(scheduler="synchronous"):
            found = call(x).numpy()
        np.testing.assert_allclose(found, call(np.arange(6.0)))


def test_products_of_data_are_summed_chunk_by_chunk():
    """The gradient of a weight is a tree of sums: no task holds more than a chunk of the data, or a few results."""
    x = ntb.tensor(da.ones((64_000, 4), chunks=(1000, 4)))
    w = ntb.Variable(np.ones(4))
    with ntb.Tape() as tape:
        loss = ntb.nn.mse(x @ w, np.sum(x, axis=1))
    largest = []

    class Sizes(dask.callbacks.Callback):
        def _posttask(self, key, result, dsk, state, worker_id):
            largest.append(getattr(result, "nbytes", 0) if 0 not in getattr(result, "strides", (1,)) else 0)

    with Sizes():
        compute(tape.gradient(loss, [w]), scheduler="synchronous")
    assert 0 < max(largest) <= 1000 * 4 * 8


def test_layers_indices_and_transformations(nothing_computes):
    rows, ids = np.random.default_rng(0).normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 2])
    model = ntb.nn.Sequential(ntb.nn.Linear(4, 5), ntb.nn.relu, ntb.nn.Linear(5, 3))
    table = ntb.Variable(np.arange(6.0).reshape(3, 2))
    programs = [
        lambda x, i: model(x),
        lambda x, i: ntb.nn.cross_entropy(model(x), i),
        lambda x, i: ntb.nn.nll(ntb.nn.log_softmax(model(x)), i),
        lambda x, i: ntb.nn.accuracy(model(x), i),
        lambda x, i: table[i],
        lambda x, i: np.take(table, i, 0),
        lambda x, i: ntb.grad(lambda t: np.sum(t**3))(x),
        lambda x, i: ntb.tensor(x).at[1:3].set(0.0),
        lambda x, i: ntb.tensor(rows) + x,
        lambda x, i: x * ntb.tensor(rows),
        lambda x, i: np.concatenate([x, ntb.tensor(rows)]),
        lambda x, i: np.clip(ntb.tensor(x), a_min=0, a_max=None),
        lambda x, i: np.mean(ntb.tensor(x), axis=1, where=x > -9),
        lambda x, i: np.mean(ntb.tensor(x), where=rows > 0),
    ]
    for program in programs:
        expected = program(rows, ids)
        lazy = program(chunked(rows), chunked(ids))
        assert isinstance(lazy.value, da.Array)
        found, expected = np.asarray(compute(lazy, scheduler="synchronous")), np.asarray(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-12 if expected.dtype == float else 1e-6)


def test_a_step_can_also_be_left_to_the_optimizer():
    """Its assignments then compute each parameter in a pass of its own."""
    x = np.random.default_rng(0).normal(size=(8, 3))
    found = []
    for data in (x, chunked(x)):
        w = ntb.Variable(np.zeros(3))
        with dask.config.set(scheduler="synchronous"):
            ntb.optim.Adam(lr=0.1).minimize(lambda data=data, w=w: ntb.nn.mse(ntb.tensor(data) @ w, np.ones(8)), [w])
        found.append(w.value)
    np.testing.assert_allclose(*found, rtol=1e-10)
