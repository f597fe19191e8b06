"""Functions whose value is NumPy's own and whose derivative is that of a composition.

    @composed(np.average, "a", "weights")
    def average(a, axis=None, weights=None): ...

NumPy's function checks the arguments and computes the value, to the last bit. The derivative comes from walking back
through the composition, which is run again for that. Its result is not used, and it need not check anything.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..arguments import Traceable
from ..tape.rules import define, derivative
from ..tape.tape import Tape
from ..tape.tensor import Tensor, value_of


def composed(function: Callable[..., Any], *arrays: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a composition, with NumPy's own parameters, as the derivative of a function.

    Args:
        function: a function of NumPy.
        arrays: the names of the parameters that it is differentiated with respect to.
    """

    def enter(composition: Callable[..., Any]) -> Callable[..., Any]:
        names = list(inspect.signature(composition).parameters)
        last = max(map(names.index, arrays))
        derivative(function, *[_Pull(composition, i) if names[i] in arrays else None for i in range(last + 1)])
        return composition

    return enter


class _Pull:
    """The derivative rule of a composition's argument."""

    def __init__(self, composition: Callable[..., Any], position: int) -> None:
        self.composition = composition
        self.position = position
        first = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("g", "_y")]
        self.__signature__ = inspect.Signature([*first, *inspect.signature(composition).parameters.values()])

    def __call__(self, g: Any, _y: Any, *args: Any, **kwargs: Any) -> Any:
        before, x, after = args[: self.position], args[self.position], args[self.position + 1 :]
        with Tape(watch_variables=False) as tape:
            x = tape.watch(value_of_its_own(x))
            y = self.composition(*before, x, *after, **kwargs)
            if isinstance(y, tuple):
                y, g = sum([np.sum(np.real(a * b)) for a, b in zip(g, y, strict=True)]), None
        d = tape.gradient(y, x, seed=None if g is None else np.conjugate(g), unconnected="zero")
        d = np.conjugate(d)
        return d if any(isinstance(a, Traceable) for a in (g, *args)) else value_of(d)


def enter_alias(alias: Callable[..., Any], function: Callable[..., Any]) -> None:
    """Let a function do on tensors what another does, which takes the same arguments."""
    define(alias)(lambda *args, **kwargs: function(*args, **kwargs))


def value_of_its_own(x: Any) -> Tensor:
    """A new tensor of the same value, used by no operation yet. Unlike an array it takes tensors as indices."""
    x = np.reshape(x, np.shape(x))
    return x if isinstance(x, Tensor) else Tensor(x)


def array_or_tensor(x: Any) -> Any:
    """An array of what may be a list or a number; a tensor as it is."""
    return x if isinstance(x, Traceable) else np.asarray(x)
