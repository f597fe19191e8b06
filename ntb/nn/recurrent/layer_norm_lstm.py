"""The long short-term memory with layer normalisation in its step: the function along sequences, and the layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...variable import Variable
from ..checks import floating
from ..normalization.normalize import layer_norm
from .along import along
from .fitting import fitting_sequences
from .layers import LSTM
from .lstm import lstm_memory, pair_of


def layer_norm_lstm(
    x: Any, state: Any, wx: Any, wh: Any, b: Any, gain_x: Any, gain_h: Any, gain_c: Any, shift_c: Any,
    *, mask: Any = None, lengths: Any = None,
) -> tuple[Any, tuple[Any, Any]]:  # fmt: skip
    """`lstm` with normalised sums and memory (Ba, Kiros and Hinton, "Layer normalization", 2016, equations 20 to 22):

        i, f, o, g = sigmoid, sigmoid, sigmoid, tanh of the quarters of norm(x @ wx; gain_x) + norm(h @ wh; gain_h) + b
        c' = f * c + i * g
        h' = o * tanh(norm(c'; gain_c, shift_c))

    where norm(a; gain, shift) is `layer_norm` over the last axis.

    Args:
        x, state, wx, wh, b, mask, lengths: as for `lstm`, of real numbers.
        gain_x, gain_h: (4H,).
        gain_c, shift_c: (H,).

    Returns:
        All h (N, T, H), and the last (h, c).

    Raises:
        InputError: shapes that do not fit, complex numbers.

    >>> x, ones = np.ones((2, 5, 4)), np.ones(12)
    >>> weights = np.ones((4, 12)), np.ones((3, 12)), np.zeros(12)
    >>> out, (h, c) = layer_norm_lstm(x, None, *weights, ones, ones, np.ones(3), np.zeros(3))
    >>> out.shape
    (2, 5, 3)
    """
    parts = (None, None) if state is None else pair_of(state)
    x, h, c, wx, wh, b, mask = fitting_sequences(4, x, parts, wx, wh, b, mask=mask, lengths=lengths)
    units = wh.shape[0]
    gain_x, gain_h, gain_c, shift_c = norms = floating(gain_x, gain_h, gain_c, shift_c)
    if [a.shape for a in norms] != [(4 * units,), (4 * units,), (units,), (units,)]:
        raise InputError(
            f"gains and shift of shapes {', '.join([str(a.shape) for a in norms])} do not fit {units} units; expected "
            f"twice ({4 * units},), and twice ({units},)"
        )

    def step(x: Any, h: Any, c: Any) -> tuple[Any, Any]:
        o, c = lstm_memory(layer_norm(x @ wx, gain_x) + layer_norm(h @ wh, gain_h) + b, c)
        return o * np.tanh(layer_norm(c, gain_c, shift_c)), c

    states, h, c = along(step, x, (h, c), mask)
    return states, (h, c)


class LayerNormLSTM(LSTM):
    """An `LSTM` with layer normalisation, `ntb.nn.layer_norm_lstm`.

    It learns in fewer steps than an `LSTM` where sequences are long or scales differ, and each step takes longer.

    Args:
        inputs, units, layers, bidirectional, dropout, recurrent_dropout, return_state: as in `RNN`.
        forget_bias, init, recurrent_init, dtype, rng: as in `LSTM`.

    Shapes:
        (N, T, inputs), and a state (h, c), each (N, units), zeros if it is None -> all h (N, T, units), and the last
        (h, c). With more than one layer or direction, as in `RNN`.

    Variables:
        wx: (inputs, 4 * units).
        wh: (units, 4 * units).
        b: (4 * units,), zeros at first but for the forget gate.
        gain_x, gain_h: (4 * units,), ones at first.
        gain_c: (units,), ones at first.
        shift_c: (units,), zeros at first.

    Raises:
        InputError: as for `RNN`.

    >>> states, (h, c) = LayerNormLSTM(3, 5)(np.ones((2, 4, 3)))
    >>> states.shape, c.shape
    ((2, 4, 5), (2, 5))
    """

    vectors = {"b": (4, 0.0), "gain_x": (4, 1.0), "gain_h": (4, 1.0), "gain_c": (1, 1.0), "shift_c": (1, 0.0)}
    gain_x: Variable
    gain_h: Variable
    gain_c: Variable
    shift_c: Variable

    def __call__(self, x: Any, train: bool = False, state: Any = None, *, mask: Any = None, lengths: Any = None) -> Any:
        """(N, T, inputs) -> all h (N, T, units), and the last (h, c), each (N, units); `train` turns dropout on.

        The mask and the lengths hide steps, as in `RNN`.
        """
        return super().__call__(x, train, state, mask=mask, lengths=lengths)

    def along(self, x: Any, state: tuple, wh: Any, mask: Any) -> tuple:
        norms = self.gain_x, self.gain_h, self.gain_c, self.shift_c
        outputs, last = layer_norm_lstm(x, state, self.wx, wh, self.b, *norms, mask=mask)
        return outputs, *last
