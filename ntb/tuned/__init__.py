"""Tuned forms of building blocks: faster, and longer than the plain ones that they replace; a reader may skip them.

`ntb/forms.py` tells how a form is entered, and tests hold that it agrees with the plain one.

>>> import numpy as np
>>> from ntb import nn, tuned
>>> with tuned.off():  # everything in its plain form
...     nn.softmax(np.zeros(2))
array([0.5, 0.5])
"""

from ..forms import off
from . import (
    binary,
    convolution,
    ctc,
    gated,
    gru,
    layout,
    linear,
    lstm,
    normalize,
    optimizers,
    pooling,
    relu,
    rnn,
    scores,
    sigmoid,
    windows,
)

_GIVEN = (
    binary, convolution, ctc, gated, gru, layout, linear, lstm, normalize, optimizers, pooling, relu, rnn, scores,
    sigmoid, windows,
)  # fmt: skip
"""Imported for the forms that they enter."""

__all__ = ["off"]
