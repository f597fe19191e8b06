"""Weights of Keras's models, which are told by their order: from the list that `get_weights` gives, and back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import io
from ...errors import InputError
from ...fitting import FitReport, demand_all, fit
from .links import Link, links
from .pytorch import put
from .table import KERAS


def load_keras(weights: str | os.PathLike[str] | Sequence[Any], model: Any) -> FitReport:
    """Give a model the weights of one of Keras's, with the layers in the same order.

    What lies otherwise in Keras is changed: filters with their channels last, the order of gates, attention's heads on
    an axis of their own (`ntb/io/peers/table.py` has all of it). Keras's images have their channels last, and so has
    what Flatten makes of them: put the layers for images into `ntb.nn.ChannelsLast`. Its normalisation has eps=1e-3.
    docs/files.md has examples.

    Args:
        weights: `net.get_weights()`, a list of arrays, or that of a part of the net, for a part of the model; or the
            file that `np.savez("net.npz", *net.get_weights())` writes. Keras's own files are not read.
        model: a layer or model of the same form.

    Returns:
        A report of what fitted, by the paths of our layers and Keras's names. Other precisions are converted.

    Raises:
        InputError: another number of arrays, or shapes that differ; nothing is changed then. A layer with no
            counterpart in Keras.

    >>> from ntb import nn
    >>> model = nn.Sequential(nn.Linear(3, 2), nn.relu, nn.Linear(2, 1, bias=False))
    >>> load_keras([np.ones((3, 2)), np.zeros(2), np.ones((2, 1))], model).fitted
    ['layers.0.kernel', 'layers.0.bias', 'layers.2.kernel']
    """
    if isinstance(weights, str | os.PathLike):
        weights = list(io.read(weights)[0].values())
    if not isinstance(weights, Sequence):
        raise InputError(
            f"load_keras takes a list of arrays, as net.get_weights() gives it, or a file of them, not a "
            f"{type(weights).__name__}; in Keras, np.savez('net.npz', *net.get_weights()) writes one"
        )
    found = _numbered(links(model, KERAS))
    expected = {name: array for link in found for name, array in link.values().items()}
    names = [*expected, *[f"number {i} of the list" for i in range(len(expected), len(weights))]]
    given = dict(zip(names, map(np.asarray, weights)))
    report = fit(expected, given)
    demand_all(report, "Keras's weights are told by their order, which is that of the layers.")
    put(model, found, given)
    return report


def keras_weights(model: Any) -> list[np.ndarray]:
    """The weights of a model as Keras has them, in its order: for `net.set_weights`.

    Raises:
        InputError: a layer with no counterpart in Keras.

    >>> from ntb import nn
    >>> [a.shape for a in keras_weights(nn.Sequential(nn.Conv2d(3, 8, 5)))]
    [(5, 5, 3, 8), (8,)]
    """
    return [np.array(array, order="C") for link in links(model, KERAS) for array in link.values().values()]


def _numbered(found: list[Link]) -> list[Link]:
    """Links whose names differ: of a stack of recurrent layers all sides have the same."""
    seen: dict[str, int] = {}
    numbered = []
    for link in found:
        (name,) = link.theirs
        seen[name] = seen.get(name, 0) + 1
        numbered.append(link if seen[name] == 1 else link._replace(theirs=[f"{name} {seen[name]}"]))
    return numbered
