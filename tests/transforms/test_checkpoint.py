"""checkpoint: the same derivatives, state and draws, for less memory."""

import gc
import tracemalloc
import weakref

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import ntb
from ntb import Tape, Variable, checkpoint, function
from tests.transforms.base import both

RNG = np.random.default_rng(0)


class Block:
    """A part with everything in it: parameters, a tensor from outside, random draws, variables that are assigned."""

    def __init__(self):
        self.w = Variable(RNG.normal(size=(3, 3)) * 0.5, name="w")
        self.count = Variable(0.0, trainable=False, name="count")
        self.total = Variable(np.zeros(3), trainable=False, name="total")
        self.rng = ntb.random.generator(3)
        self.start = self.state()

    def state(self):
        return [self.w.value.copy(), self.count.value.copy(), self.total.value.copy(), self.rng.value]

    def restore(self):
        for x, value in zip([self.w, self.count, self.total, self.rng], self.start, strict=True):
            x.assign(value)

    def __call__(self, x, shift):
        self.count.assign_add(1.0)
        h = np.tanh(x @ self.w + shift) * (self.rng.random(x.shape) < 0.7)
        self.total.assign(0.9 * self.total + np.sum(h, axis=0))
        return {"h": h * self.count + self.total * self.rng.normal(size=3), "n": 1}


def train(block, part, x, rate):
    """Two blocks, one with an inner checkpoint, and an update of the parameters in between forward and backward."""
    with Tape() as tape:
        x = tape.watch(x * 1.0)
        shift = tape.watch(np.array([0.1, 0.2, 0.3])) * np.sum(x)
        y = part(lambda x: part(lambda x: block(x, shift)["h"] * 2.0)(x) + shift)(x)
        y = part(lambda x: block(x, shift))(y)["h"]
        loss = np.sum(y * y)
        block.w.assign_sub(rate * block.w)
        block.rng.random(2)
    return loss, tape.gradient(loss, [x, block.w])


def test_derivatives_state_and_draws_are_those_without():
    block, x = Block(), RNG.normal(size=(2, 3))
    found = []
    for part in (lambda f: f, checkpoint):
        for traced in (False, True):
            block.restore()
            f = lambda x, rate, part=part: train(block, part, x, rate)
            f = function(f) if traced else f
            results = [f(x * n, 0.1) for n in (1.0, 2.0, 3.0)]
            found.append([np.asarray(a) for loss, g in results for a in (loss, *g)] + block.state())
            if traced:
                assert len(f.programs) == 1
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert_array_equal(a, b)


def test_numbers_from_numpys_own_generator():
    f = lambda x: x * np.random.normal(size=3)
    found = []
    for part in (f, checkpoint(f)):
        np.random.seed(0)
        with Tape() as tape:
            x = tape.watch(np.ones(3))
            y = np.sum(part(x))
        np.random.random(5)
        found += [np.asarray(y), np.asarray(tape.gradient(y, x)), np.random.random(2)]
    for a, b in zip(found[:3], found[3:], strict=True):
        assert_array_equal(a, b)


def test_what_a_tape_keeps():
    f = lambda x: np.sin(np.cos(np.exp(x) * 2.0)) + x
    with Tape() as tape:
        y = tape.watch(np.ones(3))
        for _ in range(5):
            y = checkpoint(f)(y)
    assert len(tape) == 5
    assert "checkpoint" in str(tape) or "lambda" in str(tape)

    def kept(part, n=20):
        x = np.ones(20_000)
        tracemalloc.start()
        with Tape() as tape:
            y = tape.watch(x)
            for _ in range(n):
                y = part(y)
        found = tracemalloc.get_traced_memory()[0]
        tape.gradient(y, y, seed=x)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, peak

    (plain, plain_peak), (less, less_peak) = kept(f), kept(checkpoint(f))
    assert less < 0.4 * plain and less_peak < 0.6 * plain_peak


