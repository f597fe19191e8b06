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
from .tensor import astype

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .record import Record
    from .rules import Operation
    from .token import Token


def backpropagate(records: Sequence[Record], target: Token, seed: Any, sources: Iterable[Token], lift: Any) -> dict:
    """Gradients of `target` (times `seed`) with respect to `sources`, as a dict from token to array.

    `lift` says what the rules are given: `value_of` unwraps tensors, so that rules run on bare arrays; the identity
    leaves tensors as they are, so that an outer tape records the rules' operations and can differentiate them again.
    """
    wanted = set(sources)
    gradients = {target: seed}
    found: dict[Token, Any] = {}
    for record in reversed(needed(records, target, wanted)):
        g = pop_result(gradients, record.result, found, wanted)
        if g is None:
            continue
        y, args = lift(record.value), tuple([lift(a) for a in record.args])
        kwargs = record.kwargs and lift(record.kwargs)
        for token, d in record.operation.pull(record.inputs, g, y, args, kwargs):
            d = fit(d, token, record.operation)
            before = gradients.get(token)
            gradients[token] = d if before is None else np.add(before, d)
    found.update((token, g) for token, g in gradients.items() if token in wanted)
    return found


def needed(records: Sequence[Record], target: Token, sources: set[Token]) -> list[Record]:
    """The records between `sources` and `target`, each with the inputs that lie on a path from a source."""
    end = len(records)
    while end and target not in records[end - 1].results():
        end -= 1
    reached = set(sources)
    chosen = []
    for record in records[:end]:
        inputs = [entry for entry in record.inputs if entry[1] in reached]
        if inputs:
            reached.update(record.results())
            chosen.append(record if len(inputs) == len(record.inputs) else record.with_inputs(inputs))
    return chosen


def pop_result(gradients: dict, result: Any, found: dict, sources: set[Token]) -> Any:
    """Take the gradient of a record's result; one of several results that nobody used has the gradient zero."""
    if type(result) is not tuple:
        g = gradients.pop(result, None)
        if result in sources and g is not None:
            found[result] = g
        return g
    parts = [pop_result(gradients, part, found, sources) for part in result]
    if all(g is None for g in parts):
        return None
    return tuple(np.zeros(t.shape, t.dtype) if g is None else g for g, t in zip(parts, result, strict=True))


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
