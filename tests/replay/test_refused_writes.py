"""Functions that write Python state are refused in the first call: no replay would write it again."""

import collections
import contextvars
import dataclasses
import os
import queue
import sys
import types

import numpy as np
import pytest

from ntb import TapeError

from .worlds import every_check, refused

COUNT = 0.0
ONE = np.ones(2)
here = sys.modules[__name__]


def attribute():
    class C:
        i = 0

        def step(self, x):
            self.i = (self.i + 1) % 4
            return x * self.i

    return C().step


def attribute_of_a_class():
    class C:
        i = 0

        def step(self, x):
            type(self).i += 1
            return x * C.i

    return C().step


def attribute_in_slots():
    class C:
        __slots__ = ("i",)

    c = C()
    c.i = 1

    def f(x):
        c.i += 1
        return x * c.i

    return f


def attribute_by_name():
    c = types.SimpleNamespace(count=1.0)

    def f(x):
        setattr(c, "co" + "unt", c.count + 1.0)
        return x * c.count

    return f


def attribute_in_a_dict():
    c = types.SimpleNamespace(count=1.0)

    def f(x):
        vars(c)["count"] += 1.0
        return x * c.count

    return f


def property_that_is_set():
    class C:
        def __init__(self):
            self._i = 1.0

        @property
        def i(self):
            return self._i

        @i.setter
        def i(self, value):
            self._i = value

    c = C()

    def f(x):
        c.i += 1.0
        return x * c.i

    return f


def attribute_that_a_method_writes_deep_below():
    class Counter:
        def __init__(self):
            self.n = 0

        def next(self):
            self.n += 1
            return self.n

    tree = {"a": [types.SimpleNamespace(c=Counter())]}
    return lambda x: x * tree["a"][0].c.next()


def method_called_when_indexed():
    class Counter:
        n = 0

        def __getitem__(self, i):
            self.n += 1
            return self.n

    c = Counter()
    return lambda x: x * c[0]


def global_variable():
    def f(x):
        global COUNT
        COUNT = COUNT + 1.0
        return x * COUNT

    return f


def variable_of_a_closure():
    i = 1.0

    def f(x):
        nonlocal i
        i += 1.0
        return x * i

    return f


def variable_of_a_nested_closure():
    def counter():
        i = 0

        def count():
            nonlocal i
            i += 1
            return i

        return count

    count = counter()
    return lambda x: x * count()


def attribute_of_a_module():
    module = types.ModuleType("module")
    module.i = 1.0

    def f(x):
        module.i += 1.0
        return x * module.i

    return f


def attribute_of_a_function():
    def f(x):
        f.i += 1.0
        return x * f.i

    f.i = 1.0
    return f


def list_that_grows():
    held = [1.0]

    def f(x):
        held.append(1.0)
        return x * len(held)

    return f


def list_that_is_default():
    def f(x, held=[1.0]):  # noqa: B006
        held[0] += 1.0
        return x * held[0]

    return f


def list_that_shrinks():
    held = [1.0] * 9

    def f(x):
        return x * held.pop() * len(held)

    return f


def dict_that_is_updated():
    held = {"a": 1.0}

    def f(x):
        held.update(a=held["a"] + 1.0)
        return x * held["a"]

    return f


def counter():
    held = collections.Counter("a")

    def f(x):
        held["a"] += 1
        return x * held["a"]

    return f


def deque_that_turns():
    held = collections.deque([1.0, 2.0])

    def f(x):
        held.rotate()
        return x * held[0]

    return f


def set_that_grows():
    held = {1}

    def f(x):
        held.add(len(held) + 1)
        return x * len(held)

    return f


def bytes_that_are_written():
    held = bytearray(b"\1")

    def f(x):
        held[0] += 1
        return x * held[0]

    return f


def context_variable():
    held = contextvars.ContextVar("held", default=1.0)

    def f(x):
        held.set(held.get() + 1.0)
        return x * held.get()

    return f


def environment():
    os.environ["NTB_TEST_COUNT"] = "1"

    def f(x):
        os.environ["NTB_TEST_COUNT"] = str(int(os.environ["NTB_TEST_COUNT"]) + 1)
        return x * float(os.environ["NTB_TEST_COUNT"])

    return f


def dataclass_that_counts():
    @dataclasses.dataclass
    class State:
        i: int = 1

    state = State()

    def f(x):
        state.i += 1
        return x * state.i

    return f


def two_that_are_swapped():
    pair = [1.0, 2.0]

    def f(x):
        pair[0], pair[1] = pair[1], pair[0]
        return x * pair[0]

    return f


def queue_of_the_library():
    held = queue.Queue()
    for i in range(9):
        held.put(float(i))
    return lambda x: x * held.get()


def attribute_that_is_new():
    model = types.SimpleNamespace()

    def f(x):
        model.last = x * 2.0
        return x

    return f


def attribute_of_a_class_that_is_new():
    class C:
        pass

    def f(x):
        C.last = x * 2.0
        return x

    return f


def attribute_of_a_function_that_is_new():
    def g(x):
        g.last = x * 2.0
        return x

    return lambda x: g(x)


def key_that_is_new():
    held = {}

    def f(x):
        held["last"] = x * 2.0
        return x

    return f


WRITING = [
    attribute_that_is_new, attribute_of_a_class_that_is_new, attribute_of_a_function_that_is_new, key_that_is_new,
    attribute, attribute_of_a_class, attribute_in_slots, attribute_by_name, attribute_in_a_dict, property_that_is_set,
    attribute_that_a_method_writes_deep_below, method_called_when_indexed, global_variable, variable_of_a_closure,
    variable_of_a_nested_closure, attribute_of_a_module, attribute_of_a_function, list_that_grows, list_that_is_default,
    list_that_shrinks, dict_that_is_updated, counter, deque_that_turns, set_that_grows, bytes_that_are_written,
    context_variable, environment, dataclass_that_counts, two_that_are_swapped, queue_of_the_library,
]  # fmt: skip


@every_check
@pytest.mark.parametrize("make", WRITING, ids=lambda make: make.__name__)
def test_functions_that_write_python_state_are_refused(make, check, monkeypatch):
    monkeypatch.setattr(here, "COUNT", 0.0)
    monkeypatch.setenv("NTB_TEST_COUNT", "1")
    refused(TapeError, make, check)
