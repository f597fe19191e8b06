"""Loops within primitives give the bits of NumPy's form beside them, for all sizes and special values."""

import itertools
import sys
import threading
import types
import warnings

import numpy as np
import pytest

import ntb
from ntb import nn
from ntb.compiled import kernels, within
from ntb.compiled.agreement import does_the_same
from ntb.looped import instead, looped
from ntb.tuned import convolution, depthwise, lstm, pooling, winograd
from tests.compiled.test_loops import numbers, program_of
from tests.replay.parity import assert_same, layouts, run_source

pytestmark = [
    pytest.mark.skipif(not kernels.is_there(), reason="numba is not installed (the extra `fast`)"),
    pytest.mark.usefixtures("at_once"),
]


ARRAYS = [np.full(shape, 0.25) for shape in [(2, 3, 2), (2, 4), (2, 4), (2, 16), (4, 16), (16,)]]
SIZES = [0, 1, 2, 3, 7, 8, 17, 64]
STEPS = {
    lstm._lay_gates: lambda n, m: [(4 * m,), (3, 4, n, m), (3 * n, 4 * m)],
    lstm._advance: lambda n, m: [(4, n, m), *[(n, m)] * 3],
    lstm._slopes: lambda n, m: [(3, 4, n, m), (3, n, m), (3, 4, n, m), (3, n, m)],
    lstm._retreat: lambda n, m: [(4, n, m), *[(n, m)] * 4, *[(4, n, m)] * 2, (n, m), (n, m), (4, n, m), (n, m)],
    winograd.spread_image: lambda n, m: [(8, 2, 5, n + 1, m), (4, 4, 5, 3, n, m)],
    winograd.spread_results: lambda n, m: [(6, 2, 5, n, m), (4, 4, 5, 3, n, m)],
}
"""The shapes of the arguments of steps that are `looped`, by two sizes."""


def agrees(function, args):
    """Whether the loop is compiled, and gives NumPy's bits for random and special numbers."""
    kinds = tuple(map(within._kind, args))
    code = within._code_of(within._Loop(within._source_of(function), function, kinds, args))
    return code is not None and does_the_same(function, code, args)


def test_each_that_is_looped_has_a_row():
    modules = [module for name, module in sys.modules.items() if name.startswith("ntb.")]
    functions = [x for module in modules for x in vars(module).values() if isinstance(x, types.FunctionType)]
    found = {x for x in functions if hasattr(x, "by_numpy")}
    others = {pooling._share_tiles, winograd.gather_results, winograd.part_columns, convolution.add_up}
    assert found == {*STEPS, *others, depthwise._add_windows, depthwise._add_products}


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("step", STEPS, ids=lambda f: f.__name__)
def test_steps_of_all_sizes(step, dtype):
    sizes = (
        SIZES if step.__module__ == lstm.__name__ else [0, 1, 3, 8] if dtype is np.float32 else [1, 8]
    )  # tiles have four more axes
    for n in sizes:
        for m in sizes:
            assert agrees(step, tuple([np.empty(shape, dtype) for shape in STEPS[step](n, m)])), (n, m)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kernel", [(2, 2), (1, 3), (3, 2)])
