"""Samples of averages, covariances, histograms, and of what picks and orders elements."""

import numpy as np

from .base import AT_LEAST_2D, BLOCKS, distinct, positive, real, row

# --- averages

row(np.average, lambda x: np.average(x, axis=-1), BLOCKS)
row(np.average, lambda x: np.average(x, axis=(0, 1), keepdims=True, returned=True), AT_LEAST_2D, label="returned")
row(np.average, lambda x, w: np.average(x, weights=w), [(s, s) for s in BLOCKS], (real, positive), "weights")
row(
    np.average,
    lambda x, w: np.average(x, 1, w, returned=True),
    [((2, 3), (3,)), ((2, 3, 2), (2, 3, 2))],
    (real, positive),
    "weights of an axis",
)
row(
    np.average,
    lambda x, w: np.average(x, axis=(2, 0), weights=w, keepdims=True),
    [((2, 1, 3), (3, 2)), ((2, 2, 2), (2, 2))],
    (real, positive),
    "weights of two axes",
)
for f in (np.var, np.std):
    for label, options in (("", {}), (", where", {"where": np.array([True, False, True]), "ddof": 1})):
        row(
            f,
            lambda x, m, f=f, o=options: f(x, axis=1, mean=m, **o),
            [((2, 3), (2, 1)), ((1, 3), (1, 1))],
            label=f"mean{label}",
            exact=False,
        )

# --- covariances

TWICE = {"fweights": np.array([1, 2, 1])}
for label, options in (("", {}), ("bias", {"bias": True}), ("ddof", {"ddof": 2}), ("fweights", TWICE)):
    row(np.cov, lambda x, o=options: np.cov(x, **o), [(3,), (2, 3)], label=label)
    row(
        np.cov,
        lambda x, y, w, o=options: np.cov(x, y, aweights=w, **o),
        [((3,), (3,), (3,)), ((1, 3), (1, 3), (3,))] if label != "bias" else [((3,), (3,), (3,))],
        (real, real, positive),
        f"aweights {label}",
    )
row(np.cov, lambda x, y: np.cov(x, y, rowvar=False), [((3, 2), (3, 1)), ((3,), (3,))], label="columns")
for rowvar in (True, False):
    row(np.corrcoef, lambda x, r=rowvar: np.corrcoef(x, rowvar=r), [(3, 4)], label=f"rowvar {rowvar}")
row(np.corrcoef, lambda x, y: np.corrcoef(x, y), [((3,), (3,)), ((2, 3), (3,))], label="two")

# --- histograms

DATA = np.array([0.3, -1.2, 2.5, 0.4, 0.1])
IDS = np.array([0, 3, 1, 1, 0])
row(np.bincount, lambda w: np.bincount(IDS, w, 6), [(5,)])
for label, options in (("", {}), ("density", {"density": True, "bins": [-1.0, 0.2, 2.5, 3.0]})):
    row(np.histogram, lambda w, o=options: np.histogram(DATA, weights=w, **o)[0], [(5,)], positive, label)
    row(
        np.histogram2d,
        lambda w, o=options: np.histogram2d(DATA, DATA[::-1], weights=w, **o)[0],
        [(5,)],
        positive,
        label,
    )

# --- order

for axis in (-1, 0, None):
    row(np.partition, lambda x, a=axis: np.partition(x, 1, a), [(2, 2), (3, 2), (2, 2, 3)], distinct, f"axis {axis}")
row(np.sort_complex, lambda x: np.real(np.sort_complex(x)), [(3,), (2, 2)], distinct)

# --- unique values and sets, of elements some of which are equal

TWO_EQUAL = np.array([0, 1, 0])
OTHER = np.array([9.0, 7.5])


def doubled(x):
    return x[TWO_EQUAL]


PAIRS = [(2,), (3,)]
row(np.unique, lambda x: np.unique(x), [(3,), (2, 2)], distinct)
row(np.unique, lambda x: np.unique(doubled(x), True, True, True), PAIRS, distinct, "counts")
row(np.unique, lambda x: np.unique(doubled(x), return_inverse=True, axis=0), [(2, 2), (3, 2)], distinct, "axis")
for f in (np.unique_all, np.unique_counts, np.unique_inverse):
    row(f, lambda x, f=f: tuple(f(doubled(x))), PAIRS, distinct)
row(np.unique_values, lambda x: np.unique_values(doubled(x)), PAIRS, distinct, exact=False)
row(np.union1d, lambda x: np.union1d(doubled(x), OTHER.astype(x.dtype)), PAIRS, distinct)
row(np.intersect1d, lambda x: np.intersect1d(doubled(x), x[1:]), PAIRS, distinct)
row(np.intersect1d, lambda x: np.intersect1d(x[:2], x, True, True), PAIRS, distinct, "indices")
row(np.setdiff1d, lambda x: np.setdiff1d(doubled(x), x[1:]), PAIRS, distinct)
row(np.setdiff1d, lambda x: np.setdiff1d(x, x[1:], assume_unique=True), PAIRS, distinct, "unique")
row(np.setxor1d, lambda x: np.setxor1d(doubled(x), x[1:]), PAIRS, distinct)
row(np.setxor1d, lambda x: np.setxor1d(x[1:], x, True), PAIRS, distinct, "unique")
ENDS = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
for trim in ("fb", "f", "b"):
    row(np.trim_zeros, lambda x, t=trim: np.trim_zeros(x * ENDS.astype(x.dtype), t), [(5,)], label=trim)
