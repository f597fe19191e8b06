"""Random graphs, drawn by hypothesis, and whether `g.run` gives what the eager blocks give.

A graph is built twice: as nodes, and as a list of eager functions that a plain evaluation walks, with a tape of its own
for each gradient. The two share nothing but the building blocks of `ntb.nn` and the initial values.
"""

from contextlib import contextmanager, nullcontext

import numpy as np
from hypothesis import strategies as st

import ntb
import ntb.compat as compat
from ntb import nn, optim
from ntb import random as draws
from ntb.replay.many_sizes import ManySizes

COLUMNS = 3


class Plain:
    """The same graph as eager functions: `steps[i] = (function, indices of inputs)`, leaves are None."""

    def __init__(self):
        self.steps = []
        self.cells = {}
        self.optimizers = {}

    def add(self, function, *inputs):
        self.steps.append((function, inputs))
        return len(self.steps) - 1

    def needed(self, fetches, fed):
        found, pending = set(), list(fetches)
        while pending:
            i = pending.pop()
            if i not in found:
                found.add(i)
                if i not in fed:
                    pending.extend(self.steps[i][1])
        return sorted(found)

    def evaluate(self, wanted, fed, watched, tape, values):
        """Fill in the values of nodes, in the order in which depth-first evaluation meets them."""
        stack = [(wanted, False)]
        while stack:
            i, ready = stack.pop()
            if i in values:
                continue
            function, inputs = self.steps[i]
            if i in fed:
                values[i] = ntb.tensor(fed[i])
            elif i in self.cells:
                values[i] = self.cells[i].read()
            elif ready:
                values[i] = function(*[values[j] for j in inputs])
            else:
                stack.append((i, True))
                stack.extend((j, False) for j in reversed(inputs))
                continue
            if i in watched:
                values[i] = tape.watch(values[i] * 1 if i in fed else values[i])

    def run(self, fetches, fed):
        """Fetch from left to right; an optimizer's step makes everything new."""
        results = []
        watched = set()
        for i in fetches:
            function = self.steps[i][0]
            if isinstance(function, Gradient):
                watched.add(function.target)
            elif isinstance(function, Step):
                watched.update(function.parameters)
        values, tape = {}, ntb.Tape(persistent=True, watch_variables=False)
        for i in fetches:
            function, inputs = self.steps[i]
            with tape:
                if isinstance(function, Gradient | Step):
                    for j in inputs:
                        self.evaluate(j, fed, watched, tape, values)
                    targets = function.parameters if isinstance(function, Step) else [function.target]
                    for j in targets:
                        self.evaluate(j, fed, watched, tape, values)
                    gradients = tape.gradient(values[inputs[0]], [values[j] for j in targets], unconnected="zero")
                    if isinstance(function, Gradient):
                        results.append(gradients[0].numpy())
                        continue
                    rate = values[inputs[1]]
                    function.optimizer.apply(gradients, [self.cells[j] for j in targets], lr=rate)
                    results.append(True)
                else:
                    self.evaluate(i, fed, watched, tape, values)
                    value = values[i]
                    results.append(value.numpy() if isinstance(value, ntb.Tensor) else value)
            if isinstance(function, Step):
                values, tape = {}, ntb.Tape(persistent=True, watch_variables=False)
        return results


class Gradient:
    def __init__(self, target):
        self.target = target


class Step:
    def __init__(self, parameters, optimizer):
        self.parameters, self.optimizer = parameters, optimizer


