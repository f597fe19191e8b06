"""Convolution and its transpose, against loops; windows and unwindows as an adjoint pair."""

import math
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntb
from ntb import nn, tuned
from ntb.nn.convolution.windowing import window_grid
from ntb.ops.windows import unwindows, windows

RNG = np.random.default_rng(0)


def naive_conv(x, w, stride, padding, dilation, groups):
    """Convolution by its definition, one output number at a time; padding as pairs."""
    dims = w.ndim - 2
    x = np.pad(x, [(0, 0), (0, 0), *padding])
    span = [d * (k - 1) + 1 for d, k in zip(dilation, w.shape[2:])]
    out = [(n - wide) // s + 1 for n, wide, s in zip(x.shape[2:], span, stride)]
    y = np.zeros((x.shape[0], w.shape[0], *out))
    per_group, channels = w.shape[0] // groups, w.shape[1]
    for n, f in np.ndindex(*y.shape[:2]):
        first = f // per_group * channels
        for position in np.ndindex(*out):
            for offset in np.ndindex(*w.shape[2:]):
                at = tuple(position[i] * stride[i] + offset[i] * dilation[i] for i in range(dims))
                y[(n, f, *position)] += x[(n, slice(first, first + channels), *at)] @ w[(f, slice(None), *offset)]
    return y


@st.composite
def convolutions(draw, dims, images=(0, 3), most=3):
    ints = lambda low, high: st.tuples(*[st.integers(low, high)] * dims)
    kernel, stride, dilation = draw(ints(1, 3)), draw(ints(1, 3)), draw(ints(1, 2))
    padding = draw(st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * dims))
    groups = draw(st.integers(1, 2))
    space = [d * (k - 1) + 1 + draw(st.integers(0, most)) for k, d in zip(kernel, dilation)]
    channels, filters = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    x = RNG.normal(size=(draw(st.integers(*images)), channels, *space))
    w = RNG.normal(size=(filters, channels // groups, *kernel))
    return x, w, stride, padding, dilation, groups


@pytest.mark.parametrize("dims", [1, 2, 3])
@settings(max_examples=40)
@given(data=st.data())
def test_convolution_is_its_definition(dims, data):
    x, w, stride, padding, dilation, groups = data.draw(convolutions(dims))
    conv = (nn.conv1d, nn.conv2d, nn.conv3d)[dims - 1]
    b = RNG.normal(size=w.shape[0])
    expected = naive_conv(x, w, stride, padding, dilation, groups) + b.reshape(-1, *[1] * dims)
    for form in (nullcontext(), tuned.off()):
        with form:
            y = conv(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups)
        np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.uncounted
@pytest.mark.parametrize("dims", [1, 2, 3])
@settings(max_examples=8)
@given(data=st.data())
def test_gradients_of_convolution(dims, data):
    x, w, stride, padding, dilation, groups = data.draw(convolutions(dims, (1, 2), most=1))
    conv = (nn.conv1d, nn.conv2d, nn.conv3d)[dims - 1]
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    ntb.check_gradients(lambda x, w, b: conv(x, w, b, **options), x, w, RNG.normal(size=len(w)), directions=3)


@settings(max_examples=40)
@given(data=st.data(), dims=st.integers(1, 3))
def test_windows_and_unwindows_are_adjoint(data, dims):
    x, w, stride, padding, dilation, _ = data.draw(convolutions(dims))
    layout = window_grid(x.shape[2:], w.shape[2:], stride, padding, dilation)
    for form in (nullcontext(), tuned.off()):
        with form:
            columns = windows(x, *layout)
            other = RNG.normal(size=columns.shape)
            back = unwindows(other, x.shape[2:], *layout)
        assert back.shape == x.shape
        assert np.sum(columns * other) == pytest.approx(np.sum(x * back))


def test_windows_of_any_memory_layout_are_a_new_array():
    x = RNG.normal(size=(2, 3, 4, 5)).astype(np.float32)
    layout = ((2, 2), (1, 2), ((1, 0), (0, 1)), (1, 1))
    expected = windows(x, *layout)
    strided = np.zeros((4, 6, 8, 5), np.float32)[::2, ::2, ::-2]
    strided[...] = x
    for variant in (np.asfortranarray(x), strided):
        assert np.array_equal(windows(variant, *layout), expected)
    whole = windows(x, (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1))
    assert not np.shares_memory(whole, x)


@pytest.mark.parametrize("size", range(1, 9))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_same_padding_gives_a_position_for_every_stride(size, stride, kernel):
    layout = window_grid((size,), kernel, stride, "same", 1)
    y = nn.conv1d(np.ones((1, 1, size)), np.ones((1, 1, kernel)), stride=stride, padding="same")
    assert y.shape[-1] == math.ceil(size / stride)
    before, after = layout[2][0]
    assert after - before in (0, 1)


def test_transposed_convolution_is_the_adjoint_of_convolution():
    for stride, padding, dilation, groups, extra in [(1, 0, 1, 1, 0), (2, 1, 1, 1, 1), (2, ((1, 0), (0, 1)), 2, 2, 0)]:
        w = RNG.normal(size=(4, 3, 3, 2))
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        y = RNG.normal(size=(2, 4, 3, 4))
        z = nn.conv_transpose2d(y, w, output_padding=extra, **options)
        x = RNG.normal(size=z.shape)
        assert z.shape[1] == 3 * groups
        assert np.sum(nn.conv2d(x, w, **options) * y) == pytest.approx(np.sum(x * z))


@pytest.mark.parametrize(
    ("x", "w", "options", "message"),
    [
        ((1, 3, 5, 5), (4, 2, 3, 3), {}, "channels"),
        ((3, 5, 5), (4, 3, 3, 3), {}, "axes"),
        ((1, 3, 2, 2), (4, 3, 3, 3), {}, "does not fit"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"stride": 0}, "at least 1"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"padding": -1}, "negative"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"padding": "full"}, "same"),
        ((1, 3, 5, 5), (4, 3, 3, 3), {"padding": (1, 1, 1)}, "entries"),
        ((1, 4, 5, 5), (3, 2, 3, 3), {"groups": 2}, "groups"),
    ],
)
def test_what_does_not_fit_is_explained(x, w, options, message):
    with pytest.raises(ntb.InputError, match=message):
        nn.conv2d(np.ones(x), np.ones(w), **options)
