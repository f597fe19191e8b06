"""Every operation of the table: value, first and second derivative, shape, dtype, memory."""

from __future__ import annotations

import dis
import inspect
import warnings

import numpy as np
import pytest

import ntb
from ntb.functions import name_of
from ntb.ops import plain
from ntb.ops.indexing import scatter
from ntb.primitive import primitive
from ntb.tape.gradient import unbroadcast
from ntb.tape.operation import UNKNOWN
from ntb.tape.rules import definitions, derivative, operation_of, operations
from tests.samples import SAMPLES
from tests.samples.base import in_precision

# Not by hypothesis, which in a test with a thousand parameters runs into Python's limit of recursion.
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


def drawn(sample, dtype=np.float64):
    """Arguments in each of the sample's shapes, drawn at random."""
    for number, shapes in enumerate(sample.shapes):
        yield sample.arrays(np.random.default_rng([number, len(sample.name)]), shapes, dtype)


def leaves(result):
    """The results of an operation as a flat list of arrays."""
    found = []
    pending = [result]
    while pending:
        x = pending.pop()
        if isinstance(x, tuple | list):
            pending.extend(reversed(x))
        else:
            found.append(np.asarray(x.numpy()) if isinstance(x, ntb.Tensor) else np.asarray(x))
    return found


def gradients(sample, tensors, seed=3):
    """Gradients of the weighted sum of an operation's results; the weights are returned too."""
    rng = np.random.default_rng(seed)
    with ntb.Tape() as tape:
        for t in tensors:
            tape.watch(t)
        results = sample.call(*tensors)
        results = [y for y in (results if isinstance(results, tuple | list) else (results,)) if y.dtype.kind in "fc"]
        weights = [ntb.tensor(rng.normal(size=y.shape).astype(y.dtype)) for y in results]
        total = sum(np.sum(np.real(y * w)) for y, w in zip(results, weights, strict=True))
    return tape.gradient(total, list(tensors), unconnected="zero"), weights


@each_sample
def test_value_is_that_of_numpy(sample):
    for arrays in drawn(sample):
        expected = leaves(sample.call(*arrays))
        found = leaves(sample.call(*[ntb.tensor(x) for x in arrays]))
        assert len(found) == len(expected)
        for y, e in zip(found, expected, strict=True):
            assert y.shape == e.shape and y.dtype == e.dtype
            if sample.exact:
                np.testing.assert_array_equal(y, e)
            else:
                np.testing.assert_allclose(y, e, rtol=1e-13, atol=1e-14)


@pytest.mark.uncounted
@each_sample
def test_first_and_second_derivative(sample):
    for arrays in drawn(sample):
        # forward mode: tests/transforms
        ntb.check_gradients(sample.call, *arrays, order=sample.order, modes=("rev",), directions=1)


@each_sample
def test_gradients_have_shape_and_dtype_of_their_source_and_memory_of_their_own(sample):
    for arrays in drawn(sample):
        single = [in_precision(x, np.float32) for x in arrays]
        exact, _ = gradients(sample, [ntb.Tensor(x) for x in arrays])
        rough, _ = gradients(sample, [ntb.Tensor(x) for x in single])
        for x, s, d, e in zip(arrays, single, exact, rough, strict=True):
            assert d.shape == e.shape == x.shape
            assert d.dtype == x.dtype and e.dtype == s.dtype
        for y, e in zip(
            leaves(sample.call(*[ntb.Tensor(x) for x in single])), leaves(sample.call(*single)), strict=True
        ):
            assert y.dtype == e.dtype

        before = [x.copy() for x in arrays]
        tensors = [ntb.Tensor(x) for x in arrays]
        found, weights = gradients(sample, tensors)
        for x, saved in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(x, saved)
        handed_out = [np.asarray(d.numpy()) for d in found]
        others = [*arrays, *[np.asarray(w.numpy()) for w in weights]]
        for i, d in enumerate(handed_out):
            for other in [*handed_out[:i], *others]:
                assert not np.shares_memory(d, other)


