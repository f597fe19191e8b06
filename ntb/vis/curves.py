"""Curves: a training run, and a line through points."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError, describe
from .plot import COLOURS, PALE, array, clean, figure, labelled

_POSITIONS = ("step", "epoch", "seconds")
_SPAN = 30.0
"""The ratio of the greatest to the least number from which on a logarithmic axis shows more."""


def history(
    history: Any,
    *,
    title: str = "",
    log: str | None = None,
    smooth: float = 1.0,
    levels: Mapping[str, float] = {},
) -> Any:
    """The curves of a training run.

    Args:
        history: by name the numbers reported, one after the other, as `trainer.history` has them; or the Trainer.
            "step", "epoch" or "seconds", if there, is the horizontal axis. A measure and the same on validation data,
            "loss" and "val_loss", share a panel. NaN stands where nothing was reported.
        title: stands above; by itself the name of the measure above each panel.
        log: which axes are logarithmic: "", "x", "y" or "xy". By itself the vertical one of a panel whose numbers are
            positive and span a factor of 30.
        smooth: over about how many points the mean is taken of what is measured in training, which is then drawn over
            the pale numbers themselves: the exponential mean Σ dᵗ⁻ⁱ xᵢ / Σ dᵗ⁻ⁱ over the points i ≤ t so far, with
            d = 1 - 1 / smooth.
        levels: by name numbers that are drawn as horizontal lines in the first panel, such as the loss of guessing.

    Returns:
        A matplotlib Figure.

    Raises:
        InputError: nothing to draw, lists of different lengths, something else; axes that are none, a logarithm of
            what is not positive, a mean over less than one point.

    >>> figure = history({"epoch": [1, 2], "loss": [2.0, 1.0], "val_loss": [2.5, 1.5], "accuracy": [0.1, 0.5]})
    >>> [axes.get_title() for axes in figure.axes]
    ['loss', 'accuracy']
    """
    x_name, x, curves = _checked(getattr(history, "history", history))
    if log not in (None, "", "x", "y", "xy") or smooth < 1:
        raise InputError(f'log is "", "x", "y" or "xy", and smooth 1 or more; these are {log!r} and {smooth!r}')
    panels: dict[str, list[str]] = {}
    for name in curves:
        panels.setdefault(name.removeprefix("val_"), []).append(name)
    drawing = figure(4.2 * len(panels), 3)
    for column, (measure, names) in enumerate(panels.items()):
        axes = labelled(clean(drawing.add_subplot(1, len(panels), column + 1)), x_name, measure)
        for name in names:
            reported = ~np.isnan(curves[name])
            where, numbers = x[reported], curves[name][reported]
            label, colour = ("validation", COLOURS[1]) if name != measure else ("training", COLOURS[0])
            if name == measure and smooth > 1:
                axes.plot(where, numbers, color=colour, alpha=0.25, linewidth=0.8)
                numbers, label = _exponential_mean(numbers, smooth), f"training, mean over about {smooth:g}"
            marker = "." if len(where) <= 30 else None
            axes.plot(where, numbers, color=colour, label=label, marker=marker, linewidth=1.5)
        for i, (name, level) in enumerate(levels.items() if column == 0 else ()):
            axes.axhline(level, color=COLOURS[(i + 2) % len(COLOURS)], linestyle="--", linewidth=1, label=name)
        _scales(axes, x_name, x, np.concatenate([curves[name] for name in names]), log)
        axes.grid(alpha=0.25)
        if axes.get_legend_handles_labels()[1] != ["training"]:
            axes.legend(fontsize=8, frameon=False)
        if not title:
            axes.set_title(measure, fontsize=10)
    if title:
        drawing.suptitle(title, fontsize=11)
    return drawing


def _checked(history: Any) -> tuple[str, np.ndarray, dict[str, np.ndarray]]:
    """The name of the horizontal axis, the places on it, and the curves by name."""
    if not isinstance(history, Mapping):
        raise InputError(f"a history is a Trainer, or a dict of lists of numbers, not {describe(history)}")
    curves = {name: np.asarray(values, float) for name, values in history.items() if name not in _POSITIONS}
    if not curves or not any(map(len, curves.values())):
        raise InputError('a history needs at least one list of numbers, such as {"loss": [1.0, 0.5]}')
    x_name = next((name for name in _POSITIONS if len(history.get(name, ()))), "step")
    length = max(map(len, curves.values()))
    x = np.asarray(history.get(x_name) or range(1, length + 1), float)
    wrong = [name for name, values in curves.items() if len(values) != len(x)]
    if wrong:
        raise InputError(f"{', '.join(wrong)} and {x_name} have different lengths; each needs {len(x)} numbers")
    return x_name, x, curves


def _exponential_mean(y: np.ndarray, smooth: float) -> np.ndarray:
    """The mean of the numbers so far, in which each weighs less by 1 - 1 / smooth than the one after it.

    >>> _exponential_mean(np.array([1.0, 4.0]), 2.0).tolist()
    [1.0, 3.0]
    """
    decay, total, weight, found = 1 - 1 / smooth, 0.0, 0.0, []
    for number in y:
        total, weight = decay * total + number, decay * weight + 1
        found.append(total / weight)
    return np.array(found)


def _scales(axes: Any, x_name: str, x: np.ndarray, y: np.ndarray, log: str | None) -> None:
    """Make axes logarithmic, as asked for or, of the vertical one, as the numbers suggest."""
    finite = y[np.isfinite(y)]
    spans = finite.size > 0 and finite.min() > 0 and finite.max() >= _SPAN * finite.min()
    log = ("y" if spans else "") if log is None else log
    for name, numbers, axis in (("x", x, axes.xaxis), ("y", finite, axes.yaxis)):
        if name in log:
            if not np.min(numbers, initial=math.inf) > 0:
                raise InputError(
                    f'log="{log}" takes positive numbers, and {np.min(numbers)} is among those along {name}'
                )
            axes.set(**{f"{name}scale": "log"})
            _plain_numbers(axis)
        elif name == "x":
            axis.get_major_locator().set_params(integer=x_name != "seconds")


def _plain_numbers(axis: Any) -> None:
    """A logarithmic axis with numbers as people write them, and some between the powers of ten if there are few."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    low, high = axis.get_view_interval()
    few = high < 1000 * low
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_locator(LogLocator(subs=(2, 5) if few else "auto"))
    axis.set_minor_formatter(StrMethodFormatter("{x:g}") if few else NullFormatter())
    axis.set_tick_params(which="minor", labelsize=8)


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
    axes = labelled(clean(drawing.add_subplot()), "x", "y")
    order = np.argsort(x)
    axes.vlines(x, y, predicted, color=PALE, linewidth=0.8)
    axes.plot(x, y, ".", color=COLOURS[0], label="data")
    axes.plot(x[order], predicted[order], color=COLOURS[1], label="model")
    axes.set_title(title or "the data and the model", fontsize=10)
    axes.legend(fontsize=8, frameon=False)
    return drawing
