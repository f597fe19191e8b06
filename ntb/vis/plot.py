"""What the pictures share: the way to matplotlib, plain arrays, mosaics, the look."""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError, NtbError
from ..tape.tensor import ArrayLike

PALE = "#b8bec6"
COLOURS = ("#2f6db5", "#d9772b", "#3f9142", "#a0459b")


class MissingMatplotlib(NtbError, ImportError):
    """matplotlib is not installed, or does not start."""


def figure(width: float, height: float, **options: Any) -> Any:
    """An empty Figure of so many inches, with a canvas of its own."""
    return picture_class()(figsize=(width, height), dpi=100, layout="constrained", **options)


@functools.cache
def picture_class() -> Any:
    """matplotlib's Figure, which notebooks show even if nobody has set matplotlib up for them."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingMatplotlib("pictures need matplotlib: pip install 'ntb[vis]'") from error
    except ValueError as error:  # a setting that is none, of which there are files and variables of the environment
        raise MissingMatplotlib(f"matplotlib does not start: {error} (MPLBACKEND=agg needs no window)") from error

    class Picture(Figure):
        def _repr_png_(self) -> bytes:
            stream = io.BytesIO()
            self.savefig(stream, format="png")
            return stream.getvalue()

    return Picture


def clean(axes: Any) -> Any:
    """Axes without the frame's top and right side."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return axes


def array(x: Any) -> np.ndarray:
    """The values of an array, Tensor or Variable."""
    return x.read().value if isinstance(x, ArrayLike) else np.asarray(x)


def labelled(axes: Any, x: str, y: str) -> Any:
    """Axes with the names of what is measured along them."""
    axes.set_xlabel(x, fontsize=9)
    axes.set_ylabel(y, fontsize=9)
    return axes


@functools.cache
def _signed_colours() -> Any:
    """The colours of numbers with a sign: negative ones are blue, zero is white, positive ones are orange."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = ["#0a3467", COLOURS[0], "#ffffff", COLOURS[1], "#73300a"]
    return LinearSegmentedColormap.from_list("signed", colours, N=257)  # an odd number has a middle


def as_images(x: Any) -> np.ndarray:
    """Images as matplotlib has them: (N, H, W) or (N, H, W, 3), from 0 to 1."""
    x = array(x)
    if x.ndim == 4 and x.shape[1] in (1, 3):
        x = x[:, 0] if x.shape[1] == 1 else np.moveaxis(x, 1, -1)
    elif x.ndim != 3:
        raise InputError(f"images have shape (N, 1, H, W), (N, 3, H, W) or (N, H, W), not {x.shape}")
    if not len(x):
        raise InputError(f"there are no images to show: the shape is {x.shape}; expected at least one")
    return x / 255 if x.dtype == np.uint8 else np.clip(x, 0, 1)


def class_numbers(labels: Any, classes: Sequence[str], count: int, what: str) -> np.ndarray:
    """Labels, (N,): of each of so many images or vectors the number of its class."""
    labels = array(labels)
    if labels.shape != (count,) or labels.dtype.kind not in "iu" or np.any((labels < 0) | (labels >= len(classes))):
        bounds = f" from {labels.min()} to {labels.max()}" if labels.size and labels.dtype.kind in "iu" else ""
        raise InputError(
            f"labels are integers from 0 on, one for each of {count} {what}, and each has a name in classes; these are "
            f"{labels.dtype}{list(labels.shape)}{bounds}, and there are {len(classes)} names"
        )
    return labels


def wide(count: int) -> int:
    """How many columns make a rectangle about twice as wide as high, in full rows if that can be."""
    usual = max(5, math.ceil(math.sqrt(2 * count)))
    full = [n for n in range(usual - 2, usual + 3) if count % n == 0]
    return count if count <= usual else min(full, key=lambda n: abs(n - usual), default=usual)


def mosaic(images: Sequence[np.ndarray | None], columns: int) -> tuple[np.ndarray, list[float], list[float]]:
    """Images of one size, row by row in one array, which is drawn much faster than axes for each; None is left empty.

    Returns:
        The array; the middle of each row; and the middle of each column.

    >>> mosaic([np.zeros((2, 2)), np.ones((2, 2))], columns=2)
    (array([[ 0.,  0., nan,  1.,  1.],
           [ 0.,  0., nan,  1.,  1.]]), [0.5], [0.5, 3.5])
    """
    height, width, *colours = next(image.shape for image in images if image is not None)
    gap = max(1, height // 14)
    rows = math.ceil(len(images) / columns)
    empty = 1.0 if colours else np.nan  # white
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, *colours)
    found = np.full(shape, empty)
    tops, lefts = [row * (height + gap) for row in range(rows)], [column * (width + gap) for column in range(columns)]
    for i, image in enumerate(images):
        if image is not None:
            top, left = tops[i // columns], lefts[i % columns]
            found[top : top + height, left : left + width] = image
    return found, [top + (height - 1) / 2 for top in tops], [left + (width - 1) / 2 for left in lefts]


def pixels(axes: Any, image: np.ndarray, **style: Any) -> Any:
    """Show an array as a picture, without a frame and ticks; returns what matplotlib makes of it."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return axes.imshow(image, **{"interpolation": "nearest", **style})


def signed(axes: Any, image: np.ndarray, greatest: float, **style: Any) -> Any:
    """Show numbers with a sign, so that zero is white."""
    style = {name: value for name, value in style.items() if value is not None}
    return pixels(axes, image, **{"cmap": _signed_colours(), "vmin": -greatest, "vmax": greatest, **style})


def scale(drawing: Any, shown: Any, axes: Any, name: str) -> None:
    """A bar beside some axes that tells which colour is which number."""
    bar = drawing.colorbar(shown, ax=axes, shrink=0.8, aspect=15, pad=0.02, panchor=False)
    bar.ax.tick_params(labelsize=7)
    bar.set_label(name, fontsize=8)
    bar.outline.set_visible(False)
