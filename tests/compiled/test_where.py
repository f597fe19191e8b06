"""`np.where` in programs: of large arrays by a mask, in loops as one of their steps, and always with its own bits."""

import numpy as np
import pytest

import ntb
from ntb import nn
from ntb.compiled import kernels
from ntb.replay.calls import choose
from tests.replay.parity import assert_same

SPECIAL = np.array([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan, 5e-324, 700.0, -3.5])


def drawn(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        return np.where(rng.random(shape) < 0.25, rng.choice(SPECIAL, shape), rng.normal(size=shape)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shapes", [[(90, 500)] * 3, [(90, 1), (90, 500), (500,)], [(500,), (), (90, 500)]])
def test_choosing_by_a_mask_gives_the_same_bits(shapes, dtype):
    of_condition, of_x, of_y = shapes
    condition = np.random.default_rng(1).random(of_condition) < 0.5
    x, y = drawn(of_x, dtype, 2), drawn(of_y, dtype, 3)
    for a, b in ((x, y), (x, drawn((90, 500), dtype)), (0, drawn((90, 500), dtype)), (drawn((90, 500), dtype), -0.1)):
        expected = np.where(condition, a, b)
        for order in "CF":
            out = np.empty(expected.shape, dtype, order)
            assert choose(condition, a, b, out) is out and out.tobytes() == expected.tobytes()


@pytest.mark.parametrize("order", "CF")
def test_a_new_array_lies_in_memory_as_that_of_numpy(order):
    condition, x, y = [np.asarray(drawn((90, 500), np.float32, i), order=order) for i in range(3)]
    for a, b in ((x, y), (x, 0), (0.5, y)):
        found, expected = choose(condition > 0, a, b), np.where(condition > 0, a, b)
        assert found.tobytes() == expected.tobytes()
        assert found.strides == expected.strides and found.dtype == expected.dtype


@pytest.mark.parametrize("loops", ["0", "now"])
@pytest.mark.parametrize("f", [nn.leaky_relu, nn.elu, nn.mae], ids=lambda f: f.__name__)
@pytest.mark.parametrize("size", [3, 3000])
def test_eager_and_replayed_agree(f, size, loops, at_once, monkeypatch):
    monkeypatch.setenv("NTB_COMPILE", loops)

    def step(x):
        with ntb.Tape() as tape:
            tape.watch(x)
            y = f(x) if f is not nn.mae else f(x, np.flip(x))
            loss = np.sum(y * 2.0)
        return loss, tape.gradient(loss, x) * 1.0

    traced = ntb.function(step)
    with np.errstate(all="ignore"):
        for seed in range(5):
            x = ntb.tensor(drawn((4, size), np.float32, seed))
            assert_same(traced(x), step(x), f.__name__)


@pytest.mark.skipif(not kernels.is_there(), reason="numba is not installed (the extra `fast`)")
def test_a_loop_selects(at_once):
    f = ntb.function(lambda x, y: np.sum(np.where(x > y, x * 2.0, np.where(y < 1.0, 0.0, np.sign(y) - x))))
    x, y = drawn((40, 300), np.float32, 5), drawn((40, 300), np.float32, 6)
    with np.errstate(all="ignore"):
        results = [f(x, y) for _ in range(4)]
    (source,) = f.programs[-1].kernels.values()
    assert source.count(" != 0 else ") == 2
    assert all(np.array_equal(r, results[0], equal_nan=True) for r in results)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.where(x > 0, x, x.astype(np.float64)),
        lambda x: np.where(x, x, -x),
        lambda x: np.where(x > 0, x, 1j),
        lambda x: np.where((x > 0)[0], x, np.float64(0.1)),
    ],
)
def test_other_types_stay_with_numpy(f):
    x = drawn((90, 500), np.float32)
    traced = ntb.function(lambda x: f(x) * 1)
    with np.errstate(all="ignore"):
        for _ in range(4):
            assert_same(traced(x), f(x) * 1, "where")
