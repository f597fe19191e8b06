"""The learning rate of an optimizer: a number that can be replaced, a Variable, or a schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..variable import Variable
from .checks import checked_rate

LearningRate = float | Variable | Callable[[Any], Any]


class Rated:
    """What has a learning rate, `lr`, and the number of its steps, `step`."""

    step: Variable
    _own_rate: Variable | None
    """The Variable that was made for a number."""

    @property
    def lr(self) -> Variable | Callable[[Any], Any]:
        return vars(self)["lr"]

    @lr.setter
    def lr(self, rate: LearningRate) -> None:
        before, rate = vars(self).get("lr"), checked_rate(rate)
        if callable(rate) or isinstance(rate, Variable):
            vars(self)["lr"] = rate
        elif isinstance(before, Variable):
            before.assign(rate)
        else:
            vars(self)["lr"] = self._own_rate = Variable(float(rate), trainable=False, name="lr")

    @property
    def lr_now(self) -> float:
        """The learning rate of the next step, as a number.

        >>> from ntb.optim import SGD, schedules
        >>> SGD(schedules.warmup(3, 1.0)).lr_now
        0.25
        """
        return float(self._rate(None))

    def _rate(self, lr: Any) -> Any:
        rate = self.lr if lr is None else lr
        return rate(self.step.read()) if callable(rate) else rate