@each_sample
def test_single_precision_stays_single(sample):
    """The rules themselves compute in the precision of the gradient, as long as the result has it."""
    rng = np.random.default_rng(0)
    arrays = sample.arrays(rng, sample.shapes[-1], np.float32)
    with ntb.Tape(persistent=True) as tape:
        tensors = [tape.watch(x) for x in arrays]
        results = sample.call(*tensors)
        results = [y for y in (results if isinstance(results, tuple | list) else (results,)) if y.dtype.kind in "fc"]
    if any(y.dtype not in (np.float32, np.complex64) for y in results):
        return
    with ntb.Tape() as listening:
        seeds = [listening.watch(np.ones(y.shape, y.dtype)) for y in results]
        for y, seed in zip(results, seeds, strict=True):
            tape.gradient(y, tensors, seed=seed)
    wide = [r for r in listening.records if any(t.dtype in (np.float64, np.complex128) for t in r.results())]
    assert not wide, f"{sample.name} computes in double precision: {wide}"


def test_every_operation_has_a_sample():
    sampled = {sample.operation for sample in SAMPLES}
    unsampled = [op.name for op in operations() if op.function not in sampled and not is_of_a_test(op.function)]
    assert not unsampled, unsampled


def is_of_a_test(function):
    return str(getattr(function, "__module__", "")).startswith("tests.")


PLAIN = {*plain.ABOUT_ARRAYS, *plain.CHANGERS, *plain.WRITERS, np.array_equal, np.array_equiv, np.allclose}


def test_every_definition_has_a_sample():
    sampled = {sample.operation for sample in SAMPLES}
    assert not [name_of(f) for f in definitions if f not in sampled | PLAIN]


def test_without_a_rule_the_call_fails_and_names_the_operation():
    with ntb.Tape() as tape:
        x = tape.watch(np.eye(2))
        for call, name in [(lambda x: np.linalg.qr(x, "raw"), "householder"), (np.histogramdd, "np.histogramdd")]:
            with pytest.raises(ntb.GradientError, match=name):
                call(x)
        with pytest.raises(ntb.GradientError, match=r"np\.add with where= leaves elements undefined"):
            np.add(x, x, where=x > 0)
        np.testing.assert_array_equal(np.add(x, x, where=True).numpy(), 2 * np.eye(2))
        with tape.stop_recording():
            assert np.median(x).item() == 0.5


def test_how_a_ufunc_stores_its_result_does_not_matter_to_its_derivative():
    x = ntb.tensor([1.0, 2.0])
    with ntb.Tape() as tape:
        tape.watch(x)
        y = np.multiply(x, 3.0, dtype=np.float32)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(tape.gradient(y, x, seed=np.ones(2)).numpy(), [3.0, 3.0])


# --- the table keeps what it says


def used_names(code):
    """The variables that a function, or one inside it, reads."""
    names = {
        i.argval for i in dis.get_instructions(code) if i.opname.startswith(("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE"))
    }
    names = {n for group in names for n in (group if isinstance(group, tuple) else (group,))}
    for constant in code.co_consts:
        if inspect.iscode(constant):
            names |= used_names(constant)
    return names


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_a_rule_asks_for_no_array_that_it_does_not_use(operation):
    for rule in operation.derivative.rules:
        if rule is None or not hasattr(rule, "__code__"):
            continue
        y, *arguments = list(inspect.signature(rule).parameters)[1:]
        arrays = [y, *[name for name, r in zip(arguments, operation.derivative.rules, strict=False) if r is not None]]
        used = used_names(inspect.unwrap(rule).__code__)
        idle = [name for name in arrays if not name.startswith("_") and name not in used]
        assert not idle, f"{operation.name}: {idle} needs an underscore"


SIZES = (0, 1, 2, 3)
SHAPES = [(), *[(a,) for a in SIZES], *[(a, b) for a in SIZES for b in SIZES]]
SHAPES += [(a, b, c) for a in SIZES for b in SIZES for c in SIZES]


