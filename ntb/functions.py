"""What can be told of a function of NumPy's or ours by looking at it: its name in a program, its parameters."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

written: dict[Any, str] = {}
"""How programs write the ufuncs that are not NumPy's own: `scipy.special.erf`."""


def name_of(function: Any) -> str:
    """A function's name as a program would write it.

    >>> name_of(np.linalg.solve), name_of("{:.2f}".format)
    ('np.linalg.solve', "'{:.2f}'.format")
    """
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__name__", repr(function))
    if isinstance(function, np.ufunc):
        return written.get(function) or f"np.{name}"
    if isinstance(getattr(function, "__self__", None), str):
        return f"{function.__self__!r}.{name}"
    if module.split(".")[0] == "numpy":
        return module.replace("numpy", "np", 1).replace("._core.", ".").removesuffix("._core") + "." + name
    return name


def namesake(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that has another's name and does nothing, for an operation to be called by.

    A wrapper that made operations of itself would refer to itself, and would be freed by the garbage collector only.
    """

    @functools.wraps(function)
    def operation() -> None:
        pass

    return operation


def is_ours(function: Any) -> bool:
    """Whether it is a function of Python's operators, NumPy's or ntb's own, which are known to keep no argument."""
    module = getattr(function, "__module__", None) or getattr(getattr(function, "__self__", None), "__module__", None)
    return (module or "numpy").split(".")[0] in ("numpy", "ntb", "_operator")


@functools.lru_cache(1000)
def parameters_of(function: Any) -> list[inspect.Parameter]:
    """The parameters of a function; none where they are not known, as some functions in C do not tell."""
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:
        return []


@functools.lru_cache(1000)
def _position_of_out(function: Any) -> int:
    """The position of a function's parameter `out`; beyond all arguments if it has none.

    >>> _position_of_out(np.cumsum)
    3
    """
    names = _positional(function)
    if "out" in names:
        return names.index("out")
    return 2 if function in (np.concatenate, np.dot) else sys.maxsize  # these are in C and tell nothing


def _positional(function: Any) -> list[str]:
    """The names of the parameters that can go by position."""
    return [p.name for p in parameters_of(function) if p.kind in _BY_POSITION]


_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def names_by_position(function: Any) -> list[str]:
    """What a user's function calls the arguments that go by position; what is decorated, as the function inside does.

    Nothing is remembered, as that would keep the function, and all that it holds.

    >>> names_by_position([1, 2].index)
    ['value', 'start', 'stop']
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some functions in C do not tell
        return []
    return [p.name for p in parameters if p.kind in _BY_POSITION]


def without_out(function: Any, args: tuple, kwargs: dict) -> tuple[tuple, dict, Any]:
    """A call without its argument `out`, and that. What comes after it goes by keyword; what is not given is left out.

    >>> without_out(np.sum, (1, 0, None, None, True), {"initial": np._NoValue})
    ((1, 0, None), {'keepdims': True}, None)
    """
    at = _position_of_out(function)
    if len(args) <= at and "out" not in kwargs and not any([x is np._NoValue for x in kwargs.values()]):
        return args, kwargs, None
    out = kwargs.get("out") if len(args) <= at else args[at]
    if len(args) > at:
        kwargs = dict(zip(_positional(function)[at + 1 :], args[at + 1 :])) | kwargs
    return args[:at], {name: x for name, x in kwargs.items() if name != "out" and x is not np._NoValue}, out


def parameter_name(names: tuple[str, ...], position: int) -> str:
    """What a parameter is called in errors.

    >>> parameter_name(("a", "b"), 1), parameter_name((), 0)
    ("'b'", 'number 0')
    """
    return repr(names[position]) if position < len(names) else f"number {position}"
