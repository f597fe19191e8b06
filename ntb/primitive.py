"""Primitives: operations of our own, beside NumPy's functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .arguments import Traceable, adopted, are_plain, first_traceable, operand
from .chapters import arriving
from .tape.operation import Operation
from .tape.rules import enter, operation_of
from .tape.tensor import Tensor, apply
from .tree import tree_map


def primitive(function: Callable[..., Any] | None = None, **traits: Any) -> Callable[..., Any]:
    """Make a function of arrays an operation: on arrays it just runs, on tensors it is recorded.

    Its derivative is entered with `derivative`. The function must stand alone (NumPy and other primitives only), since
    a traced program that uses it prints its source. One with a parameter `out=None` writes into the array that is given
    there, and returns it, as NumPy's functions do: a replay then gives its result a fixed place.

    Args:
        function: of arrays.
        traits: what is known of it, by `Traits`.

    >>> @primitive
    ... def double(x):
    ...     return 2 * x
    >>> double(3.0)
    6.0
    """
    if function is None:
        return functools.partial(primitive, **traits)

    stands_for = adopted if traits.get("calls_back") else operand  # a user's function is given the user's objects

    @functools.wraps(function)
    def dispatch(*args: Any, **kwargs: Any) -> Any:
        if are_plain(args) and (not kwargs or are_plain(kwargs.values())):
            return function(*args, **kwargs)
        if not kwargs and are_plain([x for x in args if type(x) is not Tensor]):
            return apply(operation_of(dispatch), args)  # what the lines below come to, in fewer steps
        bare = first_traceable([args, kwargs]) is None
        args, kwargs = tree_map(stands_for, (args, kwargs))
        found = first_traceable([args, kwargs])
        if found is None:
            return function(*args, **kwargs)
        result = found.__array_function__(dispatch, (), args, kwargs)
        return tree_map(lambda y: y.value if isinstance(y, Traceable) else y, result) if bare else result

    operation = Operation(dispatch, function)
    takes_out = "out" in inspect.signature(function).parameters
    operation.traits = operation.traits._replace(takes_out=takes_out, **traits)
    arriving.add(function.__module__)
    enter(operation)
    return dispatch
