"""Sharpness-aware minimization: the gradient of a neighbour is followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..variable import Variable
from .averages import put_in
from .checks import checked, not_negative
from .minimizer import loss_and_gradients
from .precision import in_type_of
from .sizes import norm
from .wrapper import Wrapper


class SAM(Wrapper):
    """Minimizer down the gradient of a neighbour where the loss is higher: towards flat minima (Foret et al., 2021).

        e = rho * g / |g|                     (|g| over all parameters)
        w = a step of the optimizer from w, with the gradient at w + e

    For better generalisation at twice the time: it computes two gradients, so it is used by `minimize` alone.
    Parameters are of the types and shapes that the optimizer takes.

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

    def minimize(self, loss_function: Callable[[], Any], variables: Any) -> Any:
        """One step; returns the loss before it. Running statistics see both computations of the loss."""
        loss, grads, found = loss_and_gradients(loss_function, variables)
        grads, variables = checked(grads, list(found))
        length = np.sqrt(sum(np.square(norm(g).astype(float)) for g in grads))
        far = self.rho / np.where(length == 0, 1, length)
        with put_in(variables, [v + in_type_of(v, far) * g for v, g in zip(variables, grads)]):
            _, grads, _ = loss_and_gradients(loss_function, variables)
        self.optimizer.apply(grads, variables)
        return loss
