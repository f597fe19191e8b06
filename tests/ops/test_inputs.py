"""Arguments in the forms in which users have them: what NumPy takes is taken rightly, or refused by name.

The laws are in `reliability/inputs.py`; here they are tried on some rows, on one shape, eagerly, to first order.
"""

from __future__ import annotations

import array
import copy
import inspect
import operator
import pickle
import warnings
from collections import deque
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest

import ntb
from reliability import inputs
from tests import oldest
from tests.samples import SAMPLES

pd = pytest.importorskip("pandas", reason="tables are those of pandas")
X = np.array([1.0, 2.0, 3.0])
ROWS = [SAMPLES[i::8] for i in range(8)]


@pytest.mark.uncounted
@pytest.mark.parametrize(
    "law", [inputs.operands, inputs.sources, pytest.param(inputs.spellings, marks=oldest.spellings)]
)
@pytest.mark.parametrize("part", range(len(ROWS)))
def test_every_form_of_the_arguments_is_right_or_refused_by_name(law, part):
    wrong, cases = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's own, of overflow in half precision
        for sample in ROWS[part][:: 3 if law is inputs.operands else 2]:  # make soak tries all
            for case, fault in law(sample):
                cases += 1
                if fault:
                    wrong.append(f"{sample.name}, {case}: {fault}")
    assert not wrong, "\n".join(wrong)
    assert cases > 100


@pytest.mark.uncounted
@pytest.mark.parametrize("part", range(len(ROWS)))
def test_some_rows_traced_and_to_second_order(part):
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for sample in ROWS[part][::160]:
            for law in (inputs.operands, inputs.sources):
                for order, traced in ((1, True), (2, False)):
                    if order <= sample.order:
                        cases = law(sample, -1, order, traced)
                        wrong += [f"{sample.name}, {case}: {fault}" for case, fault in cases if fault]
    assert not wrong, "\n".join(wrong)


def test_the_laws_can_fail():
    class Planted:
        name, order, shapes = "planted", 1, [((2,), (2,))]
        operation = call = staticmethod(np.multiply)
        arrays = staticmethod(lambda rng, shapes: [rng.uniform(1, 2, shape) for shape in shapes])

    planted = Planted()
    assert not any(fault for _, fault in [*inputs.operands(planted), *inputs.sources(planted)])
    planted.call = lambda a, b: a * (b if isinstance(b, np.ndarray | ntb.Tensor) else 2.0)
    assert any(fault for _, fault in inputs.operands(planted))
    planted.call = lambda a, b: a * (b if b.dtype == np.float64 else ntb.stop_gradient(b))
    assert any(fault for _, fault in inputs.sources(planted))


# --- numbers of other kinds


def gradient(f, x=X):
    return np.asarray(ntb.grad(lambda t: np.sum(f(t)))(x))


@pytest.mark.parametrize(
    "half",
    [Fraction(1, 2), Decimal("0.5"), np.float16(0.5), np.float32(0.5), np.longdouble(0.5), np.array(0.5)],
    ids=repr,
)
def test_numbers_of_other_kinds_count_as_floats(half):
    np.testing.assert_array_equal(gradient(lambda t: t * half + t), 1.5 * np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: half * t + t), 1.5 * np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: half - t / half), -2 * np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: np.multiply(half, t)), 0.5 * np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: np.dot(t, half)), 0.5 * np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: t * [half, half, 2]), [0.5, 0.5, 2])
    np.testing.assert_allclose(gradient(lambda t: half**t), np.log(0.5) * 0.5**X, rtol=1e-3)
    np.testing.assert_array_equal(np.asarray(ntb.function(ntb.grad(lambda t: np.sum(half * t)))(X)), 0.5 * np.ones(3))


