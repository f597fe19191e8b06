"""Which operations run on foreign arrays: every row of `tests.samples`, with its gradient.

python -m tests.arrays.survey          prints the operations that do not
python -m tests.arrays.survey --write  puts the list into docs/scale.md
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from pathlib import Path

import dask
import dask.array as da
import numpy as np

import ntb
from ntb.dask import compute
from ntb.tape.rules import name_of
from tests.samples import SAMPLES

from .duck import duck

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
BEGIN, END = "<!-- survey -->\n", "<!-- end of the survey -->"


class ComputedError(Exception):
    """Something was computed behind the user's back."""


def refuse(*args, **kwargs):
    raise ComputedError("computed")


def chunked(array):
    return da.from_array(array, chunks=tuple(max(n // 2, 1) for n in array.shape) if array.ndim else ())


def value_and_gradients(sample, tensors):
    with ntb.Tape() as tape:
        for t in tensors:
            tape.watch(t)
        results = sample.call(*tensors)
        results = [y for y in (results if isinstance(results, tuple) else (results,)) if y.dtype.kind == "f"]
        total = sum(np.sum(np.sin(y) + y) for y in results)
    return [*results, *tape.gradient(total, tensors, unconnected="zero")]


def outcome(sample, library):
    """None if the sample gives NumPy's numbers on arrays of the library, else the error it meets; others are raised."""
    shapes = next((s for s in reversed(sample.shapes) if all(np.prod(shape) for shape in s)), sample.shapes[-1])
    arrays = sample.arrays(np.random.default_rng(0), shapes)
    expected = value_and_gradients(sample, [ntb.tensor(a) for a in arrays])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            if library == "dask":
                with dask.config.set(scheduler=refuse):
                    found = value_and_gradients(sample, [ntb.tensor(chunked(a)) for a in arrays])
                found = compute(found, scheduler="synchronous")
            else:
                found = value_and_gradients(sample, [ntb.tensor(duck(a)) for a in arrays])
        except Exception as error:
            return error
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape and one.dtype == other.dtype
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-9, atol=1e-9)
    return None


def refused(library):
    """By operation: the samples that do not run, and the error."""
    found = defaultdict(dict)
    for sample in SAMPLES:
        error = outcome(sample, library)
        if error is not None:
            name = sample.operation if isinstance(sample.operation, str) else name_of(sample.operation)
            found[name][sample.name] = error
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    for library in ("dask", "duck"):
        print("==", library)
        for name, errors in refused(library).items():
            for sample, error in errors.items():
                print(name, "|", sample, "|", type(error).__name__, str(error).replace("\n", " ")[:150])
