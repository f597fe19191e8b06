"""How operations run on foreign arrays.

Building blocks run in their plain form (`ntb/forms.py`), so what comes here are NumPy's functions and a few primitives.
NumPy's functions find a foreign array's own implementation. Primitives do not, since their bodies are NumPy code that
allocates and writes in place. On a foreign array an operation runs as

1. if the array's library has an entry in `libraries`, the composition that `elsewhere` entered for what it lacks
   (`lacking.py`);
2. else what that entry makes of it (`ntb/dask.py`);
3. else, for a library that computes at once and in place, such as CuPy: its body with that library as np (`body_on`).

NumPy's arrays that meet a foreign one (parameters, constants) are converted to its library.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from ..blockwise import blockwise, in_one_piece
from ..chapters import open_chapters
from ..errors import ConversionError
from ..functions import parameters_of
from ..tape.listener import listeners
from ..tape.operation import Operation
from ..tape.rules import table
from ..tape.tensor import value_of, wrap
from .libraries import admitted, brought, is_foreign, name_of_library

_compositions: dict[Callable[..., Any], Callable[..., Any]] = {}
libraries: dict[str, Callable[[Any, Any, tuple, dict], Any]] = {}
"""By a library's name, the function that runs operations on its arrays. It is called with the operation, one of these
arrays, the arguments (some may be NumPy's arrays) and the keyword arguments, and may return NotImplemented."""


def elsewhere(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the composition of NumPy's functions that replaces one that a library lacks; it may give NotImplemented."""

    def enter(composition: Callable[..., Any]) -> Callable[..., Any]:
        _compositions[function] = composition
        return composition

    return enter


# --- running an operation


def run(tensor: Any, operation: Operation, args: tuple, kwargs: dict) -> Any:
    """The result of an operation; this tensor of a foreign array is in its arguments, at some depth."""
    open_chapters()
    function, array = operation.function, tensor.value
    name = name_of_library(array)
    values, options = _spelled(operation, value_of(args), value_of(kwargs))
    form = libraries.get(name)
    if form is not None and function in _compositions:
        result = _compositions[function](*args, **kwargs)
        if result is not NotImplemented:
            return result
    value = (form or _run_in_library)(operation, array, values, options)
    if value is NotImplemented or type(value) is np.ndarray:
        raise ConversionError(
            f"{operation.name} has no form for arrays of {name}; it would compute or move all of their data first. If "
            "that is meant, call .numpy(); else compose it of functions that they have"
        )
    as_tensor = lambda y: type(tensor)(admitted(y)) if is_foreign(y) else wrap(y, operation)
    result = tuple(map(as_tensor, value)) if isinstance(value, tuple | list) else as_tensor(value)
    for listener in listeners.get():
        listener.write(operation, args, kwargs, result)
    return result


def _is_primitive(operation: Operation) -> bool:
    return operation.call is not operation.function


def _spelled(operation: Operation, values: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """The call without NumPy's defaults, and with late arguments by name: other libraries know fewer of them."""
    function = operation.function
    if isinstance(function, np.ufunc) or _is_primitive(operation) or function.__module__ == "_operator":
        return values, kwargs
    parameters = parameters_of(function)
    if not parameters or any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return values, kwargs
    defaults = {p.name: p.default for p in parameters} | {"where": True}
    named = {p.name: x for p, x in zip(parameters[3:], values[3:])} | kwargs
    given = {name: x for name, x in named.items() if name not in defaults or not _is_same(x, defaults[name])}
    early = list(values[:3])
    while len(early) > 1 and _is_same(early[-1], parameters[len(early) - 1].default):
        early.pop()
    return tuple(early), given


def _is_same(x: Any, default: Any) -> bool:
    """Whether x is the default. Integers are always passed, since only NumPy's take_along_axis has a default axis."""
    return type(x) is not int and (x is default or (type(x) is type(default) is str and x == default))


def _run_in_library(operation: Operation, array: Any, values: tuple, kwargs: dict) -> Any:
    """The value of an operation, computed by the functions of a library that computes at once."""
    values, kwargs = brought(values, array), brought(kwargs, array)
    function = operation.function
    if _is_primitive(operation):
        library = array.__array_namespace__() if hasattr(array, "__array_namespace__") else None
        function = body_on(library or sys.modules[name_of_library(array)], function)
    elif kwargs and function in IN_PARTS:
        function = in_parts(function, function)
    return function(*values, **kwargs)


IN_PARTS = {np.sum: (np.add, 0), np.prod: (np.multiply, 1), np.max: (np.maximum, None), np.min: (np.minimum, None)}
"""The function that joins an initial value to the result, and the value for elements left out (None: the initial)."""


def in_parts(reduction: Any, reduce: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction of NumPy's, by that of a library, which need not have the arguments `where` and `initial`."""
    combine, neutral = IN_PARTS[reduction]

    def reduced(a: Any, *args: Any, where: Any = True, **kwargs: Any) -> Any:
        initial = kwargs.pop("initial", neutral)
        if where is not True and initial is None:  # an error in every library: no value for what is left out
            return reduce(a, *args, where=where, **kwargs)
        if where is not True:
            a = np.where(where, a, a.dtype.type(initial if neutral is None else neutral))
        y = reduce(a, *args, **kwargs)
        return y if initial is neutral else combine(y, y.dtype.type(initial))

    return reduced


# --- a body with another library under the name np


class Namespace:
    """A library's functions, and NumPy's where it has none."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        of_numpy = getattr(np, name)
        found = getattr(self._library, name, None) or of_numpy
        return in_parts(of_numpy, found) if of_numpy in IN_PARTS else found


bodies: dict[tuple[Any, Any], Any] = {}


def body_on(library: Any, function: Any) -> Any:
    """The body of a primitive, and the functions of ntb that it calls, with a library under the name np."""
    function = _body_of(function)
    if (library, function) not in bodies:
        made: dict[Any, Any] = {}
        _rebind(library, function, made)
        bodies.update(made)  # not before all are complete: other threads look here
    return bodies[library, function]


def _body_of(function: Any) -> Any:
    """What runs on arrays: the body of a primitive; for `blockwise`, which suits CPUs only, the work in one piece."""
    if function is blockwise:
        return in_one_piece
    operation = table.get(function)
    return function if operation is None else operation.call


def _rebind(library: Any, function: types.FunctionType, made: dict[Any, Any]) -> Any:
    """Make a function, and those of ntb that it calls, with other globals; `made` holds those already begun."""
    if (library, function) in made:
        return made[library, function]
    names = {**function.__globals__, "np": Namespace(library)}
    found = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    found.__kwdefaults__ = function.__kwdefaults__
    made[library, function] = found  # before the functions that it calls, which may call it
    for name in global_names(function.__code__):
        called = names.get(name)
        if isinstance(called, types.FunctionType) and called.__module__.startswith("ntb."):
            names[name] = _rebind(library, _body_of(called), made)
    return found


def global_names(code: types.CodeType) -> set[str]:
    """The global names in a function, and in functions that are defined inside it."""
    inner = [global_names(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*inner)
