"""Models that are put together of others: a way round a part, and a stack of dense layers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..ops.special import relu
from .layers import Dropout, Linear
from .module import Module
from .sequential import Sequential


class Residual(Module):
    """What a part makes of x, plus x itself (He, Zhang, Ren and Sun, "Deep residual learning", 2016).

    Args:
        part: a Module or a function, which gives the shape that it takes; several are taken as a `Sequential`.
        shortcut: what is done to x on the way round, such as a convolution of width 1 where the part changes the
            channels; nothing by default.

    Shapes:
        Any shape and type that the part takes; the shape is one which stays, or becomes that of the shortcut.

    Raises:
        InputError: a part that cannot be called; called, a part that gives another shape than the shortcut.

    >>> Residual(Linear(8, 8))(np.ones((2, 8))).shape
    (2, 8)
    """

    def __init__(self, *part: Callable[..., Any], shortcut: Callable[..., Any] | None = None) -> None:
        self.part = Sequential(*part)
        self.shortcut = Sequential() if shortcut is None else Sequential(shortcut)

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x plus what the part makes of it; `train` is passed on to both."""
        added, kept = self.part(x, train=train), self.shortcut(x, train=train)
        if np.shape(added) != np.shape(kept):
            raise InputError(
                f"the part of a Residual gave the shape {np.shape(added)}, and what it is added to has "
                f"{np.shape(kept)}; a shortcut= such as Linear or a convolution of width 1 makes them equal"
            )
        return added + kept


class MLP(Sequential):
    """A multi-layer perceptron: dense layers, with an activation between them.

    Args:
        sizes: how many numbers come in, of each layer between, and go out; two or more.
        activation: a function or a Module.
        dropout: the probability that a number between two layers is dropped in training.
        bias: whether something is added to each sum.
        dtype: of the Variables, a floating-point type; the layers compute in it.
        rng: the generator that weights and dropout are drawn from.

    Shapes:
        (..., sizes[0]) -> (..., sizes[-1]).

    Raises:
        InputError: less than two sizes; as for `Linear`.

    >>> MLP(784, 50, 10)
    MLP()
      layers.0: Linear(weight[784, 50], bias[50])
      layers.1: relu
      layers.2: Linear(weight[50, 10], bias[10])
    """

    def __init__(
        self,
        *sizes: int,
        activation: Callable[..., Any] = relu,
        dropout: float = 0.0,
        bias: bool = True,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        if len(sizes) < 2:
            raise InputError(f"an MLP has the sizes of its input and output at least, MLP(784, 50, 10), not {sizes}")
        layers: list[Callable[..., Any]] = []
        for inputs, outputs in itertools.pairwise(sizes):
            between: list[Callable[..., Any]] = [activation, Dropout(dropout, rng=rng)] if dropout else [activation]
            layers += between if layers else []
            layers.append(Linear(inputs, outputs, bias=bias, dtype=dtype, rng=rng))
        super().__init__(*layers)

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(..., sizes[0]) -> (..., sizes[-1]). `train` is passed on to the dropout."""
        return super().__call__(x, train=train)
