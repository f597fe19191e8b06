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
        the pair that a recurrent layer gives -> (N, directions * units); or outputs (N, T, units) -> (N, units), those
        of the last step, which is right where no step is hidden.

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
                    "Last takes outputs (N, T, units) with T > 0, or the pair that a recurrent layer gives; not an array "
                    f"of shape {x.shape}"
                )
            return x[:, -1]
        outputs, state = x if len(x) == 2 else (None, None)
        h = state[0] if isinstance(state, tuple) else state  # an LSTM's state is (h, c)
        if getattr(outputs, "ndim", 0) < 3 or not hasattr(h, "ndim"):
            raise InputError(
                "Last takes the pair that a recurrent layer gives, all outputs (N, T, units) and the last state; this "
                "tuple is another one: Last()((outputs, state))"
            )
        if h.ndim < outputs.ndim:
            return h
        directions = outputs.shape[2] // h.shape[-1]
        return np.concatenate([h[i] for i in range(len(h) - directions, len(h))], axis=-1)
