"""How operations run on foreign arrays.

NumPy's functions find a foreign array's own implementation by themselves. Primitives do not, as their bodies are NumPy
code that allocates and writes in place. On these arrays an operation is

1. what its library is told to make of it, by the entry in `libraries` (`ntb/dask.py`);
2. else the composition of NumPy's functions that `elsewhere` entered for it (`ntb/ops/compositions.py`);
3. else, where a library works at once and in place, as CuPy, its body with that library under the name np (`body_on`).

NumPy's arrays that meet a foreign one (parameters, constants) are brought to its library.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from .conversions import open_tapes
from .errors import ConversionError, InputError
from .foreign import is_foreign, name_of_library
from .rules import Operation, open_chapters, operation_of

compositions: dict[Callable[..., Any], Callable[..., Any]] = {}
libraries: dict[str, Callable[[Any, Any, tuple, dict], Any]] = {}
"""By a library's name, what runs NumPy's functions and primitives on its arrays: called with the function, one of these
arrays, the arguments, among which may be NumPy's arrays, and the keyword arguments; or it returns NotImplemented."""


def elsewhere(primitive: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter what a primitive is on foreign arrays: a composition of NumPy's functions, or NotImplemented."""

    def enter(composition: Callable[..., Any]) -> Callable[..., Any]:
        compositions[primitive] = composition
        return composition

    return enter


def admitted(array: Any) -> Any:
    """A foreign array that may stand in a tensor; an error for those that cannot."""
    if any(n != n for n in array.shape):
        raise InputError(
            f"the shape of this array is not known before it is computed: {array.shape}. Call the method "
            "compute_chunk_sizes() of the Dask array, or give weights instead of picking: np.where(mask, x, 0)"
        )
    for tape in open_tapes.get():
        if tape.keep:
            raise untraceable(array)
    return array


def untraceable(array: Any) -> ConversionError:
    return ConversionError(
        f"a traced function works on NumPy's arrays, as its program plans their memory, and this is one of "
        f"{name_of_library(array)}. Call the function without ntb.function, or make the array NumPy's first"
    )


def brought(x: Any, array: Any) -> Any:
    """NumPy's arrays, at any depth of lists, tuples and dicts, as arrays of the library of `array`."""
    if type(x) is np.ndarray:
        return np.asarray(x, like=array) if is_foreign(array) else x
    if type(x) is tuple or type(x) is list:
        return type(x)([brought(item, array) for item in x])
    return {name: brought(item, array) for name, item in x.items()} if type(x) is dict else x


# --- running an operation


def apply_elsewhere(operation: Operation, args: tuple, kwargs: dict, array: Any) -> Any:
    """`apply` for arguments of which one is, or holds, a foreign array."""
    from .tensor import recorded, value_of

    open_chapters()
    function, name = operation.function, name_of_library(array)
    values, options = spelled(function, value_of(tuple(args)), value_of(kwargs))
    form = libraries.get(name)
    value = NotImplemented if form is None else form(function, array, values, options)
    if value is NotImplemented and function in compositions and (form or hasattr(function, "on_arrays")):
        result = compositions[function](*args, **kwargs)
        if result is not NotImplemented:
            return result
    if value is NotImplemented and form is None:
        value = run_at_once(function, array, values, options)
    if value is NotImplemented or type(value) is np.ndarray:
        raise ConversionError(
            f"{operation.name} has no form for arrays of {name}; it would compute or move all of their data first. If "
            "that is meant, call .numpy(); else compose it of functions that they have"
        )
    return recorded(operation, args, kwargs, value)


def spelled(function: Any, values: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """The call without what is NumPy's default anyway: other libraries know fewer arguments, late ones by name."""
    if isinstance(function, np.ufunc) or hasattr(function, "on_arrays") or function.__module__ == "_operator":
        return values, kwargs
    parameters = parameters_of(function)
    if not parameters:
        return values, kwargs
    defaults = {p.name: p.default for p in parameters} | {"where": True}
    named = {p.name: x for p, x in zip(parameters[3:], values[3:])} | kwargs
    given = {name: x for name, x in named.items() if name not in defaults or not is_same(x, defaults[name])}
    return values[:3], given


@functools.cache
def parameters_of(function: Any) -> list[inspect.Parameter]:
    """The parameters of a NumPy function, if they are known: functions written in C do not tell in old versions."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:
        return []
    return [] if any(p.kind is p.VAR_POSITIONAL for p in parameters) else parameters


def is_same(x: Any, default: Any) -> bool:
    """Whether an argument need not be said. Integers are said: take_along_axis has a default axis in NumPy alone."""
    return type(x) is not int and (x is default or (type(x) is type(default) is str and x == default))


def run_at_once(function: Any, array: Any, values: tuple, kwargs: dict) -> Any:
    """The value of an operation by the functions of a library that works at once."""
    values, kwargs = brought(values, array), brought(kwargs, array)
    if hasattr(function, "on_arrays"):
        library = array.__array_namespace__() if hasattr(array, "__array_namespace__") else None
        function = body_on(library or sys.modules[name_of_library(array)], function)
    elif kwargs and function in REDUCTIONS:
        function = in_parts(function, function)
    return function(*values, **kwargs)


REDUCTIONS = {np.sum: (np.add, 0), np.prod: (np.multiply, 1), np.max: (np.maximum, None), np.min: (np.minimum, None)}
"""What joins an initial value to the result, and what stands for elements that are left out: else the initial value."""


def in_parts(reduction: Any, reduce: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction of NumPy's, by that of a library which need not know the arguments `where` and `initial`."""
    combine, neutral = REDUCTIONS[reduction]

    def reduced(a: Any, *args: Any, where: Any = True, **kwargs: Any) -> Any:
        initial = kwargs.pop("initial", neutral)
        if where is not True and initial is None:  # an error everywhere: nothing stands for what is left out
            return reduce(a, *args, where=where, **kwargs)
        if where is not True:
            a = np.where(where, a, a.dtype.type(initial if neutral is None else neutral))
        y = reduce(a, *args, **kwargs)
        return y if initial is neutral else combine(y, y.dtype.type(initial))

    return reduced


def on_bare(primitive: Callable[..., Any], args: tuple, kwargs: dict) -> Any:
    """A primitive called on bare foreign arrays."""
    from .tensor import Tensor, apply, map_tree, value_of

    def wrapped(x: Any) -> Any:
        return Tensor(x) if is_foreign(x) else map_tree(wrapped, x)

    return value_of(apply(operation_of(primitive), wrapped(args), kwargs))


# --- a body with another library under the name np


class Namespace:
    """A library's functions, and NumPy's where it has none."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        of_numpy = getattr(np, name)
        found = getattr(self._library, name, None) or of_numpy
        return in_parts(of_numpy, found) if of_numpy in REDUCTIONS else found


bodies: dict[tuple[Any, Any], Any] = {}


def body_on(library: Any, function: Any) -> Any:
    """The body of a primitive, and the functions of ntb that it calls, with a library under the name np."""
    function = getattr(function, "on_arrays", function)
    if (library, function) not in bodies:
        made: dict[Any, Any] = {}
        rebind(library, function, made)
        bodies.update(made)  # now that all are complete: other threads look here
    return bodies[library, function]


def rebind(library: Any, function: types.FunctionType, made: dict[Any, Any]) -> Any:
    """Make a function, and those of ntb that it calls, with other globals; `made` has those that were begun."""
    if (library, function) in made:
        return made[library, function]
    names = {**function.__globals__, "np": Namespace(library)}
    found = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    found.__kwdefaults__ = function.__kwdefaults__
    made[library, function] = found  # before those that it calls, which may call it
    for name in mentioned(function.__code__):
        called = names.get(name)
        if isinstance(called, types.FunctionType) and called.__module__.startswith("ntb."):
            names[name] = rebind(library, getattr(called, "on_arrays", called), made)
    return found


def mentioned(code: types.CodeType) -> set[str]:
    """The global names in a function, and in those that are defined inside it."""
    inner = [mentioned(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*inner)
