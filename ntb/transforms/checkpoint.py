"""checkpoint: compute again in the backward walk what would have to be kept for it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..tape.answers import map_sources
from ..tape.conversions import open_tapes
from ..tape.rules import Operation
from ..tape.tape import Tape
from ..tape.tensor import ArrayLike, Tensor, tensor
from .boundary import Boundary
from .forward import ForwardTape
from .structures import fresh, leaves, zeros_of


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, of which tapes keep what goes in and what comes out, and nothing between.

    The backward walk runs `f` again to have the values in between, so that memory is paid with time (Griewank and
    Walther, "Revolve", 2000; Chen et al., "Training deep nets with sublinear memory cost", 2016: n layers in blocks of
    √n take memory for 2√n layers and one more forward run). Gradients flow to arguments, to variables and to tensors in
    the closure of `f`. Derivatives of every order are those of `f`.

    Run again, `f` meets the values that its variables had, draws from `ntb.random` (and from NumPy's global generator)
    the same numbers, and what it assigns to variables counts only the first time.

    Args:
        f: a function of anything that returns a tensor, or lists, tuples and dicts of them.

    Ten layers, of which only one at a time keeps its values:

    >>> import ntb
    >>> import numpy as np
    >>> layer = checkpoint(lambda x: np.sin(x) + x)
    >>> with ntb.Tape() as tape:
    ...     y = x = tape.watch(0.5)
    ...     for _ in range(10):
    ...         y = layer(y)
    >>> len(tape)
    10
    >>> tape.gradient(y, x)
    Tensor(0.)
    """

    @functools.wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if all(tape.keep or isinstance(tape, ForwardTape) for tape in open_tapes.get()):
            return f(*args, **kwargs)  # nobody records
        own = lambda x: tensor(x) if isinstance(x, np.ndarray) else x  # a copy, since its owner may change it
        args, kwargs = map_sources(own, (args, kwargs))
        boundary = Boundary()
        with boundary.around():
            result = map_sources(lambda y: fresh(y.read()) if is_output(y) else y, f(*args, **kwargs))
        outputs = [y for y in leaves(result) if is_output(y)]
        if boundary.inputs and outputs:
            operation = Operation(checkpointed)
            operation.names, operation.keep = ("inputs",), (False,)
            operation.rules = (functools.partial(pull_again, boundary, functools.partial(renewed, f, args, kwargs)),)
            for tape in boundary.outer:
                tape.write(operation, (list(boundary.inputs.values()),), {}, tuple(outputs))
        boundary.release()
        return result

    return checkpointed


def is_output(y: Any) -> bool:
    return isinstance(y, ArrayLike) and y.dtype.kind in "fc"


def renewed(f: Callable[..., Any], args: Any, kwargs: Any, _tape: Tape) -> list[Tensor]:
    """The outputs of another run, on values of its own, lest a program finds that it has computed all this before."""
    own = lambda x: fresh(x) if isinstance(x, Tensor) else x
    args, kwargs = map_sources(own, (args, kwargs))
    return [y.read() for y in leaves(f(*args, **kwargs)) if is_output(y)]


def pull_again(boundary: Boundary, part: Callable[[Tape], Any], g: Any, _y: Any, _inputs: Any) -> Callable[[int], Any]:
    """The rule: run the part again under a tape, and walk back through that."""
    tape, outputs = boundary.run_again(part)
    seeds: dict = {}
    for y, seed in zip(outputs, g, strict=True):
        if y.token is not None:
            seeds[y.token] = np.add(seeds[y.token], seed) if y.token in seeds else seed
    inputs = list(boundary.inputs.values())
    found = tape.walk(seeds, [x.token for x in inputs])

    def piece(i: int) -> Any:
        d = found.get(inputs[i].token)
        return zeros_of(inputs[i]).value if d is None else d

    return piece