class Build:
    """Both forms of a random graph; `matrices` are (-1, COLUMNS) nodes, `scalars` have shape ()."""

    def __init__(self, draw):
        self.draw = draw
        self.plain, self.graph = Plain(), compat.ComputationGraph()
        self.nodes, self.matrices, self.scalars, self.special = [], [], [], []
        self.rng = np.random.default_rng(self.draw(st.integers(0, 2**20)))

    def add(self, node, function, *inputs, to=None):
        number = self.plain.add(function, *inputs)
        self.nodes.append(node)
        assert len(self.nodes) == number + 1
        if to is not None:
            to.append(number)
        return number

    def variable(self, value, to=None):
        number = self.add(compat.Variable(value=value), None, to=to)
        self.plain.cells[number] = ntb.Variable(value)
        return number

    def build(self):
        with compat.default_graph(self.graph):
            self.leaves()
            for _ in range(self.draw(st.integers(1, 9))):
                getattr(self, self.draw(st.sampled_from(self.KINDS)))()
            self.loss()
            for _ in range(self.draw(st.integers(0, 2))):
                self.gradient()
            for _ in range(self.draw(st.integers(0, 2))):
                self.optimizer()
        return self

    KINDS = ("binary", "binary", "unary", "scalar", "number", "affine", "norm", "dropout", "reduce", "sample", "slices")

    def leaves(self):
        self.x = self.add(compat.Placeholder([-1, COLUMNS]), None, to=self.matrices)
        self.y = self.add(compat.Placeholder([-1]), None)
        self.mode = self.add(compat.Placeholder(), None)
        self.rate = self.add(compat.Placeholder(), None)
        self.variable(self.rng.normal(size=(1, COLUMNS)), to=None)
        self.weights = [self.variable(self.rng.normal(size=(COLUMNS, COLUMNS))), 4]
        self.variable(self.rng.normal(size=()), to=self.scalars)

    def matrix(self):
        return self.draw(st.sampled_from(self.matrices))

    def scalar_number(self):
        return self.draw(st.sampled_from(self.scalars))

    def binary(self):
        kinds = [
            (compat.Add, np.add),
            (compat.Sub, np.subtract),
            (compat.Mult, np.multiply),
            (compat.Maximum, np.maximum),
        ]
        kind, f = self.draw(st.sampled_from(kinds))
        a, b = self.matrix(), self.draw(st.sampled_from([*self.matrices, *self.scalars, 4]))
        self.add(kind(self.nodes[a], self.nodes[b]), f, a, b, to=self.matrices)

    def unary(self):
        softmax = lambda x: nn.softmax(x, axis=-1)
        kinds = [
            (compat.Relu, nn.relu),
            (compat.Tanh, np.tanh),
            (compat.Sigmoid, nn.sigmoid),
            (compat.Softmax, softmax),
            (compat.StopGradient, ntb.stop_gradient),
        ]
        kind, f = self.draw(st.sampled_from(kinds))
        a = self.matrix()
        self.add(kind(self.nodes[a]), f, a, to=self.matrices)

    def number(self):
        a, c = self.matrix(), self.draw(st.sampled_from([2, 0.5, -1.25]))
        f = self.draw(st.sampled_from([lambda x: x + c, lambda x: c * x, lambda x: x**2, lambda x: c - x]))
        self.add(f(self.nodes[a]), f, a, to=self.matrices)

    def scalar(self):
        a = self.matrix()
        kind, f = self.draw(st.sampled_from([(compat.Sum, np.sum), (compat.Mean, np.mean), (compat.L2, nn.l2)]))
        self.add(kind(self.nodes[a]), f, a, to=self.scalars)

    def affine(self):
        a = self.matrix()
        w = self.weights[0]
        b = self.variable(np.zeros(COLUMNS))
        node = compat.Affine(self.nodes[a], self.nodes[w], self.nodes[b])
        self.add(node, nn.linear, a, w, b, to=self.matrices)

    def norm(self):
        a = self.matrix()
        gamma, beta = self.variable(np.ones(COLUMNS)), self.variable(np.zeros(COLUMNS))
        mean, var = (ntb.Variable(v, trainable=False) for v in (np.zeros(COLUMNS), np.ones(COLUMNS)))
        f = lambda x, gm, bt, train: nn.batch_norm(x, gm, bt, mean, var, train=bool(train.numpy()))
        inputs = (a, gamma, beta, self.mode)
        self.add(compat.Batchnorm(*[self.nodes[i] for i in inputs]), f, *inputs, to=self.matrices)

    def dropout(self):
        a = self.matrix()
        f = lambda x: nn.dropout(x, np.subtract(1, 0.75), rng=draws.of_numpy())
        self.add(compat.Dropout(self.nodes[a], 0.75), f, a, to=self.matrices)

    def reduce(self):
        a = self.matrix()
        node = self.nodes[a].mean(axis=0, keepdims=True) * self.nodes[a]
        self.add(node, lambda x: np.mean(x, axis=0, keepdims=True) * x, a, to=self.matrices)

    def slices(self):
        a = self.matrix()
        self.add(self.nodes[a][:, ::-1], lambda x: x[:, ::-1], a, to=self.matrices)

    def sample(self):
        a = self.matrix()
        f = lambda x: draws.of_numpy().categorical(nn.softmax(x, axis=-1))
        self.add(compat.Sample(compat.Softmax(self.nodes[a])), f, a, to=self.special)

    def loss(self):
        a = self.matrix()
        node = compat.CrossEntropyLogits(self.nodes[a], self.nodes[self.y])
        self.add(node, nn.cross_entropy, a, self.y, to=self.scalars)

    def gradient(self):
        scalar = self.scalars[-1] if self.draw(st.booleans()) else self.scalar_number()
        target = self.draw(st.sampled_from([*self.matrices, *self.scalars, *self.weights]))
        node = compat.Grad(self.nodes[scalar], self.nodes[target])
        self.add(node, Gradient(target), scalar, to=self.special)

    def optimizer(self):
        scalar = self.scalars[-1]
        rule, make = self.draw(
            st.sampled_from(
                [("sgd", lambda: optim.SGD(momentum=0.9, lr_in_velocity=True)), ("adam", lambda: optim.Adam()),
                 ("rmsprop", lambda: optim.RMSProp(decay=0.99, eps=1e-8))]
            )
        )  # fmt: skip
        needed = self.plain.needed([scalar], {})
        parameters = [i for i in sorted(self.plain.cells) if i in needed]
        if not parameters:
            return
        node = compat.Optim(self.nodes[scalar], lr=self.nodes[self.rate], update_rule=rule)
        assert node.parameters == [self.nodes[i] for i in parameters]
        self.add(node, Step(parameters, make()), scalar, self.rate, to=self.special)

    # --- feeds

    def feed(self, size=None, others=None):
        """Values for the placeholders, and for some other nodes."""
        size = size or self.draw(st.integers(1, 4))
        fed = {
            self.x: self.rng.normal(size=(size, COLUMNS)), self.y: self.rng.integers(0, COLUMNS, size),
            self.mode: np.asarray(float(self.draw(st.booleans()))), self.rate: np.asarray(0.05),
        }  # fmt: skip
        for i in self.others() if others is None else others:
            shape = [size if n == -1 else n for n in self.nodes[i].shape]
            fed[i] = self.rng.normal(size=shape)
        return fed

    def others(self):
        return self.draw(st.lists(st.sampled_from([*self.matrices, *self.scalars, *self.weights]), max_size=2))

    def fetches(self):
        every = [*self.matrices, *self.scalars, *self.special, *self.weights]
        return self.draw(st.lists(st.sampled_from(every), min_size=1, max_size=5))


