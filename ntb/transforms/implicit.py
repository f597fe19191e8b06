"""fixed_point and root: gradients of the solution of an equation, by the implicit function theorem."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..ops.stopping import stop_gradient
from ..primitive import primitive
from ..tape.tensor import Tensor, on_tensors, value_of
from ..tree import leaves
from ..values.creation import tensor
from ..values.in_kind import to_arrays, wants_arrays
from .jacobians import jacobian
from .steps import Step, repetition, singular
from .structures import as_tensors, check_leaf, fill_but_none, filled, tensors_like, zeros_of


def fixed_point(f: Callable[..., Any], x0: Any, *params: Any, tol: float | None = None, steps: int = 1000) -> Any:
    """The x with x = f(x, *params), found by iteration from `x0`; differentiable to every order.

    No tape sees the iteration. From the gradient g of x the implicit function theorem gives the parameters' gradient,
    w ∂f/∂p, where w = g + w ∂f/∂x. This w is a fixed point too, and is found in the same way, at the same rate (Bai,
    Kolter and Koltun, "Deep equilibrium models", 2019). Gradients flow to `params`, and to tensors and variables in the
    closure of `f`; none flow to `x0`, on which the solution does not depend.

    Args:
        f: a contraction near the solution; returns arrays in the structure, shapes and dtypes of `x0`.
        x0: the start: an array, or lists, tuples and dicts of arrays, of floats.
        params: further arguments of `f`.
        tol: the iteration ends when a step changes no element by more than `tol` times the largest element of its
            array, however small that is. Its default is 64 times the precision of the dtype. The gradient is found
            likewise.
        steps: the largest number of steps.

    Raises:
        ConvergenceError: the iteration does not come to rest. InputError: `f` changes the form of x.

    The cosine's fixed point, and a square root by Heron's rule, whose derivative is 1 / (2 √a):

    >>> import ntb
    >>> import numpy as np
    >>> round(fixed_point(np.cos, 1.0), 8)
    np.float64(0.73908513)
    >>> root_of = lambda a: fixed_point(lambda x, a: (x + a / x) / 2, 1.0, a)
    >>> root_of(4.0), ntb.grad(root_of)(4.0), ntb.grad(ntb.grad(root_of))(4.0)
    (np.float64(2.0), np.float64(0.25), np.float64(-0.03125))
    """
    solution = _solution(lambda x: f(x, *params), x0, "fixed_point", tol, steps)
    return to_arrays(solution) if wants_arrays(x0, params) else solution


def root(f: Callable[..., Any], x0: Any, *params: Any, tol: float | None = None, steps: int = 50) -> Any:
    """The x with f(x, *params) = 0, found by Newton's method from `x0`; differentiable to every order.

    It is the fixed point of x - J⁻¹ f(x), with J = ∂f/∂x as a dense matrix: for a few hundred unknowns at most. In the
    derivatives J may count as a constant, since the fixed point is the same for every regular J. So no derivative of J
    is needed. With complex numbers `f` must be holomorphic in x. Each step checks this, which is a decision
    by value, so a traced function refuses it.

    Args:
        f: a function of x that returns as many numbers as x has, in any structure.
        x0: the start, near a root: an array, or lists, tuples and dicts of arrays, of floats.
        params: further arguments of `f`. Gradients flow to them, and to tensors and variables in the closure of `f`.
        tol, steps: see `fixed_point`.

    Raises:
        ConvergenceError: the iteration does not come to rest, or J is singular. InputError: `f` returns more or fewer
            numbers than x has.

    The largest root of x² + bx + c, whose derivative with respect to c is -1 / (2x + b):

    >>> import ntb
    >>> larger = lambda c: root(lambda x: x * x - 3.0 * x + c, 5.0)
    >>> round(larger(2.0), 8), round(ntb.grad(larger)(2.0), 8)
    (np.float64(2.0), np.float64(-1.0))
    """
    g = lambda x: f(x, *params)
    solution = _solution(lambda x: _newton(g, x), x0, "root", tol, steps)
    return to_arrays(solution) if wants_arrays(x0, params) else solution


def _newton(f: Callable[..., Any], x: Any) -> Any:
    """A step of Newton's method."""
    blocks, value = jacobian(lambda x: (value := f(x), value), has_aux=True, mode="rev")(x)
    xs, ys, blocks = filled(x), list(map(tensor, filled(value))), filled(blocks)
    unknowns, equations = sum(v.size for v in xs), sum(y.size for y in ys)
    if unknowns != equations:
        raise InputError(
            f"root needs as many equations as unknowns; f gives {equations} numbers for {unknowns}; return one for "
            "each of x"
        )
    rows = [
        np.concatenate(
            [np.reshape(b, (y.size, v.size)) for b, v in zip(blocks[i * len(xs) : (i + 1) * len(xs)], xs, strict=True)],
            axis=1,
        )
        for i, y in enumerate(ys)
    ]
    matrix, right = np.concatenate(rows), np.concatenate([np.reshape(y, (-1,)) for y in ys])
    change = np.linalg.solve(stop_gradient(matrix), right)
    ends = np.cumsum([v.size for v in xs])
    return fill_but_none(x, [v - on_tensors.reshape(change[end - v.size : end], v.shape) for v, end in zip(xs, ends)])


