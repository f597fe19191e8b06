"""Holders: the ways in which Python code finds a thing in another.

Each step is given a thing; it returns what holds it, how code gets at it from there, and what puts another thing there.
"""

import collections
import contextvars
import dataclasses
import functools
import operator
import threading
import types
import weakref
from typing import NamedTuple


def attribute_of(holder, held):
    holder.a = held
    return holder, "{}.a", lambda new: setattr(holder, "a", new)


def in_dict(held):
    return attribute_of(type("Model", (), {})(), held)


def in_namespace(held):
    return attribute_of(types.SimpleNamespace(), held)


def in_slots(held):
    base = type("Base", (), {"__slots__": ("a",)})
    return attribute_of(type("Slots", (base,), {"__slots__": ("b",)})(), held)


def in_class(held):
    kind = type("Model", (), {"a": staticmethod(held) if callable(held) else held})
    return kind(), "{}.a", lambda new: setattr(kind, "a", staticmethod(new) if callable(new) else new)


def in_base(held):
    kind = type("Base", (), {"a": staticmethod(held) if callable(held) else held})
    below = type("Model", (type("Middle", (kind,), {}),), {})
    return below(), "{}.a", lambda new: setattr(kind, "a", staticmethod(new) if callable(new) else new)


def in_the_class_itself(held):
    return attribute_of(type("Settings", (), {}), held)


def in_metaclass(held):
    meta = type("Meta", (type,), {"a": property(lambda cls: cls.table["a"])})
    kind = meta("Settings", (), {"table": {"a": held}})
    return kind, "{}.a", lambda new: kind.table.update(a=new)


def in_module(held):
    return attribute_of(types.ModuleType("settings"), held)


def in_property(held):
    kind = type("Model", (), {"a": property(lambda self: self._a, lambda self, new: setattr(self, "_a", new))})
    return attribute_of(kind(), held)


def in_getattr(held):
    kind = type("Model", (), {"__getattr__": lambda self, name: self.__dict__["table"][name]})
    model = kind()
    model.table = {"a": held}
    return model, "{}.a", lambda new: model.table.update(a=new)


def in_method(held):
    class Model:
        def __init__(self, held):
            self.inner = held

        def get(self):
            return self.inner

    model = Model(held)
    return model, "{}.get()", lambda new: setattr(model, "inner", new)


def in_indexed(held):
    class Model:
        def __init__(self, held):
            self.inner = [held]

        def __getitem__(self, i):
            return self.inner[i]

    model = Model(held)
    return model, "{}[0]", lambda new: model.inner.__setitem__(0, new)


def in_call(held):
    class Model:
        def __call__(self):
            return self.inner

    model = Model()
    model.inner = held
    return model, "{}()", lambda new: setattr(model, "inner", new)


def in_cell(held):
    def put(new):
        nonlocal held
        held = new

    return lambda: held, "{}()", put


def in_default(held):
    def get(a=held):
        return a

    return get, "{}()", lambda new: setattr(get, "__defaults__", (new,))


def in_keyword_default(held):
    def get(*, a=held):
        return a

    return get, "{}()", lambda new: get.__kwdefaults__.update(a=new)


def in_wrapped(held):
    inner, _, put = in_cell(held)
    return functools.wraps(inner)(lambda: inner()), "{}()", put


def in_partial(held):
    numbers = [held]
    return functools.partial(lambda numbers: numbers[0], numbers), "{}()", lambda new: numbers.__setitem__(0, new)


def in_item(holder, key, held):
    holder[key] = held
    return holder, "{}[" + repr(key) + "]", lambda new: holder.__setitem__(key, new)


def in_dataclass(held):
    @dataclasses.dataclass
    class Settings:
        a: object

    return attribute_of(Settings(held), held)


def in_tuple(held):
    holder = [(0, held)]
    return holder, "{}[0][1]", lambda new: holder.__setitem__(0, (0, new))


def in_named_tuple(held):
    class Settings(NamedTuple):
        a: object

    holder = {"a": Settings(held)}
    return holder, "{}['a'].a", lambda new: holder.update(a=Settings(new))


def in_context(held):
    variable = contextvars.ContextVar("a")
    variable.set(held)
    return variable, "{}.get()", variable.set


def in_view(held):
    table = {"a": held}
    return types.MappingProxyType(table), "{}['a']", lambda new: table.update(a=new)


def in_chain_map(held):
    chain = collections.ChainMap({}, {"a": held})
    return chain, "{}['a']", lambda new: chain.maps[1].update(a=new)


