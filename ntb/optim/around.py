"""Optimizers around an optimizer: what they do with its update is an update again.

So copies, files, traces and element types are as for any other. Their slots are those of the optimizer inside and some
of their own; learning rate and settings are the inner one's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InputError, describe
from .optimizer import Optimizer


class Around(Optimizer):
    """The base: a subclass names its own slots, gives their first values, and has an update around the inner one."""

    own_slots: tuple[str, ...] = ()

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer) or type(optimizer).update is Optimizer.update:
            raise InputError(
                f"{type(self).__name__} goes around an optimizer that updates each parameter by itself, such as "
                f"optim.Adam(), not {describe(optimizer)}"
            )
        self.slot_names = (*optimizer.slot_names, *self.own_slots)
        self._inner = optimizer
        super().__init__(optimizer.lr)
        vars(self)["_own_rate"] = vars(optimizer).get("_own_rate")

    def first_slots(self, w: Any) -> Sequence[Any]:
        return [*self._inner.first_slots(w), *self.first_own(w)]

    def first_own(self, w: Any) -> Sequence[Any]:
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        own = super().settings()
        del own["lr"]  # it is the inner one's
        return {"optimizer": self._inner, **own}
