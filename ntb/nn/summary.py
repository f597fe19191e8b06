"""A summary of a model: what each part gives for some input, how many parameters it has, and what it costs.

The model is called once, with a listener that is told of each operation: a part's operations are those between the call
of it and its return.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..replay.quantities import quantity
from ..state import items_of
from ..tape.listener import Listener
from ..tree import leaves
from ..values.creation import tensor
from ..variable import Variable
from .calls import Call, Calls
from .outline import parts_of


@dataclass(eq=False)
class _Row:
    """A part of a model.

    Attributes:
        name: as the part that it belongs to calls it; "" for the model itself.
        kind: its class.
        depth: how many parts it is within.
        shape: of what it gave in its last call; several for a layer that gives several arrays.
        parameters: how many numbers its own Variables hold that are trained; others: that are not.
        flops: floating-point operations of its forward pass, with those of its parts.
        bytes: of all results of operations but views, with those of its parts: what a tape would keep at most.
    """

    name: str = ""
    kind: str = ""
    depth: int = 0
    shape: str = "not called"
    parameters: int = 0
    others: int = 0
    flops: int = 0
    bytes: int = 0


@dataclass(eq=False)
class Summary:
    """The parts of a model as a table; print it.

    Attributes:
        rows: the model, then each of its parts, in the order of the attributes.
        parameters: how many numbers are trained in all; others: how many are not. What is shared counts once.
    """

    rows: list[_Row] = field(default_factory=list)
    parameters: int = 0
    others: int = 0

    def __str__(self) -> str:
        head = ("part", "output", "parameters", "flop", "memory")
        lines = [
            ("  " * row.depth + f"{row.name} {row.kind}".strip(), row.shape,
             f"{row.parameters + row.others:,}", quantity(row.flops).strip(), f"{quantity(row.bytes)}B")
            for row in self.rows
        ]  # fmt: skip
        widths = [max(map(len, column)) for column in zip(head, *lines)]
        texts = ["  ".join(f"{x:{'<' if i < 2 else '>'}{w}}" for i, (x, w) in enumerate(zip(line, widths))).rstrip()
                 for line in (head, *lines)]  # fmt: skip
        total = f"{self.parameters:,} parameters are trained, {self.others:,} numbers are not"
        return "\n".join([texts[0], "-" * max(map(len, texts)), *texts[1:], "", total])

    __repr__ = __str__


class _Costs(Listener):
    """Counts each operation for the parts that are being called."""

    def __init__(self, calls: Calls, rows: dict[int, _Row]) -> None:
        self.calls = calls
        self.rows = rows

    def write(self, operation: Any, args: tuple, kwargs: dict, result: Any) -> None:
        results = [r for r in leaves(result) if hasattr(r, "dtype")]
        given = [a for a in leaves(args) if hasattr(a, "dtype")]
        facts, flops = operation.traits, 0
        if callable(facts.product) and results:
            flops = int(facts.product(results[0], *leaves(args)))
        elif not facts.moves:
            flops = max([math.prod(a.shape) for a in (*results, *given)], default=0)
        size = sum(r.dtype.itemsize * math.prod(r.shape) for r in results if getattr(r.value, "base", None) is None)
        for part, _ in self.calls.running:
            self.rows[id(part)].flops += flops
            self.rows[id(part)].bytes += size


def summarized(model: Any, part: type, x: Any, args: tuple, options: dict[str, Any]) -> Summary:
    """The summary of a model whose parts are of a class, of a call of it."""
    found = Summary()
    rows: dict[int, _Row] = defaultdict(_Row)

    def returned(call: Call, result: Any) -> None:
        rows[id(call.part)].shape = shapes_of(result)

    calls = Calls(part, returned)
    with _Costs(calls, rows), calls:
        model(example_of(x), *args, **options)
    for name, depth, item in parts_of(model, part):
        row = rows[id(item)]
        own = [v for _, v in items_of(item) if isinstance(v, Variable)]
        row.name, row.depth, row.kind = name, depth, type(item).__name__
        row.parameters, row.others = _count(own)
        found.rows.append(row)
    found.parameters, found.others = _count(model.variables())
    return found


def example_of(x: Any) -> Any:
    """What a model is called with to see what it does: an array as a tensor, for a shape zeros."""
    if isinstance(x, tuple) and all(isinstance(n, (int, np.integer)) for n in x):
        x = np.zeros(x, np.float32)
    return tensor(x) if isinstance(x, np.ndarray) else x


def _count(variables: list[Variable]) -> tuple[int, int]:
    """How many numbers are trained, and how many are not."""
    sizes = [(math.prod(v.shape), v.trainable) for v in variables]
    return sum(n for n, trained in sizes if trained), sum(n for n, trained in sizes if not trained)


def shapes_of(result: Any) -> str:
    """The shapes of what a part gave."""
    shapes = [str(tuple(r.shape)) for r in leaves(result) if hasattr(r, "shape")]
    return ", ".join(shapes[:3]) + (", …" if len(shapes) > 3 else "")
