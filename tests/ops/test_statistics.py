"""Statistics at special points: ties, NaN, nothing, the ends of the data; complex numbers; what is refused."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntb
from ntb.ops.integrals import i0_slope, sinc_slope

from ..samples.quantiles import METHODS

QUICK = settings(max_examples=60)


def gradient(f, x, seed=None):
    with ntb.Tape() as tape:
        t = tape.watch(x)
        y = f(t)
        total = np.sum(y if seed is None else y * seed)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return tape.gradient(total, t, unconnected="zero").numpy()


# --- quantiles


@QUICK
@given(data=st.data())
def test_quantiles_are_averages_with_their_gradients_as_weights(data):
    """Of any data, with ties and NaN: the weights are not negative, sum to 1, and give the value."""
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    some = st.lists(st.integers(-len(shape), -1), min_size=1, unique=True).map(tuple)
    axis = data.draw(st.none() | st.integers(0, len(shape) - 1) | some)
    method = data.draw(st.sampled_from(METHODS))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x = rng.integers(-2, 3, shape) * 1.5
    q = data.draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1))
    nan = data.draw(st.booleans())
    if nan:
        x[rng.random(shape) < 0.3] = np.nan
    f = np.nanquantile if nan else np.quantile
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # slices of nothing but NaN
        y = f(x, q, axis=axis, method=method, keepdims=True)
        w = gradient(lambda t: f(t, q, axis=axis, method=method), x)
    assert np.all(w >= 0) and not np.any(w[np.isnan(x)])
    reduced = tuple(range(x.ndim)) if axis is None else axis
    np.testing.assert_allclose(np.sum(w * np.nan_to_num(x), reduced, keepdims=True), np.nan_to_num(y), atol=1e-12)
    np.testing.assert_allclose(np.sum(w, reduced, keepdims=True), ~np.isnan(y), atol=1e-12)


def test_the_median_at_special_points():
    np.testing.assert_array_equal(gradient(np.median, [2.0, 1.0, 1.0, 3.0]), [0.5, 0, 0.5, 0])
    np.testing.assert_array_equal(gradient(np.median, [2.0, 2.0, 2.0]), [0, 1, 0])  # a stable order
    np.testing.assert_array_equal(gradient(np.median, [2.0, np.nan, 1.0]), [0, 1, 0])  # where the NaN came from
    np.testing.assert_array_equal(gradient(np.nanmedian, [2.0, np.nan, 1.0]), [0.5, 0, 0.5])
    np.testing.assert_array_equal(gradient(np.median, 3.0), 1.0)
    assert gradient(np.median, np.float32([1, 5, 2])).dtype == np.float32


def test_quantiles_follow_q_inside_the_data_and_not_beyond():
    x = np.array([1.0, 3.0, 4.0, 9.0])
    slope = lambda method, q: gradient(lambda t: np.quantile(x, t, method=method), q)
    np.testing.assert_allclose(slope("linear", np.array([0.0, 0.5, 1.0])), [6, 3, 15])
    np.testing.assert_allclose(slope("hazen", np.array([0.01, 0.3, 0.99])), [0, 8, 0])
    np.testing.assert_array_equal(slope("nearest", np.array([0.2, 0.4])), 0)
    np.testing.assert_array_equal(gradient(lambda t: np.quantile(np.ones(1), t), 0.3), 0)
    np.testing.assert_allclose(gradient(lambda t: np.percentile([1, 3], t), 30.0), 0.02)


# --- NaN


def test_where_all_is_nan_the_gradient_is_zero_and_nothing_warns():
    x = np.array([[np.nan, 1.0, 2.0], [np.nan, np.nan, np.nan]])
    calls = [np.nansum, np.nanprod, np.nanmax, np.nanmin, np.nanmean, np.nanvar, np.nanstd, np.nanmedian]
    for f in (*calls, lambda t, axis: np.nanquantile(t, [0.2, 0.6], axis=axis)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with ntb.Tape(persistent=True) as tape:
                t = tape.watch(x)
                y = f(t, axis=1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            g = tape.gradient(y, t, seed=np.ones(y.shape)).numpy()
        assert np.all(g[np.isnan(x)] == 0) and np.any(g[0])
        with ntb.Tape() as outer:
            t = outer.watch(x)
            with ntb.Tape() as inner:
                inner.watch(t)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    y = f(t, axis=1)
            g = inner.gradient(y, t, seed=np.ones(y.shape))
            total = np.sum(g * g)
        second = outer.gradient(total, t, unconnected="zero").numpy()
        assert np.all(np.isfinite(second)) and np.all(second[np.isnan(x)] == 0)


def test_equal_extremes_share_the_gradient_beside_nan():
    np.testing.assert_array_equal(gradient(np.nanmax, [1.0, np.nan, 1.0, 0.0]), [0.5, 0, 0.5, 0])
    np.testing.assert_array_equal(gradient(np.nanmin, [-np.inf, np.nan, 1.0]), [1, 0, 0])
    np.testing.assert_array_equal(gradient(np.nanstd, [2.0, np.nan, 2.0]), 0)


# --- averages


def test_through_a_mean_that_is_given_the_gradient_is_the_same():
    x = np.random.default_rng(0).normal(size=(2, 5))
    for f in (np.var, np.std):
        plain = gradient(lambda t, f=f: f(t, axis=1), x, [1.0, 3.0])
        given_mean = gradient(lambda t, f=f: f(t, axis=1, mean=np.mean(t, axis=1, keepdims=True)), x, [1.0, 3.0])
        np.testing.assert_allclose(given_mean, plain, atol=1e-14)
    constant = lambda t: np.std(t, mean=np.mean(t, keepdims=True))
    np.testing.assert_array_equal(gradient(constant, np.ones(3)), 0)


def test_a_constant_has_no_correlation_and_no_gradient():
    x = np.array([[1.0, 2.0, 4.0], [1.0, 1.0, 1.0]])
    with np.errstate(invalid="ignore"):
        assert np.all(np.isfinite(gradient(np.corrcoef, x, np.arange(4.0).reshape(2, 2))))


def test_numpy_itself_refuses_bad_arguments():
    t = ntb.tensor([1.0, 2.0, 3.0])
    for call in (
        lambda: np.cov(t, aweights=[-1, 1, 1]),
        lambda: np.quantile(t, 1.5),
        lambda: np.quantile(t, 0.5, method="none"),
        lambda: np.interp(t, [1.0, 2.0], [1.0]),
        lambda: np.average(t, 0, weights=[1.0, 2.0]),
        lambda: np.trim_zeros(t, "x"),
        lambda: np.diff(t, -1),
        lambda: np.gradient(t, [1.0, 2.0]),
        lambda: np.gradient(t, edge_order=3),
        lambda: np.vander(np.outer(t, t)),
        lambda: np.polyder(t, -1),
    ):
        with pytest.raises(ValueError):
            call()


def test_histograms_are_differentiable_in_their_weights_only():
    with ntb.Tape() as tape:
        x = tape.watch([0.1, 0.6, 0.7])
        counts, edges = np.histogram(x, 3)
        total = np.sum(edges)
        with pytest.raises(ntb.GradientError, match="edges are a setting"):
            np.histogram_bin_edges(x)
        with pytest.raises(ntb.GradientError, match="in their weights"):
            np.histogramdd(np.stack([x, x]).T, weights=x)
        with pytest.raises(ntb.GradientError, match="full=True"):
            np.polyfit(x, x, 1, full=True)
    assert counts.numpy().tolist() == [1, 0, 2]
    with pytest.raises(ntb.GradientError, match="'a'"):
        tape.gradient(total, x)


# --- sets


def test_of_equal_elements_the_first_is_picked():
    x = np.array([3.0, 1.0, 3.0])
    np.testing.assert_array_equal(gradient(np.unique, x), [1, 1, 0])
    np.testing.assert_array_equal(gradient(lambda t: np.union1d(t, [5.0, 3.0]), x), [1, 1, 0])
    np.testing.assert_array_equal(gradient(lambda t: np.intersect1d(t, [5.0, 3.0]), x), [1, 0, 0])
    np.testing.assert_array_equal(gradient(lambda t: np.setdiff1d(t, [1.0]), x), [1, 0, 0])
    np.testing.assert_array_equal(gradient(lambda t: np.setxor1d(t, [1.0, 2.0]), x), [1, 0, 0])
    np.testing.assert_array_equal(gradient(lambda t: np.trim_zeros(t - 3.0), x), [0, 1, 0])
    if np.lib.NumpyVersion(np.__version__) >= "2.2.0":  # before it trims vectors only
        assert np.trim_zeros(ntb.tensor(np.zeros((2, 2)))).shape == np.trim_zeros(np.zeros((2, 2))).shape


def test_named_results_keep_their_names():
    found = np.unique_counts(ntb.tensor([2.0, 1.0, 2.0]))
    assert type(found) is type(np.unique_counts(np.zeros(1)))
    assert found.values.numpy().tolist() == [1.0, 2.0] and found.counts.numpy().tolist() == [1, 2]


def test_a_program_finds_other_unique_values_in_other_data():
    traced = ntb.function(lambda x: (np.unique(x), gradient_of_squares(x)))
    for x in ([1.0, 2.0, 1.0, 2.0], [2.0, 3.0, 3.0, 2.0], [5.0, -1.0, -1.0, -1.0]):
        y, g = traced(np.array(x))
        np.testing.assert_array_equal(np.asarray(y), np.unique(x))
        np.testing.assert_array_equal(np.asarray(g), np.asarray(gradient_of_squares(ntb.tensor(x))))


def gradient_of_squares(x):
    with ntb.Tape() as tape:
        x = tape.watch(x * 1.0)
        total = np.sum(np.square(np.unique(x)))
    return tape.gradient(total, x)


# --- interpolation, sinc and i0


def test_interpolation_at_its_samples_and_beyond():
    x, xp, fp = np.array([-1.0, 0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0])
    np.testing.assert_array_equal(gradient(lambda t: np.interp(t, xp, fp), x), [0, 1, 4, 4, 0])
    np.testing.assert_array_equal(gradient(lambda t: np.interp(x, xp, t), fp), [2, 1, 2])
    np.testing.assert_array_equal(gradient(lambda t: np.interp(x, xp, t, left=0.0), fp), [1, 1, 2])


def test_derivatives_of_sinc_satisfy_its_differential_equation():
    """x f'' + 2 f' + π² x f = 0, differentiated n times."""
    x = np.concatenate([np.linspace(-9, 9, 400), [1e-9, -1e-3, 0.0, 1.0]])
    f = [np.sinc(x), *[sinc_slope(x, n) for n in range(1, 9)]]
    for n in range(7):
        left = x * f[n + 2] + (n + 2) * f[n + 1] + math.pi**2 * (x * f[n] + (n * f[n - 1] if n else 0))
        assert np.max(np.abs(left)) < 1e-11 * math.pi ** (n + 2)


