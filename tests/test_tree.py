"""Lists, tuples, dicts, named tuples and subclasses of them count alike wherever ntb takes or gives a structure."""

import time
from collections import OrderedDict, defaultdict, namedtuple
from typing import NamedTuple

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import ntb
from ntb.tree import children, fill, leaves, rebuild, tree_map


class Pair(NamedTuple):
    a: object
    b: object


class List(list):
    pass


class Tuple(tuple):
    __slots__ = ()


class Dict(dict):
    pass


def default(a, b):
    made = defaultdict(list)
    made.update(a=a, b=b)
    return made


SEQUENCES = {
    "list": lambda a, b: [a, b], "tuple": lambda a, b: (a, b), "named tuple": Pair,
    "subclass of list": lambda a, b: List([a, b]), "subclass of tuple": lambda a, b: Tuple([a, b]),
}  # fmt: skip
DICTS = {
    "dict": lambda a, b: {"a": a, "b": b}, "OrderedDict": lambda a, b: OrderedDict(a=a, b=b), "defaultdict": default,
    "subclass of dict": lambda a, b: Dict(a=a, b=b),
}  # fmt: skip
NESTED = {"nested": lambda a, b: {"x": [a], "y": Pair(b, ())}}
FORMS = SEQUENCES | DICTS | NESTED
X, Y = np.array([0.5, -1.0]), np.array([2.0, 3.0])

forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def assert_like(found, expected):
    """The same structure, of the same classes, with the same numbers."""
    if isinstance(expected, tuple | list | dict):
        assert type(found) is type(expected)
        assert [key for key, _ in children(found)] == [key for key, _ in children(expected)]
        for (_, one), (_, other) in zip(children(found), children(expected), strict=True):
            assert_like(one, other)
    else:
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-12)


def value(tree):
    """Σ 2a + ab, of which both derivatives are told apart."""
    a, b = leaves(tree)
    return np.sum(a * 2.0 + a * b)


# --- the module


def branches(inner):
    sequences, dicts = st.lists(inner), st.dictionaries(st.text(max_size=2), inner)
    pairs = st.tuples(inner, inner).map(lambda parts: Pair(*parts))
    return sequences | sequences.map(List) | sequences.map(tuple) | pairs | dicts | dicts.map(OrderedDict)


TREES = st.recursive(st.integers(), branches, max_leaves=8)


@given(TREES)
def test_a_tree_is_its_leaves_in_its_form(tree):
    assert tree_map(lambda x: x, tree) == tree == fill(tree, leaves(tree))
    assert leaves(tree_map(lambda x: x + 1, tree)) == [x + 1 for x in leaves(tree)]
    assert type(fill(tree, leaves(tree))) is type(tree)
    if isinstance(tree, tuple | list | dict):
        assert rebuild(tree, [part for _, part in children(tree)]) == tree


def test_a_copy_of_a_branch_is_another_one():
    for form in FORMS.values():
        tree = form([1], [2])
        tree_map(lambda x: 0, tree)
        assert leaves(tree) == [1, 2]
    assert tree_map(abs, default(-1, -2)).default_factory is list


def test_a_tuple_whose_class_takes_other_arguments():
    class Span(namedtuple("Span", "low high")):
        __slots__ = ()

        def __new__(cls, *, around, width):
            return super().__new__(cls, around - width, around + width)

    found = tree_map(lambda x: 2 * x, Span(around=3, width=1))
    assert type(found) is Span and (found.low, found.high) == (4, 8)
    assert tree_map(lambda x: x, time.gmtime(0)) == time.gmtime(0)


# --- tapes and transformations


@forms
def test_gradients(form):
    a, b = ntb.tensor(X), ntb.tensor(Y)
    with ntb.Tape(persistent=True) as tape:
        tape.watch(a), tape.watch(b)
        y = value([a, b])
    expected = form(2 + Y, X)
    assert_like(tape.gradient(y, form(a, b)), expected)
    assert_like(tape.jacobian(y, form(a, b)), expected)
    assert_like(ntb.grad(value)(form(X, Y)), expected)
    assert_like(ntb.value_and_grad(value)(form(X, Y))[1], expected)


