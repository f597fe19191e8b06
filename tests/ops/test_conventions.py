"""The derivatives at special points: each row of docs/conventions.md."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import ntb

DOCUMENT = Path(__file__).parents[2] / "docs" / "conventions.md"

# case: (function, points), the function's result is summed
TABLE = {
    "`max` of [1, 1, 0]": (np.max, [[1.0, 1.0, 0.0]]),
    "`min` of [1, 1, 2]": (np.min, [[1.0, 1.0, 2.0]]),
    "`max` of [nan, 1]": (np.max, [[np.nan, 1.0]]),
    "`maximum(x, y)` at x = y": (np.maximum, [3.0, 3.0]),
    "`sort` of [1, 1], first element": (lambda x: np.sort(x)[0], [[1.0, 1.0]]),
    "`median` of [2, 1, 1, 3]": (np.median, [[2.0, 1.0, 1.0, 3.0]]),
    "`median` of [2, nan, 1]": (np.median, [[2.0, np.nan, 1.0]]),
    "sum of `unique` of [3, 1, 3]": (np.unique, [[3.0, 1.0, 3.0]]),
    "`nanmax` of [1, nan, 1]": (np.nanmax, [[1.0, np.nan, 1.0]]),
    "`nanstd` of [2, nan, 2]": (np.nanstd, [[2.0, np.nan, 2.0]]),
    "sum of `maximum.accumulate` of [2, 2]": (np.maximum.accumulate, [[2.0, 2.0]]),
    "`interp(x, [0, 1, 2], [0, 1, 5])` at x = 1": (lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 5.0]), [1.0]),
    "`quantile([1, 3, 4, 9], q)` at q = 1": (lambda q: np.quantile([1.0, 3.0, 4.0, 9.0], q), [1.0]),
    "`relu` at 0": (ntb.nn.relu, [0.0]),
    "`abs` at 0": (np.abs, [0.0]),
    "`clip(x, 0, 1)` at 0 and 1": (lambda x: np.clip(x, 0, 1), [[0.0, 1.0]]),
    "`clip(x, 0, 1)` at -1 and 2": (lambda x: np.clip(x, 0, 1), [[-1.0, 2.0]]),
    "`sqrt` at 0": (np.sqrt, [0.0]),
    "`x**0.5` at 0": (lambda x: x**0.5, [0.0]),
    "`x**0` at 0": (lambda x: x**0, [0.0]),
    "`x**2` at 0": (lambda x: x**2, [0.0]),
    "`x**p` at x = 0, p = 2, with respect to p": (lambda p: np.power(0.0, p), [2.0]),
    "`x**p` at x = -2, p = 2, with respect to x": (lambda x: np.power(x, np.array(2.0)), [-2.0]),
    "`norm` at [0, 0]": (np.linalg.norm, [[0.0, 0.0]]),
    "`hypot` at (0, 0)": (np.hypot, [0.0, 0.0]),
    "`std` of [2, 2, 2]": (np.std, [[2.0, 2.0, 2.0]]),
    "`arctan2` at (0, 0)": (np.arctan2, [0.0, 0.0]),
    "`sinc` at 0": (np.sinc, [0.0]),
    "`prod` of [0, 2, 3]": (np.prod, [[0.0, 2.0, 3.0]]),
    "`prod` of [0, 0, 3]": (np.prod, [[0.0, 0.0, 3.0]]),
    "sum of `cumprod` of [2, 0, 3, 4]": (np.cumprod, [[2.0, 0.0, 3.0, 4.0]]),
    "`where(x > 0, sqrt(x), 0)` at 0": (lambda x: np.where(x > 0, np.sqrt(x), 0), [0.0]),
    "`where(x > 0, log(x), 0)` at 0 and -1": (lambda x: np.where(x > 0, np.log(x), 0), [[0.0, -1.0]]),
    "`where(x > 0, 1 / x, 0)` at 0": (lambda x: np.where(x > 0, 1 / x, 0), [0.0]),
    "`where(x > 0, x**-1.5, 0)` at 0": (lambda x: np.where(x > 0, x**-1.5, 0), [0.0]),
    "`where(abs(x) < 1, arcsin(x), 0)` at 1 and 2": (lambda x: np.where(np.abs(x) < 1, np.arcsin(x), 0), [[1.0, 2.0]]),
    "`where(p > 0, p * log(p), 0)` at 0": (lambda p: np.where(p > 0, p * np.log(p), 0), [0.0]),
    "`arccos(clip(x, -1, 1))` at 2": (lambda x: np.arccos(np.clip(x, -1, 1)), [2.0]),
    "`log(maximum(x, 0))` at -1": (lambda x: np.log(np.maximum(x, 0)), [-1.0]),
    "`maximum(x, y)` at x = nan, y = 1": (np.maximum, [np.nan, 1.0]),
    "`norm(x, 3)` at [0, 0]": (lambda x: np.linalg.norm(x, 3), [[0.0, 0.0]]),
    "`logaddexp` at (-inf, -inf)": (np.logaddexp, [-np.inf, -np.inf]),
    "`logsumexp` of [-inf, -inf]": (ntb.nn.logsumexp, [[-np.inf, -np.inf]]),
    "`det` of [[1, 2], [2, 4]]": (np.linalg.det, [[[1.0, 2.0], [2.0, 4.0]]]),
    "`eigh(x)[1][1, 0]` at the unit matrix": (lambda x: np.linalg.eigh(x)[1][1, 0], [np.eye(2)]),
    "`v @ v.T` with `v = eigh(x)[1]` at the unit matrix": (
        lambda x: np.linalg.eigh(x)[1] @ np.linalg.eigh(x)[1].T,
        [np.eye(2)],
    ),
    "`eigvalsh(x)[1]` at [[2, 1], [1, 2]]": (lambda x: np.linalg.eigvalsh(x)[1], [[[2.0, 1.0], [1.0, 2.0]]]),
    "`eigvalsh(x)[0]` at the unit matrix": (lambda x: np.linalg.eigvalsh(x)[0], [np.eye(2)]),
    "`max(eigvalsh(x))` at the unit matrix": (lambda x: np.max(np.linalg.eigvalsh(x)), [np.eye(2)]),
    "`(v * w**2) @ v.T` with `w, v = eigh(x)` at the unit matrix": (
        lambda x: (lambda w, v: (v * w**2) @ v.T)(*np.linalg.eigh(x)),
        [np.eye(2)],
    ),
    "`svdvals(x)` at 0": (np.linalg.svdvals, [np.zeros((2, 2))]),
    "`slogdet(x)[1]` at [[1, 1], [1, 1]]": (lambda x: np.linalg.slogdet(x)[1], [np.ones((2, 2))]),
    "`cond(x)` at the unit matrix": (np.linalg.cond, [np.eye(2)]),
    "`norm(x, 2)` at the unit matrix": (lambda x: np.linalg.norm(x, 2), [np.eye(2)]),
    '`norm(x, "nuc")` at 0': (lambda x: np.linalg.norm(x, "nuc"), [np.zeros((2, 2))]),
    "sum of `x[[0, 0]]`": (lambda x: x[[0, 0]], [[5.0, 6.0]]),
    "`floor`, `round`, `sign`, comparisons": (
        lambda x: np.floor(x) + np.round(x) + np.sign(x) + (x > 0) + 0 * x,
        [1.5],
    ),
}


def documented():
    rows = re.findall(r"^\| (.*?) \| (.*?) \| .* \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows[1:])


def gradients(f, points):
    """One flat array of the gradients with respect to all points; the backward pass must be silent."""
    with ntb.Tape() as tape:
        xs = [tape.watch(np.array(x)) for x in points]
        with np.errstate(all="ignore"):
            y = np.sum(f(*xs))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return np.concatenate([g.numpy().ravel() for g in tape.gradient(y, xs)])


def test_the_document_and_the_test_have_the_same_rows():
    assert list(documented()) == list(TABLE)


@pytest.mark.parametrize("case", TABLE)
def test_convention(case):
    f, points = TABLE[case]
    expected = documented()[case]
    if expected == "error":
        with pytest.raises((ntb.GradientError, np.linalg.LinAlgError)):
            gradients(f, points)
        return
    expected = np.array([float(number) for number in expected.split()])
    np.testing.assert_allclose(gradients(f, points), expected, rtol=1e-12, atol=1e-12)
    single = gradients(f, [np.asarray(x, np.float32) for x in points])
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-5, atol=1e-5)


HIDDEN = {
    "norm(x)**2": (lambda x: np.linalg.norm(x) ** 2, lambda x: np.sum(x * x), [0.0, 0.0], 2),
    "hypot(x, y)**2": (lambda x: np.hypot(x[0], x[1]) ** 2, lambda x: x[0] * x[0] + x[1] * x[1], [0.0, 0.0], 2),
    "abs(x)**2": (lambda x: np.sum(np.abs(x) ** 2), lambda x: np.sum(x * x), [0.0], 2),
    "std(x)**2": (lambda x: np.std(x) ** 2, np.var, [3.0, 3.0], 2),
    "sqrt(x)**2": (lambda x: np.sum(np.sqrt(x) ** 2), np.sum, [0.0], 1),
    "maximum(x, -x)": (lambda x: np.sum(np.maximum(x, -x) ** 2), lambda x: np.sum(x * x), [0.0], 2),
    "relu(x) - relu(-x)": (lambda x: np.sum(ntb.nn.relu(x) - ntb.nn.relu(-x)), np.sum, [0.0], 1),
}
"""What is 0 by a convention, the form that has the derivative, where, and of which order."""


@pytest.mark.parametrize("case", HIDDEN)
def test_what_a_convention_hides_is_documented(case):
    f, smooth, x, order = HIDDEN[case]
    assert f"`{case}`" in DOCUMENT.read_text(encoding="utf-8")
    differentiate = ntb.grad if order == 1 else ntb.hessian
    assert not np.any(np.asarray(differentiate(f)(np.array(x))))
    assert np.any(np.asarray(differentiate(smooth)(np.array(x))))


SMOOTH_AGAIN = [
    case for case in TABLE if case.startswith(("`where", "`x**2", "`prod", "sum of", "`sinc", "`det", "`norm"))
]


@pytest.mark.parametrize("case", SMOOTH_AGAIN)
def test_second_derivatives_are_no_nan(case):
    f, points = TABLE[case]
    with ntb.Tape() as outer:
        x = outer.watch(np.array(points[0]))
        with ntb.Tape() as inner:
            inner.watch(x)
            with np.errstate(all="ignore"):
                y = np.sum(f(x))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            slope = np.sum(inner.gradient(y, x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curvature = outer.gradient(slope, x, unconnected="zero").numpy()
    assert not np.any(np.isnan(curvature))


def test_ties_are_counted_in_whole_numbers():
    x = np.zeros(70_000, np.float16)
    g = gradients(np.max, [x])
    assert g.dtype == np.float16
    np.testing.assert_allclose(g.astype(float).sum(), 1.0, rtol=2e-3)


def test_a_zero_gradient_stays_zero_against_an_infinite_slope():
    """Every rule whose slope can be infinite or NaN, at a point where it is."""
    points = [
        (np.sqrt, [0.0, -1.0]),
        (np.cbrt, [0.0]),
        (np.log, [0.0, -1.0]),
        (np.log2, [0.0]),
        (np.log10, [0.0]),
        (np.log1p, [-1.0, -2.0]),
        (np.reciprocal, [0.0]),
        (np.arcsin, [1.0, 2.0]),
        (np.arccos, [-1.0, 2.0]),
        (np.arccosh, [1.0, 0.5]),
        (np.arctanh, [1.0, 2.0]),
    ]
    for f, xs in points:
        for x in xs:
            assert gradients(lambda x, f=f: np.where(x > 99, f(x), 0), [x]) == 0, (f, x)
    for a, b in [(0.0, 0.0), (1.0, 0.0), (np.inf, 0.0)]:
        np.testing.assert_array_equal(gradients(lambda a, b: np.where(b > 99, a / b, 0), [a, b]), 0)
    for a, b in [(0.0, -1.0), (0.0, 0.5), (-1.0, 0.5)]:
        np.testing.assert_array_equal(gradients(lambda a, b: np.where(b > 99, a**b, 0), [a, b]), 0)


def test_a_complex_gradient_takes_the_precision_of_its_source():
    z, w = np.array([1 + 2j], np.complex64), np.array([3 - 1j])
    g = np.asarray(ntb.grad(lambda z: np.sum(np.real(z * w)))(z))
    assert g.dtype == np.complex64 and g.tolist() == [3 + 1j]


def test_numbers_that_nan_to_num_replaces_have_no_gradient():
    for dtype in (np.float32, np.float64):
        x = np.array([2, np.nan, np.inf, -np.inf], dtype)
        assert ntb.grad(lambda x: np.sum(0.5 * np.nan_to_num(x)))(x).tolist() == [0.5, 0, 0, 0]
