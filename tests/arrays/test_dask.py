"""Tensors of Dask arrays: the numbers of NumPy, and nothing computed before it is asked for."""

import dask
import dask.array as da
import numpy as np
import pytest

import ntb
from ntb.dask import compute

from .programs import PROGRAMS, differentiate


class ComputedError(Exception):
    """Something was computed behind the user's back."""


def refuse(*args, **kwargs):
    raise ComputedError("computed")


@pytest.fixture
def nothing_computes():
    with dask.config.set(scheduler=refuse):
        yield


def chunked(array, rows=2):
    return da.from_array(array, chunks=(rows, *array.shape[1:]) if array.ndim else ())


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
