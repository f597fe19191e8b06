"""A replay never goes on with what was replaced: modules, globals, closures and functions.

Each world yields a function, changes something that it depends on, and yields it again.
"""

import functools
import sys
import types
from operator import attrgetter, itemgetter, methodcaller

import numpy as np

from .worlds import Worlds, every_check, module

SCALE = 1.0
here = sys.modules[__name__]
stale = Worlds(__name__)


# --- modules, globals, closures


@stale
def attribute_of_a_module():
    yield (f := lambda x: x * module.scale * module.below.scale)
    module.scale = 2.0
    yield f
    module.below.scale = 3.0
    yield f


@stale
def import_inside():
    def f(x):
        import settings_of_a_test
        from settings_of_a_test import scale
        from settings_of_a_test.below import scale as below

        return x * scale * below + settings_of_a_test.scale

    yield f
    module.scale = 2.0
    yield f
    module.below.scale = 3.0
    yield f


@stale
def module_in_sys_modules():
    yield (f := lambda x: x * sys.modules["settings_of_a_test"].scale)
    module.scale = 2.0
    yield f
    other = sys.modules["settings_of_a_test"] = types.ModuleType("settings_of_a_test")
    other.scale = 3.0
    yield f


@stale
def getattr_of_a_module():
    module.__getattr__ = lambda name: SCALE
    yield (f := lambda x: x * module.lazy)
    here.SCALE = 2.0
    yield f
    module.lazy = 3.0
    yield f
    del module.lazy, module.__getattr__


@stale
def globals_by_name():
    yield (f := lambda x: x * globals()["SCALE"] * eval("SCALE") * vars(here)["SCALE"] * getattr(here, "SC" + "ALE"))
    here.SCALE = 2.0
    yield f


@stale
def nested_closures():
    scale, other = 1.0, 1.0

    def outer():
        def inner(x):
            return x * scale

        return lambda x: inner(x) * other

    inner = outer()
    yield (f := lambda x: inner(x))
    scale = 2.0
    yield f
    other = 3.0
    yield f


@stale
def variable_of_a_closure_that_is_deleted():
    scale = 1.0

    def f(x):
        try:
            return x * scale
        except NameError:
            return x * 5.0

    yield f
    del scale
    yield f
    scale = 3.0
    yield f


@stale
def builtin_that_is_shadowed():
    yield (f := lambda x: x * abs(-2.0))
    here.abs = lambda x: 7.0
    yield f
    del here.abs


# --- functions


@stale
def defaults():
    def g(x, a=1.0, *, b=1.0, c=[1.0]):  # noqa: B006
        return x * a * b * c[0]

    yield (f := lambda x: g(x))
    g.__defaults__ = (2.0,)
    yield f
    g.__kwdefaults__ = {"b": 3.0, "c": [1.0]}
    yield f
    g.__kwdefaults__["b"] = 4.0
    yield f
    g.__kwdefaults__["c"][0] = 5.0
    yield f


@stale
def defaults_of_the_function_itself():
    def f(x, a=1.0, *, b=1.0):
        return x * a * b

    yield f
    f.__defaults__ = (2.0,)
    yield f
    f.__kwdefaults__["b"] = 3.0
    yield f


@stale
def code_of_a_function():
    def g(x):
        return x

    def f(x):
        return g(x)

    def h(x):
        return g(x) + 1.0

    yield f
    g.__code__ = (lambda x: x * 2.0).__code__
    yield f
    f.__code__ = h.__code__
    yield f


@stale
def function_with_attributes():
    def g(x):
        return x * g.scale

    g.scale = 1.0
    yield (f := lambda x: g(x))
    g.scale = 2.0
    yield f


@stale
def function_that_is_wrapped():
    table = {"a": 1.0}

    def decorated(h):
        @functools.wraps(h)
        def wrapper(*args):
            return h(*args)

        return wrapper

    @decorated
    @decorated
    def g(x):
        return x * table["a"]

    yield (f := lambda x: g(x))
    table["a"] = 2.0
    yield f


@stale
def partials():
    class C:
        scale = 1.0

        def times(self, k, x):
            return x * k * self.scale

        double = functools.partialmethod(times, 2.0)

    c, numbers = C(), [1.0]
    part = functools.partial(lambda numbers, x: x * numbers[0], numbers)
    yield (f := lambda x: part(c.double(x)))
    c.scale = 2.0
    yield f
    numbers[0] = 3.0
    yield f
    part = functools.partial(part.func, [4.0])
    yield f


@stale
def cached_results():
    c = types.SimpleNamespace(a=1.0)

    @functools.lru_cache
    def a():
        return c.a

    class C:
        @functools.cached_property
        def b(self):
            return c.a

    b = C()
    yield (f := lambda x: x * a() * b.b)
    c.a = 2.0
    yield f
    del b.b
    yield f


@stale
def object_in_a_cache():
    class Config:
        def __init__(self):
            self.lr = 1.0

    config = functools.cache(Config)

    @functools.lru_cache(maxsize=4)
    def named(name):
        return Config()

    yield (f := lambda x: x * config().lr * named("a").lr)
    config().lr = 2.0
    yield f
    named("a").lr = 3.0
    yield f


@stale
def single_dispatch():
    @functools.singledispatch
    def g(x):
        return 1.0

    yield (f := lambda x: x * g("a"))
    g.register(str, lambda x: SCALE * 2.0)
    yield f
    here.SCALE = 5.0
    yield f


@stale
def operators_of_the_library():
    c = types.SimpleNamespace(a=types.SimpleNamespace(b=1.0), t=[1.0], scale=lambda x: x)
    get, item, call = attrgetter("a.b"), itemgetter(0), methodcaller("scale", 2.0)
    yield (f := lambda x: x * get(c) * item(c.t) * call(c))
    c.a.b = 2.0
    yield f
    c.t[0] = 3.0
    yield f
    c.scale = lambda x: x * 5.0
    yield f


@stale
def functions_of_functions():
    c = types.SimpleNamespace(k=1.0)
    yield (
        f := lambda x: (
            x * sum(map(lambda i: i * c.k, [1.0, 2.0]))
            + functools.reduce(lambda a, b: a + b * c.k, [1.0, 2.0])
            + max([1.0, 2.0], key=lambda i: i * c.k)
            + sorted([1.0, 2.0], key=lambda i: i * c.k)[0]
        )
    )
    c.k = -1.0
    yield f


@stale
def method_that_is_replaced():
    class C:
        def scale(self, x):
            return x

    c = C()
    yield (f := lambda x: c.scale(x))
    c.scale = lambda x: x * 2.0
    yield f
    del c.scale
    C.scale = lambda self, x: x * 3.0
    yield f


@stale
def function_that_is_replaced_in_a_module():
    module.f = lambda x: x
    yield (f := lambda x: module.f(x))
    module.f = lambda x: x * 2.0
    yield f
    module.f = np.tanh
    yield f


@stale
def bound_method_that_is_kept():
    class C:
        scale = 1.0

        def times(self, x):
            return x * self.scale

    c = C()
    times = c.times
    table = {"f": c.times}
    yield (f := lambda x: times(table["f"](x)))
    c.scale = 2.0
    yield f
    C.scale = 3.0
    del c.scale
    yield f


@stale
def method_of_a_superclass():
    class A:
        def times(self, x):
            return x

    class B(A):
        def times(self, x):
            return super().times(x) * 2.0

    b = B()
    yield (f := lambda x: b.times(x))
    A.times = lambda self, x: x * 3.0
    yield f


@every_check
@stale.each
def test_what_was_replaced_is_seen(world, check):
    stale.compare(world, check)