def test_bools_and_whole_numbers():
    np.testing.assert_array_equal(gradient(lambda t: t * np.bool_(True) + True * t), 2 * np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: t * np.uint8(200) + np.int8(-3) * t), 197 * np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: t * 2**70), 2.0**70 * np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: t * np.array([2**70, 1, 2], object)), [2.0**70, 1, 2])
    np.testing.assert_array_equal(gradient(lambda t: t * range(3)), [0, 1, 2])
    np.testing.assert_array_equal(gradient(lambda t: range(3) * t), [0, 1, 2])
    np.testing.assert_array_equal(gradient(lambda t: np.dot(range(3), t)), [0, 1, 2])


def test_numbers_of_mpmath():
    mpmath = pytest.importorskip("mpmath", reason="numbers of mpmath are objects to NumPy")
    np.testing.assert_array_equal(gradient(lambda t: t * mpmath.mpf(0.5) + mpmath.mpf(0.5) * t), np.ones(3))


def test_buffers():
    for buffer in (array.array("d", X), memoryview(X), array.array("b", [1, 2, 3])):
        np.testing.assert_array_equal(gradient(lambda t, b=buffer: t * b + b * t), 2 * X)
        np.testing.assert_allclose(gradient(lambda t, b=buffer: t**b), X * X ** (X - 1))
    numbers = array.array("d", X)
    with ntb.Tape() as tape:
        t = tape.watch(X)
        y = np.sum(t * numbers)
    numbers[0] = 100.0
    np.testing.assert_array_equal(tape.gradient(y, t).numpy(), X)


NO_NUMBERS = {
    "text": "a", "nothing": None, "texts": np.array(["a", "b", "c"]), "records": np.zeros(3, [("a", float)]),
    "a date": np.datetime64("2020-01-01"), "durations": np.array([1, 2, 3], "m8[s]"), "a set": {1.0, 2.0, 3.0},
    "values of a dict": {1: 2.0}.values(), "a dict": {1: 2.0}, "a generator": (i for i in X), "raw": np.void(b"abc"),
    "nothings": np.array([None, 1.0, 2.0]), "texts as objects": np.array(["1", "2", "3"], object), "missing": pd.NA,
}  # fmt: skip


@pytest.mark.parametrize("other", NO_NUMBERS.values(), ids=list(NO_NUMBERS))
@pytest.mark.parametrize(
    "f",
    [operator.mul, operator.add, np.multiply, np.maximum, np.dot, np.inner, lambda t, x: np.where(X > 1, t, x),
     lambda t, x: np.concatenate([t, np.atleast_1d(x)]), np.logaddexp, lambda t, x: np.stack([t, x])],
)  # fmt: skip
def test_what_is_no_number_is_never_computed_with(f, other):
    for call in (f, lambda t, x: f(x, t)):
        with pytest.raises((TypeError, ValueError)), warnings.catch_warnings():
            warnings.simplefilter("error")
            ntb.grad(lambda t, call=call: np.sum(call(t, other)))(X)


# --- arrays of other classes


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_counts_as_its_array():
    M = np.matrix([[1.0, 2.0], [3.0, 4.0]])
    A = np.asarray(M)
    ones = np.ones((2, 2))
    for product in (lambda t: t * M, lambda t: M * t, lambda t: np.multiply(M, t), lambda t: np.multiply(t, M)):
        np.testing.assert_array_equal(gradient(product, ones), A)
    for product in (lambda t: t @ M, lambda t: np.dot(t, M), lambda t: np.matmul(t, M)):
        np.testing.assert_array_equal(gradient(product, ones), ones @ A.T)
    np.testing.assert_array_equal(gradient(lambda t: M @ t, ones), A.T @ ones)
    np.testing.assert_array_equal(gradient(lambda t: t * t, M), 2 * A)
    for made in (ntb.tensor(M), ntb.Variable(M).read(), ntb.stop_gradient(ntb.tensor(M)), ntb.tensor(ones) * M):
        assert type(made.numpy()) is np.ndarray


