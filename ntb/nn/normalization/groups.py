"""Normalisation of each example by itself, over groups of its channels and over all of its space."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...habits import knows_habits
from ..checks import weak, whole_number
from .normalize import aligned, checked_real, normalize


@knows_habits
def group_norm(x: Any, groups: int, gamma: Any = None, beta: Any = None, *, eps: float = 1e-5) -> Any:
    """Normalise each group of channels of an example (Wu and He, 2018): `gamma * (x - mean) / sqrt(var + eps) + beta`.

    No statistics of the batch are taken, so that training and evaluation are the same, and batches may be small.

    Args:
        x: (N, C, *space), real numbers of any precision; any axis may be 0. Integers and bools are taken as
            floating-point numbers.
        groups: how many there are; neighbouring channels form a group. With one it is a layer norm of channels and
            space, with C an instance norm.
        gamma, beta: scale and shift of each channel, (C,), or None.
        eps: keeps constant groups finite; not negative.

    Returns:
        The shape and floating type of x, whatever the types of the others.

    Raises:
        InputError: groups that do not divide the channels, shapes that do not fit, complex numbers, an eps below 0.

    >>> group_norm(np.array([[[1.0], [3.0], [10.0], [30.0]]]), 2, eps=0.0).ravel()
    array([-1.,  1., -1.,  1.])
    """
    x, gamma, beta = checked_real(x, gamma, beta)
    if x.ndim < 2 or x.shape[1] % whole_number(groups, "groups"):
        raise InputError(f"group_norm takes x (N, C, *space) whose channels {groups} groups divide, not {x.shape}")
    if not eps >= 0:
        raise InputError(f"eps keeps constant groups finite and is not negative, as {eps} is")
    channels = groups, x.shape[1] // groups
    for name, p in (("gamma", gamma), ("beta", beta)):
        if p is not None and p.shape != x.shape[1:2]:
            raise InputError(
                f"{name} of shape {p.shape} does not fit x of shape {x.shape}; it has a number per channel"
            )
    grouped = np.reshape(x, (len(x), *channels, *x.shape[2:]))
    scale, shift = [
        aligned(p, default, grouped, (1, *channels, *[1] * (x.ndim - 2))) for p, default in ((gamma, 1), (beta, 0))
    ]
    y, _, _ = normalize(grouped, scale, shift, tuple(range(2, grouped.ndim)), weak(eps))
    return np.reshape(y, x.shape)


def instance_norm(x: Any, gamma: Any = None, beta: Any = None, *, eps: float = 1e-5) -> Any:
    """Normalise each channel of each example over its space (Ulyanov, Vedaldi and Lempitsky, 2016): `group_norm` with a
    group for each channel, which takes away an image's contrast.

    Args:
        x: (N, C, *space), real numbers of any precision; any axis may be 0.
        gamma, beta: scale and shift of each channel, (C,), or None.
        eps: keeps constant channels finite; not negative.

    Returns:
        The shape and floating type of x, whatever the types of the others.

    Raises:
        InputError: as for `group_norm`.

    >>> instance_norm(np.array([[[1.0, 3.0], [10.0, 30.0]]]), eps=0.0)
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    (x,) = checked_real(x)
    if x.ndim < 2:
        raise InputError(f"instance_norm takes x of shape (N, C, *space), not {x.shape}")
    return group_norm(x, max(x.shape[1], 1), gamma, beta, eps=eps)
