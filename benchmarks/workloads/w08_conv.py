"""W8: three 3x3 convolutions, 3-32-64-64 channels on 32x32 images, each followed by relu and max-pool, momentum."""

import ntb
from ntb import compat, nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, GraphStep, begin, begin_graph, graph, trainer

TITLE = "three 3x3 convolutions 3-32-64-64 on 32x32, batch 32, SGD with momentum"
OPTIMIZER = ("momentum", 0.01)
CHANNELS = ((3, 32), (32, 64), (64, 64))


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw, rows = Draw(dtype), 2 if small else 32
    parameters = {}
    for i, (channels, filters) in enumerate(CHANNELS):
        parameters |= {f"filters{i}": draw.filters(filters, channels, 3), f"offset{i}": draw.zeros(filters)}
    parameters |= {"w": draw.dense(64 * 4 * 4, 10), "b": draw.zeros(10)}
    return Problem(parameters, (draw.uniform(rows, 3, 32, 32), draw.labels(10, rows)))


def loss(parts, p, x, y):
    h = x
    for i in range(3):
        h = parts.max_pool(parts.relu(parts.conv(h, p[f"filters{i}"], p[f"offset{i}"], padding=(1, 1))))
    return parts.cross_entropy(parts.linear(parts.flatten(h), p["w"], p["b"]), y)


def with_ntb(problem: Problem, function: Decorator) -> Step:
    layers = []
    for channels, filters in CHANNELS:
        layers += [nn.Conv2d(channels, filters, 3, padding=1, dtype=problem.dtype), nn.relu, nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 4 * 4, 10, dtype=problem.dtype))
    parameters = begin(model, problem).trainable_variables()
    optimizer = ntb.optim.SGD(lr=0.01, momentum=0.9)
    return trainer(function, lambda x, y: nn.cross_entropy(model(x), y), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    g = graph(problem)
    with compat.default_graph(g):
        x = compat.Placeholder((-1, 3, 32, 32))
        y = compat.Placeholder((-1,))
        h = x
        for channels, filters in CHANNELS:
            w, b = compat.Variable(shape=(filters, channels, 3, 3)), compat.Variable(shape=(filters,))
            h = compat.max_pool_layer(compat.Relu(compat.Conv2d(h, w, b, stride=1, pad=(2, 2))), 2, 2)
        scores, *_ = compat.affine_layer(h, 10)
        loss = compat.CrossEntropyLogits(scores, y)
        step = compat.Optim(loss, lr=0.01)
    begin_graph(g, problem)
    return GraphStep(g, loss, step, dict(zip((x, y), problem.batch)))


def gemm(problem: Problem) -> Step:
    rows, products = len(problem.batch[0]), Products(problem.dtype)
    for (channels, filters), size in zip(CHANNELS, (32, 16, 8)):
        products.conv(channels, filters, 3, rows * size * size, first=channels == 3)
    products.dense(rows, 64 * 4 * 4, 10)
    return products.step()
