"""TimeDistributed: a layer for single examples, applied to each step of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ..checks import as_array
from ..module import Module


class TimeDistributed(Module):
    """A layer that is applied to every step, as to the images of films; steps count as further examples of the batch.

    A `Linear`, a `LayerNorm` and an `Embedding` take sequences as they are, and do not need it.

    Args:
        layer: a Module or a function from (N, ...) to (N, ...).

    Shapes:
        (N, T, ...) -> (N, T, ...): each step as the layer makes it of (N, ...), of numbers of the type that it takes.

    Raises:
        InputError: a layer that cannot be called; called with an array of fewer than two axes.

    >>> from ntb import nn
    >>> films = np.ones((2, 5, 3, 8, 8))
    >>> TimeDistributed(nn.Conv2d(3, 4, 3, padding="same"))(films).shape
    (2, 5, 4, 8, 8)
    """

    def __init__(self, layer: Any) -> None:
        if not callable(layer):
            raise InputError(f"TimeDistributed takes a layer or a function, not a {type(layer).__name__}")
        self.layer = layer

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, T, ...) -> (N, T, ...); `train` is passed on to the layer."""
        x = as_array(x, "what TimeDistributed takes")
        if x.ndim < 2:
            raise InputError(f"TimeDistributed takes sequences (N, T, ...), not the shape {x.shape}")
        steps = np.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))
        y = self.layer(steps, train=train) if isinstance(self.layer, Module) else self.layer(steps)
        return np.reshape(y, (*x.shape[:2], *y.shape[1:]))
