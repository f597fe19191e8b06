"""Layers whose first size is left out, `Linear(None, 50)`, and taken from the first array that they are called with.

Until then such a layer is of a class of its own, which has no Variables and says so to those who ask for them. The
first call makes it the layer that it stands for. Nothing of this costs a layer that knows its sizes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from ..errors import InputError
from ..state import Unfinished
from ..tape.listener import listeners
from .checks import as_array

_kinds: dict[Any, Any] = {}
_given: WeakKeyDictionary[Any, tuple[tuple, dict[str, Any]]] = WeakKeyDictionary()
"""The arguments of layers that began without a size; no attributes of theirs, as pickles would have them."""


class _Unsized(Unfinished):
    """What a layer is before its first call.

    Attributes:
        kind: the class of the layer that it will be.
    """

    kind: Any

    def __call__(self, x: Any, train: bool = False, **more: Any) -> Any:
        """What the layer gives, which is made before. `train` is passed on."""
        self._make(self._size_of(x))
        return self(x, train, **more)

    def _size_of(self, x: Any) -> int:
        axis: Any = self.kind.size_axis
        if isinstance(axis, str):  # an option of the layer says which
            axis = _given[self][1].get(axis, 1)
        x = as_array(x)
        if not -x.ndim <= axis < x.ndim:
            raise InputError(f"{self!r} takes its size from axis {axis} of x, which has the shape {x.shape}")
        return x.shape[axis]

    def _make(self, size: int) -> None:
        """Make the Variables. The program that is recorded or traced meets them as if they had been there before."""
        args, options = _given[self]
        name = next(iter(inspect.signature(self.kind).parameters))
        args, options = ((size, *args[1:]), options) if args else ((), {**options, name: size})
        before = listeners.set(())
        try:
            made = self.kind(*args, **options)
        finally:
            listeners.reset(before)
        vars(self).update(vars(made))  # what is added, and nothing changed, a trace may do
        self.__class__ = self.kind

    def unfinished(self, name: str) -> InputError:
        return InputError(
            f"{name or 'the layer'}, {self!r}, has no Variables yet, as its size comes from its first call: call the "
            "model once before, on a batch or np.zeros of its shape, or state the size"
        )

    def __repr__(self) -> str:
        args, options = _given[self]
        shown = [*map(repr, args), *[f"{name}={value!r}" for name, value in options.items()]]
        return f"{self.kind.__name__}({', '.join(shown)})"

    def describe(self) -> str:
        return repr(self).removeprefix(f"{self.kind.__name__}(").removesuffix(")")

    def __reduce_ex__(self, protocol: Any) -> tuple:
        return _unsized_again, (self.kind, *_given[self])


def _unsized(kind: Any) -> Any:
    """The class of layers of a kind whose size is not known."""
    if kind not in _kinds:
        own = {"kind": kind, "__module__": kind.__module__, "__doc__": kind.__doc__}
        _kinds[kind] = type(kind.__name__, (_Unsized, kind), own)
    return _kinds[kind]


def may_be_unsized(init: Callable[..., None]) -> Callable[..., None]:
    """`__init__` of a layer, which puts off all if its first argument, a size, is None."""
    first = list(inspect.signature(init).parameters)[1]

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **options: Any) -> None:
        if (args[0] if args else options.get(first, 0)) is None:
            self.__class__ = _unsized(type(self))
            _given[self] = args, options
        else:
            init(self, *args, **options)

    return __init__


def _unsized_again(kind: Any, args: tuple, options: dict[str, Any]) -> Any:
    return kind(*args, **options)
