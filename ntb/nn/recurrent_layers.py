"""Recurrent layers: sequences (N, T, inputs) -> (N, T, units).

Whatever the type of the data, they compute in that of their Variables (see `layers.py`). They give a pair, all states
and the last; in a `Sequential`, `lambda out: out[0]` takes the states.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..variable import Variable
from .checks import floating_type, following
from .gru import gru
from .initializers import orthogonal, xavier_uniform
from .layers import Initializer
from .lstm import lstm, pair_of
from .module import Module
from .rnn import rnn


class _Recurrent(Module):
    gates = 1

    def __init__(
        self,
        inputs: int,
        units: int,
        *,
        init: Initializer = xavier_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype = floating_type(dtype)
        self.units = units
        self.wx = Variable(self._blocks(init, inputs, rng, dtype), name="wx")
        self.wh = Variable(self._blocks(recurrent_init, units, rng, dtype), name="wh")

    def _blocks(self, init: Initializer, rows: int, rng: Any, dtype: Any) -> np.ndarray:
        """The weights of the gates, drawn separately and laid side by side."""
        return np.concatenate([init((rows, self.units), rng=rng, dtype=dtype) for _ in range(self.gates)], axis=1)

    def first(self, x: Any, state: Any) -> Any:
        """The state before the first step, in the type of the parameters; zeros if none is given."""
        if state is None:
            return self.zeros(len(x) if x.ndim else 0)
        return following(state, self.wx)

    def zeros(self, batch: int) -> Any:
        """The state before the first step, (batch, units)."""
        return np.zeros((batch, self.units), self.wx.dtype)


class RNN(_Recurrent):
    """A vanilla recurrent network: `layer(x, state=None)` -> all states (N, T, units), and the last (N, units).

    It computes in the type of its weights, to which data and states of any type are converted.

    >>> states, last = RNN(3, 5)(np.ones((2, 4, 3), np.float32))
    >>> states.shape, last.shape
    ((2, 4, 5), (2, 5))
    """

    def __init__(self, inputs: int, units: int, **options: Any) -> None:
        super().__init__(inputs, units, **options)
        self.b = Variable(np.zeros(units, self.wx.dtype), name="b")

    def __call__(self, x: Any, train: bool = False, state: Any = None) -> Any:
        x = following(x, self.wx)
        return rnn(x, self.first(x, state), self.wx, self.wh, self.b)


class LSTM(_Recurrent):
    """A long short-term memory: `layer(x, state=None)` -> all h (N, T, units), and the last (h, c), each (N, units).

    Gates lie in the order input, forget, output, candidate. The forget gate's bias begins at `forget_bias`, so that the
    memory is kept at first (Jozefowicz, Zaremba and Sutskever, 2015).

    It computes in the type of its weights, to which data and states of any type are converted.

    >>> LSTM(32, 64)
    LSTM(wx[32, 256], wh[64, 256], b[256])
    """

    gates = 4

    def __init__(self, inputs: int, units: int, *, forget_bias: float = 1.0, **options: Any) -> None:
        super().__init__(inputs, units, **options)
        bias = np.zeros(4 * units, self.wx.dtype)
        bias[units : 2 * units] = forget_bias
        self.b = Variable(bias, name="b")

    def __call__(self, x: Any, train: bool = False, state: Any = None) -> Any:
        x = following(x, self.wx)
        pair = (None, None) if state is None else pair_of(state)
        return lstm(x, tuple([self.first(x, part) for part in pair]), self.wx, self.wh, self.b)


class GRU(_Recurrent):
    """Gated recurrent units: `layer(x, state=None)` -> all states (N, T, units), and the last (N, units).

    It computes in the type of its weights, to which data and states of any type are converted.

    >>> GRU(3, 5)
    GRU(wx[3, 15], wh[5, 15], bx[15], bh[15])
    """

    gates = 3

    def __init__(self, inputs: int, units: int, **options: Any) -> None:
        super().__init__(inputs, units, **options)
        self.bx = Variable(np.zeros(3 * units, self.wx.dtype), name="bx")
        self.bh = Variable(np.zeros(3 * units, self.wx.dtype), name="bh")

    def __call__(self, x: Any, train: bool = False, state: Any = None) -> Any:
        x = following(x, self.wx)
        return gru(x, self.first(x, state), self.wx, self.wh, self.bx, self.bh)
