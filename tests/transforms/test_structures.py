"""Every transformation over every structure of arguments and results: the numbers of flat arguments, in that form."""

import dataclasses
import inspect
from collections import OrderedDict, UserDict, defaultdict, deque
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pytest

import ntb
from ntb.errors import NtbError
from ntb.tree import children, fill, is_branch, leaves
from tests import oldest


class Pair(NamedTuple):
    a: object
    b: object


class List(list):
    def __init__(self, *items):
        super().__init__(items)


class Dict(dict):
    def __init__(self, *, a, b):
        super().__init__(a=a, b=b)


class Attributes(dict):
    __getattr__ = dict.__getitem__


class Tuple(tuple):
    __slots__ = ()

    def __new__(cls, a, b):
        return super().__new__(cls, (a, b))


@dataclasses.dataclass
class Data:
    a: object
    b: object


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: object
    b: object


@dataclasses.dataclass(slots=True)
class Slots:
    a: object
    b: object


@dataclasses.dataclass
class Computed(Data):
    c: object = dataclasses.field(init=False, default=None)
    d: dataclasses.InitVar[int] = 0
    e = ()


def default(a, b):
    made = defaultdict(list)
    made.update(a=a, b=b)
    return made


FORMS = {
    "list": lambda a, b: [a, b],
    "tuple": lambda a, b: (a, b),
    "dict": lambda a, b: {"a": a, "b": b},
    "OrderedDict": lambda a, b: OrderedDict(a=a, b=b),
    "defaultdict": default,
    "named tuple": Pair,
    "subclass of list": List,
    "subclass of dict": lambda a, b: Dict(a=a, b=b),
    "dict with attributes": lambda a, b: Attributes(a=a, b=b),
    "subclass of tuple": Tuple,
    "dict with numbers as keys": lambda a, b: {1: a, 0: b},
    "dataclass": Data,
    "frozen dataclass": Frozen,
    "dataclass with slots": Slots,
    "dataclass with other fields": Computed,
    "nested": lambda a, b: {"x": [a], "y": Pair(b, ())},
    "nested dataclass": lambda a, b: {"x": Data(a, [b])},
    "with None": lambda a, b: (Data(a, None), {"b": b, "c": None}),
}
MARKS = {"dict with attributes": oldest.copies}
FORMED = [pytest.param(form, id=name, marks=MARKS.get(name, ())) for name, form in FORMS.items()]
X, Y, ONE = np.array([0.5, -1.0]), np.array([2.0, 3.0]), np.ones(2)
ZERO, UNIT = np.zeros((2, 2)), np.eye(2)


def parts(tree):
    return [x for x in leaves(tree) if x is not None]


def made_like(tree, values):
    remaining = iter(values)
    return fill(tree, [None if x is None else next(remaining) for x in leaves(tree)])


def value(tree):
    """Σ 2a + ab, of which both derivatives are told apart."""
    a, b = parts(tree)
    return np.sum(a * 2.0 + a * b)


def assert_same(found, expected):
    """The same structure, of the same classes, with the same numbers."""
    if is_branch(expected):
        assert type(found) is type(expected)
        assert [key for key, _ in children(found)] == [key for key, _ in children(expected)]
        for (_, one), (_, other) in zip(children(found), children(expected), strict=True):
            assert_same(one, other)
    elif expected is None:
        assert found is None
    else:
        np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=1e-12)


def doubled(form):
    """A function of a tree, with a result in the same form."""

    def f(tree):
        a, b = parts(tree)
        return form(a * 2.0, a * b)

    return f


def summed(form):
    """A step of a sum."""
    return lambda tree, *_: (form(parts(tree)[0] + parts(tree)[1], parts(tree)[1]), None)


def rule_by_argument(form):
    return ntb.custom_gradient(lambda tree: (value(tree), lambda g: form(g * (2 + parts(tree)[1]), g * parts(tree)[0])))


def rule_by_result(form):
    def backward(*gs):
        da, db = parts(gs)
        return da * 2.0 + db * Y

    return ntb.custom_gradient(lambda a: (form(a * 2.0, a * Y), backward))


