"""W2: the network 784-50-10 with sigmoid of the demo `mnist`, 6,000 images in each step, L2, momentum."""

import ntb
from ntb import compat, nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, GraphStep, begin_graph, graph, trainer, variables

TITLE = "MNIST MLP 784-50-10 sigmoid, full batch 6000, L2 1e-2, SGD with momentum"
OPTIMIZER = ("momentum", 0.2)
PENALTY = 1e-2


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw, rows = Draw(dtype), 20 if small else 6000
    parameters = {"w1": draw.dense(784, 50), "b1": draw.zeros(50), "w2": draw.dense(50, 10), "b2": draw.zeros(10)}
    return Problem(parameters, (draw.uniform(rows, 784, low=-1.0), draw.labels(10, rows)))


def loss(parts, p, x, y):
    h = parts.sigmoid(parts.linear(x, p["w1"], p["b1"]))
    penalty = 0.5 * (parts.total(p["w1"] * p["w1"]) + parts.total(p["w2"] * p["w2"]))
    return parts.cross_entropy(parts.linear(h, p["w2"], p["b2"]), y) + PENALTY * penalty


def with_ntb(problem: Problem, function: Decorator) -> Step:
    w1, b1, w2, b2 = parameters = list(variables(problem).values())
    optimizer = ntb.optim.SGD(lr=0.2, momentum=0.9)

    def loss_of(x, y):
        scores = nn.linear(nn.sigmoid(nn.linear(x, w1, b1)), w2, b2)
        return nn.cross_entropy(scores, y) + PENALTY * nn.l2(w1, w2)

    return trainer(function, loss_of, parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    g = graph(problem)
    with compat.default_graph(g):
        x = compat.Placeholder([-1, 784])
        y = compat.Placeholder([-1])
        hidden, w1, _ = compat.affine_layer(x, 50)
        scores, w2, _ = compat.affine_layer(compat.Sigmoid(hidden), 10)
        loss = compat.CrossEntropyLogits(scores, y) + PENALTY * compat.L2(w1, w2)
        step = compat.Optim(loss, lr=0.2)
    begin_graph(g, problem)
    return GraphStep(g, loss, step, dict(zip((x, y), problem.batch)))


def gemm(problem: Problem) -> Step:
    rows, products = len(problem.batch[0]), Products(problem.dtype)
    products.dense(rows, 784, 50, first=True)
    products.dense(rows, 50, 10)
    return products.step()
