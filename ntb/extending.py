"""How rooms above the engine give its classes further methods. For these rooms alone."""

from __future__ import annotations

from collections.abc import Callable


def extends(*classes: type) -> Callable[[type], type]:
    """Give classes the methods and properties of a class elsewhere, which says so by this decorator.

    So what a reader of the engine does not need stands in a file of its own, though users find it where they look.

    >>> class Engine: ...
    >>> @extends(Engine)
    ... class Conveniences:
    ...     def honk(self): return "honk"
    >>> Engine().honk()
    'honk'
    """

    def add(room: type) -> type:
        for name, member in vars(room).items():
            if callable(member) or isinstance(member, property):
                for each in classes:
                    setattr(each, name, member)
        return room

    return add
