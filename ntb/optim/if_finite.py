"""Steps with an infinity or a NaN are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..variable import Variable
from .checks import checked
from .wrapper import Wrapper


class ApplyIfFinite(Wrapper):
    """An optimizer that leaves out steps whose gradients hold an infinity or a NaN.

    For training in half precision, and where a rare batch is broken. A loss that is always NaN makes no step at all:
    look at `skipped`. `ntb.debug_nans` finds where a NaN comes from.

    Attributes:
        skipped: how many steps were left out.

    >>> from ntb.optim import SGD
    >>> w, opt = Variable(1.0), ApplyIfFinite(SGD(0.5))
    >>> for g in (1.0, np.nan):
    ...     opt.apply([np.array(g)], [w])
    >>> w, opt.skipped
    (Variable(0.5), Variable(1, name='skipped'))
    """

    def __init__(self, optimizer: Any) -> None:
        super().__init__(optimizer)
        self.skipped = Variable(0, trainable=False, name="skipped")

    def apply(self, grads: Sequence[Any], variables: Sequence[Variable], *, lr: Any = None) -> None:
        """Make one step if all gradients are finite."""
        grads, variables = checked(list(grads), list(variables))
        if all(bool(np.all(np.isfinite(g))) for g in grads):
            self.optimizer.apply(grads, variables, lr=lr)
        else:
            self.skipped.assign_add(1)
