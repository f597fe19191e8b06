"""What is dropped is freed at once, by reference counting: each case runs with the garbage collector off.

A case makes something of an array, uses it, and gives back the array; when the case has returned, the array is gone.
"""

import gc
import weakref

import numpy as np
import pytest

import ntb
import ntb.compat as graphs
from ntb import nn

ONES = np.ones(5)


@pytest.fixture(autouse=True)
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def traced_lambda(array):
    f = ntb.function(lambda x: np.sum(x * ntb.tensor(array)))
    f(1.0), f(2.0)


def traced_step_after_several_programs(array):
    w = ntb.Variable(np.ones(5))

    def step(x):
        with ntb.Tape() as tape:
            loss = np.sum(w * array) * np.sum(x)
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    f = ntb.function(step)
    for n in (1, 2, 3, 1, 2, 3):
        f(np.ones(n))
    program = f.programs[-1]
    assert program.source and program.stats and program.to_dot() and program.profile(np.ones(3), repeat=1)


def traced_blocks(array):
    f = ntb.function(lambda x: np.sum(np.tanh(x * 2.0 + 1.0) * 3.0 - x) * np.sum(array))
    f(np.ones((600, 600))), f(np.ones((600, 600)))


def program_by_trace(array):
    program = ntb.function(lambda x: np.tanh(x) * array).trace(ONES)
    program(ONES)


class Model:
    def __init__(self, array):
        self.array, self.w = array, ntb.Variable(ONES)

    def step(self, x):
        with ntb.Tape() as tape:
            loss = np.sum(self.w * self.array * x)
        self.w.assign_sub(tape.gradient(loss, self.w))
        return loss


def traced_method(array):
    f = ntb.function(Model(array).step)
    f(ONES), f(ONES)


def traced_function_of_a_model(array):
    f, model = ntb.function(Model.step), Model(array)
    f(model, ONES), f(model, ONES)


def model_of_a_traced_function_that_stays(array):
    kept = step_that_stays
    before = len(kept.programs)
    model = Model(array)
    kept(model, ONES), kept(model, ONES), kept(model, np.ones(5, np.float32)[0])
    assert len(kept.programs) == before + 2
    gone = weakref.ref(model)
    del model
    assert gone() is None and len(kept.programs) == before


step_that_stays = ntb.function(Model.step)


def traced_branches(array):
    f = ntb.function(lambda x: x * array if x > 0 else x - array)
    f(1.0), f(-1.0), f(1.0), f(-1.0)


def traced_function_that_raises(array):
    def g(x):
        y = np.tanh(x) * array
        if len(x) > 1:
            raise ValueError
        return y

    f = ntb.function(g)
    f(np.ones(1)), f(np.ones(1))
    with pytest.raises(ValueError):
        f(np.ones(5))


def replay_that_raises(array):
    def forward(x):
        if x[0] > 1:
            raise ValueError
        return x * array, None

    f = ntb.function(lambda x: ntb.numpy_function(forward, print)(np.tanh(x) * x))
    f(ONES), f(ONES)
    with pytest.raises(ValueError):
        f(100 * ONES)


def grad(array):
    ntb.grad(lambda x: np.sum(x * array))(ONES)


def vjp(array):
    _, pull = ntb.vjp(lambda x: np.sum(x * array), ONES)
    pull(1.0)


def jvp(array):
    ntb.jvp(lambda x: np.sum(x * array), (ONES,), (ONES,))


def linearize(array):
    _, push = ntb.linearize(lambda x: np.sum(x * array), ONES)
    push(ONES)


def hessian(array):
    ntb.hessian(lambda x: np.sum(x**3 * array))(ONES)


def jacobians(array):
    for mode in ("rev", "fwd"):
        ntb.jacobian(lambda x: x**3 * array, mode=mode)(ONES)


def hvp(array):
    ntb.hvp(lambda x: np.sum(x**3 * array), ONES, ONES)


def checkpoint(array):
    with ntb.Tape() as tape:
        x = tape.watch(ONES)
        y = np.sum(ntb.checkpoint(lambda x: x * array)(x))
    tape.gradient(y, x)


def checkpoint_without_a_gradient(array):
    with ntb.Tape() as tape:
        ntb.checkpoint(lambda x: x * array)(tape.watch(ONES))


def checkpoint_traced_and_pushed(array):
    part = ntb.checkpoint(lambda x: np.sum(x * array))
    f = ntb.function(ntb.grad(part))
    f(ONES), f(ONES)
    ntb.jvp(part, (ONES,), (ONES,))
    ntb.hessian(part)(ONES)


def custom_gradient(array):
    @ntb.custom_gradient
    def f(x):
        y = np.exp(x)
        return y, lambda g: g * y * array

    ntb.grad(lambda x: np.sum(f(x)))(ONES)
    ntb.jvp(f, (ONES,), (ONES,))


