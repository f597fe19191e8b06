"""ChannelsLast: layers for channels-first images on images whose channels come last."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ..checks import as_array
from ..module import Module
from ..sequential import Sequential


class ChannelsLast(Module):
    """Layers for (N, C, *space), given and giving (N, *space, C), as TensorFlow and image files have them.

    For a model that meets such data at its ends: all its layers may be within one, so that axes move twice in all.

    Args:
        layers: Modules or functions, one after the other as in `Sequential`.

    Shapes:
        (N, *space, C) -> (N, *space, channels), of numbers of the type that the layers take.

    Raises:
        InputError: called with an array of fewer than two axes.

    >>> from ntb import nn
    >>> ChannelsLast(nn.Conv2d(3, 16, 3), nn.relu)(np.ones((2, 32, 32, 3))).shape
    (2, 30, 30, 16)
    """

    def __init__(self, *layers: Any) -> None:
        self.layers = Sequential(*layers)

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, *space, C) -> (N, *space, channels); `train` is passed on to the layers."""
        x = as_array(x, "what ChannelsLast takes")
        if x.ndim < 2:
            raise InputError(f"ChannelsLast takes batches (N, *space, C), not the shape {x.shape}")
        y = self.layers(np.moveaxis(x, -1, 1), train=train)
        return np.moveaxis(y, 1, -1) if y.ndim > 2 else y
