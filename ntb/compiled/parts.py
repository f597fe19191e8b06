"""Parts: the statements of a chain as calls of a program. A sigmoid between two calls of loops, for example:

    t0 = run_loop(x)          -|x|
    t1 = exp(t0)              by NumPy, since libraries differ in its last bit
    y, e2 = run_loop(x, t1)   the rest of the sigmoid, and what the chain goes on with

Large arrays are taken block by block through all parts, so that what one hands to the next stays in the cache. For that
they must lie in memory in one order, without gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple, cast

import numpy as np

from ..replay.blocks import as_blocks, is_large
from ..replay.calls import OUT
from ..replay.code import Code, Instruction, Ref, Spec
from ..replay.memory import Place, Storage
from .kernels import Kernel, Quiet
from .loops import Array, Loop, is_exact, loop_of, nest, strides_in
from .symbols import Statement, Value
from .totals import Total


class _Part(NamedTuple):
    """Statements that become one call; makers: of each, the program's call that it comes from."""

    statements: list[Statement]
    makers: list[Instruction]

    @property
    def makes(self) -> list[Value]:
        return [statement.result for statement in self.statements]

    @property
    def reads(self) -> list[Value]:
        """What it does not make itself, each once."""
        args = dict.fromkeys(a for statement in self.statements for a in statement.args if isinstance(a, Value))
        return [value for value in args if value not in self.makes]


def calls_of(
    code: Code, statements: Sequence[Statement], makers: Sequence[Instruction], written: list[Ref],
    total: Instruction | None, totals: Sequence[Instruction] = (),
) -> list[Instruction]:  # fmt: skip
    """The calls for the statements of a chain; none where a part cannot be a loop.

    Args:
        makers: of each statement, the program's call that it comes from; written: which values others read.
        total: a sum of one of the values, if one follows; totals: sums that the loop takes, if there is one alone.
    """
    parts, layout = _parts(statements, makers), code.specs[makers[0].result]
    if totals and len(parts) > 1:
        return []
    stored = [*written, *[ref for i in ([total] if total else totals) for ref in i.reads()]]
    calls: list[Instruction] = []
    for number, part in enumerate(parts):
        results = _results(parts, number, stored)
        for value in results:
            _lay_out(code, value, layout)
        call = _call(code, part, results, layout.shape or (), totals)
        if call is None:
            return []
        calls.append(call)
    for spec in [code.specs[ref] for call in calls for ref in call.writes() if ref not in code.places]:
        code.places[spec.root] = Place(Storage(spec.nbytes), spec)
    if total:
        return as_blocks(code, [*calls, total], [*written, cast(Ref, total.result)])
    return as_blocks(code, calls, written) if len(parts) > 1 and is_large(layout) else calls


def _parts(statements: Sequence[Statement], makers: Sequence[Instruction]) -> list[_Part]:
    """A part for each call of NumPy's, and one for what stands between two of them."""
    maker = dict(zip(statements, makers))
    groups = groupby(_calls_first(statements), lambda statement: is_exact(statement) or statement)
    return [_Part(own := list(group), [maker[statement] for statement in own]) for _, group in groups]


def _calls_first(statements: Sequence[Statement]) -> list[Statement]:
    """The statements in an order in which NumPy's calls come as soon as they can. What these do not need waits for the
    loop after them, so that it is not written before and read again."""
    makers = {statement.result: statement for statement in statements}
    order: dict[Statement, None] = {}

    def add(statement: Statement) -> None:
        for needed in [makers[a] for a in statement.args if isinstance(a, Value) and a in makers]:
            if needed not in order:
                add(needed)
        order.setdefault(statement)

    for statement in [*(s for s in statements if not is_exact(s)), *statements]:
        if statement not in order:
            add(statement)
    return list(order)


def _results(parts: list[_Part], number: int, stored: list[Ref]) -> list[Value]:
    """What others read of what a part makes."""
    later = {value for part in parts[number + 1 :] for value in part.reads}
    return [value for value in parts[number].makes if value in later or value.ref in stored]


def _lay_out(code: Code, value: Value, layout: Spec) -> None:
    """Say how a value lies in memory; one within a primitive becomes a value of the program."""
    if value.ref is None:
        value.ref = ref = Ref(len(code.specs))
        code.specs[ref] = spec = layout.of_its_own(ref)
        spec.dtype = value.dtype
        size = np.dtype(layout.dtype).itemsize
        spec.strides = tuple([stride // size * value.dtype.itemsize for stride in layout.strides or ()])
    value.strides = code.specs[value.ref].strides


def _call(
    code: Code, part: _Part, results: list[Value], shape: tuple[int, ...], sums: Sequence[Instruction]
) -> Instruction | None:
    """The call for a part; None if there can be no loop."""
    row, written = [*dict.fromkeys(part.makers), *sums], tuple([value.ref for value in results])
    if not results or any(value.shape != shape for value in results):
        return None
    if not is_exact(part.statements[0]):
        (statement,) = part.statements
        function = Quiet(statement.function, row) if statement.quiet else statement.function
        return row[0].standing_for(function, (statement.args[0].ref,), {}, written[0])
    arrays, numbers = (
        [value for value in part.reads if bool(code.specs[value.ref].shape) == has_axes] for has_axes in (True, False)
    )
    stored = {value.ref: value for value in results}
    totals = [Total(stored[i.args[0]], Value(code.specs[i.result].dtype, i.result)) for i in sums]
    found = _loop(code, part, arrays, numbers, results, shape, totals)
    if found is None:
        return None
    kernel = Kernel(found[0], part.statements, [*arrays, *numbers, *results], row, totals)
    loads = [value.ref for value in (*arrays, *numbers)]
    written += tuple([total.result.ref for total in totals])
    return row[0].standing_for(kernel, (*loads, OUT, *found[1]), {}, written)


def _loop(
    code: Code, part: _Part, arrays: list[Value], numbers: list[Value], results: list[Value], shape: tuple[int, ...],
    totals: list[Total],
) -> tuple[Loop, tuple[int, ...]] | None:  # fmt: skip
    """The loop, and the integers that it takes; None where arrays lie in memory as a loop cannot read them."""
    specs = [code.specs[value.ref] for value in (*arrays, *results)]
    strides = [strides_in(value, shape) for value in arrays] + [spec.strides or () for spec in specs[len(arrays) :]]
    if any(stride < 0 for each in strides for stride in each):
        return None
    sizes, moves = nest(shape, strides)
    found = [Array(value, len(spec.shape or ()), each) for value, spec, each in zip([*arrays, *results], specs, moves)]
    return loop_of(part.statements, sizes, found[: len(arrays)], numbers, found[len(arrays) :], totals)
