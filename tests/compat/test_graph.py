"""Section 2: runs, assigned values, the order of fetches, state, and errors."""

import re
import sys
import threading

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError
from tests import oldest

# --- run


def test_results_come_in_the_order_asked_for(g):
    x = ntb.Placeholder()
    y, z = x + 1, x * 2
    assert g.run([z, y, x, z], {x: 3.0}) == (6.0, 4.0, 3.0, 6.0)
    assert g.run((n for n in [y, z]), {x: 3.0}) == (4.0, 6.0)
    assert g.run([y] * 2, {x: 3.0}) == (4.0, 4.0)
    assert g.run([], {x: 1.0}) == ()


def test_assign_dict_may_be_left_out_or_none(g):
    w = ntb.Variable(value=2.0)
    assert g.run([w * 2]) == g.run([w * 2], None) == g.run([w * 2], {}) == (4.0,)


def test_a_bare_node_is_an_error_with_a_hint(g):
    w = ntb.Variable(value=2.0)
    with pytest.raises(GraphError, match=r"takes a list of nodes: write \[w\]"):
        g.run(w)


def test_fetching_what_is_no_node_of_the_graph(g):
    elsewhere = ntb.ComputationGraph()
    other = ntb.Variable(value=1.0, graph=elsewhere)
    for x in (other, 3, "loss"):
        with pytest.raises(GraphError, match="no node of this graph"):
            g.run([x])


def test_a_random_node_draws_once_per_run_and_anew_in_each(g):
    x = ntb.Placeholder([-1])
    d = ntb.Dropout(x, 0.5)
    twice = d + d
    np.random.seed(0)
    feed = {x: np.ones(50)}
    runs = [g.run([d, twice, d], feed) for _ in range(3)]
    for a, b, c in runs:
        assert np.all(b == 2 * a) and np.all(a == c)
    assert not np.array_equal(runs[0][0], runs[1][0]) and not np.array_equal(runs[1][0], runs[2][0])


@pytest.mark.parametrize(
    "value", [2, 2.0, True, np.float32(2), np.int8(2), np.array(2), np.array(2.0, np.float32), np.longdouble(2)]
)
def test_numbers_of_all_kinds_are_fed(g, value):
    x = ntb.Placeholder()
    (y,) = g.run([x * 3], {x: value})
    assert y == float(value) * 3 and y.dtype == np.float64


def test_lists_are_fed(g):
    x = ntb.Placeholder([-1, 2])
    (y,) = g.run([x.sum(axis=1)], {x: [[1, 2], [3, 4]]})
    assert y.tolist() == [3.0, 7.0]
    with pytest.raises(GraphError, match=r"x of shape \(-1, 2\).*no array of numbers"):
        g.run([x], {x: [[1, 2], [3]]})
    with pytest.raises(GraphError, match="dtype <U1.*expected numbers"):
        g.run([x], {x: [["a", "b"]]})


@pytest.mark.parametrize("value", [np.ones(3), np.ones((2, 3)), np.ones((1, 2, 2)), 1.0])
def test_shapes_of_assigned_values(g, value):
    x = ntb.Placeholder([-1, 2])
    met = re.escape(f"shape {np.shape(value)}; expected numbers of shape (-1, 2)")
    with pytest.raises(GraphError, match=f"<Placeholder x .*{met}"):
        g.run([x], {x: value})


def test_keys_of_another_graph_are_an_error(g):
    x = ntb.Placeholder()
    foreign = ntb.Placeholder(graph=ntb.ComputationGraph())
    for key in (foreign, "x"):
        with pytest.raises(GraphError, match="no node of this graph"):
            g.run([x], {x: 1.0, key: 2.0})


def test_an_assigned_variable_keeps_its_value(g):
    w = ntb.Variable(value=2.0)
    assert g.run([w * 3], {w: 5.0}) == (15.0,)
    assert w.value == 2.0 and g.run([w * 3]) == (6.0,)


def test_backpropagation_stops_at_assigned_nodes(g):
    w = ntb.Variable(value=1.0)
    h = 3 * w
    l = h**2
    dh, dw = ntb.Grad(l, h), ntb.Grad(l, w)
    assert g.run([dh, dw], {h: 10.0}) == (20.0, 0.0)
    assert g.run([dh, dw]) == (6.0, 18.0)


