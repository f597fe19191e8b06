"""Derivatives of inverses and of solutions of linear equations.

Sources: M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation"
(2008); G. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems" (1973).
Products are with transposes, not conjugate transposes, since g stands for Re(g dx); see elementwise.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tape.rules import define, derivative, no_gradient
from ..tape.tensor import apply, operation_of
from .linalg import conj
from .triangles import adjoint, hermitian_part, one_triangle

derivative(np.linalg.inv, lambda g, y, _a: -np.matmul(np.matmul(y.mT, g), y.mT))


def solve_left(g, y, a, _b):
    if _b.ndim == 1:
        return -solve_right(g, y, a, _b)[..., :, None] * y[..., None, :]
    return -np.matmul(np.linalg.solve(a.mT, g), y.mT)


def solve_right(g, _y, a, _b):
    """NumPy takes as a vector only what has one axis, and the gradient has those of the stack too."""
    return np.linalg.solve(a.mT, g[..., None])[..., 0] if _b.ndim == 1 else np.linalg.solve(a.mT, g)


derivative(np.linalg.solve, solve_left, solve_right, broadcasts=True)


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


def pinv_pull(g: Any, a: Any, p: Any) -> Any:
    """The gradient of `a` from that of its pseudo-inverse p: d p = -p d a p, and what turns the two null spaces."""
    h, q = adjoint(g), conj(p)
    left, right = h @ q @ p.mT, p.mT @ q @ h
    return (left - conj(a) @ (q @ left)) + (right - (right @ q) @ conj(a)) - p.mT @ g @ p.mT


def pinv_rule(g, y, a, rcond=None, hermitian=False, *, rtol=None):
    return one_triangle(pinv_pull(g, hermitian_part(a), y)) if hermitian else pinv_pull(g, a, y)


derivative(np.linalg.pinv, pinv_rule)


def columns(x: Any) -> Any:
    return x if x.ndim == 2 else np.expand_dims(x, 1)


def lstsq_inverse(a: Any, rcond: Any) -> Any:
    """The pseudo-inverse that np.linalg.lstsq applies."""
    eps = float(np.finfo(float).eps)
    return np.linalg.pinv(a, eps * max(a.shape) if rcond is None else rcond if rcond >= 0 else eps)


def lstsq_left(g, y, a, b, rcond=None):
    x, b, g_x = columns(y[0]), columns(b), columns(g[0])
    d = pinv_pull(g_x @ b.mT, a, lstsq_inverse(a, rcond))
    if y[1].size:  # the residuals change with `a` as if x stayed, since they are least
        d = d - 2 * (conj(b - a @ x) * g[1]) @ x.mT
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return d + (conj(u) * g[3][None, :]) @ conj(vh)


def lstsq_right(g, y, a, b, rcond=None):
    d = lstsq_inverse(a, rcond).mT @ columns(g[0])
    if y[1].size:
        d = d + 2 * conj(columns(b) - a @ columns(y[0])) * g[1]
    return np.reshape(d, b.shape)


derivative(np.linalg.lstsq, lstsq_left, lstsq_right)


@define(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    result = apply(operation_of(np.linalg.lstsq), (a, b, rcond))
    int(result[2])  # a trace notices when the rank changes, and with it the number of residuals
    return result


no_gradient(np.linalg.matrix_rank)
