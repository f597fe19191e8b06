"""What distributions have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..habits import knows_habits, of_class
from ..nn.checks import checked_shape, floating, real_floating, real_numbers
from ..values.creation import in_type


class Distribution:
    """The base of distributions. Parameters are real numbers of any floating type, whose common type draws have.

    Attributes:
        shape: of one draw.
        dtype: of draws and log-probabilities.
    """

    __getattr__ = of_class("distribution")
    shape: tuple[int, ...]
    dtype: np.dtype

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls) and cls.__module__.startswith("ntb."):
            cls.__init__ = knows_habits(cls.__init__)  # type: ignore[method-assign]

    def sample(self, size: Any = (), *, rng: random.Generator | None = None) -> Any:
        """Draws: an array of shape (*size, *shape).

        Args:
            size: how many, a whole number or a tuple of such; () for one draw.
            rng: the generator that draws; by default the one that `ntb.random.seed` seeds.
        """
        return self._drawn((*checked_shape(size), *self.shape), rng or random.default())

    def _drawn(self, shape: tuple[int, ...], rng: random.Generator) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define _drawn(self, shape, rng)")

    def log_prob(self, x: Any) -> Any:
        """The logarithm of the probability, or of its density, of each x, whose shape broadcasts with that of a draw;
        -inf where there is none."""
        raise NotImplementedError(f"{type(self).__name__} must define log_prob(self, x)")

    def entropy(self) -> Any:
        """The mean of -log_prob, in nats, of the shape of the parameters."""
        raise NotImplementedError(f"{type(self).__name__} must define entropy(self)")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(shape={self.shape}, dtype={self.dtype})"


def parameters(kind: Any, **given: Any) -> list[Any]:
    """The parameters of a distribution as floating-point numbers that are broadcast against each other, of the common
    type of the arrays among them: numbers of Python have none."""
    arrays = [real_numbers(a, f"the parameters of {type(kind).__name__}") for a in floating(*given.values())]
    typed = [a for a, x in zip(arrays, given.values()) if not isinstance(x, (int, float))]
    kind.dtype = np.result_type(*[a.dtype for a in typed or arrays])
    try:
        kind.shape = np.broadcast_shapes(*[a.shape for a in arrays])
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in zip(given, arrays))
        raise InputError(f"the parameters of {type(kind).__name__} do not fit each other: {shapes}") from None
    return [in_type(a, kind.dtype) for a in arrays]


def outcome(kind: Distribution, x: Any) -> Any:
    """What may have been drawn, in the type of the distribution."""
    return in_type(real_floating(x, "outcomes"), kind.dtype)
