"""Whether a replay, and the printed source, give the numbers of the eager run to the last bit."""

from __future__ import annotations

import re

import numpy as np

import ntb
from ntb.errors import InputError
from ntb.replay.signature import signature_of
from ntb.replay.simple import trace


def layouts(array, kind):
    """The same numbers in another place in memory: C or Fortran order, every second element, backwards, read-only."""
    array = np.asarray(array)
    if kind == "F":
        return np.array(array, order="F")
    if kind == "strided":
        big = np.zeros([2 * n for n in array.shape], array.dtype)
        part = big[(slice(None, None, 2),) * array.ndim + (...,)]
    elif kind == "backwards":
        part = np.empty(array.shape, array.dtype)[(slice(None, None, -1),) * array.ndim + (...,)]
    elif kind == "swapped":
        part = np.empty(array.shape[::-1], array.dtype).T
    else:
        part = np.empty(array.shape, array.dtype)
    part[...] = array
    if kind == "read-only":
        part.flags.writeable = False
    return part


KINDS = ("C", "F", "strided", "backwards", "swapped", "read-only")


def flat(tree):
    """The arrays of a structure of outputs, with numbers as they are."""
    if isinstance(tree, tuple | list):
        return [x for item in tree for x in flat(item)]
    if isinstance(tree, dict):
        return [x for item in tree.values() for x in flat(item)]
    if isinstance(tree, ntb.Variable):
        return [tree.value]
    return [tree.value if isinstance(tree, ntb.Tensor) else tree]


def as_tensors(x):
    """Tensors of the very same memory."""
    if isinstance(x, list):
        return [as_tensors(item) for item in x]
    return ntb.Tensor(x) if isinstance(x, np.ndarray) else x


def same_bits(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return a.tobytes() == b.tobytes() or (
        np.array_equal(a, b, equal_nan=a.dtype.kind in "fc") and np.array_equal(np.signbit(a.real), np.signbit(b.real))
    )


def assert_same(found, expected, what):
    found, expected = flat(found), flat(expected)
    assert len(found) == len(expected), what
    for a, b in zip(found, expected, strict=True):
        assert same_bits(a, b), f"{what}: {a!r} instead of {b!r}"


def values(state):
    return [np.array(x.value) for x in state]


def put(state, arrays):
    for x, array in zip(state, arrays, strict=True):
        if isinstance(x, ntb.Variable):
            x.set(ntb.Tensor(array.copy(order="K"), x.id))
        else:
            x.assign(array)


def run_source(program, args, kwargs=None, text=None):
    """Run the printed source on the present state; returns the outputs and the new values of variables, in order."""
    text = program.source if text is None else text
    space = dict(program.constants)
    exec(compile(text, "<source>", "exec"), space)
    function = space[re.findall(r"^def (\w+)\(", text, re.MULTILINE)[-1]]
    leaves, _ = signature_of(args, kwargs or {})
    generators = []
    for generator in program.code.generators():
        copy = np.random.Generator(np.random.PCG64(0))
        copy.bit_generator.state = generator.numpy.bit_generator.state
        generators.append(copy)
    answer = function(*leaves, *(np.array(v.value) for v in program.code.variables), *generators)
    return answer if program.code.assignments else (answer, {})


def check_simple(f, calls, expected, state):
    """Run the list of calls that a simple trace keeps; it is traced again for other layouts and decisions."""
    program = None
    for i, (args, (out, after)) in enumerate(zip(calls, expected, strict=True)):
        before = values(state)
        try:
            found = program(*args) if program else None
        except InputError:
            program = None
        if program is None:
            put(state, before)
            program = trace(f, *args)
            put(state, before)
            found = program(*args)
        assert_same(found, out, f"the simple form of call {i}")
        assert_same(values(state), after, f"the state after the simple form of call {i}")


def check(f, calls, state=(), sources=True):
    """Run `f` on a list of argument tuples eagerly, as a simple list of calls, traced, replayed and as source, and
    compare outputs and state."""
    start = values(state)
    expected = []
    for args in calls:
        # As tensors, since NumPy itself works on arrays, and where ntb composes a function (np.sort) the axis order of
        # the result may differ.
        out = [np.array(x) for x in flat(f(*[as_tensors(a) for a in args]))]
        expected.append((out, values(state)))
    put(state, start)
    check_simple(f, calls, expected, state)
    put(state, start)
    traced = ntb.function(f)
    for i, (args, (out, after)) in enumerate(zip(calls, expected, strict=True)):
        before = values(state)
        for attempt in range(2):
            put(state, before)
            assert_same(traced(*args), out, f"call {i}, attempt {attempt}")
            assert_same(values(state), after, f"the state after call {i}, attempt {attempt}")
        if sources:
            put(state, before)
            check_source(traced, args, out, state, after, f"call {i}", fresh=bool(state) and i == 0)
            put(state, after)
    return traced


def check_source(traced, args, out, state, after, call, fresh):
    """Run the source of the program that a function has just run, or of a fresh one, as where it decides by values."""
    program = traced.programs[-1]
    if fresh or any(i.effect == "guard" for i in program.code.instructions):
        before = values(state)
        program = traced.trace(*args)
        assert_same(values(state), before, "the state after .trace()")
    answer, new = run_source(program, args)
    assert_same(answer, out, f"the source of {call}")
    changed = dict(zip(program.code.assignments, new.values(), strict=True))
    for x, value in zip(state, after, strict=True):
        if x in changed:
            assert_same(changed[x], value, f"the source's {x!r} in {call}")
