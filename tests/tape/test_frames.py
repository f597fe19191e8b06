"""How far an operation goes: the calls of Python functions in it, which whoever follows it in the source passes."""

import functools
import sys

import numpy as np
import pytest

import ntb
from ntb import compat

HERE = ntb.__path__[0]


def frames(f):
    """File and function of each call of ntb's functions, comprehensions and generated code in `f()`."""
    found = []

    def note(frame, event, _):
        name = frame.f_code.co_filename
        if event == "call" and name.startswith((HERE, "<replay")):
            found.append((name, frame.f_code.co_name))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        f()
    finally:
        sys.setprofile(before)
    return found


def files(found):
    return {file for file, _ in found}


@pytest.fixture
def tape():
    """Of one record; what is imported when it is first needed is there."""
    for first in (True, False):
        with ntb.Tape() as tape:
            x = tape.watch(0.5)
            y = np.tanh(x)
        if first:
            tape.gradient(y, x)
    return tape, y, x


def test_an_operation(tape):
    x = ntb.tensor(0.5)
    with ntb.Tape() as recording:
        recording.watch(x)
        found = frames(lambda: np.tanh(x))
    assert len(recording) == 1
    assert 3 < len(found) <= 8, found


def test_its_gradient(tape):
    tape, y, x = tape
    found = frames(lambda: tape.gradient(y, x))
    assert 10 < len(found) <= 30, found
    assert len(files(found)) <= 6, files(found)


def test_a_replay():
    w = ntb.Variable(1.0)

    @functools.partial(ntb.function, check="never")
    def step(x):
        with ntb.Tape() as tape:
            loss = np.sum((w * x - 6.0) ** 2)
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    # The 2nd, 4th, 8th … call also looks whether the program has run for long enough to be compiled.
    for x in (2.0, np.ones(3)):
        for _ in range(4):
            step(x)
        found = frames(lambda x=x: step(x))
        assert 5 < len(found) <= 10, found


def test_a_run_of_a_graph(monkeypatch):
    monkeypatch.setenv("NTB_CHECK", "never")
    g = compat.ComputationGraph()
    with compat.default_graph(g):
        x = compat.Placeholder(shape=[-1, 3])
        y = compat.Tanh(compat.Dot(x, compat.Variable(value=np.ones((3, 2)))))
    for _ in range(4):
        g.run([y], {x: np.ones((4, 3))})
    found = frames(lambda: g.run([y], {x: np.ones((4, 3))}))
    assert 5 < len(found) <= 18, found
    for _ in range(4):
        g.run([y, x, y], {x: np.ones((4, 3))})
    found = frames(lambda: g.run([y, x, y], {x: np.ones((4, 3))}))
    assert len(found) <= 18, found


@pytest.mark.parametrize("replayed", [True, False])
def test_the_caller_of_a_run_owns_its_results(replayed, monkeypatch):
    """What a replay gives is nobody else's, and is not copied; what a walk gives may be a variable's, and is."""
    monkeypatch.setenv("NTB_CHECK", "never")
    g = compat.ComputationGraph()
    with compat.default_graph(g):
        x = compat.Placeholder(shape=[-1, 3])
        w = compat.Variable(value=np.ones((3, 2)))
        fetches = [w, x, compat.Tanh(compat.Dot(x, w))]
    for n in (4, 4, 4 if replayed else 5):
        fed = np.ones((n, 3))
        results = g.run(fetches, {x: fed})
    for result in results:
        assert type(result) is np.ndarray and result.base is None and result.flags.writeable
        result[...] = 7.0
    assert np.all(fed == 1.0) and np.all(w.value == 1.0) and np.all(g.run([w])[0] == 1.0)


def test_frames_are_counted():
    """The limits above can be passed."""
    x = ntb.tensor(0.5)
    assert len(frames(lambda: [np.tanh(x), np.tanh(x)])) == 2 * len(frames(lambda: np.tanh(x))) > 0
