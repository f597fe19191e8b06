"""What listeners are told: each event once, by the method that is named after it; and what they cannot be asked."""

import numpy as np
import pytest

import ntb
from ntb.debug import debug_nans
from ntb.replay.trace import Trace
from ntb.tape.listener import Listener, listeners, traces, unheard
from ntb.tape.tape import Tracker
from ntb.transforms.boundary import Boundary
from ntb.transforms.forward import ForwardTape

EVENTS = sorted(name for name in vars(Listener) if not name.startswith("_") and callable(getattr(Listener, name)))


def noting(events):
    """A listener that writes down what it is told."""
    told = {name: lambda self, *args, _n=name, **kwargs: events.append((_n, *args)) for name in EVENTS}
    return type("Noting", (Listener,), told)()


def told(f):
    events = []
    with noting(events):
        f()
    return [event[0] for event in events]


W = ntb.Variable([1.0, 2.0], name="w")
T = ntb.tensor([1.0, 2.0])


@pytest.mark.parametrize(
    "f, expected",
    [
        (lambda: T * 2.0, ["write"]),
        (lambda: np.tanh(T), ["write"]),
        (lambda: T[0], ["write"]),
        (lambda: np.ones(2) * 2.0, []),
        (lambda: W.read(), ["read"]),
        (lambda: W * T, ["read", "write"]),
        (lambda: W.value, []),
        (lambda: W.assign([1.0, 2.0]), ["assign"]),
        (lambda: ntb.Variable(1.0), ["create"]),
        (lambda: bool(T[0] > 0), ["write", "write", "decide"]),
        (lambda: T.numpy(), ["leave"]),
        (lambda: float(T[0]), ["write", "leave"]),
        (lambda: T.tolist(), ["leave"]),
        (lambda: np.asarray(T), ["leave"]),
        (lambda: ntb.random.generator(0).random(2), ["draw"]),
        (lambda: ntb.checkpoint(lambda x: x * 2.0 + 1.0)(T), ["inside", "inside", "inside"]),
    ],
)
def test_each_event_is_told_once(f, expected):
    assert told(f) == expected


def test_the_class_does_nothing():
    events = []
    with Listener(), noting(events):
        assert np.sum(W * T).item() == 5.0
    assert events and listeners.get() == ()


def test_what_a_listener_returns_for_a_draw_is_taken():
    class Loaded(Listener):
        def draw(self, generator):
            return 4

    with Loaded():
        assert ntb.random.generator(0).integers(6) == 4


def test_one_of_several_is_not_told():
    outer, inner = [], []
    with noting(outer), noting(inner) as listener:
        with unheard(listener):
            T * 2.0
        T * 3.0
    assert [len(outer), len(inner)] == [2, 1]


def test_only_traces_replay():
    with ntb.Tape(), debug_nans():
        assert traces() == []
        with Trace() as trace:
            assert traces() == [trace]


@pytest.mark.parametrize("kind", [Trace, Boundary, ForwardTape, Tracker, Listener])
def test_what_keeps_no_records_cannot_be_asked_for_a_gradient(kind):
    """In place of a silent None."""
    listener = kind()
    for question in ("gradient", "jacobian", "explain", "records", "walk"):
        with pytest.raises(AttributeError):
            getattr(listener, question)
    assert not isinstance(listener, ntb.Tape)


def test_in_a_part_that_is_one_operation_no_tape_is_open():
    def inner(x):
        return x * ntb.gradient(x * x, x)

    with ntb.Tape() as tape, pytest.raises(ntb.TapeError, match="no tape is open"):
        ntb.checkpoint(inner)(tape.watch(2.0))
