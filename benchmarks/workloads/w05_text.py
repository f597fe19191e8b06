"""W5: the network of the demo `text`: an embedding, two LSTM layers of 64, 25 rows of 30 characters, Adam."""

import ntb
from ntb import compat, nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, GraphStep, begin, begin_graph, graph, trainer

TITLE = "text demo: embedding 32, 2 LSTM x 64, batch 25, 30 steps, Adam"
OPTIMIZER = ("adam", 0.005)


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    rows, steps, characters, width, units = (3, 4, 7, 5, 6) if small else (25, 30, 70, 32, 64)
    draw = Draw(dtype)
    parameters = {
        "embedding": draw.dense(width, characters).T.copy(),
        "wx1": draw.dense(width, 4 * units),
        "wh1": draw.dense(units, 4 * units),
        "b1": draw.zeros(4 * units),
        "wx2": draw.dense(units, 4 * units),
        "wh2": draw.dense(units, 4 * units),
        "b2": draw.zeros(4 * units),
        "w": draw.dense(units, characters),
        "b": draw.zeros(characters),
    }
    return Problem(parameters, (draw.labels(characters, rows, steps), draw.labels(characters, rows, steps)))


def loss(parts, p, x, y):
    h = parts.embedding(x, p["embedding"])
    h = parts.lstm(h, p["wx1"], p["wh1"], p["b1"])
    h = parts.lstm(h, p["wx2"], p["wh2"], p["b2"])
    characters = p["b"].shape[0]
    scores = parts.linear(h, p["w"], p["b"])
    return parts.cross_entropy(parts.reshape(scores, (-1, characters)), parts.reshape(y, (-1,)))


class Writer(nn.Module):
    def __init__(self, characters, width, units, dtype):
        self.embedding = nn.Embedding(characters, width, dtype=dtype)
        self.lower = nn.LSTM(width, units, dtype=dtype)
        self.upper = nn.LSTM(units, units, dtype=dtype)
        self.scores = nn.Linear(units, characters, dtype=dtype)

    def __call__(self, x, train=False):
        h, _ = self.lower(self.embedding(x))
        h, _ = self.upper(h)
        return self.scores(h)


def with_ntb(problem: Problem, function: Decorator) -> Step:
    characters, width = problem.parameters["embedding"].shape
    model = Writer(characters, width, problem.parameters["w"].shape[0], problem.dtype)
    parameters = begin(model, problem).trainable_variables()
    optimizer = ntb.optim.Adam(lr=0.005)
    return trainer(function, lambda x, y: nn.cross_entropy(model(x), y), parameters, optimizer, problem)


def with_compat(problem: Problem) -> Step:
    (rows, labels), (characters, width) = problem.batch, problem.parameters["embedding"].shape
    units = problem.parameters["w"].shape[0]
    g = graph(problem)
    with compat.default_graph(g):
        lower, upper = compat.Lstm(units), compat.Lstm(units)
        x = compat.Placeholder((-1, -1))
        y = compat.Placeholder((-1, -1))
        first = compat.Placeholder((2, -1, units))
        h, _ = lower(compat.Embed(x, compat.Variable(shape=(characters, width))), first)
        h, _ = upper(h, first)
        scores, *_ = compat.affine_layer(compat.Reshape(h, shape=(-1, units)), characters)
        loss = compat.CrossEntropyLogits(scores, compat.Reshape(y, shape=(-1,)))
        step = compat.Optim(loss, lr=0.005, update_rule="adam")
    begin_graph(g, problem)
    return GraphStep(g, loss, step, {x: rows, y: labels, first: lower.get_zero_state(len(rows))})


def gemm(problem: Problem) -> Step:
    (rows, steps), (characters, width) = problem.batch[0].shape, problem.parameters["embedding"].shape
    units, products = problem.parameters["w"].shape[0], Products(problem.dtype)
    products.recurrent(rows, steps, width, units, gates=4)
    products.recurrent(rows, steps, units, units, gates=4)
    products.dense(rows * steps, units, characters)
    return products.step()
