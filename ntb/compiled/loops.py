"""Loops: statements as the source of one loop over all elements. An example, for float32 matrices and a row:

    def loop(a0, a1, s0, out, n0, n1, a0_0, a1_0, r0_0):
        r0, = out
        clear_flags(FLAGS)
        a0 = as_strided(a0, (n0, n1), (a0_0, 4))
        a1 = as_strided(a1, (n0, n1), (a1_0, 0))
        r0 = as_strided(r0, (n0, n1), (r0_0, 4))
        for i0 in range(n0):
            for i1 in range(n1):
                t0 = f4(0.9) * a0[i0, i1]
                t1 = s0 * a1[i0, i1]
                t2 = t0 + t1
                r0[i0, i1] = t2
        return raised_flags(FLAGS)

Where all arrays lie in memory in the same order, without gaps, one loop is enough, which finds their size by itself
(`n0 = r0.size`): so it also runs on blocks of them.

It tells by the flags of the processor whether something overflowed, was divided by zero or had no result: then NumPy
does the calls again, and warns as it is set to. Sizes and strides are arguments, so that one loop serves arrays of all
sizes; that the innermost elements are neighbours is written into it, so that the compiler can take several at once.

Only operations are taken whose result IEEE 754 fixes to the last bit, or that compare or move numbers. What differs
among machines and libraries (exp, tanh, most sums) stays a call of NumPy's, between two loops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .symbols import Statement, Value
from .totals import Total

_CASTS = {np.dtype(np.float32): "f4", np.dtype(np.float64): "f8", np.dtype(np.bool_): "b1"}
"""The dtypes of loops, by the names of their casts in the source."""

_EXPRESSIONS: dict[Any, str] = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.divide: "{} / {}",
    np.negative: "-{}",
    np.positive: "{}",
    np.square: "{0} * {0}",
    np.reciprocal: "{1} / {0}",
    np.power: "{0} * {0}",  # with 2, see `is_exact`
    np.sqrt: "sqrt({})",
    np.absolute: "abs({})",
    np.greater: "{} > {}",
    np.greater_equal: "{} >= {}",
    np.less: "{} < {}",
    np.less_equal: "{} <= {}",
    np.equal: "{} == {}",
    np.not_equal: "{} != {}",
    np.logical_and: "{} & {}",
    np.logical_or: "{} | {}",
    np.maximum: "{0} if ({0} > {1}) | ({0} != {0}) else {1}",
    np.sign: "{1} if {0} > 0 else -{1} if {0} < 0 else {1} - {1} if {0} == 0 else {0}",
    np.where: "{1} if {0} != 0 else {2}",
    np.minimum: "{0} if ({0} < {1}) | ({0} != {0}) else {1}",
}
"""What a loop does in the place of a ufunc."""

_DEEPEST = 4
_ARITHMETIC = frozenset(
    {np.add, np.subtract, np.multiply, np.divide, np.negative, np.square, np.power, np.sqrt, np.absolute, np.sign}
)


def is_exact(statement: Statement) -> bool:
    """Whether a loop gives the bits of the ufunc."""
    dtypes = {statement.dtype, statement.result.dtype, *(a.dtype for a in statement.args if isinstance(a, Value))}
    if statement.function not in _EXPRESSIONS or not dtypes <= _CASTS.keys():
        return False
    if statement.function is np.power and (isinstance(statement.args[1], Value) or statement.args[1] != 2):
        return False  # with the number 2, NumPy squares
    return statement.dtype.kind == "f" or statement.function not in _ARITHMETIC


def is_call(statement: Statement) -> bool:
    """Whether NumPy can do it between two loops: a function of one float, such as exp."""
    function, dtype = statement.function, statement.dtype
    is_single = function.nin == 1 and isinstance(statement.args[0], Value)
    return is_single and dtype == statement.result.dtype and dtype.kind == "f" and dtype in _CASTS


class Loop(NamedTuple):
    """A loop, told apart by its source and by its arguments; equal ones share their machine code.

    Attributes:
        source: of a function of arrays, numbers, a tuple of results, sizes and strides; it returns flags.
        arrays, numbers, results: the dtypes of these, of arrays with the number of axes.
        integers: how many sizes and strides it takes; depth: how many loops stand one inside the other.
            With none, the loop runs on blocks of its arrays, too.
        inner: the stride of each array and result in the innermost loop; None where it is an argument.
    """

    source: str
    arrays: tuple[tuple[str, int], ...]
    numbers: tuple[str, ...]
    results: tuple[tuple[str, int], ...]
    integers: int
    depth: int
    inner: tuple[int | None, ...]


class Array(NamedTuple):
    """An array that a loop reads or writes.

    Attributes:
        value: what it holds; axes: how many it has in the program; strides: those in the loops, in bytes.
    """

    value: Value
    axes: int
    strides: tuple[int, ...]


def nest(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """The sizes of the shortest nest of loops over arrays of a shape, and the strides of each array in it.

    The loops follow the order of the last array's memory. Axes that follow each other in the memory of all arrays
    become one.

    >>> nest((2, 3, 4), [(0, 0, 8), (96, 32, 8)])
    ((6, 4), [(0, 8), (32, 8)])
    """
    axes: list[tuple[int, tuple[int, ...]]] = []
    for axis in sorted(range(len(shape)), key=lambda axis: -abs(strides[-1][axis])):
        n, moves = shape[axis], tuple([each[axis] for each in strides])
        if n == 1:
            continue
        if axes and all(outer == n * inner for outer, inner in zip(axes[-1][1], moves)):
            axes[-1] = axes[-1][0] * n, moves
        else:
            axes.append((n, moves))
    axes = axes or [(1, tuple([0] * len(strides)))]
    return tuple([n for n, _ in axes]), list(zip(*[moves for _, moves in axes]))


def strides_in(value: Value, shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of an array that is broadcast to a shape."""
    missing = len(shape) - len(value.shape)
    return (0,) * missing + tuple([0 if n == 1 else stride for n, stride in zip(value.shape, value.strides)])


