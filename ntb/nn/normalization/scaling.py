"""Normalisation that subtracts no mean and only scales: by the root of the mean square, the length, the neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...values.creation import in_type
from ..checks import axes_in, broadcasts, floating, weak, whole_number, widened
from .normalize import aligned, checked_real


def rms_norm(x: Any, gamma: Any = None, *, axis: int | tuple[int, ...] | None = -1, eps: float = 1e-6) -> Any:
    """Divide by the root of the mean square (Zhang and Sennrich, 2019): `gamma * x / sqrt(mean(x^2) + eps)`.

    It does what `layer_norm` does for transformers, with one pass less.

    Args:
        x: any shape, real numbers of any precision, lengths of 0 included. Integers and bools are taken as
            floating-point numbers.
        gamma: the scale, with the sizes of x along the normalised axes, or None.
        axis: the axes of the mean, which are the last ones; None for all.
        eps: keeps zeros finite; not negative.

    Returns:
        The shape and floating type of x, whatever the type of gamma.

    Raises:
        InputError: shapes that do not fit, complex numbers, an eps below 0.

    >>> rms_norm(np.array([[3.0, 4.0, 0.0, 0.0]]), eps=0.0)
    array([[1.2, 1.6, 0. , 0. ]])
    """
    x, gamma = checked_real(x, gamma)
    axes = axes_in(x, axis, "to normalise over")
    if not eps >= 0 or not (gamma is None or broadcasts(gamma.shape, x.shape)):
        raise InputError(
            "rms_norm takes a gamma of the sizes of the last axes of x, and an eps that is not negative; not gamma of "
            f"shape {None if gamma is None else gamma.shape} for x of shape {x.shape}, and eps={eps}"
        )
    wide = widened(x)
    mean_square = np.mean(np.square(wide), axis=axes, keepdims=True) if x.size else 0
    return in_type(wide / np.sqrt(mean_square + weak(eps)) * aligned(gamma, 1, x), x.dtype)


def unit_norm(x: Any, axis: int = -1, *, eps: float = 1e-12) -> Any:
    """Vectors of length 1, as cosine similarities compare them: `x / max(|x|, eps)`.

    Args:
        x: any shape, real or complex numbers of any precision. Integers and bools are taken as float64.
        axis: along which the vectors lie; any length may be 0.
        eps: the least length by which is divided, so that zeros stay zeros.

    Returns:
        The shape and floating type of x.

    Raises:
        InputError: a single number, an axis that x has not.

    >>> unit_norm(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    (x,) = floating(x)
    (along,) = axes_in(x, axis, "of vectors")
    wide = widened(x)
    return in_type(wide / np.maximum(np.linalg.norm(wide, axis=along, keepdims=True), weak(eps)), x.dtype)


def local_response_norm(x: Any, size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Divide each number by those of the neighbouring channels at its place (Krizhevsky et al., "AlexNet", 2012):

        y = x / (k + alpha * mean of x^2 over `size` channels around) ^ beta

    Today's models use batch or group norm in its place.

    Args:
        x: (N, C, *space), real numbers of any precision; any axis may be 0. Integers and bools are taken as float64.
        size: how many channels count, `size // 2` of them before; beyond the first and last one there are zeros.
        alpha, beta, k: as in the formula, and as in PyTorch; the paper has the sum in the place of the mean.

    Returns:
        The shape and floating type of x.

    Raises:
        InputError: an x without channels, complex numbers, a size below 1.

    >>> local_response_norm(np.array([[[3.0], [0.0]]]), 1, alpha=1.0, beta=0.5, k=7.0).ravel()
    array([0.75, 0.  ])
    """
    (x,) = checked_real(x)
    before = whole_number(size, "size") // 2
    if x.ndim < 2:
        raise InputError(f"local_response_norm takes x of shape (N, C, *space), not {x.shape}")
    wide = widened(x)
    squares = np.pad(np.square(wide), ((0, 0), (before, size - 1 - before), *[(0, 0)] * (x.ndim - 2)))
    total = sum(squares[:, i : i + x.shape[1]] for i in range(size))
    return in_type(wide / (weak(k) + total * (weak(alpha) / size)) ** weak(beta), x.dtype)
