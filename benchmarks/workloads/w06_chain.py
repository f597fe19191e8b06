"""W6: what an eager operation costs: 1,000 operations in a chain on 8 numbers, forward and backward."""

import numpy as np

import ntb

from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator

TITLE = "1,000 chained operations on 8 numbers, forward and backward, time per operation"
LENGTH = 1000
UNITS = LENGTH
"""The table shows the time of one operation."""
CANNOT = {
    "ntb-compat": "no eager operations",
    "torch-fused": "no optimizer in it",
    "torch-compiled": "a compiler fuses the chain",
    "jax": "a compiler fuses the chain",
}


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    return Problem({"x": Draw(dtype).uniform(8)}, ())


def chain(x, c):
    for _ in range(LENGTH // 2):
        x = x * 1.0001 + c
    return x


def offset(problem: Problem) -> np.ndarray:
    return np.full(8, 0.001, problem.dtype)


def with_peer(parts, problem: Problem) -> Step:
    c = parts.constant(offset(problem))
    return parts.gradient(lambda x: parts.total(chain(x, c)), problem.parameters["x"])


def with_ntb(problem: Problem, function: Decorator) -> Step:
    x, c = ntb.Variable(problem.parameters["x"]), offset(problem)

    @function
    def step():
        with ntb.Tape() as tape:
            total = np.sum(chain(x, c))
        return tape.gradient(total, x), total  # asked for, so that a program, too, computes the chain

    return step


def by_hand(problem: Problem) -> Step:
    """Forward and backward as bare NumPy calls into arrays that are there already."""
    x, c, multiply, add = problem.parameters["x"].copy(), offset(problem), np.multiply, np.add
    y, g, factor = np.empty_like(x), np.empty_like(x), np.asarray(1.0001, x.dtype)

    def step():
        np.copyto(y, x)
        for _ in range(LENGTH // 2):
            multiply(y, factor, y)
            add(y, c, y)
        g.fill(1.0)
        for _ in range(LENGTH // 2):
            multiply(g, factor, g)
        return g

    return step
