"""Compiled loops give the bits of NumPy, or are not used: random programs, special values, all layouts, warnings."""

import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb
from ntb import nn
from ntb.blockwise import BLOCK
from ntb.compiled import agreement, kernels, tiers
from ntb.compiled.compiler import machine_code
from ntb.compiled.entry import function_of
from ntb.compiled.symbols import Opening
from ntb.replay.code import Ref
from ntb.tape.rules import table
from tests import oldest
from tests.replay.parity import assert_same, check, layouts
from tests.replay.programs import training_step

pytestmark = [
    pytest.mark.skipif(not kernels.is_there(), reason="numba is not installed (the extra `fast`)"),
    pytest.mark.usefixtures("at_once"),
]


def program_of(f, *args):
    """The program of a function that was called until its loops were compiled."""
    for _ in range(3):
        f(*args)
    return f.programs[-1]


@pytest.mark.uncounted
@settings(max_examples=8)
@given(st.data())
def test_random_training_steps(data):
    with np.errstate(all="ignore"):
        check(*training_step(data.draw, calls=5), sources=False)


# --- every ufunc and primitive that is written as a loop

OPENED = sorted({operation for operation in table.values() if operation.traits.opens}, key=lambda o: o.name)
SHAPES = {
    "add_channels": [(5, 3, 7), (3,)], "centred": [(4, 6), (4, 1)], "inverse_deviation": [(4, 6), (4, 1), 1e-5],
    "less_its_part": [(4, 6), (4, 6), (4, 1), (4, 1)], "normalized": [(4, 6), (1, 6), (1, 6), (4, 1), 1e-5],
    "dropout_mask": [(4, 6), 0.5, 2.0, (4, 6)], "relu": [(4, 6)], "relu_pull": [(4, 6)] * 2, "gelu_gated": [(4, 6)] * 2,
    "gelu_gate": [(4, 6)], "silu_gate": [(4, 6)], "sigmoid": [(4, 6)], "sigmoid_pull": [(4, 6)] * 2,
    "gelu_pull": [(4, 6)] * 3, "silu_gated": [(4, 6)] * 2, "silu_pull": [(4, 6)] * 3,
    "astype": [(4, 6), np.dtype(np.float64)], "losses_of_logits_pull": [(4, 6)] * 3,
}  # fmt: skip
"""What they take: shapes of arrays, and numbers."""
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1e-30, 1e30, 700.0, -3.5])


def numbers(rng, shape, dtype):
    """Random numbers of all magnitudes, every fourth a special one."""
    x = rng.normal(size=shape) * 10.0 ** rng.uniform(-4, 4, shape)
    with np.errstate(all="ignore"):
        return np.where(rng.random(shape) < 0.25, rng.choice(SPECIAL, shape), x).astype(dtype)


def test_each_that_opens_has_a_row():
    assert {operation.name.rpartition(".")[2] for operation in OPENED} == set(SHAPES)


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("operation", OPENED, ids=lambda o: o.name)
def test_what_opens_becomes_a_loop(operation, dtype):
    """Its body runs on symbols, and the loop gives its bits for large arrays in several layouts."""
    rng = np.random.default_rng(0)
    arguments = SHAPES[operation.name.rpartition(".")[2]]
    shapes = [tuple([n * 16 if n > 1 else n for n in a]) for a in arguments if isinstance(a, tuple)]
    rest = iter([a for a in arguments if not isinstance(a, tuple)])
    order = [None if isinstance(a, tuple) else next(rest) for a in arguments]

    def call(*arrays):
        given = iter(arrays)
        return operation.function(*[next(given) if a is None else a for a in order]) * 2.0 + 1.0

    for kind in ("C", "swapped") if dtype is np.float32 else ("F", "strided"):
        traced = ntb.function(call)
        arrays = [layouts(numbers(rng, shape, dtype), kind) for shape in shapes]
        with np.errstate(all="ignore"):
            program = program_of(traced, *arrays)
            assert any(operation.name.rpartition(".")[2] in name for name in program.kernels), (kind, program)
            for _ in range(3):
                arrays = [layouts(numbers(rng, shape, dtype), kind) for shape in shapes]
                assert_same(traced(*arrays), call(*arrays), kind)


def squares(x):
    return np.power(x, 2.0)


UFUNCS = [
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.square, np.reciprocal, np.sqrt,
    np.absolute, np.sign, np.maximum, np.minimum, squares,
]  # fmt: skip


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_each_ufunc_with_broadcasts(ufunc, dtype):
    rng = np.random.default_rng(1)
    shapes = [(70, 90), (90,), (70, 1), ()]

    def call(a, row, column, number):
        of_two = getattr(ufunc, "nin", 1) == 2
        parts = [ufunc(a, other) for other in (row, column, number)] if of_two else [ufunc(a)]
        total = parts[0] * a
        for part in parts[1:]:
            total = total - part
        return np.maximum(total, row) * 0.5

    traced = ntb.function(call)
    with np.errstate(all="ignore"):
        assert program_of(traced, *[numbers(rng, shape, dtype) for shape in shapes]).kernels
        for _ in range(5):
            arrays = [numbers(rng, shape, dtype) for shape in shapes]
            assert_same(traced(*arrays), call(*arrays), ufunc.__name__)


