"""Images that are mixed, together with their labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError, describe
from ...nn.checks import as_array
from .images import as_floats, checked, each, like


def mixup(x: Any, labels: Any, rng: np.random.Generator, alpha: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Mix each image with another of the batch, and their labels in the same proportion: `m * x + (1 - m) * other`, m
    drawn from Beta(alpha, alpha) (Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk minimization",
    2018).

    Args:
        x: images (N, C, H, W).
        labels: probabilities (N, classes) as floating-point numbers, which `nn.one_hot` makes of numbers of classes;
            losses take such labels, too.
        alpha: greater than 0; the smaller, the more often m is near 0 or 1.

    Returns:
        Images and labels, in their shapes and types.

    Raises:
        InputError: no images; labels that are no floating-point numbers, or not as many; an alpha of 0 or less.

    >>> x, labels = np.array([0.0, 1.0]).reshape(2, 1, 1, 1), np.eye(2)
    >>> mixed, shares = mixup(x, labels, np.random.default_rng(3), alpha=1)
    >>> bool(np.allclose(mixed[:, 0, 0, 0], shares[:, 1]))
    True
    """
    x, labels = checked(x, rng), np.asarray(as_array(labels, "labels"))
    if labels.dtype.kind != "f" or labels.shape[:1] != x.shape[:1]:
        raise InputError(
            f"labels are mixed as probabilities (N, classes), one row for each of {len(x)} images, not as "
            f"{describe(labels)}; nn.one_hot(labels, 10) makes them of numbers of classes"
        )
    if not alpha > 0:
        raise InputError(f"the alpha of mixup is greater than 0, not {alpha}")
    share, other = rng.beta(alpha, alpha, len(x)), rng.permutation(len(x))

    def mixed(a: np.ndarray, share: np.ndarray) -> np.ndarray:
        return share * a + (1 - share) * a[other]

    floats = as_floats(x)
    of_labels = share.reshape(-1, *[1] * (labels.ndim - 1)).astype(labels.dtype)
    return like(mixed(floats, each(share).astype(floats.dtype)), x), mixed(labels, of_labels)
