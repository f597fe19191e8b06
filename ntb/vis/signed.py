"""Numbers with a sign as pictures: what filters weigh, what layers give, what a score depends on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from ..tape.tensor import on_tensors
from ..transforms.gradients import grad
from .plot import array, as_images, figure, mosaic, pixels, scale, signed, wide

_INCHES = 10.0
"""How wide a figure gets."""


def filters(
    w: Any,
    *,
    columns: int | None = None,
    title: str = "",
    figsize: tuple[float, float] | None = None,
    cmap: str | None = None,
    interpolation: str | None = None,
) -> Any:
    """The filters of a convolution, or the weights of dense units that see an image, in signed colours.

    Args:
        w: (F, H, W), or (F, C, H, W): filters of several channels stand in columns, with a row for each channel. Dense
            weights (784, 50) become filters by `w.T.reshape(50, 28, 28)`. A dict of such arrays, such as those before
            and after training, is drawn side by side, with its names below.
        columns: how many filters of one channel stand in a row.
        title: stands above; by itself how many there are.
        figsize: width and height in inches; cmap, interpolation: colours, and what is drawn between pixels, by
            matplotlib's names.

    Returns:
        A matplotlib Figure. Zero is white, negative weights are blue, positive ones orange, and a bar tells the scale,
        which all have in common.

    Raises:
        InputError: arrays of another shape, or nothing to draw.

    >>> figure = filters(np.random.default_rng(0).normal(size=(8, 1, 5, 5)))
    >>> figure.get_suptitle()
    '8 filters of 5 x 5'
    """
    panels = {name: array(x).astype(float) for name, x in (w if isinstance(w, Mapping) else {"filters": w}).items()}
    for x in panels.values() or [np.zeros(0)]:
        if x.ndim not in (3, 4) or not x.size:
            raise InputError(f"filters have shape (F, C, H, W) or (F, H, W), not {x.shape}")
    greatest = max(np.abs(x).max() for x in panels.values()) or 1.0
    drawn = [_laid_out(x, columns) for x in panels.values()]
    widths, heights = zip(*[_size(image.shape, len(panels)) for image, _, _ in drawn])
    drawing = figure(*(figsize or (sum(widths) + 1.0, max(heights) + 0.7)))
    below = drawing.subplots(1, len(panels), squeeze=False, gridspec_kw={"wspace": 0.08})[0]
    for axes, (image, channels, middles), name in zip(below, drawn, panels):
        shown = signed(axes, image, greatest, cmap=cmap, interpolation=interpolation)
        axes.set_xlabel(name, fontsize=9)
        axes.set_ylabel("channel" if channels else "", fontsize=9)
        for set_ticks, places in ((axes.set_yticks, channels), (axes.set_xticks, channels and middles)):
            if len(places) <= 32:
                set_ticks(places, range(len(places)), fontsize=7)
        axes.tick_params(length=0, pad=3)
    count, *_, height, width = next(iter(panels.values())).shape
    drawing.suptitle(title or f"{count} filters of {height} x {width}", fontsize=11)
    scale(drawing, shown, list(below), "weight")
    return drawing


def _laid_out(w: np.ndarray, columns: int | None) -> tuple[np.ndarray, list[float], list[float]]:
    """Filters as one array, with the middles of its rows if these are channels, and of its columns."""
    if w.ndim == 4 and w.shape[1] > 1:
        return mosaic(list(np.swapaxes(w, 0, 1).reshape(-1, *w.shape[2:])), len(w))
    image, _, middles = mosaic(list(w.reshape(len(w), *w.shape[-2:])), columns or wide(len(w)))
    return image, [], middles


def _size(shape: tuple[int, ...], panels: int) -> tuple[float, float]:
    """Width and height in inches for an array of so many rows and columns, which fit a screen."""
    rows, columns = shape[:2]
    inch = min(_INCHES / panels / columns, 6 / rows, 0.09)
    return max(columns * inch, 1.5), max(rows * inch, 0.6)


def activations(
    x: Any,
    *,
    columns: int = 16,
    title: str = "",
    figsize: tuple[float, float] | None = None,
    cmap: str | None = None,
) -> Any:
    """What layers give for one image, in signed colours: a row of pictures for each layer, one for each channel.

    Args:
        x: by the name of the layer what it gives, (C, H, W) or (K,), also with an axis of length 1 before; or one such
            array.
        columns: how many channels are shown, the first ones.
        title: stands above.
        figsize: width and height in inches; cmap: colours, by matplotlib's names.

    Returns:
        A matplotlib Figure. Zero is white; a bar beside each row tells its scale.

    Raises:
        InputError: arrays of another shape, as of several images.

    >>> figure = activations({"conv": np.ones((6, 9, 9)), "scores": np.ones(10)})
    >>> [axes.get_ylabel() for axes in figure.axes[::2]]  # a scale stands beside each
    ['conv\\n6 x 9 x 9', 'scores\\n10']
    """
    layers = {name: array(a).astype(float) for name, a in (x if isinstance(x, Mapping) else {"": x}).items()}
    drawing = figure(*(figsize or (_INCHES, 0.8 * len(layers) + 0.5)))
    for row, (name, a) in enumerate(layers.items()):
        a = a[0] if a.ndim in (2, 4) and len(a) == 1 else a
        if a.ndim not in (1, 3) or not a.size:
            raise InputError(f"a layer gives (C, H, W) or (K,) for one image, not {a.shape}; of several take x[:1]")
        axes = drawing.add_subplot(len(layers), 1, row + 1, anchor="W")
        greatest = np.abs(a).max() or 1.0
        if a.ndim == 3:
            image, _, _ = mosaic([*a[:columns], *[None] * (columns - len(a))], columns)
            shown = signed(axes, image, greatest, cmap=cmap)
        else:
            shown = signed(axes, a[None], greatest, cmap=cmap, aspect="auto")
            axes.set_xticks(range(0, len(a), math.ceil(len(a) / 16)))
            axes.tick_params(length=0, pad=1, labelsize=7)
        told = f"{name}\n{' x '.join(map(str, a.shape))}".strip()
        told += f"\nthe first {columns}" * (a.ndim == 3 and len(a) > columns)
        axes.set_ylabel(told, fontsize=8, rotation=0, ha="right", va="center")
        scale(drawing, shown, axes, "")
    drawing.suptitle(title or "what each layer gives", fontsize=11)
    return drawing


def saliency(
    score: Callable[[Any], Any],
    x: Any,
    *,
    title: str = "",
    figsize: tuple[float, float] | None = None,
    cmap: str | None = None,
) -> Any:
    """What a score depends on: its gradient by each pixel, below the image (Simonyan, Vedaldi and Zisserman, "Deep
    inside convolutional networks", 2013).

    Args:
        score: a function of images that gives a number for each, such as `lambda x: model(x)[:, 3]`, in operations that
            ntb differentiates.
        x: images, (N, 1, H, W), (N, 3, H, W) or (N, H, W), of floating-point numbers from 0 to 1.
        title: stands above.
        figsize: width and height in inches; cmap: colours of the gradients, by matplotlib's names.

    Returns:
        A matplotlib Figure. A brighter pixel raises the score where it is orange and lowers it where it is blue; of
        three colours that with the greatest slope counts. Zero is white, and a bar tells the scale of all images.

    Raises:
        InputError: arrays that are no images, or bytes, which have no derivative.

    >>> figure = saliency(lambda x: np.sum(x * x, axis=(1, 2)), np.full((2, 4, 4), 0.5))
    >>> float(np.nanmax(figure.axes[1].images[0].get_array()))
    1.0
    """
    x = array(x)
    if x.dtype.kind != "f":
        raise InputError(f"a score is differentiated by floating-point numbers, not {x.dtype}: give x / 255 of bytes")
    shown = as_images(x)
    slopes = np.asarray(grad(lambda x: on_tensors.sum(score(x)))(x))
    if slopes.ndim == 4:
        steepest = np.argmax(np.abs(slopes), axis=1, keepdims=True)
        slopes = np.take_along_axis(slopes, steepest, axis=1)[:, 0]
    columns = min(len(x), 10)
    drawn = mosaic(list(shown), columns)[0], mosaic(list(slopes), columns)[0]
    width, height = max(columns * 0.9, 2.5), 0.9 * math.ceil(len(x) / columns)
    drawing = figure(*(figsize or (width + 1.2, 2 * height + 0.5)))
    above, below = drawing.subplots(2, 1)
    pixels(above, drawn[0], cmap="gray", vmin=0, vmax=1)
    slope = signed(below, drawn[1], np.abs(slopes).max() or 1.0, cmap=cmap)
    above.set_ylabel("image", fontsize=9)
    below.set_ylabel("gradient", fontsize=9)
    scale(drawing, slope, [above, below], "change of the score by a pixel")
    drawing.suptitle(title or "what the score depends on", fontsize=11)
    return drawing