@oldest.sums
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exp_between_two_loops(dtype):
    """On large arrays block by block, with memory for a block between them."""
    rng = np.random.default_rng(5)

    def call(x, w):
        y = nn.sigmoid(x * 2.0)
        return np.sum(y), np.sum((y - w) * y), np.sum(nn.gelu(y * w) + nn.silu(x))

    traced, size = ntb.function(call), 5 * BLOCK // np.dtype(dtype).itemsize + 3
    with np.errstate(all="ignore"):
        program = program_of(traced, *[numbers(rng, size, dtype) for _ in range(2)])
        arena = program.executable.routine.code.arena
        assert "1: np.multiply, sigmoid" in program.kernels, list(program.kernels)
        program_of(plain := ntb.function(call, compile=False), *[numbers(rng, size, dtype) for _ in range(2)])
        assert arena <= plain.programs[-1].executable.routine.code.arena + 4 * BLOCK
        for _ in range(3):
            given = [numbers(rng, size, dtype) for _ in range(2)]
            assert_same(traced(*given), call(*given), "in blocks")


@oldest.sums
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_sum_of_what_a_loop_gives(dtype):
    """It is taken block by block, so that nothing writes what only the sum reads."""

    def call(x, w):
        y = nn.sigmoid(x) - w
        return np.sum(np.square(y)) * 0.5, np.sum(w * w + w - 1.0) * 0.5, y[1] * 1.0

    traced, rng = ntb.function(call), np.random.default_rng(6)
    x, w = [rng.normal(size=(333, 800)).astype(dtype) for _ in range(2)]
    program = program_of(traced, x, w)
    assert "np.sum" in "".join(program.kernels), program.kernels
    assert not [i for i in program.executable.routine.code.instructions if i.function == np.add.reduce]
    for each in (x, x * 1e3, x * 0.0):
        assert_same(traced(each, w), call(each, w), "sums")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_of_small_arrays_that_a_loop_takes(dtype):
    """Of any length, over all axes, of what others read too; NaN, infinity, and NumPy's word of an overflow."""

    def call(x, w):
        y = x * w - 0.5
        return np.sum(y) * 1.0, np.mean(y * y + w), np.sum(x * x, axis=0) + np.sum(w + x, axis=0), y[-1] * 1.0

    rng = np.random.default_rng(7)
    for size in (1, 2, 3, 7, 8, 9, 16, 17, 127, 128, 129, 257, 511):
        x, w = [rng.normal(size=size).astype(dtype) for _ in range(2)]
        traced = ntb.function(call)
        program = program_of(traced, x, w)
        left = [i for i in program.executable.routine.code.instructions if i.function == np.add.reduce]
        assert size == 1 or not left
        for each in (x, x * 0.0, -x * 0.0, np.where(x > 1, np.nan, x), np.where(x > 1, np.inf, x).astype(dtype)):
            with np.errstate(invalid="ignore"):
                assert_same(traced(each, w), call(each, w), f"{size}")
    huge = np.full(511, np.finfo(dtype).max, dtype)
    alone = ntb.function(lambda x: np.sum(x * 0.5 - 1.0) * 1.0)
    program_of(alone, np.ones(511, dtype))
    with pytest.warns(RuntimeWarning, match="overflow encountered in reduce"):
        assert np.isinf(alone(huge))

    whole = ntb.function(lambda x: np.sum(x * 2.0 - 1.0, axis=(0, 1)) - np.sum((x - 1.0) * x * x))
    x = rng.normal(size=(7, 9)).astype(dtype)
    assert not [i for i in program_of(whole, x).executable.routine.code.instructions if i.function == np.add.reduce]
    for each in (x, np.asfortranarray(x), x.T, x[::2]):
        assert_same(whole(each), whole.function(each), "matrices")


@pytest.mark.parametrize("size", [5000, 3 * BLOCK])
def test_what_a_loop_beside_exp_must_not_hide(size):
    """Overflow of exp in the gelu is no news; that of a product after it is."""
    traced, x = ntb.function(lambda x, a: np.sum(nn.gelu(x) * a * a)), np.full(size, -40.0)
    assert program_of(traced, x, 2.0).kernels
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(traced(x, 2.0))
    with pytest.warns(RuntimeWarning, match="overflow encountered in multiply"):
        assert np.isinf(traced(-x, 1e200))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_without_axes(dtype):
    """An optimizer's steps on numbers are one loop, whatever else stands between them."""
    rng = np.random.default_rng(2)

    def call(x, v, w, rate):
        slope = np.sum(x * w)
        new = 0.9 * v + slope
        total = np.sum(np.tanh(x))  # stays with NumPy
        moved = w - rate.astype(x.dtype) * new
        return moved * 1.0, (np.maximum(moved, total) / (moved - total)) * new

    traced, plain = ntb.function(call), ntb.function(call, compile=False)
    x, *rest = [numbers(rng, shape, dtype) for shape in ((6,), (), ())]
    with np.errstate(all="ignore"):
        program = program_of(traced, x, *rest, np.array(0.5))
        for _ in range(200):
            given = [numbers(rng, shape, dtype) for shape in ((6,), (), ())] + [numbers(rng, (), float)]
            # Which of two NaNs a sum passes on is not fixed, so that one is as good as another.
            assert all(map(agreement._same, traced(*given), plain(*given)))
    assert "astype" in "".join(program.kernels)


