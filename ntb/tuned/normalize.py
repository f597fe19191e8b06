"""Normalisation in few passes over memory; `ntb/nn/normalization/normalize.py` has the formula.

Measured, result and all gradients in a traced function, float32: a batch norm of images (64, 32, 14, 14) takes half the
time of the plain form, a layer norm of rows (2048, 128) three fifths.

Only the differences d = x - mean are kept. With z = d / sqrt(var + eps) and c = g gamma, the adjoint in d is

    (c - z mean(c z)) / sqrt(var + eps)                      (Ioffe and Szegedy, 2015)

the adjoints in gamma and beta are sums of g z and of g, and the adjoint of d in x subtracts the mean. z is computed
again, block by block. Mean and variance are computed first and passed to the others as constants: `centred` and
`normalized` have all of the derivative.

Shapes: x, d, g, y are of any one shape; mean, var and what has a number for each variance have length 1 along the axes
that are normalised over. The axes may be any; `sums.py` says how they are grouped.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..blockwise import blockwise
from ..forms import tuned
from ..nn.checks import widened
from ..nn.normalization import normalize as plain
from ..ops.flops import size
from ..primitive import primitive
from ..tape.rules import declare, derivative
from ..values.creation import in_type
from .sums import delivered, grouped, grouping, sum_to, totals


@tuned(plain.normalize)
def normalize(x: Any, gamma: Any, beta: Any, axes: tuple, eps: float) -> tuple:
    """The result, and mean and variance as constants; see the plain form."""
    statistics = tuple([1 if i in axes else n for i, n in enumerate(x.shape)])  # the shape of mean and variance
    dtype, x = x.dtype, widened(x)
    mean = averages(x, statistics)
    d = centred(x, mean)
    var = variances(d, statistics)
    return in_type(normalized(d, gamma, beta, var, eps), dtype), mean, var


# --- means, and sums of products. Arrays are grouped as (A, C, B): A and B are summed over, (C,) stays (`sums.py`)


@primitive
def sums(x: Any, shape: tuple, out: Any = None) -> Any:
    """The sums of x that have a given shape: over the axes where the shape has length 1.

    >>> sums(np.ones((2, 3)), (1, 3))
    array([[2., 2., 2.]])
    """
    return sum_to(x, shape, out)


def dots(a: Any, b: Any, shape: tuple, out: Any) -> Any:
    """The sums of products of a and b that have a given shape."""
    order, sizes = grouping(a, shape)
    if sizes is None or sizes[2] == 1:
        return sum_to(np.multiply(a, b), shape, out)
    products = np.vecdot(grouped(a, order, sizes), grouped(b, order, sizes))  # (A, C)
    return delivered(totals(products[..., None]), order, shape, out)


@primitive
def averages(x: Any, shape: tuple, out: Any = None) -> Any:
    """The means of x that have a given shape (see `sums`), as constants."""
    total = sum_to(x, shape, out)
    return np.divide(total, max(x.size / max(total.size, 1), 1), total)  # of nothing the mean is 0


@primitive
def variances(d: Any, shape: tuple, out: Any = None) -> Any:
    """The means of d^2 that have a given shape, as constants."""
    total = dots(d, d, shape, out)
    return np.divide(total, max(d.size / max(total.size, 1), 1), total)


@primitive(product=lambda y, g, d, *_: 2 * size(d))
def products(g: Any, d: Any, weight: Any, shape: tuple, out: Any = None) -> Any:
    """The sums of g d weight that have a given shape; the weight has a number for each variance.

    >>> products(np.ones((2, 3)), np.ones((2, 3)), np.array([[2.0], [3.0]]), (1, 3))
    array([[5., 5., 5.]])
    """
    kept = tuple([n if (m, k) != (1, 1) else 1 for n, m, k in zip(d.shape, weight.shape, shape)])
    if kept != d.shape:  # the weight can wait until what it is the same for is added up
        return sum_to(dots(g, d, kept, None) * weight, shape, out)
    order, sizes = grouping(d, shape)
    both = np.multiply(g, d)
    each = all([m == n if k == 1 else m == 1 for n, m, k in zip(d.shape, weight.shape, shape)])  # weight is (A,)
    if sizes is None or sizes[2] != 1 or not each:
        return sum_to(np.multiply(both, weight), shape, out)
    total = np.matmul(grouped(weight, order, -1), grouped(both, order, sizes)[:, :, 0])  # (A,) @ (A, C)
    return delivered(total, order, shape, out)


# --- elementwise


@primitive(elementwise=True, opens=True)
def centred(x: Any, mean: Any, out: Any = None) -> Any:
    """x minus its mean. The derivative in x knows that the mean depends on x: it is g minus the mean of g."""
    return np.subtract(x, mean, out=out)


def varies_within(gamma: Any, var: Any) -> bool:
    """Whether gamma differs among numbers that share one variance, as in layer norm."""
    return any([n not in (1, m) for n, m in zip(gamma.shape, var.shape)])


@primitive(opens=True)
def normalized(d: Any, gamma: Any, beta: Any, var: Any, eps: float, out: Any = None) -> Any:
    """d / sqrt(var + eps) * gamma + beta, where var is the mean of d^2."""
    out = np.empty_like(d, np.result_type(d, gamma, beta)) if out is None else out
    inverse = 1 / np.sqrt(var + eps)  # takes gamma in, too, unless gamma differs where the variance is the same
    within = varies_within(gamma, var)

    def scaled_block(y: Any, a: Any, scale: Any, factor: Any, offset: Any) -> None:
        np.multiply(a, scale, y)
        if within:
            np.multiply(y, factor, y)
        np.add(y, offset, y)

    blockwise(scaled_block, out, d, inverse if within else inverse * gamma, gamma, beta)
    return out


@primitive(opens=True)
def inverse_deviation(d: Any, var: Any, eps: float, out: Any = None) -> Any:
    """1 / sqrt(var + eps), where var is the mean of d^2."""
    y = np.add(var, eps, out=out)
    return np.divide(1, np.sqrt(y, out), out=out)


@primitive(opens=True)
def less_its_part(g: Any, d: Any, scale: Any, slope: Any, out: Any = None) -> Any:
    """(g - d slope) scale, with a scale and a slope for each variance."""
    out = np.empty_like(d, np.result_type(g, d)) if out is None else out
    blockwise(less_its_part_block, out, g, d, scale, slope)
    return out


def less_its_part_block(y: Any, dy: Any, a: Any, factor: Any, part: Any) -> None:
    np.multiply(a, part, y)
    np.subtract(dy, y, y)
    np.multiply(y, factor, y)


# --- derivatives


def _normalized_rule_d(g, _y, d, gamma, _beta, var, eps):
    """(c - z mean(c z)) / sqrt(var + eps) with c = g gamma, as (c - d slope) scale."""
    inverse = scale = inverse_deviation(d, var, eps)
    if varies_within(gamma, var):
        g = g * gamma
    else:
        scale = gamma * inverse
    along = products(g, d, inverse, var.shape)  # without gamma, as its own gradient
    return less_its_part(g, d, scale, along * inverse * (var.size / max(d.size, 1)))


def _normalized_rule_gamma(g, _y, d, _gamma, _beta, var, eps):
    return products(g, d, inverse_deviation(d, var, eps), _gamma.shape)


def _centred_rule(g, _y, _x, _mean):
    return centred(g, averages(g, _mean.shape))


def _inverse_deviation_rule(g, y, d, _var, eps):
    return g * (y * y * y) * (-_var.size / max(d.size, 1)) * d


declare(averages, variances, constant=True)
derivative(sums, lambda g, _y, _x, shape: np.broadcast_to(g, _x.shape))
derivative(centred, _centred_rule, None)
derivative(
    normalized,
    _normalized_rule_d,
    _normalized_rule_gamma,
    lambda g, _y, _d, _gamma, _beta, _var, eps: sums(g, _beta.shape),
    None,
)
derivative(inverse_deviation, _inverse_deviation_rule, None)
derivative(
    products,
    lambda g, _y, _g, d, weight, shape: g * d * weight,
    lambda g, _y, g_in, _d, weight, shape: g * g_in * weight,
    lambda g, _y, g_in, d, _weight, shape: sums(g * g_in * d, _weight.shape),
)
derivative(
    less_its_part,
    lambda g, _y, _g, _d, scale, _slope: g * scale,
    lambda g, _y, _g, _d, scale, slope: -(g * scale * slope),
    lambda g, _y, g_in, d, _scale, slope: sums(g * (g_in - d * slope), _scale.shape),
    lambda g, _y, _g, d, scale, _slope: sums(-(g * scale * d), _slope.shape),
)
