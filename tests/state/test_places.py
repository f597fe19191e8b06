"""Wherever a Variable is held, it is found and saved under a name, or the place is refused."""

import collections
import functools
import types
import weakref

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb
from ntb import nn
from ntb.state import named_variables, restore, snapshot

ALIVE = []  # what weak containers hold


class Slots:
    __slots__ = ("_hidden", "empty", "w")

    def __init__(self, w):
        self.w = w
        self._hidden = w


class Below(Slots):
    __slots__ = ("__dict__", "other")


class Holder:
    def __init__(self, w):
        self.w = w


class Shared:
    pass


Pair = collections.namedtuple("Pair", "a b")


def in_array(w):
    array = np.empty((2, 2), object)
    array[1, 0] = w
    return array


def beside(kind, w):
    """A subclass of a container that has the Variable as an attribute."""
    made = type("Own", (kind,), {})()
    made.w = w
    return made


def in_class(w):
    return type("Model", (Shared,), {"w": w})()


def weak(w):
    ALIVE.append(w)
    return weakref.WeakSet([w])


FOUND = {
    "list": (lambda w: [w], "0"),
    "tuple": (lambda w: (w,), "0"),
    "named tuple": (lambda w: Pair(1, w), "1"),
    "dict": (lambda w: {"a": w}, "a"),
    "proxy": (lambda w: types.MappingProxyType({"a": w}), "a"),
    "chain": (lambda w: collections.ChainMap({"a": w}), "a"),
    "user list": (lambda w: collections.UserList([w]), "data.0"),
    "values": (lambda w: {"a": w}.values(), "0"),
    "deque": (lambda w: collections.deque([None, w]), "1"),
    "object": (Holder, "w"),
    "slots": (Slots, "w"),
    "inherited slots": (Below, "w"),
    "object array": (in_array, "1.0"),
    "object array without axes": (lambda w: np.array([w, 1], object)[:1].reshape(()), "0"),
    "partial": (lambda w: functools.partial(np.add, w), "args.0"),
    "keyword of a partial": (lambda w: functools.partial(np.add, out=w), "keywords.out"),
    "class": (in_class, "w"),
    "attribute of a list": (lambda w: beside(list, w), "w"),
    "attribute of a dict": (lambda w: beside(dict, w), "w"),
    "namespace": (lambda w: types.SimpleNamespace(a=w), "a"),
}
REFUSED = {
    "set": lambda w: {w},
    "frozenset": lambda w: frozenset([w]),
    "weak set": weak,
    "key": lambda w: {w: 1},
    "within a key": lambda w: {("a", w): 1},
    "structured array": lambda w: np.array([(w, 1)], [("a", object), ("b", int)]),
    "set of objects": lambda w: {Holder(w)},
    "keys": lambda w: {w: 1}.keys(),
}
MAKERS = {"Variable": lambda: ntb.Variable(1.0), "generator": lambda: ntb.random.generator(0)}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("place", FOUND)
def test_found(place, kind):
    put, name = FOUND[place]
    w = MAKERS[kind]()
    tree = {"model": [put(w)]}
    assert named_variables(tree) == {f"model.0.{name}": w}
    before = snapshot(tree)
    (w.seed if kind == "generator" else w.assign)(5)
    restore(tree, before)
    assert np.array_equal(w.value, before[f"model.0.{name}"])


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("place", REFUSED)
def test_refused(place, kind, tmp_path):
    w = MAKERS[kind]()
    tree = {"model": [REFUSED[place](w)]}
    for ask in (named_variables, snapshot, lambda tree: ntb.save(tmp_path / "a.npz", tree)):
        with pytest.raises(ntb.InputError, match=r"the \w+ model\.0 holds a Variable or generator where"):
            ask(tree)
    named = {**tree, "again": w}  # it has a name elsewhere
    assert named_variables(named) == {"again": w}


@pytest.mark.parametrize("outer", [*FOUND, *REFUSED])
def test_each_place_in_each(outer):
    for inner in [*FOUND, *REFUSED]:
        nested([inner, outer])


@settings(max_examples=30)
@given(st.lists(st.sampled_from([*FOUND, *REFUSED]), min_size=3, max_size=4))
def test_nested(places):
    nested(places)


