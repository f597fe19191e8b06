"""Nodes that are lines of the table, beside the eager block each is the call of: values, gradients, shapes, replays."""

import warnings
from contextlib import nullcontext

import numpy as np
import pytest

import ntb as eager
import ntb.compat as ntb
from ntb import nn
from ntb.compat import GraphError
from ntb.compat.node import KINDS
from tests.compat.graphs import without_programs

A, B = np.random.default_rng(0).uniform(0.1, 2.0, (2, 12, 3))
ROWS = {
    "Exp": (ntb.Exp, np.exp, 1), "Log": (ntb.Log, np.log, 1), "Sqrt": (ntb.Sqrt, np.sqrt, 1),
    "Negative": (lambda x: -x, np.negative, 1), "Absolute": (abs, np.absolute, 1),
    "Maximum": (ntb.Maximum, np.maximum, 2), "Minimum": (ntb.Minimum, np.minimum, 2),
    "Where": (lambda x, y: ntb.Where(x > 1.0, x, y * x), lambda x, y: np.where(x > 1.0, x, y * x), 2),
    "Concat": (lambda x, y: ntb.Concat(x, y, axis=1), lambda x, y: np.concatenate([x, y], 1), 2),
    "Concat along rows": (lambda x, y: ntb.Concat(x, y, x), lambda x, y: np.concatenate([x, y, x]), 2),
    "Stack": (ntb.Stack, lambda x, y: np.stack([x, y]), 2),
    "Stack behind": (lambda x, y: ntb.Stack(x, y, axis=-1), lambda x, y: np.stack([x, y], -1), 2),
    "Transpose": (ntb.Transpose, np.transpose, 1),
    "Transpose by axes": (lambda x: ntb.Transpose(x, axes=(1, 0)), lambda x: np.transpose(x, (1, 0)), 1),
    "OneHot": (lambda x: ntb.OneHot(ntb.Argmax(x, axis=1), depth=5) * x.sum(),
               lambda x: nn.one_hot(np.argmax(x, axis=1), 5, float) * np.sum(x), 1),
    "StopGradient": (lambda x: ntb.StopGradient(x * x) * x, lambda x: eager.stop_gradient(x * x) * x, 1),
    "Sum": (lambda x: ntb.Sum(x, axis=1, keepdims=True), lambda x: np.sum(x, axis=1, keepdims=True), 1),
    "TemporalDot": (lambda x, y: ntb.TemporalDot(ntb.Stack(x, y), np.ones((3, 2))),
                    lambda x, y: np.matmul(np.stack([x, y]), np.ones((3, 2))), 2),
    "Maxout": (ntb.Maxout, nn.maxout, 1), "Softmax": (ntb.Softmax, nn.softmax, 1), "L1": (ntb.L1, nn.l1, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_node_is_the_eager_block(g, name):
    """Its value, and its gradients; replayed, by the program for any size, and node by node."""
    build, f, count = ROWS[name]
    inputs = [ntb.Placeholder([-1, 3]) for _ in range(count)]
    node = build(*inputs)
    fetches = [node, *[ntb.Grad((node * node).sum(), x) for x in inputs]]
    for n in (4, 4, 5, 7, 6, 9, 2, 12, 1):
        arrays = [A[:n], B[:n]][:count]
        expected = [f(*arrays), *eager.grad(lambda *xs: np.sum(f(*xs) ** 2), argnums=tuple(range(count)))(*arrays)]
        got = g.run(fetches, dict(zip(inputs, arrays)))
        with without_programs():
            walked = g.run(fetches, dict(zip(inputs, arrays)))
        assert ntb.shape_matches(node.shape, got[0].shape)
        for a, b, c in zip(expected, got, walked):
            np.testing.assert_allclose(b, a, rtol=1e-12)
            np.testing.assert_array_equal(b, c)
    (plan,) = g.session.plans.values()
    assert len(plan.function.programs) == 1 and plan.function.any_size


def test_operators_and_functions_make_the_nodes_of_the_table(g):
    x, y = ntb.Placeholder([3]), ntb.Placeholder([3])
    made = {"Add": x + y, "Sub": 1 - x, "Mult": x * y, "Div": x / 2, "Power": x**2, "Negative": -x, "Exp": np.exp(x),
            "Sum": x.sum(), "Mean": x.mean(), "Subscript": x[0], "Absolute": abs(x),
            "Maximum": np.maximum(x, y)}  # fmt: skip
    assert {name: node.kind for name, node in made.items()} == {name: name for name in made}
    assert all(type(node) is KINDS[name] for name, node in made.items())
    assert (x < y).kind == "less" and np.clip(x, 0, 1).kind == "clip" and (x & y).kind == "bitwise_and"


def test_every_line_says_what_it_is_and_what_it_takes():
    lines = {name: kind for name, kind in KINDS.items() if isinstance(name, str)}
    assert all(kind.__doc__ and kind.__name__ == name for name, kind in lines.items())
    assert {"Power", "Negative", "Absolute", "Call"} == lines.keys() - set(ntb.__all__)  # which operators make


def test_options_of_lines(g):
    x = ntb.Placeholder([2, 3])
    with pytest.raises(TypeError, match="missing a required argument: 'depth'"):
        ntb.OneHot(x)
    with pytest.raises(GraphError, match="Where was given 2 inputs"):
        ntb.Where(x, x)
    t = ntb.Transpose(x)
    assert g.run([t], {x: A[:2]})[0].shape == (3, 2)
    t.axes = (0, 1)
    assert g.run([t], {x: A[:2]})[0].shape == (2, 3)
    with pytest.raises(GraphError, match="Concat: arrays of shapes"):
        ntb.Concat(x, ntb.Placeholder([2]))


def test_a_node_of_ones_own_in_three_lines_and_its_shape(g):
    class Loss(ntb.Node):
        def compute(self, x, y):
            return np.mean((x - y) ** 2)

    x, w = ntb.Placeholder([-1, 3]), ntb.Variable(value=np.zeros(3))
    loss = Loss(x, w, shape=())
    for n in (4, 4, 5):
        value, d = g.run([loss, ntb.Grad(loss, w)], {x: A[:n]})
        expected = eager.value_and_grad(lambda w, n=n: np.mean((A[:n] - w) ** 2))(w.value)
        np.testing.assert_allclose(value, expected[0])
        np.testing.assert_allclose(d, expected[1])


SHAPES = {
    "a batch that is known elsewhere": (lambda p: ntb.Concat(p([-1, 3]), p([4, 3]), axis=1), (4, 6)),
    "an inner size": (lambda p: ntb.Dot(p([-1, -1]), p([7, 2])), (-1, 2)),
    "a size that another has": (lambda p: ntb.Dot(p([-1, -1]), p([7, 7])), (-1, 7)),
    "two sizes": (lambda p: ntb.TemporalCE(p([-1, -1, 7]), p([-1, -1]), p([25, 50])), ()),
    "a matrix that has an inverse": (lambda p: np.linalg.inv(p([-1, 3, 3])), (-1, 3, 3)),
    "a part of an unknown size": (lambda p: p([-1, -1])[:, 2:6], (-1, 4)),
    "a state of known rows": (lambda p: ntb.Lstm(5)(p([-1, 3]), np.zeros((2, 8, 5))), (2, 8, 5)),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_of_unknown_sizes(g, name):
    build, expected = SHAPES[name]
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert build(ntb.Placeholder).shape == expected


def test_sizes_that_cannot_be_told_are_refused(g):
    """Which number of rows makes rows of five is not one that stands for all."""
    with pytest.raises(GraphError, match=r"reshape: arrays of shapes \(-1, 3\)"):
        np.reshape(ntb.Placeholder([-1, 3]), (-1, 5))


def test_a_users_call_is_not_made_before_a_run(g):
    class Mine(ntb.Maxout):
        def compute(self, x):
            raise AssertionError("not before a run")

    assert Mine(ntb.Placeholder([-1, 3])).shape == (-1,)


# --- assign


@pytest.mark.parametrize("walked", [False, True])
def test_assign_puts_a_value_into_a_variable(g, walked):
    x, w = ntb.Placeholder([-1]), ntb.Variable(value=2.0)
    count = ntb.Variable(value=0, learnable=False)
    put, up = ntb.Assign(w, x.sum()), ntb.Assign(count, count + 1)
    y = w * 3.0
    for n in (1, 1, 2, 3, 4, 1):
        before = w.value
        with without_programs() if walked else nullcontext():
            got = g.run([w, put, y, up, count], {x: np.full(n, 2.0)})
        assert got[:3] == (before, 2.0 * n, 6.0 * n) and w.value == 2.0 * n and got[3] == got[4] == count.value
    assert count.value == 6 and count.value.dtype.kind == "i"


def test_assign_of_what_does_not_fit(g):
    x, w = ntb.Placeholder([-1, 3]), ntb.Variable(value=np.zeros((2, 3)))
    with pytest.raises(GraphError, match="not into"):
        ntb.Assign(x, w)
    with pytest.raises(GraphError, match="its shape stays"):
        ntb.Assign(w, x[0])
    put = ntb.Assign(w, x)
    with pytest.raises(GraphError, match="put"):
        g.run([put], {x: np.ones((4, 3))})
    assert not w.value.any() and g.run([put], {x: np.ones((2, 3))})[0].all() and w.value.all()
    with pytest.raises(GraphError, match="disruptive"):
        put + 1


# --- names


def test_a_name_for_any_node(g):
    x = ntb.Placeholder([-1, 3], name="pictures")
    w = ntb.Variable(value=np.ones((3, 2)), name="weight")
    h = ntb.Relu(x.dot(w), name="hidden")
    again = ntb.Exp(h, name="hidden")
    loss = ntb.Mean(ntb.Dropout(ntb.Reshape(again, (-1, 2), name="rows"), 1.0, name="dropped"), name="loss")
    step = ntb.Optim(loss, name="step")
    best, d = ntb.Argmax(h, 1, name="best"), ntb.Grad(loss, w, name="slope")
    kept = ntb.Assign(w, w, name="kept")
    names = ["pictures", "weight", "hidden", "hidden_2", "loss", "step", "best", "slope", "kept"]
    assert [node.name for node in (x, w, h, again, loss, step, best, d, kept)] == names
    assert {"rows", "dropped"} <= {node.name for node in g.nodes}
    source = g.program([loss], {x: np.ones((2, 3))}).source
    assert "def run(pictures, " in source and "hidden = " in source and "hidden = Relu" in str(g)

    class Twice(ntb.Node):
        def compute(self, x):
            return 2 * x

    assert repr(Twice(x, name="two")).startswith("<Twice two of shape (-1, 3)")
    for name in ("a b", "if", "", 3):
        with pytest.raises(GraphError, match="a node's name"):
            ntb.Exp(x, name=name)


# --- parameters of an optimizer, and the state of some nodes


def test_an_optimizer_of_some_variables(g):
    a, b = ntb.Variable(value=1.0), ntb.Variable(value=1.0)
    loss = a * a + b * b
    first, second = ntb.Optim(loss, lr=0.1, variables=[a]), ntb.Optim(loss, lr=0.1, variables=[b], update_rule="adam")
    assert first.nodes == [a] and second.nodes == [b]
    g.run([first])
    assert a.value != 1 and b.value == 1
    g.run([second])
    assert b.value != 1
    for wrong in ([a * 1], [a, a], [ntb.Variable(value=1.0, learnable=False)]):
        with pytest.raises(GraphError):
            ntb.Optim(loss, variables=wrong)


def test_the_state_of_some_nodes(g):
    x, train = ntb.Placeholder([-1, 3]), ntb.Placeholder()
    h, w, b = ntb.affine_layer(x, 2)
    out, gamma, _ = ntb.batchnorm_layer(h, train)
    opt = ntb.Optim((out * out).sum(), lr=0.1)
    saved = g.save([b, w, opt])
    assert len(saved) == 3 and saved[0].shape == (2,) and saved[1].shape == (3, 2)
    feed = {x: A[:4], train: 1.0}
    g.run([opt], feed)
    moved = gamma.value
    g.load(saved, [b, w, opt])
    np.testing.assert_array_equal(w.value, saved[1])
    assert np.array_equal(gamma.value, moved) and not np.any(opt.configs[0]["velocity"])
    with pytest.raises(GraphError, match="1 saved values for 2 nodes with state: w, b"):
        g.load(saved[:1], [w, b])
    with pytest.raises(GraphError, match="saved value 1 does not fit.*nothing was changed"):
        g.load([np.zeros((3, 2)), np.zeros(5)], [w, b])
    np.testing.assert_array_equal(w.value, saved[1])
    with pytest.raises(GraphError, match="has no state"):
        g.save([h])
    with pytest.raises(GraphError, match=r"g.save takes a list of nodes: write \[w\]"):
        g.save(w)


def test_a_file_of_a_graph_names_what_it_holds(g, tmp_path):
    w = ntb.Variable(value=np.ones(2))
    opt = ntb.Optim((w * w).sum(), lr=0.1, update_rule="adam")
    g.run([opt])
    eager.save(tmp_path / "g.npz", g)
    names = set(np.load(tmp_path / "g.npz").files)
    assert {"mutable_nodes.0.cell", "mutable_nodes.2.groups.0.0.slots.m.mutable_nodes.0.cell"} <= names
    assert not [name for name in names if "<" in name]
