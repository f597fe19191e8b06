"""A replay never goes on with what was replaced: how classes and their objects find an attribute.

Each world yields a function, changes something that it depends on, and yields it again.
"""

import abc
import sys

from .worlds import Worlds, every_check

SCALE = 1.0
here = sys.modules[__name__]
stale = Worlds(__name__)


@stale
def class_attribute():
    class C:
        lr = 1.0

    yield (f := lambda x: x * C.lr)
    C.lr = 2.0
    yield f


@stale
def every_level_of_a_hierarchy():
    class A:
        lr = 1.0

    class B(A):
        pass

    class C(B):
        pass

    c = C()
    yield (f := lambda x: x * c.lr)
    A.lr = 2.0
    yield f
    B.lr = 3.0
    yield f
    C.lr = 4.0
    yield f
    c.lr = 5.0
    yield f
    del c.lr, C.lr
    yield f


@stale
def attribute_of_a_metaclass():
    class Meta(type):
        lr = 1.0

    class C(metaclass=Meta):
        pass

    yield (f := lambda x: x * C.lr)
    Meta.lr = 2.0
    yield f
    C.lr = 3.0
    yield f


@stale
def property_of_a_metaclass():
    class Meta(type):
        rates = {"lr": 1.0}

        @property
        def lr(cls):
            return cls.rates["lr"]

    class C(metaclass=Meta):
        pass

    yield (f := lambda x: x * C.lr)
    Meta.rates["lr"] = 2.0
    yield f


@stale
def class_method_and_static_method():
    class C:
        lr = 1.0

        @classmethod
        def rate(cls):
            return cls.lr

        @staticmethod
        def scale():
            return SCALE

    c = C()
    yield (f := lambda x: x * c.rate() * C.scale())
    C.lr = 2.0
    yield f
    here.SCALE = 3.0
    yield f
    C.scale = staticmethod(lambda: 4.0)
    yield f


@stale
def property_with_a_setter():
    class C:
        def __init__(self):
            self._lr = 1.0

        @property
        def lr(self):
            return self._lr

        @lr.setter
        def lr(self, value):
            self._lr = value

    c = C()
    yield (f := lambda x: x * c.lr)
    c.lr = 2.0
    yield f
    C.lr = property(lambda self: 3.0)
    yield f


@stale
def getattr_that_is_computed():
    class C:
        def __init__(self):
            self.table = {"lr": 1.0}

        def __getattr__(self, name):
            return self.table[name]

    c = C()
    yield (f := lambda x: x * c.lr)
    c.table["lr"] = 2.0
    yield f
    c.lr = 3.0
    yield f


@stale
def getattribute():
    class C:
        lr = 1.0

        def __getattribute__(self, name):
            found = object.__getattribute__(self, name)
            return found * SCALE if name == "lr" else found

    c = C()
    yield (f := lambda x: x * c.lr)
    c.lr = 2.0
    yield f
    here.SCALE = 2.0
    yield f


@stale
def descriptor():
    class Setting:
        def __init__(self):
            self.values = {}

        def __get__(self, x, kind):
            return self.values.get(id(x), 1.0)

        def __set__(self, x, value):
            self.values[id(x)] = value

    class C:
        lr = Setting()

    c = C()
    yield (f := lambda x: x * c.lr)
    c.lr = 2.0
    yield f


@stale
def slots_that_are_inherited():
    class A:
        __slots__ = ("a",)

    class B(A):
        __slots__ = ("b", "c")

    b = B()
    b.a, b.b = 1.0, 1.0
    yield (f := lambda x: x * b.a * b.b * (b.c if hasattr(b, "c") else 1.0))
    b.a = 2.0
    yield f
    b.b = 3.0
    yield f
    b.c = 4.0
    yield f
    del b.c
    yield f


@stale
def bases_of_a_class():
    class A:
        lr = 1.0

    class B:
        lr = 2.0

    class C(A):
        pass

    c = C()
    yield (f := lambda x: x * c.lr)
    C.__bases__ = (B,)
    yield f


@stale
def abstract_base_class():
    class A(abc.ABC):
        lr = 1.0

        @property
        @abc.abstractmethod
        def rate(self): ...

    class B(A):
        @property
        def rate(self):
            return self.lr

    b = B()
    yield (f := lambda x: x * b.rate)
    A.lr = 2.0
    yield f


@stale
def special_methods():
    class C:
        value = 1.0

        def __len__(self):
            return int(self.value)

        def __iter__(self):
            return iter([self.value])

        def __contains__(self, x):
            return self.value == x

        def __bool__(self):
            return self.value == 1.0

        def __float__(self):
            return self.value

        def __getitem__(self, i):
            return self.value

        def __index__(self):
            return int(self.value)

        def __enter__(self):
            return self.value

        def __exit__(self, *_):
            pass

        def __call__(self, x):
            return x * self.value

        def __rmul__(self, x):
            return x * self.value

    c = C()

    def f(x):
        with c as value:
            x = x * value
        return (
            c(x) * len(c)
            + sum(c)
            + (2.0 in c)
            + (3.0 if c else 4.0)
            + float(c)
            + c[0]
            + [5.0, 6.0, 7.0, 8.0][c]
            + 1.0 * c
        )

    yield f
    c.value = 2.0
    yield f
    C.__call__ = lambda self, x: x
    yield f
    C.__len__ = lambda self: 7
    yield f
    C.__bool__ = lambda self: True
    yield f
    C.__iter__ = lambda self: iter([9.0])
    yield f


@stale
def comparison_of_objects():
    class C:
        def __init__(self, value):
            self.value = value

        def __eq__(self, other):
            return self.value == other.value

        def __lt__(self, other):
            return self.value < other.value

        def __hash__(self):
            return hash(self.value)

    a, b = C(1), C(2)
    yield (f := lambda x: x * (a == b) + (max(a, b) is a) + len({a, b}))
    a.value = 2
    yield f
    a.value = 3
    yield f


@stale
def objects_made_inside():
    class Config:
        default = {"lr": 1.0}

        def __init__(self):
            self.lr = self.default["lr"] * SCALE

    yield (f := lambda x: x * Config().lr)
    Config.default["lr"] = 2.0
    yield f
    here.SCALE = 3.0
    yield f
    Config.__init__ = lambda self: setattr(self, "lr", 9.0)
    yield f


@every_check
@stale.each
def test_what_was_replaced_is_seen(world, check):
    stale.compare(world, check)
