"""checkpoint: the backward walk computes values again, so that tapes need not keep them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..functions import namesake
from ..tape.listener import listeners
from ..tape.operation import Derivative, Operation
from ..tape.tape import Tape
from ..tape.tensor import ArrayLike, Tensor
from ..tree import leaves, tree_map
from ..values.creation import tensor
from ..values.in_kind import to_arrays, wants_arrays
from .boundary import Boundary
from .forward import ForwardTape
from .structures import checked_result, fresh, zeros_of


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, but tapes keep only what goes in and what comes out, nothing between.

    The backward walk runs `f` again to have the values between, which saves memory and costs time (Griewank and
    Walther, "Revolve", 2000; Chen et al., "Training deep nets with sublinear memory cost", 2016: n layers in blocks of
    √n take memory for 2√n layers and one more forward run). Gradients flow to arguments, to variables and to tensors in
    the closure of `f`. Derivatives of every order equal the derivatives of `f`.

    When `f` runs again, it meets the values that its variables had, and draws the same numbers from `ntb.random` (and
    from NumPy's global generator). What it assigns to variables counts only the first time.

    Args:
        f: a function of anything that returns a tensor, or lists, tuples and dicts of them.

    Three layers of four operations each; for each layer the tape keeps one record:

    >>> import ntb
    >>> layer = checkpoint(lambda x: x * (1.5 - 0.5 * x * x))  # Newton's iteration for the sign of x
    >>> with ntb.Tape() as tape:
    ...     y = x = tape.watch(0.5)
    ...     for _ in range(3):
    ...         y = layer(y)
    >>> len(tape)
    3
    >>> tape.gradient(y, x)
    Tensor(0.32734389)
    """

    named = namesake(f)

    @functools.wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        arrays = wants_arrays(args, kwargs)
        if all(listener.replays or isinstance(listener, ForwardTape) for listener in listeners.get()):
            result = f(*args, **kwargs)  # no tape records
            return to_arrays(result) if arrays else result
        own = lambda x: tensor(x) if isinstance(x, np.ndarray) else x  # a copy, since its owner may change it
        args, kwargs = tree_map(own, (args, kwargs))
        boundary = Boundary()
        with boundary.around():
            result = tree_map(lambda y: fresh(y.read()) if _is_output(y) else y, checked_result(f(*args, **kwargs)))
        outputs = [y for y in leaves(result) if _is_output(y)]
        if boundary.inputs and outputs:
            rule = functools.partial(_pull_again, boundary, functools.partial(_renewed, f, args, kwargs))
            operation = Operation(named, derivative=Derivative((rule,), names=("inputs",), keep=(False,)))
            for listener in boundary.outer:
                listener.write(operation, (list(boundary.inputs.values()),), {}, tuple(outputs))
        boundary.release()
        return to_arrays(result) if arrays else result

    return checkpointed


def _is_output(y: Any) -> bool:
    return isinstance(y, ArrayLike) and y.dtype.kind in "fc"


def _renewed(f: Callable[..., Any], args: Any, kwargs: Any, _tape: Tape) -> list[Tensor]:
    """The outputs of another run, on new values, so that the pass `merge` does not recognise it as the first run."""
    own = lambda x: fresh(x) if isinstance(x, Tensor) else x
    args, kwargs = tree_map(own, (args, kwargs))
    return [y.read() for y in leaves(f(*args, **kwargs)) if _is_output(y)]


def _pull_again(boundary: Boundary, part: Callable[[Tape], Any], g: Any, _y: Any, _inputs: Any) -> Callable[[int], Any]:
    """The rule: run the part again under a tape, and walk back through that tape."""
    tape, outputs = boundary.run_again(part)
    seeds: dict = {}
    for y, seed in zip(outputs, g, strict=True):
        if y.id is not None:
            seeds[y.id] = np.add(seeds[y.id], seed) if y.id in seeds else seed
    inputs = list(boundary.inputs.values())
    found = tape.walk(seeds, [x.id for x in inputs])

    def piece(i: int) -> Any:
        d = found.get(inputs[i].id)
        return zeros_of(inputs[i]).value if d is None else d

    return piece
