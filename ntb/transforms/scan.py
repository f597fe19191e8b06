"""scan: a recurrence as one operation, whatever its length."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ConversionError, InputError, TapeError, describe
from ..primitive import primitive
from ..tape.tensor import Tensor, value_of
from ..tree import leaves
from ..values.creation import tensor
from ..values.in_kind import to_arrays, wants_arrays
from .steps import Step, repetition
from .structures import as_tensors, check_leaf, fill_but_none, filled, is_float, tensors_like, zeros_of


def scan(
    f: Callable[..., Any], init: Any, xs: Any = None, *, length: int | None = None, reverse: bool = False
) -> tuple[Any, Any]:
    """Apply `carry, y = f(carry, x)` to each x in turn: a loop whose tape and program do not grow with its length.

    It computes what this does, also for lists, tuples and dicts of arrays:

        ys = []
        for x in xs:
            carry, y = f(carry, x)
            ys.append(y)
        return carry, np.stack(ys)

    Tapes keep the carried states and run each step again in the backward walk, which is itself a scan in the other
    direction; so derivatives of every order take memory for the states only. Inside a traced function the step is
    traced once, and the whole loop is one instruction.

    Args:
        f: a function of `carry` and the items at one position of `xs`; returns the new carry, of the same structure,
            shapes and dtypes, and anything to stack (None for nothing). Gradients flow to all it uses. It assigns no
            variables and draws no random numbers, and when traced it takes no decision by values.
        init: the first carry: an array, or lists, tuples and dicts of them.
        xs: arrays of shape (T, …) in such a structure; None if the steps differ in the carry only.
        length: T, where there are no `xs`.
        reverse: go through `xs` from the last to the first; each result has the position of its x.

    Returns:
        The last carry, and the stacked results.

    Raises:
        InputError: lengths differ, or the carry changes its form. TapeError: `f` touches state.

    Linear recurrences, as in the Fibonacci numbers (Blelloch, "Prefix sums and their applications", 1990):

    >>> last, numbers = scan(lambda ab, _: ((ab[1], ab[0] + ab[1]), ab[0]), (0, 1), length=8)
    >>> numbers
    array([ 0,  1,  1,  2,  3,  5,  8, 13])

    The value of a polynomial by Horner's rule, and its slope:

    >>> import ntb
    >>> import numpy as np
    >>> horner = lambda x: scan(lambda total, a: (total * x + a, None), 0.0, np.array([1.0, 0.0, -2.0]))[0]
    >>> horner(3.0), ntb.grad(horner)(3.0)
    (np.float64(7.0), np.float64(6.0))
    """
    last, stacked = _repeated(f, init, xs, length, reverse)
    return (to_arrays(last), to_arrays(stacked, own=True)) if wants_arrays(init, xs) else (last, stacked)


_TRACED_FROM = 32  # from so many steps on, tracing one saves more than it costs


def _repeated(
    f: Callable[..., Any], init: Any, xs: Any, length: int | None, reverse: bool, hidden: bool = False
) -> Any:
    """`scan`; a hidden one, inside a walk, need not run Python code in each step: it is traced if that is quicker."""
    for x in leaves((init, xs)):
        check_leaf(x, "an argument of scan")
    init_leaves, x_leaves = list(map(tensor, filled(init))), list(map(tensor, filled(xs)))
    steps = _length_of(x_leaves, length)
    result_like: list[Any] = []  # the form of what is stacked

    def step(*arrays: Tensor) -> list[Tensor]:
        carry = fill_but_none(init, arrays[: len(init_leaves)])
        answer = f(carry, fill_but_none(xs, arrays[len(init_leaves) :]))
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise InputError(
                "the function given to scan returns a pair, the new carry and what is to be stacked (or None), not "
                f"{describe(answer)}; write `return carry, y`"
            )
        result_like[:] = [answer[1]]
        for y in leaves(answer[1]):
            check_leaf(y, "the result of a step")
        new = tensors_like(answer[0], init, "the carry")
        _check_carry(init_leaves, new)
        return [*new, *map(tensor, filled(answer[1]))]

    one = Step(step, "scan")
    arrays = [np.asarray(x.value, order="C") for x in (*init_leaves, *x_leaves)]
    if one.traces or (hidden and steps >= _TRACED_FROM):
        first = [x[0, ...] if steps else np.zeros(x.shape[1:], x.dtype) for x in arrays[len(init_leaves) :]]
        try:
            one.prepare(*arrays[: len(init_leaves)], *first)
        except (ConversionError, TapeError):  # what cannot be traced runs operation by operation
            if one.traces:
                raise
    sizes = (len(init_leaves), len(x_leaves))
    operation = repetition(scan_steps, functools.partial(_scan_rule, one), functools.partial(_scan_push, one), 5)
    value = one.repeat(operation, arrays, sizes, steps, reverse)
    results = one.record(operation, [*init_leaves, *x_leaves], value, sizes, steps, reverse)
    last = [states[0 if reverse else -1] for states in results[: sizes[0]]]
    return fill_but_none(init, last), fill_but_none(result_like[0], results[sizes[0] :])


def _length_of(xs: list[Tensor], length: int | None) -> int:
    """The number of steps."""
    if any(x.ndim == 0 for x in xs):
        raise InputError(
            "scan goes along the first axis of each array in xs; one of them is a number, which has no axes. What is "
            "the same in all steps belongs into the carry, or the function's closure"
        )
    if length is not None and (not hasattr(length, "__index__") or length < 0):
        raise InputError(f"the length of a scan is a number of steps, 0 or more, not {length!r}")
    lengths = {x.shape[0] for x in xs} | ({length} if length is not None else set())
    if len(lengths) != 1:
        raise InputError(
            f"the arrays in xs (and length=) must be equally long, and have the lengths {sorted(lengths)}" if lengths
            else "a scan without xs needs length=, the number of steps"
        )  # fmt: skip
    return lengths.pop()


def _check_carry(before: list[Tensor], after: list[Tensor]) -> None:
    """Complain of a carry that is not in the form of the first one."""
    forms = [[(x.shape, x.dtype) for x in xs] for xs in (before, after)]
    if forms[0] != forms[1]:
        shown = [", ".join(f"{dtype}{list(shape)}" for shape, dtype in form) for form in forms]
        raise InputError(
            f"the carry of a scan keeps its form; it began as {shown[0]} and became {shown[1]}. "
            "Begin with an array of the final shape and dtype, or stack the results as the second part of the pair"
        )


@primitive
def scan_steps(step: Any, parts: Any, sizes: Any, length: Any, reverse: Any) -> Any:
    """The states (T + 1, …) that are carried, and the stacked results (T, …).

    `parts` are the arrays of the first carry, the arrays `xs`, and what the step uses besides; `sizes` tells how many
    the first two are.
    """
    n, m = sizes
    carry = [np.asarray(x, order="C") for x in parts[:n]]
    xs = [np.asarray(x, order="C") for x in parts[n : n + m]]
    rest = parts[n + m :]
    states = [np.empty((length + 1, *x.shape), x.dtype) for x in carry]
    ys = None
    for t in reversed(range(length)) if reverse else range(length):
        for state, x in zip(states, carry):
            state[t + 1 if reverse else t] = x
        results = step(*carry, *[x[t, ...] for x in xs], *rest)
        carry = results[:n]
        if ys is None:
            ys = [np.empty((length, *y.shape), y.dtype) for y in results[n:]]
        for y, result in zip(ys, results[n:]):
            y[t] = result
    for state, x in zip(states, carry):
        state[0 if reverse else length] = x
    if ys is None:  # no step: one on zeros tells the shapes
        results = step(*carry, *[np.zeros(x.shape[1:], x.dtype) for x in xs], *rest)
        ys = [np.empty((0, *y.shape), y.dtype) for y in results[n:]]
    return (*states, *ys)


def _scan_rule(step: Step, g: Any, y: Any, _step: Any, parts: Any, sizes: Any, length: Any, reverse: Any) -> Any:
    """A scan in the other direction: it carries the carry's gradients, and adds up the captured tensors' gradients.

    With dc the gradient of the carry after step t, and (J, K, L) the step's derivatives by carry, x and the rest,
    dc <- (dc + g_t) J, dx_t = (dc + g_t) K, and the gradient of the rest is the sum of all (dc + g_t) L.
    """
    n, m = sizes
    tensors = any(isinstance(x, Tensor) for x in g)
    states, xs, g = as_tensors(y[:n]), as_tensors(parts[n : n + m]), as_tensors(g)
    before = [s[1:] if reverse else s[:-1] for s in states]
    after = [d[:-1] if reverse else d[1:] for d in g[:n]]
    floats, xfloats = ([i for i, x in enumerate(arrays) if is_float(x)] for arrays in (states, xs))

    def back(carry: Any, x: Any) -> Any:
        d, sums = carry
        state, item, d_after, d_results = x
        total: list[Any] = [None] * n
        for i, dc in zip(floats, d):
            total[i] = dc + d_after[i]
        pulled, captured = step.pull([*state, *item], [*total, *d_results])
        new = [pulled[i] for i in floats], [a + b for a, b in zip(sums, captured)]
        return new, [pulled[n + i] for i in xfloats]

    start = [zeros_of(states[i][0]) for i in floats], [zeros_of(x) for x in step.inputs.values()]
    (d, sums), dxs = _repeated(back, start, (before, xs, after, g[n:]), length, not reverse, hidden=True)
    pieces: dict[int, Any] = {i: dc + g[i][-1 if reverse else 0] for i, dc in zip(floats, d)}
    pieces.update((n + i, dx) for i, dx in zip(xfloats, dxs))
    pieces.update((n + m + i, total) for i, total in step.gradients_of_captured(sums).items())
    return lambda i: pieces[i] if tensors else value_of(pieces[i])


def _scan_push(step: Step, y: Any, parts: Any, sizes: Any, length: Any, reverse: Any, tangents: Any) -> list[Any]:
    """A scan over the kept states: it carries the carry's tangents."""
    n, m = sizes
    states, xs = as_tensors(y[:n]), as_tensors(parts[n : n + m])
    before = [s[1:] if reverse else s[:-1] for s in states]
    floats = [i for i, x in enumerate(states) if is_float(x)]
    start = [tangents.get(i, zeros_of(states[i][0])) for i in floats]
    captured = {x.id: tangents[n + m + i] for i, x in enumerate(step.captured) if n + m + i in tangents}
    yfloats = [i for i, x in enumerate(y) if i >= n and is_float(x)]

    def forward(carry: Any, x: Any) -> Any:
        state, item, moved = x
        moves: list[Any] = [None] * n
        for i, t in zip(floats, carry):
            moves[i] = t
        pushed = step.push([*state, *item], [*moves, *moved], captured)
        new = [zeros_of(state[i]) if pushed[i] is None else pushed[i] for i in floats]
        zeros = {i: np.zeros(y[i].shape[1:], y[i].dtype) for i in yfloats if pushed[i] is None}
        return new, (new, [zeros.get(i, pushed[i]) for i in yfloats])

    moved = [tangents.get(n + i) for i in range(m)]
    _, (news, dys) = _repeated(forward, start, (before, xs, moved), length, reverse, hidden=True)
    answer: list[Any] = [None] * len(y)
    for i, first, rest in zip(floats, start, news):
        answer[i] = np.concatenate([rest, first[None]] if reverse else [first[None], rest])
    for i, dy in zip(yfloats, dys):
        answer[i] = dy
    return answer
