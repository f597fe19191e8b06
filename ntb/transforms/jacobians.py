"""jacobian, hessian, hvp: first and second derivatives of functions of many variables."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..habits import knows_habits
from ..primitive import primitive
from ..tape.listener import listeners
from ..tape.rules import derivative
from ..tape.tape import Tape
from ..tape.tensor import Tensor, on_tensors
from ..values.creation import tensor
from ..values.in_kind import to_arrays, wants_arrays
from .forward import differential, jvp, tangent_of
from .gradients import grad
from .structures import by_position, check_call, fill_but_none, filled, is_float, watch_arguments, without_aux, zeros_of
from .tape_jacobian import checked_holomorphic, stacked


@knows_habits
def jacobian(
    f: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False, mode: str = "auto"
) -> Callable[..., Any]:
    """The function that gives the derivative of every element of `f(*args)` by every element of the arguments.

    `f` runs once, under a tape. Reverse mode takes a walk for each element of the result, forward mode a push for each
    element of the arguments. By default it does whichever are fewer; for a scalar result, one walk.

    Args:
        f: a function of arrays, or of lists, tuples and dicts of them, that returns such a structure of floats; with
            `has_aux`, a pair of it and anything else.
        argnums: position of an argument, or positions.
        mode: "rev" for reverse mode, "fwd" for forward mode, "auto" for the fewer walks or pushes.

    Returns:
        A function whose answer has, for each array y of the result, the structure of the arguments, with a tensor of
        shape `y.shape + x.shape` for each array x there; with `has_aux`, a pair of that and the other thing.

    Complex numbers: a complex y has the derivative itself, dy = J dx; if x is complex too, y must be a holomorphic
    function of x. A real y has, for each element, its gradient ∂y/∂Re x + i ∂y/∂Im x.

    Raises:
        GradientError: a complex y is not a holomorphic function of a complex x.
        InputError: the result holds something other than floats; `argnums` does not fit.

    Polar coordinates, (r cos φ, r sin φ), whose Jacobian has the determinant r:

    >>> import numpy as np
    >>> J = jacobian(lambda p: p[0] * np.stack([np.cos(p[1]), np.sin(p[1])]))(np.array([2.0, 0.0]))
    >>> J, np.linalg.det(J)
    (array([[1., 0.],
           [0., 2.]]), np.float64(2.0))
    """
    check_call(f, argnums, "jacobian")
    if mode not in ("auto", "rev", "fwd"):
        raise InputError(f'the mode of a jacobian is "auto", "rev" or "fwd", not {mode!r}')

    @functools.wraps(f)
    def with_jacobian(*args: Any, **kwargs: Any) -> Any:
        arrays = wants_arrays(args, kwargs)
        tape = Tape(persistent=True, watch_variables=False)
        args, kwargs = by_position(f, args, kwargs)
        given, sources = watch_arguments(tape, args, argnums)
        with tape:
            value, aux = without_aux(f(*given, **kwargs), has_aux)
        if not all(map(is_float, filled(value))):
            raise InputError(
                "a jacobian is of a function that returns floats, or lists, tuples and dicts of them, not "
                f"{describe(value)}"
            )
        targets, xs = list(map(tensor, filled(value))), filled(sources)
        inputs, outputs = (sum(x.size for x in flat) for flat in (xs, targets))
        if mode == "fwd" or (mode == "auto" and inputs < outputs):
            rows = _forward_jacobian(tape, targets, xs)
        else:
            rows = [tape.jacobian(y, xs) for y in targets]
        answer = fill_but_none(value, [fill_but_none(sources, row) for row in rows])
        if arrays:
            answer, aux = to_arrays(answer, own=True), to_arrays(aux)
        return (answer, aux) if has_aux else answer

    return with_jacobian


def _forward_jacobian(tape: Tape, targets: list[Any], sources: list[Any]) -> list[list[Tensor]]:
    """For each target its derivatives by each source. Each record is prepared once for all pushes."""
    steps = [([x for _, x in record.inputs], differential(record)) for record in tape.records]

    def push(source: Any, seed: np.ndarray) -> list[Any]:
        """The tangents of the targets when a source is moved along a direction."""
        tangents: dict[Any, Any] = {source.id: Tensor(seed) if listeners.get() else seed}
        for inputs, step in steps:
            if any(x in tangents for x in inputs):
                step(tangents)
        return [tangent_of(y.id, tangents) if y.id is not None else None for y in targets]

    def columns(source: Any, unit: complex) -> list[Tensor]:
        pushed = [push(source, _unit(source, i, unit)) for i in range(source.size)]
        found = []
        for y, column in zip(targets, zip(*pushed) if pushed else [()] * len(targets), strict=True):
            whole = stacked([np.zeros(y.shape, y.dtype) if t is None else t for t in column], source.shape, y)
            axes = range(whole.ndim)
            found.append(on_tensors.transpose(whole, (*axes[source.ndim :], *axes[: source.ndim])))
        return found

    parts = []  # by source
    for source in sources:
        found = columns(source, 1)
        if source.dtype.kind == "c":
            turned = columns(source, 1j)
            found = [
                checked_holomorphic(j, k) if y.dtype.kind == "c" else j + 1j * k
                for j, k, y in zip(found, turned, targets, strict=True)
            ]
        if source.size and any(record.operation.traits.along is not None for record in tape.records):
            direction = np.random.default_rng(3).uniform(0.5, 1.5, source.shape).astype(source.dtype)
            moved = [zeros_of(y) if t is None else t for y, t in zip(targets, push(source, direction), strict=True)]
            found = [_linear(j, direction, t, y) for j, t, y in zip(found, moved, targets, strict=True)]
        parts.append(found)
    return [[found[i] for found in parts] for i in range(len(targets))]


def _unit(x: Any, i: int, unit: complex) -> np.ndarray:
    """The direction that moves one element of `x`."""
    seed = np.zeros(x.shape, x.dtype)
    seed.flat[i] = unit
    return seed


@primitive
def _linear(j: Any, direction: Any, found: Any, y: Any) -> Any:
    """The Jacobian of `y` itself, if the derivative along a direction is what it says.

    Raises:
        LinAlgError: it is not, so that the directional derivatives are no linear function, as at equal eigenvalues of
            which the function takes one.
    """
    expected = np.tensordot(j, direction, direction.ndim)
    if found.dtype.kind == "f" and expected.dtype.kind == "c":
        expected = np.real(np.tensordot(np.conjugate(j), direction, direction.ndim))
    size = np.tensordot(np.abs(j), np.abs(direction), direction.ndim)
    eps = float(np.finfo(j.dtype).eps)
    bound = eps**0.375 * np.max(size, initial=0) + eps**0.75 * np.max(np.abs(y), initial=0)
    if np.any(np.abs(found - expected) > bound):
        raise np.linalg.LinAlgError(
            "the function has derivatives along each direction, but they are not linear in the direction: it tells "
            "equal eigenvalues or singular values apart; np.max and np.min of them, and norms, let equals share the "
            "gradient"
        )
    return j


derivative(_linear, lambda g, _y, _j, _direction, _found, _target: g, None, None, None)


@knows_habits
def hessian(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The function that gives the second derivatives of `f`: forward mode over reverse mode.

    Args:
        f: a function of arrays, or of lists, tuples and dicts of them; usually of a scalar, though any result will do.
        argnums: position of an argument, or positions.

    Returns:
        A function whose answer is `jacobian(jacobian(f))`: for each pair of arrays x and z among the arguments, found
        as `answer[x][z]` in their structure, a tensor of shape `y.shape + x.shape + z.shape`. For a holomorphic
        function of complex numbers it is the second derivative itself.

    Raises:
        GradientError: `f` is a real function of complex numbers whose gradient is not holomorphic.

    Rosenbrock's function at its minimum (Nocedal and Wright, "Numerical Optimization", 2006, exercise 2.1):

    >>> import numpy as np
    >>> H = hessian(lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)(np.array([1.0, 1.0]))
    >>> H
    array([[ 802., -400.],
           [-400.,  200.]])
    """
    check_call(f, argnums, "hessian")
    return jacobian(jacobian(f, argnums), argnums, mode="fwd")


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The Hessian of a scalar function at `x` times the direction `v`, for the price of a few gradients.

    It is the derivative of the gradient along v, forward mode over reverse mode (Pearlmutter, "Fast exact
    multiplication by the Hessian", 1994). For a real function of complex numbers it is the change of the gradient, too.

    Args:
        f: a function of an array, or of lists, tuples and dicts of arrays, that returns a scalar.
        x: its argument; v: a direction of the same structure, shapes and dtypes.

    Returns:
        Arrays in the structure of `x`; tensors if `x` or `v` are, or inside a tape's block.

    The Hessian of xᵀAx is A + Aᵀ:

    >>> import numpy as np
    >>> A = np.array([[1.0, 2.0], [0.0, 3.0]])
    >>> hvp(lambda x: x @ A @ x, np.array([5.0, 7.0]), np.array([1.0, 0.0]))
    array([2., 2.])
    """
    return jvp(grad(f), (x,), (v,))[1]
