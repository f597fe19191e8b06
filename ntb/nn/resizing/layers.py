"""Layers that change the size of images: by interpolation, by pixels from channels, by borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import InputError
from ..checks import as_array
from ..convolution.windowing import Size, explicit_padding
from ..module import Module
from .interpolate import interpolate
from .pixels import pixel_shuffle, pixel_unshuffle


class Upsample(Module):
    """`ntb.nn.interpolate` as a layer: larger images without Variables, often before a convolution, as in U-Nets.

    Args:
        scale: how many times as large the images become: a whole number, or one per axis of space.
        size: in the place of the scale, the size itself.
        mode, align_corners: as in `ntb.nn.interpolate`.

    Shapes:
        (N, C, ...) -> (N, C, ...): numbers of any type, which "nearest" keeps.

    Raises:
        InputError: called, as `ntb.nn.interpolate`.

    >>> Upsample(2)(np.ones((1, 3, 4, 5))).shape
    (1, 3, 8, 10)
    """

    def __init__(
        self, scale: Size | None = None, *, size: Size | None = None, mode: str = "nearest", align_corners: bool = False
    ) -> None:
        self.options: dict[str, Any] = {"size": size, "scale": scale, "mode": mode, "align_corners": align_corners}

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, ...) -> (N, C, ...) of another size. `train` makes no difference."""
        return interpolate(x, **self.options)

    def describe(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.options.items() if value)


class PixelShuffle(Module):
    """`ntb.nn.pixel_shuffle` as a layer: larger images from more channels, as in models of super-resolution.

    Args:
        factor: how many times as high and wide the images become.

    Shapes:
        (N, C, H, W) -> (N, D, down, across): numbers of any type, which the result keeps.

    Raises:
        InputError: called, with an x that is no images, or whose channels are not divided by factor * factor.

    >>> PixelShuffle(2)(np.ones((1, 12, 4, 5))).shape
    (1, 3, 8, 10)
    """

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, D, down, across). `train` makes no difference."""
        return pixel_shuffle(x, self.factor)

    def describe(self) -> str:
        return f"{self.factor}"


class PixelUnshuffle(Module):
    """`ntb.nn.pixel_unshuffle` as a layer: smaller images of more channels, which loses nothing as a stride does.

    Args:
        factor: by which height and width are divided.

    Shapes:
        (N, C, H, W) -> (N, D, down, across): numbers of any type, which the result keeps.

    Raises:
        InputError: called, with an x that is no images, or whose height or width factor does not divide.

    >>> PixelUnshuffle(2)(np.ones((1, 3, 8, 10))).shape
    (1, 12, 4, 5)
    """

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, H, W) -> (N, D, down, across). `train` makes no difference."""
        return pixel_unshuffle(x, self.factor)

    def describe(self) -> str:
        return f"{self.factor}"


_IN_NUMPY: dict[str, Any] = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""What np.pad calls the borders."""


class Pad(Module):
    """A border around sequences, images or volumes, made by `np.pad`; before a convolution without padding, say.

    Args:
        padding: how wide it is: an int, an int per axis of space, or a pair (before, after) per axis.
        mode: of what it is made: "zeros"; "reflect", the elements next to the edge, mirrored; "replicate", the element
            at the edge; "circular", the elements at the other side.

    Shapes:
        (N, C, ...) -> (N, C, ...): numbers of any type, which the result keeps.

    Raises:
        InputError: a mode that is not known; called, with an x without axes of space, a negative padding, or nothing
            that could be mirrored or repeated.

    >>> Pad(1, "reflect")(np.array([[[1.0, 2.0, 3.0]]]))
    array([[[2., 1., 2., 3., 2.]]])
    """

    def __init__(self, padding: int | Sequence[Any], mode: str = "zeros") -> None:
        if mode not in _IN_NUMPY:
            raise InputError(f"mode is one of {', '.join(_IN_NUMPY)}, not {mode!r}")
        self.padding, self.mode = padding, mode

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, C, ...) -> (N, C, ...) with a border. `train` makes no difference."""
        x = as_array(x)
        borders = explicit_padding(self.padding, x.ndim - 2)
        if x.ndim < 3 or any(min(border) < 0 for border in borders) or not (self.mode == "zeros" or all(x.shape[2:])):
            raise InputError(
                f"Pad takes x of shape (N, C, *space), with elements to make the border of, and a padding of 0 or "
                f"more; not {x.shape} and {self.padding}"
            )
        return np.pad(x, ((0, 0), (0, 0), *borders), mode=_IN_NUMPY[self.mode])

    def describe(self) -> str:
        return f"{self.padding}, {self.mode}"
