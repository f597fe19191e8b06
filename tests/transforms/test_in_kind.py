"""Arrays for arrays, tensors for tensors: one rule for all transformations and for traced functions."""

import types
from collections import namedtuple

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import ntb
from ntb.tree import leaves
from ntb.values.in_kind import wants_arrays
from tests.arrays.duck import duck

X = np.array([0.3, -0.5, 0.8])
W = ntb.Variable([1.0, 2.0, 3.0], name="W")


def f(x, *others):
    return np.sum(np.sin(x) * x + 0.1 * x * W)


def split(x):
    """A step whose result has the structure of x."""
    return np.cos(x) / 2


cube = ntb.numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2])
doubled = ntb.custom_gradient(lambda x: (2 * x * W, lambda g: 2 * g))

CALLS = {
    "grad": lambda x, *others: ntb.grad(f)(x, *others),
    "value_and_grad": lambda x, *others: ntb.value_and_grad(f)(x, *others),
    "vjp": lambda x, *others: (lambda y, pull: (y, pull(np.array(1.0))[0]))(*ntb.vjp(f, x, *others)),
    "jvp": lambda x, *others: ntb.jvp(f, (x, *others), (x, *[None for _ in others])),
    "linearize": lambda x, *others: (
        lambda y, push: (y, push(np.ones(3), *[None for _ in others]), push(np.ones(3), *[None for _ in others]))
    )(*ntb.linearize(f, x, *others)),
    "jacobian": lambda x, *others: ntb.jacobian(lambda x, *_: x * x * W)(x, *others),
    "hessian": lambda x, *others: ntb.hessian(f)(x, *others),
    "hvp": lambda x, *others: ntb.hvp(lambda x: f(x), x, np.ones(3)),
    "checkpoint": lambda x, *others: ntb.checkpoint(f)(x, *others),
    "custom_gradient": lambda x, *others: doubled(x),
    "numpy_function": lambda x, *others: cube(x),
    "scan": lambda x, *others: ntb.scan(lambda c, a: (c * a * W, c), x, np.ones((4, 3))),
    "fixed_point": lambda x, *others: ntb.fixed_point(lambda x: np.cos(x) / 2 + W, x),
    "root": lambda x, *others: ntb.root(lambda x: x**3 - W, x + 1.0),
    "function": lambda x, *others: ntb.function(lambda x, *_: {"loss": f(x), "both": (W + x, W * x)})(x, *others),
}
"""A call of each, whose answer depends on a Variable in the closure."""

NO_TRANSFORMATIONS = {
    "Function", "Program", "Record", "Tape", "Tensor", "Variable",
    "BusyWarning", "RetraceWarning", "StaleReplayWarning",
    "check_gradients", "debug_nans", "eval_shape", "gradient", "load", "numerical_gradient", "save", "stop_gradient",
    "tensor",
}  # fmt: skip
"""Public names of no module that take no function to make another or to run it; `check_gradients` gives nothing,
`eval_shape` a shape, and `numerical_gradient` an array in any case."""


def test_every_transformation_is_listed():
    errors = {name for name in ntb.__all__ if name.endswith("Error")}
    modules = {name for name in ntb.__all__ if isinstance(getattr(ntb, name), types.ModuleType)}
    assert set(CALLS) == set(ntb.__all__) - errors - modules - NO_TRANSFORMATIONS


def kinds(answer):
    return {type(y) for y in leaves(answer) if y is not None}


ARRAYS = {np.ndarray, np.float64}


@pytest.mark.parametrize("name", CALLS)
def test_arrays_for_arrays(name):
    answer = CALLS[name](X)
    assert kinds(answer) <= ARRAYS and kinds(answer), kinds(answer)


@pytest.mark.parametrize("name", CALLS)
def test_tensors_for_tensors_with_the_same_values(name):
    answer = CALLS[name](ntb.tensor(X))
    assert kinds(answer) == {ntb.Tensor}
    for y, plain in zip(leaves(answer), leaves(CALLS[name](X)), strict=True):
        if y is not None:
            assert_array_equal(np.asarray(y), plain)


@pytest.mark.parametrize("name", [name for name in CALLS if name != "numpy_function"])  # a function of arrays
def test_tensors_for_whoever_listens(name):
    with ntb.Tape():
        answer = CALLS[name](X)
    assert kinds(answer) == {ntb.Tensor}
    seen = []

    @ntb.function
    def traced(y):
        seen.append(kinds(CALLS[name](X)))
        return y

    traced(1.0)
    assert seen == [{ntb.Tensor}]


@pytest.mark.parametrize("name", CALLS)
def test_who_only_looks_changes_nothing(name):
    with ntb.debug_nans():
        assert kinds(CALLS[name](X)) <= ARRAYS
        assert kinds(CALLS[name](ntb.tensor(X))) == {ntb.Tensor}


WITH_OTHERS = ("grad", "value_and_grad", "vjp", "jvp", "linearize", "jacobian", "hessian", "checkpoint", "function")
Pair = namedtuple("Pair", "first second")


