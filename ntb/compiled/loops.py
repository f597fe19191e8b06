"""Loops: steps as the source of one loop over all elements. An example, for float32 matrices and a row:

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

It tells by the flags of the processor whether something overflowed, was divided by zero or had no result: then NumPy
does the calls again, and warns as it is set to. Sizes and strides are arguments, so that one loop serves arrays of all
sizes; that the innermost elements are neighbours is written into it, so that the compiler can take several at once.

Only operations are taken whose result IEEE 754 fixes to the last bit, or that compare or move numbers. What differs
among machines and libraries (exp, tanh, sums) stays a call of NumPy's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .symbols import Step, Value

CASTS = {np.dtype(np.float32): "f4", np.dtype(np.float64): "f8", np.dtype(np.bool_): "b1"}
"""The dtypes of loops, by the names of their casts in the source."""

EXPRESSIONS: dict[Any, str] = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.divide: "{} / {}",
    np.negative: "-{}",
    np.positive: "{}",
    np.square: "{0} * {0}",
    np.reciprocal: "{1} / {0}",
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
    np.minimum: "{0} if ({0} < {1}) | ({0} != {0}) else {1}",
}
"""What a loop does in the place of a ufunc."""

_DEEPEST = 4
_ARITHMETIC = frozenset({np.add, np.subtract, np.multiply, np.divide, np.negative, np.square, np.sqrt, np.absolute})


def is_exact(step: Step) -> bool:
    """Whether a loop gives the bits of the ufunc."""
    if step.function not in EXPRESSIONS or step.dtype not in CASTS or step.result.dtype not in CASTS:
        return False
    return step.dtype.kind == "f" or step.function not in _ARITHMETIC


class Loop(NamedTuple):
    """A loop, told apart by its source and by its arguments; equal ones share a kernel.

    Attributes:
        source: of a function of arrays, numbers, a tuple of results, sizes and strides; it returns flags.
        arrays, numbers, results: the dtypes of these, of arrays with the number of axes.
        integers: how many sizes and strides it takes; depth: how many loops stand one inside the other.
        inner: the stride of each array and result in the innermost loop; None where it is an argument.
    """

    source: str
    arrays: tuple[tuple[str, int], ...]
    numbers: tuple[str, ...]
    results: tuple[tuple[str, int], ...]
    integers: int
    depth: int
    inner: tuple[int | None, ...]


class Layout(NamedTuple):
    """How arrays are walked through: sizes from the outermost loop to the innermost, and each array's strides."""

    sizes: tuple[int, ...]
    strides: tuple[tuple[int, ...], ...]


def layout_of(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> Layout:
    """The shortest nest of loops over arrays of a shape, in the order of the last one's memory.

    Axes that follow each other in the memory of all arrays become one.

    >>> layout_of((2, 3, 4), [(96, 32, 8), (0, 0, 8)])
    Layout(sizes=(6, 4), strides=((32, 8), (0, 8)))
    """
    order = sorted(range(len(shape)), key=lambda axis: -abs(strides[-1][axis]))
    axes: list[tuple[int, tuple[int, ...]]] = []
    for axis in order:
        n, steps = shape[axis], tuple([s[axis] for s in strides])
        if n == 1:
            continue
        if axes and all(outer == n * inner for outer, inner in zip(axes[-1][1], steps)):
            axes[-1] = axes[-1][0] * n, steps
        else:
            axes.append((n, steps))
    axes = axes or [(1, tuple([0] * len(strides)))]
    return Layout(tuple([n for n, _ in axes]), tuple(zip(*[steps for _, steps in axes])))


def strides_in(value: Value, shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of an array that is broadcast to a shape."""
    missing = len(shape) - len(value.shape)
    return (0,) * missing + tuple([0 if n == 1 else stride for n, stride in zip(value.shape, value.strides)])


def loop_of(
    steps: Sequence[Step], arrays: Sequence[Value], numbers: Sequence[Value], results: Sequence[Value],
    axes: Sequence[int], layout: Layout,
) -> tuple[Loop, tuple[int, ...]] | None:  # fmt: skip
    """The loop for steps, and the integers that it takes; None where it would nest too deep.

    Args:
        arrays, numbers, results: what is loaded, and what is written; axes: how many axes arrays and results have.
    """
    depth = len(layout.sizes)
    if depth > _DEEPEST:
        return None
    names = [f"a{i}" for i in range(len(arrays))] + [f"r{i}" for i in range(len(results))]
    sizes = [f"n{level}" for level in range(depth)]
    integers, lines, inner = list(layout.sizes), [], []
    parameters = list(sizes)
    for name, value, strides in zip(names, [*arrays, *results], layout.strides):
        known = strides[-1] in (0, value.dtype.itemsize)  # in the innermost loop: the same element, or neighbours
        inner.append(strides[-1] if known else None)
        given = [f"{name}_{level}" for level in range(depth - known)]
        parameters += given
        integers += strides[: len(given)]
        steps_of = [*given, *([str(strides[-1])] if known else [])]
        lines.append(f"    {name} = as_strided({name}, ({', '.join(sizes)},), ({', '.join(steps_of)},))")
    at = ", ".join(f"i{level}" for level in range(depth))
    text: dict[Value, str] = {value: f"a{i}[{at}]" for i, value in enumerate(arrays)}
    text |= {value: f"s{i}" for i, value in enumerate(numbers)}
    for level in range(depth):
        lines.append(f"    {'    ' * level}for i{level} in range(n{level}):")
    indent = "    " * (depth + 1)
    for i, step in enumerate(steps):
        lines.append(f"{indent}t{i} = {_expression(step, text)}")
        text[step.result] = f"t{i}"
    lines += [f"{indent}r{i}[{at}] = {text[value]}" for i, value in enumerate(results)]
    heads = [*names[: len(arrays)], *(f"s{i}" for i in range(len(numbers))), "out", *parameters]
    head = [f"def loop({', '.join(heads)}):", f"    {''.join(f'r{i}, ' for i in range(len(results)))}= out"]
    head.append("    clear_flags(FLAGS)")
    lines.append("    return raised_flags(FLAGS)")
    kinds = [(CASTS[value.dtype], n) for value, n in zip([*arrays, *results], axes)]
    loop = Loop(
        "\n".join(head + lines) + "\n", tuple(kinds[: len(arrays)]), tuple([CASTS[v.dtype] for v in numbers]),
        tuple(kinds[len(arrays) :]), len(integers), depth, tuple(inner),
    )  # fmt: skip
    return loop, tuple(integers)


def _expression(step: Step, text: dict[Value, str]) -> str:
    cast = CASTS[step.dtype]
    operands = []
    for a in step.args:
        if not isinstance(a, Value):
            operands.append(f"{cast}({_literal(step.dtype.type(a))})")
        else:
            operands.append(text[a] if a.dtype == step.dtype else f"{cast}({text[a]})")
    return EXPRESSIONS[step.function].format(*operands, f"{cast}(1.0)")


def _literal(number: Any) -> str:
    """A number as source, exactly."""
    if number.dtype == bool:
        return repr(bool(number))
    value = float(number)
    return repr(value) if math.isfinite(value) else str(value)  # inf and nan are names in a loop
