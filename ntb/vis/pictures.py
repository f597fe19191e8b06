"""Images as pictures: samples, filters, and what a classifier takes for what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..markup.graph import INK
from .plot import array, figure


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
        title: stands above.
        figsize: width and height in inches; by itself one inch for each image.
        cmap, interpolation: the colours of grey images, and what is drawn between their pixels, by matplotlib's names.

    Returns:
        A matplotlib Figure.

    >>> figure = images(np.zeros((3, 1, 8, 8)), captions=["a", "b", "c"])
    >>> len(figure.axes)
    3
    """
    x = _as_images(x)
    if len(captions) not in (0, len(x)):
        raise InputError(f"{len(captions)} captions for {len(x)} images; there must be one for each, or none")
    columns = columns or _columns(len(x))
    rows = math.ceil(len(x) / columns)
    lines = max((caption.count("\n") + 1 for caption in captions), default=0)
    drawing = figure(*(figsize or (max(columns, 3), (1 + 0.15 * lines) * rows + 0.35 * bool(title))))
    _grid(drawing, x, captions, columns, rows, cmap, interpolation)
    if title:
        drawing.suptitle(title, fontsize=11)
    return drawing


def filters(w: Any, *, columns: int | None = None, title: str = "", **style: Any) -> Any:
    """The filters of a convolution, or the weights of dense units that see an image.

    Args:
        w: (F, H, W), or (F, C, H, W): one channel is shown in grey, three as colours, any other number side by side,
            a row for each filter. Dense weights (784, 50) become filters by `w.T.reshape(50, 28, 28)`.
        columns: how many filters stand in a row.
        title: stands above.
        style: `figsize`, `cmap` and `interpolation`, as in `images`.

    Returns:
        A matplotlib Figure. Zero is mid-grey; the greatest magnitude of all weights is black or white.

    >>> len(filters(np.random.default_rng(0).normal(size=(8, 1, 5, 5))).axes)
    8
    """
    w = array(w).astype(float)
    if w.ndim not in (3, 4) or not w.size:
        raise InputError(f"filters have shape (F, C, H, W) or (F, H, W), not {w.shape}")
    if w.ndim == 4 and w.shape[1] not in (1, 3):
        columns = columns or w.shape[1]
        w = w.reshape(-1, *w.shape[2:])
    return images(0.5 + 0.5 * w / (np.abs(w).max() or 1.0), columns=columns, title=title, **style)


def confusion(
    labels: Any,
    predicted: Any,
    classes: Sequence[str],
    x: Any = None,
    *,
    samples: int = 16,
    title: str = "",
    figsize: tuple[float, float] | None = None,
    cmap: str = "gray",
    interpolation: str = "nearest",
) -> Any:
    """What a classifier takes for what: the confusion matrix, or, with the images, samples of each confusion.

    Args:
        labels: the true classes, integers (N,).
        predicted: the classifier's answers, integers (N,).
        classes: the names of the classes.
        x: the images, as in `images`; samples of those that were taken for another class are shown beside the matrix.
        samples: how many, of as many different confusions as there are.
        title: stands above; by itself how many are right.
        figsize: width and height in inches; cmap, interpolation: of the samples, as in `images`.

    Returns:
        A matplotlib Figure. In the matrix a row is a true class, a column an answer.

    >>> figure = confusion([0, 1, 1], [0, 1, 0], ["cat", "dog"])
    >>> figure.get_suptitle()
    '2 of 3 right (66.7 %)'
    """
    labels, predicted = array(labels), array(predicted)
    k = len(classes)
    for name, a in (("labels", labels), ("predicted", predicted)):
        if a.shape != labels.shape or a.ndim != 1 or a.dtype.kind not in "iu" or a.size == 0 or (a < 0).any():
            raise InputError(f"{name} must be integers (N,), one for each example, not {a.dtype}{list(a.shape)}")
        if a.max() >= k:
            raise InputError(f"{name} has class {a.max()}, but only {k} classes are named")
    counts = np.zeros((k, k), int)
    np.add.at(counts, (labels, predicted), 1)
    wrong = np.flatnonzero(labels != predicted)
    right = len(labels) - len(wrong)
    drawing = figure(*(figsize or (10 if x is not None and len(wrong) else 5, 5)))
    drawing.suptitle(title or f"{right} of {len(labels)} right ({100 * right / len(labels):.1f} %)", fontsize=11)
    if x is None or not len(wrong):
        _matrix(drawing.add_subplot(), counts, classes)
        return drawing
    left, right_half = drawing.subfigures(1, 2, width_ratios=(1.1, 1))
    _matrix(left.add_subplot(), counts, classes)
    chosen = wrong[_turns(labels[wrong] * k + predicted[wrong])[:samples]]
    captions = [f"{classes[labels[i]]}\nas {classes[predicted[i]]}" for i in chosen]
    rows = max(3, math.ceil(len(chosen) / 4))
    _grid(right_half, _as_images(array(x)[chosen]), captions, 4, rows, cmap, interpolation)
    return drawing


def _turns(kinds: np.ndarray) -> np.ndarray:
    """An order in which each kind comes once before any comes a second time."""
    earlier = [np.count_nonzero(kinds[:i] == kind) for i, kind in enumerate(kinds)]
    return np.argsort(earlier, kind="stable")


def _matrix(axes: Any, counts: np.ndarray, classes: Sequence[str]) -> None:
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (i, j), count in np.ndenumerate(counts):
        if count:
            axes.text(j, i, str(count), ha="center", va="center", fontsize=8, color="w" if share[i, j] > 0.5 else INK)
    positions = range(len(classes))
    long = max(map(len, classes)) > 2
    axes.set_xticks(positions, classes, fontsize=8, rotation=45 if long else 0, ha="right" if long else "center")
    axes.set_yticks(positions, classes, fontsize=8)
    axes.set_xlabel("taken for", fontsize=9)
    axes.set_ylabel("is", fontsize=9)


def _columns(count: int) -> int:
    """How many make a rectangle about twice as wide as high, in full rows if that can be."""
    usual = max(5, math.ceil(math.sqrt(2 * count)))
    full = [n for n in range(usual - 2, usual + 3) if count % n == 0]
    return count if count <= usual else min(full, key=lambda n: abs(n - usual), default=usual)


def _grid(
    drawing: Any, x: np.ndarray, captions: Sequence[str], columns: int, rows: int, cmap: str, interpolation: str
) -> None:
    for i, image in enumerate(x):
        axes = drawing.add_subplot(rows, columns, i + 1)
        axes.imshow(image, cmap=cmap, vmin=0, vmax=1, interpolation=interpolation)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        if captions:
            axes.set_xlabel(captions[i], fontsize=7, labelpad=2)


def _as_images(x: Any) -> np.ndarray:
    """Images as matplotlib has them: (N, H, W) or (N, H, W, 3), from 0 to 1."""
    x = array(x)
    if x.ndim == 4 and x.shape[1] in (1, 3):
        x = x[:, 0] if x.shape[1] == 1 else np.moveaxis(x, 1, -1)
    elif x.ndim != 3:
        raise InputError(f"images have shape (N, 1, H, W), (N, 3, H, W) or (N, H, W), not {x.shape}")
    if not len(x):
        raise InputError(f"there are no images to show: the shape is {x.shape}; expected at least one")
    return x / 255 if x.dtype == np.uint8 else np.clip(x, 0, 1)
