"""What stands around a step of an optimizer: gradients are changed before it, or it is left out.

A wrapper has the methods `apply` and `minimize`, and shows the learning rate and the number of steps of the optimizer
inside. What both keep is found in it: save it as you would the optimizer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..tape.tape import Tape
from ..variable import Variable
from .averages import put_in
from .checks import checked, not_negative
from .minimizer import Minimizer
from .precision import in_type_of
from .sizes import norm


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


class Chain(Wrapper):
    """Functions of the gradients, one after the other, before an optimizer's step.

    For clipping, noise, weight decay of one's own, where the step is made by `minimize` or by someone else's loop.

    Args:
        parts: functions of the list of gradients, each giving a list, or a list with something beside it, as
            `clip_by_global_norm` does; the last part is the optimizer.

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


class SAM(Wrapper):
    """Minimizer down the gradient of a neighbour where the loss is higher: towards flat minima (Foret et al., 2021).

        e = rho * g / |g|                     (|g| over all parameters)
        w = a step of the optimizer from w, with the gradient at w + e

    For better generalisation at twice the time: it computes two gradients, so it is used by `minimize` alone.

    >>> from ntb.optim import SGD
    >>> w, opt = Variable(1.0), SAM(SGD(0.25), rho=0.5)
    >>> loss = opt.minimize(lambda: w * w, [w])                               # the gradient at 1.5 is 3
    >>> w
    Variable(0.25)
    """

    def __init__(self, optimizer: Any, rho: float = 0.05) -> None:
        super().__init__(optimizer)
        self.rho = not_negative("rho", rho)

    def apply(self, grads: Sequence[Any], variables: Sequence[Variable], *, lr: Any = None) -> None:
        """Refused: a step needs the loss.

        Raises:
            InputError: always.
        """
        raise InputError("SAM computes the gradient twice, so it needs the loss: opt.minimize(lambda: loss, variables)")

    def minimize(self, loss_function: Callable[[], Any], variables: Sequence[Variable]) -> Any:
        """One step; returns the loss before it. Running statistics see both computations of the loss."""
        with Tape() as tape:
            loss = loss_function()
        grads, variables = checked(tape.gradient(loss, list(variables)), list(variables))
        length = np.sqrt(sum(np.square(norm(g).astype(float)) for g in grads))
        far = self.rho / np.where(length == 0, 1, length)
        with put_in(variables, [v + in_type_of(v, far) * g for v, g in zip(variables, grads)]), Tape() as tape:
            there = loss_function()
            grads = tape.gradient(there, variables)
        self.optimizer.apply(grads, variables)
        return loss
