"""Memory stays flat while training goes on, and long things need no deep stack.

The long form is `python -m reliability memory`. Tapes of 100,000 records are in tests/tape/test_memory.py.
"""

import numpy as np
import pytest

import ntb
from ntb.replay.workspace import Workspace
from reliability import memory
from reliability.trainers import Mlp

pytestmark = pytest.mark.uncounted


@pytest.mark.parametrize("style", ["eager", "replayed", "graph"])
def test_training_for_long_needs_no_more_memory_and_no_collector(style):
    resident, objects = memory.train(style, 2000, samples=20)
    assert memory.spread(objects) < memory.OBJECTS
    assert memory.spread(resident) < memory.FLAT


def test_a_leak_is_noticed(monkeypatch):
    kept, step = [], Mlp.step

    def leaking(self, *batch):
        loss = step(self, *batch)
        kept.append(loss)
        return loss

    monkeypatch.setattr(Mlp, "step", leaking)
    _, objects = memory.train("eager", 1000, samples=20)
    assert memory.spread(objects) > 2 * memory.OBJECTS
    before = memory.resident()
    kept.append(np.ones(40_000_000))  # more than the heap may have left of what was freed
    assert memory.resident() - before > 50 * memory.FLAT or not memory.STATM.exists()


@pytest.mark.parametrize("make", [memory.tape, memory.program, memory.graph])
def test_what_is_long_is_made_and_freed_in_a_small_stack(make):
    assert memory.in_small_stack(make, 10_000)


def test_a_long_program_binds_each_place_where_it_is_used():
    """The generated functions share no dict of all places, nor has each its own copy: that grew with the square."""

    def chain(x):
        for _ in range(3000):
            x = np.tanh(x)
        return x

    run = Workspace().bind(ntb.function(chain).trace(np.ones(3)).executable.routine).run
    functions = [f for name, f in run.__globals__.items() if name.startswith("run_")]
    assert len(functions) > 4
    assert sum(len(f.__globals__) for f in functions) < 2 * 3000 + 100 * len(functions)
