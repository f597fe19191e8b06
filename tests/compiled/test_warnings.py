"""NumPy tells of what a loop meets as it is set to; a chain of which it has to tell again and again goes back to it."""

import gc
from weakref import ref

import numpy as np
import pytest

import ntb
from ntb.compiled import kernels
from tests.compiled.test_loops import program_of

pytestmark = [
    pytest.mark.skipif(not kernels.is_there(), reason="numba is not installed (the extra `fast`)"),
    pytest.mark.usefixtures("at_once"),
]

CASES = {
    "over": (lambda x: x * x * 2.0 - x + 1.0, 1e300, "overflow encountered in multiply"),
    "divide": (lambda x: 1.0 / x * 2.0 - x + 1.0, 0.0, "divide by zero encountered in divide"),
    "invalid": (lambda x: (x - x) * 2.0 - x + 1.0, np.inf, "invalid value encountered in subtract"),
    "under": (lambda x: x * x * 0.5 - x + 1.0, 1e-300, "underflow encountered in multiply"),
}
"""What is met: by which function, at which number, and what NumPy says."""


@pytest.fixture(params=CASES)
def case(request):
    """What is met, the function with its loops, what it meets it at, and what NumPy says."""
    function, number, text = CASES[request.param]
    traced = ntb.function(function, check="never")
    with np.errstate(all="ignore"):
        assert program_of(traced, np.full(5000, 0.5)).kernels
    return request.param, traced, np.full(5000, number), text


def test_numpy_raises(case):
    kind, traced, x, text = case
    with np.errstate(all="ignore", **{kind: "raise"}), pytest.raises(FloatingPointError, match=text):
        traced(x)


def test_numpy_warns(case):
    kind, traced, x, text = case
    with np.errstate(all="ignore", **{kind: "warn"}), pytest.warns(RuntimeWarning, match=text):
        traced(x)


def test_numpy_calls(case):
    kind, traced, x, text = case
    told = []
    with np.errstate(all="ignore", call=lambda what, flags: told.append(what), **{kind: "call"}):
        traced(x)
    assert told == [text.partition(" encountered")[0]]


def test_numpy_prints_and_logs(case, capfd):
    kind, traced, x, text = case
    with np.errstate(all="ignore", **{kind: "print"}):
        traced(x)
    assert text in capfd.readouterr().err

    class Log:
        said = ""

        def write(self, line):
            self.said += line

    log = Log()
    with np.errstate(all="ignore", call=log, **{kind: "log"}):
        traced(x)
    assert text in log.said


def test_numpy_ignores(case):
    _, traced, x, _ = case
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(traced(x), traced.function(x))


def test_a_chain_that_warns_in_each_run_goes_back_to_numpy():
    """The other chains of its program keep their loops, and underflow, which NumPy ignores, does not count."""
    traced = ntb.function(lambda x, y: ((1.0 / x * 2.0 - x + 1.0).sum(axis=0), (y * y * 2.0 - y) * 0.5), check="never")
    x, y = np.full((50, 100), 0.5), np.full(7000, 1e-300)
    program = program_of(traced, x, y)
    assert len(program.kernels) == 2
    with np.errstate(divide="ignore"):  # then there is nothing to say, and no reason to go back
        for _ in range(2 * kernels.Patience().left):
            assert np.isinf(traced(x * 0.0, y)[0]).all()
    for _ in range(kernels.Patience().left):
        assert len(program.kernels) == 2
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            traced(x * 0.0, y)
    (left,) = program.kernels
    assert "np.divide" not in left
    for given in (x, y), (x * 0.0, y):
        with np.errstate(divide="ignore"):
            for found, expected in zip(traced(*given), traced.function(*given)):
                np.testing.assert_array_equal(found, expected)


def test_a_primitive_goes_back_to_numpy():
    arrays = [np.full(shape, 0.25) for shape in [(2, 3, 2), (2, 4), (2, 4), (2, 16), (4, 16), (16,)]]
    traced = ntb.function(lambda x, h, c, *weights: ntb.nn.lstm(x, (h, c), *weights)[0], check="never")
    program = program_of(traced, *arrays)
    assert [name for name in program.kernels if "lstm" in name]
    arrays[2][:], arrays[5][:] = np.inf, -np.inf  # a gate of 0 times infinity
    with np.errstate(all="ignore"):
        for _ in range(kernels.Patience().left):
            assert np.isnan(traced(*arrays)).any()
    assert not [name for name in program.kernels if "lstm" in name]


def test_programs_with_loops_are_freed_at_once():
    """No part of them refers to itself."""
    gc.disable()
    try:
        traced = ntb.function(lambda x: (x * x * 2.0 - x) * 0.5)
        program = ref(program_of(traced, np.ones(5000)))
        executable = ref(program().executable)
        assert program().kernels
        del traced
        assert program() is None and executable() is None
    finally:
        gc.enable()