def numpy_function(array):
    f = ntb.numpy_function(lambda x: (x * array, array), lambda g, c, wanted, shape: [g * c])
    ntb.grad(lambda x: np.sum(f(x)))(ONES)


def scan(array):
    def step(state, x):
        return state * 0.5 + x * array, state

    def total(xs):
        return np.sum(ntb.scan(step, np.zeros(5), xs)[0])

    ntb.grad(total)(np.ones((20, 5)))
    ntb.jvp(total, (np.ones((20, 5)),), (np.ones((20, 5)),))
    ntb.scan(step, np.zeros(5), np.ones((20, 5)))


def fixed_point_and_root(array):
    ntb.grad(lambda a: np.sum(ntb.fixed_point(lambda x: np.cos(x) * a * array, ONES)))(0.1)
    ntb.grad(lambda a: np.sum(ntb.root(lambda x: x**2 - a * array, ONES)))(2.0)


def tapes(array):
    for options in ({}, {"persistent": True}, {"explain": True}):
        with ntb.Tape(**options) as tape:
            x = tape.watch(ONES)
            y = np.sum(np.sign(x * array) * x)
        tape.gradient(y, x)
        with ntb.Tape(**options) as tape:
            tape.watch(ONES) * array


def tape_that_raises(array):
    with pytest.raises(ValueError), ntb.Tape() as tape:
        np.tanh(tape.watch(ONES) * array)
        raise ValueError


def training(array):
    model, optimizer = nn.Sequential(nn.Linear(5, 5), nn.Dropout(0.5), nn.BatchNorm(5)), ntb.optim.Adam(0.1)
    parameters = model.trainable_variables()

    @ntb.function
    def step(x):
        with ntb.Tape() as tape:
            loss = np.sum(model(x, train=True) * array)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    for n in (2, 2, 3, 3):
        step(np.ones((n, 5)))


def graph(array):
    g = graphs.ComputationGraph()
    with graphs.default_graph(g):
        x, w = graphs.Placeholder([-1, 5]), graphs.Variable(value=np.ones((5, 5)))
        loss = (x.dot(w) * np.ones(5)).sum()
        step, slope = graphs.Optim(loss, lr=0.1), graphs.Grad(loss, w)
    w.kept = array
    for n in (2, 2, 3, 3):
        g.run([loss, slope, step], {x: np.ones((n, 5))})
    assert str(g) and g.to_dot() and g.bp_subtree[loss]
    g.load(g.save())


class Square(graphs.Node):
    def infer_shape(self, shape):
        return shape

    def forw_eval(self, x):
        if x[0] > 9:
            raise ValueError
        return x**2, x

    def back_eval(self, g, x, wanted):
        return [2 * g * x]


def graph_of_nodes_of_ones_own_that_raises(array):
    g = graphs.ComputationGraph()
    with graphs.default_graph(g):
        x = graphs.Placeholder([5])
        y = Square(x)
        slope = graphs.Grad(y.sum(), x)
    y.kept = array
    g.run([y, slope], {x: ONES}), g.run([y, slope], {x: ONES})
    with pytest.raises(graphs.GraphError):
        g.run([y, slope], {x: 100 * ONES})


CASES = [
    traced_lambda, traced_step_after_several_programs, traced_blocks, program_by_trace, traced_method,
    traced_function_of_a_model, model_of_a_traced_function_that_stays, traced_branches, traced_function_that_raises,
    replay_that_raises, grad, vjp, jvp,
    linearize, hessian, jacobians, hvp, checkpoint, checkpoint_without_a_gradient, checkpoint_traced_and_pushed,
    custom_gradient, numpy_function, scan, fixed_point_and_root, tapes, tape_that_raises, training, graph,
    graph_of_nodes_of_ones_own_that_raises,
]  # fmt: skip


def freed(case):
    """Whether the array that a case was given is gone when it has returned."""
    array = np.ones(5)
    end = weakref.ref(array)
    case(array)
    del array
    return end() is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_is_dropped_is_freed_at_once(case):
    assert freed(case)


@pytest.mark.uncounted
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_to_the_collector(case):
    case(np.ones(5))  # the first time modules are imported
    gc.freeze()  # the collector looks at nothing that is there now, nor in later tests, as in conftest.py
    case(np.ones(5))
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    left, gc.garbage[:] = [x for x in gc.garbage if type(x).__module__.startswith("ntb")], []
    assert not left


def test_a_cycle_is_noticed():
    def cycle(array):
        f = lambda: (f, array)
        f()

    assert not freed(cycle)


def test_a_node_whose_graph_is_gone_says_so():
    node = graphs.Placeholder([3], graph=graphs.ComputationGraph())
    assert "Placeholder placeholder of shape (3,)" in repr(node)
    with pytest.raises(graphs.GraphError, match="graph of this node is gone"):
        node + 1
