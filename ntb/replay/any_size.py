"""Any size: one code for batches of all sizes, found by comparing the traces of three.

The traces of a function for batches of 5, 7 and 13 rows differ in a few numbers, and these tell where they come from:

    reshape(%3, (5, 20))    reshape(%3, (7, 20))    reshape(%3, (13, 20))    the size itself
    divide(%9, 100)         divide(%9, 140)         divide(%9, 260)          20 times the size
    multiply(%12, 0.2)      multiply(%12, 1/7)      multiply(%12, 1/13)      one divided by the size

So each becomes a value that the code computes, at its beginning, from the size of an argument:

    %40 = size_of(%0, 0)
    %41 = mul(%40, 20)
    reshape(%3, (%40, 20))

Three traces prove no formula: whoever asks for such a code must know that the function does not decide by sizes, unless
they are 0 or 1, which the code does not take. Spot checks compare it with the function like any program.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ..tree import BRANCHES, children, rebuild
from .code import Code, Instruction, Ref, Spec
from .constants import constant
from .memory import traits
from .passes import merge, prune
from .signature import Diverged


class Unlike(Exception):
    """The traces differ in more than in what follows from sizes."""


def code_for_any_size(codes: Sequence[Code]) -> tuple[Code, list[Any]]:
    """The code that stands for these, of traces with other sizes each; and a pattern, which tells what it fits.

    Raises:
        Unlike: there is none.
    """
    found = _Comparison(codes)
    return prune(merge(found.code)), found.pattern


def fits(pattern: list[Any], signature: Any) -> bool:
    """Whether the arrays of a call, given by name, are like those of the traces, but for sizes that differed there."""
    met: dict[Any, int] = {}
    for (_, (_, shape, dtype, _)), (expected, of_trace) in zip(signature[1][1:], pattern, strict=True):
        if dtype != of_trace or len(shape) != len(expected):
            return False
        for n, size in zip(shape, expected):
            if n != size and (type(size) is int or n < 2 or met.setdefault(size, n) != n):
                return False
    return True


class _Comparison:
    """What traces of different sizes have in common.

    Attributes:
        code: for all sizes; pattern: for each input its shape and dtype. In the place of a size that differs stands a
            tuple of what it was in each trace, which stands for that size, whatever it is.
    """

    def __init__(self, codes: Sequence[Code]) -> None:
        self.codes = codes
        self.code = codes[0].copy()
        self.code.specs = dict(codes[0].specs)
        self.computed: dict[Any, Ref] = {}
        self.begin: list[Instruction] = []
        self.sizes: dict[tuple[int, ...], Ref] = {}
        self._check()
        self.pattern = [self._input(ref) for _, ref in self.code.inputs]
        self._constants()
        calls = [call for same in zip(*[code.instructions for code in codes]) for call in self._calls(*same)]
        self.code.outputs = self.same(*[code.outputs for code in codes])
        self.code.instructions = self.begin + calls

    def _check(self) -> None:
        """That the codes agree in what has nothing to do with sizes."""
        for code in self.codes:
            kinds = {ref: (spec.dtype, spec.root, len(spec.shape or ())) for ref, spec in code.specs.items()}
            variables = [[(id(v), ref) for v, ref in held.items()] for held in (code.variables, code.assignments)]
            found = code.inputs, kinds, variables, code.constants.keys(), len(code.instructions)
            if code is self.codes[0]:
                expected = found
            elif found != expected:
                raise Unlike

    def _input(self, ref: Ref) -> tuple[Any, ...]:
        shape: list[Any] = []
        for axis, numbers in enumerate(zip(*[code.specs[ref].shape or () for code in self.codes])):
            if len(set(numbers)) == 1:
                shape.append(numbers[0])
                continue
            if len(set(numbers)) < len(numbers) or min(numbers) < 2:
                raise Unlike
            if numbers not in self.sizes:
                self.sizes[numbers] = self.compute(size_of, ref, axis)
            shape.append(numbers)
        return shape, self.code.specs[ref].dtype

    def _constants(self) -> None:
        """An array that differs in its size only, and has the same number everywhere, is made in each run."""
        for ref in list(self.code.constants):
            arrays = [code.constants[ref] for code in self.codes]
            if all(x.shape == arrays[0].shape and x.tobytes() == arrays[0].tobytes() for x in arrays):
                continue
            numbers = {x.tobytes()[i : i + x.itemsize] for x in arrays for i in range(0, x.nbytes, x.itemsize)}
            if len(numbers) != 1 or not all(x.flags.c_contiguous for x in arrays):
                raise Unlike
            del self.code.constants[ref]
            shape = self.same(*[x.shape for x in arrays])
            self.begin.append(Instruction(np.full, (shape, arrays[0].reshape(-1)[0]), {}, ref))

    def _calls(self, *same: Instruction) -> Iterator[Instruction]:
        first = same[0]
        if any((i.function, i.effect, i.result) != (first.function, first.effect, first.result) for i in same):
            raise Unlike
        args, kwargs = self.same(*[i.args for i in same]), self.same(*[i.kwargs for i in same])
        yield first.standing_for(first.function, args, kwargs, first.result)
        if traits(first.function).calls_back:  # only the user's function knows how large its results are
            for ref in first.writes():
                shape = self.same(*[code.specs[ref].shape for code in self.codes])
                yield Instruction(_check_shape, (ref, shape), {}, self._new(), effect="check")

    def same(self, *parts: Any) -> Any:
        """What stands for these parts of the traces in the code for all sizes."""
        first = parts[0]
        if any(type(part) is not type(first) for part in parts):
            raise Unlike
        if isinstance(first, BRANCHES):
            keys, values = zip(*[zip(*children(part)) if part else ((), ()) for part in parts])
            if any(key != keys[0] for key in keys):
                raise Unlike
            return rebuild(first, [self.same(*alike) for alike in zip(*values)])
        if type(first) is slice:
            ends = [self.same(*alike) for alike in zip(*[(part.start, part.stop, part.step) for part in parts])]
            return self.compute(slice, *ends) if Ref in map(type, ends) else first
        if len({part if type(first) is Ref else constant(part) for part in parts}) == 1:
            return first
        if type(first) not in (int, float) or 0 in parts:
            raise Unlike
        return self.number(parts)

    def number(self, numbers: tuple[Any, ...]) -> Ref:
        """The value that stands for a number which differs: a multiple of sizes, or its reciprocal."""
        some = [chosen for count in (1, 2, 3) for chosen in combinations(self.sizes, count)]
        found = [(sizes, *formula) for sizes in some for formula in _formulas(numbers, [*map(math.prod, zip(*sizes))])]
        if len(found) != 1:  # none, or more than one can be meant
            raise Unlike
        sizes, times, inverse = found[0]
        value, *others = [self.sizes[size] for size in sizes]
        for other in [*others, *([times] if times != 1 else [])]:
            value = self.compute(operator.mul, value, other)
        if inverse:
            return self.compute(operator.truediv, 1.0, value)
        return value if type(numbers[0]) is int else self.compute(float, value)

    def compute(self, function: Any, *args: Any) -> Ref:
        """The value of a call on sizes, which the code makes at its beginning."""
        key = function, args
        if key not in self.computed:
            ref = self.computed[key] = self._new()
            self.begin.append(Instruction(function, args, {}, ref))
        return self.computed[key]

    def _new(self) -> Ref:
        """A value that is no array."""
        ref = Ref(len(self.code.specs))
        self.code.specs[ref] = Spec(None, ref)
        return ref


def _formulas(numbers: tuple[Any, ...], sizes: list[int]) -> Iterator[tuple[int, bool]]:
    """Which multiple of the sizes the numbers are, if they are one, or of which they are the reciprocals."""
    for inverse in (False, True) if type(numbers[0]) is float else (False,):
        times = round((1 / numbers[0] if inverse else numbers[0]) / sizes[0])
        if times and all(number == (1 / (times * n) if inverse else times * n) for number, n in zip(numbers, sizes)):
            yield times, inverse


def size_of(x: Any, axis: int) -> int:
    """Stands in a code for a size of an argument."""
    return x.shape[axis]


def _check_shape(x: Any, shape: tuple[int, ...]) -> None:
    """Stands in a code for what the results of a user's function are like in all traces."""
    if np.shape(x) != shape:
        raise Diverged
