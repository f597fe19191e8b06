"""What stands around a step of an optimizer: gradients are changed before it, or it is left out.

A wrapper has the methods `apply` and `minimize`, and shows the learning rate and the number of steps of the optimizer
inside. What both keep is found in it: save it as you would the optimizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InputError, describe
from ..variable import Variable
from .minimizer import Minimizer


class Wrapper(Minimizer):
    """The base: all is done by the optimizer inside."""

    def __init__(self, optimizer: Any) -> None:
        if not isinstance(optimizer, Minimizer):
            raise InputError(
                f"{type(self).__name__} takes an optimizer, such as optim.Adam(), not {describe(optimizer)}"
            )
        self.optimizer: Any = optimizer

    @property
    def step(self) -> Variable:
        """How many steps the optimizer has made."""
        return self.optimizer.step

    @property
    def lr(self) -> Any:
        """The optimizer's learning rate."""
        return self.optimizer.lr

    @lr.setter
    def lr(self, rate: Any) -> None:
        self.optimizer.lr = rate

    @property
    def lr_now(self) -> float:
        """The learning rate of its next step, as a number."""
        return self.optimizer.lr_now

    def apply(self, grads: Sequence[Any], variables: Sequence[Variable], *, lr: Any = None) -> None:
        """Make one step; see `Optimizer.apply`."""
        self.optimizer.apply(grads, variables, lr=lr)

    def __repr__(self) -> str:
        own = [f"{k}={v}" for k, v in vars(self).items() if k != "optimizer" and not isinstance(v, Variable)]
        return f"{type(self).__name__}({', '.join([repr(self.optimizer), *own])})"
