"""Floating-point numbers of 16 and 8 bits that NumPy does not have, as PyTorch makes float32 of them.

Each pattern of bits is compared by mantissa and exponent, since the numbers differ in size by a factor of 10^76.
"""

import numpy as np

from ntb.io.small_floats import widened

from .base import reference

PATTERNS = np.arange(256, dtype=np.uint8)
TORCH = {
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz", "F8_E8M0": "float8_e8m0fnu", "BF16": "bfloat16",
}  # fmt: skip


def ours(form):
    def call(patterns):
        return list(np.frexp(np.nan_to_num(widened(form, patterns.tobytes()), nan=3.0, posinf=5.0, neginf=-5.0)))

    return call


def theirs(dtype):
    def call(torch, patterns):
        numbers = patterns.view(getattr(torch, dtype)).float()
        return list(torch.frexp(torch.nan_to_num(numbers, nan=3.0, posinf=5.0, neginf=-5.0)))

    return call


for form, dtype in TORCH.items():
    patterns = np.arange(-(2**15), 2**15, 97, dtype=np.int16) if form == "BF16" else PATTERNS
    reference(form, "torch", [patterns], ours(form), theirs(dtype), gradients=False)
