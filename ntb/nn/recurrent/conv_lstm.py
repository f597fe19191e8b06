"""The convolutional long short-term memory: an LSTM whose products are convolutions, for sequences of images."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...variable import Variable
from ..checks import floating, floating_type, following
from ..convolution.conv import conv2d
from ..convolution.windowing import Size, per_axis
from ..initializers import Initializer, orthogonal, xavier_uniform
from ..module import Module
from .along import along
from .lstm import lstm_step, pair_of


def conv_lstm_cell(x: Any, state: tuple[Any, Any], wx: Any, wh: Any, b: Any) -> tuple[Any, Any]:
    """One step of a convolutional LSTM (Shi, Chen, Wang, Yeung, Wong and Woo, 2015), without peepholes, as in Keras:

        i, f, o, g = sigmoid, sigmoid, sigmoid, tanh of the quarters of wx * x + wh * h + b
        c' = f c + i g
        h' = o tanh(c')

    where * is a convolution that keeps the size of the image ("same").

    Args:
        x: (N, C, H, W).
        state: (h, c), each (N, F, H, W).
        wx, wh, b: (4F, C, KH, KW), (4F, F, KH, KW), (4F,), gates in the order input, forget, output, candidate.

    Numbers are real or complex, of any precision; the result has the common floating type. N may be 0.

    Returns:
        The new (h, c).

    Raises:
        InputError: shapes that do not fit.

    >>> x, zeros = np.ones((1, 3, 4, 4)), np.zeros((1, 2, 4, 4))
    >>> h, c = conv_lstm_cell(x, (zeros, zeros), np.ones((8, 3, 3, 3)), np.ones((8, 2, 3, 3)), np.zeros(8))
    >>> h.shape
    (1, 2, 4, 4)
    """
    h, c = pair_of(state)
    x, h, c, wx, wh, b = floating(x, h, c, wx, wh, b)
    fits = x.ndim == 4 and wx.ndim == wh.ndim == 4 and wx.shape[0] == wh.shape[0] == 4 * wh.shape[1]
    wanted = (x.shape[0], wh.shape[1], *x.shape[2:]) if fits else None
    if not fits or h.shape != wanted or c.shape != wanted:
        raise InputError(
            f"x {x.shape}, a state of {h.shape} and {c.shape}, and weights {wx.shape} and {wh.shape} do not fit; "
            "expected x (N, C, H, W), twice (N, F, H, W), wx (4F, C, KH, KW), wh (4F, F, KH, KW)"
        )
    return lstm_step(conv2d(x, wx, b, padding="same") + conv2d(h, wh, padding="same"), c, axis=1)


class ConvLSTM2d(Module):
    """A convolutional LSTM, `ntb.nn.conv_lstm_cell` along sequences of images: for films, or weather maps.

    Args:
        channels: how many come in at each step; None to take it from the first call.
        filters: how many channels the state has.
        kernel: the size of the filters, one number or (KH, KW).
        forget_bias: where the forget gate's bias begins, as in `LSTM`.
        init: makes the first filters for the inputs, gate by gate, from their shape.
        recurrent_init: likewise for the state.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that both draw from.

    Shapes:
        (N, T, channels, H, W), and a state (h, c), each (N, filters, H, W), zeros if it is None -> all h
        (N, T, filters, H, W), and the last (h, c).

    Variables:
        wx: (4 * filters, channels, KH, KW).
        wh: (4 * filters, filters, KH, KW).
        b: (4 * filters,), zeros at first but for the forget gate.

    Raises:
        InputError: a dtype of integers; called, an x that is not (N, T, channels, H, W) with T > 0, or a state of
            another shape.

    >>> states, (h, c) = ConvLSTM2d(3, 2, 3)(np.ones((1, 5, 3, 4, 4)))
    >>> states.shape, h.shape
    ((1, 5, 2, 4, 4), (1, 2, 4, 4))
    """

    size_axis = 2

    def __init__(
        self,
        channels: Any,
        filters: int,
        kernel: Size,
        *,
        forget_bias: float = 1.0,
        init: Initializer = xavier_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype, kernel = floating_type(dtype), per_axis(kernel, 2)
        self.filters = filters
        gates = lambda init, depth: [init((filters, depth, *kernel), rng=rng, dtype=dtype) for _ in range(4)]
        self.wx = Variable(np.concatenate(gates(init, channels)))
        self.wh = Variable(np.concatenate(gates(recurrent_init, filters)))
        bias = np.zeros(4 * filters, dtype)
        bias[filters : 2 * filters] = forget_bias
        self.b = Variable(bias)

    def __call__(self, x: Any, train: bool = False, state: Any = None) -> Any:
        """(N, T, channels, H, W) -> all h (N, T, filters, H, W), and the last (h, c). `train` makes no difference."""
        x = following(x, self.wx)
        if x.ndim != 5 or not x.shape[1]:
            raise InputError(f"ConvLSTM2d takes films (N, T, C, H, W) with T > 0, not the shape {x.shape}")
        if state is None:
            zeros = np.zeros((x.shape[0], self.filters, *x.shape[3:]), self.wx.dtype)
            state = (zeros, zeros)
        h, c = [following(part, self.wx) for part in pair_of(state)]
        states, h, c = along(lambda x, *state: conv_lstm_cell(x, state, self.wx, self.wh, self.b), x, (h, c), None)
        return states, (h, c)