def test_masked_arrays_are_refused_everywhere():
    masked = np.ma.array(X, mask=[0, 1, 0])
    weights = ntb.Variable(X)
    for use in (
        lambda t: t * masked, lambda t: masked * t, lambda t: np.multiply(masked, t), lambda t: np.stack([t, masked]),
        lambda t: np.dot(masked, t), lambda t: np.where(masked > 1, t, 0), lambda t: t * np.ma.masked,
        lambda t: ntb.nn.mse(t, masked), lambda t: np.add.outer(t, masked), lambda t: t[masked.astype(int)],
    ):  # fmt: skip
        with pytest.raises((ntb.InputError, ntb.ConversionError)):
            ntb.grad(lambda t, use=use: np.sum(use(t)))(X)
    for use in (
        ntb.tensor, ntb.Variable, ntb.Tape().watch, weights.assign, ntb.nn.relu, ntb.stop_gradient,
        ntb.grad(np.sum), lambda m: ntb.optim.SGD(0.1).apply([m], [weights]),
    ):  # fmt: skip
        with pytest.raises(ntb.InputError, match="mask"):
            use(masked)


def test_a_class_with_rules_of_its_own_is_refused():
    ruled = X.view(inputs.Ruled)
    for use in (lambda t: t * ruled, lambda t: ruled * t, lambda t: np.stack([t, ruled]), lambda t: np.dot(ruled, t)):
        with pytest.raises((ntb.InputError, ntb.ConversionError)):
            ntb.grad(lambda t, use=use: np.sum(use(t)))(X)
    with pytest.raises(ntb.InputError, match="Ruled"):
        ntb.tensor(ruled)


def test_the_other_order_of_bytes_becomes_the_machines_own():
    swapped = X.astype(X.dtype.newbyteorder())
    tensors = [ntb.tensor(swapped), ntb.tensor(X, swapped.dtype), ntb.Variable(swapped).read(), ntb.tensor(X) * swapped]
    for made in tensors:
        assert made.dtype == np.float64 and made.dtype.isnative
    np.testing.assert_array_equal(gradient(np.square, swapped), 2 * X)


# --- tables of pandas


def test_tables():
    series = pd.Series(X, index=[2, 1, 0])
    for f in (lambda t: t * series, lambda t: series * t, lambda t: np.multiply(series, t), lambda t: t @ series):
        np.testing.assert_array_equal(gradient(f), X)  # by position: a tensor has no labels
    np.testing.assert_array_equal(gradient(lambda t: pd.Index(X) - t), -np.ones(3))
    np.testing.assert_array_equal(gradient(lambda t: pd.DataFrame([X, X]) * t), 2 * X)
    np.testing.assert_array_equal(gradient(lambda t: (series > t) * t), [0, 0, 0])
    np.testing.assert_array_equal(gradient(lambda t: t * pd.Series([Fraction(1, 2)] * 3)), 0.5 * np.ones(3))
    np.testing.assert_array_equal(gradient(np.square, series), 2 * X)
    _, push = ntb.jvp(lambda t: t**2, (series,), (np.ones(3),))
    np.testing.assert_array_equal(np.asarray(push), 2 * X)
    with pytest.raises(ntb.ConversionError):
        gradient(lambda t: pd.DataFrame(np.eye(3)) @ t)


# --- lists, and containers of tensors


class Pair(NamedTuple):
    a: object
    b: object


def test_functions_of_lists_take_named_tuples_and_sequences_and_no_others():
    for f in (np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack):
        for make in (lambda t: Pair(t, t), lambda t: [t, t], lambda t: [t, X.tolist()]):
            assert gradient(lambda t, f=f, make=make: f(make(t))).shape == (3,)
        for make in (lambda t: (x for x in (t, t)), lambda t: {1: t, 2: t}.values(), lambda t: {1: t, 2: t}):
            with pytest.raises((TypeError, ValueError, KeyError)):
                gradient(lambda t, f=f, make=make: f(make(t)))
    np.testing.assert_array_equal(gradient(lambda t: np.concatenate(deque([t, t]))), 2 * np.ones(3))
    with pytest.raises(ntb.ConversionError):  # NumPy looks for tensors in the list, and not in lists in it
        gradient(lambda t: np.concatenate([[t, t], [X, X]]))