def test_gradients_are_summed_over_what_was_stretched():
    """All pairs of shapes that broadcast, up to rank three: by loops over the elements."""
    pairs = 0
    for one in SHAPES:
        for other in SHAPES:
            try:
                shape = np.broadcast_shapes(one, other)
            except ValueError:
                continue
            pairs += 1
            g = np.arange(1.0, 1 + int(np.prod(shape))).reshape(shape)
            owner = np.broadcast_to(np.arange(int(np.prod(one))).reshape(one), shape)
            expected = np.bincount(owner.ravel(), g.ravel(), minlength=int(np.prod(one))).reshape(one)
            found = unbroadcast(g, one)
            assert np.shape(found) == one
            np.testing.assert_array_equal(found, expected)
    assert pairs > 1500


# --- what is not differentiable says so or stays out of the way


def test_what_is_flat_carries_no_gradient():
    with ntb.Tape() as tape:
        x = tape.watch(np.array([1.5, -0.5]))
        for f in (
            np.floor,
            np.ceil,
            np.trunc,
            np.rint,
            np.round,
            np.sign,
            np.isnan,
            np.argmax,
            np.argsort,
            np.zeros_like,
        ):
            f(x)
        x > 0, x == x, np.logical_not(x), np.nonzero(x), np.where(x), np.searchsorted(x, 0.0), np.count_nonzero(x)
        assert len(tape) == 0


def test_shapes_and_dtypes_are_plain_python():
    with ntb.Tape() as tape:
        x = tape.watch(np.zeros((2, 3), np.float32))
        assert type(np.shape(x)) is tuple and np.shape(x) == (2, 3)
        assert (np.ndim(x), np.size(x), np.size(x, 1)) == (2, 6, 3)
        assert np.result_type(x, 1.0) == np.float32
        assert np.iscomplexobj(x) is False and np.isrealobj(x) is True
        assert np.array_equal(x, x) is True and np.allclose(x, x + 1) is False and np.array_equiv(x, 0) is True
        assert np.array_equal(x, np.zeros(2)) is False


def test_mutators_are_refused_before_anything_changes():
    a = np.zeros(3)
    with ntb.Tape() as tape:
        x = tape.watch(np.ones(3))
        calls = [
            lambda t: np.copyto(a, t),
            lambda t: np.put(a, [0, 1, 2], t),
            lambda t: np.place(a, [True, True, True], t),
            lambda t: np.putmask(a, np.array([True, True, True]), t),
            lambda t: np.put_along_axis(a, np.array([0, 1, 2]), t, 0),
            lambda t: np.add.at(a, [0, 1, 2], t),
            lambda t: np.copyto(dst=a, src=t),
            lambda t: np.add(a, t, out=a),
            lambda t: np.copyto(t, a),
            lambda t: np.fill_diagonal(t, 0.0),
        ]
        for call in calls:
            with pytest.raises(ntb.MutationError):
                call(x)
        square = np.zeros((3, 3))
        with pytest.raises(ntb.ConversionError):  # NumPy does not ask a tensor in this position
            np.fill_diagonal(square, x)
        with pytest.raises(ntb.MutationError):
            np.full_like(a, x)
    np.testing.assert_array_equal(a, 0.0)
    np.testing.assert_array_equal(square, 0.0)
    np.testing.assert_array_equal(x.numpy(), 1.0)
    np.copyto(a, ntb.tensor(np.ones(3)))  # nobody tracks this one
    np.testing.assert_array_equal(a, 1.0)


