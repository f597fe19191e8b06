"""Floating-point numbers of 16 and 8 bits that NumPy does not have. Each is made the float32 that is equal to it.

Such a number is a sign s, an exponent e and a fraction f of some bits: (-1)^s 2^(e - bias) (1 + f), or, where e is
0, (-1)^s 2^(1 - bias) f. The forms differ in their bits, in the bias, and in which patterns are no such number: an
infinity, or NaN (Micikevicius et al., "FP8 formats for deep learning", 2022; the OCP's specification of 8-bit floats).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class _Form(NamedTuple):
    """A form of 8 bits. The sign is the first of them; what the exponent leaves is the fraction."""

    exponent_bits: int
    bias: int
    special: dict[int, float]


_NAN, _INFINITY = float("nan"), float("inf")
_FORMS = {
    "F8_E4M3": _Form(4, 7, {0x7F: _NAN, 0xFF: _NAN}),
    "F8_E5M2": _Form(
        5, 15, {0x7C: _INFINITY, 0xFC: -_INFINITY, **dict.fromkeys((0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF), _NAN)}
    ),
    "F8_E4M3FNUZ": _Form(4, 8, {0x80: _NAN}),
    "F8_E5M2FNUZ": _Form(5, 16, {0x80: _NAN}),
}
"""By the names of the safetensors format."""

SIZES = {"BF16": 2, "F8_E8M0": 1, **dict.fromkeys(_FORMS, 1)}
"""The bytes of a number in each form that can be widened."""


def widened(form: str, data: bytes) -> np.ndarray:
    """The numbers in some bytes, as float32.

    >>> widened("BF16", b"\\x80\\x3f\\xc0\\x3f")
    array([1. , 1.5], dtype=float32)
    >>> widened("F8_E4M3", b"\\x38\\x3c\\x01")
    array([1.        , 1.5       , 0.00195312], dtype=float32)
    """
    if form == "BF16":  # the upper half of a float32
        return (np.frombuffer(data, "<u2").astype("u4") << np.uint32(16)).view("f4")
    return _table(form)[np.frombuffer(data, "u1")]


def _table(form: str) -> np.ndarray:
    """The number that each pattern of 8 bits stands for."""
    patterns = np.arange(256)
    if form == "F8_E8M0":  # an exponent alone, for scales
        return np.append(np.exp2(patterns[:255] - 127.0), _NAN).astype("f4")
    exponent_bits, bias, special = _FORMS[form]
    fraction_bits = 7 - exponent_bits
    exponent = patterns >> fraction_bits & (1 << exponent_bits) - 1
    fraction = (patterns & (1 << fraction_bits) - 1) / (1 << fraction_bits)
    sizes = np.where(exponent > 0, np.exp2(exponent - float(bias)) * (1 + fraction), np.exp2(1.0 - bias) * fraction)
    numbers = np.where(patterns >> 7, -sizes, sizes)
    numbers[list(special)] = list(special.values())
    return numbers.astype("f4")
