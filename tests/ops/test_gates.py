"""Zero times infinity: a gradient that a gate stopped stays zero, whatever stands before and behind the gate.

The truth is found element by element from the slopes of the single functions, which are plain NumPy here: where a gate
is closed the slope of the whole is 0, elsewhere it is the product of all slopes.
"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of forward passes, whose values are infinite

# --- functions with poles, or that overflow: by name the function, and its slope

FUNCTIONS = {
    "log": (np.log, lambda x: 1 / x),
    "log2": (np.log2, lambda x: 1 / (x * np.log(2))),
    "log1p": (np.log1p, lambda x: 1 / (1 + x)),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "cbrt": (np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2)),
    "1 / x": (lambda x: 1 / x, lambda x: -1 / x**2),
    "x**3": (lambda x: x**3, lambda x: 3 * x**2),
    "x**-1.5": (lambda x: x**-1.5, lambda x: -1.5 * x**-2.5),
    "x**2.5": (lambda x: x**2.5, lambda x: 2.5 * x**1.5),
    "2**x": (lambda x: 2.0**x, lambda x: 2.0**x * np.log(2)),
    "square": (np.square, lambda x: 2 * x),
    "exp": (np.exp, np.exp),
    "exp2": (np.exp2, lambda x: np.exp2(x) * np.log(2)),
    "expm1": (np.expm1, np.exp),
    "sinh": (np.sinh, np.cosh),
    "cosh": (np.cosh, np.sinh),
    "tan": (np.tan, lambda x: 1 + np.tan(x) ** 2),
    "arcsin": (np.arcsin, lambda x: 1 / np.sqrt(1 - x * x)),
    "arccos": (np.arccos, lambda x: -1 / np.sqrt(1 - x * x)),
    "arccosh": (np.arccosh, lambda x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1))),
    "arctanh": (np.arctanh, lambda x: 1 / (1 - x * x)),
    "x log x": (lambda x: x * np.log(x), lambda x: np.log(x) + 1),
    "x exp x": (lambda x: x * np.exp(x), lambda x: np.exp(x) * (1 + x)),
    "x / (x - 1)": (lambda x: x / (x - 1), lambda x: -1 / (x - 1) ** 2),
    "2 x + 1": (lambda x: 2 * x + 1, lambda x: x * 0 + 2),
    "-inf x": (lambda x: x * -np.inf, lambda x: x * 0 - np.inf),
}

# --- gates: by name the function of x and of a mask, and its slope; a slope of 0 closes


def halved_at(x, corner):
    """1 above the corner, one half at it, where both arguments share the gradient."""
    return np.where(x == corner, 0.5, np.where(x > corner, 1.0, 0.0))


GATES = {
    "where": (lambda x, m: np.where(m, x, 0.25), lambda x, m: 1.0 * m),
    "where not": (lambda x, m: np.where(m, 0.25, x), lambda x, m: 1.0 - m),
    "select": (lambda x, m: np.select([m], [x], 0.25), lambda x, m: 1.0 * m),
    "choose": (lambda x, m: np.choose(m.astype(int), [0.25, x]), lambda x, m: 1.0 * m),
    "put": (lambda x, m: x.at[np.flatnonzero(~m)].set(0.25), lambda x, m: 1.0 * m),
    "product": (lambda x, m: x * m.astype(float), lambda x, m: 1.0 * m),
    "product with a mask": (lambda x, m: m.astype(float) * x, lambda x, m: 1.0 * m),
    "clip": (lambda x, m: np.clip(x, -0.5, 1.0), lambda x, m: 1.0 * ~((x < -0.5) | (x > 1.0))),
    "clip below": (lambda x, m: np.clip(x, 0.0, None), lambda x, m: 1.0 * ~(x < 0)),
    "maximum": (lambda x, m: np.maximum(x, 0.0), lambda x, m: np.where(np.isnan(x), 1.0, halved_at(x, 0.0))),
    "minimum": (lambda x, m: np.minimum(1.0, x), lambda x, m: np.where(np.isnan(x), 1.0, halved_at(-x, -1.0))),
    "fmax": (lambda x, m: np.fmax(x, 0.0), lambda x, m: halved_at(x, 0.0)),
    "fmin": (lambda x, m: np.fmin(1.0, x), lambda x, m: halved_at(-x, -1.0)),
    "relu": (lambda x, m: ntb.nn.relu(x), lambda x, m: 1.0 * (x > 0)),
    "nan_to_num": (lambda x, m: np.nan_to_num(x), lambda x, m: 1.0 * np.isfinite(x)),
}

# --- what takes one of the elements, or some; the gradient of the others is 0

SELECTIONS = {
    "nothing": lambda y, m: y,
    "all": lambda y, m: np.sum(y),
    "mask": lambda y, m: np.sum(y[m]),
    "slice": lambda y, m: np.sum(y[2::3]),
    "take": lambda y, m: np.sum(np.take(y, [0, 2, 2])),
    "compress": lambda y, m: np.sum(np.compress(m, y)),
    "sum where": lambda y, m: np.sum(y, where=m),
    "mean where": lambda y, m: np.mean(y, where=m),
    "split": lambda y, m: np.sum(np.split(y, 3)[1]),
    "pad and cut": lambda y, m: np.sum(np.pad(y, 2)[:5]),
    "diagonal": lambda y, m: np.trace(np.reshape(y, (3, -1))),
    "triangle": lambda y, m: np.sum(np.tril(np.reshape(y, (3, -1)))),
    "max": lambda y, m: np.max(y),
    "min": lambda y, m: np.min(y),
    "nanmax": lambda y, m: np.nanmax(y),
    "median": lambda y, m: np.median(y),
    "largest of rows": lambda y, m: np.sum(np.max(np.reshape(y, (3, -1)), axis=1)),
    "second smallest": lambda y, m: np.sort(y)[1],
    "partition": lambda y, m: np.partition(y, 2)[2],
    "max_pool2d": lambda y, m: np.sum(ntb.nn.max_pool2d(np.reshape(y, (1, 1, 3, 4)), (3, 2))),
}
BY_VALUE = {"max", "min", "nanmax", "median", "largest of rows", "second smallest", "partition", "max_pool2d"}
SPECIAL = [0.0, -0.0, 1.0, -1.0, -0.5, 0.3, -0.3, 2.0, -2.0, 0.75, 1000.0, -1000.0, np.inf, -np.inf, np.nan]
SPECIAL += [5e-324, 1e200]


def programs(steps):
    return st.fixed_dictionaries({
        "x": st.lists(st.sampled_from(SPECIAL), min_size=12, max_size=12).map(np.array),
        "mask": st.lists(st.booleans(), min_size=12, max_size=12).map(np.array),
        "steps": steps,
        "selection": st.sampled_from(["all", "mask", "slice", "take", "compress", "sum where", "split", "pad and cut"]),
    })  # fmt: skip


gates = st.lists(st.sampled_from([*GATES]), max_size=2)
chains = st.lists(st.sampled_from([*FUNCTIONS, *GATES, *GATES]), min_size=1, max_size=4)
one_function = st.builds(lambda before, f, after: [*before, f, *after], gates, st.sampled_from([*FUNCTIONS]), gates)


def run(steps, selection, mask):
    """The program as a function of x."""

    def program(x):
        for step in steps:
            x = FUNCTIONS[step][0](x) if step in FUNCTIONS else GATES[step][0](x, mask)
        return SELECTIONS[selection](x, mask)

    return program


def truth(x, steps, selection, mask):
    """The slope of each element, which of them a gate has closed, and where the slope is known."""
    with np.errstate(all="ignore"):
        slope, closed, ordinary = np.ones(x.shape), np.zeros(x.shape, bool), np.ones(x.shape, bool)
        for step in steps:
            factor = FUNCTIONS[step][1](x) if step in FUNCTIONS else GATES[step][1](x, mask)
            slope = slope * factor
            if step in GATES:
                closed = closed | ((factor == 0) & (np.isfinite(x) | ("product" not in step)))  # 0 * inf is NaN
            ordinary = ordinary & np.isfinite(x) & (np.abs(slope) < 1e250) & ((x == 0) | (np.abs(x) > 1e-300))
            if step == "x / (x - 1)":  # whose two parts, 1 / (x - 1) and -x / (x - 1)², cancel in the sum
                ordinary = ordinary & (np.abs(x) < 1e8)
            x = np.asarray(run([step], "nothing", mask)(ntb.tensor(x)))
        with ntb.Tape() as tape:
            y = tape.watch(np.ones(x.shape))
            total = SELECTIONS[selection](y, mask)
        taken = np.asarray(tape.gradient(total, y, unconnected="zero"))
    closed = closed | (taken == 0)
    return np.where(closed, 0.0, slope * taken), closed, closed | ordinary


@pytest.mark.uncounted
@given(programs(chains))
@settings(max_examples=150)
def test_a_gradient_that_a_gate_stopped_stays_zero(given):
    """In random compositions of gates and functions with poles, at special values, backwards and forwards."""
    x, mask, steps, selection = given["x"], given["mask"], given["steps"], given["selection"]
    right, closed, known = truth(x, steps, selection, mask)
    program = run(steps, selection, mask)
    for transformed in (ntb.grad(program), ntb.jacobian(program, mode="fwd")):
        found = np.asarray(transformed(x))
        np.testing.assert_array_equal(found[closed], 0.0, err_msg=str(steps))
        np.testing.assert_allclose(found[known], right[known], rtol=1e-6, atol=1e-280, err_msg=str(steps))


@given(programs(one_function))
@settings(max_examples=20)
def test_second_derivatives_and_replays_keep_the_zero(given):
    x, mask, steps, selection = given["x"], given["mask"], given["steps"], given["selection"]
    _, closed, _ = truth(x, steps, selection, mask)
    program = run(steps, selection, mask)

    def second(x):
        return ntb.grad(lambda x: np.sum(ntb.grad(program)(x)))(x)

    found = np.asarray(second(x))
    np.testing.assert_array_equal(found[closed], 0.0, err_msg=str(steps))
    for transformed in (ntb.grad(program), second):
        traced = ntb.function(transformed)
        for numbers in (np.full(12, 0.7), x, x[::-1].copy(), np.full(12, 0.7), x):
            np.testing.assert_array_equal(np.asarray(traced(numbers)), np.asarray(transformed(numbers)))


@pytest.mark.parametrize("selection", SELECTIONS)
def test_what_is_not_selected_has_no_gradient(selection):
    """Neither before a function with a pole nor behind it."""
    if selection == "nothing":
        return
    mask = np.arange(12) % 3 == 1
    select = SELECTIONS[selection]
    for x in (np.arange(12) - 4.0, np.array([0.0, 3.0, 1000.0, -2.0, 5.0, -1000.0, np.inf, 7.0, 8.0, -3.0, 9.0, 0.5])):
        with ntb.Tape() as tape:
            t = tape.watch(x)
            total = select(t, mask)
        taken = np.asarray(tape.gradient(total, t, unconnected="zero")) != 0
        assert 0 < np.sum(taken) < 12 or selection == "all"
        for name, (f, _) in FUNCTIONS.items():
            behind = np.asarray(ntb.grad(lambda x, f=f: f(select(x, mask)))(x))
            np.testing.assert_array_equal(behind[~taken], 0.0, err_msg=name)
            if selection in BY_VALUE:
                continue
            before = np.asarray(ntb.grad(lambda x, f=f: select(f(x), mask))(x))
            np.testing.assert_array_equal(before[~taken], 0.0, err_msg=name)


def test_rows_that_a_mask_leaves_out_may_hold_anything():
    """Padded rows that hold NaN or infinity are kept from the gradient of a product's other factor."""
    x = np.array([[1.0, 2.0], [np.nan, np.inf], [3.0, -1.0], [-np.inf, 0.0]])
    keep = np.array([True, False, True, False])
    w = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for product in (
        lambda x, w: x @ w,
        np.dot,
        lambda x, w: np.einsum("ni,io->no", x, w),
        lambda x, w: np.tensordot(x, w, 1),
    ):
        for mask in (
            lambda y: np.where(keep[:, None], y, 0.0),
            lambda y: y[keep],
            lambda y: np.where(keep[:, None], y, 0.0) ** 2,
        ):
            found = ntb.grad(lambda w, m=mask, p=product: np.sum(m(p(x, w))))(w)
            right = ntb.grad(lambda w, m=mask, p=product: np.sum(m(p(np.where(keep[:, None], x, 0.0), w))))(w)
            np.testing.assert_array_equal(np.asarray(found), np.asarray(right))
            traced = ntb.function(ntb.grad(lambda w, m=mask, p=product: np.sum(m(p(x, w)))))
            np.testing.assert_array_equal(np.asarray(traced(w)), np.asarray(right))


def test_a_zero_that_no_gate_made_decides_nothing():
    """cbrt(x**3) is x; its slope at 0 is the product of 0 and infinity, and stays unknown."""
    for f in (lambda x: np.cbrt(x**3), lambda x: np.log(np.cosh(x + 1000.0))):
        assert np.isnan(float(ntb.grad(f)(0.0)))
