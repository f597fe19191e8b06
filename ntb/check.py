"""Numerical derivatives, and check_gradients, which compares others with them.

A derivative rule is checked on what it is for: the scalar `sum(w * f(x))` with random weights `w`, so that no sum over
elements hides an error. Order two checks the function that computes the gradient in the same manner.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from .errors import InputError, NtbError
from .tape.tape import Tape
from .tape.tensor import ArrayLike, Tensor
from .transforms import fresh
from .transforms.structures import check_leaf, checked_result, fill_but_none
from .tree import is_branch, leaves
from .values.creation import tensor

_STENCIL = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
"""Weights of the central differences f(x + ih) - f(x - ih), which are exact for polynomials up to degree 8."""

_SETTINGS = {"d": (2e-3, 1e-6, 1e-7), "g": (2e-3, 1e-6, 1e-7), "f": (5e-2, 1e-2, 1e-3), "e": (2e-1, 1e-1, 1e-1)}
"""Step, relative and absolute tolerance by precision: double, long double, single, half."""

_MOST = 100
"""A larger argument is checked at this many elements, chosen at random, and along as many random directions."""


def numerical_gradient(f: Callable[[np.ndarray], Any], x: Any, dx: float = 2e-5) -> np.ndarray:
    """The gradient of a scalar function by central differences: (f(x + dx) - f(x - dx)) / (2 dx) at each element.

    It needs two calls of `f` for each element, where backpropagation goes back once. And it is not exact: the error of
    a straight line in the place of a curve grows with dx^2, and that of rounding with 1 / dx. `check_gradients` is the
    stricter comparison.

    Args:
        f: a function of an array of the shape of x, which returns a number.
        x: real numbers, any shape. It is left as it is; the differences are taken in double precision.
        dx: the length of the step.

    Returns:
        An array of the shape of x, float64.

    Raises:
        InputError: x is not of real numbers.

    >>> numerical_gradient(lambda x: np.sum(x**2), np.array([1, 2])).round(6)
    array([2., 4.])
    """
    x = np.array(x.read().value if isinstance(x, ArrayLike) else x)
    if x.dtype.kind not in "biuf":
        raise InputError(
            f"numerical_gradient takes real numbers, not {x.dtype}{list(x.shape)}; complex ones are checked by "
            "check_gradients"
        )
    x = x.astype(np.float64)
    gradient = np.zeros_like(x)
    for i, unit in _units(x, range(x.size)):
        gradient[i] = (float(f(x + dx * unit)) - float(f(x - dx * unit))) / (2 * dx)
    return gradient


class GradientCheckError(NtbError, AssertionError):
    """A derivative differs from the numerical one.

    Attributes:
        order: 1 for the gradient, 2 for the gradient of the gradient.
        argument: the position of the argument of `f`.
        index: the element, or None where a random direction showed the difference.
        analytic, numerical: the two derivatives there.
        mode: "rev" where reverse mode found the analytic one, "fwd" where forward mode did.
    """

    def __init__(
        self, order: int, argument: int, index: Any, analytic: complex, numerical: complex, mode: str = "rev"
    ) -> None:
        self.order = order
        self.argument = argument
        self.index = index
        self.analytic = analytic
        self.numerical = numerical
        self.mode = mode
        where = "along a random direction" if index is None else f"at index {index}" if index else "as a scalar"
        super().__init__(
            f"the derivative of order {order} with respect to argument {argument}, {where}, is {analytic:.10g}"
            f"{' in forward mode' * (mode == 'fwd')}; numerically it is {numerical:.10g}. "
            "Compare the rules of the operations that the argument goes through; "
            "near a kink or a pole of the function choose another point"
        )


def check_gradients(
    f: Callable[..., Any],
    *xs: Any,
    order: int = 2,
    modes: Sequence[str] = ("rev", "fwd"),
    directions: int | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Compare the derivatives of `f` at `xs` with central differences of order eight.

    Args:
        f: a function of arrays, smooth near `xs`; returns an array, or lists, tuples and dicts of arrays.
        xs: arrays or numbers, or lists, tuples, dicts and dataclasses of arrays, of which each leaf counts as one.
            The differences are taken in double precision, whatever the dtype.
        order: 1 checks the gradient, 2 the gradient of the gradient too, and so on.
        modes: "rev" checks reverse mode; "fwd" checks forward mode, at order two over reverse mode, and so on.
        directions: check a larger argument along so many random directions instead of at each of its elements, which
            is quicker, and finds that something is wrong as surely, but not where.
        rtol, atol: relative and absolute tolerance; by themselves what fits the precision, the second relative to the
            largest derivative.

    Raises:
        GradientCheckError: a derivative differs; it tells where the difference is largest.
        InputError: `xs` holds no float, `f` returns none, or a mode is unknown.

    >>> check_gradients(np.sin, np.linspace(-1.0, 1.0, 5))
    >>> from ntb import stop_gradient
    >>> check_gradients(lambda x: x * stop_gradient(x), 3.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ntb.check.GradientCheckError: the derivative of order 1 with respect to argument 0, as a scalar, is ...
    """
    if unknown := [mode for mode in modes if mode not in ("rev", "fwd")]:
        raise InputError(f'the modes of differentiation are "rev" and "fwd", not {unknown}')
    if directions is not None and (type(directions) is not int or directions < 1):
        raise InputError(f"directions is the number of random directions, 1 or more, not {directions!r:.40}")
    f, xs = _on_leaves(f, xs)
    points = [np.array(x.read().value if isinstance(x, ArrayLike) else x) for x in xs]
    points = [x.astype(float) if x.dtype.kind in "iub" and np.ndim(xs[i]) == 0 else x for i, x in enumerate(points)]
    if not any(x.dtype.kind in "fc" for x in points):
        raise InputError(
            f"check_gradients takes arrays of floats, not of {points[0].dtype if points else 'nothing'}; integers "
            "have no derivative: x.astype(float)"
        )
    for level in range(1, order + 1):
        _check(f, points, level, modes, directions, rtol, atol)
        f = _gradient_of(f)


