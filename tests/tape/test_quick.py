"""The quick methods of operators and their shortcuts give what the general ones give, to the last bit."""

from contextlib import contextmanager

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import ntb
from ntb.tape import quick
from ntb.tape.tensor import ArrayLike
from tests.replay.parity import assert_same
from tests.replay.steps import STEPS


@contextmanager
def without_quick():
    quick.remove()
    try:
        yield
    finally:
        quick.install()


def run(n, dtype, chosen, seed):
    """What a random program computes, its first and second derivatives, and what its tapes wrote down."""
    rng = np.random.default_rng(seed)
    w = ntb.Variable(rng.normal(size=(n, n)).astype(dtype), name="w")
    x = rng.normal(size=(n, n)).astype(dtype)
    surroundings = {"w": w, "lr": 0.1, "const": x + 1, "rng": ntb.random.generator(seed)}
    with ntb.Tape(persistent=True) as outer:
        t = outer.watch(x)
        with ntb.Tape(persistent=True) as inner:
            h = [t * 1.0, -t]
            for step in chosen:
                h.append(step(h, surroundings))
            loss = np.mean(h[-1] ** 2) + abs(np.sum(h[0][0] / 3))
        first = inner.gradient(loss, [t, w], unconnected="zero")
        total = sum(np.sum(np.sin(g)) for g in first)
    plain = inner.gradient(loss, [t, w], unconnected="zero")  # on bare arrays, since nobody listens
    second = outer.gradient(total, [t, w], unconnected="zero")
    records = [(r.operation, r.args, r.value, r.inputs) for r in inner.records]
    shapes = [[(p, x.shape, x.dtype) for p, x in r.inputs] for r in inner.records]
    kinds = [[type(a) for a in (*args, value)] for _, args, value, _ in records]
    return (loss, h[-1], *first, *plain, *second), [o for o, *_ in records], kinds, shapes


@given(
    st.sampled_from([1, 3, 4]), st.sampled_from([np.float32, np.float64]),
    st.lists(st.sampled_from(STEPS), max_size=8), st.integers(0, 9),
)  # fmt: skip
def test_random_programs_with_and_without(n, dtype, chosen, seed):
    with np.errstate(all="ignore"):
        found = run(n, dtype, chosen, seed)
        with without_quick():
            expected = run(n, dtype, chosen, seed)
    assert_same(found[0], expected[0], "with quick methods")
    assert found[1:] == expected[1:]


T = ntb.tensor([1.5, -2.0])
OPERANDS = [T, ntb.tensor([1, 2]), ntb.Variable([0.5, 2.0]), np.array([3.0, 2.0]), np.float32(2), 2, 2.5, [1.0, 2.0],
            ntb.tensor(2.0), ntb.tensor([1 + 2j, 2]), True, None, "a", np.array([True, False])]  # fmt: skip


def outcome(f, *args):
    """The result's form and bits, or the error's."""
    try:
        with np.errstate(all="ignore"):
            y = f(*args)
    except Exception as error:
        return type(error), str(error), getattr(error, "__notes__", None)
    return type(y), np.shape(y), getattr(y, "dtype", None), np.asarray(y).tobytes()


@pytest.mark.parametrize("name", [*quick.replaced])
def test_each_method_with_any_operand(name):
    one = [a for a in OPERANDS if isinstance(a, ArrayLike)]
    if name == "__array_ufunc__":
        calls = [(u, "__call__", a, b) for u in (np.add, np.power, np.maximum) for a in OPERANDS[:7] for b in one]
        calls += [(u, "__call__", a) for u in (np.tanh, np.sign, np.isfinite) for a in one]
        method = lambda ufunc, how, *args: getattr(next(a for a in args if isinstance(a, ArrayLike)), name)(
            ufunc, how, *args
        )
    else:
        calls = [(a,) for a in one] if name in ("__neg__", "__abs__") else [(a, b) for a in one for b in OPERANDS]
        method = lambda a, *rest: getattr(type(a), name)(a, *rest)
    found = [outcome(method, *call) for call in calls]
    with without_quick():
        expected = [outcome(method, *call) for call in calls]
    assert found == expected


def test_quick_methods_are_those_that_run():
    assert quick.replaced.keys() >= {"__add__", "__radd__", "__neg__", "__getitem__", "__array_ufunc__"}
    assert all(vars(ArrayLike)[name] is not general for name, general in quick.replaced.items())
    with without_quick():
        assert all(vars(ArrayLike)[name] is general for name, general in quick.replaced.items())
