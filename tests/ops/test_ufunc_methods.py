"""`reduce`, `accumulate`, `reduceat` and `outer` of ufuncs, in all shapes; what is refused."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntb

QUICK = settings(max_examples=30)
FOLDING = (np.subtract, np.divide, np.power, np.logaddexp, np.logaddexp2, np.hypot, np.arctan2, np.float_power, np.fmax)


def gradient(f, x):
    with ntb.Tape() as tape:
        t = tape.watch(x)
        y = f(t)
        total = np.sum(y * np.cos(np.arange(y.size)).reshape(y.shape))
    return y.numpy(), tape.gradient(total, t).numpy()


def slices(t, axis):
    return [t[(slice(None),) * (axis % t.ndim) + (i,)] for i in range(t.shape[axis])]


@QUICK
@given(data=st.data())
def test_a_reduction_is_the_ufunc_applied_from_element_to_element(data):
    """The value and the derivative against a loop over the slices, which records every step."""
    f = data.draw(st.sampled_from(FOLDING))
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = np.random.default_rng(data.draw(st.integers(0, 99))).uniform(0.5, 1.5, shape)
    if data.draw(st.booleans()):
        x = np.asfortranarray(x)
    expected = gradient(lambda t: functools.reduce(f, slices(t, axis)) * 1, x)
    for found, e in zip(gradient(lambda t: f.reduce(t, axis), x), expected, strict=True):
        np.testing.assert_allclose(found, e, rtol=1e-12, atol=1e-14)
    so_far = gradient(lambda t: f.accumulate(t, axis)[(slice(None),) * (axis % t.ndim) + (-1,)], x)
    for found, e in zip(so_far, expected, strict=True):
        np.testing.assert_allclose(found, e, rtol=1e-12, atol=1e-14)

    indices = data.draw(st.lists(st.integers(0, shape[axis] - 1), min_size=1, max_size=4))
    ends = [*indices[1:], shape[axis]]

    def parts(t):
        each = slices(t, axis)
        parts = [
            functools.reduce(f, each[i : max(j, i + 1)]) if j > i else each[i]
            for i, j in zip(indices, ends, strict=True)
        ]
        return np.stack(parts, axis)

    for found, e in zip(gradient(lambda t: f.reduceat(t, indices, axis), x), gradient(parts, x), strict=True):
        np.testing.assert_allclose(found, e, rtol=1e-12, atol=1e-14)


@pytest.mark.uncounted
@pytest.mark.parametrize("f", [np.add, np.multiply, np.maximum, np.logaddexp, np.hypot])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1), (2, 0)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions_over_several_axes_leave_out_what_they_are_told_to(f, axis, keepdims):
    x = 0.5 + np.random.default_rng(0).permutation(12).reshape(2, 3, 2) / 12
    where = np.array([[True], [False], [True]])
    for options in ({}, {"initial": 0.71}, {"initial": 0.25, "where": where}):
        call = lambda t, options=options: f.reduce(t, axis, keepdims=keepdims, **options)
        np.testing.assert_allclose(call(ntb.tensor(x)).numpy(), call(x), rtol=1e-14)
        ntb.check_gradients(call, x, directions=3)


def test_of_ties_every_kind_of_reduction_gives_the_whole_gradient():
    x = np.array([2.0, 2.0, 1.0])
    np.testing.assert_array_equal(gradient(np.maximum.reduce, x)[1], [0.5, 0.5, 0])
    _, g = gradient(lambda t: np.maximum.accumulate(t)[1:], x)
    np.testing.assert_allclose(g, [(1 + np.cos(1)) / 2, (1 + np.cos(1)) / 2, 0])


def test_accumulation_goes_along_the_first_axis():
    x = np.arange(6.0).reshape(2, 3)
    for f in (np.add, np.multiply, np.subtract):
        np.testing.assert_array_equal(f.accumulate(ntb.tensor(x)).numpy(), f.accumulate(x))
        np.testing.assert_array_equal(f.reduce(ntb.tensor(x)).numpy(), f.reduce(x))


def test_reductions_of_whole_numbers_and_bools():
    t, x = ntb.tensor([12, 18, 8]), np.array([12, 18, 8])
    for f in (np.gcd, np.lcm, np.bitwise_or, np.bitwise_and, np.logical_xor, np.floor_divide):
        found = f.reduce(t)
        assert found.dtype == f.reduce(x).dtype and found.numpy() == f.reduce(x)
    with ntb.Tape() as tape:
        y = tape.watch([1.5, 0.0])
        assert not np.logical_and.reduce(y).numpy() and np.logical_or.reduce(y).numpy()
        flat = np.sum(np.floor_divide.reduce(y + 1))
    np.testing.assert_array_equal(tape.gradient(flat, y, unconnected="zero").numpy(), 0.0)


def test_what_a_ufunc_cannot_do_with_tensors_says_why():
    t = ntb.tensor([1.0, 2.0])
    refused = [
        (lambda: np.add(t, t, where=np.array([True, False])), ntb.GradientError, r"np\.where\(mask"),
        (lambda: np.exp(t, where=t > 1), ntb.GradientError, "undefined"),
        (lambda: np.copysign.reduce(t), ntb.GradientError, r"copysign\.reduce"),
        (lambda: np.subtract.at(t, [0], 1.0), ntb.MutationError, r"\.at\["),
        (lambda: np.arctan2.reduce(t, where=t > 1), ntb.GradientError, "where="),
        (lambda: np.divide.reduce(t, where=t > 1), ntb.InputError, "initial="),
        (lambda: np.add.reduce(t, out=np.zeros(())), ntb.MutationError, "out="),
    ]  # fmt: skip
    for call, error, message in refused:
        with pytest.raises(error, match=message):
            call()
    np.testing.assert_array_equal(np.add(t, t, where=True).numpy(), [2.0, 4.0])


def test_a_mask_may_be_a_tensor():
    x = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
    for f in (np.sum, np.mean, np.prod, np.var, np.std, np.nansum, np.nanmean, np.nanstd):
        call = lambda t, f=f: f(t, axis=1, where=t > 0)
        np.testing.assert_array_equal(call(ntb.tensor(x)).numpy(), call(x))
        ntb.check_gradients(call, x, directions=3)
        np.testing.assert_array_equal(np.asarray(ntb.function(call)(x)), call(x))


def test_what_a_maximum_leaves_out_gets_no_gradient_be_it_nan():
    x = np.array([np.nan, 1.0, 3.0])
    call = lambda t: np.max(t, initial=9.0, where=np.array([False, True, True]))
    np.testing.assert_array_equal(gradient(call, x)[1], 0.0)
