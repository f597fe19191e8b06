"""Agreement: whether a loop gives the bits of NumPy on this machine. Only then it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np

from .loops import Loop
from .symbols import Statement, Value
from .totals import Total

_ROUNDS, _LENGTH = 3, 1031  # a prime, so that what remains after whole vectors is computed, too
_LENGTHS = (*range(1, 20), 127, 128, 129, 136, 257, 520, 1000, 1023)
_SPECIAL = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan)


def agrees(
    run: Callable[..., int], loop: Loop, statements: Sequence[Statement], values: Sequence[Value],
    totals: Sequence[Total] = (),
) -> bool:  # fmt: skip
    """Whether the loop does what NumPy does, for random numbers of all magnitudes and for special ones. Where it takes
    sums, so that special ones hide all others, also for plain ones, in arrays of many lengths."""
    rng = np.random.default_rng(0)
    has_axes = any(n for _, n in loop.arrays + loop.results)
    rounds = [(_LENGTH if has_axes else 1, _drawn)] * (_ROUNDS if has_axes else _ROUNDS * 50)
    rounds += [(length, _plain) for length in _LENGTHS] if totals else []
    for length, draw in rounds:
        shape = (*map(int, rng.integers(1, 4, loop.depth - 1)), length)
        if not _agrees_on(partial(draw, rng), shape, run, loop, statements, values, totals):
            return False
    return True


def _agrees_on(
    draw: Callable[..., Any], shape: tuple[int, ...], run: Callable[..., int], loop: Loop,
    statements: Sequence[Statement], values: Sequence[Value], totals: Sequence[Total],
) -> bool:  # fmt: skip
    """Whether it does so on numbers that are drawn, in arrays of a shape."""
    loads, results = parted(values, len(loop.arrays) + len(loop.numbers))
    arrays, numbers = parted(loads, len(loop.arrays))
    held: dict[Any, Any] = {value: draw(value.dtype, ()) for value in numbers}
    for value, inner in zip(arrays, loop.inner):
        held[value] = np.broadcast_to(draw(value.dtype, (*shape[:-1], 1) if inner == 0 else shape), shape)
    out = [np.empty(shape, value.dtype) for value in results]
    every = [*(held[value] for value in arrays), *out]
    strides = [n for x, inner in zip(every, loop.inner) for n in (x.strides if inner is None else x.strides[:-1])]
    kinds = loop.arrays + loop.results
    given = [x.reshape((1,) * (n - 1) + (-1,) * (n > 0)) for x, (_, n) in zip(_memory(every), kinds)]
    sums = [np.empty((), total.of.dtype) for total in totals]
    sizes, outs = shape if loop.depth > 1 else (), (*given[len(arrays) :], *sums)
    run(*given[: len(arrays)], *(held[value] for value in numbers), outs, *sizes, *strides)
    with np.errstate(all="ignore"):
        by_numpy(statements, held)
        expected = [*(held[value] for value in results), *(np.add.reduce(held[total.of], None) for total in totals)]
    return all(map(_same, [*out, *sums], expected))


def does_the_same(function: Any, code: Callable[..., int], args: tuple) -> bool:
    """Whether machine code does what a `looped` function does by NumPy; `args` are an example of its arguments."""
    counts = len(args) - function.scratch
    rng = np.random.default_rng(0)
    for _ in range(_ROUNDS):
        drawn = [_like(x, _drawn(rng, x.dtype, x.shape)) if isinstance(x, np.ndarray) else x for x in args]
        with np.errstate(all="ignore"):
            if function.given is not None:
                function.given(*drawn)
            twins = [_like(x, x) if isinstance(x, np.ndarray) else x for x in drawn]
            function.by_numpy(*drawn)
            code(*twins)
        if not all(_same(a, b) for a, b in zip(drawn[:counts], twins) if isinstance(a, np.ndarray)):
            return False
    return True


def _like(x: np.ndarray, content: Any) -> np.ndarray:
    """An array laid out as x, with a content."""
    new = np.empty_like(x)
    np.copyto(new, content)
    return new


def by_numpy(statements: Sequence[Statement], held: dict[Any, Any]) -> None:
    """Take the statements on arrays and numbers, to which their results are added."""
    for statement in statements:
        operands = [held[a] if isinstance(a, Value) else a for a in statement.args]
        with np.errstate(over="ignore") if statement.quiet else nullcontext():
            held[statement.result] = statement.function(
                *[np.asarray(x).astype(statement.dtype, copy=False) for x in operands]
            )


def parted(values: Sequence[Value], count: int) -> tuple[Sequence[Value], Sequence[Value]]:
    """The first so many, and the rest."""
    return values[:count], values[count:]


def _memory(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What lies under views that are broadcast."""
    return [x if x.base is None else x.base for x in arrays]


def _drawn(rng: np.random.Generator, dtype: Any, shape: tuple[int, ...]) -> Any:
    """Numbers of all magnitudes, of which every fifth is a special one; or bools."""
    if dtype.kind == "b":
        return np.asarray(rng.random(shape) < 0.5)
    info = np.finfo(dtype)
    numbers = rng.standard_normal(shape) * 10.0 ** rng.uniform(-12, 12, shape)
    special = rng.choice([*_SPECIAL, info.tiny, -info.smallest_subnormal, info.max], shape)
    with np.errstate(all="ignore"):
        return np.asarray(np.where(rng.random(shape) < 0.2, special, numbers).astype(dtype))


def _plain(rng: np.random.Generator, dtype: Any, shape: tuple[int, ...]) -> Any:
    """Numbers that add up to a finite one; or bools."""
    return np.asarray((rng.standard_normal(shape) if dtype.kind == "f" else rng.random(shape) < 0.5).astype(dtype))


def _same(a: np.ndarray, b: Any) -> bool:
    """Whether two arrays agree to the last bit; one NaN is as good as another."""
    b = np.broadcast_to(b, a.shape)
    equal = (a == b) & (np.signbit(a) == np.signbit(b)) | np.isnan(a) & np.isnan(b) if a.dtype.kind == "f" else a == b
    return bool(equal.all())
