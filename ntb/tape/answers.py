"""What is asked of a tape and how its answer is delivered: structures of sources, and gradients of their own."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from .errors import TapeError
from .tensor import ArrayLike, Tensor, astype, map_tree, value_of


def map_sources(function: Any, sources: Any) -> Any:
    """Apply a function to each source in a structure of lists, tuples and dicts."""
    if isinstance(sources, list | tuple | dict):
        return map_tree(lambda item: map_sources(function, item), sources)
    return function(sources)


def conjugated(g: Any) -> Any:
    """A gradient in the other convention for complex numbers.

    Rules pass on the g of Re(g dx), so that those of analytic functions look as they do for real numbers. Users are
    given the direction of steepest ascent of a real loss, ∂L/∂Re x + i ∂L/∂Im x, and that is its conjugate.
    """
    return np.conjugate(g) if g is not None and g.dtype.kind == "c" else g


def deliver(gradients: list[Any], taken: set[int]) -> list[Any]:
    """Wrap the gradients for the caller, copying where an array is a view or somebody has it (its id is in `taken`)."""
    count = Counter(map(id, gradients))
    answer = []
    for g in gradients:
        if g is not None:
            array = value_of(g)
            read_only = isinstance(array, np.ndarray) and not array.flags.writeable
            shared = read_only or getattr(array, "base", None) is not None
            # A tensor that is the gradient of two sources is copied for both: each is to be a value of its own.
            if shared or id(array) in taken or (count[id(g)] > 1 and type(g) is Tensor):
                g = astype(g, g.dtype)
            taken.add(id(value_of(g)))
        answer.append(g if g is None or isinstance(g, Tensor) else Tensor(g))
    return answer


def checked(x: Any, role: str) -> Any:
    if not isinstance(x, ArrayLike):
        kind = type(x).__name__
        raise TapeError(
            f"the {role} is a {kind}, which no tape can know: "
            + ("watch it first, `x = tape.watch(x)`, and compute with what that returns" if role == "source"
               else "expected one tensor, computed inside the tape's block from Variables or watched tensors")
        )  # fmt: skip
    return x
