"""A step of an optimizer, as what goes into it and what comes out, apart from where both are kept."""

from __future__ import annotations

from typing import Any

from ..forms import block


class Step:
    """What goes into a step: arrays, or tensors of them.

    Args:
        optimizer: it defines `update` or `update_all`.
        lr: the learning rate.
        t: the number of the step, from 1.
        cells: for each parameter its value and its slots.
        grads: for each parameter its gradient, of the same dtype.
    """

    __slots__ = ("cells", "grads", "lr", "optimizer", "t")

    def __init__(self, optimizer: Any, lr: Any, t: Any, cells: list[list[Any]], grads: list[Any]) -> None:
        self.optimizer, self.lr, self.t, self.cells, self.grads = optimizer, lr, t, cells, grads


@block
def updated(step: Step) -> list[tuple]:
    """For each parameter its new value and slots: as the optimizer says."""
    return step.optimizer.update_all(step.cells, step.grads, step.lr, step.t)
