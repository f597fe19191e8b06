"""Recurrent layers: sequences (N, T, inputs) -> (N, T, units).

Whatever the type of the data, they compute in that of their Variables (see `layers.py`). They give a pair, all states
and the last; in a `Sequential`, `lambda out: out[0]` takes the states.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...variable import Variable
from ..checks import floating_type, following
from ..initializers import Initializer, orthogonal, xavier_uniform
from ..module import Module
from .gru import gru
from .lstm import lstm, pair_of
from .rnn import rnn


class _Recurrent(Module):
    """The weights of the gates, side by side: for the inputs and for the state.

    Attributes:
        gates: how many there are.
        biases: the names of vectors of as many numbers, zeros at first.
    """

    gates = 1
    size_axis = -1
    biases: tuple[str, ...] = ("b",)
    b: Variable

    def __init__(
        self,
        inputs: Any,
        units: int,
        *,
        init: Initializer = xavier_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype = floating_type(dtype)
        self.units = units
        self.wx = Variable(self._blocks(init, inputs, rng, dtype))
        self.wh = Variable(self._blocks(recurrent_init, units, rng, dtype))
        for name in self.biases:
            setattr(self, name, Variable(np.zeros(self.gates * units, dtype)))

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
    """A vanilla recurrent network, `ntb.nn.rnn`: the new state is `tanh(x @ wx + h @ wh + b)`.

    Args:
        inputs: how many numbers come in at each step; None to take it from the first call.
        units: how many the state has.
        init: makes the first weights for the inputs, gate by gate, from their shape.
        recurrent_init: likewise for the state.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that both draw from.

    Shapes:
        (N, T, inputs), and a state (N, units), zeros if it is None -> all states (N, T, units), and the last
        (N, units).

    Variables:
        wx: (inputs, units).
        wh: (units, units).
        b: (units,), zeros at first.

    Raises:
        InputError: a dtype of integers; called, an x that is not (N, T, inputs) with T > 0, or a state of another
            shape.

    >>> states, last = RNN(3, 5)(np.ones((2, 4, 3), np.float32))
    >>> states.shape, last.shape
    ((2, 4, 5), (2, 5))
    """

    def __call__(self, x: Any, train: bool = False, state: Any = None) -> Any:
        """(N, T, inputs) -> all states (N, T, units), and the last (N, units). `train` makes no difference."""
        x = following(x, self.wx)
        return rnn(x, self.first(x, state), self.wx, self.wh, self.b)


class LSTM(_Recurrent):
    """A long short-term memory, `ntb.nn.lstm`. Its gates lie in the order input, forget, output, candidate.

    Args:
        inputs, units: as in `RNN`.
        forget_bias: where the forget gate's bias begins: at 1, so that the memory is kept at first (Jozefowicz, Zaremba
            and Sutskever, 2015).
        init, recurrent_init, dtype, rng: as in `RNN`.

    Shapes:
        (N, T, inputs), and a state (h, c), each (N, units), zeros if it is None -> all h (N, T, units), and the last
        (h, c).

    Variables:
        wx: (inputs, 4 * units).
        wh: (units, 4 * units).
        b: (4 * units,), zeros at first but for the forget gate.

    Raises:
        InputError: as for `RNN`.

    >>> LSTM(32, 64)
    LSTM(wx[32, 256], wh[64, 256], b[256])
    """

    gates = 4
    biases = ()

    def __init__(
        self,
        inputs: Any,
        units: int,
        *,
        forget_bias: float = 1.0,
        init: Initializer = xavier_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        super().__init__(inputs, units, init=init, recurrent_init=recurrent_init, dtype=dtype, rng=rng)
        bias = np.zeros(4 * units, self.wx.dtype)
        bias[units : 2 * units] = forget_bias
        self.b = Variable(bias)

    def __call__(self, x: Any, train: bool = False, state: Any = None) -> Any:
        """(N, T, inputs) -> all h (N, T, units), and the last (h, c), each (N, units). `train` makes no difference."""
        x = following(x, self.wx)
        pair = (None, None) if state is None else pair_of(state)
        return lstm(x, tuple([self.first(x, part) for part in pair]), self.wx, self.wh, self.b)


class GRU(_Recurrent):
    """Gated recurrent units, `ntb.nn.gru`. The gates lie in the order reset, update, candidate.

    Args:
        inputs, units, init, recurrent_init, dtype, rng: as in `RNN`.

    Shapes:
        (N, T, inputs), and a state (N, units), zeros if it is None -> all states (N, T, units), and the last
        (N, units).

    Variables:
        wx: (inputs, 3 * units).
        wh: (units, 3 * units).
        bx: (3 * units,), zeros at first.
        bh: (3 * units,), likewise.

    Raises:
        InputError: as for `RNN`.

    >>> GRU(3, 5)
    GRU(wx[3, 15], wh[5, 15], bx[15], bh[15])
    """

    gates = 3
    biases = ("bx", "bh")
    bx: Variable
    bh: Variable

    def __call__(self, x: Any, train: bool = False, state: Any = None) -> Any:
        """(N, T, inputs) -> all states (N, T, units), and the last (N, units). `train` makes no difference."""
        x = following(x, self.wx)
        return gru(x, self.first(x, state), self.wx, self.wh, self.bx, self.bh)
