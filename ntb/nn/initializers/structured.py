"""Initializers that are matrices of a special kind: orthogonal ones, identities, sparse ones; and stacks of any."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ..checks import checked_shape, floating_type, whole_number
from .basic import Initializer, Shape, normal


def orthogonal(shape: Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32) -> Any:
    """Rows or columns, whichever are fewer, orthonormal, times gain (Saxe, McClelland and Ganguli, 2014).

    All axes but the first are taken as one.

    >>> w = orthogonal((4, 2), rng=random.generator(0), dtype=float)
    >>> np.round(w.T @ w, 6) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    shape, dtype = checked_shape(shape), floating_type(dtype)
    if not gain >= 0:
        raise InputError(f"gain scales the weights and is not negative, as {gain} is")
    if len(shape) < 2:
        raise InputError(f"an orthogonal weight has at least two axes, not the shape {shape}")
    rows, columns = shape[0], math.prod(shape[1:])
    a = normal((max(rows, columns), min(rows, columns)), rng=rng, dtype=float)
    q, r = np.linalg.qr(a)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # else the distribution would not be uniform
    return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)


def identity(shape: Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32) -> Any:
    """A matrix with `gain` on its diagonal and zeros elsewhere, so that a dense layer passes on what it is given.

    The shape has two axes, of any lengths.

    >>> identity((2, 3))
    array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    """
    shape = checked_shape(shape)
    if len(shape) != 2:
        raise InputError(f"an identity has two axes, not the shape {shape}; dirac is for filters")
    return (gain * np.eye(*shape)).astype(floating_type(dtype))


def dirac(shape: Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32) -> Any:
    """Filters (F, C, *kernel) that pass on the channel of their own number: `gain` in the middle of its kernel, zeros
    elsewhere.

    >>> dirac((1, 1, 3))
    array([[[0., 1., 0.]]], dtype=float32)
    """
    return _in_the_middle(identity, shape, gain, rng, dtype)


def delta_orthogonal(
    shape: Shape, gain: float = 1.0, *, rng: random.Generator | None = None, dtype: Any = np.float32
) -> Any:
    """Filters (F, C, *kernel) with an orthogonal matrix in the middle of the kernel and zeros elsewhere, which let very
    deep plain networks train (Xiao et al., 2018); of the type `dtype`.

    >>> delta_orthogonal((4, 2, 3, 3)).shape
    (4, 2, 3, 3)
    """
    return _in_the_middle(orthogonal, shape, gain, rng, dtype)


def _in_the_middle(matrix: Initializer, shape: Any, gain: float, rng: Any, dtype: Any) -> Any:
    """A matrix (F, C) in the middle of kernels, zeros elsewhere."""
    shape = checked_shape(shape)
    if len(shape) < 3 or 0 in shape[2:]:
        raise InputError(f"filters have the shape (F, C, *kernel), not {shape}")
    weight = np.zeros(shape, floating_type(dtype))
    weight[(..., *[n // 2 for n in shape[2:]])] = matrix(shape[:2], gain, rng=rng, dtype=dtype)
    return weight


def sparse(
    shape: Shape,
    sparsity: float = 0.9,
    std: float = 0.01,
    *,
    rng: random.Generator | None = None,
    dtype: Any = np.float32,
) -> Any:
    """A dense weight (in, out) in which each output has only a part 1 - sparsity of its inputs, chosen at random, with
    normally distributed weights, of the type `dtype` (Martens, 2010).

    >>> int(np.sum(sparse((10, 3), 0.8) != 0))
    6
    """
    shape = checked_shape(shape)
    if len(shape) != 2 or not 0 <= sparsity <= 1:
        raise InputError(f"sparse takes a shape (in, out) and a part from 0 to 1, not {shape} and {sparsity}")
    rng = rng or random.default()
    weight = np.array(normal(shape, 0.0, std, rng=rng, dtype=dtype))
    for column in weight.T:
        column[rng.permutation(shape[0])[: math.ceil(sparsity * shape[0])]] = 0
    return weight


def stacked(initializer: Initializer) -> Initializer:
    """The initializer for each of several weights that one array holds along its first axis, as (3, D, D) holds those
    of queries, keys and values: arrays of any shape and type that it makes.

    >>> stacked(identity)((3, 2, 2)).shape
    (3, 2, 2)
    """

    @functools.wraps(initializer)
    def each(shape: Shape, *args: Any, **options: Any) -> Any:
        count, *rest = checked_shape(shape)
        return np.stack([initializer(tuple(rest), *args, **options) for _ in range(whole_number(count, "a stack"))])

    return each
