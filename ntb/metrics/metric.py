"""Metric: what all streaming metrics are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from ..habits import knows_habits, of_class


class Metric:
    """Sums over batches of examples, and what follows from them.

    A metric of your own defines `first`, the sums of nothing, `update`, which adds a batch to them, and `result`.

    Attributes:
        sums: arrays by name, all that it remembers. `state` gives copies, which can be saved by `np.savez`.

    >>> class Largest(Metric):
    ...     def first(self):
    ...         return {"error": np.array(0.0)}
    ...
    ...     def update(self, predictions, targets):
    ...         self.sums["error"] = np.maximum(self.sums["error"], np.max(np.abs(predictions - targets)))
    ...
    ...     def result(self):
    ...         return float(self.sums["error"])
    >>> largest = Largest()
    >>> largest.update(np.array([1.0, 2.0]), np.array([1.5, 2.0]))
    >>> largest.result()
    0.5
    """

    __getattr__ = of_class("metric")

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls) and cls.__module__.startswith("ntb."):
            cls.__init__ = knows_habits(cls.__init__)  # type: ignore[method-assign]

    def __init__(self) -> None:
        self.reset()

    def first(self) -> dict[str, np.ndarray]:
        """The sums of no examples: arrays by name, of any shapes and element types."""
        raise NotImplementedError(f"{type(self).__name__} does not define first(self), which gives arrays by name")

    def update(self, predictions: Any, targets: Any) -> None:
        """Add a batch of examples."""
        raise NotImplementedError(f"{type(self).__name__} does not define update(self, predictions, targets)")

    def result(self) -> Any:
        """The metric of all examples since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} does not define result(self)")

    def reset(self) -> None:
        """Forget all examples, as at the beginning of an epoch."""
        self.sums = self.first()

    def __repr__(self) -> str:
        settings = {k: v for k, v in vars(self).items() if k != "sums" and k[0] != "_" and v is not None}
        shown = [f"{k}={getattr(v, '__name__', repr(v))}" for k, v in settings.items()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all arrays that it remembers, by name."""
        return {name: np.array(value) for name, value in self.sums.items()}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from what `state` gave, in another process too.

        Raises:
            InputError: other names than those of this metric.
        """
        if state.keys() != self.first().keys():
            raise InputError(
                f"the state of a {type(self).__name__} has the names {sorted(self.first())}, not {sorted(state)}; "
                "is it that of another metric?"
            )
        self.sums = {name: np.array(value) for name, value in state.items()}


def measured(metric: Any, *batch: Any, mask: Any = None) -> Any:
    """The metric of one batch alone."""
    metric.update(*batch, mask=mask)
    return metric.result()
