"""Images side by side, and samples of each class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from .plot import as_images, class_numbers, figure, mosaic, pixels, wide

_INCH = 0.55
"""Inches of an image among many."""


def images(
    x: Any,
    captions: Sequence[str] = (),
    *,
    columns: int | None = None,
    title: str = "",
    figsize: tuple[float, float] | None = None,
    cmap: str = "gray",
    interpolation: str = "nearest",
) -> Any:
    """Images side by side, each with a caption under it.

    Args:
        x: (N, C, H, W) with one channel (grey) or three (colour), or (N, H, W): bytes, or numbers from 0 to 1.
        captions: one for each image, or none.
        columns: how many stand in a row; by itself as makes a wide rectangle.
        title: stands above; by itself how many there are.
        figsize: width and height in inches; by itself one inch for each image.
        cmap, interpolation: the colours of grey images, and what is drawn between their pixels, by matplotlib's names.

    Returns:
        A matplotlib Figure.

    >>> figure = images(np.zeros((3, 1, 8, 8)), captions=["a", "b", "c"])
    >>> len(figure.axes)
    3
    """
    x = as_images(x)
    if len(captions) not in (0, len(x)):
        raise InputError(f"{len(captions)} captions for {len(x)} images; there must be one for each, or none")
    columns = columns or wide(len(x))
    rows = math.ceil(len(x) / columns)
    lines = max((caption.count("\n") + 1 for caption in captions), default=0)
    drawing = figure(*(figsize or (max(columns, 3), (1 + 0.15 * lines) * rows + 0.35)))
    captioned(drawing, x, captions, columns, rows, cmap, interpolation)
    drawing.suptitle(title or f"{len(x)} image{'s' * (len(x) != 1)}", fontsize=11)
    return drawing


def captioned(
    drawing: Any, x: np.ndarray, captions: Sequence[str], columns: int, rows: int, cmap: str, interpolation: str
) -> None:
    """Draw images as `as_images` gives them, each on axes of its own, with what stands under it."""
    for i, image in enumerate(x):
        axes = drawing.add_subplot(rows, columns, i + 1)
        pixels(axes, image, cmap=cmap, vmin=0, vmax=1, interpolation=interpolation)
        if captions:
            axes.set_xlabel(captions[i], fontsize=7, labelpad=2)


def gallery(
    x: Any,
    labels: Any,
    classes: Sequence[str],
    *,
    samples: int = 7,
    title: str = "",
    figsize: tuple[float, float] | None = None,
    cmap: str = "gray",
    interpolation: str = "nearest",
) -> Any:
    """Samples of every class: a column for each, with its name above.

    Args:
        x: the images, as in `images`.
        labels: of what class each is, integers (N,).
        classes: the names of the classes.
        samples: how many of each class, the first ones; where there are fewer, places stay empty.
        title: stands above; by itself how many images there are.
        figsize, cmap, interpolation: as in `images`.

    Returns:
        A matplotlib Figure.

    Raises:
        InputError: arrays that are no images, or not as many labels; a label without a name.

    >>> axes = gallery(np.zeros((3, 8, 8)), [0, 1, 1], ["cat", "dog"], samples=2).axes[0]
    >>> [tick.get_text() for tick in axes.get_xticklabels()]
    ['cat', 'dog']
    """
    x = as_images(x)
    labels = class_numbers(labels, classes, len(x), "images")
    of_class = [x[np.flatnonzero(labels == k)[:samples]] for k in range(len(classes))]
    chosen = [found[i] if i < len(found) else None for i in range(samples) for found in of_class]
    image, _, middles = mosaic(chosen, len(classes))
    size = _INCH * len(classes), _INCH * samples * x.shape[1] / x.shape[2] + 0.65
    drawing = figure(*(figsize or (max(size[0], 3), size[1])))
    axes = drawing.add_subplot()
    pixels(axes, image, cmap=cmap, vmin=0, vmax=1, interpolation=interpolation)
    long = max(map(len, classes)) > 8
    axes.set_xticks(middles, classes, fontsize=8, rotation=45 if long else 0, ha="left" if long else "center")
    axes.tick_params(length=0, top=False, labeltop=True, labelbottom=False, pad=1)
    drawing.suptitle(title or f"samples of {len(x)} images", fontsize=11)
    return drawing
