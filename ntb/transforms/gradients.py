"""grad, value_and_grad, vjp: gradients by the backward walk; and stop_gradient, where it ends."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..errors import TapeError
from ..habits import knows_habits
from ..ops import stopping
from ..tape.gradient import conjugated, deliver
from ..tape.listener import listeners
from ..tape.tape import Tape
from ..tape.tensor import value_of
from ..tree import fill, leaves, tree_map
from ..values.creation import tensor
from ..values.in_kind import to_arrays, wants_arrays
from .structures import (
    by_position,
    check_call,
    fill_but_none,
    filled,
    is_float,
    matching,
    returned,
    watch_arguments,
    watched,
    without_aux,
    zeros_of,
)


@knows_habits
def value_and_grad(
    f: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that gives `f(*args)` and its gradient with respect to the arguments at `argnums`.

    Args:
        f: a function whose result is a scalar; with `has_aux`, a pair of a scalar and anything else.
        argnums: position of an argument, or positions; the arguments are arrays or lists, tuples and dicts of them.

    >>> import numpy as np
    >>> value, slope = value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> value, slope
    (np.float64(5.0), array([2., 4.]))
    """
    check_call(f, argnums, "value_and_grad")

    @functools.wraps(f)
    def with_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        arrays = wants_arrays(args, kwargs)
        tape = Tape()
        args, kwargs = by_position(f, args, kwargs)
        given, sources = watch_arguments(tape, args, argnums)
        with tape:
            result = f(*given, **kwargs)
        value = tensor(returned(without_aux(result, has_aux)[0]))
        gradient = fill_but_none(sources, tape.gradient(value, filled(sources), unconnected="zero"))
        return (to_arrays(result), to_arrays(gradient, own=True)) if arrays else (result, gradient)

    return with_gradient


@knows_habits
def grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The function that gives the gradient of `f` with respect to the arguments at `argnums`.

    >>> cube = lambda x: x**3
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (np.float64(12.0), np.float64(12.0))
    """
    check_call(f, argnums, "grad")
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def gradient(target: Any, sources: Any, *, seed: Any = None, unconnected: str = "none") -> Any:
    """`Tape.gradient` of the innermost open tape.

    >>> import numpy as np
    >>> with Tape() as tape:
    ...     x = tape.watch([1.0, 2.0])
    ...     g = gradient(np.sum(x**2), x)
    >>> g
    Tensor([2., 4.])
    """
    for listener in reversed(listeners.get()):
        if isinstance(listener, Tape):
            return listener.gradient(target, sources, seed=seed, unconnected=unconnected)
    raise TapeError(
        "ntb.gradient is asked inside `with Tape():`, and no tape is open; after the block use tape.gradient"
    )


def stop_gradient(x: Any) -> Any:
    """The same value as a constant: no gradient flows through it.

    Args:
        x: an array, number or tensor, or lists, tuples, dicts and dataclasses of them, of which it stops each.

    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    return tree_map(stopping.stop_gradient, x)


def vjp(f: Callable[..., Any], *xs: Any, has_aux: bool = False) -> tuple:
    """The value of `f(*xs)`, and the function `pull` from weights of the value to gradients (vector-Jacobian product).

    `pull(w)` is the tuple of the gradients of `sum(w * f(*xs))` with respect to each of `xs`: wᵀJ, for the price of
    about one more run of `f` whatever the sizes are (Griewank and Walther, "Evaluating Derivatives", 2008, section
    3.2). It can be called any number of times.

    Args:
        f: a function of arrays, or of lists, tuples and dicts of them, that returns such a structure.
        xs: its arguments. Those that hold no floats are constants, and have None as their gradient.
        has_aux: `f` returns a pair of the result and anything else, which is then the third part of the answer.

    Returns:
        `(y, pull)`. The weights have the structure, shapes and dtypes of `y`; None there stands for zeros.

    Raises:
        InputError: the weights do not fit the value.

    The gradient of xᵀAx is (A + Aᵀ)x:

    >>> import numpy as np
    >>> A = np.array([[1.0, 2.0], [0.0, 3.0]])
    >>> y, pull = vjp(lambda x: x @ A @ x, np.array([1.0, 1.0]))
    >>> y, pull(1.0)
    (np.float64(6.0), (array([4., 8.]),))
    """
    arrays = wants_arrays(xs)
    tape = Tape(persistent=True, watch_variables=False)
    given = tree_map(lambda x: watched(tape, x), xs)
    with tape:
        value, aux = without_aux(f(*given), has_aux)
    sources = leaves(given)

    def pull(weights: Any) -> tuple:
        seeds: dict = {}
        for y, w in zip(leaves(value), matching(weights, value, "the weights"), strict=True):
            if w is not None and getattr(y, "id", None) in tape.tracked:
                w = conjugated(w)
                seeds[y.id] = seeds[y.id] + w if y.id in seeds else w
        found = tape.walk(seeds, [x.id for x in sources if is_float(x)])
        taken = {id(value_of(w)) for w in seeds.values()}
        gradients = deliver([conjugated(found.get(x.id)) if is_float(x) else None for x in sources], taken)
        answer = fill(
            xs, [zeros_of(x) if g is None and is_float(x) else g for g, x in zip(gradients, sources, strict=True)]
        )
        return to_arrays(answer, own=True) if arrays and wants_arrays(xs, weights) else answer

    answer, aux = to_arrays((value, aux)) if arrays else (value, aux)
    return (answer, pull, aux) if has_aux else (answer, pull)
