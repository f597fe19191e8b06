"""W9: a product of the Hessian with a vector, for a network 20-64-64-1 with tanh: second derivatives."""

import numpy as np

import ntb

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, variables

TITLE = "Hessian-vector product, MLP 20-64-64-1 tanh, batch 256"
OPTIMIZER = None
CANNOT = {
    "ntb-compat": "no training step",
    "torch-fused": "no optimizer in it",
    "torch-compiled": "no second derivatives of what is compiled",
    "mygrad": "no second derivatives",
}


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    draw, rows = Draw(dtype), 4 if small else 256
    parameters = {}
    for i, (inputs, outputs) in enumerate([(20, 64), (64, 64), (64, 1)]):
        parameters |= {f"w{i}": draw.dense(inputs, outputs), f"b{i}": draw.zeros(outputs)}
    return Problem(parameters, (draw.uniform(rows, 20, low=-1.0), draw.uniform(rows, 1, low=-1.0)))


def vectors(problem: Problem) -> list[np.ndarray]:
    """What the Hessian is multiplied by: an array for each parameter."""
    draw = Draw(str(problem.dtype))
    return [draw.uniform(*p.shape, low=-1.0) for p in problem.parameters.values()]


def loss(parts, p, x, y):
    h = parts.tanh(parts.linear(x, p["w0"], p["b0"]))
    h = parts.tanh(parts.linear(h, p["w1"], p["b1"]))
    return parts.mean((parts.linear(h, p["w2"], p["b2"]) - y) ** 2)


def with_peer(parts, problem: Problem) -> Step:
    return parts.hessian_product(lambda p, x, y: loss(parts, p, x, y), problem, vectors(problem))


def with_ntb(problem: Problem, function: Decorator) -> Step:
    w0, b0, w1, b1, w2, b2 = parameters = list(variables(problem).values())

    @function
    def product(x, y, vs):
        with ntb.Tape() as outer:
            with ntb.Tape() as inner:
                h = np.tanh(np.tanh(x @ w0 + b0) @ w1 + b1)
                loss = np.mean((h @ w2 + b2 - y) ** 2)
            gradients = inner.gradient(loss, parameters)
            along = sum(np.sum(g * v) for g, v in zip(gradients, vs))
        return outer.gradient(along, parameters)

    batch, given = [ntb.tensor(array) for array in problem.batch], [ntb.tensor(v) for v in vectors(problem)]
    return lambda: product(*batch, given)


def gemm(problem: Problem) -> Step:
    """Forward, backward, and the same along the vector: a product has two terms there, by the product rule."""
    rows, products = len(problem.batch[0]), Products(problem.dtype)
    for inputs, outputs, first in ((20, 64, True), (64, 64, False), (64, 1, False)):
        x, w, g = products.array(rows, inputs), products.array(inputs, outputs), products.array(rows, outputs)
        products.product((x, w))
        for _ in range(1 if first else 2):
            products.product((x, w))
            products.product((x.T, g), (g.T, x))
        for _ in range(0 if first else 3):
            products.product((g, w.T), (g, np.ascontiguousarray(w.T)))
    return products.step()
