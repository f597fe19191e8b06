"""The exact value and derivatives of a function, and how far a computed number is from them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mpmath as mp
import numpy as np

DIGITS = (60, 120, 240, 480, 960, 1920)


@dataclass(frozen=True)
class Function:
    """A row of the table.

    Attributes:
        name: as users write it.
        exact: the function, of numbers of mpmath.
        own, torch, jax: how it is written, in x, or in a and b.
        slope: the first derivative, or both, where differences of `exact` would take too many digits.
        domain: the open interval in which it has derivatives, of one argument or of both.
        singular: points of the complex plane at which it is not analytic, for the length of the steps.
        far: how steps grow with x: they are as long as 1 (0), as x (1), or as 1/x (-1).
        reach: of two arguments, the ways to the next singularities, instead of all this.
        at: for special arguments the value and the derivatives; None is not judged.
        rule: for two arguments, a function that gives this, or None where there is nothing special.
        bound: of the errors of the value, and of the derivatives of first and second order, in ulps.
        least: for each of them a number, or a function of the point; the error of smaller results is in ulps of it.
        but: says of a point and a dtype whether the row does not hold there, for the reason that `why` gives.
        dtypes: those that the function has results of.
        why: why a bound is wide, or a point left out.
    """

    name: str
    exact: Callable[..., Any]
    own: str
    torch: str = ""
    jax: str = ""
    slope: Any = None
    domain: tuple[float, float] = (-math.inf, math.inf)
    singular: tuple = ()
    far: int = 0
    reach: Callable[[Any, Any], tuple] | None = None
    at: dict[float, tuple] = field(default_factory=dict)
    rule: Callable[[float, float], tuple | None] | None = None
    arguments: int = 1
    bound: tuple[float, float, float] = (4, 8, 16)
    least: tuple = (0, 0, 0)
    but: Callable[..., bool] | None = None
    dtypes: tuple[str, ...] = ("float16", "float32", "float64")
    why: str = ""


def exact_at(f: Function, *x: float) -> tuple:
    """The value and the derivatives at a point: of x (f, f', f''), of a and b (f, f_a, f_b, f_aa, f_ab, f_bb)."""
    unknown = (None,) * (3 if f.arguments == 1 else 6)
    if f.arguments == 1 and (given := _given(f, *x)) is not None:
        return given
    if f.rule is not None and (given := f.rule(*x)) is not None:
        return given
    if not all(math.isfinite(n) and f.domain[0] < n < f.domain[1] for n in x):
        return unknown
    return _agreed(f, *x)


def _given(f: Function, x: float) -> tuple | None:
    if math.isnan(x):
        return f.at.get("nan", (math.nan, None, None))  # type: ignore[call-overload]
    if x == 0 and math.copysign(1, x) < 0 and "-0" in f.at:
        return f.at["-0"]  # type: ignore[index]
    return f.at.get(x)


def _agreed(f: Function, *x: float) -> tuple:
    """With more and more digits, until two results in a row agree."""
    before: tuple = ()
    for digits in DIGITS:
        found = _differences(f, digits, *x)
        enough = digits if f.slope is None else 4 * digits  # for a zero: differences of slopes lose fewer digits
        if before and all(_agree(p, q, enough) for p, q in zip(before, found, strict=True)):
            return found
        before = found
    return tuple([q if _agree(p, q, digits) else None for p, q in zip(before, found, strict=True)])


def _agree(p: Any, q: Any, digits: int) -> bool:
    if p == q == 0:
        return digits >= DIGITS[-1]
    with mp.workdps(40):
        same_sign = mp.sign(p) == mp.sign(q)
        tiny, huge = mp.mpf(10) ** -400, mp.mpf(10) ** 400
        if same_sign and ((abs(p) < tiny and abs(q) < tiny) or (abs(p) > huge and abs(q) > huge)):
            return True
        return abs(p - q) <= abs(q) * mp.mpf(10) ** -19


def _scale(f: Function, x: Any) -> Any:
    """The length in which the function changes."""
    size = abs(x)
    scale = max(mp.mpf(1), size) if f.far == 1 else 1 / max(mp.mpf(1), size) if f.far == -1 else mp.mpf(1)
    ends = [mp.mpf(end) for end in f.domain if math.isfinite(end)]
    return min([scale, *(abs(x - p) for p in (*f.singular, *ends))])


def _digits_of_sum(x: Any, step: Any) -> int:
    """How many digits it takes to hold both numbers in one."""
    return int(abs(mp.mag(x) - mp.mag(step)) * 0.302) + 1 if x else int(abs(mp.mag(step)) * 0.302)


def _differences(f: Function, digits: int, *x: float) -> tuple:
    with mp.workdps(40):
        numbers = [mp.mpf(n) for n in x]
        scales = f.reach(*numbers) if f.reach else [_scale(f, n) for n in numbers]
        steps = [scale * mp.mpf(10) ** -(digits // 4) for scale in scales]
    with mp.workdps(digits + sum(_digits_of_sum(n, scale) for n, scale in zip(numbers, scales, strict=True))):
        return (_of_one if f.arguments == 1 else _of_two)(f, numbers, steps)


def _of_one(f: Function, x: list, steps: list) -> tuple:
    (n,), (h,) = x, steps
    middle = f.exact(n)
    if f.slope is not None:
        return _real(middle, f.slope(n), (f.slope(n + h) - f.slope(n - h)) / (2 * h))
    high, low = f.exact(n + h), f.exact(n - h)
    return _real(middle, (high - low) / (2 * h), (high - 2 * middle + low) / (h * h))


def _of_two(f: Function, x: list, steps: list) -> tuple:
    (a, b), (h, k) = x, steps
    if f.slope is not None:
        in_a, in_b = f.slope
        mixed = (in_a(a, b + k) - in_a(a, b - k)) / (2 * k)
        twice = (in_a(a + h, b) - in_a(a - h, b)) / (2 * h), (in_b(a, b + k) - in_b(a, b - k)) / (2 * k)
        return _real(f.exact(a, b), in_a(a, b), in_b(a, b), twice[0], mixed, twice[1])
    at = functools.cache(lambda i, j: f.exact(a + i * h, b + j * k))
    mixed = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h * k)
    first = (at(1, 0) - at(-1, 0)) / (2 * h), (at(0, 1) - at(0, -1)) / (2 * k)
    twice = (at(1, 0) - 2 * at(0, 0) + at(-1, 0)) / (h * h), (at(0, 1) - 2 * at(0, 0) + at(0, -1)) / (k * k)
    return _real(at(0, 0), *first, twice[0], mixed, twice[1])


def _real(*numbers: Any) -> tuple:
    return tuple([mp.re(n) for n in numbers])


def ulps(found: float, exact: Any, dtype: str, least: float = 0.0) -> float:
    """The error of a number, in the distances of neighbouring numbers of the dtype at the exact result.

    Beyond the largest number the exact result is infinity. A result below `least` counts as that for the distances.

    >>> ulps(1.0, mp.mpf(1) + mp.mpf(2) ** -53, "float64"), ulps(np.inf, mp.mpf(10) ** 400, "float64")
    (0.5, 0.0)
    """
    info = np.finfo(dtype)
    if mp.isnan(exact):
        return 0.0 if math.isnan(found) else math.inf
    if math.isnan(found):
        return math.inf
    with mp.workdps(60):
        exact, end = mp.mpf(exact), mp.mpf(2) ** int(info.maxexp)
        if abs(exact) > mp.mpf(float(info.max)) + mp.ldexp(1, int(info.maxexp) - info.nmant - 2):
            exact = mp.sign(exact) * end
        computed = mp.sign(found) * end if math.isinf(found) else mp.mpf(found)
        size, smallest = max(abs(exact), mp.mpf(least)), int(info.minexp) - info.nmant
        spacing = mp.ldexp(1, max(mp.mag(size) - 1 - info.nmant, smallest) if size else smallest)
        return float(abs(computed - exact) / spacing)