class Holder:
    def __init__(self, held):
        self.held = held
        self.itself = self

    def __repr__(self):
        return "Holder"


@pytest.mark.parametrize("name", WITH_OTHERS)
@pytest.mark.parametrize(
    "others",
    [(2.0,), (3,), (np.float32(1),), ([1.0, (2, X)],), ({"a": X},), ("text", None), (Holder(X), True), (Pair(X, X),)],
    ids=str,
)
def test_other_arguments_that_are_arrays_or_nothing(name, others):
    assert kinds(CALLS[name](X, *others)) <= ARRAYS


@pytest.mark.parametrize("name", [name for name in WITH_OTHERS if name not in ("vjp", "jvp", "linearize")])
@pytest.mark.parametrize(
    "other",
    [W, ntb.tensor(1.0), [X, ntb.tensor(X)], {"a": [W]}, Holder({"weight": W}), ntb.nn.Linear(2, 3), Pair(X, W)],
    ids=lambda x: type(x).__name__,
)
def test_a_tensor_variable_or_model_among_the_arguments_asks_for_tensors(name, other):
    assert kinds(CALLS[name](X, other)) == {ntb.Tensor}


def test_a_method_of_a_model_asks_for_tensors_and_no_arguments_too():
    class Trainer:
        def __init__(self):
            self.w = ntb.Variable(X)

        @ntb.function
        def step(self, x):
            return np.sum(self.w * x)

    trainer = Trainer()
    assert [type(trainer.step(X)) for _ in range(3)] == [ntb.Tensor] * 3
    step = ntb.function(lambda: W * 2)
    assert [type(step()) for _ in range(3)] == [ntb.Tensor] * 3
    flagged = ntb.function(lambda train=False, name="": W * 2)
    assert [type(flagged(train=True, name="a")) for _ in range(3)] == [ntb.Tensor] * 3


@pytest.mark.parametrize("check", ["always", "sometimes", "never"])
def test_traced_functions_answer_each_call_in_kind_with_one_program(check):
    step = ntb.function(lambda x, y=1.0: (np.sum(x * W) * y, 2 * x), check=check)
    for _ in range(4):
        total, twice = step(X)
        assert type(total) is np.float64 and type(twice) is np.ndarray
        total, twice = step(ntb.tensor(X))
        assert type(total) is type(twice) is ntb.Tensor
        assert type(step(X, ntb.tensor(1.0))[0]) is ntb.Tensor or check  # another signature: a tensor for a float
    assert len(step.programs) == 2
    program = step.trace(X)
    assert type(program(X)[1]) is np.ndarray and type(program(ntb.tensor(X))[1]) is ntb.Tensor


def test_a_function_that_is_replayed_no_more_answers_in_kind():
    step = ntb.function(lambda x: x * W)
    assert type(step(X)) is np.ndarray
    step._replays = False
    assert type(step(X)) is np.ndarray and type(step(ntb.tensor(X))) is ntb.Tensor


def test_pulled_and_pushed_weights_ask_too():
    for x, weight, kind in [(X, 1.0, np.ndarray), (ntb.tensor(X), 1.0, ntb.Tensor), (X, ntb.tensor(1.0), ntb.Tensor)]:
        _, pull = ntb.vjp(f, x)
        assert type(pull(weight)[0]) is kind
    for x, moved, kind in [(X, X, np.float64), (ntb.tensor(X), X, ntb.Tensor), (X, ntb.tensor(X), ntb.Tensor)]:
        _, push = ntb.linearize(f, x)
        assert [type(push(moved)) for _ in range(3)] == [kind] * 3


def test_what_a_function_returns_beside():
    loss, aux = ntb.value_and_grad(lambda x: (np.sum(x), {"x": x, "name": "a", "v": W}), has_aux=True)(X)[0]
    assert type(loss) is np.float64 and type(aux["x"]) is np.ndarray and aux["name"] == "a" and aux["v"] is W
    assert not np.shares_memory(aux["x"], X)


