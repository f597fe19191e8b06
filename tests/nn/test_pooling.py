"""Pooling against loops over windows."""

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntb
from ntb import nn, tuned
from ntb.ops.windows import Grid
from ntb.tuned.layout import from_rows, to_rows
from ntb.tuned.pooling import window_max, window_share

RNG = np.random.default_rng(0)


@pytest.fixture(params=["tuned", "plain"])
def form(request):
    with tuned.off() if request.param == "plain" else nullcontext():
        yield


def naive_pool(function, x, kernel, stride, padding, fill):
    x = np.pad(x, [(0, 0), (0, 0), *[(p, p) for p in padding]], constant_values=fill)
    out = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, stride)]
    y = np.zeros((*x.shape[:2], *out))
    for i, j in np.ndindex(*out):
        rows, columns = i * stride[0], j * stride[1]
        y[:, :, i, j] = function(x[:, :, rows : rows + kernel[0], columns : columns + kernel[1]], axis=(2, 3))
    return y


pair = lambda low, high: st.tuples(st.integers(low, high), st.integers(low, high))


@settings(max_examples=60)
@given(pair(1, 3), pair(1, 3), pair(3, 6), st.integers(0, 2), st.booleans())
def test_pooling_is_its_definition(kernel, stride, space, batch, pad):
    padding = tuple(k // 2 if pad else 0 for k in kernel)
    x = RNG.normal(size=(batch, 2, *space))
    options = {"stride": stride, "padding": padding}
    expected = naive_pool(np.max, x, kernel, stride, padding, -np.inf)
    assert np.array_equal(nn.max_pool2d(x, kernel, **options), expected)
    assert np.array_equal(nn.max_pool2d(x, kernel, ties="first", **options), expected)
    np.testing.assert_allclose(nn.avg_pool2d(x, kernel, **options), naive_pool(np.mean, x, kernel, stride, padding, 0))
    np.testing.assert_allclose(
        nn.avg_pool2d(x, kernel, count_padding=False, **options),
        naive_pool(np.nanmean, x, kernel, stride, padding, np.nan),
    )


def test_gradients_of_averages():
    x = RNG.normal(size=(2, 1, 4, 5))
    for options in ({}, {"stride": 1, "padding": 1}, {"stride": 3}):
        ntb.check_gradients(lambda x, options=options: nn.avg_pool2d(x, 2, **options), x, directions=3)


@pytest.mark.parametrize(("ties", "expected"), [("split", [0.5, 0.5, 0, 0]), ("first", [1, 0, 0, 0])])
def test_ties(ties, expected, form):
    with ntb.Tape() as tape:
        x = tape.watch(np.array([3.0, 3.0, 1.0, 2.0]).reshape(1, 1, 2, 2))
        y = np.sum(nn.max_pool2d(x, 2, ties=ties))
    assert tape.gradient(y, x).numpy().ravel().tolist() == expected


def test_padding_is_never_the_maximum(form):
    assert np.all(nn.max_pool2d(np.full((1, 1, 2, 2), -5.0), 3, stride=1, padding=1) == -5)
    assert np.all(nn.max_pool2d(np.full((1, 1, 2, 2), -5, np.int16), 3, stride=1, padding=1) == -5)


def test_nan_in_a_window_comes_through(form):
    for ties in ("split", "first"):
        with ntb.Tape() as tape:
            x = tape.watch(np.array([[[[np.nan, 1.0], [2.0, 3.0]]]]))
            y = np.sum(nn.max_pool2d(x, 2, ties=ties))
        assert np.isnan(y.numpy()) and tape.gradient(y, x).numpy().ravel().tolist() == [1, 0, 0, 0]


def test_global_pools():
    x = RNG.normal(size=(2, 3, 4, 5))
    np.testing.assert_allclose(nn.global_avg_pool(x), x.mean((2, 3)))
    np.testing.assert_allclose(nn.global_max_pool(x), x.max((2, 3)))


def test_errors():
    with pytest.raises(ntb.InputError, match="nothing but padding"):
        nn.max_pool2d(np.ones((1, 1, 4, 4)), 2, padding=2)
    with pytest.raises(ntb.InputError, match="N, C, H, W"):
        nn.max_pool2d(np.ones((4, 4)), 2)
    with pytest.raises(ntb.InputError, match="ties"):
        nn.max_pool2d(np.ones((1, 1, 4, 4)), 2, ties="last")


@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((1, 0), (0, 1)), ((0, 1), (1, 1))])
@pytest.mark.parametrize("channels", [3, 1100])  # all at once, and by parts that fit the cache
def test_shares_do_not_depend_on_the_order_in_memory(padding, channels):
    x = RNG.integers(0, 3, (8, channels, *(6 - sum(border) % 2 for border in padding))).astype(float)
    x[0, 0, :2, :2] = np.nan
    grid = Grid((2, 2), (2, 2), padding, (1, 1))
    y = window_max(x, grid)
    g = RNG.normal(size=y.shape)
    expected = window_share(g, x, y, grid, "split")
    x, y, g = (from_rows(to_rows(a).copy()) for a in (x, y, g))
    found = window_share(g, x, y, grid, "split")
    assert found.strides == x.strides
    assert np.array_equal(found, expected)


def test_a_window_of_many_equal_maxima_shares_among_all():
    """More than a byte can count: 16 x 16 zeros, as relu leaves them."""
    x = np.moveaxis(np.zeros((3, 16, 32, 4)), -1, 0)  # the batch lies last, as inside a network
    with ntb.Tape() as tape:
        watched = tape.watch(x)
        loss = np.sum(nn.max_pool2d(watched, 16))
    assert np.all(tape.gradient(loss, watched) == 1 / 256)


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (nn.MaxPool2d(3, 2, 1), "MaxPool2d(3, stride=2, padding=1)"), (nn.MaxPool1d(2), "MaxPool1d(2)"),
        (nn.AvgPool2d(3, 1, "same"), "AvgPool2d(3, stride=1, padding=same)"),
        (nn.LPPool2d(2, 3, 1), "LPPool2d(2, 3, stride=1)"),
        (nn.Conv1d(2, 3, 5, 2, 1), "Conv1d(weight[3, 2, 5], bias[3], stride=2, padding=1)"),
        (nn.ConvTranspose2d(2, 3, 4, 2, 1, 1),
         "ConvTranspose2d(weight[2, 3, 4, 4], bias[3], stride=2, padding=1, output_padding=1)"),
    ],
)  # fmt: skip
def test_strides_and_padding_may_follow_the_kernel_and_are_shown(layer, shown):
    assert repr(layer) == shown
