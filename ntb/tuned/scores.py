"""The tuned forms of softmax and its kin: each is one operation, with a derivative of its own.

Most rows of scores are of moderate size. For them `exponentials` leaves the search for the greatest score out, which
takes longer than exp, and adds the rows up by a product with ones, several times as fast as a reduction of rows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..forms import tuned
from ..ops import scores as plain
from ..ops.reductions import spread
from ..ops.special import floating
from ..primitive import primitive
from ..tape.rules import derivative


def row_sums(x: Any) -> Any:
    """Sums along the last axis, which is kept: a product with ones is several times as fast as a reduction of rows.

    It is one product, whatever the number of axes, so that the same rows in another shape have the same sums.
    """
    if x.ndim == 2:
        return np.matmul(x, np.ones((x.shape[1], 1), x.dtype))
    rows = np.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
    return np.reshape(np.matmul(rows, np.ones((x.shape[-1], 1), x.dtype)), (*x.shape[:-1], 1))


def exponentials(x: Any, axis: Any, out: Any) -> Any:
    """Put exp(x) into `out`, and return the sums along the axis, if it is the last and nothing over- or underflows.

    Otherwise return None. Most rows of scores need no shift by their maximum, and to find it is slower than exp.
    """
    if x.dtype.kind != "f" or x.itemsize < 4 or not x.ndim or axis not in (-1, x.ndim - 1) or not x.size:
        return None
    limit = 0.4 * math.log(np.finfo(x.dtype).max)
    if not x.max() < limit:
        return None
    sums = row_sums(np.exp(x, out))
    return sums if sums.min() > math.exp(-limit) else None


@tuned(plain.softmax)
@primitive
def softmax(x: Any, axis: Any = -1, out: Any = None) -> Any:
    """exp(x) / sum(exp(x)) along an axis (an int, a tuple, or None for all): weights that are positive and sum to one.

    A slice of nothing but -inf has the weights 0; entries of +inf share the weight.

    x is of numbers of any type; the result has their floating type, float64 for integers and bools.

    >>> softmax(np.array([1000.0, 1000.0, -np.inf]))
    array([0.5, 0.5, 0. ])
    """
    x = floating(x)
    out = np.empty_like(x) if out is None else out
    if x.dtype == np.float16:  # the sums of many numbers need a greater range, here and below
        np.copyto(out, softmax(x.astype(np.float32), axis), "same_kind")
        return out
    total = exponentials(x, axis, out)
    if total is None:
        top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
        if np.all(np.isfinite(top)):
            np.exp(np.subtract(x, top, out), out)
        else:
            with np.errstate(invalid="ignore"):
                shares = np.where(np.equal(x, top), np.where(np.equal(top, -np.inf), -np.inf, 0), x - top)
            np.exp(shares, out)
        total = np.sum(out, axis=axis, keepdims=True)
        total = np.where(np.equal(total, 0), 1, total)
    return np.divide(out, total, out)


@primitive
def softmax_pull(g: Any, y: Any, axis: Any = -1, out: Any = None) -> Any:
    """y (g - sum(g y)) along an axis: the adjoint of y = softmax(x)."""
    out = np.empty_like(y) if out is None else out
    if y.dtype == np.float16:
        np.copyto(out, softmax_pull(g, y.astype(np.float32), axis), "same_kind")
        return out
    np.multiply(g, y, out)
    last = y.ndim and axis in (-1, y.ndim - 1)
    total = row_sums(out) if last else np.sum(out, axis=axis, keepdims=True)
    np.subtract(g, total, out)
    return np.multiply(out, y, out)


@tuned(plain.logsumexp)
@primitive
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) along an axis (an int, a tuple, or None for all), without overflow. For nothing but -inf: -inf.

    >>> float(logsumexp(np.array([1000.0, 1000.0])))
    1000.6931471805599
    """
    x = floating(x)
    if x.dtype == np.float16:
        return logsumexp(x.astype(np.float32), axis, keepdims).astype(x.dtype)
    total = exponentials(x, axis, np.empty_like(x))
    if total is not None:
        result = np.log(total)
    else:
        top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
        base = np.where(np.isfinite(top), top, 0)
        with np.errstate(divide="ignore", over="ignore"):
            result = np.log(np.sum(np.exp(x - base), axis=axis, keepdims=True)) + base
    return result if keepdims else np.squeeze(result, axis=axis)[()]