def test_what_stands_between_calls_of_a_chain_comes_after_it():
    """Small arrays: one loop, though sums stand between its calls, which it takes; what needs a sum comes after it."""
    traced = ntb.function(lambda x: (np.sum(y := (x + 1.5) * x) + np.sum(y * 0.5), (y - np.sum(y * y)) * x * 2.0 - x))
    x = np.linspace(-1, 1, 7)
    names = [name.count("np.") for name in program_of(traced, x).kernels]
    assert names == [7, 3], names
    assert_same(traced(x), traced.function(x), "sums between")


def test_a_result_of_a_loop_that_is_viewed():
    """It is written, though no call reads it but through views; and what reads a view waits for all of it."""

    def call(x):
        y = (x + 0.5) * x - 2.0 * x
        z = y * y.T * 0.25 - y
        return np.sum(np.reshape(y, -1)[::3]), z * z + 1.0

    traced, x = ntb.function(call), np.random.default_rng(3).normal(size=(90, 90))
    names = [name.count("np.") for name in program_of(traced, x).kernels]
    assert names == [4, 3], names
    assert_same(traced(x), call(x), "viewed")


def test_integers_and_complex_numbers_stay_with_numpy():
    traced = ntb.function(lambda n, z, x: (n * 0.5 + x, z * x * 2.0 - z, (x + n) * x * 2.0 - x))
    n, x = np.arange(5000), np.linspace(0, 1, 5000)
    program_of(traced, n, x + 1j, x)
    assert_same(traced(n, x - 1j, x), traced.function(n, x - 1j, x), "integers and complex numbers")


# --- what a loop must not hide


def test_numpy_warns_of_what_a_loop_meets():
    traced = ntb.function(lambda x: x * x * 2.0 - x + 1.0)
    assert program_of(traced, np.ones(5000)).kernels
    with pytest.warns(RuntimeWarning, match="overflow encountered in multiply"):
        assert np.isinf(traced(np.full(5000, 1e300))).all()
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        traced(np.full(5000, 1e300))
    quotient = ntb.function(lambda x: 1.0 / x * 2.0 - x)
    assert program_of(quotient, np.ones(5000)).kernels
    with pytest.warns(RuntimeWarning, match="divide by zero encountered in divide"):
        quotient(np.zeros(5000))


def test_a_loop_that_differs_is_not_used(monkeypatch):
    monkeypatch.setattr(kernels, "agrees", lambda *_: False)
    traced = ntb.function(lambda x: (x + 0.125) * x - 3.25 * x)
    x = np.linspace(0, 1, 5000)
    assert not program_of(traced, x).kernels
    assert_same(traced(x), (x + 0.125) * x - 3.25 * x, "by NumPy")


def test_the_comparison_with_numpy_can_fail():
    traced = ntb.function(lambda x: (x + 0.375) * x - 1.25 * x)
    program = traced.trace(np.ones(5000))
    (kernel,) = tiers.kernels_of(tiers.with_loops(program))
    assert kernel.compile()
    wrong = kernel.loop._replace(source=kernel.loop.source.replace("+", "-"))
    assert wrong != kernel.loop
    code = function_of(machine_code(kernels.task_of(wrong)))
    assert not agreement.agrees(code, wrong, kernel.statements, kernel.values)


def test_what_is_no_row_of_ufuncs_stays():
    program = ntb.function(lambda x: np.tanh(np.sum(x, axis=0) + 1.0)).trace(np.ones((8, 5000)))
    opening = Opening(program.code)
    assert not any(opening.add(i) for i in program.code.instructions if type(i.result) is Ref and "sum" in str(i))
    assert not opening.statements


def trained(compile):
    """Losses and parameters of ten steps: convolution, batch norm, pooling, dropout, gelu, layer norm, Adam."""
    ntb.random.seed(0)
    x = np.random.default_rng(0).normal(size=(16, 3, 12, 12)).astype(np.float32)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding="same"), nn.BatchNorm(8), nn.relu, nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.2), nn.Linear(8 * 36, 32), nn.gelu, nn.LayerNorm(32), nn.Linear(32, 10),
    )  # fmt: skip
    parameters = model.trainable_variables()
    optimizer = ntb.optim.Adam(1e-3)

    @ntb.function(compile=compile)
    def step(x, y):
        with ntb.Tape() as tape:
            loss = nn.cross_entropy(model(x, train=True), y)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    losses = [step(x, np.arange(16) % 10) for _ in range(10)]
    assert bool(step.programs[-1].kernels) == compile
    return [*losses, *(p.value for p in parameters)]


@pytest.mark.uncounted
def test_a_network_with_and_without_loops():
    assert_same(trained(True), trained(False), "with and without loops")
