"""Every function that has a translation gives in onnxruntime what it gives in NumPy, over the samples of operations.

So do the building blocks, by the calls of their survey. What has none is listed in docs/onnx.md.
"""

import functools
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from ntb.errors import InputError, NtbError
from ntb.functions import name_of
from ntb.onnx.table import is_translated
from tests.nn.survey import in_type, numbers
from tests.nn.table import CALLS, SIZES
from tests.samples import SAMPLES

from .files import close, exported, run

PAGE = (Path(__file__).parents[2] / "docs" / "onnx.md").read_text(encoding="utf-8")
PARTS = 6


def listed(title):
    """The names in the section of the page with this title."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"`((?:np|nn)\.[\w.]+)`", section)) - {"np.stack"}


def attempt(call, arrays, dtype):
    """Why a call is not written to a file, or "" if it is, which then must give the same."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected = call(*arrays)
    try:
        file = exported(call, tuple(arrays), batch=False)
    except InputError as error:
        return str(error)
    found = run(file, *arrays, needed=dtype == np.float32)
    if found is not None:
        close(found, expected, dtype)
    return ""


@functools.cache
def tried(sample):
    """What `attempt` says of a sample, in each precision. Complex numbers and empty arrays are not tried, nor ntb's and
    SciPy's functions without a translation."""
    if not name_of(sample.operation).startswith("np.") and not is_translated(sample.operation):
        return []
    shapes = [s for s in sample.shapes if all(0 not in shape for shape in s)]
    done = []
    for i, dtype in ((0, np.float32), (-1, np.float64)) if shapes else ():
        arrays = sample.arrays(np.random.default_rng(0), shapes[i], dtype)
        if not any(done) and not any(map(np.iscomplexobj, arrays)):
            done.append(attempt(sample.call, arrays, dtype))
    return done


@pytest.mark.uncounted
@pytest.mark.parametrize("part", range(PARTS))
def test_samples(part):
    wrong = {}
    for sample in SAMPLES[part::PARTS]:
        try:
            done = tried(sample)
        except Exception as error:
            wrong[sample.name] = f"{type(error).__name__}: {error}"
            continue
        if is_translated(sample.operation) and any(done) != (sample.name in FORMS):
            wrong[sample.name] = max(done)
    assert not wrong, "\n\n".join(f"{name}: {text}" for name, text in wrong.items())


FORMS = {
    "getitem-mask", "getitem-full mask", "getitem-scalar mask", "getitem-axes moved to the front", "split-overlapping",
    "norm-matrix nuc", "norm-axes nuc", "norm-matrix 2", "norm-axes 2", "norm-matrix -2", "norm-axes -2",
    "pad-linear_ramp", "pad-linear_ramp, wide", "pad-end values", "pad-tracked end values", "pad-median",
    "pad-median of 2", "pad-median of sides", "pad-median of axes", "pad-median of columns", "lstm_states-masked",
    "rnn_states-masked", "gru_states-masked", "lstm_sequence-masked", "rnn_sequence-masked", "gru_sequence-masked",
    "mean-where", "var-where", "std-where", "where-positions", "repeat-drawn",
}  # fmt: skip
"""Samples of functions that have a translation, but not in this form."""


FLAT = {
    "places": lambda x: (np.argmax(x), np.argmin(x, axis=1, keepdims=True), np.argsort(x), np.argsort(x, axis=0)),
    "truths": lambda x: (np.any(x > 1), np.all(x > -9, axis=0), np.count_nonzero(x > 0, axis=1), np.isfinite(x)),
    "logic": lambda x: ((x > 0) & (x < 1), (x > 0) | (x < -1), (x > 0) ^ (x < 1), ~(x > 0), np.logical_not(x > 1)),
    "comparisons": lambda x: (x == x[::-1], x != x[::-1], x <= 1, x >= 1, np.isnan(x), np.isposinf(x), np.isneginf(x)),
    "of bools": lambda x: ((x > 0) + (x > 1), (x > 0) * (x > 1), np.maximum(x > 0, x > 1), np.sum(x > 0)),
    "rounded": lambda x: (np.floor(x), np.ceil(x), np.trunc(x), np.rint(x), np.round(x, 1), np.sign(x), x // 0.7),
    "whole numbers": lambda x: [f(np.ceil(9 * x).astype(int)) for f in (lambda n: n // 4, lambda n: n % 4, np.floor)],
    "bits": lambda x: [
        f(np.ceil(9 * x).astype(int)) for f in (lambda n: n & 6, lambda n: n | 1, lambda n: n ^ 3, np.invert)
    ],
    "filled": lambda x: (np.zeros_like(x), np.ones_like(x, dtype=int), np.full_like(x, 3), np.empty_like(x) * 0),
    "of numbers": lambda x: (x * 2, 2 - x, np.float64(2) * x, np.where(x > 0, 1, x), np.clip(x, None, x[:1] + 1)),
}
"""Functions that have no derivative, and so no samples; and mixed types."""


@pytest.mark.parametrize("name", FLAT)
def test_flat_functions(name):
    x = np.array([[0.3, -1.7, 2.2], [1.4, 0.6, -0.2]], np.float32)
    assert not attempt(FLAT[name], [x], np.float32)


@pytest.mark.parametrize("part", range(3))
def test_building_blocks(part):
    wrong, without = {}, listed("Layers and functions of nn that are not translated")
    for call in CALLS[part::3]:
        if call.name.startswith("nn.") and not call.drawn:
            arrays, function = list(in_type(call, numbers(call, SIZES), np.float32)), call.run
            if call.arguments and call.arguments[-1][1] == "R":  # a layer is told so in which type it computes
                function = functools.partial(lambda run, follow, x: run(x, follow), function, arrays.pop())
            try:
                reason = attempt(function, arrays, np.float32)
                if "has no translation" in reason and call.name.split()[0] not in without:
                    wrong[call.name] = reason
            except NtbError:  # of the call itself, or of its trace
                continue
            except Exception as error:
                wrong[call.name] = f"{type(error).__name__}: {error}"
    assert not wrong, "\n\n".join(f"{name}: {text}" for name, text in wrong.items())


def test_the_page_lists_the_functions_that_are_not_translated():
    samples = [(name_of(s.operation), tried(s)) for s in SAMPLES]
    known = {name for name, done in samples if done and name.startswith("np.")}
    without = sorted(known - {name for name, done in samples if not all(done)})
    text = ", ".join(f"`{name}`" for name in without)
    assert listed("Functions of NumPy that are not translated") == set(without), text
