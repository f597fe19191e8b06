"""Eight threads that use some part of ntb for the first time at once: `python -m reliability.first_use SEED`.

Functions, chapters of the table, modules that are imported late, and traces; the seed chooses which. Each must give
what it gives afterwards, alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import ntb

from .threads import THREADS, at_once, quick_switches

Job = Callable[[], Any]


def gradient(f: Callable[[Any], Any]) -> Job:
    return lambda: ntb.grad(lambda x: np.sum(f(x)))(np.array([0.5, 1.2, 2.2, 0.7]))


def special(name: str) -> Job:
    """SciPy's function, and SciPy, imported by whichever thread is first."""

    def job() -> Any:
        import scipy.special

        return gradient(getattr(scipy.special, name))()

    return job


def graph() -> Any:
    import ntb.compat as graphs

    g = graphs.ComputationGraph()
    with graphs.default_graph(g):
        w = graphs.Variable(value=2.0)
        loss = (w - 3) ** 2
        optim = graphs.Optim(loss, lr=0.1)
    return g.run([loss, optim])[0]


JOBS: list[Job] = [
    gradient(lambda x: np.percentile(x, 30.0)),
    gradient(lambda x: np.abs(np.fft.fft(x)) ** 2),
    gradient(lambda x: np.pad(x, 2, mode="reflect")),
    gradient(np.median),
    gradient(np.unwrap),
    gradient(np.trapezoid),
    gradient(lambda x: np.linalg.svd(np.outer(x, x) + np.diag([1.0, 2, 3, 4]), compute_uv=False)),
    gradient(lambda x: np.interp(x, [0.0, 1, 2, 3], [1.0, 2, 5, 6])),
    gradient(lambda x: np.add.reduceat(x, [0, 2])),
    special("gammaln"),
    special("erf"),
    special("j0"),
    graph,
    lambda: ntb.function(lambda x: np.tanh(x) + 1.0)(np.ones(3)),
    lambda: ntb.hessian(lambda x: np.sum(x**3))(np.ones(2)),
    lambda: ntb.scan(lambda total, x: (total + x, total * x), 0.0, np.ones(4))[1],
    lambda: ntb.checkpoint(np.tanh)(np.ones(2)),
    lambda: ntb.scipy.linalg.expm(np.eye(2)),
]


def main() -> None:
    order = np.random.default_rng(int(sys.argv[1])).permutation(len(JOBS))[:THREADS]
    with quick_switches():
        together = at_once([JOBS[i] for i in order])
    for i, found in zip(order, together, strict=True):
        alone = JOBS[i]()
        assert np.array_equal(found, alone), f"job {i}: {found} instead of {alone}"


if __name__ == "__main__":
    main()
