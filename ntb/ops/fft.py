"""Derivatives of Fourier transforms.

A transform is a symmetric matrix, and rules multiply by its transpose: the gradient of a transform is the transform of
the gradient, in the same direction and with the same norm. (Users get the inverse transform, since tapes conjugate
gradients on the way in and out.) Real transforms leave out half of the spectrum, the conjugate of the other half: the
frequencies in between count twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tape.rules import define, derivative

_SWAPPED = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}
"""For each norm, the norm that scales the transform in the other direction in the same way."""


def _fitted(g: Any, n: int, axis: int) -> Any:
    """The first `n` elements along an axis, with zeros after the last: the gradient of a padded or cropped array."""
    have = g.shape[axis]
    if n <= have:
        return g if n == have else g[(slice(None),) * (axis % g.ndim) + (slice(0, n),)]
    return np.pad(g, [(0, n - have if i == axis % g.ndim else 0) for i in range(g.ndim)])


def _weighted(g: Any, n: int, axis: int, between: float) -> Any:
    """The half spectrum of `n` real numbers, with a weight for the frequencies that stand for two."""
    weights = np.ones(n // 2 + 1, np.finfo(g.dtype).dtype)
    weights[1 : (n + 1) // 2] = between
    return g * np.reshape(weights, [-1 if i == axis % g.ndim else 1 for i in range(g.ndim)])


def _rule_of(transform: Any) -> Any:
    return lambda g, _y, _a, n=None, axis=-1, norm=None: _fitted(transform(g, None, axis, norm), _a.shape[axis], axis)


def _rfft_rule(g, _y, _a, n=None, axis=-1, norm=None):
    n = _a.shape[axis] if n is None else n
    return _fitted(np.fft.hfft(_weighted(g, n, axis, 0.5), n, axis, norm), _a.shape[axis], axis)


def _irfft_rule(g, _y, _a, n=None, axis=-1, norm=None):
    spectrum = np.fft.ihfft(g, None, axis, norm)
    return _fitted(_weighted(spectrum, g.shape[axis], axis, 2), _a.shape[axis], axis)


derivative(np.fft.fft, _rule_of(np.fft.fft))
derivative(np.fft.ifft, _rule_of(np.fft.ifft))
derivative(np.fft.rfft, _rfft_rule)
derivative(np.fft.irfft, _irfft_rule)


@define(np.fft.hfft)
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    return np.fft.irfft(np.conjugate(a), n, axis, _SWAPPED.get(norm, norm))


@define(np.fft.ihfft)
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    return np.conjugate(np.fft.rfft(a, n, axis, _SWAPPED.get(norm, norm)))


# --- along several axes, one after the other


def _sizes(a: Any, s: Any, axes: Any) -> list[tuple[Any, int]]:
    """Size and axis of each transform; the size is None where the array's own is meant."""
    axes = range(-len(np.shape(a) if s is None else s), 0) if axes is None else axes
    s = [None] * len(axes) if s is None else [np.shape(a)[i] if n == -1 else n for n, i in zip(s, axes, strict=True)]
    return list(zip(s, axes, strict=True))


def _enter_several(function: Any, transform: Any) -> None:
    @define(function)
    def transformed(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
        for n, axis in reversed(_sizes(a, s, axes)):
            a = transform(a, n, axis, norm)
        return a


_enter_several(np.fft.fftn, np.fft.fft)
_enter_several(np.fft.ifftn, np.fft.ifft)


@define(np.fft.rfftn)
def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    *others, (n, axis) = _sizes(a, s, axes)
    a = np.fft.rfft(a, n, axis, norm)
    for n, axis in reversed(others):
        a = np.fft.fft(a, n, axis, norm)
    return a


@define(np.fft.irfftn)
def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    *others, (last, last_axis) = _sizes(a, s, axes)
    for n, axis in others:
        a = np.fft.ifft(a, n, axis, norm)
    return np.fft.irfft(a, last, last_axis, norm)


def _enter_two(function: Any, several: Any) -> None:
    """Enter a transform along two axes, by default the last."""

    @define(function)
    def transformed(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None) -> Any:
        return several(a, s, axes, norm)


_enter_two(np.fft.fft2, np.fft.fftn)
_enter_two(np.fft.ifft2, np.fft.ifftn)
_enter_two(np.fft.rfft2, np.fft.rfftn)
_enter_two(np.fft.irfft2, np.fft.irfftn)


def _middle(x: Any, axes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Half the length of each axis, and these axes."""
    axes = tuple(range(np.ndim(x))) if axes is None else (axes,) if np.ndim(axes) == 0 else tuple(axes)
    return tuple(np.shape(x)[i] // 2 for i in axes), axes


@define(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    return np.roll(x, *_middle(x, axes))


@define(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    shift, axes = _middle(x, axes)
    return np.roll(x, tuple(-k for k in shift), axes)
