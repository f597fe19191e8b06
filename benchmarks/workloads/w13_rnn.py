"""W13: a vanilla recurrent network along 200 steps, batch 8: many small products, one after the other, Adam."""

import numpy as np

import ntb
from ntb import compat, nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, GraphStep, begin, begin_graph, graph, trainer

TITLE = "RNN 32-128-1 tanh, 200 steps, batch 8, Adam"
OPTIMIZER = ("adam", 0.001)


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    rows, steps, inputs, units = (3, 5, 4, 6) if small else (8, 200, 32, 128)
    draw = Draw(dtype)
    parameters = {
        "wx": draw.dense(inputs, units),
        "wh": draw.dense(units, units),
        "b": draw.zeros(units),
        "w": draw.dense(units, 1),
        "offset": draw.zeros(1),
    }
    x, y = draw.uniform(rows, steps, inputs, low=-1.0), draw.uniform(rows, steps, 1, low=-1.0)
    return Problem(parameters, (x, y))


def loss(parts, p, x, y):
    h = parts.rnn(x, p["wx"], p["wh"], p["b"])
    return parts.mean((parts.linear(h, p["w"], p["offset"]) - y) ** 2)


class Reader(nn.Module):
    def __init__(self, inputs, units, dtype):
        self.states = nn.RNN(inputs, units, dtype=dtype)
        self.last = nn.Linear(units, 1, dtype=dtype)

    def __call__(self, x, train=False):
        h, _ = self.states(x)
        return self.last(h)


def with_ntb(problem: Problem, function: Decorator) -> Step:
    model = Reader(*problem.parameters["wx"].shape, problem.dtype)
    parameters = begin(model, problem).trainable_variables()
    optimizer = ntb.optim.Adam(lr=0.001)
    return trainer(function, lambda x, y: nn.mse(model(x), y), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    inputs, units = problem.parameters["wx"].shape
    g = graph(problem)
    with compat.default_graph(g):
        x = compat.Placeholder((-1, -1, inputs))
        y = compat.Placeholder((-1, -1, 1))
        first = compat.Placeholder((1, -1, units))
        weights = [compat.Variable(shape=shape) for shape in ((inputs, units), (units, units), (units,))]
        h, _ = compat.Rnn(x, first, *weights, rnn_cell=compat.VanillaRnnCell)
        w, offset = compat.Variable(shape=(units, 1)), compat.Variable(shape=(1,))
        loss = ((compat.TemporalAffine(h, w, offset) - y) ** 2).mean()
        step = compat.Optim(loss, lr=0.001, update_rule="adam")
    begin_graph(g, problem)
    zeros = np.zeros((1, len(problem.batch[0]), units))
    return GraphStep(g, loss, step, {**dict(zip((x, y), problem.batch)), first: zeros})


def gemm(problem: Problem) -> Step:
    (rows, steps, inputs), units = problem.batch[0].shape, len(problem.parameters["wh"])
    products = Products(problem.dtype)
    products.recurrent(rows, steps, inputs, units, gates=1, first=True)
    products.dense(rows * steps, units, 1)
    return products.step()
