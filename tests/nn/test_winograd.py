"""Convolution by tiles: its definition, what it depends on, and that programs run it with and without loops."""

import numpy as np
import pytest

import ntb
from ntb import nn, tuned
from ntb.ops.windows import Grid
from ntb.tuned.winograd import suits, tiled_convolution
from tests.compiled.test_within import gradients
from tests.replay.parity import assert_same, run_source

RNG = np.random.default_rng(0)
PADDINGS = [((1, 1), (1, 1)), ((0, 0), (0, 0)), ((2, 0), (0, 1)), ((2, 2), (2, 2))]
SIZES = [(1, 3, 3), (2, 4, 7), (3, 5, 6), (0, 4, 4), (70, 37, 3), (2, 3, 300)]


def arrays(channels=2, filters=3, images=2, height=5, width=4, dtype=np.float64):
    shapes = (images, channels, height, width), (filters, channels, 3, 3)
    return [RNG.normal(size=shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("padding", PADDINGS, ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_it_is_the_plain_form(padding, size):
    images, height, width = size
    x, w = arrays(2, 3, images, height, width)
    plain = lambda x, w: nn.conv2d(x, w, padding=padding)
    with tuned.off():
        y = plain(x, w)
        g = RNG.normal(size=y.shape)
        expected = ntb.vjp(plain, x, w)[1](g)
    np.testing.assert_allclose(tiled_convolution(x, w, padding), y, rtol=1e-12, atol=1e-12)
    found = ntb.vjp(lambda x, w: tiled_convolution(x, w, padding), x, w)[1](g)
    for a, b in zip(found, expected):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-10)


def test_the_filters_decide():
    x, w = arrays(32, 32)
    grid = Grid((3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
    assert suits(x, w, grid, 1)
    assert suits(x.astype("f"), w.astype("f"), grid, 1)
    others = [
        (x, w[:, :16], grid, 2), (x[:, :31], w[:, :31], grid, 1), (x, w[:31], grid, 1), (x.astype("f"), w, grid, 1),
        (x.astype("e"), w.astype("e"), grid, 1), (x + 0j, w + 0j, grid, 1), (x.astype(int), w, grid, 1),
        (x, w[:, :, :2, :2], grid._replace(kernel=(2, 2)), 1), (x, w, grid._replace(stride=(1, 2)), 1),
        (x, w, grid._replace(dilation=(2, 1)), 1), (x, w, grid._replace(padding=((0, 3), (0, 0))), 1),
    ]  # fmt: skip
    assert not any(suits(*other) for other in others)


def test_rounding_errors_are_those_of_the_plain_form():
    x, w = arrays(64, 32, 2, 8, 8)
    exact = nn.conv2d(x, w, padding=1)
    x, w = x.astype("f"), w.astype("f")
    found = np.max(np.abs(nn.conv2d(x, w, padding=1) - exact))
    with tuned.off():
        assert found < 4 * np.max(np.abs(nn.conv2d(x, w, padding=1) - exact))


def test_a_result_depends_on_its_window_only():
    x, w = arrays(32, 32, 1, 6, 6)
    y = nn.conv2d(x, w)
    for at in np.ndindex(6, 6):
        for value in (np.nan, np.inf, 1e300):
            other = x.copy()
            other[0, 5][at] = value
            inside = (0, slice(None), *[slice(max(i - 2, 0), i + 1) for i in at])
            with np.errstate(invalid="ignore"):
                changed = nn.conv2d(other, w)
            assert value == 1e300 or not np.any(np.isfinite(changed[inside]))
            changed[inside] = y[inside]
            assert np.array_equal(changed, y)


@pytest.mark.parametrize("order", ["C", "batch last"])
def test_programs_and_their_source_have_the_eager_bits(order):
    x, w = arrays(32, 34, 3, 5, 6, np.float32)
    if order == "batch last":
        x = np.moveaxis(np.moveaxis(x, 0, -1).copy(), -1, 0)
    call = lambda x, w: [nn.relu(nn.conv2d(x, w, padding=1))]
    traced = ntb.function(lambda *args: gradients(call, *args))
    for _ in range(2):
        assert_same(traced(x, w), gradients(call, x, w), order)
    program = traced.programs[-1]
    assert "def tiled_weight_gradient(" in program.source
    assert "_loop" not in program.source
    assert_same(run_source(program, [x, w])[0], gradients(call, x, w), "as source")
    assert any("tiled" in str(i) for i in program.code.instructions)