def by_tape(form, method):
    variables = form(ntb.Variable(X), ntb.Variable(Y))
    with ntb.Tape() as tape:
        y = value(variables)
    flat = getattr(tape, method)(y, parts(variables))
    return made_like(variables, flat)


def replayed(f, *args, **kwargs):
    traced = ntb.function(f)
    traced(*args, **kwargs)
    return traced(*args, **kwargs)


# of each public name: what is called for a form, and what must come of it
G = lambda form: form(2 + Y, X)
SUM = lambda form: value(form(2 * X, X * Y))
CASES = {
    "grad": [
        (lambda f, w: ntb.grad(value)(w), G),
        (lambda f, w: ntb.grad(lambda s, tree: value(tree) * s)(1.0, tree=w), lambda f: np.sum(2 * X + X * Y)),
        (lambda f, w: ntb.grad(lambda s, tree: value(tree) * s, 1)(1.0, w), G),
        (lambda f, w: ntb.grad(lambda a: value(f(a * 2.0, a)))(X), lambda f: 4.0 + 4.0 * X),
    ],
    "value_and_grad": [(lambda f, w: ntb.value_and_grad(value)(w)[1], G)],
    "vjp": [
        (lambda f, w: ntb.vjp(doubled(f), w)[0], lambda f: f(2 * X, X * Y)),
        (lambda f, w: ntb.vjp(doubled(f), w)[1](f(ONE, ONE))[0], G),
        (lambda f, w: ntb.grad(lambda tree: value(ntb.vjp(doubled(f), tree)[1](f(ONE, ONE))[0]))(w),
         lambda f: f(2 + Y, 2 + X)),
    ],
    "jvp": [
        (lambda f, w: ntb.jvp(doubled(f), (w,), (f(ONE, 0 * ONE),))[1], lambda f: f(2 * ONE, Y)),
        (lambda f, w: ntb.jvp(ntb.grad(value), (w,), (f(ONE, 0 * ONE),))[1], lambda f: f(0 * ONE, ONE)),
        (lambda f, w: ntb.grad(lambda tree: value(ntb.jvp(doubled(f), (tree,), (f(ONE, ONE),))[1]))(w),
         lambda f: f(2 * ONE, 2 * ONE)),
    ],
    "linearize": [(lambda f, w: ntb.linearize(doubled(f), w)[1](f(ONE, 0 * ONE)), lambda f: f(2 * ONE, Y))],
    "jacobian": [
        *[(lambda f, w, m=m: ntb.jacobian(lambda tree: parts(tree)[0] * parts(tree)[1], mode=m)(w),
           lambda f: f(np.diag(Y), np.diag(X))) for m in ("rev", "fwd", "auto")],
        (lambda f, w: ntb.jacobian(lambda a: f(a * 2.0, a * Y))(X), lambda f: f(2 * UNIT, np.diag(Y))),
    ],
    "hessian": [(lambda f, w: ntb.hessian(value)(w), lambda f: f(f(ZERO, UNIT), f(UNIT, ZERO)))],
    "hvp": [(lambda f, w: ntb.hvp(value, w, f(ONE, ONE)), lambda f: f(ONE, ONE))],
    "checkpoint": [
        (lambda f, w: ntb.checkpoint(doubled(f))(w), lambda f: f(2 * X, X * Y)),
        (lambda f, w: ntb.grad(lambda tree: value(ntb.checkpoint(doubled(f))(tree)))(w),
         lambda f: f(4 + 4 * X * Y, 2 * X * X)),
        (lambda f, w: ntb.grad(lambda tree: value(ntb.checkpoint(doubled(f))(tree=tree)))(w),
         lambda f: f(4 + 4 * X * Y, 2 * X * X)),
    ],
    "custom_gradient": [
        (lambda f, w: ntb.grad(rule_by_argument(f))(w), G),
        (lambda f, w: ntb.grad(lambda tree: rule_by_argument(f)(tree=tree))(w), G),
        (lambda f, w: ntb.jvp(rule_by_argument(f), (w,), (f(ONE, 0 * ONE),))[1], lambda f: np.sum(2 + Y)),
        (lambda f, w: rule_by_result(f)(X), lambda f: f(2 * X, X * Y)),
        (lambda f, w: ntb.grad(lambda a: value(rule_by_result(f)(a)))(X), lambda f: 4 + 4 * X * Y),
    ],
    "scan": [
        (lambda f, w: ntb.scan(summed(f), w, length=3)[0], lambda f: f(X + 3 * Y, Y)),
        (lambda f, w: ntb.scan(lambda c, x: (c + parts(x)[0], f(parts(x)[1], c)), 0.0, w)[1],
         lambda f: f(Y, X * [0, -0.5])),
        (lambda f, w: ntb.grad(lambda tree: value(ntb.scan(summed(f), tree, length=1)[0]))(w),
         lambda f: f(2 + Y, 2 + X + 2 * Y)),
        (lambda f, w: ntb.jvp(lambda tree: ntb.scan(summed(f), tree, length=2)[0], (w,), (f(ONE, ONE),))[1],
         lambda f: f(3 * ONE, ONE)),
    ],
    "fixed_point": [
        (lambda f, w: ntb.fixed_point(lambda tree: f(*[0.5 * x + 1.0 for x in parts(tree)]), w),
         lambda f: f(2 * ONE, 2 * ONE)),
        (lambda f, w: ntb.grad(lambda tree: ntb.fixed_point(lambda x, p: 0.5 * x + value(p), 0.0, tree))(w),
         lambda f: f(2 * (2 + Y), 2 * X)),
    ],
    "root": [
        (lambda f, w: ntb.root(lambda tree: f(*[0.5 * x - 1.0 for x in parts(tree)]), w),
         lambda f: f(2 * ONE, 2 * ONE)),
        (lambda f, w: ntb.grad(lambda tree: ntb.root(lambda x, p: 0.5 * x - value(p), 0.0, tree))(w),
         lambda f: f(2 * (2 + Y), 2 * X)),
    ],
    "stop_gradient": [
        (lambda f, w: ntb.stop_gradient(w), lambda f: f(X, Y)),
        (lambda f, w: ntb.grad(lambda tree: value(tree) + value(ntb.stop_gradient(tree)))(w), G),
        (lambda f, w: ntb.jvp(lambda tree: ntb.stop_gradient(tree), (w,), (w,)), lambda f: (f(X, Y), f(0 * X, 0 * Y))),
    ],
    "function": [
        (lambda f, w: replayed(doubled(f), w), lambda f: f(2 * X, X * Y)),
        (lambda f, w: replayed(lambda *, tree: doubled(f)(tree), tree=w), lambda f: f(2 * X, X * Y)),
        (lambda f, w: replayed(ntb.grad(value), w), G),
        (lambda f, w: ntb.grad(ntb.function(value))(w), G),
        (lambda f, w: replayed(lambda tree: ntb.jvp(doubled(f), (tree,), (f(ONE, 0 * ONE),))[1], w),
         lambda f: f(2 * ONE, Y)),
    ],
    "check_gradients": [
        (lambda f, w: ntb.check_gradients(value, w, order=1), lambda f: None),
        (lambda f, w: ntb.check_gradients(lambda a: f(a * 2.0, a * Y), X, order=1), lambda f: None),
    ],
    "gradient": [(lambda f, w: by_tape(f, "gradient"), G), (lambda f, w: by_tape(f, "jacobian"), G)],
    "numpy_function": [
        (lambda f, w: ntb.grad(lambda tree: np.sum(_scaled(x=parts(tree)[0]) * parts(tree)[1]))(w),
         lambda f: f(2 * Y, 2 * X)),
    ],
}  # fmt: skip
_scaled = ntb.numpy_function(lambda x: (x * 2.0, None), lambda g, cache, wanted, shape: [g * 2.0])
NONE_OF_THEM = {"debug_nans", "eval_shape", "load", "numerical_gradient", "save", "tensor"}
"""Public functions that take no function and give no derivative, or work on one array."""