def state(build):
    """All that runs change, of both forms."""
    return [build.nodes[i].value for i in build.plain.cells], [cell.value for cell in build.plain.cells.values()]


def same(a, b):
    return np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)


@contextmanager
def without_programs():
    """A block in which graphs run node by node, as they do for sizes that are rare."""
    before = ManySizes.__call__
    ManySizes.__call__ = lambda self, **arrays: self.plain(**arrays)
    try:
        yield
    finally:
        ManySizes.__call__ = before


def compare_run(build, fetches, fed, seed):
    """Run a random graph and its eager form once, from the same state of the generator."""
    nodes, feed = [build.nodes[i] for i in fetches], {build.nodes[i]: value for i, value in fed.items()}
    np.random.seed(seed)
    got = build.graph.run(nodes, feed)
    after = np.random.random()
    np.random.seed(seed)
    expected = build.plain.run(fetches, fed)
    assert np.random.random() == after
    assert all(map(same, got, expected)), (str(build.graph), nodes, got, expected)
    assert all(map(same, *state(build)))


def compare(draw):
    """Run a random graph and its eager form three times with the same feeds, each of them also as a replay."""
    build = Build(draw).build()
    with np.errstate(all="ignore"):
        for _ in range(3):
            fetches, fed = build.fetches(), build.feed()
            for seed in (1, 2, 3):  # the second run is a replay, the third goes without a program
                with without_programs() if seed == 3 else nullcontext():
                    compare_run(build, fetches, fed, seed)
    return build


def compare_sizes(draw):
    """Run a random graph and its eager form on batches of changing sizes, which are met once each."""
    build = Build(draw).build()
    fetches, others = build.fetches(), build.others()
    with np.errstate(all="ignore"):
        for size in (5, 6, 4, 7, 3, 2, 1, 12, 40, 9):
            compare_run(build, fetches, build.feed(size, others), size)
    return build
