"""What libraries on NumPy need beside themselves: optimizers that write in place, and windows of images."""

from __future__ import annotations

import numpy as np


def windows(x, size, stride, padding, fill=0.0):
    """The windows of images (N, C, H, W), as columns: (N, C * size * size, positions)."""
    if any(padding):
        x = np.pad(x, ((0, 0), (0, 0), padding, padding), constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    view = view.transpose(0, 1, 4, 5, 2, 3)
    return view.reshape(len(x), x.shape[1] * size * size, -1)


def unwindows(columns, shape, size, stride, padding):
    """The adjoint of `windows`: add the columns up to images of a shape."""
    n, channels, height, width = shape
    rows, across = ((extent + sum(padding) - size) // stride + 1 for extent in (height, width))
    columns = columns.reshape(n, channels, size, size, rows, across)
    x = np.zeros((n, channels, height + sum(padding), width + sum(padding)), columns.dtype)
    for i in range(size):
        for j in range(size):
            x[:, :, i : i + stride * rows : stride, j : j + stride * across : stride] += columns[:, :, i, j]
    before = padding[0]
    return x[:, :, before : before + height, before : before + width]


class Optimizer:
    """Adam, momentum or RMSProp, writing the parameters in place."""

    def __init__(self, parameters, optimizer):
        self.kind, self.rate = optimizer
        self.parameters = parameters
        self.slots = [[np.zeros_like(p) for _ in range(2 if self.kind == "adam" else 1)] for p in parameters]
        self.t = 0

    def apply(self, gradients):
        self.t += 1
        for p, g, slots in zip(self.parameters, gradients, self.slots):
            getattr(self, self.kind)(p, g, *slots)

    def adam(self, p, g, m, v):
        m *= 0.9
        m += 0.1 * g
        v *= 0.999
        v += 0.001 * (g * g)
        p -= self.rate / (1 - 0.9**self.t) * m / (np.sqrt(v / (1 - 0.999**self.t)) + 1e-8)

    def momentum(self, p, g, v):
        v *= 0.9
        v += g
        p -= self.rate * v

    def rmsprop(self, p, g, s):
        s *= 0.99
        s += 0.01 * (g * g)
        p -= self.rate * g / (np.sqrt(s) + 1e-8)
