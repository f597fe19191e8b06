"""W4: the convolutional network of the demo `cifar` on images of CIFAR-10's size, batches of 500, Adam."""

import ntb
from ntb import nn
from ntb.demos import cifar

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, begin, dropout_graph, trainer

TITLE = "CIFAR convnet demo, batch 500, Adam"
OPTIMIZER = ("adam", 0.002)
KEEP = 0.9


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw, rows = Draw(dtype), 6 if small else 500
    parameters = {}
    for i, (filters, channels) in enumerate([(20, 3), (14, 20)]):
        parameters |= {f"filters{i}": draw.filters(filters, channels, 5), f"offset{i}": draw.zeros(filters)}
        parameters |= {f"gamma{i}": draw.ones(filters), f"beta{i}": draw.zeros(filters)}
    for i, (inputs, outputs) in enumerate([(14 * 5 * 5, 34), (34, 16)], start=2):
        parameters |= {f"w{i}": draw.dense(inputs, outputs), f"b{i}": draw.zeros(outputs)}
        parameters |= {f"gamma{i}": draw.ones(outputs), f"beta{i}": draw.zeros(outputs)}
    parameters |= {"w4": draw.dense(16, 10), "b4": draw.zeros(10)}
    return Problem(parameters, (draw.uniform(rows, 3, 32, 32), draw.labels(10, rows)), keep)


def loss(parts, p, x, y, keep):
    h = parts.conv(x, p["filters0"], p["offset0"], stride=2, padding=(2, 3))
    h = parts.max_pool(h, padding=(0, 1))
    h = parts.relu(parts.batch_norm(h, p["gamma0"], p["beta0"]))
    h = parts.conv(h, p["filters1"], p["offset1"])
    h = parts.dropout(parts.relu(parts.batch_norm(h, p["gamma1"], p["beta1"])), keep)
    h = parts.linear(parts.flatten(h), p["w2"], p["b2"])
    h = parts.dropout(parts.relu(parts.batch_norm(h, p["gamma2"], p["beta2"])), keep)
    h = parts.relu(parts.batch_norm(parts.linear(h, p["w3"], p["b3"]), p["gamma3"], p["beta3"]))
    return parts.cross_entropy(parts.linear(h, p["w4"], p["b4"]), y)


def with_ntb(problem: Problem, function: Decorator) -> Step:
    dtype = problem.dtype
    model = nn.Sequential(
        nn.Conv2d(3, 20, 5, stride=2, padding=((2, 3), (2, 3)), dtype=dtype),  # (N, 20, 17, 17)
        nn.MaxPool2d(2, padding="same"),  # (N, 20, 9, 9)
        nn.BatchNorm(20, dtype=dtype),
        nn.relu,
        nn.Conv2d(20, 14, 5, dtype=dtype),  # (N, 14, 5, 5)
        nn.BatchNorm(14, dtype=dtype),
        nn.relu,
        nn.Dropout(1 - problem.keep),
        nn.Flatten(),
        nn.Linear(14 * 5 * 5, 34, dtype=dtype),
        nn.BatchNorm(34, dtype=dtype),
        nn.relu,
        nn.Dropout(1 - problem.keep),
        nn.Linear(34, 16, dtype=dtype),
        nn.BatchNorm(16, dtype=dtype),
        nn.relu,
        nn.Linear(16, 10, dtype=dtype),
    )
    parameters = begin(model, problem).trainable_variables()
    optimizer = ntb.optim.Adam(lr=0.002)
    return trainer(function, lambda x, y: nn.cross_entropy(model(x, train=True), y), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    return dropout_graph(problem, cifar.layers, lr=0.002)


def gemm(problem: Problem) -> Step:
    rows, products = len(problem.batch[0]), Products(problem.dtype)
    products.conv(3, 20, 5, rows * 17 * 17, first=True)
    products.conv(20, 14, 5, rows * 5 * 5)
    products.dense(rows, 14 * 5 * 5, 34)
    products.dense(rows, 34, 16)
    products.dense(rows, 16, 10)
    return products.step()