RESULTS = {
    **CALLS,
    "linear": lambda x: ntb.grad(lambda x: np.sum(x * A))(x),
    "the argument": lambda x: ntb.function(lambda x: (x, x, x[1:], A, W.read()))(x),
    "vjp of the argument": lambda x: (lambda y, pull: (y, pull((x, x))))(*ntb.vjp(lambda x: (x, x), x)),
    "jvp of the argument": lambda x: ntb.jvp(lambda x: (x, x[1:]), (x,), (x,)),
    "jacobian of a constant": lambda x: ntb.jacobian(lambda x: A * np.ones(3))(x),
    "jacobian of a sum": lambda x: ntb.jacobian(lambda x: (x + A, np.sum(x)))(x),
    "a broadcast gradient": lambda x: ntb.grad(np.sum)(x),
    "a fixed point that is a constant": lambda x: ntb.fixed_point(lambda x: A * 1.0, x),
    "a carry that stays": lambda x: ntb.scan(lambda c, a: (c, c), x, length=2),
    "checkpoint of a variable": lambda x: ntb.checkpoint(lambda x: (W.read(), W * x))(x),
    "custom gradient of the argument": lambda x: ntb.custom_gradient(lambda x: (x, lambda g: g))(x),
    "numpy_function of the argument": lambda x: ntb.numpy_function(lambda x: (x, None), lambda g, *_: [g])(x),
}
A = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("name", RESULTS)
def test_the_caller_may_write_to_what_he_gets(name):
    """It shares its memory with nothing: the next call gives the same, and the arguments stay as they are."""
    call, x = RESULTS[name], X.copy()
    expected = [np.copy(y) for y in leaves(call(x)) if y is not None]
    for _ in range(3):
        found = [y for y in leaves(call(x)) if y is not None]
        arrays = [y for y in found if isinstance(y, np.ndarray)]
        assert all(not np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])
        for y, right in zip(found, expected, strict=True):
            assert_array_equal(y, right)
        for y in arrays:
            y[...] = -77.0
    assert_array_equal(x, X)
    assert_array_equal(A, [1.0, 2.0, 3.0])
    assert_array_equal(W.value, [1.0, 2.0, 3.0])


def test_replays_give_arrays_that_may_be_written_to():
    step = ntb.function(lambda x: (np.exp(x), np.reshape(x * 2, (3, 1)), x, W * 1.0, W.read()), check="never")
    expected = [np.copy(y) for y in step(X.copy())]
    for _ in range(4):
        x = X.copy()
        for y, right in zip(step(x), expected, strict=True):
            assert_array_equal(y, right)
            y[...] = 5.0
        assert_array_equal(x, X)


@pytest.mark.parametrize("check", ["always", "sometimes", "never"])
@pytest.mark.parametrize("size", [3, 5000])  # large arrays have places in memory that programs reuse
def test_a_new_value_of_a_variable_that_is_also_returned(check, size):
    v, slot = ntb.Variable(np.zeros(size)), ntb.Variable(np.zeros(size))

    @ntb.function(check=check)
    def step(x):
        new = np.exp(x) * 0.5
        v.assign(new)
        slot.assign(slot + x)
        parts = np.reshape(new, (-1,)), np.transpose(new), slot.read(), v.read(), new, x + 0.0, new
        return parts, {"again": new, "grown": slot * 1.0, "none": None, "n": 3}

    x = np.linspace(0.0, 1.0, size)
    for i in range(1, 6):
        given = x.copy()
        parts, others = step(given)
        arrays = [*parts, others["again"], others["grown"]]
        assert all(not np.shares_memory(a, b) for k, a in enumerate(arrays) for b in [*arrays[:k], given])
        for y in (*parts[:2], parts[3], parts[4], parts[6], others["again"]):
            assert_array_equal(y, np.exp(x) * 0.5)
        for y in (parts[2], others["grown"]):
            np.testing.assert_allclose(y, i * x)
        for y in arrays:
            y[...] = -5.0
        assert_array_equal(v.value, np.exp(x) * 0.5)
        np.testing.assert_allclose(slot.value, i * x)


def test_what_pull_needs_cannot_be_written_to():
    y, pull = ntb.vjp(np.exp, X)
    y[...] = 0.0
    assert_array_equal(pull(np.ones(3))[0], np.exp(X))
    y, push = ntb.linearize(np.exp, X)
    y[...] = 0.0
    assert_array_equal(push(np.ones(3)), np.exp(X))


def test_numbers():
    assert type(ntb.grad(lambda x: x**2)(3.0)) is type(ntb.grad(lambda x: x**2)(np.float64(3.0))) is np.float64
    assert type(ntb.grad(lambda x: x**2)(np.array(3.0))) is np.float64
    assert type(ntb.grad(lambda x: x**2)(np.float32(3.0))) is np.float32
    assert type(ntb.function(lambda x: 2 * x)(3.0)) is float  # a Python number stays one
    assert [type(g) for g in ntb.grad(lambda x: x[0] * x[1])([2.0, 3.0])] == [np.float64] * 2


def test_the_question_itself():
    itself = []
    itself.append(itself)
    assert not wants_arrays(itself) and wants_arrays(itself, 1.0)
    assert not wants_arrays() and not wants_arrays("a", None, True, np, len, Holder)
    assert wants_arrays(np.ma.array([1.0])) and wants_arrays({"a": [(np.int8(1),)]})


def test_tables_of_other_libraries_count_as_arrays():
    pandas = pytest.importorskip("pandas")
    assert wants_arrays(pandas.Series([1.0])) and wants_arrays(pandas.DataFrame({"a": [1.0]}))


def test_arrays_of_other_libraries_stay_tensors_of_theirs():
    foreign = duck(np.ones(3))
    assert not wants_arrays(foreign)
    assert isinstance(ntb.grad(lambda x: np.sum(x * x))(foreign), ntb.Tensor)
