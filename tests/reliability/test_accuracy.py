"""Values and derivatives over the whole range of each dtype: a part of what docs/accuracy.md tells, and the page."""

from __future__ import annotations

import json
import math
import warnings

import mpmath as mp
import numpy as np
import pytest

import ntb
from reliability.accuracy import measure, own, page
from reliability.accuracy.tables import GROUPS, ROWS
from reliability.accuracy.truth import Function, exact_at, ulps

pytest.importorskip("scipy", reason="the page has the functions of SciPy, of the extra scipy")

FIGURES = json.loads(page.FIGURES.read_text())
QUICK = {f.name for group, rows in GROUPS.items() if group != "SciPy's special functions" for f in rows} - {
    *("np.i0", "np.degrees", "np.rad2deg", "np.deg2rad", "np.fabs", "np.expm1", "np.cosh"),
} | {f"special.{name}" for name in ("erf", "erfcx", "log_ndtr", "logit", "entr", "exprel", "spence", "i0e")}
"""The functions that are tried at many points; of the others each worst point is."""


def names(rows):
    return [pytest.param(f, id=f.name) for f in rows]


def holds(error, stated):
    """Whether a figure is that of the page, but for a digit that another processor rounds otherwise."""
    return error == stated or (stated / 1.5 - 1 <= error <= stated * 1.5 + 1)


@pytest.mark.uncounted
@pytest.mark.parametrize("f", names([f for f in ROWS if f.name in QUICK]))
def test_no_error_is_beyond_its_bound_nor_beyond_the_page(f):
    for dtype in f.dtypes if f.arguments == 1 else f.dtypes[:1]:
        for order, (error, point, *numbers) in measure.worst(f, dtype, own.evaluate, short=True).items():
            stated = FIGURES[f.name][dtype][order][0]
            bound = f.bound[measure.ORDERS.index(order)]
            assert error <= min(bound, stated * 1.5 + 1), (dtype, order, error, point, numbers)


@pytest.mark.parametrize("f", names(ROWS))
def test_the_worst_points_are_as_the_page_says(f):
    for dtype in f.dtypes:
        for order, (stated, *point) in FIGURES[f.name][dtype].items():
            assert stated is not None and stated <= f.bound[measure.ORDERS.index(order)], (dtype, order, point)
            where = tuple(np.array([n], dtype) for n in point)
            error = measure.worst(f, dtype, own.evaluate, where=where)[order][0]
            # Softmax and its kin may take a quicker way for one row than for all points at once.
            assert holds(error, stated) or (error < stated and "b], -1)" in f.own), (dtype, order, error, stated, point)


def test_the_page_is_made_of_the_figures():
    assert page.PAGE.read_text(encoding="utf-8") == page.text()
    assert set(FIGURES) == {f.name for f in ROWS}


@pytest.mark.parametrize("f", names([f for f in ROWS if f.name in ("np.tanh", "np.arcsinh", "nn.gelu", "nn.huber")]))
def test_a_replay_gives_the_same_bits(f):
    points = measure.points_of(f, "float32", True)
    run = lambda *xs: own.evaluate(f, xs)
    traced = ntb.function(lambda *xs: ntb.grad(lambda *xs: np.sum(_value(f, xs)))(*xs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced(*points)
        np.testing.assert_array_equal(np.asarray(traced(*points)), run(*points)[1])


def _value(f, xs):
    names = ["x"] if f.arguments == 1 else ["a", "b"]
    return eval(f.own, {"np": np, "nn": ntb.nn, **dict(zip(names, xs, strict=True))})


# --- the survey itself


def test_exact_derivatives_are_found_by_differences():
    for f, x, expected in [
        (Function("", mp.exp, ""), 700.0, (mp.exp(700),) * 3),
        (Function("", mp.cos, ""), 1e-300, (1, -1e-300, -1)),
        (
            Function("", mp.log, "", domain=(0, math.inf), far=1),
            1e300,
            (mp.log(1e300), 1e-300, mp.mpf(-1e-300) ** 2 * -1),
        ),
        (Function("", mp.asinh, "", singular=(1j, -1j), far=1), -1e-5, None),
    ]:
        found = exact_at(f, x)
        if expected is None:
            expected = (mp.asinh(x), 1 / mp.sqrt(1 + mp.mpf(x) ** 2), -x / (1 + mp.mpf(x) ** 2) ** mp.mpf(1.5))
        assert all(abs(a - b) <= abs(b) * mp.mpf(10) ** -12 for a, b in zip(found, expected, strict=True))
    product = exact_at(Function("", lambda a, b: a * a * b, "", arguments=2), 3.0, 5.0)
    assert [round(float(n), 9) for n in product] == [45, 30, 9, 10, 6, 0]


def test_errors_are_counted_in_ulps():
    assert ulps(1.0, mp.mpf("1.00048828125"), "float16") == 0.5
    assert ulps(math.inf, mp.mpf(10) ** 400, "float64") == ulps(-math.inf, -mp.inf, "float64") == 0
    assert ulps(0.0, mp.mpf(2) ** -26, "float16") == 0.25 and ulps(0.0, mp.mpf(2) ** -24, "float16") == 1
    assert ulps(math.nan, mp.mpf(1), "float32") == math.inf and ulps(math.nan, mp.nan, "float32") == 0
    assert ulps(65504.0, mp.mpf(10) ** 6, "float16") == 0.5  # of the way to 65536
    assert ulps(0.0, mp.mpf(10) ** -9, "float32", least=1.0) < 0.01


def test_a_wrong_rule_is_found():
    wrong = Function("np.tanh", mp.tanh, "np.tanh(x) * 1.0000002")
    assert measure.worst(wrong, "float64", own.evaluate, short=True)["first"][0] > 1e8
