"""A row for every operation of the table: value, derivatives, shapes and replay are tested on each of them."""

from ntb.tape.rules import open_chapters

from . import calculus, core, creation, joining, padding, quantiles, selecting, statistics, ufunc_methods
from .base import SAMPLES

open_chapters()

__all__ = [
    "SAMPLES", "calculus", "core", "creation", "joining", "padding", "quantiles", "selecting", "statistics",
    "ufunc_methods",
]  # fmt: skip
