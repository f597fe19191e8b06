"""Samples of medians and quantiles, and of the functions that leave NaN out."""

import numpy as np

from ntb.ops import quantiles

from .base import BLOCKS, distinct, fixed, positive, row, small

METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
    "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
]  # fmt: skip


def holes(x):
    """The array with NaN in some places, never in all of a row."""
    places = sum(np.indices(x.shape), np.zeros(x.shape, int))
    return np.where(places % 3 == 2, np.nan, x)


AXES = [
    ("all", {}, [(3,), (2, 2), (2, 2, 2)]),
    ("last", {"axis": -1}, [(3,), (2, 4), (2, 2, 2)]),
    ("two axes", {"axis": (2, 0), "keepdims": True}, [(2, 2, 2), (3, 1, 2)]),
]
for label, options, shapes in AXES:
    row(np.median, lambda x, o=options: np.median(x, **o), shapes, distinct, label)
    row(np.nanmedian, lambda x, o=options: np.nanmedian(holes(x), **o), shapes, distinct, label)
    row(np.quantile, lambda x, o=options: np.quantile(x, [0.2, 0.7], **o), shapes, distinct, label)
    row(np.nanquantile, lambda x, o=options: np.nanquantile(holes(x), [0.2, 0.7], **o), shapes, distinct, label)
for method in METHODS:
    row(np.percentile, lambda x, m=method: np.percentile(x, [29, 61], method=m), [(7,)], distinct, method)
    row(
        np.nanpercentile,
        lambda x, m=method: np.nanpercentile(holes(x), 33, 0, method=m),
        [(7,), (5, 2)],
        distinct,
        method,
    )
    row(
        np.quantile,
        lambda x, q, m=method: np.quantile(x, q, method=m),
        [((5,), (2,)), ((5,), ())],
        (distinct, lambda rng, shape: np.linspace(0.36, 0.57, shape[0] if shape else 1).reshape(shape)),
        f"{method}, q",
    )
row(
    np.nanpercentile,
    lambda x, q: np.nanpercentile(holes(x), q, axis=1, keepdims=True),
    [((2, 4), (2,)), ((1, 5), ())],
    (distinct, lambda rng, shape: np.full(shape, 37.0)),
    "q",
)
for label, q in (("both ends", [0.0, 1.0]), ("a grid", [[0.1, 0.4], [0.6, 0.8]])):
    row(np.quantile, lambda x, q=q: np.quantile(x, q, axis=0), [(1,), (4,), (3, 2)], distinct, label)
WEIGHTS = {"method": "inverted_cdf", "weights": np.array([0.5, 1.0, 2.0, 0.7])}
row(np.quantile, lambda x: np.quantile(x, [0.3, 0.8], axis=0, **WEIGHTS), [(4,), (4, 2)], distinct, "weights")
row(np.nanquantile, lambda x: np.nanquantile(holes(x), 0.8, axis=0, **WEIGHTS), [(4,)], distinct, "weights")
row(
    quantiles.rank_weights,
    lambda q: quantiles.rank_weights(np.array([[3.0, 1.0, 2.0, 5.0]] * 2, q.dtype), q, "quantile", 1),
    [(2,), ()],
    fixed(0.4),
)

# --- reductions of what is no NaN

for f in (np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin):
    domain = distinct if f in (np.nanmax, np.nanmin) else small
    for label, options, shapes in AXES:
        row(f, lambda x, f=f, o=options: f(holes(x), **o), shapes, domain, label)
    options = {"initial": -9.0 if f is np.nanmax else 9.0} if domain is distinct else {}
    options |= {"where": np.array([True, True, False, True]), "axis": -1}
    row(f, lambda x, f=f, o=options: f(holes(x), **o), [(4,), (2, 4)], domain, "where")
for f in (np.nanvar, np.nanstd):
    row(f, lambda x, f=f: f(holes(x), 0, ddof=1), [(4,), (4, 2)], distinct, "ddof")
for f in (np.nancumsum, np.nancumprod):
    row(f, lambda x, f=f: f(holes(x)), BLOCKS, positive)
    row(f, lambda x, f=f: f(holes(x), axis=-1), BLOCKS, positive, "last")
