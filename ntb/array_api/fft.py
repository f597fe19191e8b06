"""The Fourier transforms of the standard: NumPy's."""

from typing import Any

import numpy as np
from numpy.fft import (
    fft,
    fftn,
    fftshift,
    hfft,
    ifft,
    ifftn,
    ifftshift,
    ihfft,
    irfft,
    irfftn,
    rfft,
    rfftn,
)

from ..tape.tensor import Tensor
from .creation import on_this_machine

__all__ = [
    "fft", "ifft", "fftn", "ifftn", "rfft", "irfft", "rfftn", "irfftn", "hfft", "ihfft", "fftfreq", "rfftfreq",
    "fftshift", "ifftshift",
]  # fmt: skip


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of the terms of `fft`, for n samples at a distance d."""
    on_this_machine(device)
    return Tensor(np.fft.fftfreq(n, d).astype(float if dtype is None else dtype))


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of the terms of `rfft`, for n samples at a distance d."""
    on_this_machine(device)
    return Tensor(np.fft.rfftfreq(n, d).astype(float if dtype is None else dtype))
