"""The namespace has what the standard lists, keeps its rules about dtypes, and its own functions do what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ntb
from ntb import array_api as xp

# The names of the standard 2024.12, by the chapters of its specification.
STANDARD = """
    e inf nan newaxis pi
    arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like tril triu zeros
    zeros_like
    astype can_cast finfo iinfo isdtype result_type
    bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128
    abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert bitwise_or
    bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp expm1 floor floor_divide greater
    greater_equal hypot imag isfinite isinf isnan less less_equal log log1p log2 log10 logaddexp logical_and logical_not
    logical_or logical_xor maximum minimum multiply negative nextafter not_equal positive pow real reciprocal remainder
    round sign signbit sin sinh square sqrt subtract tan tanh trunc
    take take_along_axis __array_namespace_info__ __array_api_version__
    matmul matrix_transpose tensordot vecdot
    broadcast_arrays broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape roll squeeze stack tile
    unstack
    argmax argmin count_nonzero nonzero searchsorted where
    unique_all unique_counts unique_inverse unique_values argsort sort
    cumulative_prod cumulative_sum max mean min prod std sum var all any diff
    fft linalg
"""
LINALG = """cholesky cross det diagonal eigh eigvalsh inv matmul matrix_norm matrix_power matrix_rank matrix_transpose
    outer pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm"""
FFT = "fft ifft fftn ifftn rfft irfft rfftn irfftn hfft ihfft fftfreq rfftfreq fftshift ifftshift"
ARRAY = """dtype device mT ndim shape size T __abs__ __add__ __and__ __array_namespace__ __bool__ __complex__
    __dlpack__ __dlpack_device__ __eq__ __float__ __floordiv__ __ge__ __getitem__ __gt__ __index__ __int__ __invert__
    __le__ __lshift__ __lt__ __matmul__ __mod__ __mul__ __ne__ __neg__ __or__ __pos__ __pow__ __rshift__ __setitem__
    __sub__ __truediv__ __xor__ __radd__ __rand__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__
    __rpow__ __rrshift__ __rsub__ __rtruediv__ __rxor__ to_device"""


def test_the_namespace_has_the_names_of_the_standard_and_no_others():
    assert sorted(xp.__all__) == sorted(STANDARD.split())
    assert sorted(xp.linalg.__all__) == sorted(LINALG.split()) and sorted(xp.fft.__all__) == sorted(FFT.split())
    for part in (xp, xp.linalg, xp.fft):
        assert all(hasattr(part, name) for name in part.__all__)
    for kind in (ntb.Tensor, ntb.Variable):
        assert all(hasattr(kind, name) for name in ARRAY.split())


def test_tensors_and_variables_know_their_namespace():
    x = ntb.tensor([1.0, 2.0])
    assert x.__array_namespace__() is xp is ntb.Variable([1.0]).__array_namespace__(api_version="2024.12")
    with pytest.raises(ntb.InputError, match="follows the standard 2024.12, not 2030.12"):
        x.__array_namespace__(api_version="2030.12")


def test_device():
    x, v = ntb.tensor(1.0), ntb.Variable([1.0])
    assert x.device == v.device == "cpu" and x.to_device("cpu") is x and isinstance(v.to_device("cpu"), ntb.Tensor)
    with pytest.raises(ntb.InputError, match="cannot be moved to 'gpu'"):
        x.to_device("gpu")
    with pytest.raises(ntb.InputError, match="made on the device \"cpu\", not on 'gpu'"):
        xp.zeros(3, device="gpu")
    assert xp.zeros(3, device=x.device).shape == (3,)


# --- dtypes


def dtypes(kind):
    return list(xp.__array_namespace_info__().dtypes(kind=kind).values())


def test_info_lists_the_thirteen_dtypes():
    info = xp.__array_namespace_info__()
    assert len(dtypes(None)) == 13 and dtypes(("bool", "real floating")) == [xp.bool, xp.float32, xp.float64]
    assert info.capabilities() == {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}
    assert info.default_dtypes()["integral"] == xp.asarray(1).dtype and info.default_device() in info.devices()


@given(st.sampled_from(dtypes("numeric")), st.sampled_from(dtypes("numeric")))
def test_arithmetic_promotes_as_the_table_says(a, b):
    x, y = xp.ones(2, dtype=a), xp.ones((), dtype=b)
    assert (x + y).dtype == (y + x).dtype == xp.result_type(x, b) == np.result_type(a, b)
    assert (x + 1).dtype == (1 + x).dtype == a  # Python's numbers are weak


@pytest.mark.parametrize("dtype", dtypes("integral"))
def test_sums_of_small_integers_are_of_the_default_size(dtype):
    wide = xp.uint64 if dtype.kind == "u" else xp.int64
    x = xp.ones((2, 2), dtype=dtype)
    assert xp.sum(x).dtype == xp.prod(x).dtype == xp.cumulative_sum(x, axis=0).dtype == xp.linalg.trace(x).dtype == wide


def test_astype():
    x = xp.asarray([1.0, 2.0])
    assert xp.astype(x, xp.float64, copy=False) is x and xp.astype(x, xp.float64) is not x
    assert xp.astype(x, xp.int8).dtype == xp.int8
    with pytest.raises(ntb.InputError, match=r"take real\(x\) or imag\(x\) first"):
        xp.astype(x + 1j, xp.float64)


def test_finfo_and_iinfo_give_python_numbers():
    single = xp.finfo(xp.asarray(1j, dtype=xp.complex64))
    assert single.dtype == xp.float32 and type(single.eps) is float and single.eps == 2.0**-23
    assert type(xp.iinfo(xp.uint8).max) is int and xp.iinfo(xp.asarray(0)).min == -(2**63)


# --- creation


def test_asarray():
    x, v = ntb.tensor([1.0, 2.0]), ntb.Variable([1.0, 2.0])
    assert xp.asarray(x) is x is xp.asarray(x, copy=False) and xp.asarray(x, copy=True) is not x
    assert isinstance(xp.asarray(v), ntb.Tensor)
    data = np.array([1.0])
    y = xp.asarray(data)
    data[0] = 5.0
    assert y.item() == 1.0
    with pytest.raises(ntb.InputError, match="a tensor holds a copy of the data"):
        xp.asarray(data, copy=False)
    with pytest.raises(ntb.InputError, match="without a copy"):
        xp.asarray(x, dtype=xp.float32, copy=False)
    with pytest.raises(ntb.InputError, match="holds numbers or bools"):
        xp.asarray(["a"])


def test_asarray_of_lists_of_tensors_takes_pythons_numbers_as_weak():
    x = ntb.tensor(2.0, dtype=xp.float32)
    y = xp.asarray([[x, 1.0], [3, x]])
    assert y.dtype == xp.float32 and y.tolist() == [[2.0, 1.0], [3.0, 2.0]]
    assert xp.asarray([x, 1.0], dtype=xp.int16).dtype == xp.int16


def test_tensors_cannot_be_changed():
    x = xp.zeros(2)
    with pytest.raises(ntb.MutationError, match=r"t\.at\[i\]\.set\(x\)"):
        x[0] = 1.0
    y = x
    y += 1.0  # makes another tensor
    assert x.tolist() == [0.0, 0.0] and y.tolist() == [1.0, 1.0]


# --- functions that are not simply NumPy's


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.booleans())
def test_argsort_is_stable_both_ways(values, descending):
    x = xp.asarray(values)
    sign = -1 if descending else 1
    expected = sorted(range(len(values)), key=lambda i: sign * values[i])
    assert xp.argsort(x, descending=descending).tolist() == expected
    assert xp.sort(x, descending=descending).tolist() == [values[i] for i in expected]


def test_order_and_differences_along_an_axis():
    x = xp.asarray([[1.0, 4.0], [3.0, 2.0]])
    assert xp.sort(x, axis=0, descending=True).tolist() == [[3.0, 4.0], [1.0, 2.0]]
    around = xp.diff(x, prepend=xp.zeros((2, 1)), append=xp.ones((2, 1)))
    assert around.tolist() == [[1.0, 3.0, -3.0], [3.0, -1.0, -1.0]]


def test_floor_divide_of_infinities():
    inf = xp.inf
    x, y = xp.asarray([inf, inf, -inf, 2.0, -2.0, 2.0, inf, 7.0]), xp.asarray([2.0, -2, 2, -inf, inf, inf, inf, -2.0])
    with np.errstate(invalid="ignore"):
        found = xp.floor_divide(x, y).tolist()
    assert str(found) == "[inf, -inf, -inf, -0.0, -0.0, 0.0, nan, -4.0]"
    assert xp.floor_divide(xp.asarray([7, -7]), 2).tolist() == [3, -4]
    assert xp.floor_divide(xp.asarray([7.0], dtype=xp.float32), 2).dtype == xp.float32


def test_expm1_of_complex_numbers():
    z = xp.asarray([1e-12 + 1e-12j, complex(xp.inf, 0.0), complex(-xp.inf, xp.inf), complex(0.0, 0.0)])
    with np.errstate(invalid="ignore"):
        found = xp.expm1(z).tolist()
    assert abs(found[0] - (1e-12 + 1e-12j)) < 1e-20 and found[1:] == [complex(xp.inf, 0.0), -1, 0]


def test_reshape_copies_only_if_it_may():
    x = xp.asarray(np.arange(6.0).reshape(2, 3))
    assert not np.shares_memory(xp.reshape(x, (3, 2), copy=True), x)
    assert xp.reshape(x, (3, 2), copy=False).shape == (3, 2)
    with pytest.raises(ntb.InputError, match="without a copy"):
        xp.reshape(x.T, (6,), copy=False)


def test_unique_finds_the_elements_with_their_gradient():
    x = ntb.tensor([3.0, 1.0, 3.0, xp.nan])
    with ntb.Tape() as tape:
        x = tape.watch(x)
        found = xp.unique_all(x)
        total = xp.sum(found.values[:2] * xp.asarray([1.0, 10.0]))
    assert found.values.tolist()[:2] == [1.0, 3.0] and found.indices.tolist() == [1, 0, 3]
    assert found.inverse_indices.tolist() == [1, 0, 1, 2] and found.counts.tolist() == [1, 2, 1]
    assert tape.gradient(total, x).tolist() == [10.0, 1.0, 0.0, 0.0]


def test_unique_in_a_traced_function_follows_new_data():
    f = ntb.function(lambda x: xp.sum(xp.unique_values(x) ** 2))
    for data, expected in (([1.0, 2.0, 1.0], 5.0), ([1.0, 2.0, 3.0], 14.0), ([4.0, 4.0, 4.0], 16.0)):
        assert f(np.array(data)).item() == expected


def test_cumulative_sums_of_more_axes_need_to_be_told_one():
    assert xp.cumulative_sum(xp.asarray([1, 2]), include_initial=True).tolist() == [0, 1, 3]
    with pytest.raises(ntb.InputError, match="pass axis="):
        xp.cumulative_prod(xp.ones((2, 2)))


def test_several_results_have_names():
    a = xp.asarray([[2.0, 1.0], [1.0, 2.0]])
    assert xp.linalg.eigh(a).eigenvalues.shape == (2,) and xp.linalg.slogdet(a).sign.item() == 1.0
    assert xp.linalg.qr(a).R.shape == xp.linalg.svd(a).Vh.shape == (2, 2)


@pytest.mark.parametrize("operator", ["__lshift__", "__rshift__", "__rlshift__", "__rrshift__"])
def test_shifts(operator):
    x = np.array([1, 2, 3])
    assert getattr(ntb.tensor(x), operator)(2).tolist() == getattr(x, operator)(2).tolist()


@given(st.integers(-9, 9), st.integers(-9, 9), st.sampled_from([-2, 1, 3]), st.integers(1, 9))
def test_ranges_and_frequencies_are_numpys(start, stop, step, n):
    for ours, numpys in (
        (xp.arange(n), np.arange(n)),
        (xp.arange(start, stop, step), np.arange(start, stop, step)),
        (xp.arange(start, stop, step, dtype=xp.float32), np.arange(start, stop, step, np.float32)),
        (xp.fft.fftfreq(n, d=0.5), np.fft.fftfreq(n, 0.5)),
        (xp.fft.rfftfreq(n, dtype=xp.float32), np.fft.rfftfreq(n).astype(np.float32)),
    ):
        np.testing.assert_array_equal(ours.numpy(), numpys, strict=True)