def _on_leaves(f: Callable[..., Any], xs: tuple) -> tuple[Callable[..., Any], tuple]:
    """The function of all leaves of its arguments, and these; a list of numbers is an array."""
    for x in leaves(xs):
        check_leaf(x, "an argument to differentiate by")
    numbers = lambda x: (
        isinstance(x, list | tuple) and not any(isinstance(y, np.ndarray | ArrayLike) for y in leaves(x))
    )
    xs = tuple([np.array(x) if numbers(x) else x for x in xs])
    if not any(map(is_branch, xs)):
        return f, xs
    flat = [x for x in leaves(xs) if x is not None]
    return lambda *given: f(*fill_but_none(xs, given)), tuple(flat)


def _check(
    f: Callable[..., Any], points: list[np.ndarray], order: int, modes: Sequence[str], directions: int | None,
    rtol: Any, atol: Any,
) -> None:  # fmt: skip
    rough = min((x.dtype for x in points if x.dtype.kind in "fc"), key=lambda d: -np.finfo(d).eps)
    _, relative, absolute = _SETTINGS[rough.char.lower()]
    derivatives = list(_derivatives(f, points, modes, directions))
    largest = max([abs(numerical) for *_, numerical, _ in derivatives if np.isfinite(numerical)], default=0.0)
    relative, absolute = relative if rtol is None else rtol, absolute * largest if atol is None else atol
    worst, error = 1.0, None
    for argument, index, found, numerical, noise in derivatives:
        for mode, analytic in found.items():
            excess = abs(analytic - numerical) / (absolute + relative * abs(numerical) + noise)
            if not excess <= worst and analytic != numerical:
                worst = excess if np.isfinite(excess) else np.inf
                error = GradientCheckError(order, argument, index, analytic, numerical, mode)
    if error:
        raise error


def _derivatives(
    f: Callable[..., Any], points: list[np.ndarray], modes: Sequence[str], directions: int | None
) -> Iterator[tuple[int, Any, dict[str, float], float, float]]:
    """By argument and direction: the derivatives that the modes find, the numerical one, and how exact that is."""
    gradients = _gradient_of(f)(*[Tensor(x) for x in points]) if "rev" in modes else []
    exact = [x.astype(np.result_type(x, np.float64)) if x.dtype.kind in "fc" else x for x in points]
    result = np.result_type(*[y.dtype for y in _floats(f(*[Tensor(x) for x in exact]))])
    step = _SETTINGS[np.dtype(result).char.lower()][0]
    floats = [argument for argument, x in enumerate(exact) if x.dtype.kind in "fc"]
    for number, argument in enumerate(floats):
        for index, direction in _directions(exact[argument], directions):
            found = {}
            if "rev" in modes:
                found["rev"] = _along(gradients[number].value.astype(direction.dtype), direction)
            if "fwd" in modes:
                found["fwd"] = _pushed(f, points, argument, direction)
            numerical, size = _difference(f, exact, argument, direction, step)
            noise = 20 * np.finfo(result).eps * max(size, 1.0) / step  # 0 may be a difference of greater numbers
            yield argument, index, found, numerical, noise


