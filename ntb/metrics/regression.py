"""Errors of numbers: their squares, their sizes, and how much of the variance is explained."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InputError
from ..nn.checks import of_shape
from .examples import compared, counted, plain
from .means import Averaged
from .metric import Metric, measured


class MSE(Averaged):
    """The mean of the squared errors over all elements.

    Of real numbers of any type and shape.

    >>> m = MSE()
    >>> m.update(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    >>> m.result()
    2.0
    """

    def update(self, predictions: Any, targets: Any, *, mask: Any = None) -> None:
        """Add a batch: predictions, targets and a mask of bools, of one shape: which elements count."""
        x, t = compared(predictions, targets, mask)
        self.add(np.square(np.subtract(x, t, dtype=float)))


class RMSE(MSE):
    """The root of the mean of the squared errors over all elements, in the unit of the targets.

    Of real numbers of any type and shape.

    >>> m = RMSE()
    >>> m.update(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    >>> m.result()
    1.4142135623730951
    """

    def result(self) -> float:
        """The metric of all examples since the last reset."""
        return math.sqrt(super().result())


class MAE(Averaged):
    """The mean of the absolute errors over all elements.

    Of real numbers of any type and shape.

    >>> m = MAE()
    >>> m.update(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    >>> m.result()
    1.0
    """

    def update(self, predictions: Any, targets: Any, *, mask: Any = None) -> None:
        """Add a batch: predictions, targets and a mask of bools, of one shape: which elements count."""
        x, t = compared(predictions, targets, mask)
        self.add(np.abs(np.subtract(x, t, dtype=float)))


def mse(predictions: Any, targets: Any, *, mask: Any = None) -> float:
    """The mean of the squared errors over all elements, in double precision. `nn.mse` is the loss.

    Args:
        predictions, targets: of one shape, any; real numbers of any type.
        mask: bools of that shape: which elements count.

    Returns:
        A float; 0 without any element.

    Raises:
        InputError: shapes differ; a mask that is not of bools.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    return measured(MSE(), predictions, targets, mask=mask)


def rmse(predictions: Any, targets: Any, *, mask: Any = None) -> float:
    """The root of the mean of the squared errors over all elements, in the unit of the targets.

    Shapes, types, `mask`, what it returns and raises are as for `mse`.

    >>> rmse([1.0, 2.0], [1.0, 4.0])
    1.4142135623730951
    """
    return measured(RMSE(), predictions, targets, mask=mask)


def mae(predictions: Any, targets: Any, *, mask: Any = None) -> float:
    """The mean of the absolute errors over all elements, in double precision. `nn.mae` is the loss.

    Shapes, types, `mask`, what it returns and raises are as for `mse`.

    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    return measured(MAE(), predictions, targets, mask=mask)


class R2(Metric):
    """How much of the targets' variance is explained: 1 - (sum of squared errors) / (sum of squared deviations).

    The mean of the targets is not known before the last batch. So each batch has a mean and deviations of its own,
    which are merged without loss of digits (Chan, Golub and LeVeque, 1979). Shapes and types are as for `r2`.

    >>> m = R2()
    >>> m.update([1.0, 2.0], [1.0, 3.0])
    >>> m.update([5.0], [5.0])
    >>> m.result()
    0.875
    """

    def first(self) -> dict[str, np.ndarray]:
        zero = np.array(0.0)
        return {"count": np.array(0), "mean": zero, "deviations": zero, "errors": zero}

    def update(self, predictions: Any, targets: Any, *, mask: Any = None) -> None:
        """Add a batch: predictions and targets (N,) or (N, D); a mask of bools (N,): which rows count."""
        x, t = plain(predictions, "predictions"), plain(targets, "targets")
        of_shape(x.shape, t)
        if t.ndim not in (1, 2):
            raise InputError(f"predictions and targets are (N,) or (N, D), not {t.shape}; np.reshape makes them so")
        keep = counted(mask, t.shape[:1])
        x, t = x[keep].astype(float), t[keep].astype(float)
        if not len(t):
            return
        n, new = self.sums["count"], len(t)
        mean = np.mean(t, axis=0)
        step = mean - self.sums["mean"]
        deviations = np.sum(np.square(t - mean), axis=0) + np.square(step) * n * new / (n + new)
        self.sums = {
            "count": n + new,
            "mean": self.sums["mean"] + step * new / (n + new),
            "deviations": self.sums["deviations"] + deviations,
            "errors": self.sums["errors"] + np.sum(np.square(t - x), axis=0),
        }

    def result(self) -> float:
        """The metric of all rows since the last reset; the mean over the columns.

        Raises:
            InputError: there are fewer than two rows, which have no variance.
        """
        if self.sums["count"] < 2:
            raise InputError(f"R2 is that of two rows or more, which have a variance; there are {self.sums['count']}")
        errors, deviations = self.sums["errors"], self.sums["deviations"]
        of_constants = np.where(errors == 0, 1.0, 0.0)
        explained = 1 - errors / np.where(deviations == 0, 1.0, deviations)
        explained = np.where(deviations == 0, of_constants, explained)
        return float(np.sum(explained) / max(explained.size, 1))


def r2(predictions: Any, targets: Any, *, mask: Any = None) -> float:
    """How much of the targets' variance is explained: 1 - (sum of squared errors) / (sum of squared deviations).

    Args:
        predictions, targets: (N,) or (N, D); real numbers of any type. Of several columns it is the mean.
        mask: bools (N,): which rows count.

    Returns:
        A float, 1 at most. Targets that are all the same give 1 if they are met, else 0.

    Raises:
        InputError: shapes that do not fit; fewer than two rows; a mask that is not of bools.

    >>> r2([1.0, 2.0, 5.0], [1.0, 3.0, 5.0])
    0.875
    """
    return measured(R2(), predictions, targets, mask=mask)
