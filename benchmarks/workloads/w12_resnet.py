"""W12: a stack of residual blocks with batch norm (He et al., 2015), the ResNet-8 for 32x32 images, momentum."""

import numpy as np

import ntb
from ntb import compat, nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, GraphStep, begin, begin_graph, graph, trainer

TITLE = "ResNet-8: three residual blocks with batch norm, 16-32-64 channels, 32 images 3x32x32, SGD with momentum"
OPTIMIZER = ("momentum", 0.01)
BLOCKS = ((16, 16, 1), (16, 32, 2), (32, 64, 2))
"""Of each block the channels that come in and go out, and the stride of its first convolution."""


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw, (rows, size) = Draw(dtype), (3, 8) if small else (32, 32)
    parameters = {}

    def conv(name, channels, filters, kernel=3):
        parameters[f"filters{name}"] = draw.filters(filters, channels, kernel)
        parameters[f"gamma{name}"], parameters[f"beta{name}"] = draw.ones(filters), draw.zeros(filters)

    conv("", 3, 16)
    for i, (channels, filters, stride) in enumerate(BLOCKS):
        conv(f"{i}a", channels, filters)
        conv(f"{i}b", filters, filters)
        if stride > 1:
            conv(f"{i}c", channels, filters, kernel=1)
    parameters |= {"w": draw.dense(64, 10), "b": draw.zeros(10)}
    return Problem(parameters, (draw.uniform(rows, 3, size, size), draw.labels(10, rows)))


def loss(parts, p, x, y):
    def conv(h, name, stride=1, padding=(1, 1)):
        h = parts.conv(h, p[f"filters{name}"], None, stride, padding)
        return parts.batch_norm(h, p[f"gamma{name}"], p[f"beta{name}"])

    h = parts.relu(conv(x, ""))
    for i, (_, _, stride) in enumerate(BLOCKS):
        around = h if stride == 1 else conv(h, f"{i}c", stride, padding=(0, 0))
        h = parts.relu(conv(h, f"{i}a", stride, padding=(1, 1) if stride == 1 else (0, 1)))
        h = parts.relu(conv(h, f"{i}b") + around)
    return parts.cross_entropy(parts.linear(parts.mean_of_space(h), p["w"], p["b"]), y)


class Normalised(nn.Module):
    """A convolution without a bias, which the batch norm after it would take away."""

    def __init__(self, channels, filters, kernel, dtype, **options):
        self.conv = nn.Conv2d(channels, filters, kernel, bias=False, dtype=dtype, **options)
        self.norm = nn.BatchNorm(filters, dtype=dtype)

    def __call__(self, x, train=False):
        return self.norm(self.conv(x), train)


class Residual(nn.Module):
    def __init__(self, channels, filters, stride, dtype):
        self.first = Normalised(channels, filters, 3, dtype, stride=stride, padding="same")
        self.second = Normalised(filters, filters, 3, dtype, padding="same")
        self.around = Normalised(channels, filters, 1, dtype, stride=stride) if stride > 1 else None

    def __call__(self, x, train=False):
        h = self.second(nn.relu(self.first(x, train)), train)
        return nn.relu(h + (self.around(x, train) if self.around else x))


def with_ntb(problem: Problem, function: Decorator) -> Step:
    dtype = problem.dtype
    model = nn.Sequential(
        Normalised(3, 16, 3, dtype, padding="same"),
        nn.relu,
        *[Residual(*block, dtype) for block in BLOCKS],
        nn.global_avg_pool,
        nn.Linear(64, 10, dtype=dtype),
    )
    parameters = begin(model, problem).trainable_variables()
    optimizer = ntb.optim.SGD(lr=0.01, momentum=0.9)
    return trainer(function, lambda x, y: nn.cross_entropy(model(x, train=True), y), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    g = graph(problem)

    def conv(h, filters, kernel=3, stride=1, pad=(2, 2)):
        w = compat.Variable(shape=(filters, h.shape[1], kernel, kernel))
        h = compat.Conv2d(h, w, np.zeros(filters), stride=stride, pad=pad)
        return compat.spatial_batchnorm_layer(h, train)[0]

    with compat.default_graph(g):
        x = compat.Placeholder((-1, *problem.batch[0].shape[1:]))
        y = compat.Placeholder((-1,))
        train = compat.Placeholder()
        h = compat.Relu(conv(x, 16))
        for _, filters, stride in BLOCKS:
            a = compat.Relu(conv(h, filters, stride=stride, pad=(2, 2) if stride == 1 else (1, 1)))
            a = conv(a, filters)
            h = compat.Relu(a + (h if stride == 1 else conv(h[:, :, ::stride, ::stride], filters, 1, pad=(0, 0))))
        scores, *_ = compat.affine_layer(compat.Mean(h, axis=(2, 3)), 10)
        loss = compat.CrossEntropyLogits(scores, y)
        step = compat.Optim(loss, lr=0.01)
    begin_graph(g, problem)
    images, labels = problem.batch
    return GraphStep(g, loss, step, {x: images, y: labels, train: True})


def gemm(problem: Problem) -> Step:
    rows, _, size, _ = problem.batch[0].shape
    products = Products(problem.dtype)
    products.conv(3, 16, 3, rows * size**2, first=True)
    for channels, filters, stride in BLOCKS:
        size //= stride
        products.conv(channels, filters, 3, rows * size**2)
        products.conv(filters, filters, 3, rows * size**2)
        if stride > 1:
            products.conv(channels, filters, 1, rows * size**2)
    products.dense(rows, 64, 10)
    return products.step()
