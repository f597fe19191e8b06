"""Muon: `w` is a matrix, `g` its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from .checks import fraction, not_negative
from .optimizer import LearningRate, Optimizer
from .sizes import norm

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the polynomial that brings all singular values near to 1 in few steps (Jordan, 2024)."""


class Muon(Optimizer):
    """Momentum whose step is made orthogonal: all of its singular values become about 1 (Jordan et al., 2024).

        m = momentum * m + (1 - momentum) * g
        u = orthogonal(m)                     (nesterov: of momentum * m + (1 - momentum) * g)
        w = w - lr * weight_decay * w - lr * sqrt(max(1, outputs / inputs)) * u

    where orthogonal(x) iterates x = a x + b (x xᵀ) x + c (x xᵀ)² x from x / |x| (Newton and Schulz). For the matrices
    inside of a network; biases, norms, embeddings and the last layer are for another optimizer:

        optim.Groups(optim.AdamW(1e-3), {"layers.*.weight": optim.Muon(0.02)})

    Parameters are matrices of (inputs, outputs), or the kernels of convolutions, (outputs, inputs, ...); real or
    complex numbers of any precision; those of float16 have slots of float32.

    Raises:
        InputError: at a step, a parameter has fewer than two axes.

    >>> Muon()
    Muon(lr=0.02, momentum=0.95, nesterov=True, weight_decay=0.0, iterations=5)
    """

    on_arrays = True
    slot_names = ("m",)

    def __init__(
        self,
        lr: LearningRate = 0.02,
        momentum: float = 0.95,
        nesterov: bool = True,
        weight_decay: float = 0.0,
        iterations: int = 5,
    ) -> None:
        super().__init__(lr)
        self.momentum = fraction("momentum", momentum)
        self.nesterov = nesterov
        self.weight_decay = not_negative("weight_decay", weight_decay)
        self.iterations = iterations

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        if w.ndim < 2:
            raise InputError(
                f"Muon makes steps of matrices orthogonal, and a parameter has the shape {w.shape}; give it another "
                'optimizer: optim.Groups(optim.AdamW(), {"matrices": optim.Muon()})'
            )
        m = self.momentum * slots[0] + (1 - self.momentum) * g
        u = self.momentum * m + (1 - self.momentum) * g if self.nesterov else m
        u = u if u.ndim == 2 else np.transpose(np.reshape(u, (len(u), -1)))  # inputs by outputs
        inputs, outputs = u.shape
        u = max(1, outputs / max(inputs, 1)) ** 0.5 * _orthogonal(u, self.iterations)
        u = u if w.ndim == 2 else np.reshape(np.transpose(u), w.shape)
        return w - lr * self.weight_decay * w - lr * u, m


def _orthogonal(x: Any, iterations: int) -> Any:
    """Nearly the orthogonal matrix that is nearest to a matrix: its singular vectors, with values from 0.7 to 1.2."""
    a, b, c = _COEFFICIENTS
    if x.shape[0] > x.shape[1]:
        return np.transpose(_orthogonal(np.transpose(x), iterations))  # so that the products below are the smaller ones
    x = x / (norm(x) + 1e-7)
    for _ in range(iterations):
        square = x @ np.conjugate(np.transpose(x))
        x = a * x + (b * square + c * square @ square) @ x
    return x