def test_each_transformation_is_tried():
    functions = {name for name in ntb.__all__ if inspect.isfunction(getattr(ntb, name))}
    assert functions | {"stop_gradient"} == set(CASES) | NONE_OF_THEM


@pytest.mark.parametrize("form", FORMED)
@pytest.mark.parametrize("name", CASES)
def test_structures(name, form):
    for call, expected in CASES[name]:
        if is_branch(form(X, Y)):
            assert_same(call(form, form(X, Y)), expected(form))


# --- what is no tree


@dataclasses.dataclass
class Model:
    a: object
    b: object

    def __post_init__(self):
        self.total = np.sum(self.a) + np.sum(self.b)


REFUSED = {
    "UserDict": (lambda a, b: UserDict(a=a, b=b), r"UserDict.*dict\(x\)"),
    "mappingproxy": (lambda a, b: MappingProxyType({"a": a, "b": b}), r"mappingproxy.*dict\(x\)"),
    "deque": (lambda a, b: deque([a, b]), r"deque.*list\(x\)"),
    "dataclass with attributes": (Model, "Model.*beside its fields"),
}
TRIED = {
    "grad": lambda w, make: ntb.grad(lambda tree: 0.0)(w),
    "vjp": lambda w, make: ntb.vjp(lambda tree: 0.0, w),
    "jvp": lambda w, make: ntb.jvp(lambda tree: 0.0, (w,), (None,)),
    "linearize": lambda w, make: ntb.linearize(lambda tree: 0.0, w),
    "jacobian": lambda w, make: ntb.jacobian(lambda tree: 0.0)(w),
    "result of grad": lambda w, make: ntb.grad(lambda x: make(x, x))(1.0),
    "result of vjp": lambda w, make: ntb.vjp(lambda x: make(x, x), 1.0),
    "result of jvp": lambda w, make: ntb.jvp(lambda x: make(x, x), (1.0,), (1.0,)),
    "result of linearize": lambda w, make: ntb.linearize(lambda x: make(x, x), 1.0),
    "result of jacobian": lambda w, make: ntb.jacobian(lambda x: make(x, x))(1.0),
    "result of checkpoint": lambda w, make: ntb.grad(lambda x: np.sum(ntb.checkpoint(lambda x: make(x, x))(x)))(1.0),
    "carry of scan": lambda w, make: ntb.scan(lambda c, x: (c, None), w, length=2),
    "items of scan": lambda w, make: ntb.scan(lambda c, x: (c, None), 0.0, w),
    "results of scan": lambda w, make: ntb.scan(lambda c, x: (c, make(c, c)), 0.0, length=2),
    "start of fixed_point": lambda w, make: ntb.fixed_point(lambda x: x, w),
    "start of root": lambda w, make: ntb.root(lambda x: x, w),
    "custom gradient": lambda w, make: ntb.custom_gradient(lambda tree: (0.0, lambda g: None))(w),
    "result of a custom gradient": lambda w, make: ntb.custom_gradient(lambda x: (make(x, x), lambda g: None))(1.0),
    "check_gradients": lambda w, make: ntb.check_gradients(lambda tree: 0.0, w),
    "result of check_gradients": lambda w, make: ntb.check_gradients(lambda x: make(x, x), 1.0),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("name", TRIED)
def test_what_is_no_tree_is_refused_by_name(name, kind):
    make, message = REFUSED[kind]
    with pytest.raises(NtbError, match=message):
        TRIED[name](make(X, Y), make)


def test_a_traced_function_names_what_it_cannot_return():
    for kind, (make, _) in REFUSED.items():
        with pytest.raises(NtbError, match=kind if kind != "dataclass with attributes" else "Model"):
            ntb.function(lambda a, make=make: make(a, a))(X)


def test_a_model_is_not_differentiated_by_as_a_whole():
    model = ntb.nn.Linear(2, 1, rng=0)
    for call in (ntb.grad, ntb.value_and_grad, ntb.jacobian, ntb.hessian):
        with pytest.raises(ntb.InputError, match=r"a Linear.*tape\.gradient\(loss, model\.trainable_variables"):
            call(lambda m: np.sum(m(np.ones((1, 2)))))(model)


def test_leaves_are_told_by_key_and_not_by_order():
    """A step that returns its dict in another order must not exchange the values."""
    turned = lambda d: {"b": d["b"], "a": d["a"] + d["b"]}
    last, _ = ntb.scan(lambda d, _: (turned(d), None), {"a": 1.0, "b": 10.0}, length=2)
    assert_same(last, {"a": 21.0, "b": 10.0})
    solved = ntb.fixed_point(lambda d: {"b": 0.5 * d["b"] + 1.0, "a": 0.5 * d["a"] + 3.0}, {"a": 1.0, "b": 1.0})
    assert_same(solved, {"a": 6.0, "b": 2.0})
    pulled = ntb.vjp(lambda d: d["a"] * d["b"], {"a": 2.0, "b": 3.0})[1](1.0)[0]
    assert_same(pulled, {"a": 3.0, "b": 2.0})
    moved = ntb.jvp(lambda d: d["a"] * d["b"], ({"a": 2.0, "b": 3.0},), ({"b": 0.0, "a": 1.0},))[1]
    assert_same(moved, 3.0)


@pytest.mark.parametrize("other", [{"a": 1.0}, [1.0, 2.0], 1.0, {"a": [1.0], "b": 2.0}, {"a": None, "b": 2.0}])
def test_structures_that_change_are_refused(other):
    start = {"a": 1.0, "b": 2.0}
    for call in (
        lambda: ntb.scan(lambda c, _: (other, None), start, length=2),
        lambda: ntb.fixed_point(lambda c: other, start),
    ):
        with pytest.raises(ntb.InputError):
            call()


def test_dataclasses_of_other_classes_do_not_fit():
    with pytest.raises(ntb.InputError, match="expected a Data"):
        ntb.vjp(lambda d: Data(d.a, d.b), Data(X, Y))[1](Frozen(ONE, ONE))
    with pytest.raises(ntb.InputError, match="expected a Data"):
        ntb.jvp(lambda d: d.a, (Data(X, Y),), ((ONE, ONE),))


def test_empty_structures():
    for empty in ([], (), {}, Pair((), [])):
        assert_same(ntb.vjp(lambda t: 1.0, empty)[1](1.0)[0], empty)
        assert_same(ntb.jvp(lambda t: t, (empty,), (empty,))[1], empty)
        assert_same(ntb.grad(lambda t: ntb.tensor(1.0))(empty), empty)
        assert_same(ntb.jacobian(lambda t: ntb.tensor(X))(empty), empty)
        assert_same(replayed(lambda t: t, empty), empty)


# --- arguments by keyword


def test_arguments_to_differentiate_by_may_be_given_by_keyword():
    f = lambda a, b=2.0, *, c=1.0: np.sum(a**2) * b * c
    for call in (
        ntb.grad(f), ntb.jacobian(f), ntb.jacobian(f, mode="fwd"), lambda **k: ntb.value_and_grad(f)(**k)[1],
        ntb.function(ntb.grad(f)), ntb.grad(ntb.checkpoint(f)), ntb.grad(ntb.function(f)),
    ):  # fmt: skip
        assert_same(call(a=X), 4 * X)
        assert_same(call(a=X, b=3.0), 6 * X)
        assert_same(call(c=2.0, a=X), 8 * X)
    assert_same(ntb.grad(f, 1)(X, b=3.0), np.sum(X**2))
    assert_same(ntb.grad(f, (0, 1))(b=3.0, a=X), (6 * X, np.sum(X**2)))
    assert_same(ntb.hessian(f)(a=X), 4 * UNIT)
    assert_same(ntb.grad(f, np.int64(0))(X), 4 * X)
    for call in (ntb.grad(f), ntb.jacobian(f), ntb.hessian(f)):
        with pytest.raises(TypeError, match="unexpected keyword|argument"):
            call(X, d=1.0)
        with pytest.raises(ntb.InputError, match="argnums 0 does not fit"):
            call(c=1.0)


@pytest.mark.parametrize("result", [1j, 1, True, np.ones((), np.int32), np.complex64(1)])
def test_gradients_are_of_real_floats(result):
    for call in (ntb.grad, ntb.value_and_grad):
        with pytest.raises(ntb.GradientError, match="a gradient is of a real number"):
            call(lambda x: result)(1.0)
