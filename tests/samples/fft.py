"""Samples of Fourier transforms."""

import numpy as np

from .base import real, row, small, unreal

EITHER = unreal(small)
SHAPES = [(4,), (5,), (2, 3), (1, 1)]
PLANES = [(2, 3), (2, 1, 2)]

for f, domain in (
    (np.fft.fft, EITHER), (np.fft.ifft, EITHER), (np.fft.irfft, EITHER), (np.fft.hfft, EITHER), (np.fft.rfft, real),
    (np.fft.ihfft, real),
):  # fmt: skip
    long = [shape for shape in SHAPES if f not in (np.fft.irfft, np.fft.hfft) or shape[-1] > 1]
    row(f, shapes=long, domains=domain)
    for n in (2, 3, 7):
        row(f, lambda x, f=f, n=n: f(x, n), SHAPES, domain, f"n {n}")
    for norm in ("ortho", "forward"):
        row(f, lambda x, f=f, norm=norm: f(x, 5, norm=norm), SHAPES[:3], domain, norm)
    row(f, lambda x, f=f: f(x, 4, 0, "backward"), PLANES, domain, "axis")
for f in (np.fft.fft, np.fft.ifft):
    row(f, shapes=SHAPES, domains=real, label="real")
row(np.fft.irfft, shapes=[(3,)], domains=real, label="real")

for f, flat, domain in (
    (np.fft.fftn, np.fft.fft2, EITHER), (np.fft.ifftn, np.fft.ifft2, EITHER), (np.fft.rfftn, np.fft.rfft2, real),
    (np.fft.irfftn, np.fft.irfft2, EITHER),
):  # fmt: skip
    row(f, shapes=PLANES, domains=domain)
    row(f, lambda x, f=f: f(x, (2, 5), (-1, 0), "ortho"), PLANES, domain, "s and axes")
    row(f, lambda x, f=f: f(x, (3, -1), (0, 1), "forward"), PLANES, domain, "size of the array")
    row(flat, shapes=PLANES, domains=domain)
    row(flat, lambda x, flat=flat: flat(x, (4, 3)), PLANES, domain, "s")
for f in (np.fft.fftshift, np.fft.ifftshift):
    row(f, shapes=[(4,), (5,), (2, 3), (0,)])
    row(f, lambda x, f=f: f(x, axes=(-1,)), PLANES, EITHER, "axes")
    row(f, lambda x, f=f: f(x, axes=0), PLANES, label="axis")