def test_another_path_around_an_assigned_node_counts(g):
    w = ntb.Variable(value=1.0)
    n = w * 1
    m = 2 * n
    h = 3 * m
    k = 5 * n
    dw = ntb.Grad(h * k, w)
    assert g.run([dw], {h: 7.0}) == (35.0,)


def test_nothing_behind_an_assigned_node_is_evaluated(g):
    x = ntb.Placeholder()
    h = x * 2
    assert g.run([h + 1], {h: 3.0}) == (4.0,)


def test_only_needed_placeholders_must_be_assigned(g):
    x, lr = ntb.Placeholder(), ntb.Placeholder()
    w = ntb.Variable(value=1.0)
    l = w * x
    opt = ntb.Optim(l, lr=lr)
    assert g.run([l], {x: 2.0}) == (2.0,)
    for _ in range(2):
        with pytest.raises(GraphError, match=r"No value assigned to Placeholder node <Placeholder lr"):
            g.run([opt], {x: 2.0})


def test_the_same_array_fed_to_two_nodes_has_two_gradients(g):
    x, y = ntb.Placeholder([-1]), ntb.Placeholder([-1])
    l = (x * x * y).sum()
    a = np.array([2.0, 3.0])
    for _ in range(2):
        dx, dy = g.run([ntb.Grad(l, x), ntb.Grad(l, y)], {x: a, y: a})
        assert dx.tolist() == (2 * a * a).tolist() and dy.tolist() == (a * a).tolist()


def test_results_belong_to_the_caller(g):
    x, w = ntb.Placeholder([-1]), ntb.Variable(value=np.ones(3))
    a = np.ones(3)
    for _ in range(3):
        results = g.run([x, w, x[:2], w * 1, ntb.Reshape(w, shape=(3, 1))], {x: a})
        for result in results:
            result[...] = 7.0
    assert a.tolist() == [1, 1, 1] and w.value.tolist() == [1, 1, 1]


def test_feeds_are_not_remembered(g):
    x = ntb.Placeholder([-1])
    y = x * 2
    a = np.ones(3)
    g.run([y], {x: a})
    a[...] = 5.0
    assert g.run([y], {x: a})[0].tolist() == [10, 10, 10]


# --- the order of fetches


def parabola():
    w = ntb.Variable(value=1.0)
    l = w**2
    return w, l, ntb.Optim(l, lr=0.1)


def test_a_loss_before_and_after_a_step(g):
    w, l, opt = parabola()
    assert g.run([l, opt]) == (1.0, True)
    g.reset()
    w.value = 1.0
    assert g.run([opt, l]) == (True, pytest.approx(0.64))


def test_two_steps_in_one_run(g):
    w, l, opt = parabola()
    before, *_, between, _, after = g.run([l, opt, l, opt, l])
    v1 = -0.1 * 2
    w1 = 1 + v1
    v2 = 0.9 * v1 - 0.1 * 2 * w1
    assert before == 1.0 and between == pytest.approx(w1**2) and after == pytest.approx((w1 + v2) ** 2)
    assert w.value == pytest.approx(w1 + v2)
    g.run([opt, opt])


def test_feeds_hold_after_a_step(g):
    w, _l, opt = parabola()
    h = w * 3
    assert g.run([h, opt, h], {h: 5.0}) == (5.0, True, 5.0)


def test_running_statistics_are_updated_by_every_evaluation(g):
    x = ntb.Placeholder([-1, 1])
    w = ntb.Variable(value=np.ones(1))
    bn = ntb.Batchnorm(x, w, np.zeros(1), 1.0)
    l = bn.sum()
    opt = ntb.Optim(l, lr=0.0)
    feed = {x: np.array([[1.0], [3.0]])}
    g.run([l], feed)
    np.testing.assert_allclose(bn.mu, [0.2])
    g.reset()
    g.run([opt, l], feed)
    np.testing.assert_allclose(bn.mu, [0.38])


# --- building


def test_attributes(g):
    x, w = ntb.Placeholder(), ntb.Variable(value=1.0)
    y = w * x
    l = y**2
    d = ntb.Grad(l, x)
    assert g.nodes == {x, w, y, l, d} and g.mutable_nodes == [w]
    assert g.inputs[y] == (w, x) and g.outputs[x] == (y, d) and g.outputs[d] == ()
    assert g.d_inputs[d] == [x] and g.d_inputs[y] == []
    assert g.bp_subtree[l] == {w, y, l}
    g.set_d_nodes(l, [x])
    assert g.bp_subtree[l] == {x, y, l}
    g.set_d_nodes(l)
    assert g.bp_subtree[l] == {w, y, l}


