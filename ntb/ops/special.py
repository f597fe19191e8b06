"""Primitives that NumPy lacks: the squashing functions of neural networks, evaluated without overflow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..primitive import primitive
from ..tape.rules import derivative
from ..tuned.blockwise import blockwise
from .reductions import spread
from .stopping import stop_gradient


def numeric(x: Any) -> np.ndarray:
    """An array of numbers or bools; an error of anything else."""
    if type(x) is not np.ndarray:
        try:
            x = np.asarray(x)
        except ValueError:
            raise ValueError(
                "one array is expected, not rows of unequal lengths; of the pair that a recurrent layer gives take the "
                "first, as in out, last = layer(x)"
            ) from None
    if x.dtype.kind not in "fciub":
        raise TypeError(f"an array of numbers is expected, not of {x.dtype}; np.asarray(data, float) makes one")
    return x


def floating(x: Any) -> np.ndarray:
    """Integers and bools as floats; an array of floats as it is."""
    x = numeric(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


def real_floating(x: Any) -> np.ndarray:
    """`floating`, unless the numbers are complex: a formula with a maximum or an absolute value is not for them."""
    x = floating(x)
    if x.dtype.kind == "c":
        raise TypeError(f"real numbers are expected, not {x.dtype}; np.log1p(np.exp(x)) is for complex ones")
    return x


@primitive(elementwise=True)
def sigmoid(x: Any, out: Any = None) -> Any:
    """The logistic function, 1 / (1 + exp(-x)), of any shape; integers and bools are taken as floats.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    x = floating(x)
    out = np.empty_like(x) if out is None else out
    with np.errstate(over="ignore"):
        blockwise(sigmoid_block, out, x, spare=1)
    return out


def sigmoid_block(e: Any, y: Any, a: Any) -> None:
    np.negative(a, e)
    np.exp(e, e)
    np.add(e, 1, e)
    overflow = e.size and not e.max() < np.inf
    tail = np.exp(a) if overflow else None  # a subnormal number, or 0; before y is written, which may be a
    np.reciprocal(e, y)
    if tail is not None:
        np.copyto(y, tail, where=np.isinf(e))


@primitive(elementwise=True)
def sigmoid_pull(g: Any, y: Any, x: Any, out: Any = None) -> Any:
    """g s(x) s(-x), the adjoint of y = s(x): accurate in both tails, where y (1 - y) is not."""
    out = np.empty_like(y) if out is None else out
    with np.errstate(over="ignore"):
        blockwise(sigmoid_pull_block, out, g, y, x, spare=1)
    return out


def sigmoid_pull_block(e: Any, d: Any, dy: Any, s: Any, a: Any) -> None:
    np.exp(a, e)
    np.add(e, 1, e)
    overflow = np.isinf(e) if e.size and not e.max() < np.inf else None
    np.divide(s, e, e)
    if overflow is not None:
        np.copyto(e, np.exp(-a), where=overflow)
    np.multiply(dy, e, d)


@primitive(elementwise=True)
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), a smooth relu, of any shape.

    x is of real numbers; the result has their floating type, float64 for integers and bools.

    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    x = real_floating(x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@primitive(elementwise=True)
def log_sigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x))), of any shape.

    x is of real numbers; the result has their floating type, float64 for integers and bools.

    >>> log_sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.00000000e+03, -6.93147181e-01,  0.00000000e+00])
    """
    x = real_floating(x)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@primitive(elementwise=True)
def relu(x: Any, out: Any = None) -> Any:
    """max(x, 0), of any shape. Its derivative at 0 is 0.

    x is of numbers of any type, which the result keeps; of complex ones the real part counts first, as in NumPy.

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(numeric(x), 0, out=out)


@primitive(elementwise=True)
def relu_pull(g: Any, y: Any, out: Any = None) -> Any:
    """g where y is positive, else 0: the adjoint of y = relu(x). (A comparison written as floats is multiplied faster.)

    >>> relu_pull(np.array([5.0, 6.0]), np.array([0.0, 1.0]))
    array([0., 6.])
    """
    out = np.empty_like(y) if out is None else out
    blockwise(relu_pull_block, out, g, y, spare=1)
    return out


def relu_pull_block(positive: Any, d: Any, dy: Any, a: Any) -> None:
    np.greater(a, 0, positive)
    np.multiply(dy, positive, d)


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


derivative(sigmoid, lambda g, y, x: sigmoid_pull(g, stop_gradient(y), x))
# The slope s(x) s(-x) times s(-x) - s(x) = -tanh(x / 2): of the two parts of that difference no digits may be left.
derivative(
    sigmoid_pull,
    lambda g, _y, _g, y, x: sigmoid_pull(g, y, x),
    None,
    lambda g, d, _g, _y_in, x: -g * (d * np.tanh(x * 0.5)),
)
derivative(softplus, lambda g, _y, x: g * sigmoid(x))
derivative(log_sigmoid, lambda g, _y, x: g * sigmoid(-x))
derivative(relu, lambda g, y, _x: relu_pull(g, stop_gradient(y)))
derivative(relu_pull, lambda g, _y, _g, y: relu_pull(g, y), None)
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
