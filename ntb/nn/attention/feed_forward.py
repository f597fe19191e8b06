"""The small network of a transformer.

Whatever the type of the data, it computes in that of its Variables (see `ntb/nn/layers.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import random
from ..activations.smooth import gelu
from ..layers import Dropout, Linear
from ..module import Module
from ..sequential import checked_part


class FeedForward(Module):
    """The network of a transformer at each position by itself: a dense layer, an activation, a dense layer.

    Args:
        size: of the vectors that come in and go out.
        hidden: how many numbers there are between; four times as many by default.
        activation: a function.
        dropout: the probability that one of them is dropped in training.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that weights and dropout are drawn from.

    Shapes:
        (..., size), which stays.

    Variables:
        up.weight: (size, hidden).
        up.bias: (hidden,), zeros at first.
        down.weight: (hidden, size).
        down.bias: (size,), zeros at first.

    Raises:
        InputError: a dtype of integers; an activation by its name; called, an x of another size.

    >>> FeedForward(8)
    FeedForward()
      up: Linear(weight[8, 32], bias[32])
      activation: gelu
      dropout: Dropout(p=0.0)
      down: Linear(weight[32, 8], bias[8])
    """

    def __init__(
        self,
        size: int,
        hidden: int | None = None,
        *,
        activation: Callable[[Any], Any] = gelu,
        dropout: float = 0.0,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        hidden = 4 * size if hidden is None else hidden
        self.up = Linear(size, hidden, dtype=dtype, rng=rng)
        self.activation = checked_part(activation, "the activation")
        self.dropout = Dropout(dropout, rng=rng)
        self.down = Linear(hidden, size, dtype=dtype, rng=rng)

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(..., size) -> (..., size). `train` is for the dropout."""
        return self.down(self.dropout(self.activation(self.up(x)), train=train))
