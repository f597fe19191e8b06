"""Last: of what a recurrent layer gives, the output at the end of each sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ..checks import as_array
from ..module import Module


class Last(Module):
    """What a recurrent layer knows at the end, to classify or rate whole sequences: the state of its top layer.

    In two directions it is both states side by side: that after the last step, and that of the way back, after the
    first step. Where steps are hidden, the state is that after the last step that counts.

    Shapes:
        The pair that a recurrent layer gives -> (N, directions * units). Or outputs (N, T, units), of numbers of any
        type, -> (N, units), those of the last step, which is right where no step is hidden.

    Raises:
        InputError: called with something else.

    >>> from ntb import nn
    >>> model = nn.Sequential(nn.LSTM(3, 5), nn.Last(), nn.Linear(5, 1))
    >>> model(np.ones((2, 4, 3))).shape
    (2, 1)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """The pair of a recurrent layer, or outputs (N, T, units) -> (N, units). `train` makes no difference."""
        if not isinstance(x, tuple):
            x = as_array(x, "what Last takes")
            if x.ndim < 3 or not x.shape[1]:
                raise InputError(
                    "Last takes outputs (N, T, units) with T > 0, or the pair that a recurrent layer gives; not an "
                    f"array of shape {x.shape}"
                )
            return x[:, -1]
        h = x[1] if len(x) == 2 else None
        h = h[0] if isinstance(h, tuple) else h  # an LSTM's state is (h, c)
        if h is None or not hasattr(h, "ndim") or getattr(x[0], "ndim", 0) < 3:
            raise InputError(
                "Last takes the pair that a recurrent layer gives, all outputs (N, T, units) and the last state; this "
                "tuple is another one: Last()((outputs, state))"
            )
        if h.ndim < x[0].ndim:
            return h
        directions = x[0].shape[2] // h.shape[-1]
        return np.concatenate([h[i] for i in range(len(h) - directions, len(h))], axis=-1)
