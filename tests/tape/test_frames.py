"""How far an operation goes: the calls of Python functions in it, which whoever follows it in the source passes."""

import functools
import sys

import numpy as np
import pytest

import ntb

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

    for x in (2.0, np.ones(3)):
        for _ in range(3):
            step(x)
        found = frames(lambda x=x: step(x))
        assert 5 < len(found) <= 12, found


def test_frames_are_counted():
    """The limits above can be passed."""
    x = ntb.tensor(0.5)
    assert len(frames(lambda: [np.tanh(x), np.tanh(x)])) == 2 * len(frames(lambda: np.tanh(x))) > 0