def test_at_replaces_and_adds():
    t = ntb.tensor([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(t.at[1].set(9.0).numpy(), [1, 9, 3])
    np.testing.assert_array_equal(t.at[[0, 0]].add([1.0, 2.0]).numpy(), [4, 2, 3])
    np.testing.assert_array_equal(t.at[[0, 0]].set([1.0, 7.0]).numpy(), [7, 2, 3])
    np.testing.assert_array_equal(t.numpy(), [1, 2, 3])
    assert ntb.tensor(np.ones(2, np.float32)).at[0].set(np.float64(2)).dtype == np.float32
    assert ntb.Variable([1.0, 2.0]).at[0].set(0.0).numpy().tolist() == [0.0, 2.0]
    with pytest.raises(ntb.InputError, match="int64"):
        ntb.tensor([1, 2]).at[0].set(0.5)
    with ntb.Tape() as tape:
        t, v = tape.watch(t), tape.watch([5.0, 6.0])
        y = np.sum(t.at[[0, 0]].set(v) * np.array([1.0, 10.0, 100.0]))
    dt, dv = tape.gradient(y, [t, v])
    np.testing.assert_array_equal(dt.numpy(), [0, 10, 100])
    np.testing.assert_array_equal(dv.numpy(), [0, 1])


def test_keyword_and_positional_calls_find_the_same_rule():
    x = np.array([[1.0, 4.0], [3.0, 2.0]])
    calls = [
        (lambda t: np.sum(t, 0), lambda t: np.sum(a=t, axis=0)),
        (lambda t: np.clip(t, 2, 3), lambda t: t.clip(min=2, max=3)),
        (lambda t: np.clip(t, 2, 3), lambda t: np.clip(t, a_max=3, a_min=2)),
        (lambda t: np.dot(t, x), lambda t: np.dot(a=t, b=x)),
        (lambda t: np.dot(x, t), lambda t: np.dot(b=t, a=x)),
        (lambda t: np.reshape(t, 4), lambda t: np.reshape(t, (4,), order='C')),
        (lambda t: np.take(t, [0], 1), lambda t: np.take(indices=[0], axis=1, a=t)),
        (lambda t: np.concatenate([t, x], 1), lambda t: np.concatenate([t, x], axis=1)),
        (lambda t: np.outer(t, x), lambda t: np.outer(a=t, b=x)),
        (lambda t: np.tensordot(x, t, 1), lambda t: np.tensordot(x, b=t, axes=1)),
        (lambda t: np.transpose(t, (1, 0)), lambda t: np.transpose(a=t, axes=(1, 0))),
    ]  # fmt: skip
    for positional, keyword in calls:
        both = []
        for call in (positional, keyword):
            with ntb.Tape() as tape:
                t = tape.watch(x)
                y = np.sum(call(t) ** 2)
            both.append(tape.gradient(y, t).numpy())
        np.testing.assert_array_equal(*both)


def test_what_cannot_be_differentiated_says_so():
    with ntb.Tape() as tape:
        x = tape.watch(np.eye(2))
        with pytest.raises(ntb.GradientError, match="mode"):
            np.pad(x, 1, mode="empty")
        with pytest.raises(ValueError, match="norm order"):
            np.linalg.norm(x, "cubic")


def test_the_gradient_of_a_real_loss_is_the_direction_of_steepest_ascent():
    """As PyTorch gives it: ∂L/∂Re z + i ∂L/∂Im z, so that of |z|² it is 2z; to second order too."""
    z = np.array([1 + 2j, -3 + 1j])

    def loss(z):
        return np.sum(np.real(z * np.conjugate(z)))

    np.testing.assert_allclose(np.asarray(ntb.grad(loss)(z)), 2 * z)
    np.testing.assert_allclose(np.asarray(ntb.grad(lambda z: loss(ntb.grad(loss)(z)))(z)), 8 * z)
    g = np.array([1j, 2 - 1j])
    with ntb.Tape() as tape:
        t = tape.watch(z)
        y = np.exp(t)
    np.testing.assert_allclose(tape.gradient(y, t, seed=g).numpy(), g * np.conjugate(np.exp(z)))


def test_what_would_be_a_warning_stays_silent_at_the_edges():
    big = np.array([-1000.0, -1.0, 0.0, 1.0, 1000.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in (
            ntb.nn.sigmoid,
            ntb.nn.softplus,
            ntb.nn.log_sigmoid,
            ntb.nn.relu,
            np.tanh,
            ntb.nn.softmax,
            ntb.nn.logsumexp,
        ):
            for x in (big, big.astype(np.float32)):
                with ntb.Tape() as tape:
                    t = tape.watch(x)
                    y = np.sum(f(t))
                assert np.all(np.isfinite(tape.gradient(y, t).numpy())), f
                assert y.dtype == x.dtype
    np.testing.assert_allclose(
        ntb.nn.sigmoid(np.array([0, 1, -3])), [0.5, 0.731058578630005, 0.047425873177567], rtol=1e-13
    )
    np.testing.assert_allclose(ntb.nn.sigmoid(np.array([True, False])), [0.731058578630005, 0.5], rtol=1e-13)


def test_special_functions_against_their_definitions():
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    for axis in (0, -1, (0, 2), None):
        total = np.sum(np.exp(x), axis=axis, keepdims=True)
        np.testing.assert_allclose(ntb.nn.softmax(x, axis), np.exp(x) / total)
        np.testing.assert_allclose(ntb.nn.log_softmax(x, axis), np.log(np.exp(x) / total))
        np.testing.assert_allclose(ntb.nn.logsumexp(x, axis), np.log(np.sum(np.exp(x), axis=axis)))
    np.testing.assert_allclose(ntb.nn.sigmoid(x), 1 / (1 + np.exp(-x)))
    np.testing.assert_allclose(ntb.nn.softplus(x), np.log(1 + np.exp(x)))
    np.testing.assert_allclose(ntb.nn.log_sigmoid(x), np.log(1 / (1 + np.exp(-x))))


def test_infinite_scores_decide_alone():
    for dtype in (float, np.float32):
        x = np.array([[np.inf, 0], [0, -np.inf], [-np.inf, -np.inf]], dtype)
        expected = np.array([[0, -np.inf], [0, -np.inf], [-np.inf, -np.inf]], dtype)
        np.testing.assert_array_equal(ntb.nn.log_softmax(x), expected, strict=True)
        for label in (0, 1):
            losses = ntb.nn.cross_entropy(x, np.full(3, label), reduction="none")
            np.testing.assert_array_equal(losses, -expected[:, label], strict=True)


def test_a_planted_operation_needs_a_row():
    """The test for missing samples can fail."""

    def planted(x):
        return x

    planted.__module__ = "ntb.ops.planted"
    planted = primitive(planted)
    derivative(planted, lambda g, _y, _x: g)
    try:
        with pytest.raises(AssertionError, match="planted"):
            test_every_operation_has_a_sample()
    finally:
        operation_of(planted).derivative = UNKNOWN


def test_rows_named_many_times_add_up():
    """Wide rows take a faster way than np.add.at; both give the same."""
    rng = np.random.default_rng(0)
    for shape in [(5, 40), (3, 4, 8), (1, 64)]:
        index = rng.integers(-shape[0], shape[0], (7, 6))
        g = rng.normal(size=(7, 6, *shape[1:]))
        expected = np.zeros(shape)
        np.add.at(expected, index, g)
        np.testing.assert_allclose(scatter(g, index, shape), expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(scatter(g[:0], index[:0], shape), 0.0)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_what_is_picked_again_along_an_axis_adds_up(axis):
    """A few elements are added up by a product; infinity stays where it belongs."""
    rng, shape = np.random.default_rng(1), (3, 4, 5)
    rows = rng.integers(-shape[axis], shape[axis], (2, 6))
    index = (*[slice(None)] * axis, rows)
    g = rng.normal(size=(*shape[:axis], 2, 6, *shape[axis + 1 :]))
    for value in 1.0, np.inf:
        g[(0,) * g.ndim] = value
        expected = np.zeros(shape)
        np.add.at(expected, index, g)
        np.testing.assert_allclose(scatter(g, index, shape), expected, rtol=1e-12, atol=1e-12)
