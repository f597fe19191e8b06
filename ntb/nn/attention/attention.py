"""Attention (Vaswani et al., "Attention is all you need", 2017)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...habits import knows_habits
from ...ops.scores import softmax
from ...values.creation import in_type
from ..checks import broadcasts, contained, floating, real_numbers, whole_number, widened
from ..dropout import dropout as drop
from ..linear import linear


@knows_habits
def scaled_dot_product_attention(
    q: Any,
    k: Any,
    v: Any,
    *,
    causal: bool = False,
    mask: Any = None,
    dropout: float = 0.0,
    rng: random.Generator | None = None,
) -> Any:
    """Means of the values, weighted by how well their keys fit each query: `softmax(q @ k.T / sqrt(D)) @ v`.

    Args:
        q: queries, (..., T, D).
        k: keys, (..., S, D).
        v: values, (..., S, E).
        causal: a query sees no key after its own place; the last query is at the place of the last key.
        mask: which keys a query sees: bools that broadcast to (..., T, S), or floating-point numbers that are added to
            the scores. A query that sees none gets zeros.
        dropout: the probability that a weight is dropped, in training; 0 otherwise.
        rng: the generator that draws which; by default the one that `ntb.random.seed` seeds.

    All are real numbers of any precision; integers are taken as floating-point numbers. Any length may be 0.

    Returns:
        (..., T, E), of the common floating type of q, k and v.

    Raises:
        InputError: shapes that do not fit; a mask of integers, which could be meant either way.

    >>> q = k = np.zeros((2, 1))
    >>> scaled_dot_product_attention(q, k, np.array([[1.0], [3.0]]), causal=True)
    array([[1.],
           [2.]])
    """
    q, k, v = (real_numbers(a, "queries, keys and values") for a in floating(q, k, v))
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise InputError(
            "attention takes queries (..., T, D), keys (..., S, D) and values (..., S, E); "
            f"these have shapes {q.shape}, {k.shape} and {v.shape}"
        )
    dtype = np.result_type(q.dtype, k.dtype, v.dtype)
    _leading(q.shape, k.shape, v.shape)
    weights = weights_of_values(q, k, causal, mask)
    if dropout:
        weights = drop(weights, dropout, rng=rng)
    return in_type(np.matmul(weights, widened(v)), dtype)


def weights_of_values(q: Any, k: Any, causal: bool, mask: Any) -> Any:
    """softmax(q @ k.T / sqrt(D)): how much each query takes of each value, (..., T, S)."""
    q, k = widened(q), widened(k)  # among many keys each weight is small
    q = q * (1 / math.sqrt(max(q.shape[-1], 1)))  # it has fewer numbers than the scores
    return softmax(_masked(np.matmul(q, np.swapaxes(k, -1, -2)), causal, mask))


def additive_attention(q: Any, k: Any, v: Any, scale: Any, *, causal: bool = False, mask: Any = None) -> Any:
    """Means of the values, weighted by a small network of query and key: `softmax(scale @ tanh(q + k)) @ v` (Bahdanau,
    Cho and Bengio, "Neural machine translation by jointly learning to align and translate", 2015).

    Args:
        q: queries, (..., T, D), already multiplied by their weights.
        k: keys, (..., S, D), likewise.
        v: values, (..., S, E).
        scale: (D,), the weights of the network's output.
        causal, mask: as in `scaled_dot_product_attention`.

    All are real numbers of any precision; integers are taken as floating-point numbers. Any length may be 0.

    Returns:
        (..., T, E), of the common floating type.

    Raises:
        InputError: shapes that do not fit; a mask of integers, which could be meant either way.

    >>> q = k = np.zeros((2, 1))
    >>> additive_attention(q, k, np.array([[1.0], [3.0]]), np.ones(1))
    array([[2.],
           [2.]])
    """
    q, k, v, scale = (real_numbers(a, "queries, keys, values and scale") for a in floating(q, k, v, scale))
    if min(q.ndim, k.ndim, v.ndim) < 2 or not q.shape[-1:] == k.shape[-1:] == scale.shape or k.shape[-2] != v.shape[-2]:
        raise InputError(
            "additive attention takes queries (..., T, D), keys (..., S, D), values (..., S, E) and a scale (D,); "
            f"these have shapes {q.shape}, {k.shape}, {v.shape} and {scale.shape}"
        )
    dtype = np.result_type(q.dtype, k.dtype, v.dtype, scale.dtype)
    _leading(q.shape, k.shape, v.shape)
    q, k, v, scale = widened(q), widened(k), widened(v), widened(scale)
    scores = np.tanh(np.expand_dims(q, -2) + np.expand_dims(k, -3)) @ scale
    return in_type(np.matmul(softmax(_masked(scores, causal, mask)), v), dtype)


def _masked(scores: Any, causal: bool, mask: Any) -> Any:
    """Scores (..., T, S) with -inf where a query does not see a key, or with a mask of numbers added."""
    if causal:
        scores = scores + _causal_mask(scores.shape[-2], scores.shape[-1], scores.dtype)
    if mask is None:
        return scores
    mask = contained(mask)
    if not broadcasts(mask.shape, scores.shape):
        raise InputError(f"a mask of shape {mask.shape} does not fit scores of shape {scores.shape}, (..., T, S)")
    if mask.dtype.kind not in "bf":
        raise InputError(
            f"a mask for attention holds bools, or floating-point numbers that are added to the scores, not "
            f"{mask.dtype}; mask != 0 makes bools of zeros and ones"
        )
    return np.where(mask, scores, -np.inf) if mask.dtype == bool else scores + in_type(mask, scores.dtype)


def _leading(*shapes: tuple[int, ...]) -> None:
    """Check that the axes before the last two fit."""
    try:
        np.broadcast_shapes(*[shape[:-2] for shape in shapes])
    except ValueError:
        raise InputError(
            f"the axes before the last two must be equal, or 1, in queries, keys and values; these have shapes {shapes}"
        ) from None


def _causal_mask(queries: int, keys: int, dtype: Any) -> np.ndarray:
    """0 where a key is not after the query's place, else -inf: (queries, keys)."""
    return np.triu(np.full((queries, keys), -np.inf, dtype), keys - queries + 1)


