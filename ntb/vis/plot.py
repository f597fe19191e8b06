"""What the pictures share: the way to matplotlib, plain arrays, grids of axes, the look."""

from __future__ import annotations

import functools
import io
from typing import Any

import numpy as np

from ..errors import NtbError
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
