"""Constants: how the arguments that are not fed count, which a program keeps as they were in its trace.

Plain values that cannot change count by kind and value, arrays of strings and dates by their contents, and everything
else by identity: variables, models, functions. `==` is asked only where it means no less than that.
"""

from __future__ import annotations

import types
from collections.abc import Hashable
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
    """Stands in a signature for an object that counts by identity, and keeps it alive: no other can get its `id()`."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.x is self.x

    def __hash__(self) -> int:
        return id(self.x)


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
    if isinstance(part, Same | type):
        return one(part if isinstance(part, type) else type(part.x))
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
