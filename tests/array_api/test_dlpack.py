"""DLPack: other libraries read tensors, and tensors are made of their arrays; nobody changes a tensor on that way."""

import numpy as np
import pytest

import ntb
from ntb import array_api as xp
from tests import oldest


@pytest.mark.parametrize("shape", [(), (3,), (0, 2), (2, 3)])
@pytest.mark.parametrize("dtype", xp.__array_namespace_info__().dtypes().values())
def test_there_and_back(dtype, shape):
    x = xp.ones(shape, dtype=dtype)
    there = np.from_dlpack(x)
    assert there.dtype == dtype and np.array_equal(there, x.numpy())
    back = xp.from_dlpack(np.array(there))
    assert isinstance(back, ntb.Tensor) and back.dtype == dtype and np.array_equal(back.numpy(), there)


def test_what_is_exported_is_a_copy():
    x = ntb.tensor([1.0, 2.0])
    assert not np.shares_memory(np.from_dlpack(x), x.numpy())


@oldest.dlpack
def test_what_is_exported_without_a_copy_is_read_only():
    x = ntb.tensor([1.0, 2.0])
    seen = np.from_dlpack(x, copy=False)
    assert np.shares_memory(seen, x.numpy())
    with pytest.raises(ValueError, match="read-only"):
        seen[0] = 5.0


class Old:
    """A library that asks as one did before DLPack 1.0, which cannot say that an array is read-only."""

    def __init__(self, array, **options):
        self.array, self.options = array, options

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()

    def __dlpack__(self, **_):
        return self.array.__dlpack__(**self.options)


def test_an_older_library_gets_nothing_but_a_copy():
    x = ntb.tensor([1.0, 2.0])
    seen = np.from_dlpack(Old(x))
    assert seen.tolist() == [1.0, 2.0] and x.__dlpack_device__() == (1, 0)
    with pytest.raises(BufferError, match="export a copy"):
        np.from_dlpack(Old(x, copy=False))


def test_what_is_imported_is_a_copy():
    data = np.array([1.0, 2.0])
    x = xp.from_dlpack(data)
    data[0] = 5.0
    assert x.tolist() == [1.0, 2.0] and xp.from_dlpack(x) is x
    with pytest.raises(BufferError, match="a tensor holds a copy"):
        xp.from_dlpack(data, copy=False)


def test_a_tracked_tensor_is_not_exported():
    with ntb.Tape() as tape:
        x = tape.watch(np.array([1.0, 2.0]))
        with pytest.raises(ntb.ConversionError, match="export through DLPack would cut the gradient"):
            np.from_dlpack(x)
        y = xp.sum(xp.from_dlpack(x) ** 2)
    assert tape.gradient(y, x).tolist() == [2.0, 4.0]
    assert np.from_dlpack(x).tolist() == [1.0, 2.0]  # the tape is closed


def test_a_traced_value_is_not_exported():
    with pytest.raises(ntb.ConversionError, match="export through DLPack would freeze"):
        ntb.function(lambda x: xp.asarray(np.from_dlpack(x)))(np.ones(2))
