"""Normalisation of activations to mean 0 and variance 1, over the batch or over the features."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import InputError
from ...forms import block
from ...ops.stopping import stop_gradient
from ...values.creation import in_type
from ...variable import Variable
from ..checks import axes_in, broadcasts, floating, real_numbers, weak, widened


@block
def normalize(x: Any, gamma: Any, beta: Any, axes: tuple, eps: float) -> tuple:
    """Mean 0 and variance 1 over some axes, then scale and shift; gamma and beta have as many axes as x.

    Returns:
        The result, of the shape and type of x, and the mean and the variance, in which the axes have length 1; these
        two count as constants. Half precision is computed in single.

    >>> normalize(np.array([[1.0, 3.0]]), np.ones((1, 1)), np.zeros((1, 1)), (1,), 0.0)
    (array([[-1.,  1.]]), array([[2.]]), array([[1.]]))
    """
    wide = widened(x)
    count = max(math.prod([x.shape[i] for i in axes]), 1)  # of nothing the mean is 0
    mean = np.sum(wide, axis=axes, keepdims=True) / count
    var = np.sum(np.square(wide - mean), axis=axes, keepdims=True) / count
    y = (wide - mean) / np.sqrt(var + eps) * gamma + beta
    return in_type(y, x.dtype), stop_gradient(mean), stop_gradient(var)


def batch_norm(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    running_mean: Any = None,
    running_var: Any = None,
    *,
    train: bool,
    axis: int = 1,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalise each channel over the batch: `gamma * (x - mean) / sqrt(var + eps) + beta` (Ioffe and Szegedy, 2015).

    Args:
        x: any shape, real numbers of any precision; the statistics are over all axes but the channels'. Integers and
            bools are taken as floating-point numbers.
        gamma, beta: scale and shift, (C,), or None.
        running_mean, running_var: (C,): Variables, which training updates, or arrays. An empty batch has no mean, and
            leaves them as they are.
        train: whether to normalise by the batch's own mean and (biased) variance and update the running ones; otherwise
            the running ones normalise, and count as constants in the gradient.
        axis: the axis of channels: 1 for dense (N, C) and spatial (N, C, H, W), -1 for sequences (N, T, C).
        momentum: the weight of the new value in `running = (1 - momentum) * running + momentum * new`, as in PyTorch;
            the variance that is averaged is the biased one, so that a batch of one is no special case: its dense
            channels have the variance 0.
        eps: keeps a channel of variance zero finite.

    Returns:
        The shape and floating type of x, whatever the types of the others.

    Raises:
        InputError: shapes that do not fit, complex numbers, a momentum outside of [0, 1], an eps below 0.

    >>> batch_norm(np.array([[1.0], [3.0]]), train=True, eps=0.0)
    array([[-1.],
           [ 1.]])
    """
    x, gamma, beta, running_mean, running_var = checked_real(x, gamma, beta, running_mean, running_var)
    if not x.ndim or not -x.ndim <= axis < x.ndim:
        raise InputError(f"the axis of channels is {axis}, and x of shape {x.shape} has none there")
    if not (0 <= momentum <= 1 and eps >= 0):
        raise InputError(
            "momentum is the weight of a new value, from 0 to 1, and eps is not negative; "
            f"these are {momentum} and {eps}"
        )
    momentum, eps = weak(momentum), weak(eps)
    axis = axis % x.ndim
    channels = x.shape[axis]
    shape = tuple([channels if i == axis else 1 for i in range(x.ndim)])
    for name, p in (("gamma", gamma), ("beta", beta), ("running_mean", running_mean), ("running_var", running_var)):
        if p is not None and p.size != channels:
            raise InputError(
                f"{name} of shape {p.shape} does not fit x of shape {x.shape}, which has {channels} "
                f"channels on axis {axis}; make the layer for {channels} channels, or name the axis of channels"
            )
    gamma, beta = aligned(gamma, 1, x, shape), aligned(beta, 0, x, shape)
    if train:
        y, mean, var = normalize(x, gamma, beta, tuple(i for i in range(x.ndim) if i != axis), eps)
        if x.size:
            _update(running_mean, mean, momentum)
            _update(running_var, var, momentum)
        return y
    if running_mean is None or running_var is None:
        raise InputError("batch_norm with train=False needs running_mean and running_var to normalise by")
    mean, var = [np.reshape(stop_gradient(in_type(s, x.dtype)), shape) for s in (running_mean, running_var)]
    y = (widened(x) - widened(mean)) * (widened(gamma) / np.sqrt(widened(var) + eps)) + beta
    return in_type(y, x.dtype)


def _update(running: Any, new: Any, momentum: float) -> None:
    if isinstance(running, Variable):
        new = np.reshape(stop_gradient(new), running.shape)
        running.assign((1 - momentum) * running + momentum * new)


def layer_norm(
    x: Any, gamma: Any = None, beta: Any = None, *, axis: int | tuple[int, ...] | None = -1, eps: float = 1e-5
) -> Any:
    """Normalise each example over its features (Ba et al., 2016): `gamma * (x - mean) / sqrt(var + eps) + beta`.

    Args:
        x: any shape, real numbers of any precision, lengths of 0 included. Integers and bools are taken as
            floating-point numbers.
        gamma, beta: scale and shift, with the sizes of x along the normalised axes, or None.
        axis: the axes to normalise over, which are the last ones; None for all.
        eps: keeps constant features finite; not negative.

    Returns:
        The shape and floating type of x, whatever the types of the others.

    Raises:
        InputError: shapes that do not fit, complex numbers, an eps below 0.

    >>> layer_norm(np.array([[1.0, 3.0]]), eps=0.0)
    array([[-1.,  1.]])
    """
    x, gamma, beta = checked_real(x, gamma, beta)
    axes = axes_in(x, axis, "to normalise over")
    if not eps >= 0:
        raise InputError(f"eps keeps constant features finite and is not negative, as {eps} is")
    for name, p in (("gamma", gamma), ("beta", beta)):
        if p is not None and not broadcasts(p.shape, x.shape):
            raise InputError(
                f"{name} of shape {p.shape} does not fit x of shape {x.shape}; it has the sizes of the last axes of x"
            )
    y, _, _ = normalize(x, aligned(gamma, 1, x), aligned(beta, 0, x), axes, weak(eps))
    return y


def checked_real(x: Any, *parameters: Any) -> tuple:
    """x and the parameters as floating-point numbers; of complex ones the variance would be another matter."""
    return tuple([a if a is None else real_numbers(a, "what is normalised") for a in floating(x, optional=parameters)])


def aligned(parameter: Any, default: int, x: Any, shape: Any = None) -> Any:
    """A parameter with as many axes as x."""
    if parameter is None:
        return np.full([1] * x.ndim, default, x.dtype)
    parameter = in_type(parameter, x.dtype)
    return np.reshape(parameter, shape or (1,) * (x.ndim - parameter.ndim) + parameter.shape)
