"""Vectors of many numbers as points of a plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from .plot import COLOURS, array, class_numbers, clean, figure, labelled


def embedding(
    x: Any,
    labels: Any = None,
    classes: Sequence[str] = (),
    *,
    names: Sequence[str] = (),
    title: str = "",
    figsize: tuple[float, float] | None = None,
) -> Any:
    """Vectors as points of the plane in which they differ most: their two principal components, by a singular value
    decomposition of the vectors less their mean (Pearson 1901).

    Args:
        x: the vectors, (N, D): rows of an embedding, or what a layer gives for examples.
        labels: of what class each is, integers (N,), which give colours.
        classes: the names of the classes.
        names: a text for each point, such as the word that it stands for, which is written in its place.
        title: stands above.
        figsize: width and height in inches.

    Returns:
        A matplotlib Figure. The axes say what part of the variance is along them; directions are those in which the
        component's greatest number is positive.

    Raises:
        InputError: fewer than two vectors or numbers in each, or other numbers of labels, classes or names.

    >>> figure = embedding(np.eye(3), names=["a", "b", "c"])
    >>> figure.axes[0].get_xlabel()
    'first component, 50 % of the variance'
    """
    x = array(x).astype(float)
    if x.ndim != 2 or min(x.shape) < 2:
        raise InputError(f"vectors are (N, D), two or more of two numbers or more, not {x.shape}")
    points, shares = _principal(x)
    drawing = figure(*(figsize or (6.5 if len(classes) else 5.5, 4.5)))
    axes = clean(drawing.add_subplot())
    for name, which in _groups(labels, classes, len(x)):
        marker = "" if len(names) else "."
        axes.plot(*points[which].T, linestyle="", marker=marker, markersize=4, label=name, alpha=0.8)
    if len(names) not in (0, len(x)):
        raise InputError(f"{len(names)} names for {len(x)} vectors; there must be one for each, or none")
    for name, point in zip(names, points):
        axes.text(*point, name, fontsize=8, ha="center", va="center", color=COLOURS[0])
    along = [f"{order} component, {100 * share:.0f} % of the variance"
             for order, share in zip(("first", "second"), shares)]  # fmt: skip
    labelled(axes, *along)
    axes.grid(alpha=0.25)
    if len(classes):
        axes.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2)
    drawing.suptitle(title or f"{len(x)} vectors of {x.shape[1]} numbers", fontsize=11)
    return drawing


def _principal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first two principal components of each vector, (N, 2), and their parts of the variance."""
    left, values, right = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    greatest = np.argmax(np.abs(right[:2]), axis=1)
    signs = np.where(right[[0, 1], greatest] < 0, -1, 1)
    variances = values**2
    return left[:, :2] * values[:2] * signs, variances[:2] / (variances.sum() or 1.0)


def _groups(labels: Any, classes: Sequence[str], count: int) -> list[tuple[str, Any]]:
    """The points of each class, with its name."""
    if labels is None:
        return [("", slice(None))]
    labels = class_numbers(labels, classes, count, "vectors")
    return [(name, labels == k) for k, name in enumerate(classes)]
