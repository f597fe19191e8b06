"""Tensors of CuPy arrays, where CuPy and a GPU are found: the programs of the other tests in this folder."""

import numpy as np
import pytest

import ntb

from .programs import PROGRAMS, differentiate


def why_not():
    """Why the tests cannot run here; an empty string if they can."""
    try:
        import cupy
    except ImportError:
        return "CuPy is not installed"
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"CuPy finds no GPU: {error}"
    return "" if count else "CuPy finds no GPU"


if reason := why_not():
    pytest.skip(f"tests of CuPy arrays: {reason}", allow_module_level=True)


@pytest.mark.parametrize("on_gpu", [False, True], ids=["NumPy's parameters", "parameters on the GPU"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", PROGRAMS)
def test_numbers_are_those_of_numpy(name, dtype, on_gpu):
    import cupy

    program = PROGRAMS[name]
    data, parameters = program.arrays(dtype)
    expected = differentiate(program, data, [ntb.Variable(p) for p in parameters])
    place = cupy.asarray if on_gpu else np.asarray
    found = differentiate(program, map(cupy.asarray, data), [ntb.Variable(place(p)) for p in parameters])
    tolerance = 1e-10 if dtype == np.float64 else 1e-3
    for one, other in zip(found, expected, strict=True):
        assert isinstance(one.value, cupy.ndarray)
        assert one.shape == other.shape and one.dtype == other.dtype
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=tolerance, atol=tolerance)


def test_training_stays_on_the_gpu():
    import cupy

    rng = cupy.random.default_rng(0)
    x = rng.standard_normal((64, 3))
    y = x @ cupy.arange(3.0)
    w = ntb.Variable(cupy.zeros(3))
    optimizer = ntb.optim.Adam(lr=0.1)
    for _ in range(200):
        optimizer.minimize(lambda: ntb.nn.mse(ntb.tensor(x) @ w, ntb.tensor(y)), [w])
    assert isinstance(w.value, cupy.ndarray)
    assert all(isinstance(slot.value, cupy.ndarray) for slots in optimizer.slots.values() for slot in slots)
    np.testing.assert_allclose(w.numpy(), np.arange(3.0), atol=0.05)