def _solution(f: Callable[..., Any], x0: Any, name: str, tol: float | None, steps: int) -> Any:
    """The fixed point of a function of one tree."""
    for x in leaves(x0):
        check_leaf(x, f"the start of {name}")
    start = list(map(tensor, filled(x0)))
    if not start or any(x.dtype.kind not in "fc" for x in start):
        raise InputError(f"{name} starts from arrays of floats, not from {describe(x0)}; 1.0 is one, 1 is none")
    if tol is None:
        tol = 64 * float(max(np.finfo(x.dtype).eps for x in start))

    def step(*xs: Tensor) -> list[Tensor]:
        new = tensors_like(f(fill_but_none(x0, xs)), x0, f"what {name} was given back,")
        forms = [[(x.shape, x.dtype) for x in given] for given in (xs, new)]
        if forms[0] != forms[1]:
            shown = [", ".join(f"{dtype}{list(shape)}" for shape, dtype in form) for form in forms]
            raise InputError(
                f"the function given to {name} keeps the form of x; it made {shown[1]} of {shown[0]}. "
                "Return the new x, with the shape and dtype of the old"
            )
        return new

    one = Step(step, name)
    arrays = [np.asarray(x.value, order="C") for x in start]
    if one.traces:
        try:
            one.prepare(*arrays)
        except np.linalg.LinAlgError as error:
            raise singular(name, 1, error) from error
    operation = repetition(solve_steps, functools.partial(_solve_rule, one), functools.partial(_solve_push, one), 5)
    value = one.repeat(operation, arrays, len(arrays), tol, steps)
    return fill_but_none(x0, one.record(operation, start, value, len(arrays), tol, steps))


@primitive
def solve_steps(step: Any, parts: Any, n: Any, tol: Any, most: Any) -> Any:
    """The fixed point of a step; `parts` are the start, n arrays, and what the step uses besides."""
    return tuple(step.solve([np.asarray(x, order="C") for x in parts[:n]], parts[n:], tol, most))


def _solve_rule(step: Step, g: Any, y: Any, _step: Any, _parts: Any, n: Any, tol: Any, most: Any) -> Any:
    tensors = any(isinstance(x, Tensor) for x in g)
    # w = g + w ∂f/∂x, and then w ∂f/∂p
    xs, gs = as_tensors(y), as_tensors(g)

    def back(w: Any) -> Any:
        return [a + b for a, b in zip(gs, step.pull(xs, w)[0], strict=True)]

    w = _solution(back, gs, f"the gradient of {step.name}", tol, max(most, 1000))
    sums = step.pull(xs, w)[1]
    pieces = {n + i: total for i, total in step.gradients_of_captured(sums).items()}

    def piece(i: int) -> Any:
        d = zeros_of(xs[i]) if i < n else pieces[i]
        return d if tensors else value_of(d)

    return piece


def _solve_push(step: Step, y: Any, _parts: Any, n: Any, tol: Any, most: Any, tangents: Any) -> list[Any]:
    """dx = ∂f/∂x dx + ∂f/∂p dp, which is a fixed point too."""
    xs = as_tensors(y)
    captured = {x.id: tangents[n + i] for i, x in enumerate(step.captured) if n + i in tangents}

    def forward(moves: Any) -> Any:
        return [zeros_of(x) if t is None else t for x, t in zip(xs, step.push(xs, list(moves), captured), strict=True)]

    return _solution(forward, [zeros_of(x) for x in xs], f"the derivative of {step.name}", tol, max(most, 1000))