def test_shares_of_tiles(kernel, dtype):
    for padding in ((0, 0), (0, 0)), ((1, 0), (0, 1)), ((0, 1), (1, 1)):
        for rows, columns, batch in [(1, 1, 1), (2, 3, 0), (3, 2, 5), (4, 4, 33)]:
            space = [k * n - sum(border) for k, n, border in zip(kernel, (rows, columns), padding)]
            if min(space) < 1:
                continue
            windows, image = (rows, 3, columns, batch), (space[0], 3, space[1], batch)
            args = (*[np.empty(shape, dtype) for shape in (windows, image, windows, image)], kernel, padding)
            assert agrees(pooling._share_tiles, args), (padding, rows, columns, batch)


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_of_tiles(dtype):
    for height, width, batch, row, image in [(6, 8, 33, 0, 0), (7, 1, 3, 2, 1), (5, 3, 8, 0, 2), (4, 4, 0, 0, 0)]:
        down, across = min(2, (height - row + 1) // 2), (width + 1) // 2
        results = np.zeros((height, 3, width, batch + image + 1), dtype)
        args = results, row, image, np.empty((4, 4, 3, down, across, batch), dtype)
        assert agrees(winograd.gather_results, args), (height, width, batch)
        for above, left in (0, 0), (1, 1), (2, 0), (-2, 2):
            planes = np.empty((height + above + 1, 2, 3, across + 2, batch), dtype)
            assert agrees(winograd.part_columns, (results, image, planes, above, left)), (height, width, batch)


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_windows_overlap_is_added_up(dtype):
    cases = itertools.product((1, 3), (1, 2, 3), ((0, 0), (1, 1), (2, 0)), (1, 2), ((1, 1), (4, 5), (7, 0)))
    for kernel, stride, border, dilation, (across, batch) in cases:
        columns = (across - 1) * stride + dilation * (kernel - 1) + 1 - sum(border) + stride - 1
        if columns > 0:
            sums, image = np.empty((2, 3, kernel, across, batch), dtype), np.empty((2, 3, columns, batch), dtype)
            args = sums, image, (kernel,), (stride,), (border,), (dilation,)
            assert agrees(convolution.add_up, args), args[2:]


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_windows_of_single_channels_are_added_up(dtype):
    cases = itertools.product((1, 3), (1, 2), ((0, 0), (2, 1)), (1, 2), ((1, 1), (4, 5), (3, 0)))
    for kernel, stride, border, dilation, (positions, batch) in cases:
        space = (positions - 1) * stride + dilation * (kernel - 1) + 1 - sum(border) + stride - 1
        if space > 0:
            image, results = (
                np.empty((space, 2, space, batch), dtype),
                np.empty((positions, 2, positions, batch), dtype),
            )
            filters = np.empty((2, kernel, kernel), dtype)
            grid = (stride, stride), (border, border), (dilation, dilation)
            assert agrees(depthwise._add_windows, (image, filters, results, *grid, 0)), grid
            assert agrees(depthwise._add_windows, (results, filters, image, *grid, 1)), grid
            total = np.empty((*filters.shape, positions, batch), dtype)
            assert agrees(depthwise._add_products, (image, results, total, *grid)), grid


def normal(rng, shape, dtype):
    return rng.normal(size=shape).astype(dtype)


def gradients(call, *arrays):
    with ntb.Tape() as tape:
        watched = [tape.watch(x * 1) for x in arrays]
        loss = sum(np.sum(y**2) for y in call(*watched))
    return tape.gradient(loss, watched)


def recurrent(x, h, c, wx, wh, b, **steps):
    states, last = nn.lstm(x, (h, c), wx, wh, b, **steps)
    return (states, *last)


def assert_programs_agree(call, shapes, dtype, name, draws=None):
    """A traced gradient has loops within the primitive that is named, and gives the bits of the eager one."""
    rng = np.random.default_rng(0)
    traced = ntb.function(lambda *arrays: gradients(call, *arrays))
    for kind in ("C", "strided"):
        with np.errstate(all="ignore"):
            found = program_of(traced, *[layouts(normal(rng, shape, dtype), kind) for shape in shapes]).kernels
            assert any(name in key for key in found), (kind, list(found))
            for draw in draws or (normal, numbers, numbers):
                arrays = [layouts(draw(rng, shape, dtype), kind) for shape in shapes]
                assert_same(traced(*arrays), gradients(call, *arrays), kind)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lstm_in_a_program(dtype):
    shapes = [(3, 5, 4), (3, 7), (3, 7), (4, 28), (7, 28), (28,)]
    assert_programs_agree(recurrent, shapes, dtype, "lstm_pull")


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32])
def test_an_lstm_with_hidden_steps_in_a_program(dtype):
    lengths = np.array([5, 0, 3])
    shapes = [(3, 5, 4), (3, 7), (3, 7), (4, 28), (7, 28), (28,)]
    call = lambda *arrays: recurrent(*arrays, lengths=lengths)
    assert_programs_agree(call, shapes, dtype, "lstm_pull")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_max_pooling_in_a_program(dtype):
    def call(x):
        return [nn.max_pool2d(nn.conv2d(x, np.ones((2, 3, 1, 1), dtype)), 2)]

    assert_programs_agree(call, [(5, 3, 8, 6)], dtype, "window_share")


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32])
def test_tiles_in_a_program(dtype):
    def call(x, w):
        return [nn.conv2d(x, w, padding=1)]

    shapes = [(5, 32, 4, 3), (32, 32, 3, 3)]
    assert_programs_agree(call, shapes, dtype, "tiled_convolution")
    assert_programs_agree(call, shapes, dtype, "tiled_weight_gradient")


