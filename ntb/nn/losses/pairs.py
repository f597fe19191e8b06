"""Losses of vectors that shall lie near each other, or far apart: what is alike, and what is not."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...habits import knows_habits
from ...ops.safe import divide_or_zero
from ...ops.special import relu
from ...values.creation import in_type
from ..ranges import checked_mask
from .common import compared, option, reduced


@knows_habits
def cosine_similarity(first: Any, second: Any, *, axis: int = -1) -> Any:
    """The cosine of the angle between vectors, `a . b / (|a| |b|)`, from -1 to 1; 0 if one of them is 0.

    Args:
        first, second: of one shape, (..., D); real numbers of any precision. The vectors may lie on another axis.
        axis: that axis.

    Returns:
        (...), of the first's type.

    Raises:
        InputError: shapes differ; single numbers; an axis that is not there.

    >>> cosine_similarity(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 2.0], [3.0, 3.0]]))
    array([0., 1.])
    """
    a, b, _, dtype = compared(None, first=first, second=second, vectors=True)
    if not -a.ndim <= axis < a.ndim:
        raise InputError(f"the vectors lie on axis {axis}, which arrays of shape {a.shape} do not have")
    return in_type(_cosine(np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)), dtype)


def cosine_embedding(
    first: Any, second: Any, alike: Any, *,
    margin: float = 0.0, mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `1 - cos` of the angle between vectors that are alike, `max(0, cos - margin)` of those that are not.

    Args:
        first, second: (..., D): of one shape; real numbers of any precision.
        alike: (...): bools.
        margin: the cosine that is enough for what is not alike; from -1 to 1.
        mask, weights: bools and numbers for the pairs, (...), as in `cross_entropy`.
        reduction: "mean", "sum" or "none" (the loss of each pair).

    Returns:
        A number, or with "none" one for each pair, of the first's type.

    Raises:
        InputError: shapes that do not fit; `alike` is not of bools; a margin out of range; a mask or weights as in
            `cross_entropy`.

    >>> cosine_embedding(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 2.0], [3.0, 3.0]]), [True, False])
    np.float64(1.0)
    """
    margin = option(margin, "margin", least=-1.0, most=1.0)
    a, b, mask, dtype = compared(mask, first=first, second=second, vectors=True)
    cosine, alike = _cosine(a, b), _bools(alike, a.shape[:-1])
    return reduced(np.where(alike, 1 - cosine, relu(cosine - margin)), mask, weights, reduction, dtype)


def contrastive(
    first: Any, second: Any, alike: Any, *,
    margin: float = 1.0, mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `d^2 / 2` of vectors that are alike, `max(0, margin - d)^2 / 2` of others, d their distance.

    For two branches of one network that see two examples (Hadsell, Chopra and LeCun, 2006).

    Args:
        margin: the distance that is enough for what is not alike; 0 or more.
        first, second, alike, mask, weights, reduction: as in `cosine_embedding`: vectors (..., D) of any precision, and
            bools (...); what it returns and raises, too.

    >>> contrastive(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 2.0], [1.0, 1.5]]), [True, False], margin=2.0)
    np.float64(1.5625)
    """
    margin = option(margin, "margin")
    a, b, mask, dtype = compared(mask, first=first, second=second, vectors=True)
    d, alike = _distance(a, b), _bools(alike, a.shape[:-1])
    losses = 0.5 * np.square(np.where(alike, d, relu(margin - d)))
    return reduced(losses, mask, weights, reduction, dtype)


def triplet_margin(
    anchors: Any, positives: Any, negatives: Any, *,
    margin: float = 1.0, mask: Any = None, weights: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """The mean of `max(0, margin + |a - p| - |a - n|)`: anchors nearer to their positives than to their negatives.

    For what is to be told apart by its place, such as faces (Schroff et al., 2015), there with squared distances.

    Args:
        anchors, positives, negatives: (..., D): of one shape; real numbers of any precision.
        margin: by how much nearer; 0 or more.
        mask, weights, reduction: as in `cosine_embedding`; what it returns and raises, too.

    >>> triplet_margin(np.array([[0.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([[1.5, 0.0]]))
    np.float64(0.5)
    """
    margin = option(margin, "margin")
    arrays = {"anchors": anchors, "positives": positives, "negatives": negatives}
    a, p, n, mask, dtype = compared(mask, **arrays, vectors=True)
    return reduced(relu(margin + _distance(a, p) - _distance(a, n)), mask, weights, reduction, dtype)


def _distance(a: Any, b: Any) -> Any:
    return np.linalg.norm(a - b, axis=-1)


def _cosine(a: Any, b: Any) -> Any:
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return divide_or_zero(np.sum(a * b, axis=-1), lengths)


def _bools(alike: Any, shape: tuple[int, ...]) -> Any:
    """Which pairs are alike, in their shape; -1 and 1, as other libraries take, are refused."""
    try:
        return checked_mask(alike, shape)
    except InputError as error:
        raise InputError(f"which pairs are alike is told by bools, as targets == 1 makes them; {error}") from None
