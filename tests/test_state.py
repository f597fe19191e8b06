"""The walk that finds variables, and snapshots."""

import numpy as np
import pytest

import ntb
from ntb.state import named_variables, restore, snapshot


class Thing:
    def __init__(self, **attributes):
        vars(self).update(attributes)


def test_a_tree_is_named_by_its_paths_in_order():
    a, b, c, rng = ntb.Variable(1.0), ntb.Variable(2.0), ntb.Variable(3), ntb.random.generator(0)
    model = Thing(layers=[a, (b, None)], count=3, text="x", array=np.ones(2))
    tree = Thing(model=model, extra={"c": c, 5: rng}, again=a)
    assert list(named_variables(tree).items()) == [
        ("model.layers.0", a),
        ("model.layers.1.0", b),
        ("extra.c", c),
        ("extra.5", rng),
    ]
    assert list(named_variables(a).values()) == [a]
    assert named_variables(np.sum) == named_variables(None) == named_variables(Thing) == {}


def test_private_attributes_and_cycles():
    thing = Thing(v=ntb.Variable(1.0), _cache=ntb.Variable(2.0))
    thing.me = [thing]
    assert list(named_variables(thing)) == ["v"]


def test_a_deep_tree_needs_no_recursion():
    tree = ntb.Variable(1.0)
    for _ in range(5000):
        tree = [tree]
    assert len(named_variables(tree)) == 1


def test_equal_names_are_refused():
    with pytest.raises(ntb.InputError, match=r"'a\.b'"):
        named_variables({"a.b": ntb.Variable(1.0), "a": {"b": ntb.Variable(2.0)}})


def test_snapshot_and_restore():
    w, n, rng = ntb.Variable([1.0, 2.0], dtype=np.float32), ntb.Variable(3), ntb.random.generator(0)
    tree = {"w": w, "n": n, "rng": rng}
    before = snapshot(tree)
    drawn = rng.random(4)
    w.assign([5.0, 6.0])
    n.assign(7)
    assert before["w"].tolist() == [1, 2]
    restore(tree, before)
    assert w.value.tolist() == [1, 2] and n.value == 3 and w.dtype == np.float32
    assert np.array_equal(rng.random(4), drawn)
    before["w"][0] = 9  # what was restored is not shared with the values
    assert w.value[0] == 1


def test_restoring_is_seen_by_a_traced_function_and_a_gradient():
    w = ntb.Variable(2.0)
    double = ntb.function(lambda: w * 2)
    double()
    restore(w, {"": np.array(5.0)})
    assert double().item() == 10
    with ntb.Tape() as tape:
        y = w * w
    assert tape.gradient(y, w).item() == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values.pop("b"), "b: missing; expected float64"),
        (lambda values: values.update(c=np.ones(1)), "c: unexpected"),
        (lambda values: values.update(b=np.ones(3)), r"b: is float64\[3\]; expected float64\[2\]"),
        (lambda values: values.update(b=np.ones(2, np.float32)), "b: is float32"),
    ],
)
def test_what_does_not_fit_changes_nothing(change, message):
    tree = {"a": ntb.Variable(1.0), "b": ntb.Variable([1.0, 2.0]), "rng": ntb.random.generator(0)}
    values = snapshot(tree)
    values["a"] = np.array(100.0)
    values["rng"] = values["rng"] + np.uint64(1)
    before = snapshot(tree)
    change(values)
    with pytest.raises(ntb.InputError, match=message):
        restore(tree, values)
    assert all(np.array_equal(value, before[name]) for name, value in snapshot(tree).items())


def test_all_problems_are_listed_at_once():
    with pytest.raises(ntb.InputError, match=r"(?s)a: missing.*b: is float64\[3\].*c: unexpected"):
        restore({"a": ntb.Variable(1.0), "b": ntb.Variable(1.0)}, {"b": np.ones(3), "c": np.ones(1)})
