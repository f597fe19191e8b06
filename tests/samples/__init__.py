"""A row for every operation of the table: value, derivatives, shapes and replay are tested on each of them."""

from ntb.tape.rules import open_chapters

from . import complex_numbers, core, decompositions, fft, matrices, norms, products
from .base import SAMPLES

open_chapters()

__all__ = [
    "SAMPLES", "complex_numbers", "core", "decompositions", "fft", "matrices", "norms", "products",
]  # fmt: skip
