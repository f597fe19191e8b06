"""Nodes of convolution, pooling, normalisation and dropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import InputError, nn, random
from ... import Variable as Cell
from ..images import split_pad
from ..node import Node, constant
from ..shapes import Shape, product

if TYPE_CHECKING:
    from ..session import Run


class Conv2d(Node):
    """Cross-correlation of x (N, C, H, W) with w (F, C, HH, WW), plus b (F,).

    Args:
        stride: for both axes.
        pad: the total padding of the height and of the width, as `get_pad` gives it.
    """

    def init(self, stride: int, pad: Sequence[int], shape: Any = None) -> None:
        self.stride = stride
        self.pad = tuple(pad)

    def infer_shape(self, x: Shape, w: Shape, b: Shape) -> Shape:
        if len(x) != 4 or len(w) != 4 or x[1] != w[1] or b != w[:1]:
            raise InputError(
                f"Conv2d: shapes {x}, {w} and {b} do not fit; expected (N, C, H, W), (F, C, HH, WW) and (F,)"
            )
        return (x[0], w[0], *window_counts(x[2:], w[2:], self.stride, self.pad))

    def compute(self, x: Any, w: Any, b: Any) -> Any:
        return nn.conv2d(x, w, b, stride=self.stride, padding=split_pad(self.pad))


class MaxPool(Node):
    """The maximum of each window of x (N, C, H, W).

    Windows that do not overlap are padded with -inf, and equal maxima share the gradient; others are padded with
    zero, and the first maximum has it all. Programs hold numbers that depend on it.
    """

    def init(self, pool_size: Sequence[int], pad: Sequence[int], stride: int | None = None, shape: Any = None) -> None:
        self.pool_size = tuple(pool_size)
        self.pad = tuple(pad)
        self.stride = self.pool_size[0] if stride is None else stride

    def infer_shape(self, x: Shape) -> Shape:
        if len(x) != 4 or -1 in x[1:]:
            raise InputError(f"MaxPool: expected x of shape (N, C, H, W) with C, H and W known, not {x}")
        return (*x[:2], *window_counts(x[2:], self.pool_size, self.stride, self.pad))

    def compute(self, x: Any) -> Any:
        x = x if x.dtype.kind == "f" else x.astype(self.graph.dtype)
        if self.pool_size == (self.stride, self.stride):
            return nn.max_pool2d(x, self.pool_size, stride=self.stride, padding=split_pad(self.pad))
        padded = np.pad(x, ((0, 0), (0, 0), *split_pad(self.pad)))
        return nn.max_pool2d(padded, self.pool_size, stride=self.stride, ties="first")


def window_counts(sizes: Sequence[int], window: Sequence[int], stride: int, pad: Sequence[int]) -> tuple[int, int]:
    """How many windows fit along the height and the width."""
    spare = [n + p - k for n, k, p in zip(sizes, window, pad)]
    for name, n in zip(("height", "width"), spare):
        if n < 0 or n % stride:
            raise InputError(
                f"{name} does not work: windows of {tuple(window)} at stride {stride} do not fill {tuple(sizes)} with "
                f"a padding of {tuple(pad)}; get_pad gives one that fits"
            )
    return spare[0] // stride + 1, spare[1] // stride + 1


class Batchnorm(Node):
    """Batch normalisation of x (N, ...): statistics over the batch; gamma and beta of shape x.shape[1:].

    Args:
        mu, var: the first running statistics, a number or an array; `eps`; `learning_rate`: the weight of a new batch.

    The fourth input says whether to train: its truth selects the batch's statistics, which then also update the running
    ones, once for every evaluation.
    """

    mutable = True
    axis = 1

    def __init__(self, x: Node, gamma: Any, beta: Any, train: Any, **kwargs: Any) -> None:
        self.train = train if isinstance(train, Node) else constant(train, x.graph)
        self.train.switches = True
        super().__init__(x, gamma, beta, self.train, **kwargs)

    def init(self, mu: Any = 0.0, var: Any = 1.0, eps: Any = 1e-5, learning_rate: Any = 0.1, shape: Any = None) -> None:
        self.first = (mu, var, eps, learning_rate)

    def infer_shape(self, x: Shape, gamma: Shape, beta: Shape, train: Shape) -> Shape:
        wanted = self.parameter_shape(x)
        if gamma != wanted or beta != wanted or -1 in wanted:
            raise InputError(f"{self.kind}: gamma {gamma} and beta {beta} do not fit x {x}; expected {wanted}")
        self.parameter = wanted
        self.cells = [Cell(np.zeros(product(wanted), self.graph.dtype), trainable=False) for _ in range(2)]
        self.reset()
        return x

    def parameter_shape(self, x: Shape) -> Shape:
        return x[1:]

    def arrange(self, x: Any) -> Any:
        """x with all that has statistics of its own on one axis."""
        return np.reshape(x, (x.shape[0], -1))

    def evaluate(self, run: Run, *inputs: Any) -> Any:
        x, gamma, beta, train = inputs
        y = nn.batch_norm(
            self.arrange(x), np.reshape(gamma, -1), np.reshape(beta, -1), *self.cells, axis=self.axis,
            train=bool(run.flags.get(self.train, train)), eps=self.numbers[0], momentum=self.numbers[1],
        )  # fmt: skip
        return np.reshape(y, x.shape)

    # --- the running statistics, by their old names

    mu = property(lambda self: self.save_attributes()[0], lambda self, x: self._set(0, x))
    var = property(lambda self: self.save_attributes()[1], lambda self, x: self._set(1, x))
    eps = property(lambda self: self.save_attributes()[2])
    lr = property(lambda self: self.save_attributes()[3])

    def _set(self, i: int, value: Any) -> None:
        value = np.broadcast_to(np.asarray(value, self.graph.dtype), self.parameter)
        self.cells[i].assign(np.reshape(value, -1))

    def reset(self) -> None:
        self.load_attributes(self.first)

    def save_attributes(self) -> tuple[np.ndarray, ...]:
        statistics = [np.array(cell.value).reshape(self.parameter) for cell in self.cells]
        return (*statistics, *[np.array(number) for number in self.numbers])

    def load_attributes(self, x: Any) -> None:
        mu, var, eps, learning_rate = x
        self._set(0, mu)
        self._set(1, var)
        numbers = (float(eps), float(learning_rate))
        if getattr(self, "numbers", numbers) != numbers:
            self.graph.session.forget()  # they are constants of what was traced
        self.numbers = numbers


class SpatialBatchnorm(Batchnorm):
    """Batch normalisation of x (N, C, H, W): statistics over N, H and W; gamma and beta (C,)."""

    def parameter_shape(self, x: Shape) -> Shape:
        return x[1:2]

    def arrange(self, x: Any) -> Any:
        return x


class TemporalBatchnorm(Batchnorm):
    """Batch normalisation of x (N, T, D): statistics over N and T; gamma and beta (D,)."""

    axis = -1

    def parameter_shape(self, x: Shape) -> Shape:
        return x[-1:]

    def arrange(self, x: Any) -> Any:
        return x


class Dropout(Node):
    """Keep each element of x with probability p, a scalar node, and divide it by p; others become zero.

    There is no switch for evaluation: feed p = 1. With p = 0 the result is zero.
    """

    def __init__(self, x: Node, p: Any, **kwargs: Any) -> None:
        super().__init__(x, p, **kwargs)

    def infer_shape(self, x: Shape, p: Shape) -> Shape:
        return x

    def compute(self, x: Any, p: Any) -> Any:
        return nn.dropout(x, np.subtract(1, p), rng=random.of_numpy())