@pytest.mark.parametrize("name", ["fp_eval", "fp_cache", "d", "bp_done"])
def test_values_between_runs_are_gone(g, name):
    with pytest.raises(GraphError, match=r"g\.run\(\[node\]\)"):
        getattr(g, name)
    with pytest.raises(AttributeError):
        g.anything_else  # noqa: B018


def test_nodes_that_cannot_be_added(g):
    w, _l, opt = parabola()
    with pytest.raises(GraphError, match="'disruptive' flag cannot serve as inputs"):
        opt + 1
    with pytest.raises(GraphError, match="no node of this graph"):
        w + ntb.Variable(value=1.0, graph=ntb.ComputationGraph())
    with pytest.raises(GraphError, match="already"):
        g.add_node(w)


def test_parameters_of_chosen_d_nodes(g):
    a, b = ntb.Variable(value=1.0), ntb.Variable(value=1.0)
    l = (a * b) ** 2
    g.set_d_nodes(l, [b])
    opt = ntb.Optim(l, lr=0.1)
    g.run([opt])
    assert a.value == 1.0 and b.value == pytest.approx(0.8)


def test_default_graphs_nest_and_give_the_graph():
    a, b = ntb.ComputationGraph(), ntb.ComputationGraph()
    with ntb.default_graph(a) as first:
        assert first is a
        with ntb.default_graph(b):
            assert ntb.Placeholder().graph is b
        assert ntb.Placeholder().graph is a
    with pytest.raises(GraphError, match="No graph specified"):
        ntb.Placeholder()


def test_the_graph_of_the_first_input_wins(g):
    x = ntb.Placeholder()
    assert ntb.Relu(x, graph=ntb.ComputationGraph()).graph is g


def test_shapes_that_cannot_be_broadcast_are_an_error(g):
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        ntb.Placeholder([2]) + ntb.Placeholder([3])


# --- state


def test_save_lists_the_hidden_rate(g):
    _w, _l, opt = parabola()
    g.run([opt])
    saved = g.save()
    assert len(saved) == 3 and saved[0] == pytest.approx(0.8) and saved[1] == 0.1
    assert set(saved[2][0]) == {"momentum", "velocity"}
    with_placeholder = ntb.ComputationGraph()
    with ntb.default_graph(with_placeholder):
        v = ntb.Variable(value=1.0)
        ntb.Optim(v**2, lr=ntb.Placeholder())
    assert len(with_placeholder.save()) == 2


def test_load_copies_and_continues(g):
    w, _l, opt = parabola()
    g.run([opt])
    saved = g.save()
    after = g.run([opt, w])[1]
    g.load(saved)
    assert g.run([opt, w])[1] == after
    vector = ntb.Variable(value=np.ones(2))
    state = g.save()
    g.load(state)
    state[-1][...] = 9.0
    assert vector.value.tolist() == [1.0, 1.0]


@oldest.names
def test_load_of_what_does_not_fit_changes_nothing(g):
    w, v = ntb.Variable(value=np.ones(2)), ntb.Variable(value=np.zeros(3))
    bn = ntb.Batchnorm(ntb.Placeholder([-1, 3]), np.ones(3), v, 1)
    ntb.Optim((w.sum() * v.sum()), lr=ntb.Placeholder())
    good = g.save()
    worse = [
        (good[:-1], "3 saved values for 4 nodes with state: w, v, bn"), (5, "a int for 4"), ({}, "a dict for 4"),
        ([np.full(2, 5.0), np.full(2, 5.0), *good[2:]], "saved value 1 does not fit <Variable v"),
        ([np.full(2, 5.0), np.full((3, 1), 5.0), *good[2:]], "value 1"),
        ([np.full(2, 5.0), {"v": 1}, *good[2:]], "value 1"),
        ([np.full(2, 5.0), good[1], np.zeros(3), good[3]], "value 2 does not fit <Batchnorm bn"),
        ([np.full(2, 5.0), good[1], (np.zeros(4), 1, 0, 0), good[3]], "value 2"),
        ([np.full(2, 5.0), *good[1:3], []], "value 3 does not fit <Optim"),
        ([np.full(2, 5.0), *good[1:3], [{"velocity": np.ones(7)}, {}]], "value 3"),
        ([np.full(2, 5.0), *good[1:3], None], "value 3"),
    ]  # fmt: skip
    for values, message in worse:
        with pytest.raises(GraphError, match=message):
            g.load(values)
        assert w.value.tolist() == [1, 1] and v.value.tolist() == [0, 0, 0] and bn.mu.tolist() == [0, 0, 0]


