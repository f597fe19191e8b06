"""Record: what a tape writes down of one operation."""

from __future__ import annotations

import operator
from collections.abc import Container
from typing import Any, NamedTuple

import numpy as np

from ..messages import nested_list
from ..tree import BRANCHES, children, leaves, rebuild
from .operation import Operation
from .tensor import Tensor
from .value_id import ValueId


class Record(NamedTuple):
    """One operation that ran: `result = operation(*args, **kwargs)`. A tape holds plain tuples of these fields.

    Attributes:
        operation: what ran, with its derivative.
        args, kwargs: its arguments; an id stands for a tensor or array of `args` that no rule needs.
        value: the result as a tensor if a rule needs it, else its id.
        result: the id of the result, or a tuple of ids.
        inputs: position and id of each tracked argument; an item of a list, or of `*operands`, has a pair as its
            position.
    """

    operation: Operation
    args: tuple
    kwargs: dict
    value: Any
    result: Any
    inputs: list[tuple]

    def results(self) -> tuple:
        """The ids of all results."""
        return self.result if type(self.result) is tuple else (self.result,)


def inputs_of(operation: Operation, args: tuple, tracked: Container) -> list[tuple]:
    """Position and id of each tracked argument."""
    inputs: list[tuple] = []
    for i, a in enumerate(args):
        if isinstance(a, Tensor):
            if a.id in tracked:
                inputs.append((i, a.id))
        elif isinstance(a, BRANCHES):
            for j, x in enumerate(a):
                if isinstance(x, Tensor):
                    if x.id in tracked:
                        inputs.append(((i, j), x.id))
                elif isinstance(x, BRANCHES) and operation.derivative.rules and within(x, tracked):
                    raise nested_list(operation)
    if inputs and operation.derivative.variadic:
        rest = len(operation.derivative.names) - 1
        inputs = [(i if type(i) is tuple or i < rest else (rest, i - rest), x) for i, x in inputs]
    return inputs


def within(tree: Any, tracked: Container) -> bool:
    """Whether there is a tracked tensor in a tree."""
    return any(isinstance(x, Tensor) and x.id in tracked for x in leaves(tree))


def retain(a: Any, needed: bool) -> Any:
    """What a record keeps of an argument. The user's arrays are copied, as they may change; what is not needed goes.

    That an array is marked as read-only does not help: its owner can unlock it, or has a view of it from before.
    """
    if isinstance(a, Tensor):
        return a if needed else a.id or (a.Id(a.value) if hasattr(a.value, "dtype") else a.value)
    if isinstance(a, np.ndarray):
        return a.copy(order="K") if needed else ValueId(a)
    if isinstance(a, BRANCHES):
        return rebuild(a, [retain(part, needed) for _, part in children(a)])
    if type(a) is slice:
        ends = (a.start, a.stop, a.step)
        return slice(*[operator.index(end) if isinstance(end, np.ndarray) else end for end in ends])
    return a


def outline(records: list[tuple]) -> list[tuple]:
    """Of each record the operation, the ids of the tracked arguments, and those of the results: no arrays."""
    return [(operation, [x for _, x in inputs], result) for operation, _, _, _, result, inputs in records]
