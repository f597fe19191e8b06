"""Recurrent layers over whole sequences.

ONNX has the gates in another order, takes the transposed weights, a bias for either product, and an axis for two
directions, of which one is used here: a layer that goes both ways is two of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tuned import gru, lstm, rnn
from .table import Untranslated, composes, writes


@composes(lstm.lstm_run, gru.gru_run)
def _run(*_: Any) -> None:
    """All that the steps compute; what follows needs the states alone."""


@writes(lstm.lstm_states)
def _lstm_states(graph: Any, parts: Any, _run: Any, mask: Any = None) -> Any:
    """The first state, those of all steps and the last memory, one after the other: (T + 2, N, H)."""
    x, h, c, wx, wh, b = _alike(graph, parts, mask)
    order = (0, 2, 1, 3)  # input, output, forget, candidate
    weights = [_weight(wx, order), _weight(wh, order), _biases(_gates(b, order), np.zeros(b.length(0), b.dtype))]
    first, memory = np.expand_dims(h, 0), np.expand_dims(c, 0)
    dtypes, units = [x.dtype] * 3, h.length(1)
    states, _, last = graph.nodes("LSTM", x, *weights, None, first, memory, dtypes=dtypes, hidden_size=units)
    return np.concatenate([first, np.squeeze(states, 1), last])


@writes(gru.gru_states)
def _gru_states(graph: Any, parts: Any, _run: Any, mask: Any = None) -> Any:
    """The states of all steps, (T, N, H)."""
    x, h, wx, wh, bx, bh = _alike(graph, parts, mask)
    order = (1, 0, 2)  # update, reset, candidate
    weights = [_weight(wx, order), _weight(wh, order), _biases(_gates(bx, order), _gates(bh, order))]
    options = {"hidden_size": h.length(1), "linear_before_reset": 1}
    return np.squeeze(graph.node("GRU", x, *weights, None, np.expand_dims(h, 0), **options), 1)


@writes(rnn.rnn_states)
def _rnn_states(graph: Any, parts: Any, mask: Any = None) -> Any:
    """The states of all steps, (T, N, H)."""
    x, h, wx, wh, b = _alike(graph, parts, mask)
    weights = [_weight(wx, (0,)), _weight(wh, (0,)), _biases(b, np.zeros(b.length(0), b.dtype))]
    return np.squeeze(graph.node("RNN", x, *weights, None, np.expand_dims(h, 0), hidden_size=h.length(1)), 1)


def _alike(graph: Any, parts: Any, mask: Any) -> list:
    if mask is not None:
        raise Untranslated(
            "with a mask of steps; what is exported within `with ntb.tuned.off():`, step by step, has one"
        )
    return graph.alike(*parts)


def _gates(w: Any, order: tuple) -> Any:
    """Blocks along the last axis, in another order."""
    if len(order) == 1:
        return w
    blocks = np.split(w, len(order), axis=w.ndim - 1)
    return np.concatenate([blocks[i] for i in order], axis=w.ndim - 1)


def _weight(w: Any, order: tuple) -> Any:
    """(D, gates * H) -> (1, gates * H, D)."""
    return np.expand_dims(np.transpose(_gates(w, order), (1, 0)), 0)


def _biases(of_input: Any, of_state: Any) -> Any:
    return np.expand_dims(np.concatenate([of_input, of_state], axis=0), 0)
