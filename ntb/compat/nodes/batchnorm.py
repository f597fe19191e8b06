"""Batch normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...variable import Variable as Cell
from ..misc import Shape, number, product
from ..node import Node, node_for

if TYPE_CHECKING:
    from ..run import Run


class Batchnorm(Node):
    """Batch normalisation of x (N, ...): statistics over the batch; gamma and beta of shape x.shape[1:].

    Args:
        mu, var: the first running statistics, a number or an array; `eps`; `learning_rate`: the weight of a new batch.

    The fourth input says whether to train: its truth selects the batch's statistics, which then also update the running
    ones, once for every evaluation.
    """

    mutable = True
    stateful = True
    axis = 1
    features = slice(1, None)  # which of the sizes of x are those of gamma and beta
    flat = True  # all that has statistics of its own is put on one axis

    def __init__(self, x: Node, gamma: Any, beta: Any, train: Any, **kwargs: Any) -> None:
        self.train = node_for(train, x.graph)
        self.train.switches = True
        super().__init__(x, gamma, beta, self.train, **kwargs)

    def init(self, mu: Any = 0.0, var: Any = 1.0, eps: Any = 1e-5, learning_rate: Any = 0.1) -> None:
        self.first = (mu, var, eps, learning_rate)

    def infer_shape(self, x: Shape, gamma: Shape, beta: Shape, train: Shape) -> Shape:
        wanted = x[self.features]
        if gamma != wanted or beta != wanted or -1 in wanted:
            raise InputError(f"{self.kind}: gamma {gamma} and beta {beta} do not fit x {x}; expected {wanted}")
        self.parameter = wanted
        empty = np.zeros(product(wanted), self.graph.dtype)
        self.cells = [Cell(empty, trainable=False, name=name) for name in ("mu", "var")]
        self.reset()
        return x

    def evaluate(self, run: Run, *inputs: Any) -> Any:
        x, gamma, beta, train = inputs
        return self.compute(x, gamma, beta, run.plan.flags.get(self.train, train))

    def compute(self, x: Any, gamma: Any, beta: Any, train: Any) -> Any:
        if train and 0 in x.shape:
            raise InputError(f"an empty batch, {x.shape}, has no mean and variance; leave it out of training")
        y = nn.batch_norm(
            np.reshape(x, (x.shape[0], product(x.shape[1:]))) if self.flat else x,
            np.reshape(gamma, -1), np.reshape(beta, -1), *self.cells,
            axis=self.axis,
            train=bool(train), eps=self.numbers[0], momentum=self.numbers[1],
        )  # fmt: skip
        return np.reshape(y, x.shape)

    # --- the running statistics, by their old names

    mu = property(lambda self: self.save_attributes()[0], lambda self, x: self._set(0, x))
    var = property(lambda self: self.save_attributes()[1], lambda self, x: self._set(1, x))
    eps = property(lambda self: self.save_attributes()[2], lambda self, x: self._set(2, x))
    lr = property(lambda self: self.save_attributes()[3], lambda self, x: self._set(3, x))

    def _set(self, i: int, value: Any) -> None:
        state = list(self.save_attributes())
        state[i] = value
        self.load_attributes(state)

    def reset(self) -> None:
        self.load_attributes(self.first)

    def save_attributes(self) -> tuple[np.ndarray, ...]:
        statistics = [np.array(cell.value).reshape(self.parameter) for cell in self.cells]
        return (*statistics, *[np.array(number) for number in self.numbers])

    def load_attributes(self, x: Any) -> None:
        mu, var, eps, learning_rate = x
        statistics = [np.broadcast_to(np.asarray(s, self.graph.dtype), self.parameter) for s in (mu, var)]
        numbers = (number("eps", eps), number("learning_rate", learning_rate))
        for cell, value in zip(self.cells, statistics):
            cell.assign(np.reshape(value, -1))
        if getattr(self, "numbers", None) != numbers:
            self.numbers = numbers  # constants of what was traced, which is forgotten when an attribute is set


class SpatialBatchnorm(Batchnorm):
    """Batch normalisation of x (N, C, H, W): statistics over N, H and W; gamma and beta (C,)."""

    features, flat = slice(1, 2), False


class TemporalBatchnorm(Batchnorm):
    """Batch normalisation of x (N, T, D): statistics over N and T; gamma and beta (D,)."""

    axis = -1
    features, flat = slice(-1, None), False
