"""Derivatives of weighted averages, covariances and histograms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tape.rules import declare, derivative
from .composed import array_or_tensor, composed
from .reductions import as_axes, axes_of
from .safe import divide_or_zero

# --- averages and covariances


@composed(np.average, "a", "weights")
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    a, axis = array_or_tensor(a), as_axes(axis)
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, np.full_like(mean, a.size / max(mean.size, 1))) if returned else mean
    w = array_or_tensor(weights)
    if w.shape != a.shape:  # its axes are the averaged ones, in the order of `axis`
        axes = axes_of(axis, a.ndim)
        w = np.transpose(w, tuple(int(i) for i in np.argsort(axes)))
        w = np.reshape(w, tuple(n if i in axes else 1 for i, n in enumerate(a.shape)))
    total = np.sum(w, axis=axis, keepdims=keepdims)
    mean = np.sum(a * w, axis=axis, keepdims=keepdims) / total
    return (mean, np.broadcast_to(total, mean.shape)) if returned else mean


@composed(np.cov, "m", "y", "aweights")
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, fweights: Any = None,
    aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    x = _variables(m, rowvar)
    if y is not None:
        x = np.concatenate([x, _variables(y, rowvar)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    if fweights is None and aweights is None:
        centred = x - np.mean(x, axis=1, keepdims=True)
        freedom = x.shape[1] - ddof
        return np.squeeze(centred @ np.conjugate(centred).T / (freedom if freedom > 0 else math.nan))
    repeats = 1 if fweights is None else array_or_tensor(fweights)
    w = repeats * (1 if aweights is None else array_or_tensor(aweights))
    total = np.sum(w)
    centred = x - np.sum(x * w, axis=1, keepdims=True) / total
    freedom = total - (ddof if aweights is None else ddof * np.sum(w * aweights) / total)
    return np.squeeze((centred * w) @ np.conjugate(centred).T / freedom)


def _variables(m: Any, rowvar: bool) -> Any:
    """The observations with a variable in each row."""
    x = np.atleast_2d(array_or_tensor(m))
    return x if rowvar or x.shape[0] == 1 else x.T


@composed(np.corrcoef, "x", "y")
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    deviation = np.sqrt(np.real(np.diagonal(c)))
    return divide_or_zero(divide_or_zero(c, deviation[:, None]), deviation)


# --- counts of data in bins are constant in the data except for jumps, and linear in the weights


def _bincount_rule(g, _y, x, _weights, minlength=0):
    return np.take(g, x)


def _bin_of(x: Any, edges: Any) -> Any:
    """The bin in which each value lies; -1 or the number of bins for one outside."""
    bins = np.searchsorted(edges, x, side="right") - 1
    return np.where(np.equal(x, edges[-1]), edges.shape[0] - 2, bins)


def _in_bins(bins: Any, edges: Any) -> Any:
    return np.logical_and(bins >= 0, bins < edges.shape[0] - 1)


def _pull_of_bins(g: Any, places: tuple, inside: Any, widths: Any, weights: Any) -> Any:
    """The gradient of weights that are summed in bins, or with widths made into densities."""
    if widths is not None:
        total = np.sum(np.where(inside, weights, 0))
        g = g / (widths * total)
        counts = np.where(inside, weights * g[places], 0)  # an element's part in the sum over bins of g times count
        g = g - np.sum(counts) / total
    return np.where(inside, g[places], 0)


def _histogram_rule(g, y, a, bins=10, range=None, density=None, weights=None):
    edges = y[1]
    k = _bin_of(array_or_tensor(a), edges)
    inside = _in_bins(k, edges)
    return _pull_of_bins(g[0], (k * inside,), inside, np.diff(edges) if density else None, weights)


def _histogram2d_rule(g, result, x, y, bins=10, range=None, density=None, weights=None):
    _, x_edges, y_edges = result
    i, j = _bin_of(array_or_tensor(x), x_edges), _bin_of(array_or_tensor(y), y_edges)
    inside = np.logical_and(_in_bins(i, x_edges), _in_bins(j, y_edges))
    widths = np.diff(x_edges)[:, None] * np.diff(y_edges) if density else None
    return _pull_of_bins(g[0], (i * inside, j * inside), inside, widths, weights)


derivative(np.bincount, None, _bincount_rule)
derivative(np.histogram, None, None, None, None, _histogram_rule)
derivative(np.histogram2d, None, None, None, None, None, _histogram2d_rule)
declare(
    np.histogramdd,
    np.histogram_bin_edges,
    refusal="counts jump where data move from bin to bin, and edges are a setting; np.histogram and np.histogram2d are "
    "differentiable in their weights",
)
