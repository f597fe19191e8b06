"""Interrupts leave all state as before a step or as after it: the short form of reliability/interrupts.py."""

import contextlib
import functools
import itertools
import signal
import sys
from functools import partial

import numpy as np
import pytest

import ntb
from ntb.atomic import uninterrupted
from reliability.interrupts import (
    COARSE,
    EVERY,
    Checked,
    Eager,
    Fault,
    Graph,
    Injector,
    Loading,
    Network,
    Shapes,
    at_every_event,
    bookkeeping,
    by_signals,
)

each_instruction = pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="Python 3.13 shows a code's instructions from its second run on only"
)


@pytest.mark.uncounted
@each_instruction
@pytest.mark.parametrize(
    "make, kind, share",
    [(Network, EVERY, 0.02), (Shapes, EVERY, 0.02), (Graph, EVERY, 0.02), (Eager, EVERY, 0.03)],
)
def test_a_fault_at_any_instruction_changes_nothing(make, kind, share):
    assert at_every_event(make, kind, share)["before"] > 50


@pytest.mark.uncounted
@each_instruction
@pytest.mark.parametrize("make", [Network, Shapes, Graph, Eager])
def test_a_fault_where_state_is_committed(make):
    """Each of the last instructions, among which the state changes from that before the step to that after it."""
    found = at_every_event(make, EVERY, last=100)
    assert found["before"] and found["after"]


class _Functions(Injector):
    """Also lists the functions that the instructions are in."""

    def __init__(self, kind):
        super().__init__(kind)
        self.names = []

    def event(self, frame, event, argument):
        if event == self.kind:
            self.names.append(frame.f_code.co_name)
        super().event(frame, event, argument)
        return self.event


@each_instruction
def test_a_fault_while_a_step_is_rehearsed_changes_nothing():
    """A spot check makes the step, puts the generators back that it drew from, and lets the function draw again."""
    subject, counted = Checked(), _Functions(EVERY)
    with counted:
        subject.step()
    last = len(counted.names) - counted.names[::-1].index("rehearse")
    events = [n for n in range(last - 400, last) if counted.names[n] in ("rehearse", "uninterrupted")]
    found = at_every_event(Checked, EVERY, events=events)
    assert found["before"] == found["faults"] > 50


@pytest.mark.uncounted
def test_a_fault_in_the_traced_first_call_changes_nothing():
    assert at_every_event(functools.partial(Network, steps=0), COARSE, 0.0001, fresh=True)["before"] > 3


@pytest.mark.uncounted
def test_a_fault_while_a_file_is_loaded_changes_nothing(tmp_path):
    assert at_every_event(functools.partial(Loading, tmp_path), COARSE, 0.01)["before"] > 10
    assert at_every_event(functools.partial(Loading, tmp_path), COARSE, last=12)["after"]


@pytest.mark.parametrize("make", [Network, Checked, Shapes, Graph])
def test_signals_before_and_after_steps(make, monkeypatch):
    """At moments that chance chooses: `python -m reliability interrupts`."""
    subject, moments = make(), itertools.count()
    step = subject.step

    def signalled():
        send = signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL
        moment = next(moments) % 7 if send else None
        if moment == 2:
            signal.raise_signal(signal.SIGALRM)
        step()
        if moment == 4:
            signal.raise_signal(signal.SIGALRM)

    monkeypatch.setattr(signal, "setitimer", lambda *_: None)
    monkeypatch.setattr(subject, "step", signalled)
    assert by_signals(subject, 20, 0.0) == {"signals": 20, "before": 10, "after": 10}


def test_the_solver_remembers_whole_epochs():
    assert bookkeeping(COARSE) > 100


def test_slots_are_all_made_or_none():
    variables = [ntb.Variable(np.ones(2)), ntb.Variable(3.0)]
    with Injector(EVERY) as counted:
        ntb.optim.Adam().build(variables)
    for n in range(counted.count):
        optimizer = ntb.optim.Adam(0.1)
        with contextlib.suppress(Fault), Injector(EVERY, n, Fault):
            optimizer.build(variables)
        optimizer.build(variables)
        assert [len(slots) for slots in optimizer.slots.values()] == [2, 2], n
        assert [slot.shape for slot in optimizer.slots["v"]] == [(2,), ()]


def test_the_state_of_no_generator_is_refused_with_nothing_changed():
    first, second, numpys = ntb.random.generator(1), ntb.random.generator(2), ntb.random.of_numpy()
    tree = [first, second, numpys]
    before = ntb.state.snapshot(tree)
    for wrong in ([0, 1, 0, 2, 0, 0], [0, 1, 0, 1, 2, 0], [0, 1, 0, 1, 0, 2**32]):
        with pytest.raises(ntb.InputError, match="no generator"):
            ntb.state.restore(tree, {**before, "0": second.value, "1": np.array(wrong, np.uint64)})
    for position, wrong in ((624, 625), (0, 2**32), (625, 2)):  # NumPy would read beyond its key
        state = before["2"].copy()
        state[position] = wrong
        with pytest.raises(ntb.InputError, match="no generator"):
            ntb.state.restore(tree, {**before, "0": second.value, "2": state})
    after = ntb.state.snapshot(tree)
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_an_interrupt_while_generators_are_put_back_does_not_leave_them_half_way():
    """NumPy divides long integers when it sets a generator's state, and Python may look for signals there."""
    made, interrupts = [], iter([KeyboardInterrupt()])

    def call(i):
        if i == 1 and (interrupt := next(interrupts, None)):
            raise interrupt
        made.append(i)

    with pytest.raises(KeyboardInterrupt):
        uninterrupted(again=[partial(call, i) for i in range(3)])
    assert made == [0, 0, 1, 2]
