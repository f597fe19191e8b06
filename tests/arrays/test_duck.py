"""Arrays of a library that works at once and meets no NumPy array, as CuPy: nothing becomes NumPy's in silence."""

import numpy as np
import pytest

import ntb

from . import duck as library
from .duck import Duck, duck
from .programs import PROGRAMS, differentiate


@pytest.mark.parametrize("on_device", [False, True], ids=["NumPy's parameters", "the library's parameters"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_numbers_are_those_of_numpy(name, on_device):
    program = PROGRAMS[name]
    data, parameters = program.arrays()
    expected = differentiate(program, data, [ntb.Variable(p) for p in parameters])
    library.calls.clear()
    found = differentiate(program, map(duck, data), [ntb.Variable(duck(p) if on_device else p) for p in parameters])
    assert library.calls["get"] == 0 and library.calls.total() > 0
    for one, other in zip(found, expected, strict=True):
        assert isinstance(one.value, Duck)
        assert one.shape == other.shape and one.dtype == other.dtype
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-12, atol=1e-12)
