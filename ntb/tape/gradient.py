"""The reverse walk: backpropagation. Read this file first.

A tape is a list of records, oldest first; each says that `result = operation(*args)`. The chain rule, read backwards:
when the gradient of a record's result is known, the operation's derivative rules turn it into gradients of its
arguments, and where a value was used several times its gradients add up. Walking the records from the last to the first
meets every result only after all of its uses.

Values are told apart by *tokens* (see `tape.py`), which carry a shape and a dtype but no array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import GradientError
from .foreign import is_foreign
from .record import token_at
from .tensor import Tensor, astype, value_of
from .token import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rules import Operation


def backpropagate(
    records: Sequence[tuple], seeds: dict, sources: set[Token], reached: set[Token], tensors: bool = False
) -> dict:
    """From the gradients of results, by token, to those of `sources`, as a dict from token to array.

    `reached` are the sources and all that was computed from them; only for these the rules are called. They run on bare
    arrays; or, with `tensors`, on tensors, so that an outer tape records their operations and can differentiate them.
    """
    gradients = dict(seeds)
    found: dict[Token, Any] = {}
    for operation, args, kwargs, y, result, positions in reversed(records):
        g = gradients.pop(result, None) if type(result) is Token else pop_results(gradients, result, found, sources)
        if g is None:
            continue
        if result in sources:
            found[result] = g
        two = kwargs is None  # operands, for which the general steps are too slow
        if two:
            a, b = args
            if not tensors:
                y = y.value if type(y) is Tensor else y
                a, b = a.value if type(a) is Tensor else a, b.value if type(b) is Tensor else b
        else:
            values, kwargs, y = (args, kwargs, y) if tensors else value_of((args, kwargs, y))
            piece = at = None
        for position in positions:
            token = args[position] if two else token_at(operation, args, position)
            if type(token) is Tensor:
                token = token.token
            if token not in reached:
                continue
            if two:
                d = operation.rules[position](g, y, a, b)
            elif type(position) is int:
                d = operation.rule(position)(g, y, *values, **kwargs)
            else:  # an item of a list: the rule gives a function from the item's index to its gradient
                if piece is None or at != position[0]:
                    at = position[0]
                    piece = operation.rule(at)(g, y, *values, **kwargs)
                d = piece(position[1])
            if d.shape != token.shape or d.dtype is not token.dtype:
                d = fit(d, token, operation)
            before = gradients.get(token)
            gradients[token] = d if before is None else np.add(before, d)
    found.update((token, g) for token, g in gradients.items() if token in sources)
    return found


def reachable(records: Sequence[tuple], sources: set[Token]) -> set[Token]:
    """The sources and all that was computed from them."""
    reached = set(sources)
    for operation, args, _, _, result, positions in records:
        if any(token_at(operation, args, position) in reached for position in positions):
            reached.update(result if type(result) is tuple else (result,))
    return reached


def pop_results(gradients: dict, results: tuple, found: dict, sources: set[Token]) -> Any:
    """Take the gradients of several results; one that nobody used has the gradient zero."""
    found.update((token, gradients[token]) for token in results if token in sources and token in gradients)
    parts = [gradients.pop(token, None) for token in results]
    if all(g is None for g in parts):
        return None
    known = next(value_of(g) for g in parts if g is not None)
    return tuple([zeros(t, known) if g is None else g for g, t in zip(parts, results, strict=True)])


def zeros(token: Any, known: Any) -> Any:
    """Zeros of a value's shape and dtype, in the library of a known array."""
    return np.zeros(token.shape, dtype=token.dtype, like=known if is_foreign(known) else None)


def fit(g: Any, token: Token, operation: Operation) -> Any:
    """Bring a rule's answer to the shape and dtype of the value it is a gradient of."""
    if g.shape != token.shape:
        if not operation.broadcasts:
            raise GradientError(f"a rule of {operation.name} gave the shape {g.shape} to the gradient of a {token}")
        g = unbroadcast(g, token.shape)
    if g.dtype != token.dtype:
        g = astype(np.real(g) if g.dtype.kind == "c" and token.dtype.kind == "f" else g, token.dtype)
    return g


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` over the axes along which an operand of this shape was stretched: the adjoint of broadcasting.

    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    >>> unbroadcast(np.ones((2, 3)), (2, 1))
    array([[3.],
           [3.]])
    """
    extra = tuple(range(g.ndim - len(shape)))
    stretched = tuple(len(extra) + i for i, n in enumerate(shape) if n == 1 and g.shape[len(extra) + i] != 1)
    if extra:
        return np.reshape(np.sum(g, axis=extra + stretched), shape) if stretched else np.sum(g, axis=extra)
    return np.sum(g, axis=stretched, keepdims=True) if stretched else g