def test_numbers_and_lists_on_either_side_of_products():
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    b = [1.0, 2.0]
    for f, x in [
        (lambda t: np.dot(t, 2.0), X), (lambda t: np.dot(2, t), X), (lambda t: np.outer(t, 2.0), X),
        (lambda t: np.inner(t, [1, 2, 3]), X), (lambda t: np.inner(3.0, t), X), (lambda t: np.tensordot(t, 2.0, 0), X),
        (lambda t: np.tensordot([1.0, 2, 3], t, 1), X), (lambda t: np.linalg.solve(t, b), A),
        (lambda t: np.linalg.solve(A.tolist(), t), np.array(b)), (lambda t: np.linalg.lstsq(t, b)[0], A),
        (lambda t: np.linalg.lstsq(A.tolist(), t)[0], np.array(b)), (lambda t: np.kron([1, 2.0], t), X),
        (lambda t: np.insert(t, [1], [4.0]), X), (lambda t: np.insert([1.0, 2], 1, t[0]), X),
        (lambda t: np.cross([1, 2, 3.0], t), X), (lambda t: np.vdot(t, (1, 2, 3)), X),
        (lambda t: np.matmul((1, 2, 3), t), X),
        (lambda t: np.linalg.multi_dot([A.tolist(), t, b]), A), (lambda t: np.einsum("i,i", t, [1, 2, 3]), X),
        (lambda t: np.convolve(t, [1, 2]), X), (lambda t: np.interp([0.5, 1.5], [0, 1, 2], t), X),
        (lambda t: A[np.ix_([0, 1], [1])] * t, A), (lambda t: np.choose([0, 1, 0], [t, [1.0, 2, 3]]), X),
        (lambda t: np.var([1.0, 2.0, 3.0], mean=t[:1]), X), (lambda t: 2.0**(1j * t), X),
        (lambda t: np.real(2.0**(t + 0j)), X),
    ]:  # fmt: skip
        ntb.check_gradients(f, x)


def test_a_split_gives_lists_as_numpy_does():
    a = np.arange(8.0).reshape(2, 2, 2)
    for f in (np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit):
        plain, found = f(a, 2), f(ntb.tensor(a), 2)
        assert type(found) is type(plain) is list and len(found) == 2


# --- axes


OF_0D = (
    np.sum,
    np.max,
    np.min,
    np.prod,
    np.ptp,
    np.nansum,
    np.nanmax,
    np.nanprod,
    np.cumprod,
    np.cumsum,
    np.add.reduce,
)


@pytest.mark.parametrize("f", [*OF_0D, lambda x, axis: np.repeat(x, 2, axis), lambda x, axis: np.take(x, 0, axis)])
def test_of_a_number_numpy_takes_axis_0(f):
    for axis in (0, -1, None):
        found, pull = ntb.vjp(lambda x, axis=axis: np.sum(f(x, axis=axis)), np.array(2.0))
        assert np.asarray(found) == np.sum(f(np.array(2.0), axis=axis))
        (d,) = pull(1.0)
        assert d.shape == () and float(d) == {"ptp": 0.0, "<lambda>": np.size(f(np.array(2.0), axis=axis))}.get(
            f.__name__, 1.0
        )
        ntb.check_gradients(lambda x, axis=axis: f(x * x, axis=axis), 1.5)