def multi_head_attention(
    x: Any, wqkv: Any, bqkv: Any, wo: Any, bo: Any, *, heads: int, causal: bool = False, mask: Any = None
) -> Any:
    """Self-attention by several heads, each on its own share of the features.

    Args:
        x: (N, T, D).
        wqkv, bqkv: (3, D, D) and (3, D): the projections to queries, keys and values.
        wo, bo: (D, D) and (D,): the projection of the heads' results, side by side.
        heads: how many; it divides D.
        causal, mask: as in `scaled_dot_product_attention`; the scores are (N, heads, T, T).

    Returns:
        (N, T, D).

    All are real numbers of any precision; the result has the common floating type. N and T may be 0.

    >>> d, zeros = 4, np.zeros((3, 4))
    >>> eye = np.eye(d)
    >>> multi_head_attention(np.ones((1, 2, d)), np.stack([eye] * 3), zeros, eye, zeros[0], heads=2).shape
    (1, 2, 4)
    """
    x, wqkv, bqkv, wo, bo = floating(x, wqkv, bqkv, wo, bo)
    if x.ndim != 3 or x.shape[-1] % whole_number(heads, "heads"):
        raise InputError(f"multi_head_attention takes x (N, T, D) with D a multiple of heads={heads}, not {x.shape}")
    batch, steps, size = x.shape
    wanted = {"wqkv": (3, size, size), "bqkv": (3, size), "wo": (size, size), "bo": (size,)}
    for (name, shape), weight in zip(wanted.items(), (wqkv, bqkv, wo, bo)):
        if weight.shape != shape:
            raise InputError(f"{name} of shape {weight.shape} does not fit x of shape {x.shape}; expected {shape}")
    q, k, v = (
        np.transpose(np.reshape(linear(x, wqkv[i], bqkv[i]), (batch, steps, heads, size // heads)), (0, 2, 1, 3))
        for i in range(3)
    )
    y = scaled_dot_product_attention(q, k, v, causal=causal, mask=mask)
    return linear(np.reshape(np.transpose(y, (0, 2, 1, 3)), x.shape), wo, bo)
