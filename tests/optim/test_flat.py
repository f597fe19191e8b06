"""Small parameters that a traced step updates as one array get the numbers of an eager step, bit for bit."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb
from ntb.optim import SGD, Adam, Optimizer
from ntb.tuned.flat import ENOUGH, SMALL_PARAMETER

from . import makers

MAKERS = [make for make in makers.MAKERS.values() if getattr(make(), "elementwise", False)]


def trained(optimizer, values, gradients, decorate):
    """The parameters and slots after a step with each of the lists of gradients, and the step."""
    variables = [ntb.Variable(x) for x in values]

    @decorate
    def step(*gs):
        optimizer.apply(gs, variables)

    for gs in gradients:
        step(*gs)
    return [x.value for x in (*variables, *optimizer.variables())], step


def assert_same_bits(optimizer, values, gradients):
    """Traced as eagerly; returns the program."""
    found, step = trained(optimizer(), values, gradients, ntb.function)
    expected, _ = trained(optimizer(), values, gradients, lambda f: f)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return step.programs[-1]


@given(
    st.sampled_from(MAKERS),
    st.lists(st.tuples(st.lists(st.integers(0, 4), max_size=3), st.sampled_from(["f4", "f8"])), max_size=20),
    st.booleans(),
)
@settings(max_examples=30)
def test_any_parameters(make, kinds, one_is_large):
    rng = np.random.default_rng(len(kinds))
    kinds += [([SMALL_PARAMETER + 1], "f4")] * one_is_large
    values, *gradients = ([rng.normal(size=shape).astype(dtype) for shape, dtype in kinds] for _ in range(4))
    if kinds:
        assert_same_bits(make, values, gradients)


def test_a_gradient_of_another_dtype_is_not_laid_beside_the_others():
    values = [np.ones(2, np.float32)] * ENOUGH
    gradients = [[np.full(2, 0.1, np.float32)] * (ENOUGH - 1) + [np.full(2, 0.1)] for _ in range(3)]
    assert_same_bits(lambda: Adam(0.1), values, gradients)


@pytest.mark.parametrize("count, calls", [(ENOUGH - 1, ENOUGH - 1), (ENOUGH, 1)])
def test_many_share_their_calls(count, calls):
    program = assert_same_bits(lambda: Adam(0.1), [np.ones(3)] * count, [[np.ones(3)] * count for _ in range(3)])
    roots = [i.result for i in program.code.instructions if i.function is np.sqrt]
    assert sum(program.code.specs[ref].shape != () for ref in roots) == calls


class ByNorm(SGD):
    """A step whose length depends on the whole parameter (as in You, Gitman and Ginsburg, 2017)."""

    def update(self, w, g, lr, t):
        return (w - lr * np.sqrt(np.sum(w * w)) * g,)


class Halved(Optimizer):
    elementwise = True

    def update(self, w, g, lr, t):
        return (w * 0.5,)


def test_an_update_that_is_not_elementwise_sees_each_parameter():
    assert SGD.elementwise and not ByNorm.elementwise and not Optimizer.elementwise
    values = [np.full(3, float(i)) for i in range(ENOUGH)]
    assert_same_bits(lambda: ByNorm(0.1), values, [[np.ones(3)] * ENOUGH] * 3)
    program = assert_same_bits(lambda: Halved(0.1), values, [[np.ones(3)] * ENOUGH] * 3)
    assert sum(i.function is np.multiply for i in program.code.instructions) == 1
