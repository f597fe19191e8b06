"""A replay equals the eager run bit for bit, and so does the printed source: random programs, data and layouts."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from ntb import Variable
from tests.replay.parity import check, layouts
from tests.replay.programs import gradients_of, sampled_step, training_step
from tests.samples import SAMPLES


@pytest.mark.uncounted
@settings(max_examples=60)
@given(st.data())
def test_random_training_steps(data):
    with np.errstate(all="ignore"):
        check(*training_step(data.draw))


@pytest.mark.uncounted
@pytest.mark.parametrize(("number", "sample"), list(enumerate(SAMPLES)), ids=[s.name for s in SAMPLES])
def test_every_operation(number, sample):
    rng = np.random.default_rng(0)
    turn = number % 2  # a dtype, two layouts, one of the last two shapes; every other one is printed
    shapes = [s for s in sample.shapes if all(0 not in shape for shape in s)] or sample.shapes
    shape = shapes[-2:][-turn]
    dtype, kinds = ((np.float64, ("C", "backwards")), (np.float32, ("swapped", "F")))[turn]
    calls = [[layouts(a, kind) for a in sample.arrays(rng, shape, dtype)] for kind in kinds]
    with np.errstate(all="ignore"):
        check(gradients_of(sample.call), calls, sources=turn == 1)


@pytest.mark.uncounted
def test_numbers_without_axes():
    """NumPy's scalars are not its arrays without axes: `*` and np.square of complex ones round otherwise. So does the
    very first call of np.square in a process, which is made here."""
    rng = np.random.default_rng(0)
    np.square(np.complex128(1j))
    for sample in SAMPLES:
        if sample.shapes[0] == ((),) * len(sample.domains):
            calls = [sample.arrays(rng, sample.shapes[0]) for _ in range(2)]
            with np.errstate(all="ignore"):
                check(gradients_of(sample.call), calls)


def test_a_complex_number_as_state():
    rng = np.random.default_rng(0)
    z = Variable(0.3 + 0.4j, name="z")

    def f(w):
        t = z + w
        z.assign(t)
        return np.square(t) * t

    check(f, [(np.array(rng.normal() + 1j * rng.normal()),) for _ in range(20)], [z], sources=False)


@pytest.mark.uncounted
@settings(max_examples=40)
@given(st.data())
def test_random_programs_of_the_operation_table(data):
    with np.errstate(all="ignore"):
        check(*sampled_step(data.draw))
