"""Long chains and memory: no recursion anywhere, and everything is freed by reference counting."""

import gc
import sys
import weakref

import numpy as np
import pytest

import ntb
from ntb import Tape, Variable
from ntb.tape.value_id import ValueId

LONG = 100_000


@pytest.fixture
def without_gc():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def shallow():
    limit = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + 100)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.uncounted
def test_a_long_chain_records_differentiates_and_is_freed(shallow, without_gc):
    with Tape() as tape:
        x = y = tape.watch(1.0)
        for _ in range(LONG // 2):
            y = y * 1.0 + 0.5
    assert len(tape) == LONG
    ends = [weakref.ref(tape), weakref.ref(y), weakref.ref(y.id), weakref.ref(tape.records[5].results()[0])]
    assert len(str(tape).splitlines()) == LONG
    assert tape.gradient(y, x).item() == 1.0
    assert len(tape) == 0
    del tape, y
    assert [end() for end in ends] == [None] * len(ends)


@pytest.mark.uncounted
def test_a_long_chain_is_traced_replayed_and_freed(shallow, without_gc):
    v = Variable(1.0)

    def chain(x):
        with Tape() as tape:
            y = x * v
            for _ in range(LONG // 20):
                y = y * 1.0 + 0.5
        return y, tape.gradient(y, v)

    f = ntb.function(chain)
    first = f(2.0)
    program = f.programs[0]
    assert program.stats["operations"] > LONG // 20
    for x in (2.0, 3.0):
        again = f(x)
        assert again[0].item() == chain(x)[0].item()
        assert again[1].item() == chain(x)[1].item()
    assert program.source.count("\n") > 1000
    end = weakref.ref(program)
    del program, first, again, f
    assert end() is None


def test_a_chain_of_additions_holds_no_arrays():
    with Tape(persistent=True) as tape:
        x = y = tape.watch(np.ones(100))
        for _ in range(10):
            y = np.reshape(-(y + np.ones(100)) - 2.0, (10, 10)).T.reshape(100)
    assert all(type(a) is not ntb.Tensor for record in tape for a in (*record.args, record.value))
    assert not any(isinstance(a, np.ndarray) for record in tape for a in record.args)
    assert any(isinstance(a, ValueId) for record in tape for a in record.args)
    assert tape.gradient(y, x, seed=np.ones(100)).tolist() == [1.0] * 100


def test_intermediate_values_are_freed_where_no_rule_needs_them(without_gc):
    with Tape() as tape:
        x = tape.watch(np.ones(5))
        a = x + 1.0
        b = np.tanh(a)
        seen = weakref.ref(a), weakref.ref(b)
        c = b * 2.0
        del a, b
        assert seen[0]() is None  # tanh needs its result only
        assert seen[1]() is not None
    tape.gradient(c, x, seed=np.ones(5))
    assert seen[1]() is None


@pytest.mark.parametrize("persistent", [False, True])
def test_a_tape_that_is_dropped_frees_all(without_gc, persistent):
    with Tape(persistent=persistent) as tape:
        x = tape.watch(np.ones(5))
        y = np.exp(x)
        z = np.sum(y * y)
        if persistent:
            tape.gradient(z, x)
    ends = [weakref.ref(o) for o in (tape, y, y.id)]
    del tape, y, z
    assert [end() for end in ends] == [None] * 3


def test_traces_leave_no_cycle(without_gc):
    class Model:
        def __init__(self):
            self.w = Variable(np.ones(3))

        def loss(self, x):
            with Tape() as tape:
                y = np.sum(self.w * x)
            self.w.assign_sub(tape.gradient(y, self.w))
            return y

    model = Model()
    f = ntb.function(model.loss)
    f(np.ones(3)), f(np.ones(3))
    ends = weakref.ref(model), weakref.ref(model.w), weakref.ref(f.programs[0])
    del model, f
    assert [end() for end in ends] == [None] * 3


def test_arguments_of_a_traced_function_are_let_go(without_gc):
    class Array(np.ndarray):
        pass

    f = ntb.function(lambda x: x * 2.0)
    x = np.ones(4)
    end = weakref.ref(x)
    f(x), f(x)
    del x
    assert end() is None