@pytest.mark.parametrize("shape", [(0,), (0, 2), (2, 0), (0, 0)])
def test_arrays_without_elements(shape):
    empty = np.zeros(shape)
    for f in (
        np.sum, np.prod, np.cumsum, np.sort, np.unique, np.ravel, np.nansum, np.flip, np.mean, np.var, np.median,
        lambda x: np.setxor1d(x, x), lambda x: np.take(x, [], 0), lambda x: np.concatenate([x, x]),
        lambda x: x @ x.T, lambda x: np.where(x > 0, x, 0), lambda x: np.diff(x, axis=0) if len(x) else x,
    ):  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, of the mean of nothing
            expected = f(empty)
            d = ntb.grad(lambda x, f=f: np.sum(f(x)))(empty)
            np.testing.assert_array_equal(np.asarray(f(ntb.tensor(empty))), expected)
        assert d.shape == shape and d.dtype == float


def test_an_axis_that_is_not_there_is_an_error():
    x = ntb.tensor(np.ones((2, 3)))
    trims = [np.trim_zeros] if "axis" in inspect.signature(np.trim_zeros).parameters else []  # since NumPy 2.2
    for f in (np.diff, np.gradient, np.trapezoid, np.linalg.vector_norm, np.sum, np.sort, np.cumsum, *trims):
        for axis in (2, 5, -3):
            with pytest.raises(np.exceptions.AxisError):
                f(x, axis=axis)


# --- copies


def test_a_copy_of_a_tensor_keeps_its_gradient():
    for twin in (copy.copy, copy.deepcopy, lambda t: copy.deepcopy({"a": [t]})["a"][0]):
        np.testing.assert_array_equal(gradient(lambda t, twin=twin: t + 10 * twin(t)), 11 * np.ones(3))
        traced = ntb.function(ntb.grad(lambda t, twin=twin: np.sum(t + 10 * twin(t))))
        np.testing.assert_array_equal(np.asarray(traced(X)), 11 * np.ones(3))
    with ntb.Tape() as tape:
        t = tape.watch(X)
        with pytest.raises(ntb.ConversionError, match="pickling"):
            pickle.dumps(t)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(t)).numpy(), X)


class Tagged(ntb.Variable):
    """A variable of a user's class, with attributes."""


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_of_a_variable_is_a_variable_of_its_own(twin):
    for kind in (ntb.Variable, Tagged):
        v = kind(X, name="v", trainable=True)
        with ntb.Tape() as tape:
            total = np.sum(v * 2.0)
            w = twin(v)
            total = total + np.sum(w * 5.0)
        assert type(w) is kind and w.name == "v" and w.trainable
        dv, dw = tape.gradient(total, [v, w])
        np.testing.assert_array_equal(dv.numpy(), 2 * np.ones(3))
        np.testing.assert_array_equal(dw.numpy(), 5 * np.ones(3))
        w.assign(2 * X)
        np.testing.assert_array_equal(v.value, X)
        assert not np.shares_memory(v.value, w.value)
    tagged = Tagged(X)
    tagged.me = [tagged]
    a, b = copy.deepcopy([tagged, tagged])
    assert a is b and a.me[0] is a and copy.copy(tagged).me[0] is tagged


# --- what has no gradient says so


def test_a_gradient_is_of_a_real_number():
    for f, words in [
        (lambda t: np.sum(t * 1j), "np.real"), (lambda t: np.sum(t > 1), "flat"), (lambda t: np.all(t > 1), "flat"),
        (np.argmax, "flat"), (lambda t: 3, "flat"),
    ]:  # fmt: skip
        with pytest.raises(ntb.GradientError, match=words):
            ntb.grad(f)(X)
        with pytest.raises(ntb.GradientError, match=words):
            ntb.value_and_grad(f)(X)
        with pytest.raises(ntb.GradientError, match=words):
            ntb.function(ntb.grad(f))(X)
    for source in (np.arange(3), np.array([True, False]), 3, range(3)):
        with pytest.raises(ntb.GradientError, match="floating-point"):
            ntb.grad(np.sum)(source)
