"""A replay never goes on with what was replaced: containers, and objects that hold settings.

Each world yields a function, changes something that it depends on, and yields it again.
"""

import argparse
import array
import collections
import configparser
import contextvars
import dataclasses
import enum
import os
import sys
import threading
import types
import weakref
from typing import NamedTuple

from .worlds import Worlds, every_check

SCALE = 1.0
here = sys.modules[__name__]
stale = Worlds(__name__)


# --- containers


def contained(make, read, *changes):
    def world():
        held = make()
        yield (f := lambda x: x * read(held))
        for change in changes:
            change(held)
            yield f

    world.__name__ = type(make()).__name__
    return stale(world)


def put(key, value):
    return lambda held: held.__setitem__(key, value)


contained(lambda: [1.0], lambda a: a[0], put(0, 2.0), lambda a: a.insert(0, 3.0))
contained(lambda: {"k": 1.0}, lambda a: a["k"], put("k", 2.0), put("other", 2.0))
contained(lambda: collections.OrderedDict(k=1.0, l=2.0), lambda a: next(iter(a.values())), lambda a: a.move_to_end("k"))
contained(lambda: collections.deque([1.0]), lambda a: a[0], put(0, 2.0), lambda a: a.appendleft(3.0))
contained(lambda: collections.defaultdict(float, k=1.0), lambda a: a["k"], put("k", 2.0))
contained(lambda: collections.Counter(k=1), lambda a: a["k"] + a["other"], put("k", 2), put("other", 2))
contained(lambda: {1}, len, lambda a: a.add(2))
contained(lambda: array.array("d", [1.0]), lambda a: a[0], put(0, 2.0))
contained(lambda: bytearray(b"1"), lambda a: a[0], put(0, 2))
contained(lambda: collections.UserDict(k=1.0), lambda a: a["k"], put("k", 2.0))
contained(lambda: collections.UserList([1.0]), lambda a: a[0], put(0, 2.0))
contained(lambda: {1: None}, lambda a: len(a.keys() & {1}), lambda a: a.clear())
contained(
    lambda: collections.ChainMap({}, {"k": 1.0}),
    lambda a: a["k"],
    put("k", 2.0),
    lambda a: a.maps[0].clear(),
    lambda a: a.maps[1].update(k=5.0),
)


@stale
def key_of_another_kind():
    settings = {1: 2.0}
    yield (f := lambda x: x * (2.0 if next(iter(settings)) is True else 3.0))
    value = settings.pop(1)
    settings[True] = value
    yield f


@stale
def views_of_a_dict():
    table = {"a": 1.0}
    keys, values, items, view = table.keys(), table.values(), table.items(), types.MappingProxyType(table)
    yield (f := lambda x: x * len(keys) + sum(values) + len(list(items)) + view["a"])
    table["a"] = 2.0
    yield f
    table["b"] = 3.0
    yield f


@stale
def views_of_memory():
    numbers = array.array("d", [1.0, 2.0])
    view = memoryview(numbers)
    yield (f := lambda x: x * view[0])
    numbers[0] = 3.0
    yield f


@stale
def subclasses_of_containers():
    class L(list):
        scale = 1.0

        def total(self):
            return sum(self) * self.scale

    class D(dict):
        def __missing__(self, key):
            return SCALE

        def __getattr__(self, name):
            return self[name]

    a, d = L([1.0]), D(lr=1.0)
    yield (f := lambda x: x * a.total() + d.lr + d["other"])
    a.append(2.0)
    yield f
    a.scale = 3.0
    yield f
    d["lr"] = 4.0
    yield f
    here.SCALE = 5.0
    yield f
    d["other"] = 6.0
    yield f


@stale
def deep_in_containers():
    tree = {"a": [({"b": {"c": [1.0]}},)]}
    yield (f := lambda x: x * tree["a"][0][0]["b"]["c"][0])
    tree["a"][0][0]["b"]["c"][0] = 2.0
    yield f


@stale
def large_dict():
    table = {f"k{i}": 1.0 for i in range(1000)}
    yield (f := lambda x: x * table["k7"])
    table["k7"] = 2.0
    yield f


# --- settings of programs