@tuned(plain.log_softmax)
@primitive
def log_softmax(x: Any, axis: Any = -1, out: Any = None) -> Any:
    """x - logsumexp(x) along an axis (an int, a tuple, or None for all): the logarithms of `softmax`.

    x is of numbers of any type; the result has their floating type, float64 for integers and bools.

    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    x = floating(x)
    out = np.empty_like(x) if out is None else out
    if x.dtype == np.float16:
        np.copyto(out, log_softmax(x.astype(np.float32), axis), "same_kind")
        return out
    total = exponentials(x, axis, out)
    if total is not None:
        return np.subtract(x, np.log(total), out)
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    base = np.where(np.isfinite(top), top, 0)
    np.subtract(x, base, out)  # before the logarithm is: a large sum of both would lose the digits of the small one
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = np.log(np.sum(np.exp(out), axis=axis, keepdims=True))
        if np.all(np.isfinite(total)):
            return np.subtract(out, total, out)
        infinite = np.logical_and(np.equal(x, total), np.isinf(total))
        out[...] = np.where(infinite, np.minimum(total, 0), out - total)
    return out


def places_of(labels: Any) -> tuple:
    """The index of the elements that labels (...) name along the last axis of scores (..., K).

    >>> np.arange(6).reshape(2, 3)[places_of(np.array([0, 2]))]
    array([0, 5])
    """
    axes = range(labels.ndim)
    return (*[np.arange(labels.shape[i]).reshape(-1, *[1] * (labels.ndim - 1 - i)) for i in axes], labels)


@tuned(plain.label_loss)
@primitive
def label_loss(x: Any, labels: Any) -> Any:
    """-log softmax(x)[label] along the last axis: scores (..., K) and integer labels (...) -> (...).

    >>> label_loss(np.zeros((1, 2)), np.array([1]))
    array([0.69314718])
    """
    x, places = floating(x), places_of(labels)
    total = exponentials(x, -1, np.empty_like(x))
    return 0 - log_softmax(x)[places] if total is None else np.log(total[..., 0]) - x[places]


@primitive
def label_loss_pull(g: Any, x: Any, labels: Any, out: Any = None) -> Any:
    """g (softmax(x) - 1 at the label), the adjoint of `label_loss`: g (...) -> (..., K).

    1 minus the label's probability is the sum of the others', which are accurate where the label's is nearly 1.

    >>> label_loss_pull(np.ones(1), np.zeros((1, 2)), np.array([1]))
    array([[ 0.5, -0.5]])
    """
    d, places = softmax(x, -1, out), places_of(labels)
    d[places] = 0
    d[places] = -row_sums(d)[..., 0]
    return np.multiply(d, g[..., None], d)


derivative(softmax, lambda g, y, _x, axis=-1: softmax_pull(g, y, axis))


def _softmax_pull_rule_y(g, _y, g_in, y, axis=-1):
    return g * (g_in - np.sum(g_in * y, axis=axis, keepdims=True)) - g_in * np.sum(g * y, axis=axis, keepdims=True)


derivative(softmax_pull, lambda g, _y, _g, y, axis=-1: softmax_pull(g, y, axis), _softmax_pull_rule_y, None)
derivative(logsumexp, lambda g, _y, x, axis=None, keepdims=False: spread(g, axis, keepdims) * softmax(x, axis))


def _log_softmax_rule(g, y, _x, axis=-1):
    wide = np.float32 if g.dtype == np.float16 else None
    return g - np.exp(y) * np.sum(g, axis=axis, keepdims=True, dtype=wide)


derivative(log_softmax, _log_softmax_rule)
derivative(label_loss, lambda g, _y, x, labels: label_loss_pull(g, x, labels), None)


def _label_loss_pull_rule_g(g, _y, _g, x, labels):
    picked = np.take_along_axis(g, np.expand_dims(labels, -1), axis=-1)
    return np.sum(g * softmax(x), axis=-1) - np.squeeze(picked, -1)


def _label_loss_pull_rule_x(g, _y, g_in, x, _labels):
    return softmax_pull(g * np.expand_dims(g_in, -1), softmax(x))


derivative(label_loss_pull, _label_loss_pull_rule_g, _label_loss_pull_rule_x, None)
