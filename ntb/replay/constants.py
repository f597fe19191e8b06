"""Constants: how the arguments that are not fed count, which a program keeps as they were in its trace.

Plain values that cannot change count by kind and value, arrays of strings and dates by their contents, and everything
else by identity: variables, models, functions. `==` is asked only where it means no less than that.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

BY_VALUE = frozenset({
    bool, int, str, bytes, type(None), type(...), type(NotImplemented), types.FunctionType,
    types.BuiltinFunctionType, types.MethodType, types.ModuleType,
})  # fmt: skip
"""The kinds of which two are alike to a program if they are `==`. (A method of an object is made anew whenever it is
asked for; two are equal if function and object are the same.) Subclasses are none of them: they may have attributes."""

_BY_TEXT = {
    "builtins": ("float", "complex"), "fractions": ("Fraction",), "decimal": ("Decimal",), "uuid": ("UUID",),
    "datetime": ("date", "time", "datetime", "timedelta", "timezone"),
    "pathlib": ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"),
}  # fmt: skip
"""The kinds of which two can be `==` and yet differ to a program, but not if their texts agree: 0.0 and -0.0,
Decimal("1") and Decimal("1.0"), one moment in two time zones. By name, so that `import ntb` imports none of them."""


class Same:
    """Stands in a signature for an object that counts by identity."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: Any) -> bool:
        return other.x is self.x if type(other) is Same else type(other) is _Lasting and other == self

    def __hash__(self) -> int:
        return id(self.x)


class _Lasting:
    """Stands for an object in a signature that is kept, and does not keep the object; once it is gone, for no other."""

    __slots__ = ("kind", "number", "target")

    def __init__(self, x: Any, number: int, gone: Callable[[Any], None]) -> None:
        self.kind = type(x)
        self.number = number
        self.target = weakref.ref(x, gone)

    def __eq__(self, other: Any) -> bool:
        x = self.target()
        same = other.target() if type(other) is _Lasting else other.x if type(other) is Same else other
        return self is other or (x is not None and same is x)

    def __hash__(self) -> int:
        return self.number


def lasting(signature: Any, gone: Callable[[Any], None]) -> Any:
    """A signature to be kept: it does not keep the objects that count by identity. `gone` is called when one dies."""
    kind: Any = type(signature)
    if kind is tuple:
        return tuple([lasting(part, gone) for part in signature])
    try:
        if kind is Same:
            return _Lasting(signature.x, hash(signature), gone)
        if kind.__eq__ is object.__eq__ and kind.__hash__ is object.__hash__ and not isinstance(signature, type):
            return _Lasting(signature, hash(signature), gone)
    except TypeError:  # an object without weak references
        pass
    return signature


def is_void(signature: Any) -> bool:
    """Whether a signature that is kept names an object that is gone."""
    if type(signature) is tuple:
        return any(map(is_void, signature))
    return type(signature) is _Lasting and signature.target() is None


def constant(x: Any) -> Hashable:
    """The part of a signature that a value makes which is not fed.

    >>> constant(1) == constant(True), constant(0.0) == constant(-0.0), constant(range(0)) == constant(range(1, 1))
    (False, False, False)
    >>> constant((1, "a")) == constant((1, "a")), constant([1]) == constant([1])
    (True, False)
    """
    kind = type(x)
    if kind in BY_VALUE or isinstance(x, np.dtype):
        return (kind, x)
    if _counts_by_text(kind):
        return (kind, repr(x), x if x == x else None)  # a NaN is not equal to itself
    if kind is slice or kind is range:
        return (kind, constant(x.start), constant(x.stop), constant(x.step))
    if kind is tuple:
        return (kind, *map(constant, x))
    if kind is frozenset:
        return (kind, frozenset(map(constant, x)))
    return contents(x) if isinstance(x, np.generic) else Same(x)


def _counts_by_text(kind: type) -> bool:
    return kind.__name__ in _BY_TEXT.get(kind.__module__.partition(".")[0], ())


def contents(x: np.ndarray | np.generic) -> Hashable:
    """The part of a signature that the elements of an array make."""
    elements = tuple(x.ravel().tolist()) if x.dtype.kind == "T" else x.tobytes()  # strings of any length, or bytes
    return (np.ndarray if isinstance(x, np.ndarray) else type(x), x.shape, x.dtype, elements)


def words(part: Any) -> str:
    """What a part of a signature stands for, in a few words."""
    if isinstance(part, Same | _Lasting | type):
        return one(part if isinstance(part, type) else part.kind if isinstance(part, _Lasting) else type(part.x))
    kind, x = [*part, None][:2]
    if kind is np.ndarray or kind is np.generic:
        return "an array" if kind is np.ndarray else f"a scalar of {x}"
    if not isinstance(kind, type):  # the name of an attribute, or the key of an item, stands before what it has
        return words(kind) if isinstance(kind, tuple) else repr(kind)
    if _counts_by_text(kind):
        return x
    if hasattr(x, "__name__"):
        return x.__name__
    text = repr(x) if kind in BY_VALUE else str(x) if isinstance(x, np.dtype) else one(kind)
    return text if len(text) < 60 else f"{text[:57]}..."


def one(kind: type) -> str:
    """The name of a class with an article.

    >>> one(int), one(np.ndarray)
    ('an int', 'an ndarray')
    """
    vowel = kind.__name__.lower().startswith(("nd", *"aeiou"))
    return f"{'an' if vowel else 'a'} {kind.__name__}"