def test_reset_draws_again(g):
    w = ntb.Variable(shape=(3, 3))
    fixed = ntb.Variable(value=4.0)
    first = w.value.copy()
    fixed.value = 1.0
    g.reset()
    assert not np.array_equal(w.value, first) and fixed.value == 4.0


def test_a_failed_run_changes_nothing(g):
    y = ntb.Placeholder([-1])
    w = ntb.Variable(value=np.ones((2, 3)))
    x = ntb.Dropout(np.ones((2, 2)), 0.5)
    l = ntb.CrossEntropyLogits(x.dot(w), y)
    opt = ntb.Optim(l, lr=0.5)
    g.run([opt], {y: [0, 1]})
    before, state = g.save(), np.random.get_state()[1:3]
    with pytest.raises(GraphError, match="labels"):
        g.run([opt, l, opt], {y: [0, 5]})
    after = np.random.get_state()[1:3]
    assert np.array_equal(state[0], after[0]) and state[1] == after[1]
    for a, b in zip(before[:2], g.save()[:2]):
        assert np.array_equal(a, b)
    assert np.array_equal(before[2][0]["velocity"], g.save()[2][0]["velocity"])


# --- tracing


def test_a_replay_that_fails_leaves_numpys_generator_as_it_was(g):
    """The node that fails is found by another evaluation, which draws again."""
    y = ntb.Placeholder([-1])
    l = ntb.CrossEntropyLogits(ntb.Dropout(np.ones((2, 3)), 0.5), y)
    for _ in range(2):
        g.run([l], {y: [0, 1]})
    np.random.normal()  # NumPy draws two, and keeps the other
    before = np.random.get_state()
    with pytest.raises(GraphError, match="labels"):
        g.run([l], {y: [0, 5]})
    after = np.random.get_state()
    assert np.array_equal(before[1], after[1]) and before[2:] == after[2:]


def traces(g):
    return sum(len(plan.function.programs) for plan in g.session.plans.values())


def test_scalars_never_retrace_and_flags_make_one_trace_each(g):
    x, t, lr, train = ntb.Placeholder([-1, 2]), ntb.Placeholder(), ntb.Placeholder(), ntb.Placeholder()
    out, _gamma, _beta = ntb.batchnorm_layer(x / t, train)
    l = (out**2).mean()
    opt = ntb.Optim(l, lr=lr)
    a = np.random.default_rng(0).normal(size=(4, 2))
    for i in range(6):
        g.run([l, opt], {x: a, t: 1.0 + i, lr: 0.1 / (i + 1), train: 1.0})
    assert traces(g) == 1
    for flag in (True, 2, np.array(1.5), [1][0]):
        g.run([l, opt], {lr: 0.5, train: flag, x: a, t: 2.0})  # in another order, too
    assert traces(g) <= 3  # ints, bools and floats are fed as different dtypes
    for _ in range(3):
        g.run([l, opt], {x: a, t: 1.0, lr: 0.1, train: 0.0})
    assert traces(g) <= 4


def test_the_cache_is_bounded(g):
    x = ntb.Placeholder()
    nodes = [x + i for i in range(80)]
    for node in nodes:
        g.run([node], {x: 1.0})
    assert len(g.session.plans) <= 64
    assert g.run([nodes[0]], {x: 1.0}) == (1.0,)


