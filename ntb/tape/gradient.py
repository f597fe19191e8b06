"""The reverse walk: backpropagation. Read this file first.

A tape is a list of records, oldest first; each says that `result = operation(*args)`. The chain rule, read backwards:
when the gradient of a record's result is known, the operation's derivative rules turn it into gradients of its
arguments, and where a value was used several times its gradients add up. Walking the records from the last to the first
meets every result only after all of its uses.

An *id* (`value_id.py`) tells which value is meant. It carries a shape and a dtype, but no array.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..messages import wrong_gradient
from .listener import pulling
from .operation import Operation
from .tensor import Tensor, value_of
from .value_id import ValueId


def backpropagate(
    records: Sequence[tuple], seeds: dict, sources: set[ValueId], reached: set[ValueId], tensors: bool, pull: Any = None
) -> dict:
    """From the gradients of results, by id, to those of `sources`, as a dict from id to array.

    `reached` are the sources and all that was computed from them; only for these the rules are called, by `pull`. They
    run on bare arrays; or, with `tensors`, on tensors, so that an outer tape records and can differentiate them.
    """
    gradients = dict(seeds)
    found: dict[ValueId, Any] = {}
    for record in reversed(records):
        operation, args, kwargs, y, result, inputs = record
        g = gradients.pop(result, None) if type(result) is not tuple else _pop_all(gradients, result, found, sources)
        if g is None:
            continue
        if result in sources:  # one that was computed
            found[result] = g
        if operation.shortcut is not None and not tensors:  # the rest of this loop, only faster: `quick.py`
            operation.shortcut(operation.derivative.rules, args, y, inputs, g, gradients, reached, operation)
            continue
        if not tensors:
            args, kwargs, y = value_of(args), value_of(kwargs) if kwargs else kwargs, value_of(y)
        wanted = [(position, x) for position, x in inputs if x in reached]
        for x, d in (pull or pulled)(operation, g, y, args, kwargs, wanted, result):
            d = fit(d, x, operation)
            gradients[x] = np.add(gradients[x], d) if x in gradients else d
    for source in sources & gradients.keys():  # those that no record made: what has gathered is their gradient
        found[source] = gradients[source]
    return found


def pulled(
    operation: Operation, g: Any, y: Any, args: tuple, kwargs: dict, inputs: list[tuple], result: Any = None
) -> Iterator[tuple[ValueId, Any]]:
    """The gradients of arguments as their rules give them. With the id of the result, `pulling` says which runs."""
    at: Any = None
    for position, x in inputs:
        if result is not None:
            pulling.set((operation, position, result, x))
        if type(position) is int:
            yield x, operation.rule(position)(g, y, *args, **kwargs)
        else:  # an item of a list: the rule gives a function from the item's index to its gradient
            if at != position[0]:
                at = position[0]
                piece = operation.rule(at)(g, y, *args, **kwargs)
            yield x, piece(position[1])


def reachable(records: Sequence[tuple], sources: set[ValueId]) -> set[ValueId]:
    """The sources and all that was computed from them."""
    reached = set(sources)
    for _, _, _, _, result, inputs in records:
        if any(x in reached for _, x in inputs):
            reached.update(result if type(result) is tuple else (result,))
    return reached


def _pop_all(gradients: dict, results: tuple, found: dict, sources: set[ValueId]) -> Any:
    """Take the gradients of several results; one that nobody used has the gradient zero, a stretched number."""
    found.update((y, gradients[y]) for y in results if y in sources and y in gradients)
    parts = [gradients.pop(y, None) for y in results]
    if all(g is None for g in parts):
        return None
    zero = lambda y: y.zeros() if y.needs_tensors else np.broadcast_to(y.dtype.type(0), y.shape)
    return tuple([zero(y) if g is None else g for g, y in zip(parts, results, strict=True)])


def fit(g: Any, x: ValueId, operation: Operation) -> Any:
    """Bring a rule's answer to the shape and dtype of the value it is a gradient of."""
    if g.shape != x.shape:
        if not operation.traits.broadcasts:
            raise wrong_gradient(operation, g, x)
        g = unbroadcast(g, x.shape)
    if g.dtype != x.dtype:
        g = (np.real(g) if g.dtype.kind == "c" and x.dtype.kind == "f" else g).astype(x.dtype)
    return g


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` over the axes along which an operand of this shape was stretched: the adjoint of broadcasting.

    >>> unbroadcast(np.ones((2, 3)), (2, 1))
    array([[3.],
           [3.]])
    """
    extra = tuple(range(g.ndim - len(shape)))
    stretched = tuple(len(extra) + i for i, n in enumerate(shape) if n == 1 and g.shape[len(extra) + i] != 1)
    if extra:
        return np.reshape(np.sum(g, axis=extra + stretched), shape) if stretched else np.sum(g, axis=extra)
    return np.sum(g, axis=stretched, keepdims=True) if stretched else g


def conjugated(g: Any) -> Any:
    """A gradient in the other convention for complex numbers.

    Rules pass on the g of Re(g dx), so that those of analytic functions look as they do for real numbers. Users are
    given the direction of steepest ascent of a real loss, ∂L/∂Re x + i ∂L/∂Im x, and that is its conjugate.
    """
    return np.conjugate(g) if g is not None and g.dtype.kind == "c" else g


def deliver(gradients: list[Any], taken: set[int]) -> list[Any]:
    """Wrap the gradients for the caller, copying those that are views or that somebody has (`id()` in `taken`)."""
    count = Counter(map(id, gradients))
    answer: list[Any] = []
    for g in gradients:
        if g is not None:
            array = g.value if isinstance(g, Tensor) else g
            read_only = isinstance(array, np.ndarray) and not array.flags.writeable
            shared = read_only or getattr(array, "base", None) is not None
            # A tensor that is the gradient of two sources is copied for both: each is to be a value of its own.
            if shared or id(array) in taken or (count[id(g)] > 1 and isinstance(g, Tensor)):
                g = g.astype(g.dtype)
            taken.add(id(g.value if isinstance(g, Tensor) else g))
        answer.append(g if g is None or isinstance(g, Tensor) else Tensor(g))
    return answer