def test_a_program_needs_less_memory_too():
    w = [Variable(RNG.normal(size=(30, 30)) * 0.1) for _ in range(8)]

    def step(part):
        def f(x):
            with Tape() as tape:
                for v in w:
                    x = part(lambda x, v=v: np.tanh(np.tanh(np.tanh(x @ v) * 2.0) * 3.0) + x)(x)
                loss = np.sum(x * x)
            return tape.gradient(loss, w)

        return function(f)

    x = RNG.normal(size=(200, 30))
    plain, less = step(lambda f: f), step(checkpoint)
    for a, b in zip(plain(x), less(x), strict=True):
        assert_array_equal(np.asarray(a), np.asarray(b))
    assert less.trace(x).stats["memory"] < 0.6 * plain.trace(x).stats["memory"]


def test_results_of_all_kinds():
    given = ntb.tensor([5.0])
    f = checkpoint(lambda x, text="t": {"x": x, "i": np.argmax(x), "n": 3, "text": text, "twice": (x * 2, x * 2)})
    with Tape() as tape:
        x = tape.watch(np.array([1.0, 2.0]))
        y = f(x, text="u")
        total = np.sum(y["x"] * 3 + y["twice"][0] + y["twice"][1])
        other = checkpoint(lambda: given * 2.0)()
    assert y["text"] == "u" and y["n"] == 3 and y["i"].item() == 1 and other.item() == 10.0
    assert tape.gradient(total, x).tolist() == [7.0, 7.0]
    assert len(tape) < 8


def test_arrays_that_change_afterwards_do_not_matter():
    a = np.ones(3)
    with Tape() as tape:
        x = tape.watch(np.full(3, 2.0))
        y = np.sum(checkpoint(lambda x, a: x * x * a)(x, a))
    a[:] = 100.0
    assert tape.gradient(y, x).tolist() == [4.0] * 3


def test_stop_recording_inside_is_refused():
    with Tape() as tape:
        x = tape.watch(2.0)

        def f(x):
            with tape.stop_recording():
                return x * x

        with pytest.raises(ntb.TapeError, match="stop_gradient"):
            checkpoint(f)(x)
        y = checkpoint(lambda x: x * ntb.stop_gradient(x * x))(x)
    assert tape.gradient(y, x).item() == 4.0


def test_errors_leave_everything_as_it_was():
    block = Block()

    def broken(x):
        block.count.assign_add(1.0)
        if len(calls) == 1:
            raise ZeroDivisionError
        calls.append(1)
        return x * block.rng.random(2)

    calls = []
    with Tape() as tape:
        x = tape.watch(np.ones(2))
        y = np.sum(checkpoint(broken)(x))
    state = block.state()
    with pytest.raises(ZeroDivisionError):
        tape.gradient(y, x)
    for a, b in zip(block.state(), state, strict=True):
        assert_array_equal(a, b)
    assert ntb.tape.listener.listeners.get() == ()


def test_higher_orders_and_forward_mode():
    f = lambda x: np.sum(np.tanh(x) ** 3)
    g = checkpoint(f)
    x = RNG.normal(size=4)
    for t in (ntb.hessian, lambda f: ntb.jacobian(ntb.hessian(f)), lambda f: lambda x: ntb.hvp(f, x, x)):
        for call in both(t(g)):
            np.testing.assert_allclose(np.asarray(call(x)), np.asarray(t(f)(x)), rtol=1e-12, atol=1e-13)
    ntb.check_gradients(g, x, order=3)


def test_nothing_is_left_behind_without_the_garbage_collector():
    gc.disable()
    try:
        with Tape() as tape:
            x = tape.watch(np.ones(3))
            y = np.sum(checkpoint(lambda x: np.sin(x) * 2.0)(x))
        tape.gradient(y, x)
        gone = weakref.ref(tape)
        del tape
        assert gone() is None
        with Tape(persistent=True) as tape:
            y = np.sum(checkpoint(lambda x: np.sin(x) * 2.0)(x))
        gone = weakref.ref(tape)
        del tape
        assert gone() is None
    finally:
        gc.enable()