def nested(places):
    """Whether a Variable is found, or refused, in a place that is in another, and so on."""
    w = tree = ntb.Variable(1.0)
    for place in places:
        try:
            tree = (FOUND[place][0] if place in FOUND else REFUSED[place])(tree)
        except TypeError:  # what cannot be hashed, or referred to weakly, is in no set
            return
    if set(places) & set(REFUSED):
        with pytest.raises(ntb.InputError, match="holds a Variable"):
            named_variables(tree)
    else:
        assert list(named_variables(tree).values()) == [w]


def test_a_model_with_such_parts():
    class Model(nn.Module):
        def __init__(self):
            self.layers = collections.deque([nn.Linear(2, 2), nn.Linear(2, 1)])
            self.scale = in_array(ntb.Variable(1.0))

        def __call__(self, x, train=False):
            for layer in self.layers:
                x = layer(x)
            return x * self.scale[1, 0]

    model = Model()
    assert list(model.named_variables()) == [
        "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias", "scale.1.0",
    ]  # fmt: skip
    assert "layers.1: Linear(weight[2, 1], bias[1])" in repr(model)
    model.heads = {nn.Linear(2, 2)}
    with pytest.raises(ntb.InputError, match="the set heads holds"):
        model.trainable_variables()


@pytest.mark.parametrize("decorate", [lambda f: f, ntb.function], ids=["eager", "traced"])
def test_training_what_is_in_such_places(decorate):
    held = [collections.deque([ntb.Variable(1.0)]), Slots(ntb.Variable(2.0)), in_array(ntb.Variable(3.0))]
    optimizer = ntb.optim.Adam(0.1)

    @decorate
    def step():
        variables = list(named_variables(held).values())
        with ntb.Tape() as tape:
            loss = sum(v * v for v in variables)
        optimizer.apply(tape.gradient(loss, variables), variables)

    for _ in range(3):
        step()
    assert all(v.value < i + 1 for i, v in enumerate(named_variables(held).values()))
    held[1].w = ntb.Variable(5.0)
    step()
    assert held[1].w.value < 5


def test_parts_that_refer_to_each_other():
    a, b = nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(3, 3))
    a.part, b.parent, a.self = b, a, [a]
    assert (
        repr(a)
        == str(a)
        == (
            "Sequential()\n"
            "  layers.0: Linear(weight[2, 2], bias[2])\n"
            "  part: Sequential()\n"
            "    layers.0: Linear(weight[3, 3], bias[3])\n"
            "    parent: (the Sequential above)\n"
            "  self.0: (the Sequential above)"
        )
    )
    assert len(a.variables()) == 4 and len(b.variables()) == 4
    assert len(snapshot([a, b])) == 4
    a.trainable = False
    assert not b.trainable
    c = nn.Sequential(nn.Linear(2, 2))
    for _ in range(50):  # each holds the one before twice
        c = nn.Sequential(c, c)
    assert len(repr(c).splitlines()) == 102 and len(c.variables()) == 2


def test_generators_of_numpy():
    rng, old = np.random.default_rng(0), np.random.RandomState(0)
    tree = {"rng": rng, "w": ntb.Variable(1.0)}
    kept = snapshot(tree)
    drawn = rng.random(3)
    restore(tree, kept)
    assert np.array_equal(rng.random(3), drawn)
    assert list(nn.Sequential(nn.Dropout(rng=rng)).named_variables()) == []
    for strange in (old, np.random.Generator(np.random.Philox(0))):
        assert list(named_variables({**tree, "old": strange})) == ["rng", "w"]
        with pytest.raises(ntb.InputError, match=r"the state of old, .* is not known here"):
            snapshot({**tree, "old": strange})
    with pytest.raises(ntb.InputError, match="the frozenset holds"):
        snapshot(frozenset([rng]))


def test_a_variable_that_is_added_later_is_seen_by_a_traced_walk():
    model = nn.Sequential(nn.Linear(2, 2, bias=False))
    count = ntb.function(lambda x: x * len(model.variables()), check="never")
    assert float(count(1.0)) == 1
    model.extra = ntb.Variable(1.0)
    assert float(count(1.0)) == 2
    model.layers[0].bias = ntb.Variable(np.zeros(2))
    assert float(count(1.0)) == 3
