"""Losses of regression: how far numbers are from their targets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ..checks import weak
from .common import compared, reduced, squares


def mse(predictions: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The mean of the squared errors over all elements, `mean(|predictions - targets|^2)`.

    Args:
        predictions, targets: of one shape, any; real or complex numbers of any type.
        mask: bools of that shape: which elements count. What the others hold does not matter.
        weights: numbers of that shape; the mean is `sum(weights * losses) / sum(weights)`, for which they must not be
            negative.
        reduction: "mean", "sum" or "none" (the squared error of each element).

    Returns:
        A number, or with "none" an array of that shape; real, of the predictions' precision.

    Raises:
        InputError: shapes differ: (N,) and (N, 1) would make N x N errors; a mask that is not of bools; a weight that
            is negative or NaN.

    >>> mse(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    2.0
    """
    x, t, mask, dtype = compared(mask, predictions=predictions, targets=targets, also_complex=True)
    return reduced(squares(x - t), mask, weights, reduction, dtype)


def mae(predictions: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The mean of the absolute errors over all elements, `mean(|predictions - targets|)`.

    Shapes, types, `mask`, `weights`, `reduction`, what it returns and raises are as for `mse`.

    >>> mae(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    1.0
    """
    x, t, mask, dtype = compared(mask, predictions=predictions, targets=targets, also_complex=True)
    return reduced(np.abs(x - t), mask, weights, reduction, dtype)


def huber(
    predictions: Any, targets: Any, *,
    delta: float = 1.0, mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `d^2 / 2` for errors d up to delta, of `delta * (|d| - delta / 2)` beyond (Huber, 1964).

    Shapes, types, `mask`, `weights`, `reduction`, what it returns and raises are as for `mse`.

    Args:
        delta: up to which size errors are squared; not negative, else an InputError.

    >>> huber(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.125, 2.5  ])
    """
    if not delta >= 0:
        raise InputError(f"delta, up to which errors are squared, is not negative, as {delta} is")
    delta = weak(delta)
    x, t, mask, dtype = compared(mask, predictions=predictions, targets=targets, also_complex=True)
    error = x - t
    if error.dtype.kind == "c":
        error = np.abs(error)
    near = np.clip(error, -delta, delta)
    return reduced(near * (error - 0.5 * near), mask, weights, reduction, dtype)


def smooth_l1(
    predictions: Any, targets: Any, *,
    beta: float = 1.0, mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `d^2 / (2 beta)` for errors d up to beta, of `|d| - beta / 2` beyond (Girshick, "Fast R-CNN", 2015).

    It is `huber` divided by its delta, so that the slope of large errors is 1 whatever beta is.
    Shapes, types, `mask`, `weights`, `reduction`, what it returns and raises are as for `mse`.

    Args:
        beta: up to which size errors are squared; above 0, else an InputError. The limit at 0 is `mae`.

    >>> smooth_l1(np.array([0.5, 3.0]), np.array([0.0, 0.0]), beta=2.0, reduction="none")
    array([0.0625, 2.    ])
    """
    if not beta > 0:
        raise InputError(f"beta, up to which errors are squared, is above 0, not {beta}; nn.mae squares none")
    losses = huber(predictions, targets, delta=beta, mask=mask, weights=weights, reduction=reduction)
    return losses / weak(beta)


def log_cosh(predictions: Any, targets: Any, *, mask: Any = None, weights: Any = None, reduction: str = "mean") -> Any:
    """The mean of `log(cosh(d))` of the errors d: about `d^2 / 2` for small ones, `|d| - log 2` for large ones.

    Real numbers of any precision and shape; `mask`, `weights`, `reduction`, what it returns and raises as for `mse`.

    >>> log_cosh(np.array([0.5, 3.0]), np.array([0.0, 0.0]), reduction="none")
    array([0.12011451, 2.3093285 ])
    """
    x, t, mask, dtype = compared(mask, predictions=predictions, targets=targets)
    error = x - t
    losses = np.logaddexp(error, -error) - math.log(2)
    return reduced(losses, mask, weights, reduction, dtype)
