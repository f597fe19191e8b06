"""Derivatives of inverses and of solutions of linear equations.

Sources: M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
(2008); G. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems" (1973).
Products are with transposes, not conjugate transposes, since g stands for Re(g dx); see elementwise.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import apply
from .linalg import conj
from .triangles import adjoint, hermitian_part, one_triangle

derivative(np.linalg.inv, lambda g, y, _a: -np.matmul(np.matmul(y.mT, g), y.mT))


def _solve_left(g, y, a, _b):
    if _b.ndim == 1:
        return -_solve_right(g, y, a, _b)[..., :, None] * y[..., None, :]
    return -np.matmul(np.linalg.solve(a.mT, g), y.mT)


def _solve_right(g, _y, a, _b):
    """NumPy takes only an array with one axis as a vector, but the gradient also has the axes of the stack."""
    return np.linalg.solve(a.mT, g[..., None])[..., 0] if _b.ndim == 1 else np.linalg.solve(a.mT, g)


derivative(np.linalg.solve, _solve_left, _solve_right, broadcasts=True)


@define(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        a = np.transpose(a, [i for i in range(np.ndim(a)) if i not in axes] + list(axes))
    shape = np.shape(a)[np.ndim(b) :]
    n = math.prod(shape)
    if n * n != np.size(a):
        raise np.linalg.LinAlgError(
            f"tensorsolve takes as many equations as unknowns: prod(a.shape[b.ndim:]) is {n}, prod(a.shape[:b.ndim]) "
            f"{np.size(a) // max(n, 1)}"
        )
    return np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.ravel(b)), shape)


@define(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    if ind <= 0:
        raise ValueError(f"tensorinv takes ind > 0, not {ind}")
    shape = np.shape(a)[ind:] + np.shape(a)[:ind]
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(np.shape(a)[ind:]), -1))), shape)


# --- pseudo-inverses, where the rank does not change


def _pinv_pull(g: Any, a: Any, p: Any) -> Any:
    """The gradient of `a` from that of its pseudo-inverse p: d p = -p d a p, plus what turns the two null spaces."""
    h, q = adjoint(g), conj(p)
    left, right = h @ q @ p.mT, p.mT @ q @ h
    return (left - conj(a) @ (q @ left)) + (right - (right @ q) @ conj(a)) - p.mT @ g @ p.mT


def _pinv_rule(g, y, a, rcond=None, hermitian=False, *, rtol=None):
    return one_triangle(_pinv_pull(g, hermitian_part(a), y)) if hermitian else _pinv_pull(g, a, y)


derivative(np.linalg.pinv, _pinv_rule)


def _columns(x: Any) -> Any:
    return x if x.ndim == 2 else np.expand_dims(x, 1)


def _lstsq_inverse(a: Any, rcond: Any) -> Any:
    """The pseudo-inverse that np.linalg.lstsq applies."""
    eps = float(np.finfo(float).eps)
    return np.linalg.pinv(a, eps * max(a.shape) if rcond is None else rcond if rcond >= 0 else eps)


def _lstsq_left(g, y, a, b, rcond=None):
    x, b, g_x = _columns(y[0]), _columns(b), _columns(g[0])
    d = _pinv_pull(g_x @ b.mT, a, _lstsq_inverse(a, rcond))
    if y[1].size:  # as the residuals are least, they change with `a` as if x were constant
        d = d - 2 * (conj(b - a @ x) * g[1]) @ x.mT
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return d + (conj(u) * g[3][None, :]) @ conj(vh)


def _lstsq_right(g, y, a, b, rcond=None):
    d = _lstsq_inverse(a, rcond).mT @ _columns(g[0])
    if y[1].size:
        d = d + 2 * conj(_columns(b) - a @ _columns(y[0])) * g[1]
    return np.reshape(d, b.shape)


derivative(np.linalg.lstsq, _lstsq_left, _lstsq_right)


@define(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    result = apply(operation_of(np.linalg.lstsq), (a, b, rcond))
    int(result[2])  # a trace notes the rank, which decides the number of residuals
    return result


declare(np.linalg.matrix_rank, constant=True)
