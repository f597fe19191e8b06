"""Worlds for tests of what a replay depends on: a generator that makes a function, and then changes something."""

import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import ntb

World = Callable[[], Iterator[Callable[..., Any]]]
CALLS = 3  # after each change: a trace or a replay, and replays after it
every_check = pytest.mark.parametrize("check", ["never", "sometimes", "always"])
module = types.ModuleType("settings_of_a_test")
module.below = types.ModuleType("settings_of_a_test.below")


class Worlds(list):
    """The worlds of a file of tests. It has a global SCALE, which is 1.0 when a world begins."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, world: World) -> World:
        self.append(world)
        return world

    def each(self, test: Any) -> Any:
        """Make a test run for each world."""
        return pytest.mark.parametrize("world", self, ids=lambda world: world.__name__)(test)

    def compare(self, world: World, check: str) -> None:
        """Assert that the function of a world does the same with and without a trace."""
        assert self.fresh(world, traced(check)) == self.fresh(world, eagerly)

    def fresh(self, world: World, wrap: Callable[[Any], Any]) -> list[Any]:
        """The answers in a world whose globals and modules are as they were in the beginning."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys.modules[self.name], "SCALE", 1.0)
            patch.setitem(sys.modules, module.__name__, module)
            patch.setitem(sys.modules, module.below.__name__, module.below)
            module.scale = module.below.scale = 1.0
            return answers(world, wrap)


def answers(world: World, wrap: Callable[[Any], Any]) -> list[Any]:
    """What the function of a world returns, after it is wrapped, in calls after each change."""
    wrapped: dict[Any, Any] = {}
    found = []
    for made in world():
        f = wrapped.setdefault(made, wrap(made))
        found += [np.asarray(ntb.stop_gradient(f(np.ones(2)))).tolist() for _ in range(CALLS)]
    return found


def eagerly(f: Any) -> Any:
    """The function as it is without a trace."""
    return lambda x: f(ntb.Tensor(x))


def traced(check: str) -> Any:
    """What traces a function, with its programs checked that often."""
    return lambda f: ntb.function(f, check=check)


def refused(error, make, check):
    """Call a function until it is refused: what is made lazily is in the second run."""
    f = ntb.function(make(), check=check)
    with pytest.raises(error):
        for _ in range(3):
            f(np.ones(2))
    return True


def programs_of(f, *args, calls=20, between=lambda i: None, check="sometimes"):
    """How many programs a function has after some calls, and how often it was traced; nothing may warn."""
    f = ntb.function(f, check=check)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(calls):
            f(*args)
            between(i)
    assert f._replays
    return len(f.programs), f._kept.traces
