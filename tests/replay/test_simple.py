"""The simple form of trace and replay. That it gives the bits of the eager run and of programs with all their passes is
a part of `parity.check`, which random programs and all operations of the samples pass."""

import numpy as np
import pytest

import ntb
from ntb.errors import ConversionError, InputError
from ntb.replay import simple
from ntb.replay.simple import trace
from tests.replay.parity import check


def test_state_and_draws():
    w, generator = ntb.Variable(np.zeros(3), name="w"), ntb.random.generator(0)

    def step(x):
        w.assign_add(x * generator.normal(size=3))
        return {"w": w, "twice": w * 2}

    check(step, [(np.ones(3),), (np.full(3, 0.5),)], [w, generator])


def test_the_list():
    w = ntb.Variable(1.0, name="w")

    def step(x):
        w.assign(w + x)
        return w

    program = trace(step, 2.0)
    assert isinstance(program, simple.Program)
    assert str(program) == "%1 = read(w)\n%2 = np.add(%1, %0)\n%3 = assign(w, %2)"
    assert program(1.5) == w.value == 4.5


def test_what_it_does_not_take():
    program = trace(lambda x: x * 2 if np.sum(x) > 0 else x, np.ones(2))
    with pytest.raises(InputError, match="another branch"):
        program(-np.ones(2))
    with pytest.raises(InputError, match="other shapes"):
        program(np.ones(3))
    with pytest.raises(InputError, match="another branch"):
        trace(lambda x: x[x > 0], np.ones(2))(np.array([1.0, -1.0]))
    with pytest.raises(ConversionError, match="freeze"):
        trace(lambda x: x * float(x[0]), np.ones(2))


def test_parity_sees_wrong_numbers(monkeypatch):
    monkeypatch.setattr(simple, "to_arrays", lambda x: -x.value)
    with pytest.raises(AssertionError, match="the simple form of call 0"):
        check(lambda x: x * 2 + 1, [(1.0,)])
