"""What the oldest versions that ntb runs with, Python 3.10 and NumPy 2.0, do otherwise: marks of tests that are skipped
there, with the reason."""

import sys

import numpy as np
import pytest

from ntb.blockwise import SUMS_BY_HALVES

PYTHON, NUMPY = sys.version_info < (3, 11), np.lib.NumpyVersion(np.__version__) < "2.1.0"

names = pytest.mark.skipif(PYTHON, reason="before Python 3.11 a frame knows its line and not its expression")
copies = pytest.mark.skipif(PYTHON, reason="before Python 3.11 copy takes __getstate__ for an item of such a dict")
sums = pytest.mark.skipif(not SUMS_BY_HALVES, reason="NumPy 2.0 sums 8,192 numbers after another, which no block does")
dlpack = pytest.mark.skipif(NUMPY, reason="NumPy 2.0 speaks an older DLPack")
spellings = pytest.mark.skipif(NUMPY, reason="NumPy 2.0 has other names for some arguments")
clips = pytest.mark.skipif(NUMPY, reason="before NumPy 2.1 clip takes both bounds by position")