@forms
def test_products_with_jacobians(form):
    out = lambda tree: fill(tree, [leaves(tree)[0] * 2.0, np.multiply(*leaves(tree))])
    y, pull = ntb.vjp(out, form(X, Y))
    assert_like(y, form(2 * X, X * Y))
    assert_like(pull(form(np.ones(2), np.ones(2)))[0], form(2 + Y, X))
    y, dy = ntb.jvp(out, (form(X, Y),), (form(np.ones(2), np.zeros(2)),))
    assert_like(dy, form(2 * np.ones(2), Y))
    assert_like(ntb.linearize(out, form(X, Y))[1](form(np.ones(2), np.zeros(2))), form(2 * np.ones(2), Y))


@forms
def test_second_derivatives(form):
    zero, one = np.zeros((2, 2)), np.eye(2)
    assert_like(ntb.jacobian(lambda tree: leaves(tree)[0] * leaves(tree)[1])(form(X, Y)), form(np.diag(Y), np.diag(X)))
    assert_like(ntb.hessian(value)(form(X, Y)), form(form(zero, one), form(one, zero)))
    assert_like(ntb.hvp(value, form(X, Y), form(np.ones(2), np.ones(2))), form(np.ones(2), np.ones(2)))


@forms
def test_parts_that_tapes_see_as_one(form):
    total = lambda tree: value(ntb.checkpoint(lambda t: fill(t, [x * 1.0 for x in leaves(t)]))(tree))
    assert_like(ntb.grad(total)(form(X, Y)), form(2 + Y, X))
    step = lambda carry, _: (fill(carry, [leaves(carry)[0] + leaves(carry)[1], leaves(carry)[1]]), None)
    last, _ = ntb.scan(step, form(X, Y), length=3)
    assert_like(last, form(X + 3 * Y, Y))
    solved = ntb.fixed_point(lambda t: fill(t, [0.5 * x + 1.0 for x in leaves(t)]), form(X, Y))
    assert_like(solved, form(np.full(2, 2.0), np.full(2, 2.0)))


# --- operations


@pytest.mark.parametrize("form", SEQUENCES.values(), ids=SEQUENCES)
@pytest.mark.parametrize(
    "join", [np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack], ids=lambda f: f.__name__
)
def test_operations_on_a_sequence_of_arrays(form, join):
    np.testing.assert_array_equal(join(form(ntb.tensor(X), ntb.tensor(Y))), join((X, Y)))
    assert_like(ntb.grad(lambda p: np.sum(join(form(*p)) * 2.0))([X, Y]), [np.full(2, 2.0), np.full(2, 2.0)])


@pytest.mark.parametrize("form", SEQUENCES.values(), ids=SEQUENCES)
def test_a_product_of_a_sequence(form):
    a, b = X.reshape(1, 2), Y.reshape(2, 1)
    np.testing.assert_array_equal(np.linalg.multi_dot(form(ntb.tensor(a), ntb.tensor(b))), a @ b)
    assert_like(ntb.grad(lambda p: np.linalg.multi_dot(form(*p))[0, 0])([a, b]), [b.T, a.T])


# --- traced functions


@forms
def test_traced_functions(form):
    f = ntb.function(lambda tree, factor: fill(tree, [x * factor for x in leaves(tree)]))
    for scale in (1.0, 2.0, 3.0):
        for factor in (0.5, 4.0):
            assert_like(f(form(X * scale, Y), factor), form(X * scale * factor, Y * factor))
            assert_like(f(form(ntb.tensor(X), ntb.tensor(Y)), factor), form(X * factor, Y * factor))
    assert len(f.programs) == 1


def test_traces_tell_classes_apart():
    f = ntb.function(lambda tree: len(type(tree).__name__) * leaves(tree)[0])
    for form in [*FORMS.values()][:8]:
        assert_like(f(form(X, Y)), len(type(form(X, Y)).__name__) * X)


@forms
def test_state_in_a_structure(form):
    w = form(ntb.Variable(X, name="a"), ntb.Variable(Y, name="b"))
    g = ntb.grad(lambda _: value(w))(0.0)
    assert g.item() == 0.0
    with ntb.Tape() as tape:
        y = value(w)
    assert_like(tape.gradient(y, w), form(2 + Y, X))
