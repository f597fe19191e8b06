"""What a call costs, counted from shapes: floating-point operations, and bytes of memory read and written.

A product of matrices (m, k) and (k, n) takes 2 m n k operations. An elementwise operation or a reduction takes one for
each element. A call that only moves or selects numbers takes none. These are the counts of a textbook: a tanh counts as
much as a sum. The bytes of each argument and result count once; a view costs nothing.
"""

from __future__ import annotations

import math
import operator
from typing import Any, NamedTuple

import numpy as np

from ..tree import leaves
from .code import Code, Instruction, Ref, Spec
from .memory import traits


class Work(NamedTuple):
    """What one or more calls took; `calls` and `seconds` are measured, the others counted."""

    seconds: float = 0.0
    calls: int = 0
    flops: int = 0
    read: int = 0
    written: int = 0

    def plus(self, other: Work) -> Work:
        """
        >>> Work(1.0, 1, flops=10).plus(Work(2.0, 1, read=80))
        Work(seconds=3.0, calls=2, flops=10, read=80, written=0)
        """
        return Work(*map(operator.add, self, other))


def work_of(code: Code, instruction: Instruction) -> Work:
    """Operations and bytes of one instruction of a code."""
    specs = code.specs
    made = [specs[ref] for ref in instruction.writes()]
    is_view = bool(made) and all(specs[ref].root != ref for ref in instruction.writes())
    if instruction.effect == "guard" or is_view:
        return Work()
    written = sum(spec.nbytes for spec in made)
    arguments = [_in_memory(code, a) for a in leaves((*instruction.args, *instruction.kwargs.values()))]
    known = {id(a): a for a in arguments if isinstance(a, Spec) and a.shape is not None}
    read = [_bytes_of(spec) for spec in known.values()]
    if traits(instruction.function).selects and read:
        read[0] = min(read[0], written)
    return Work(flops=_flops_of(code, instruction, [*made, *known.values()]), read=sum(read), written=written)


def _flops_of(code: Code, instruction: Instruction, arrays: list[Spec]) -> int:
    """Floating-point operations of one instruction; `arrays` are its results and arguments."""
    facts = traits(instruction.function)
    if instruction.effect or facts.moves:
        return 0
    if callable(facts.product) and instruction.writes():
        result = code.specs[instruction.writes()[0]]
        return int(facts.product(result, *[_in_memory(code, a) for a in leaves(instruction.args)]))
    return max(map(_elements, arrays), default=0)


def _in_memory(code: Code, x: Any) -> Any:
    """The Spec of an array; anything else stays as it is."""
    if type(x) is Ref:
        return code.specs[x]
    return Spec(x) if isinstance(x, np.ndarray) else x


def _elements(spec: Any) -> int:
    return math.prod(spec.shape or ())


def _bytes_of(spec: Spec) -> int:
    """The bytes in memory: a number that is broadcast counts once."""
    if spec.strides is None or spec.shape is None or spec.dtype is None:
        return spec.nbytes
    return spec.dtype.itemsize * math.prod(n for n, stride in zip(spec.shape, spec.strides, strict=True) if stride)
