"""A row for every operation of the table: value, derivatives, shapes and replay are tested on each of them."""

import importlib.util

from ntb.tape.rules import open_chapters

from . import (
    calculus,
    complex_numbers,
    core,
    creation,
    decompositions,
    fft,
    joining,
    matrices,
    norms,
    padding,
    products,
    quantiles,
    selecting,
    statistics,
    ufunc_methods,
)  # fmt: skip
from .base import SAMPLES

if importlib.util.find_spec("scipy"):
    for module in (".scipy_special", ".scipy_linalg"):
        importlib.import_module(module, __name__)
open_chapters()

__all__ = [
    "SAMPLES", "calculus", "complex_numbers", "core", "creation", "decompositions", "fft", "joining", "matrices",
    "norms", "padding", "products", "quantiles", "selecting", "statistics", "ufunc_methods",
]  # fmt: skip
