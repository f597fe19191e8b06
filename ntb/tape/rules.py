"""The table of operations: which NumPy functions have a derivative, and how a primitive of our own is declared.

    derivative(np.tanh, lambda g, y, _x: g * (1 - y * y))
    derivative(np.multiply, lambda g, _y, _a, b: g * b, lambda g, _y, a, _b: g * a)

One rule for each argument: from the gradient `g` of the result `y`, and the arguments, it computes the gradient of its
argument. Parameters carry NumPy's own names and order, so Python's call binds positional and keyword forms. A leading
underscore says that the rule looks at no more than the *shape and dtype* of that value: the tape keeps no array for it,
and the rule is given its `ValueId`.

An argument that is a sequence of arrays, or a `*arguments` parameter, has a rule that returns a function from the
position to the gradient: `lambda g, _y, _arrays, axis=0: lambda i: piece(g, i)`.

Rules are written in NumPy functions and primitives, so they run on arrays and on tensors alike.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..chapters import arriving, await_arrivals, chapters, open_chapters
from .operation import Derivative, Operation

table: dict[Any, Operation] = {}
definitions: dict[Any, Callable[..., Any]] = {}
as_given: set[Any] = set()  # functions whose definition is given the caller's own objects, not what stands for them


def definition_of(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """What a function does on tensors, where that is defined by other operations."""
    operation = table.get(function)
    if chapters and function not in definitions and not (operation and operation.settled):
        open_chapters()
    if arriving:
        await_arrivals()
    return definitions.get(function)


def operation_of(function: Callable[..., Any]) -> Operation:
    """The table's entry for a function; made, without a rule, when there is none yet."""
    operation = table.get(function)
    if chapters and isinstance(function, np.ufunc) and not (operation and operation.settled):
        open_chapters()
        operation = table.get(function)
    if arriving:
        await_arrivals()
    return operation or enter(Operation(function))


def enter(operation: Operation) -> Operation:
    """Put an operation into the table, where other threads find it at once; the entry, should there be one already."""
    table.setdefault(operation.call, operation)
    return table.setdefault(operation.function, operation)


def operations() -> list[Operation]:
    """All entries of the table that have a derivative."""
    return [operation for operation in dict.fromkeys(table.values()) if operation.derivative.rules]


def derivative(function: Callable[..., Any], *rules: Callable[..., Any] | None, broadcasts: bool | None = None) -> None:
    """Enter the derivative rules of a function, one for each argument; None where an argument has no derivative.

    Args:
        function: a NumPy function or a primitive.
        rules: called as `rule(g, y, *args, **kwargs)`; see the head of this file.
        broadcasts: whether the engine sums gradients over broadcast axes; by default for ufuncs only.

    >>> derivative(np.tanh, lambda g, y, _x: g * (1 - y * y))
    """
    operation = table.get(function) or Operation(function)
    operation.derivative, operation.settled = _looked_at(rules), True
    if broadcasts is not None:
        operation.traits = operation.traits._replace(broadcasts=broadcasts)
    arriving.update(rule.__module__ for rule in rules if rule is not None)
    enter(operation)


def _looked_at(rules: tuple) -> Derivative:
    """What the signatures of derivative rules say about them."""
    signatures = [list(inspect.signature(rule).parameters.values()) for rule in filter(None, rules)]
    longest = max(signatures, key=len)[2:]
    kinds = {p.kind for p in longest}
    parameters = [p for p in longest if p.kind in (p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL)]
    used = {i for signature in signatures for i, p in enumerate(signature) if not p.name.startswith("_")}
    keep = [i + 2 in used for i in range(len(parameters))]
    options = [p.name for signature in signatures for p in signature[2:]]
    return Derivative(
        rules,
        names=tuple([p.name.lstrip("_") for p in parameters]),
        defaults=tuple([p.default for p in parameters]),
        keep=tuple(keep),
        keep_result=1 in used,
        hidden=frozenset(p.name[1:] for p in longest if p.name.startswith("_")),
        options=None if inspect.Parameter.VAR_KEYWORD in kinds else frozenset(options),
        variadic=inspect.Parameter.VAR_POSITIONAL in kinds,
    )  # fmt: skip


def declare(*functions: Callable[..., Any], refusal: str = "", **traits: Any) -> None:
    """Say what else is known of functions, by `Traits`; or, as a refusal, why they have no derivative here.

    >>> declare(np.argmax, np.argmin, constant=True)
    """
    for function in functions:
        operation = table.get(function) or Operation(function)
        operation.traits = operation.traits._replace(**traits)
        operation.refusal = refusal or operation.refusal
        operation.settled = operation.settled or operation.traits.constant or bool(refusal)
        enter(operation)


def define(function: Callable[..., Any], raw: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Define what a NumPy function does on tensors by a composition of other operations; its derivative follows."""
    as_given.update([function] if raw else [])

    def add(definition: Callable[..., Any]) -> Callable[..., Any]:
        arriving.add(definition.__module__)
        definitions[function] = definition
        return definition

    return add