@pytest.mark.parametrize("dtype", [np.float32])
def test_single_channels_in_a_program(dtype):
    def call(x, w):
        return [nn.conv2d(x, w, padding=1, stride=2, groups=3)]

    for name in ("depthwise", "depthwise_weight_gradient", "transposed_depthwise"):
        # of finite numbers, as a product of two NaNs has the sign of either
        assert_programs_agree(call, [(5, 3, 4, 3), (3, 1, 3, 3)], dtype, name, draws=(normal, normal))


def test_what_is_printed_has_numpys_form():
    program = ntb.function(lambda *arrays: gradients(recurrent, *arrays)).trace(*ARRAYS)
    assert "def _retreat(" in program.source
    assert "_retreat_loop" not in program.source
    answer, _ = run_source(program, ARRAYS)
    assert_same(answer, gradients(recurrent, *ARRAYS), "as source")


def test_other_dtypes_stay_with_numpy():
    for dtype in (np.float16, np.longdouble, np.complex128):
        arrays = [x.astype(dtype) for x in ARRAYS]
        traced = ntb.function(recurrent)
        assert not any("lstm" in key for key in program_of(traced, *arrays).kernels)
        assert_same(traced(*arrays), recurrent(*arrays), dtype.__name__)


def test_numpy_warns_of_what_a_loop_meets():
    traced = ntb.function(recurrent)
    assert program_of(traced, *ARRAYS).kernels
    arrays = [ARRAYS[0], ARRAYS[1], np.full((2, 4), np.inf), *ARRAYS[3:]]
    arrays[-1] = np.full(16, -np.inf)  # a gate of 0 times infinity
    found = []
    for call in (recurrent, traced):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found.append((call(*arrays), {str(w.message) for w in caught}))
    assert found[0][1] == found[1][1] == {"invalid value encountered in multiply"}
    assert_same(found[0][0], found[1][0], "with warnings")
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError):
        traced(*arrays)
    assert_same(traced(*ARRAYS), recurrent(*ARRAYS), "afterwards")


def test_a_loop_that_differs_is_not_used(monkeypatch):
    monkeypatch.setattr(within, "does_the_same", lambda *_: False)
    monkeypatch.setattr(kernels, "fetch", lambda task: None)
    monkeypatch.setattr(kernels, "_compiled", {})
    traced = ntb.function(recurrent)
    assert not any("lstm" in key for key in program_of(traced, *ARRAYS).kernels)
    assert_same(traced(*ARRAYS), recurrent(*ARRAYS), "by NumPy")


def test_they_can_be_turned_off():
    assert not program_of(ntb.function(recurrent, compile=False), *ARRAYS).kernels
    with ntb.tuned.off():
        assert not any("lstm" in key for key in program_of(ntb.function(recurrent), *ARRAYS).kernels)


def test_another_thread_goes_on_with_numpy():
    called = []

    @looped(lambda x: None)
    def step(x):
        called.append(x)

    def choice(function):
        thread = threading.Thread(target=step, args=("elsewhere",))
        thread.start()
        thread.join()
        return lambda x: called.append(f"{x}, by a loop")

    with instead(choice):
        step("here")
    step("after")
    assert called == ["elsewhere", "here, by a loop", "after"]