def test_float32_graphs_stay_float32():
    g = ntb.ComputationGraph(dtype=np.float32)
    with ntb.default_graph(g):
        x, y, train = ntb.Placeholder([-1, 1, 8, 8]), ntb.Placeholder([-1]), ntb.Placeholder()
        h, *_ = ntb.conv_layer((x - 128) / 255.0, 4, 3, 3)
        h = ntb.max_pool_layer(ntb.Relu(ntb.spatial_batchnorm_layer(h, train)[0]), 2, 2)
        h, *_ = ntb.affine_layer(h, 6)
        h = ntb.Tanh(ntb.batchnorm_layer(h, train)[0])
        h = ntb.Sigmoid(ntb.Dropout(h, 0.5))
        h = h * np.float64(2.0) + np.arange(6)
        s, *_ = ntb.affine_layer(h, 3)
        l = ntb.CrossEntropyLogits(s, y)
        l = l + 0.1 * ntb.weight_decay(l) + ntb.L1(h) * 0.01 + ntb.CrossEntropy(ntb.Softmax(s), y)
        accuracy = ntb.Equals(ntb.Argmax(s, axis=1), y).mean(axis=0)
        steps = [ntb.Optim(l, lr=0.01, update_rule=rule) for rule in ("sgd", "rmsprop", "adam")]
    images, labels = np.random.randint(0, 256, (5, 1, 8, 8)), np.arange(5) % 3
    fetches = [l, accuracy, ntb.Softmax(s), *steps, l]
    for image, mode in ((images.astype(np.uint8), 1), (images.astype(float), True), (images, 0.0)):
        feed = {x: image, y: labels.astype(np.uint8), train: mode}
        code = g.program(fetches, feed).code
        wide = [i for i in code.instructions for ref in i.writes() if code.specs[ref].dtype == np.float64]
        # Adam's bias correction is a number of its step counter, which a float32 would spoil.
        assert all(i.section == "update" and i.function in (np.power, np.subtract) for i in wide)
        assert all(code.specs[ref].shape == () for i in wide for ref in i.writes())
        for result in g.run(fetches, feed):
            assert result is True or result.dtype == np.float32
    assert all(np.result_type(w).itemsize == 4 for w in g.save() if isinstance(w, np.ndarray))


def test_uint8_images_do_not_wrap_around(g):
    x = ntb.Placeholder([-1])
    assert g.run([x - 128, x * 2, -x], {x: np.array([0, 255], np.uint8)})[0].tolist() == [-128.0, 127.0]


# --- errors


def message_of(f):
    with pytest.raises(GraphError) as caught:
        f()
    return str(caught.value)


@pytest.mark.parametrize("replayed", [False, True])
def test_an_error_names_node_shapes_and_line(g, replayed):
    x, y = ntb.Placeholder([-1, 3]), ntb.Placeholder([-1])
    w = ntb.Variable(value=np.ones((3, 4)))
    scores = x.dot(w)
    loss = ntb.CrossEntropyLogits(scores, y)
    opt = ntb.Optim(loss)
    good, bad = {x: np.ones((2, 3)), y: np.array([0, 3])}, {x: np.ones((2, 3)), y: np.array([0, 4])}
    if replayed:
        g.run([opt], good)
    before = w.value.copy()
    text = message_of(lambda: g.run([opt], bad))
    assert "CrossEntropyLogits loss of shape ()" in text and "test_graph.py:" in text and "int64[2]" in text
    assert np.array_equal(w.value, before)


@pytest.mark.parametrize("replayed", [False, True])
def test_an_error_of_changing_shapes_names_the_node(g, replayed):
    x, y = ntb.Placeholder([-1]), ntb.Placeholder([-1])
    difference = x - y
    if replayed:
        g.run([difference], {x: np.ones(2), y: np.ones(2)})
    text = message_of(lambda: g.run([difference], {x: np.ones(2), y: np.ones(3)}))
    assert "<Sub difference of shape (-1,), made at test_graph.py" in text and "float64[2], float64[3]" in text


@oldest.names
def test_names_come_from_the_program(g):
    x = ntb.Placeholder([-1, 2])
    x2 = x * 2
    weights = [ntb.Variable(value=1.0) for _ in range(2)]
    for _ in range(2):
        again = ntb.Variable(value=1.0)
    _hidden, w, b = ntb.affine_layer(x2, 3)
    self = ntb.Placeholder()
    p, q = ntb.Placeholder(), ntb.Placeholder()
    names = [n.name for n in (x, x2, *weights, again, w, b, self, p, q)]
    assert names[:2] == ["x", "x2"] and names[4:] == ["again_2", "w", "b", "self_2", "p", "q"]
    assert len({n.name for n in g.nodes}) == len(g.nodes) and all(n.name.isidentifier() for n in g.nodes)
    assert g.run([self * 1, again], {self: 2.0}) == (2.0, 1.0)