@stale
def namespaces():
    a, b = types.SimpleNamespace(lr=1.0), argparse.Namespace(lr=1.0)
    yield (f := lambda x: x * a.lr * b.lr * vars(a)["lr"] * a.__dict__["lr"])
    a.lr = 2.0
    yield f
    b.lr = 3.0
    yield f


@stale
def config_parser():
    config = configparser.ConfigParser()
    config.read_string("[train]\nlr = 1.0\n")
    yield (f := lambda x: x * config.getfloat("train", "lr") * float(config["train"]["lr"]))
    config["train"]["lr"] = "2.0"
    yield f


@stale
def environment():
    os.environ["NTB_TEST_RATE"] = "1"
    yield (f := lambda x: x * float(os.environ["NTB_TEST_RATE"]) * float(os.getenv("NTB_TEST_OTHER", "1")))
    os.environ["NTB_TEST_RATE"] = "2"
    yield f
    os.environ["NTB_TEST_OTHER"] = "3"
    yield f
    del os.environ["NTB_TEST_RATE"], os.environ["NTB_TEST_OTHER"]


@stale
def context_variable():
    scale = contextvars.ContextVar("scale", default=1.0)
    yield (f := lambda x: x * scale.get())
    token = scale.set(2.0)
    yield f
    scale.reset(token)
    yield f


@stale
def local_of_a_thread():
    local = threading.local()
    local.lr = 1.0
    yield (f := lambda x: x * local.lr)
    local.lr = 2.0
    yield f


@stale
def weak_references():
    class C:
        def __init__(self):
            self.lr = 1.0

    c, d = C(), C()
    r, table, keys = weakref.ref(c), weakref.WeakValueDictionary(c=c), weakref.WeakKeyDictionary({c: 1.0})
    proxy = weakref.proxy(c)
    yield (f := lambda x: x * r().lr * table["c"].lr * keys[r()] + proxy.lr)
    c.lr = 2.0
    yield f
    keys[c] = 3.0
    yield f
    table["c"] = d
    yield f


@stale
def weak_reference_that_dies():
    class C:
        lr = 2.0

    c = C()
    r = weakref.ref(c)
    yield (f := lambda x: x * (1.0 if r() is None else r().lr))
    del c
    yield f


@stale
def singleton():
    class Config:
        _instance = None

        def __new__(cls):
            if cls._instance is None:
                cls._instance = super().__new__(cls)
                cls._instance.lr = 1.0
            return cls._instance

    Config()
    yield (f := lambda x: x * Config().lr)
    Config().lr = 2.0
    yield f
    Config._instance = None
    Config().lr = 3.0
    yield f


# --- classes that are made for settings


@stale
def dataclass_as_a_setting():
    @dataclasses.dataclass
    class Settings:
        lr: float = 1.0

    settings = Settings()
    yield (f := lambda x: x * settings.lr)
    settings.lr = 2.0
    yield f
    settings = dataclasses.replace(settings, lr=3.0)
    yield f


@stale
def dataclass_with_slots_that_is_copied():
    @dataclasses.dataclass(slots=True)
    class Settings:
        lr: float = 1.0

    settings = Settings()
    yield (f := lambda x: x * dataclasses.asdict(settings)["lr"] * dataclasses.replace(settings).lr)
    settings.lr = 2.0
    yield f


@stale
def frozen_dataclass_in_a_list():
    @dataclasses.dataclass(frozen=True)
    class Settings:
        lr: float

    settings = [Settings(1.0)]
    yield (f := lambda x: x * settings[0].lr)
    settings[0] = Settings(2.0)
    yield f


@stale
def enumeration():
    class Mode(enum.Enum):
        A = 1
        B = 2

    mode = Mode.A
    yield (f := lambda x: x * 2.0 if mode is Mode.A else x * mode.value)
    mode = Mode.B
    yield f


@stale
def named_tuple():
    class Settings(NamedTuple):
        lr: float

    settings = Settings(1.0)
    yield (f := lambda x: x * settings.lr)
    settings = settings._replace(lr=2.0)
    yield f


@every_check
@stale.each
def test_what_was_replaced_is_seen(world, check):
    stale.compare(world, check)
