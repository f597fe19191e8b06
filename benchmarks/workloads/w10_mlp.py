"""W10: a network 784-512-512-10 with relu, batches of 128, Adam: 670,000 parameters, so that their update counts."""

import ntb
from ntb import compat, nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, GraphStep, begin, begin_graph, graph, trainer

TITLE = "MLP 784-512-512-10 relu, batch 128, Adam"
OPTIMIZER = ("adam", 0.001)


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw, (rows, hidden) = Draw(dtype), (4, 16) if small else (128, 512)
    parameters = {}
    for i, (inputs, outputs) in enumerate([(784, hidden), (hidden, hidden), (hidden, 10)]):
        parameters |= {f"w{i}": draw.dense(inputs, outputs), f"b{i}": draw.zeros(outputs)}
    return Problem(parameters, (draw.uniform(rows, 784), draw.labels(10, rows)))


def loss(parts, p, x, y):
    h = parts.relu(parts.linear(x, p["w0"], p["b0"]))
    h = parts.relu(parts.linear(h, p["w1"], p["b1"]))
    return parts.cross_entropy(parts.linear(h, p["w2"], p["b2"]), y)


def with_ntb(problem: Problem, function: Decorator) -> Step:
    dtype, hidden = problem.dtype, len(problem.parameters["b0"])
    model = nn.Sequential(
        nn.Linear(784, hidden, dtype=dtype),
        nn.relu,
        nn.Linear(hidden, hidden, dtype=dtype),
        nn.relu,
        nn.Linear(hidden, 10, dtype=dtype),
    )
    parameters = begin(model, problem).trainable_variables()
    optimizer = ntb.optim.Adam(lr=0.001)
    return trainer(function, lambda x, y: nn.cross_entropy(model(x), y), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    hidden = len(problem.parameters["b0"])
    g = graph(problem)
    with compat.default_graph(g):
        x = compat.Placeholder((-1, 784))
        y = compat.Placeholder((-1,))
        h, *_ = compat.affine_layer(x, hidden)
        h, *_ = compat.affine_layer(compat.Relu(h), hidden)
        scores, *_ = compat.affine_layer(compat.Relu(h), 10)
        loss = compat.CrossEntropyLogits(scores, y)
        step = compat.Optim(loss, lr=0.001, update_rule="adam")
    begin_graph(g, problem)
    return GraphStep(g, loss, step, dict(zip((x, y), problem.batch)))


def gemm(problem: Problem) -> Step:
    rows, hidden = len(problem.batch[0]), len(problem.parameters["b0"])
    products = Products(problem.dtype)
    products.dense(rows, 784, hidden, first=True)
    products.dense(rows, hidden, hidden)
    products.dense(rows, hidden, 10)
    return products.step()
