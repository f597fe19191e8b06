"""Recurrent layers: sequences (N, T, inputs) -> (N, T, units).

Whatever the type of the data, they compute in that of their Variables (see `layers.py`). They give a pair, all outputs
and the last state; in a `Sequential`, `return_state=False` leaves the outputs alone, and `Last` takes the last state.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...variable import Variable
from ..initializers import Initializer, orthogonal, xavier_uniform
from .gru import gru
from .lstm import lstm, pair_of
from .rnn import rnn
from .stack import Recurrent


class RNN(Recurrent):
    """A vanilla recurrent network, `ntb.nn.rnn`: the new state is `tanh(x @ wx + h @ wh + b)`.

    It is small and quick, and forgets within some ten steps; `LSTM` and `GRU` remember for longer.

    Args:
        inputs: how many numbers come in at each step; None to take it from the first call.
        units: how many the state has.
        layers: how many networks stand one above the other; the outputs of one are the inputs of the next.
        bidirectional: whether each layer also runs from the end to the beginning, with weights of its own; the outputs
            of both directions lie side by side (Schuster and Paliwal, 1997).
        dropout: the probability of dropping an output between two layers, in training.
        recurrent_dropout: that of dropping a weight for the state, in training; one draw serves all steps of a call
            (Merity, Keskar and Socher, 2018).
        return_state: whether a call gives the last state beside the outputs.
        init: makes the first weights for the inputs, gate by gate, from their shape.
        recurrent_init: likewise for the state.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that both draw from, and dropout.

    Shapes:
        (N, T, inputs), and a state (N, units), zeros if it is None -> all states (N, T, units), and the last
        (N, units). In two directions the outputs are (N, T, 2 * units). With more than one layer or direction a state
        is (layers * directions, N, units): first layer, its way back, second layer, and so on.

    Variables:
        wx: (inputs, units).
        wh: (units, units).
        b: (units,), zeros at first.

    Those for the way back are in `reverse`, those of further layers in the list `above`.

    Raises:
        InputError: a dtype of integers; called, an x that is not (N, T, inputs) with T > 0, or a state, mask or lengths
            of another shape.

    >>> states, last = RNN(3, 5)(np.ones((2, 4, 3), np.float32))
    >>> states.shape, last.shape
    ((2, 4, 5), (2, 5))
    """

    def __call__(self, x: Any, train: bool = False, state: Any = None, *, mask: Any = None, lengths: Any = None) -> Any:
        """(N, T, inputs) -> all states (N, T, units), and the last (N, units); `train` turns dropout on.

        Steps where the mask, bools (N, T), is False are skipped: the state stays as it is, and the output is 0.
        Sequences that are padded at their ends are given by their lengths, integers (N,).
        """
        outputs, (last,) = self.run(x, train, (state,), mask, lengths)
        return self.answer(outputs, last)

    def along(self, x: Any, state: tuple, wh: Any, mask: Any) -> tuple:
        return rnn(x, state[0], self.wx, wh, self.b, mask=mask)


class LSTM(Recurrent):
    """A long short-term memory, `ntb.nn.lstm`. Its gates lie in the order input, forget, output, candidate.

    It is the usual choice for sequences of tens to hundreds of steps.

    Args:
        inputs, units, layers, bidirectional, dropout, recurrent_dropout, return_state: as in `RNN`.
        forget_bias: where the forget gate's bias begins: at 1, so that the memory is kept at first (Jozefowicz, Zaremba
            and Sutskever, 2015).
        init, recurrent_init, dtype, rng: as in `RNN`.

    Shapes:
        (N, T, inputs), and a state (h, c), each (N, units), zeros if it is None -> all h (N, T, units), and the last
        (h, c). With more than one layer or direction, as in `RNN`.

    Variables:
        wx: (inputs, 4 * units).
        wh: (units, 4 * units).
        b: (4 * units,), zeros at first but for the forget gate.

    Raises:
        InputError: as for `RNN`.

    >>> LSTM(32, 64)
    LSTM(wx[32, 256], wh[64, 256], b[256])
    >>> outputs, (h, c) = LSTM(3, 5, bidirectional=True)(np.ones((2, 4, 3)), lengths=[4, 2])
    >>> outputs.shape, h.shape
    ((2, 4, 10), (2, 2, 5))
    """

    gates = 4
    vectors = {"b": (4, 0.0)}

    def __init__(
        self,
        inputs: Any,
        units: int,
        *,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_state: bool = True,
        forget_bias: float = 1.0,
        init: Initializer = xavier_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        super().__init__(
            inputs, units, layers=layers, bidirectional=bidirectional, dropout=dropout,
            recurrent_dropout=recurrent_dropout, return_state=return_state, init=init, recurrent_init=recurrent_init,
            dtype=dtype, rng=rng,
        )  # fmt: skip
        for side in self.sides():
            bias = np.zeros(4 * units, self.wx.dtype)
            bias[units : 2 * units] = forget_bias
            side.b.assign(bias)

    def __call__(self, x: Any, train: bool = False, state: Any = None, *, mask: Any = None, lengths: Any = None) -> Any:
        """(N, T, inputs) -> all h (N, T, units), and the last (h, c), each (N, units); `train` turns dropout on.

        The mask and the lengths hide steps, as in `RNN`.
        """
        outputs, (h, c) = self.run(x, train, (None, None) if state is None else pair_of(state), mask, lengths)
        return self.answer(outputs, (h, c))

    def along(self, x: Any, state: tuple, wh: Any, mask: Any) -> tuple:
        outputs, last = lstm(x, state, self.wx, wh, self.b, mask=mask)
        return outputs, *last


class GRU(Recurrent):
    """Gated recurrent units, `ntb.nn.gru`. The gates lie in the order reset, update, candidate.

    They remember nearly as well as an LSTM, with three quarters of its weights.

    Args:
        inputs, units, layers, bidirectional, dropout, recurrent_dropout, return_state: as in `RNN`.
        init, recurrent_init, dtype, rng: as in `RNN`.

    Shapes:
        (N, T, inputs), and a state (N, units), zeros if it is None -> all states (N, T, units), and the last
        (N, units). With more than one layer or direction, as in `RNN`.

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
    vectors = {"bx": (3, 0.0), "bh": (3, 0.0)}
    bx: Variable
    bh: Variable

    def __call__(self, x: Any, train: bool = False, state: Any = None, *, mask: Any = None, lengths: Any = None) -> Any:
        """(N, T, inputs) -> all states (N, T, units), and the last (N, units); `train` turns dropout on.

        The mask and the lengths hide steps, as in `RNN`.
        """
        outputs, (last,) = self.run(x, train, (state,), mask, lengths)
        return self.answer(outputs, last)

    def along(self, x: Any, state: tuple, wh: Any, mask: Any) -> tuple:
        return gru(x, state[0], self.wx, wh, self.bx, self.bh, mask=mask)
