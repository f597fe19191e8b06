"""The table: what each function of a program is in ONNX.

There are two ways to say it. Most functions are a node, which a *writer* puts into the graph:

    @writes(np.matmul)
    def _matmul(graph, a, b):
        return graph.node("MatMul", *graph.alike(a, b))

The others are composed of functions that have a translation, and that is written in NumPy:

    @composes(np.square)
    def _square(x):
        return x * x

Both take the arguments of the function. In the place of its arrays there are Values (`graph.py`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from ..functions import name_of
from ..tape.rules import table


class Untranslated(Exception):
    """A call has no translation; its text says what of the call is the reason, "" if it is the function."""


class _Translation(NamedTuple):
    """How a function is translated: a writer, which takes the graph first, or a composition."""

    function: Callable[..., Any]
    writes: bool


_translations: dict[Any, _Translation] = {}
"""By function; functions of SciPy, which may not be installed, by name."""


def writes(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a writer for these functions."""
    return _enter(functions, True)


def composes(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a composition for these functions."""
    return _enter(functions, False)


def _enter(functions: tuple, writes: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(translation: Callable[..., Any]) -> Callable[..., Any]:
        _translations.update((body_of(function), _Translation(translation, writes)) for function in functions)
        return translation

    return enter


def body_of(function: Any) -> Any:
    """What a program calls for a function: for a primitive its body."""
    return table[function].call if callable(function) and function in table else function


def is_translated(function: Any) -> bool:
    return body_of(function) in _translations or name_of(function) in _translations


def translate(graph: Any, function: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """Put a call into a graph, and return what stands there for its result.

    Raises:
        Untranslated: the table does not have the function, or not with such arguments.
    """
    found = _translations.get(function) or _translations.get(name_of(function))
    if found is None:
        raise Untranslated("")
    args = (graph, *args) if found.writes else args
    try:
        inspect.signature(found.function).bind(*args, **kwargs)
    except TypeError as error:
        raise Untranslated(f"with such arguments ({error})") from None
    return found.function(*args, **kwargs)
