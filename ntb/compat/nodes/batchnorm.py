"""Batch normalisation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...variable import Variable as Cell
from ..misc import Shape, number
from ..node import Node, node_for

if TYPE_CHECKING:
    from ..run import Run


def statistic(i: int) -> Any:
    """An attribute that is a running statistic, of the shape of gamma."""

    def put(node: Any, x: Any) -> None:
        node.cells[i].assign(np.reshape(np.broadcast_to(np.asarray(x, node.graph.dtype), node.parameter), -1))

    return property(lambda node: np.array(node.cells[i].value).reshape(node.parameter), put)


class Batchnorm(Node):
    """Batch normalisation of x (N, ...): statistics over the batch; gamma and beta of shape x.shape[1:].

    Args:
        mu, var: the first running statistics, a number or an array; `eps`; `learning_rate`: the weight of a new batch.

    The fourth input says whether to train: its truth selects the batch's statistics, which then also update the running
    ones, once for every evaluation.
    """

    mutable = stateful = True
    axis = 1
    features = slice(1, None)  # which of the sizes of x are those of gamma and beta
    flat = True  # all that has statistics of its own is put on one axis
    mu, var = map(statistic, range(2))

    def __init__(self, x: Node, gamma: Any, beta: Any, train: Any, **kwargs: Any) -> None:
        self.train = node_for(train, x.graph)
        self.train.switches = True
        super().__init__(x, gamma, beta, self.train, **kwargs)

    def init(self, mu: Any = 0.0, var: Any = 1.0, eps: Any = 1e-5, learning_rate: Any = 0.1) -> None:
        self.eps, self.lr = number("eps", eps), number("learning_rate", learning_rate)
        self.first = (mu, var, self.eps, self.lr)

    def infer_shape(self, x: Shape, gamma: Shape, beta: Shape, train: Shape) -> Shape:
        wanted = x[self.features]
        if gamma != wanted or beta != wanted or -1 in wanted:
            raise InputError(f"{self.kind}: gamma {gamma} and beta {beta} do not fit x {x}; expected {wanted}")
        self.parameter = wanted
        empty = np.zeros(math.prod(wanted), self.graph.dtype)
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
            np.reshape(x, (x.shape[0], math.prod(self.parameter))) if self.flat else x,
            np.reshape(gamma, -1), np.reshape(beta, -1), *self.cells,
            axis=self.axis, train=bool(train), eps=self.eps, momentum=self.lr,
        )  # fmt: skip
        return np.reshape(y, x.shape)

    def reset(self) -> None:
        self.load_attributes(self.first)

    def save_attributes(self) -> tuple[np.ndarray, ...]:
        return self.mu, self.var, np.array(self.eps), np.array(self.lr)

    def load_attributes(self, x: Any) -> None:
        mu, var, eps, learning_rate = x
        rates = number("eps", eps), number("learning_rate", learning_rate)
        self.mu, self.var = mu, var
        if (self.eps, self.lr) != rates:  # which are constants of what was traced, and to set one forgets that
            self.eps, self.lr = rates


class SpatialBatchnorm(Batchnorm):
    """Batch normalisation of x (N, C, H, W): statistics over N, H and W; gamma and beta (C,)."""

    features, flat = slice(1, 2), False


class TemporalBatchnorm(Batchnorm):
    """Batch normalisation of x (N, T, D): statistics over N and T; gamma and beta (D,)."""

    axis = -1
    features, flat = slice(-1, None), False
