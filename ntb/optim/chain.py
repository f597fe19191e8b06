"""Gradients are changed before a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..variable import Variable
from .wrapper import Wrapper


class Chain(Wrapper):
    """Functions of the gradients, one after the other, before an optimizer's step.

    For clipping, noise, weight decay of one's own, where the step is made by `minimize` or by someone else's loop.

    Args:
        parts: functions of the list of gradients, arrays of numbers, each giving a list, or a list with something
            beside it, as `clip_by_global_norm` does; the last part is the optimizer.

    >>> from ntb.optim import SGD, clip_by_global_norm
    >>> w, opt = Variable(10.0), Chain(lambda grads: clip_by_global_norm(grads, 1.0), SGD(0.5))
    >>> loss = opt.minimize(lambda: w * w, [w])
    >>> w
    Variable(9.5)
    """

    def __init__(self, *parts: Any) -> None:
        *functions, optimizer = parts or (None,)
        super().__init__(optimizer)
        self.functions: list[Callable[[list], Any]] = functions

    def apply(self, grads: Sequence[Any], variables: Sequence[Variable], *, lr: Any = None) -> None:
        """Make one step with what the functions make of the gradients."""
        changed: Any = list(grads)
        for function in self.functions:
            changed = function(changed)
            changed = changed[0] if isinstance(changed, tuple) else changed
        self.optimizer.apply(changed, variables, lr=lr)
