"""W1: a line through 75 points, y = a x + b, by gradient descent with momentum. All of it is overhead."""

import numpy as np

import ntb
from ntb import compat

from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, GraphStep, begin_graph, graph, trainer, variables

TITLE = "linear fit, 75 points, SGD with momentum"
OPTIMIZER = ("momentum", 0.05)


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw = Draw(dtype)
    x = draw.uniform(75, low=-1.0)
    y = 2.5 * x - 1.0 + draw.uniform(75, low=-0.5, high=0.5)
    return Problem({"a": draw.zeros(), "b": draw.zeros()}, (x, y))


def loss(parts, p, x, y):
    return parts.mean((p["a"] * x + p["b"] - y) ** 2)


def with_ntb(problem: Problem, function: Decorator) -> Step:
    a, b = parameters = list(variables(problem).values())
    optimizer = ntb.optim.SGD(lr=0.05, momentum=0.9)
    return trainer(function, lambda x, y: np.mean((a * x + b - y) ** 2), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    g = graph(problem)
    with compat.default_graph(g):
        x = compat.Placeholder([-1])
        y = compat.Placeholder([-1])
        a = compat.Variable(value=0.0)
        b = compat.Variable(value=0.0)
        loss = ((a * x + b - y) ** 2).mean()
        step = compat.Optim(loss, lr=0.05)
    begin_graph(g, problem)
    return GraphStep(g, loss, step, dict(zip((x, y), problem.batch)))


def by_hand(problem: Problem) -> Step:
    """The step in plain NumPy, as one would write it who wants it fast."""
    (x, y), dtype = problem.batch, problem.dtype
    w, velocity, gradient = np.zeros(2, dtype), np.zeros(2, dtype), np.zeros(2, dtype)
    design = np.stack([x, np.ones_like(x)])
    turned = np.ascontiguousarray(design.T)
    error, twice, rate, kept = np.empty_like(x), dtype.type(2 / len(x)), dtype.type(0.05), dtype.type(0.9)
    matmul, subtract, multiply, add, dot = np.matmul, np.subtract, np.multiply, np.add, np.dot
    scaled = np.empty(2, dtype)

    def step():
        matmul(turned, w, error)
        subtract(error, y, error)
        loss = dot(error, error) / len(x)
        matmul(design, error, gradient)
        multiply(gradient, twice, gradient)
        multiply(velocity, kept, velocity)
        add(velocity, gradient, velocity)
        multiply(velocity, rate, scaled)
        subtract(w, scaled, w)
        return loss

    return step
