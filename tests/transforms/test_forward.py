"""jvp and linearize: forward mode agrees with reverse mode, for every operation and every nesting."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import ntb
from ntb import jvp, vjp
from tests.samples import SAMPLES


def floats(tree):
    """The float results of an operation, as arrays."""
    parts = tree if isinstance(tree, tuple | list) else (tree,)
    return [np.asarray(ntb.tensor(y).value) for y in parts if y is not None and y.dtype.kind in "fc"]


def inner(a, b):
    return sum(np.sum(np.real(np.conjugate(x) * y)) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_forward_and_reverse_mode_agree(sample):
    """<w, J v> = <Jᵀ w, v>."""
    if sample.order == 1:
        pytest.skip("its rule cannot be transposed, as it has a first derivative only")
    rng = np.random.default_rng(1)
    for dtype, tolerance in ((np.float64, 1e-9), (np.float32, 2e-3)):
        xs = sample.arrays(rng, sample.shapes[-1], dtype)
        vs = [np.asarray(rng.normal(size=x.shape)).astype(dtype) for x in xs]
        with np.errstate(all="ignore"):
            y, dy = jvp(sample.call, xs, vs)
            values, pull = vjp(sample.call, *xs)
            ws = [np.asarray(rng.normal(size=part.shape)).astype(part.dtype) for part in floats(y)]
            remaining = iter(ws)
            weights = [next(remaining) if p.dtype.kind in "fc" else None for p in (y if type(y) is tuple else (y,))]
            gradients = pull(weights if type(y) is tuple else weights[0])
        assert [(t.shape, t.dtype) for t in floats(dy)] == [(p.shape, p.dtype) for p in floats(y)]
        forward, backward = inner(ws, floats(dy)), inner([g.value for g in gradients], vs)
        size = sum(np.sum(np.abs(w * t)) for w, t in zip(ws, floats(dy))) + 1e-3
        assert abs(forward - backward) <= tolerance * size
        for a, b in zip(floats(y), floats(values), strict=True):
            assert_array_equal(a, b)