def in_weak_reference(held):
    model, _, put = in_dict(held)
    model.me = model  # keeps it alive
    return weakref.ref(model), "{}().a", put


def in_thread(held):
    return attribute_of(threading.local(), held)


def in_class_method(held):
    class Base:
        inner = [held]

        @classmethod
        def get(cls):
            return cls.inner[0]

    class Model(Base):
        @classmethod
        def get(cls):
            return super().get()

    return Model, "{}.get()", lambda new: Base.inner.__setitem__(0, new)


def in_made_object(held):
    class Model:
        inner = {"a": held}

        def __init__(self):
            self.a = self.inner["a"]

    return Model, "{}().a", lambda new: Model.inner.update(a=new)


def in_cached_object(held):
    class Model:
        pass

    @functools.lru_cache
    def get():
        return Model()

    get().a = held
    return get, "{}().a", lambda new: setattr(get(), "a", new)


def in_descriptor(held):
    class Setting:
        def __get__(self, x, kind):
            return x.inner

        def __set__(self, x, new):
            x.inner = new

    return attribute_of(type("Model", (), {"a": Setting()})(), held)


def in_generator(held):
    numbers = [held]

    def get():
        yield from numbers

    return get, "next({}())", lambda new: numbers.__setitem__(0, new)


def in_context_manager(held):
    class Model:
        def __enter__(self):
            return self.inner

        def __exit__(self, *_):
            pass

    def get():
        with model as found:
            return found

    model = Model()
    model.inner = held
    return get, "{}()", lambda new: setattr(model, "inner", new)


def in_weak_dict(held):
    model, _, put = in_dict(held)
    model.me = model
    return weakref.WeakValueDictionary(m=model), "{}['m'].a", put


def in_getter(held):
    model, _, put = in_dict(held)
    return (operator.attrgetter("a"), model), "(lambda get: get[0](get[1]))({})", put


def spelled(step, text):
    """A step with other code that gets at the thing."""
    return step[0], text, step[2]


STEPS = {
    "thread": in_thread, "class method": in_class_method, "made": in_made_object, "cached": in_cached_object,
    "descriptor": in_descriptor, "generator": in_generator, "context manager": in_context_manager,
    "weak dict": in_weak_dict, "getter": in_getter,
    "dict": in_dict, "namespace": in_namespace, "slots": in_slots, "class": in_class, "base": in_base,
    "class itself": in_the_class_itself, "metaclass": in_metaclass, "module": in_module, "property": in_property,
    "getattr": in_getattr, "method": in_method, "indexed": in_indexed, "call": in_call, "cell": in_cell,
    "default": in_default, "keyword default": in_keyword_default, "wrapped": in_wrapped, "partial": in_partial,
    "dataclass": in_dataclass, "tuple": in_tuple, "named tuple": in_named_tuple, "context": in_context, "view": in_view,
    "chain map": in_chain_map, "weak reference": in_weak_reference,
    "list": lambda held: in_item([0], 0, held), "key": lambda held: in_item({"b": 1.0}, "a", held),
    "deque": lambda held: in_item(collections.deque([0]), 0, held),
    "ordered": lambda held: in_item(collections.OrderedDict(), "a", held),
    "user dict": lambda held: in_item(collections.UserDict(), "a", held),
    "default dict": lambda held: in_item(collections.defaultdict(float), "a", held),
    "by name": lambda held: spelled(in_dict(held), "getattr({}, 'a')"),
    "by a computed name": lambda held: spelled(in_dict(held), "getattr({}, chr(97))"),
    "by a name with an end": lambda held: spelled(in_dict(held), "getattr({}, chr(97) + '')"),
    "by a name or a default": lambda held: spelled(in_dict(held), "getattr({}, chr(97), 'b')"),
    "by one of two names": lambda held: spelled(in_dict(held), "getattr({}, 'b' if {} is None else 'a')"),
    "vars": lambda held: spelled(in_namespace(held), "vars({})['a']"),
    "iteration": lambda held: spelled(in_item([0], 0, held), "next(iter({}))"),
    "values": lambda held: spelled(in_item({}, "a", held), "list({}.values())[0]"),
}  # fmt: skip


WRITABLE = {
    "dict", "namespace", "slots", "class itself", "module", "property", "list", "key", "deque", "ordered", "user dict",
    "default dict", "dataclass",
}  # fmt: skip
"""The steps after which an assignment changes what is held."""
