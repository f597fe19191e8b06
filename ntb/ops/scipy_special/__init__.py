"""Derivatives of SciPy's special functions: a chapter of the table, imported when a program that uses SciPy needs it.

Formulas without a source are in the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov (DLMF).
"""

import numpy as np
import scipy.special

from ...functions import written
from . import bessel, distributions, elementary, functions, gamma, incomplete, integrals, polynomials, refused

__all__ = [
    "bessel", "distributions", "elementary", "functions", "gamma", "incomplete", "integrals", "polynomials", "refused",
]  # fmt: skip

for function in vars(scipy.special).values():
    if isinstance(function, np.ufunc):
        written[function] = f"scipy.special.{function.__name__}"
