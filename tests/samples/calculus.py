"""Samples of differences, integrals, interpolation, convolution, polynomials, sinc and i0."""

import numpy as np

from ntb.ops import integrals

from .base import AT_LEAST_2D, BLOCKS, ONE, distinct, fixed, positive, real, row, small

# --- differences and sums

row(np.diff, shapes=[*BLOCKS, (0,)])
row(np.diff, lambda x: np.diff(x, 2, axis=0), [(3,), (4, 2), (1, 2)], label="twice")
row(np.diff, lambda x: np.diff(x, 0), BLOCKS, label="none")
row(
    np.diff,
    lambda x, p, q: np.diff(x, axis=1, prepend=p, append=q),
    [((2, 2), (), (2, 1)), ((2, 1), (2, 2), ())],
    label="ends",
)
row(np.ediff1d, shapes=[(3,), (2, 2), (1,)])
row(np.ediff1d, lambda x, p, q: np.ediff1d(x, to_begin=p, to_end=q), [((2, 2), (), (2,))], label="ends")
if hasattr(np, "cumulative_sum"):
    for f in (np.cumulative_sum, np.cumulative_prod):
        row(f, shapes=[(), (3,)])
        row(f, lambda x, f=f: f(x, axis=-1, include_initial=True), BLOCKS, label="initial")

# --- samples of functions


def places(rng, shape):
    """Rising places of samples."""
    return np.cumsum(rng.uniform(0.5, 1.5, shape))


for order in (1, 2):
    row(np.gradient, lambda x, o=order: np.gradient(x, edge_order=o), [(3,), (3, 4)], label=f"{order}")
    row(
        np.gradient,
        lambda x, h, o=order: np.gradient(x, h, axis=0, edge_order=o),
        [((3,), (3,)), ((4, 2), (4,))],
        (real, places),
        f"{order}, places",
        exact=False,
    )
row(
    np.gradient,
    lambda x, h: np.gradient(x, h, 0.5, axis=(-1, 0)),
    [((2, 2), ()), ((2, 1, 2), ())],
    (real, positive),
    "steps",
)
row(np.trapezoid, shapes=BLOCKS)
row(np.trapezoid, lambda y, h: np.trapezoid(y, dx=h, axis=0), [((3,), ()), ((2, 2), ())], label="dx")
row(np.trapezoid, lambda y, x: np.trapezoid(y, x, axis=1), [((2, 3), (3,)), ((2, 3, 2), (2, 3, 2))], label="x")
XP = np.array([-1.0, 0.1, 2.0])
SOUGHT = np.array([-1.6, 0.4, 2.6])
for label, options in (("", {}), ("ends", {"left": 3.0, "right": 4.0}), ("period", {"period": 2.7})):
    row(
        np.interp,
        lambda x, xp, fp, o=options: np.interp(x, xp, fp, **o),
        [((3,), (3,), (3,))],
        (fixed(SOUGHT), fixed(XP), real),
        label,
    )
row(
    np.interp,
    lambda fp, left, right: np.interp(SOUGHT, XP, fp, left, right=right),
    [((3,), (), ())],
    label="tracked ends",
)
row(np.interp, lambda x, fp: np.interp(x, [0.5], fp), [((), (1,)), ((2,), (1,))], label="one sample")
row(
    np.unwrap,
    lambda x: np.unwrap(x * 9, axis=0),
    [(3,), (2, 2)],
    lambda rng, shape: np.linspace(0.1, 0.9, np.prod(shape)).reshape(shape),
)
row(np.unwrap, lambda x: np.unwrap(np.cumsum(x + 3), period=4.0), [(3,), (4,)], small, "period")

# --- convolution

LENGTHS = [((3,), (2,)), ((2,), (3,)), ((3,), (3,)), ((4,), (2,)), ((2,), (5,)), ((1,), (2,))]
for f in (np.convolve, np.correlate):
    for mode in ("full", "same", "valid"):
        row(f, lambda a, v, f=f, m=mode: f(a, v, m), LENGTHS, label=mode)
    row(f, lambda a, v, f=f: f(a, v=v), LENGTHS[:2], label="by itself")

# --- polynomials

row(np.polyval, shapes=[((3,), ()), ((2,), (2, 2)), ((1,), (2,)), ((0,), (2,))])
SOME = [((3,), (3,)), ((1,), (3,)), ((4,), (2,))]
for f in (np.polyadd, np.polysub, np.polymul):
    row(f, shapes=SOME)
row(np.polymul, lambda a, b: np.polymul(a * np.array([0.0, 1.0, 1.0]), b), [((3,), (2,))], label="leading zeros")
row(np.polydiv, shapes=[((4,), (2,)), ((2,), (2,)), ((1,), (3,))])
for m in (0, 1, 2):
    row(np.polyder, lambda p, m=m: np.polyder(p, m), [(3,), (4,)], label=f"{m}")
    row(np.polyint, lambda p, k, m=m: np.polyint(p, m, k), [((3,), ()), ((2,), (2,))][: m + 1], label=f"{m}")
row(np.roots, lambda p: np.roots(p + np.array([1.0, -7.0, 14.0, -8.0])), [(4,)], lambda rng, s: 0.01 * small(rng, s))
row(np.roots, lambda x: np.roots(np.concatenate([x, x * 3])).real, [(1,)], positive, label="complex")
row(np.poly, shapes=[(1,), (3,)])
row(np.vander, shapes=[(1,), (3,)])
for n, increasing in ((0, True), (1, False), (4, True)):
    row(np.vander, lambda x, n=n, up=increasing: np.vander(x, n, up), [(2,)], label=f"{n}, {increasing}")
row(np.polyfit, lambda x, y: np.polyfit(x, y, 1), [((3,), (3,)), ((3,), (3, 1))], (distinct, real))
row(
    np.polyfit,
    lambda x, y, w: np.polyfit(x, y, 1, w=w),
    [((3,), (3,), (3,))],
    (places, real, positive),
    "weights",
)
for cov in (True, "unscaled"):
    row(
        np.polyfit,
        lambda x, y, c=cov: np.polyfit(x, y, 1, cov=c),
        [((3,), (3,)), ((3,), (3, 1))],
        (places, real),
        f"cov {cov}",
    )

# --- derivatives of every order

row(np.sinc, shapes=ONE, order=4)
row(np.i0, shapes=ONE, order=4)
row(integrals.sinc_slope, shapes=ONE, order=3)
row(integrals.i0_slope, shapes=AT_LEAST_2D)
