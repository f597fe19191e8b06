"""What makes steps down a gradient: an optimizer, and what stands around one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InputError, describe
from ..habits import answer_to, of_class
from ..tape.tape import Tape
from ..variable import Variable


def loss_and_gradients(loss_function: Callable[[], Any], variables: Any) -> tuple[Any, list[Any], Sequence[Variable]]:
    """The loss, its gradients with respect to the variables, None for one that it does not depend on, and these.

    A model stands for its trainable Variables, which it may have from the first call of the loss on.
    """
    if not callable(loss_function):
        raise InputError(
            f"minimize computes the loss itself, and was given {describe(loss_function)}; "
            + answer_to("opt.minimize(loss, params)")
        )
    with Tape() as tape:
        loss = loss_function()
    if hasattr(variables, "trainable_variables"):
        variables = variables.trainable_variables()
    return loss, tape.gradient(loss, list(variables)), variables


class Minimizer:
    """A class with a method `apply`, which gets a method `minimize` by it."""

    __getattr__ = of_class("opt")

    def apply(self, grads: Sequence[Any], variables: Sequence[Variable]) -> None:
        """Make one step down these gradients."""
        raise NotImplementedError

    def minimize(self, loss_function: Callable[[], Any], variables: Any) -> Any:
        """One step down the gradient of `loss_function()` with respect to the variables, a list of them or a model's;
        returns the loss before it.

        >>> from ntb.optim import SGD
        >>> w = Variable(4.0)
        >>> SGD(lr=0.25).minimize(lambda: w * w, [w])
        Tensor(16.)
        >>> w
        Variable(2.)
        """
        loss, grads, variables = loss_and_gradients(loss_function, variables)
        self.apply(grads, variables)
        return loss
