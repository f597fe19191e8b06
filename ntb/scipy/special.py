"""Special functions that SciPy writes in Python, for tensors and for arrays; its ufuncs are found here too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special

from ..errors import InputError
from ..ops import scores
from ..ops.scipy_special import functions
from ..ops.scipy_special.elementary import quiet_log
from ..ops.scipy_special.gamma import polygamma
from ..ops.stopping import stop_gradient

__all__ = [
    "lambertw", "log_softmax", "logsumexp", "multigammaln", "polygamma", "softmax", "softplus", "spherical_in",
    "spherical_jn", "spherical_kn", "spherical_yn", "zeta",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """SciPy's own, if it is a ufunc, which takes tensors by itself."""
    function = getattr(scipy.special, name)
    if isinstance(function, np.ufunc):
        return function
    raise AttributeError(
        f"scipy.special.{name} takes no tensors, and ntb.scipy.special has no such function of its own; it has "
        f"SciPy's ufuncs and {', '.join(__all__)}"
    )


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / sum(exp(x)) along an axis: an int, a tuple, or None for all.

    >>> softmax(np.array([0.0, 0.0]))
    array([0.5, 0.5])
    """
    return scores.softmax(x, axis)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """The logarithm of `softmax`, without overflow.

    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    return scores.log_softmax(x, axis)


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), without overflow.

    >>> softplus(np.array([-1000.0, 1000.0]))
    array([   0., 1000.])
    """
    return np.logaddexp(0, x)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b * exp(a))) along an axis (an int, a tuple, or None for all), without overflow.

    Args:
        a: real numbers, of any shape.
        b: weights of either sign, which broadcast against `a`; 1 by itself.
        return_sign: give log|sum| and the sign of the sum; else the logarithm of a negative sum is NaN.

    Raises:
        InputError: complex numbers.

    >>> value, sign = logsumexp(np.array([1000.0, 1000.0]), b=np.array([0.5, -1.0]), return_sign=True)
    >>> print(value, sign)
    999.3068528194401 -1.0
    """
    if np.iscomplexobj(a) or np.iscomplexobj(b):
        raise InputError("logsumexp takes real numbers; of complex ones take np.log(np.sum(b * np.exp(a)))")
    if b is None and not return_sign:
        return scores.logsumexp(a, axis, keepdims)
    b = np.ones_like(a) if b is None else b
    empty = np.equal(b, 0)
    top = stop_gradient(np.max(np.where(empty, -np.inf, a), axis=axis, keepdims=True, initial=-np.inf))
    base = np.where(np.isfinite(top), top, 0)
    # What has the weight 0 may be larger than the rest, but must not become inf, as 0 * inf is NaN.
    total = np.sum(b * np.exp(np.where(empty, np.minimum(a - base, 80), a - base)), axis=axis, keepdims=True)
    zero, size = np.equal(total, 0), np.absolute(total) if return_sign else total
    result, sign = np.where(zero, -np.inf, quiet_log(np.where(zero, 1, size)) + base), np.sign(total)
    if not keepdims:
        result, sign = np.squeeze(result, axis), np.squeeze(sign, axis)
    return (result, sign) if return_sign else result


def multigammaln(a: Any, d: int) -> Any:
    """log of the multivariate gamma function of dimension `d`, elementwise; a > (d - 1) / 2.

    >>> print(multigammaln(1.0, 1))
    0.0
    """
    constant = d * (d - 1) * 0.25 * math.log(math.pi)
    return sum(scipy.special.gammaln(a - j / 2) for j in range(d)) + constant


def zeta(x: Any, q: Any = None) -> Any:
    """Hurwitz's zeta function, sum of 1 / (k + q)^x over k = 0, 1, …, with a derivative in q; Riemann's without q.

    >>> round(float(zeta(2.0, 1.0)), 12)
    1.644934066848
    """
    return scipy.special.zeta(x, q)


def lambertw(z: Any, k: int = 0, tol: float = 1e-8) -> Any:
    """The branch `k` of Lambert's function, the inverse of w exp(w): complex numbers.

    >>> np.round(lambertw(math.e), 12)
    np.complex128(1+0j)
    """
    return scipy.special.lambertw(z, k, tol)


def spherical_jn(n: Any, z: Any, derivative: bool = False) -> Any:
    """The spherical Bessel function of the first kind of the integer order n >= 0, or its derivative; elementwise.

    >>> round(float(spherical_jn(0, 1.0)), 12)
    0.841470984808
    """
    return functions.slope_jn(n, z) if derivative else functions.spherical_jn(n, z)


def spherical_yn(n: Any, z: Any, derivative: bool = False) -> Any:
    """The spherical Bessel function of the second kind of the integer order n >= 0, or its derivative; elementwise.

    >>> round(float(spherical_yn(0, 1.0)), 12)
    -0.540302305868
    """
    return functions.slope_yn(n, z) if derivative else functions.spherical_yn(n, z)


def spherical_in(n: Any, z: Any, derivative: bool = False) -> Any:
    """The modified spherical Bessel function of the first kind of the integer order n >= 0, or its derivative.

    >>> round(float(spherical_in(0, 1.0)), 12)
    1.175201193644
    """
    return functions.slope_in(n, z) if derivative else functions.spherical_in(n, z)


def spherical_kn(n: Any, z: Any, derivative: bool = False) -> Any:
    """The modified spherical Bessel function of the second kind of the integer order n >= 0, or its derivative.

    >>> round(float(spherical_kn(0, 1.0)), 12)
    0.577863674895
    """
    return functions.slope_kn(n, z) if derivative else functions.spherical_kn(n, z)