def loop_of(
    statements: Sequence[Statement], sizes: tuple[int, ...], arrays: Sequence[Array], numbers: Sequence[Value],
    results: Sequence[Array], totals: Sequence[Total] = (),
) -> tuple[Loop, tuple[int, ...]] | None:  # fmt: skip
    """The loop for statements, and the integers that it takes; None where it would nest too deep.

    Args:
        sizes: of the loops, from the outermost on; arrays, numbers: what is loaded; results: what is written.
        totals: sums of results, which it takes when all are written.
    """
    depth = len(sizes)
    if depth > (1 if totals else _DEEPEST):
        return None
    named = {f"a{i}": array for i, array in enumerate(arrays)} | {f"r{i}": array for i, array in enumerate(results)}
    extent, place = (", ".join(f"{letter}{level}" for level in range(depth)) for letter in "ni")
    parameters, integers, lines = [f"n{level}" for level in range(depth)], list(sizes), []
    if depth == 1:
        parameters, integers, lines = [], [], ["    n0 = r0.size"]
    for name, array in named.items():
        inner = _inner(array)
        outer = [f"{name}_{level}" for level in range(depth - (inner is not None))]
        parameters += outer
        integers += array.strides[: len(outer)]
        lines.append(f"    {name} = as_strided({name}, ({extent},), ({_listed(outer, inner)},))")
    lines += [f"    {'    ' * level}for i{level} in range(n{level}):" for level in range(depth)]
    text = {array.value: f"a{i}[{place}]" for i, array in enumerate(arrays)}
    text |= {value: f"s{i}" for i, value in enumerate(numbers)}
    body = _body(statements, text) + [f"r{i}[{place}] = {text[array.value]}" for i, array in enumerate(results)]
    lines += [f"    {'    ' * depth}{line}" for line in body]
    written = [f"r{i}" for i in range(len(results) + len(totals))]
    lines += _sums(written, [array.value for array in results], totals)
    given = [*list(named)[: len(arrays)], *(f"s{i}" for i in range(len(numbers))), "out", *parameters]
    head = [f"def loop({', '.join(given)}):", f"    {', '.join(written)}, = out"]
    source = "\n".join([*head, "    clear_flags(FLAGS)", *lines, "    return raised_flags(FLAGS)"]) + "\n"
    kinds = [*map(_kind, results), *map(_kind_of_sum, totals)]
    loop = Loop(
        source, tuple(map(_kind, arrays)), tuple([_CASTS[value.dtype] for value in numbers]), tuple(kinds),
        len(integers), depth, tuple(map(_inner, named.values())),
    )  # fmt: skip
    return loop, tuple(integers)


def _listed(outer: list[str], inner: int | None) -> str:
    """The strides of an array, in the source: names of arguments, and the innermost one if it is known."""
    return ", ".join(outer if inner is None else [*outer, str(inner)])


def _sums(written: list[str], results: list[Value], totals: Sequence[Total]) -> list[str]:
    """The lines that take sums of results."""
    name = dict(zip(results, written))
    sums = written[len(results) :]
    return [f"    {sum}[()] = total({name[total.of]}, 0, n0)" for sum, total in zip(sums, totals)]


def _kind(array: Array) -> tuple[str, int]:
    return _CASTS[array.value.dtype], array.axes


def _kind_of_sum(total: Total) -> tuple[str, int]:
    return _CASTS[total.of.dtype], 0


def _inner(array: Array) -> int | None:
    """The innermost stride if it is written into the source, as the elements are neighbours, or one and the same."""
    return array.strides[-1] if array.strides[-1] in (0, array.value.dtype.itemsize) else None


def _body(statements: Sequence[Statement], text: dict[Value, str]) -> list[str]:
    """The lines of the statements, whose results are named in `text`."""
    lines = []
    for i, statement in enumerate(statements):
        lines.append(f"t{i} = {_expression(statement, text)}")
        text[statement.result] = f"t{i}"
    return lines


def _expression(statement: Statement, text: dict[Value, str]) -> str:
    cast = _CASTS[statement.dtype]
    operands = []
    for a in statement.args:
        if not isinstance(a, Value):
            operands.append(f"{cast}({_literal(statement.dtype.type(a))})")
        else:
            operands.append(text[a] if a.dtype == statement.dtype else f"{cast}({text[a]})")
    return _EXPRESSIONS[statement.function].format(*operands, f"{cast}(1.0)")


def _literal(number: Any) -> str:
    """A number as source, exactly."""
    if number.dtype == bool:
        return repr(bool(number))
    value = float(number)
    return repr(value) if math.isfinite(value) else str(value)  # inf and nan are names in a loop
