"""W14: a dense autoencoder 256-64-16-64-256 on batches of 10,000 rows, RMSProp: arrays beyond the caches."""

from itertools import pairwise

import numpy as np

import ntb
from ntb import compat, nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, GraphStep, begin, begin_graph, graph, trainer

TITLE = "autoencoder 256-64-16-64-256 tanh and sigmoid, batch 10,000, RMSProp"
OPTIMIZER = ("rmsprop", 0.0003)
CANNOT = {"torch-fused": "no fused RMSProp"}


def widths(problem: Problem) -> list[int]:
    """The sizes of the layers, from images to images."""
    return [len(w) for w in problem.parameters.values() if w.ndim == 2] + [problem.batch[0].shape[1]]


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw, (rows, *sizes) = Draw(dtype), (7, 9, 6, 3, 6, 9) if small else (10_000, 256, 64, 16, 64, 256)
    parameters = {}
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        parameters |= {f"w{i}": draw.dense(inputs, outputs), f"b{i}": draw.zeros(outputs)}
    return Problem(parameters, (draw.uniform(rows, sizes[0]),))


def loss(parts, p, x):
    h = parts.tanh(parts.linear(x, p["w0"], p["b0"]))
    h = parts.tanh(parts.linear(h, p["w1"], p["b1"]))
    h = parts.tanh(parts.linear(h, p["w2"], p["b2"]))
    return parts.mean((parts.sigmoid(parts.linear(h, p["w3"], p["b3"])) - x) ** 2)


def with_ntb(problem: Problem, function: Decorator) -> Step:
    layers = []
    for inputs, outputs in pairwise(widths(problem)):
        layers += [nn.Linear(inputs, outputs, dtype=problem.dtype), np.tanh]
    model = nn.Sequential(*layers[:-1], nn.sigmoid)
    parameters = begin(model, problem).trainable_variables()
    optimizer = ntb.optim.RMSProp(lr=0.0003)
    return trainer(function, lambda x: nn.mse(model(x), x), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    first, *hidden, last = widths(problem)
    g = graph(problem)
    with compat.default_graph(g):
        x = h = compat.Placeholder((-1, first))
        for units in hidden:
            h, *_ = compat.affine_layer(h, units)
            h = compat.Tanh(h)
        h, *_ = compat.affine_layer(h, last)
        loss = ((compat.Sigmoid(h) - x) ** 2).mean()
        step = compat.Optim(loss, lr=0.0003, update_rule="rmsprop")
    begin_graph(g, problem)
    return GraphStep(g, loss, step, {x: problem.batch[0]})


def gemm(problem: Problem) -> Step:
    rows, sizes, products = len(problem.batch[0]), widths(problem), Products(problem.dtype)
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        products.dense(rows, inputs, outputs, first=i == 0)
    return products.step()
