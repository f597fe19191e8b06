"""W3: the convolutional network of the demo `convnet` on images of MNIST's size, batches of 100, Adam."""

import ntb
from ntb import nn
from ntb.demos import convnet

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, begin, dropout_graph, trainer

TITLE = "MNIST convnet demo, batch 100, Adam"
OPTIMIZER = ("adam", 0.002)
KEEP = 0.79


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw, rows = Draw(dtype), 4 if small else 100
    parameters = {
        "filters1": draw.filters(24, 1, 5),
        "offset1": draw.zeros(24),
        "gamma1": draw.ones(24),
        "beta1": draw.zeros(24),
        "filters2": draw.filters(14, 24, 4),
        "offset2": draw.zeros(14),
        "gamma2": draw.ones(14),
        "beta2": draw.zeros(14),
        "w3": draw.dense(14 * 4 * 4, 32),
        "b3": draw.zeros(32),
        "w4": draw.dense(32, 10),
        "b4": draw.zeros(10),
    }
    return Problem(parameters, (draw.uniform(rows, 1, 28, 28), draw.labels(10, rows)), keep)


def loss(parts, p, x, y, keep):
    h = parts.conv(x, p["filters1"], p["offset1"], stride=2, padding=(0, 1))
    h = parts.max_pool(h, padding=(0, 1))
    h = parts.dropout(parts.relu(parts.batch_norm(h, p["gamma1"], p["beta1"])), keep)
    h = parts.conv(h, p["filters2"], p["offset2"])
    h = parts.dropout(parts.relu(parts.batch_norm(h, p["gamma2"], p["beta2"])), keep)
    h = parts.relu(parts.linear(parts.flatten(h), p["w3"], p["b3"]))
    return parts.cross_entropy(parts.linear(h, p["w4"], p["b4"]), y)


def with_ntb(problem: Problem, function: Decorator) -> Step:
    dtype = problem.dtype
    model = nn.Sequential(
        nn.Conv2d(1, 24, 5, stride=2, padding=((0, 1), (0, 1)), dtype=dtype),  # (N, 24, 13, 13)
        nn.MaxPool2d(2, padding="same"),  # (N, 24, 7, 7)
        nn.BatchNorm(24, dtype=dtype),
        nn.relu,
        nn.Dropout(1 - problem.keep),
        nn.Conv2d(24, 14, 4, dtype=dtype),  # (N, 14, 4, 4)
        nn.BatchNorm(14, dtype=dtype),
        nn.relu,
        nn.Dropout(1 - problem.keep),
        nn.Flatten(),
        nn.Linear(14 * 4 * 4, 32, dtype=dtype),
        nn.relu,
        nn.Linear(32, 10, dtype=dtype),
    )
    parameters = begin(model, problem).trainable_variables()
    optimizer = ntb.optim.Adam(lr=0.002)
    return trainer(function, lambda x, y: nn.cross_entropy(model(x, train=True), y), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    return dropout_graph(problem, convnet.layers, lr=0.002)


def gemm(problem: Problem) -> Step:
    rows, products = len(problem.batch[0]), Products(problem.dtype)
    products.conv(1, 24, 5, rows * 13 * 13, first=True)
    products.conv(24, 14, 4, rows * 4 * 4)
    products.dense(rows, 14 * 4 * 4, 32)
    products.dense(rows, 32, 10)
    return products.step()