def _along(gradient: np.ndarray, direction: np.ndarray) -> float:
    """The derivative along a direction, from the gradient of the weighted sum."""
    with np.errstate(invalid="ignore"):
        return float(np.sum(np.real(np.conjugate(gradient) * direction)))


def _pushed(f: Callable[..., Any], points: list[np.ndarray], argument: int, direction: np.ndarray) -> float:
    """The derivative of the weighted sum along a direction, by forward mode."""
    from .transforms.forward import jvp

    tangents: list[Any] = [None] * len(points)
    tangents[argument] = direction.astype(points[argument].dtype)
    with np.errstate(invalid="ignore"):
        return float(_weighted_sum(jvp(f, points, tangents)[1]).numpy())


def _gradient_of(f: Callable[..., Any]) -> Callable[..., list[Tensor]]:
    """The function that computes the gradients of sum(w * f(x)) with fixed random weights."""

    def gradient(*xs: Any) -> list[Tensor]:
        with Tape() as tape:
            watched = [tape.watch(fresh(x)) if x.dtype.kind in "fc" else x for x in xs]
            total = _weighted_sum(f(*watched))
        return tape.gradient(total, [x for x in watched if x.dtype.kind in "fc"], unconnected="zero")

    return gradient


def _weighted_sum(result: Any) -> Any:
    floats = _floats(result)
    weights = _fixed_weights(tuple([(y.shape, y.dtype) for y in floats]))
    terms = [np.sum(y * w) for y, w in zip(floats, weights)]
    return sum(np.real(term) if term.dtype.kind == "c" else term for term in terms)


@functools.lru_cache(10)
def _fixed_weights(forms: tuple[tuple[tuple[int, ...], np.dtype], ...]) -> list[np.ndarray]:
    """The weights for results of these shapes and dtypes, which all evaluations have in common; of a single real number
    1, so that an error tells its own derivative."""
    if [(shape, dtype.kind) for shape, dtype in forms] == [((), "f")]:
        return [np.ones((), forms[0][1])]
    rng = np.random.default_rng(7)
    return [_weights(rng, np.empty(shape, dtype)) for shape, dtype in forms]


def _weights(rng: np.random.Generator, y: Any) -> np.ndarray:
    """Weights of either sign, none near 0."""
    w = rng.uniform(0.5, 1.5, y.shape) * rng.choice([-1.0, 1.0], y.shape)
    return (w + 1j * rng.uniform(0.5, 1.5, y.shape) if y.dtype.kind == "c" else w).astype(y.dtype)


def _floats(result: Any) -> list[Any]:
    """The float tensors in a function's result."""
    given = [x for x in leaves(checked_result(result)) if x is not None]
    found = [y for y in map(tensor, given) if y.dtype.kind in "fc"]
    if not found:
        raise InputError("the function returns integers, bools or nothing, which have no derivative; expected floats")
    return found


def _directions(x: np.ndarray, random: int | None) -> Iterator[tuple[Any, np.ndarray]]:
    """The elements of `x`, as unit directions, or random directions; of a large array some of both."""
    rng = np.random.default_rng(11)
    most = _MOST if random is None else random
    elements: Any = range(x.size)
    if x.size > most:
        elements = rng.choice(x.size, most, replace=False) if random is None else range(0)
    yield from _units(x, elements)
    for _ in range(most if x.size > most else 0):
        yield None, _weights(rng, x) / np.sqrt(x.size).astype(x.real.dtype)


def _units(x: np.ndarray, elements: Iterable[int]) -> Iterator[tuple[Any, np.ndarray]]:
    """The indices of elements of `x`, each with the direction that changes this element alone."""
    for i in elements:
        for unit in (1, 1j) if x.dtype.kind == "c" else (1,):
            direction = np.zeros(x.shape, x.dtype)
            direction.flat[i] = unit
            yield tuple(int(k) for k in np.unravel_index(i, x.shape)), direction


def _difference(f: Any, points: list, argument: int, direction: np.ndarray, h: float) -> tuple[float, float]:
    """The derivative of the weighted sum along a direction, and the size of its terms."""
    moved: list[Any] = [Tensor(x) for x in points]
    total, size = 0.0, 0.0
    for i, weight in _STENCIL.items():
        values = []
        for sign in (1, -1):
            moved[argument] = Tensor(points[argument] + direction * (sign * i * h))
            found = _floats(f(*moved))
            values.append(float(_weighted_sum(found).numpy()))
            size = max(size, *[float(np.sum(np.abs(y.numpy()))) for y in found])
        total += weight * (values[0] - values[1]) / h
    return total, size
