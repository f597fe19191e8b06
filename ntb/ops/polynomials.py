"""Derivatives of NumPy's functions of polynomials, whose coefficients are given from the highest power down."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import GradientError, InputError
from ..tape.rules import define, derivative, operation_of
from ..tape.tensor import apply
from ..values.creation import astype, in_type
from .composed import array_or_tensor, composed

# --- values and sums


@define(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    p, x = array_or_tensor(p), array_or_tensor(x)
    y = np.zeros_like(x)
    for i in range(len(p)):  # Horner's scheme
        y = y * x + p[i]
    return y


def _padded(a1: Any, a2: Any) -> list[Any]:
    """Two rows of coefficients, brought to one length by zeros in front."""
    a1, a2 = np.atleast_1d(array_or_tensor(a1)), np.atleast_1d(array_or_tensor(a2))
    longer = max(len(a1), len(a2))
    return [a if len(a) == longer else np.concatenate([np.zeros(longer - len(a), a.dtype), a]) for a in (a1, a2)]


@define(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    return np.add(*_padded(a1, a2))


@define(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    return np.subtract(*_padded(a1, a2))


# --- products and quotients


def _without_leading_zeros(p: Any) -> Any:
    p = np.atleast_1d(array_or_tensor(p))
    while len(p) > 1 and bool(p[0] == 0):
        p = p[1:]
    return p


@define(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(_without_leading_zeros(a1), _without_leading_zeros(a2))


@define(np.polydiv)
def polydiv(u: Any, v: Any) -> Any:
    u, v = np.atleast_1d(array_or_tensor(u)) + 0.0, np.atleast_1d(array_or_tensor(v)) + 0.0
    scale = 1.0 / v[0]
    dtype = np.result_type(u, v)
    quotient, rest = [], u + np.zeros((), dtype)
    for k in range(len(u) - len(v) + 1):
        d = scale * rest[k]
        quotient.append(d)
        n = len(u) - k - len(v)
        rest = rest - np.concatenate([np.zeros(k, dtype), d * v, np.zeros(n, dtype)])
    while len(rest) > 1 and bool(np.abs(rest[0]) <= 1e-8):
        rest = rest[1:]
    return np.stack(quotient) if quotient else np.zeros_like(rest[:1]), rest


# --- derivatives and integrals


@define(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    if m < 0:
        raise InputError(f"np.polyder takes m >= 0, not {m}; np.polyint integrates")
    p = array_or_tensor(p)
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@define(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    p = array_or_tensor(p)
    k = np.atleast_1d(array_or_tensor(np.zeros(m) if k is None else k))
    if m < 0 or len(k) not in (1, *range(m, len(k) + 1)):
        raise InputError(f"np.polyint takes m >= 0 and 1 or at least m constants; got m = {m}, {len(k)} constants")
    for i in range(m):
        constant = k[:1] if len(k) == 1 else k[i : i + 1]
        p = np.concatenate([p / np.arange(len(p), 0, -1), constant])
    return p


# --- roots and coefficients


def _roots_rule(g, y, p):
    """p(r) = 0 stays true, which gives dr = -Σ r**k dp_k / p'(r)."""
    n = p.shape[0]
    slope = np.polyval(p[:-1] * np.arange(n - 1, 0, -1, dtype=np.finfo(p.dtype).dtype), y)
    return -np.sum(np.flip(_powers(y, n), 1) * (g / slope)[:, None], axis=0)


derivative(np.roots, _roots_rule)


@define(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    zeros = np.atleast_1d(array_or_tensor(seq_of_zeros))
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] > 0:
        zeros = np.linalg.eigvals(zeros)
    elif zeros.ndim != 1:
        raise InputError(f"np.poly takes roots or a square matrix, not an array of shape {zeros.shape}")
    if not len(zeros):
        return 1.0
    if zeros.dtype == np.float16:  # as in NumPy, which has no eigenvalues of matrices of these
        zeros = astype(zeros, np.dtype(float))
    a = np.ones(1, zeros.dtype)
    for i in range(len(zeros)):
        a = np.convolve(a, np.concatenate([np.ones(1, zeros.dtype), -zeros[i : i + 1]]))
    if a.dtype.kind == "c" and bool(np.all(np.sort(zeros) == np.sort(np.conjugate(zeros)))):
        return np.real(a)
    return a


@define(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    x = array_or_tensor(x)
    if x.ndim != 1:
        raise InputError(f"np.vander takes an array of one axis, not of shape {x.shape}")
    columns = _powers(in_type(x, np.promote_types(x.dtype, int)), len(x) if N is None else N)
    return columns if increasing else np.flip(columns, 1)


def _powers(x: Any, n: int) -> Any:
    """1, x, x², … in n columns."""
    columns = np.repeat(x[:, None], max(n - 1, 0), axis=1)
    return np.concatenate([np.ones_like(columns, shape=(len(x), min(n, 1))), np.cumprod(columns, axis=1)], axis=1)


# --- least squares


@composed(np.polyfit, "x", "y", "w")
def polyfit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    x, y = array_or_tensor(x), array_or_tensor(y)
    a, b = np.vander(x, deg + 1), y if y.ndim == 2 else y[:, None]
    if w is not None:
        a, b = a * array_or_tensor(w)[:, None], b * array_or_tensor(w)[:, None]
    scale = np.sqrt(np.sum(a * a, axis=0))
    a = a / scale
    inverse = np.linalg.inv(a.T @ a)
    c = inverse @ (a.T @ b)
    fit = np.reshape(c / scale[:, None], c.shape[:1] + y.shape[1:])
    if not cov:
        return fit
    spread = inverse / (scale[:, None] * scale)
    if y.ndim == 2:
        spread = spread[:, :, None]
    if cov == "unscaled":
        return fit, spread
    residuals = np.sum(np.square(b - a @ c), axis=0)
    return fit, spread * (residuals / (len(x) - deg - 1))


@define(np.polyfit)
def polyfit_or_refusal(
    x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False
) -> Any:
    if full:
        raise GradientError("np.polyfit of tensors knows no full=True; np.linalg.svd of np.vander(x) tells the ranks")
    return apply(operation_of(np.polyfit), (x, y, deg), {"rcond": rcond, "w": w, "cov": cov})
