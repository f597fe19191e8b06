"""Model: what a Solver needs to know of a model, as callables in a box."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Report = Iterable[tuple[str, Any]]


@dataclass(eq=False)
class Model:
    """What a Solver needs to know of a model. Each step reports (name, value) pairs.

    Args:
        train_step: (X, y, **kwargs), makes one step; epoch_step: (X_train_sample, y_train_sample, X_val, y_val).
        predict: X -> predictions. reset, save, load: of the state; usually those of the graph.
    """

    train_step: Callable[..., Report]
    epoch_step: Callable[..., Report]
    predict: Callable[[Any], Any]
    reset: Callable[[], None]
    save: Callable[[], Any]
    load: Callable[[Any], None]
