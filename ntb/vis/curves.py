"""Curves: a training run, and a line through points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError, describe
from .plot import COLOURS, PALE, array, clean, figure

_POSITIONS = ("step", "epoch", "seconds")


def history(history: Any, *, title: str = "") -> Any:
    """The curves of a training run.

    Args:
        history: by name the numbers reported, one after the other, as `trainer.history` has them; or the Trainer.
            "step" or "epoch", if there, is the horizontal axis. A measure and the same on validation data, "loss" and
            "val_loss", share a panel.
        title: stands above.

    Returns:
        A matplotlib Figure.

    Raises:
        InputError: nothing to draw, lists of different lengths, or something else.

    >>> figure = history({"epoch": [1, 2], "loss": [2.0, 1.0], "val_loss": [2.5, 1.5], "accuracy": [0.1, 0.5]})
    >>> [axes.get_title() for axes in figure.axes]
    ['loss', 'accuracy']
    """
    history = getattr(history, "history", history)
    if not isinstance(history, Mapping):
        raise InputError(f"a history is a Trainer, or a dict of lists of numbers, not {describe(history)}")
    curves = {name: values for name, values in history.items() if name not in _POSITIONS}
    if not curves or not any(map(len, curves.values())):
        raise InputError('a history needs at least one list of numbers, such as {"loss": [1.0, 0.5]}')
    x_name = next((name for name in _POSITIONS if len(history.get(name, ()))), "step")
    length = max(map(len, curves.values()))
    x = history.get(x_name) or range(1, length + 1)
    wrong = [name for name, values in curves.items() if len(values) != len(x)]
    if wrong:
        raise InputError(f"{', '.join(wrong)} and {x_name} have different lengths; each needs {len(x)} numbers")
    panels: dict[str, list[str]] = {}
    for name in curves:
        panels.setdefault(name.removeprefix("val_"), []).append(name)
    drawing = figure(4.2 * len(panels), 3)
    for column, (measure, names) in enumerate(panels.items()):
        axes = clean(drawing.add_subplot(1, len(panels), column + 1))
        for name in names:
            label, colour = ("validation", COLOURS[1]) if name != measure else ("training", COLOURS[0])
            axes.plot(x, curves[name], color=colour, label=label, marker="." if length <= 30 else None, linewidth=1.5)
        axes.set_title(measure, fontsize=10)
        axes.set_xlabel(x_name, fontsize=9)
        axes.grid(alpha=0.25)
        axes.xaxis.get_major_locator().set_params(integer=x_name != "seconds")
        if len(names) > 1:
            axes.legend(fontsize=8, frameon=False)
    if title:
        drawing.suptitle(title, fontsize=11)
    return drawing


def fit(x: Any, y: Any, predicted: Any, *, title: str = "") -> Any:
    """Points and what a model makes of them.

    Args:
        x, y: the points, each (N,).
        predicted: the model's y for each x, (N,).
        title: stands above.

    Returns:
        A matplotlib Figure.

    >>> fit([0.0, 1.0], [0.1, 0.9], [0.0, 1.0], title="y = x").axes[0].get_title()
    'y = x'
    """
    x, y, predicted = array(x), array(y), array(predicted)
    if not x.ndim == 1 or not x.shape == y.shape == predicted.shape:
        raise InputError(f"x, y and predicted are rows of equal length, not {x.shape}, {y.shape}, {predicted.shape}")
    drawing = figure(4.5, 3.2)
    axes = clean(drawing.add_subplot())
    order = np.argsort(x)
    axes.vlines(x, y, predicted, color=PALE, linewidth=0.8)
    axes.plot(x, y, ".", color=COLOURS[0], label="data")
    axes.plot(x[order], predicted[order], color=COLOURS[1], label="model")
    axes.set_xlabel("x", fontsize=9)
    axes.set_ylabel("y", fontsize=9)
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=8, frameon=False)
    return drawing