def test_derivatives_of_i0_satisfy_its_differential_equation():
    """x f'' + f' - x f = 0; and two values of Abramowitz and Stegun, table 9.8."""
    x = np.array([1e-12, 0.5, 3.0, 20.0, 300.0, 700.0])
    first, second = i0_slope(x), i0_slope(x, 2)
    np.testing.assert_allclose(x * second + first, x * np.i0(x), rtol=1e-13)
    np.testing.assert_allclose(first[:2], [5e-13, 0.2578943054], rtol=1e-9)
    np.testing.assert_array_equal(i0_slope(-x), -first)
    assert i0_slope(np.float32(2)).dtype == np.float32


def test_medians_and_quantiles_leave_a_tensor_as_it_is():
    """`overwrite_input` allows NumPy to sort the array itself."""
    x = np.array([5.0, 1.0, 4.0, 2.0])
    for f in (np.median, np.nanmedian):
        t = ntb.tensor(x)
        assert f(t, overwrite_input=True).item() == f(t, None, None, True).item() == 3.0
        np.testing.assert_array_equal(t.numpy(), x)
    for f in (np.quantile, np.nanquantile):
        t = ntb.tensor(x)
        assert f(t, 0.5, overwrite_input=True).item() == f(t, 0.5, 0, None, True).item() == 3.0
        np.testing.assert_array_equal(t.numpy(), x)


def test_lists_of_numbers_beside_a_tensor():
    with ntb.Tape() as tape:
        t = tape.watch([2.0, 3.0])
        y = np.sum(np.power(t, [2.0, 3.0]) + [1, 1] * t)
    np.testing.assert_array_equal(tape.gradient(y, t).numpy(), [5.0, 28.0])
