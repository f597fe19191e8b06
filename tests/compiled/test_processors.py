"""Loops give NumPy's bits on other processors: NumPy and the compiler are told to use less of this one."""

import os
import subprocess
import sys

import numpy as np
import pytest

from ntb.compiled import kernels

pytestmark = pytest.mark.skipif(not kernels.is_there(), reason="numba is not installed (the extra `fast`)")

FOUND = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
PROCESSORS = {
    "NumPy with narrow vectors": {"NPY_DISABLE_CPU_FEATURES": " ".join(FOUND)},
    "loops for any processor": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
}
PROGRAM = """
import numpy as np
import ntb
from ntb import nn
from ntb.compiled.agreement import _drawn, _same

def chain(x, row, number):
    y = np.maximum(x * row - number, row / (np.sqrt(np.abs(x)) + 0.5))
    return [np.where(y > x, y, x * 0.25) * y - nn.relu(x), nn.gelu(x) * number]

def recurrent(x, h, c, wx, wh, b):
    with ntb.Tape() as tape:
        watched = [tape.watch(a * 1) for a in (x, wx, wh)]
        states, last = nn.lstm(watched[0], (h, c), *watched[1:], b)
        loss = np.sum(states**2) + np.sum(last[1])
    return tape.gradient(loss, watched)

rng = np.random.default_rng(0)
with np.errstate(all="ignore"):
    for f, dtype, sizes in (
        (chain, np.dtype("f4"), [(41, 97), (97,), ()]),
        (chain, np.dtype("f8"), [(41, 97), (97,), ()]),
        (recurrent, np.dtype("f4"), [(3, 5, 4), (3, 7), (3, 7), (4, 28), (7, 28), (28,)]),
    ):
        traced = ntb.function(f)
        for _ in range(5):
            given = [_drawn(rng, dtype, shape) for shape in sizes]
            assert all(map(_same, map(np.asarray, traced(*given)), f(*given))), (f, dtype)
        assert traced.programs[-1].kernels
"""


@pytest.mark.parametrize("processor", PROCESSORS)
def test_bits_on_other_processors(processor, tmp_path):
    if not all(PROCESSORS[processor].values()) and "NumPy" in processor:
        pytest.skip("NumPy uses nothing of this processor that it could do without")
    environment = {**os.environ, **PROCESSORS[processor], "NTB_COMPILE": "now", "NTB_CACHE": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
