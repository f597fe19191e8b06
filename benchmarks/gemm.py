"""The matrix products of a step and nothing else: the time that a library on NumPy cannot go below."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from .problem import Step


class Products:
    """A list of products, run one after the other by `np.matmul` into arrays that are there already."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.rng = np.random.default_rng(0)
        self.calls: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def array(self, *shape: int) -> np.ndarray:
        return self.rng.uniform(-1, 1, shape).astype(self.dtype)

    def product(self, *choices: tuple[np.ndarray, np.ndarray]) -> None:
        """Add a product; of several ways to the same numbers, such as `a' b` and that of `b' a`, the fastest.

        The other one's result is the transpose, which costs nothing.
        """
        calls = [(a, b, np.matmul(a, b)) for a, b in choices]
        self.calls.append(min(calls, key=duration) if len(calls) > 1 else calls[0])

    def dense(self, rows: int, inputs: int, outputs: int, first: bool = False) -> None:
        """A dense layer, forward and backward; the first layer needs no gradient of its input."""
        x, w, g = self.array(rows, inputs), self.array(inputs, outputs), self.array(rows, outputs)
        self.product((x, w))
        self.product((x.T, g), (g.T, x))
        if not first:
            self.product((g, w.T), (g, np.ascontiguousarray(w.T)))

    def conv(self, channels: int, filters: int, kernel: int, positions: int, first: bool = False) -> None:
        """A convolution on windows laid out as columns; `positions` counts the windows of all images."""
        columns, w = self.array(channels * kernel**2, positions), self.array(filters, channels * kernel**2)
        g = self.array(filters, positions)
        self.product((w, columns))
        self.product((g, columns.T), (columns, g.T))
        if not first:
            self.product((w.T, g))

    def recurrent(self, batch: int, steps: int, inputs: int, units: int, gates: int, first: bool = False) -> None:
        """A layer over sequences: the products of states step by step, all others at once for all steps.

        `gates` is how many times its units a step computes: 4 for an LSTM.
        """
        self.dense(batch * steps, inputs, gates * units, first)
        h, w, g = self.array(units, batch), self.array(gates * units, units), self.array(gates * units, batch)
        back = np.ascontiguousarray(w.T)
        for _ in range(steps):
            self.product((w, h))
        for _ in range(steps):
            self.product((back, g))
        states, slopes = self.array(units, steps * batch), self.array(gates * units, steps * batch)
        self.product((states, slopes.T), (slopes, states.T))

    def attention(self, groups: int, tokens: int, depth: int) -> None:
        """`softmax(q k') v` for each of the groups (heads of sequences), forward and backward."""
        q, k, v, g = (self.array(groups, tokens, depth) for _ in range(4))
        shares = self.array(groups, tokens, tokens)
        turned = np.swapaxes(shares, 1, 2)
        for a, b in (
            (q, np.swapaxes(k, 1, 2)), (shares, v), (g, np.swapaxes(v, 1, 2)), (turned, g), (shares, k), (turned, q),
        ):  # fmt: skip
            self.product((a, b))

    def step(self) -> Step:
        calls, matmul = self.calls, np.matmul

        def run() -> float:
            for a, b, out in calls:
                matmul(a, b, out)
            return 0.0

        return run


def duration(call: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    """Seconds that a product takes, the least of five."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        np.matmul(*call)
        times.append(time.perf_counter() - began)
    return min(times)
