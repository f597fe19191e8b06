"""Random functions that find numbers in random places around them, which change between calls, do what they do without
a trace, or are refused with an error."""

import functools
import itertools
import random
import sys
import types
import warnings
from typing import NamedTuple

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb
from ntb import errors

from .holders import STEPS, WRITABLE
from .worlds import eagerly, traced

ASKED = [
    "{}", "(lambda: {})()", "[{} for _ in (0,)][0]", "sum({} for _ in (0,))", "max({}, -99.0)", "(lambda k: k)({})",
    "list(map(lambda _: {}, (0,)))[0]", "sorted((0.0,), key=lambda _: {})[0] + {}", "float(str({}))",
    "({} if {} > 2.5 else -{})", "helper(lambda: {})", "(0.0 if {} == 2.0 else 1.0)",
]  # fmt: skip
"""How code looks at a number."""


MOVING = {
    "variable": (lambda: ntb.Variable(1.0), "{}.value"),
    "variable, read": (lambda: ntb.Variable(1.0), "{} * 1.0"),
    "variable, assigned": (lambda: ntb.Variable(1.0), "({}.assign_add(1.0), {}.value)[1]"),
    "variable, trained or not": (lambda: ntb.Variable(1.0), "(2.0 if {}.trainable else 3.0)"),
    "generator of ntb": (lambda: ntb.random.generator(7), "{}.random()"),
    "iterator": (lambda: iter([1.0, 2.0, 3.0] * 9), "next({})"),
    "generator": (lambda: (float(i) for i in range(50)), "next({})"),
    "iterator that stays": (lambda: iter([1.0]), "float({} is not None)"),
    "count": (lambda: itertools.count(1.0), "next({})"),
    "cycle": (lambda: itertools.cycle([1.0, 2.0]), "next({})"),
    "generator of NumPy": (lambda: np.random.default_rng(7), "{}.random()"),
    "generator of Python": (lambda: random.Random(7), "{}.random()"),
}  # fmt: skip
"""What gives something else each time: how it is made, how code looks at it."""
REFUSED = {"iterator", "generator", "count", "cycle", "generator of NumPy", "generator of Python"}


class Reader(NamedTuple):
    """A function that looks at a number.

    Attributes:
        kinds: the steps to the number, innermost first; root: where the first of them is found.
        asked: how it is looked at; depth: in how many functions; write: how it is changed before.
    """

    kinds: list[str]
    asked: str
    root: str
    depth: int
    write: str | None


class Chain:
    """A number at the end of a chain of steps, innermost first."""

    def __init__(self, kinds, value):
        self.kinds, self.texts, self.puts = kinds, [], []
        self.root = value
        for kind in kinds:
            self.root, text, put = STEPS[kind](self.root)
            self.texts.append(text)
            self.puts.append(put)

    def expression(self, root):
        return functools.reduce(lambda found, text: text.replace("{}", found), reversed(self.texts), root)

    def change(self, level, value):
        """Replace what a step holds by other things of the same kinds, with another number at the end."""
        below = Chain(self.kinds[:level], value)
        self.puts[level](below.root)
        self.puts[:level] = below.puts


class World:
    """A function, and what it finds around it."""

    def __init__(self, readers, moving, changes):
        self.changes = changes
        self.moving = [MOVING[name][0]() for name in moving]
        self.chains = [Chain(reader.kinds, 1.0 + i) for i, reader in enumerate(readers)]
        self.module = sys.modules["world"] = types.ModuleType("world")
        space = vars(self.module)
        space |= {f"root{i}": chain.root for i, chain in enumerate(self.chains)}
        space |= {f"moving{i}": x for i, x in enumerate(self.moving)}
        parts = [self.source_of(f"{i}", reader) for i, reader in enumerate(readers)]
        looks = [MOVING[name][1].replace("{}", f"moving{i}") for i, name in enumerate(moving)]
        total = " + ".join([*(f"x * read{i}()" for i in range(len(readers))), *(f"x * ({look})" for look in looks)])
        lines = [line for part in parts for line in part]
        self.source = "\n    ".join(
            ["def helper(f): return f()\ndef make():", *lines, f"def f(x): return {total}", "return f"]
        )
        exec(self.source, space)
        self.f = space["make"]()

    def source_of(self, i, reader):
        root = f"world.root{i}" if reader.root == "import" else f"inner{i}" if reader.root == "closure" else f"root{i}"
        text = self.chains[int(i)].expression(root)
        yield f"inner{i} = root{i}"
        yield f"def read{i}(root{i}=root{i}):" if reader.root == "default" else f"def read{i}():"
        yield "    import world"
        if reader.write:
            yield f"    {reader.write.format(text, text)}"
        yield f"    return {reader.asked.replace('{}', text)}"
        for d in range(reader.depth):
            yield f"def read{i}(below{d}=read{i}): return below{d}()"

    def answers(self, wrap):
        """What the function gives in two calls after each change, up to an error of ntb's."""
        f = wrap(self.f)
        found = []
        for change in [None, *self.changes]:
            if change is not None:
                i, level, value = change
                chain = self.chains[i % len(self.chains)]
                chain.change(level % len(chain.puts), value)
                for variable in self.moving:
                    if isinstance(variable, ntb.Variable):
                        variable.assign(value)
                        variable.trainable = not variable.trainable
            for _ in range(2):
                try:
                    found.append(np.asarray(np.asarray(ntb.stop_gradient(f(np.ones(2))))).tolist())
                except errors.NtbError as error:
                    return [*found, error]
        return found


writes = st.sampled_from([None, None, None, "{} = {} + 1.0", "{} += 1.0"])
kinds = st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=5)
readers = st.builds(
    Reader, kinds, st.sampled_from(ASKED), st.sampled_from(["global", "closure", "default", "import"]),
    st.integers(0, 2), writes,
).map(lambda reader: reader if reader.kinds[0] in WRITABLE else reader._replace(write=None))  # fmt: skip
changes = st.tuples(st.integers(0, 2), st.integers(0, 4), st.sampled_from([2.0, 3.0, 5.0]))


@pytest.mark.uncounted
@settings(max_examples=300)
@given(
    st.lists(readers, min_size=1, max_size=3),
    st.lists(st.sampled_from(sorted(MOVING)), max_size=2),
    st.lists(changes, min_size=1, max_size=3),
    st.sampled_from(["never", "sometimes", "always"]),
)
def test_random_functions_do_what_they_do_without_a_trace(readers, moving, changes, check):
    try:
        expected = World(readers, moving, changes).answers(eagerly)
        world = World(readers, moving, changes)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = world.answers(traced(check))
    finally:
        sys.modules.pop("world", None)
    if isinstance(found[-1], errors.NtbError):
        assert any(reader.write for reader in readers) or REFUSED.intersection(moving), (found[-1], world.source)
        found.pop()
    assert found == expected[: len(found)], world.source