def test_a_program_speaks_the_users_names(g):
    data = ntb.Placeholder([-1])
    slope = ntb.Variable(value=2.0)
    prediction = slope * data
    loss = ((prediction - 1.0) ** 2).mean()
    opt = ntb.Optim(loss, lr=0.1)
    program = g.program([loss, opt], {data: np.ones(3)})
    assert slope.value == 2.0 and np.asarray(program(data=np.ones(3))[0]) == 1.0 and slope.value == pytest.approx(1.8)
    assert "def run(data, slope" in program.source and "loss = np.mean(" in program.source
    assert "prediction = slope * data" in program.source and "d_slope" in program.source


def test_the_graph_shows_itself(g):
    x = ntb.Placeholder([-1])
    w = ntb.Variable(value=1.0)
    y = w * x
    assert str(g).splitlines()[1:] == [
        "x = Placeholder() [-1]  -> y", "w = Variable() []  -> y", "y = Mult(w, x) [-1]",
    ]  # fmt: skip
    assert g.to_dot().startswith("digraph {") and "n0 -> n2" in g.to_dot() and "Mult (-1,)" in g.to_dot()
    assert repr(y).startswith("<Mult y of shape (-1,), made at test_graph.py:")


@oldest.names
def test_a_picture_of_the_graph(g):
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    from ntb import vis

    x, w = ntb.Placeholder([-1]), ntb.Variable(value=1.0)
    loss = (w * x).mean() * 0.01
    ntb.Optim(loss, lr=ntb.Grad(loss, x).sum())
    texts = [text.get_text() for text in vis.graph(g).axes[0].texts]
    assert {"x\nPlaceholder (-1,)", "w\nVariable", "loss\nMult"} <= set(texts) and len(texts) == len(g.nodes)
    assert any(text.endswith("\nConstant 0.01") for text in texts)
    sections = {lines[-1].split()[0]: section for lines, section, _ in g.boxes()}
    assert (sections["Mean"], sections["Grad"], sections["Optim"]) == ("forward", "backward", "update")


# --- size, threads


def chain(g, length):
    """A graph of two nodes for each step of a chain, and what is fed to it."""
    with ntb.default_graph(g):
        x, w = ntb.Placeholder([3]), ntb.Variable(value=np.ones(3))
        y = w * x
        for _ in range(length):
            y = (y + x) * 0.5
        return y.sum(), {x: np.ones(3)}


def calls_made(f):
    """How many functions are called while `f` runs, but for those that the code of a program calls."""
    count = 0

    def hook(frame, event, _):
        nonlocal count
        count += event in ("call", "c_call") and not frame.f_code.co_filename.startswith("<replay of")

    sys.setprofile(hook)
    try:
        f()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.uncounted
def test_a_graph_of_ten_thousand_nodes(g):
    l, feed = chain(g, 4999)
    assert len(g.nodes) > 10_000
    opt = ntb.Optim(l, lr=0.1)
    first = g.run([l, opt], feed)
    second = g.run([l, opt], feed)
    assert first[0] == pytest.approx(3.0) and second[0] <= first[0]
    assert isinstance(str(g), str) and g.bp_subtree[l]


def test_building_takes_time_in_proportion_to_the_number_of_nodes():
    short, long = (calls_made(lambda n=n: chain(ntb.ComputationGraph(), n)) for n in (100, 1000))
    assert 5 * short < long < 11 * short


def test_what_a_run_does_beside_its_program_does_not_grow_with_the_graph():
    def beside(length):
        g = ntb.ComputationGraph()
        l, feed = chain(g, length)
        g.run([l], feed)  # traces
        g.run([l], feed)  # replays, and makes the memory for it
        return calls_made(lambda: g.run([l], feed))

    assert beside(5) == beside(400) < 100


def test_graphs_in_threads():
    results, errors = {}, []

    def work(i):
        try:
            g = ntb.ComputationGraph()
            with ntb.default_graph(g):
                w = ntb.Variable(value=float(i))
                l = (w - 3) ** 2
                opt = ntb.Optim(l, lr=0.05, config={"momentum": 0.0})
            for _ in range(200):
                g.run([opt])
            results[i] = float(w.value)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert errors == [] and all(abs(v - 3) < 1e-6 for v in results.values()) and len(results) == 6


def test_default_graph_is_of_one_thread(g, threads_begin_anew):
    seen = []

    def work():
        try:
            ntb.Placeholder()
        except GraphError as error:
            seen.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(seen) == 1
