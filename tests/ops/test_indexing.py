"""Indexing and assignment with random index expressions, against NumPy's own `np.add.at` and loops over elements."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import ntb

SIZES = st.lists(st.integers(0, 3), min_size=0, max_size=3).map(tuple)
MANY = settings(max_examples=100)


@st.composite
def slices(draw, n):
    ends = st.none() | st.integers(-n - 1, n + 1)
    return slice(draw(ends), draw(ends), draw(st.none() | st.sampled_from([1, 2, 3, -1, -2])))


@st.composite
def expressions(draw, shape):
    """An index of any form: integers, slices, None, Ellipsis, masks, arrays and lists of integers, and mixtures."""
    common = draw(st.sampled_from([(), (1,), (2,), (3,), (2, 1), (0,)]))
    parts, axis, ellipsis = [], 0, False
    while axis < len(shape) and draw(st.integers(0, 5)):
        n = shape[axis]
        kind = draw(st.sampled_from(["int", "slice", "none", "ellipsis", "mask", "array", "list", "whole mask"]))
        if kind == "int" and n:
            parts.append(draw(st.sampled_from([int, np.int64]))(draw(st.integers(-n, n - 1))))
        elif kind == "slice":
            parts.append(draw(slices(n)))
        elif kind == "mask":
            parts.append(np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool))
        elif kind in ("array", "list") and n:
            size = int(np.prod(common, dtype=int))
            array = np.array(draw(st.lists(st.integers(-n, n - 1), min_size=size, max_size=size)), int).reshape(common)
            parts.append(array.tolist() if kind == "list" and array.size else array)
        elif kind == "none":
            parts.append(None)
            continue
        elif kind == "ellipsis" and not ellipsis:
            parts.append(...)
            ellipsis, axis = True, draw(st.integers(axis, len(shape)))
            continue
        elif kind == "whole mask" and axis == 0 and not parts:
            size = int(np.prod(shape, dtype=int))
            return np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool).reshape(shape)
        else:
            continue
        axis += 1
    return parts[0] if len(parts) == 1 and draw(st.booleans()) else tuple(parts)


@st.composite
def indexed(draw):
    shape = draw(SIZES)
    index = draw(expressions(shape))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = rng.normal(size=shape)
    try:
        picked = x[index]
    except IndexError:  # arrays and masks of lengths that do not go together
        assume(False)
    return x, index, rng.normal(size=np.shape(picked)), rng


@MANY
@given(indexed())
def test_the_gradient_of_an_index_is_what_add_at_makes(case):
    x, index, weights, rng = case
    with ntb.Tape(persistent=True) as outer:
        t = outer.watch(x)
        with ntb.Tape() as tape:
            tape.watch(t)
            y = t[index]
            loss = np.sum(weights * y)
        np.testing.assert_array_equal(y.numpy(), x[index])
        g = tape.gradient(loss, t)
        seeds = outer.watch(weights)
        with ntb.Tape() as tape:
            tape.watch(t)
            y = t[index]
        pull = tape.gradient(y, t, seed=seeds)
    expected = np.zeros(x.shape)
    np.add.at(expected, index, weights)
    np.testing.assert_allclose(g.numpy(), expected, rtol=1e-13)
    back = rng.normal(size=x.shape)  # the pullback is linear in the seed; its own gradient gathers
    found = outer.gradient(pull, seeds, seed=back)
    np.testing.assert_allclose(found.numpy(), back[index], rtol=1e-13)


@MANY
@given(indexed())
def test_indices_that_are_tensors(case):
    x, index, weights, _ = case
    parts = index if isinstance(index, tuple) else (index,)
    parts = tuple(ntb.tensor(p) if isinstance(p, np.ndarray) else p for p in parts)
    with ntb.Tape() as tape:
        t = tape.watch(x)
        y = t[parts if isinstance(index, tuple) else parts[0]]
    expected = np.zeros(x.shape)
    np.add.at(expected, index, weights)
    np.testing.assert_array_equal(y.numpy(), x[index])
    np.testing.assert_allclose(tape.gradient(y, t, seed=weights).numpy(), expected, rtol=1e-13)


COMBINE = {
    "set": lambda old, new: new,
    "add": lambda old, new: old + new,
    "multiply": lambda old, new: old * new,
    "divide": lambda old, new: old / new,
    "max": lambda old, new: max(old, new),
    "min": lambda old, new: min(old, new),
}


@pytest.mark.uncounted
@MANY
@given(indexed(), st.sampled_from(sorted(COMBINE)), st.booleans())
def test_assignment_at_an_index(case, method, broadcast):
    """Every element by a loop in the order of the index, and derivatives against numerical ones."""
    x, index, weights, _ = case
    values = weights[..., :1] if broadcast and weights.ndim else weights
    values = np.where(np.abs(values) < 0.2, values + 0.5, values)
    expected = x.copy()
    names = np.arange(x.size).reshape(x.shape)[index]
    for name, new in zip(np.ravel(names), np.ravel(np.broadcast_to(values, names.shape)), strict=True):
        expected.flat[name] = COMBINE[method](expected.flat[name], new)

    def call(t, v):
        return getattr(t.at[index], method)(v)

    found = call(ntb.tensor(x), ntb.tensor(values))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)
    assert found.dtype == x.dtype and found.shape == x.shape
    if x.size and values.size:
        check(call, x, values, expected)


def check(call, x, values, result):
    """Gradients of sum(w * y), and the second order where it is not 0, by differences."""
    near = np.abs(x.ravel()[:, None] - values.ravel()).min() < 0.05  # a kink of max and min
    twice = len(np.unique(values)) != values.size
    if not near and not twice and np.abs(result).max() < 50:
        ntb.check_gradients(call, x, values, order=2)


def test_repeated_indices_and_ties():
    t = ntb.tensor([2.0, 3.0])
    with ntb.Tape(persistent=True) as tape:
        tape.watch(t)
        v = tape.watch([5.0, 0.0, 7.0])
        product = t.at[[0, 0, 1]].multiply(v)
        largest = t.at[[0, 0, 0]].max(tape.watch([2.0, 1.0, 2.0]))
    np.testing.assert_array_equal(product.numpy(), [0, 21])
    dt, dv = tape.gradient(product, [t, v], seed=[1.0, 1.0])
    np.testing.assert_array_equal(dt.numpy(), [0, 7])
    np.testing.assert_array_equal(dv.numpy(), [0, 10, 3])  # of 2 · 5 · 0 and 3 · 7
    np.testing.assert_allclose(tape.gradient(largest, t, seed=[1.0, 1.0]).numpy(), [1 / 3, 1])


def test_complex_numbers_are_multiplied_at_an_index():
    z = np.array([[1 + 2j, -0.5j, 0.3], [2 - 1j, 1j, -1.5 + 0.5j]])
    ntb.check_gradients(lambda z: z.at[[0, 0]].multiply(z[:2]), z, order=2, directions=3)


def test_assignment_keeps_the_dtype_or_says_why_not():
    t = ntb.tensor(np.array([1, 2]))
    np.testing.assert_array_equal(t.at[[0, 0]].multiply([3, 4]).numpy(), [12, 2])
    np.testing.assert_array_equal(t.at[[1, 1]].max([3, 4]).numpy(), [1, 4])
    np.testing.assert_array_equal(t.at[1:].min(0).numpy(), [1, 0])
    for wrong in (lambda: t.at[0].divide(2), lambda: t.at[0].multiply(0.5), lambda: t.at[0].add(1j)):
        with pytest.raises(ntb.InputError, match="int64"):
            wrong()
    assert ntb.tensor([False, False]).at[[1, 1]].max([True, False]).tolist() == [False, True]
    single = ntb.tensor(np.ones(2, np.float32))
    for method in COMBINE:
        assert getattr(single.at[[0, 0]], method)([2.0, 3.0]).dtype == np.float32
    assert ntb.Variable([1.0, 2.0]).at[[1, 1]].multiply(3.0).tolist() == [1.0, 18.0]
    assert t.at[np.zeros(0, int)].multiply(np.zeros(0, int)).tolist() == [1, 2]


def test_assignment_replays():
    @ntb.function
    def f(x, v, i):
        with ntb.Tape() as tape:
            tape.watch(x)
            tape.watch(v)
            y = np.sum(np.cos(x.at[i].multiply(v) + x.at[i].max(v)) + x.at[x > 0].add(1.0))
        return y, tape.gradient(y, [x, v])

    rng = np.random.default_rng(0)
    for i in ([0, 1, 2], [0, 0, 1], [2, 2, 2], [0, 0, 1]):
        x, v, i = rng.normal(size=4), rng.normal(size=3), np.array(i)
        expected = f.function(ntb.tensor(x), ntb.tensor(v), ntb.tensor(i))
        y, gradients = f(x, v, i)
        np.testing.assert_array_equal(np.asarray(y), np.asarray(expected[0]))
        for a, b in zip(gradients, expected[1], strict=True):
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


def test_what_a_mask_picks_is_counted_anew_in_every_replay():
    @ntb.function
    def f(x):
        with ntb.Tape() as tape:
            tape.watch(x)
            y = np.mean(x[x > 0])
        return tape.gradient(y, x)

    for x in ([1.0, -1.0, -1.0], [1.0, 2.0, -1.0], [1.0, 2.0, 4.0]):
        picked = np.array(x) > 0
        np.testing.assert_allclose(np.asarray(f(np.array(x))), picked / picked.sum())


@given(st.integers(1, 9), st.integers(10, 60), st.integers(16, 40), st.integers(0, 2**32 - 1))
def test_rows_that_are_named_many_times(rows, picks, width, seed):
    """Wide rows, each picked often, as words of a text are: they are sorted and summed, not added one by one."""
    rng = np.random.default_rng(seed)
    index = rng.integers(-rows, rows, (picks, 1))
    weights = rng.integers(-9, 9, (picks, 1, width)).astype(float)
    expected = np.zeros((rows, width))
    np.add.at(expected, index, weights)
    np.testing.assert_array_equal(ntb.grad(lambda x: np.sum(x[index] * weights))(np.ones((rows, width))), expected)
