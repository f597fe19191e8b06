"""Plain and tuned forms: of each block the same numbers, to two derivatives; eager, traced and in printed source."""

import numpy as np
import pytest

import ntb
from ntb import forms, nn, tuned
from tests.replay.parity import run_source
from tests.samples import SAMPLES

TUNED = [sample for sample in SAMPLES if getattr(sample.operation, "__module__", "").startswith("ntb.tuned.")]


def results(f, arrays):
    """Values, gradients and gradients of gradients of a function of arrays, flat."""

    def gradients(f):
        def gradient(*xs):
            with ntb.Tape() as tape:
                xs = [tape.watch(ntb.tensor(x)) for x in xs]
                ys = [y for y in as_list(f(*xs)) if y.dtype.kind in "fc"]
                weights = [np.cos(np.arange(y.size) + 1.0).reshape(y.shape).astype(y.dtype) for y in ys]
                total = sum(np.sum(np.real(y * w)) for y, w in zip(ys, weights))
            return tape.gradient(total, xs, unconnected="zero")

        return gradient

    first = gradients(f)
    return [np.asarray(x) for g in (f, first, gradients(first)) for x in as_list(g(*map(ntb.Tensor, arrays)))]


def as_list(y):
    return list(y) if isinstance(y, tuple | list) else [y]


def assert_close(found, expected, dtype):
    tolerance = {"f8": 1e-11, "f4": 2e-4}[np.dtype(dtype).str[1:]]
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        assert a.shape == b.shape and a.dtype == b.dtype
        scale = np.max(np.abs(b), initial=1.0)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.uncounted
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("sample", TUNED, ids=lambda s: s.name)
def test_plain_and_tuned_agree_to_two_derivatives(sample, dtype):
    for number, shapes in enumerate(sample.shapes):
        arrays = sample.arrays(np.random.default_rng(number), shapes, dtype)
        found = results(sample.call, arrays)
        with tuned.off():
            expected = results(sample.call, arrays)
        assert_close(found, expected, dtype)


@pytest.mark.parametrize("sample", TUNED, ids=lambda s: s.name)
def test_both_forms_are_traced_and_printed(sample):
    arrays = sample.arrays(np.random.default_rng(0), sample.shapes[-1])
    function = ntb.function(sample.call)
    found = as_list(function(*arrays))
    with tuned.off():
        plain, again = as_list(function(*arrays)), as_list(function(*arrays))
        program = function.trace(*arrays)
    printed = as_list(run_source(program, arrays)[0])
    for other in (found, again, printed):
        assert_close([np.asarray(x) for x in other], [np.asarray(x) for x in plain], np.float64)


def test_every_tuned_form_has_a_sample():
    sampled = {sample.operation for sample in SAMPLES}
    missing = [f.function.__name__ for of in forms.blocks.values() for f in of if f.function not in sampled]
    assert forms.blocks and not missing


def test_what_is_off_comes_back_also_after_an_error():
    with pytest.raises(ZeroDivisionError), tuned.off():
        assert forms.is_off()
        raise ZeroDivisionError
    assert not forms.is_off()


def test_programs_of_both_forms_do_not_mix():
    """What was traced with tuned forms is not replayed without them, and comes back afterwards."""
    f = ntb.function(lambda x: nn.softmax(x))
    x = np.arange(3.0)
    f(x)
    with tuned.off():
        f(x)
        f(x)
    f(x)
    names = ["softmax" in program.source.split("def ")[-1].split(":", 1)[1] for program in f.programs]
    assert len(f.programs) == 2 and sorted(names) == [False, True]


def test_arrays_of_other_kinds_run_the_plain_form():
    """It looks at no value and changes nothing in place, so that any library with NumPy's functions can run it."""
    form = nn.softmax.plain
    assert nn.softmax(np.zeros(2)) is not None and form.__name__ == "softmax"
