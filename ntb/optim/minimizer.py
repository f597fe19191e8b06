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

    A model stands for its trainable Variables, also in a list; it may have them from the first call of the loss on.

    Raises:
        InputError: no function, or nothing that is trainable.
    """
    if not callable(loss_function):
        raise InputError(
            f"minimize computes the loss itself, and was given {describe(loss_function)}; "
            + answer_to("opt.minimize(loss, params)")
        )
    with Tape() as tape:
        loss = loss_function()
    found = variables_of(variables)
    if all(isinstance(v, Variable) and v.frozen for v in found):
        raise InputError(
            "nothing of the model is trainable, so that a step would leave it as it is: it has no Variables, or all of "
            "them are frozen; model.trainable = True"
        )
    return loss, tape.gradient(loss, found), found


def variables_of(given: Any) -> list[Any]:
    """The trainable Variables of a model; of a list those of its models, and its Variables."""
    parts = [given] if _is_model(given) else given
    return [v for part in parts for v in (part.trainable_variables() if _is_model(part) else [part])]


def _is_model(part: Any) -> bool:
    return not isinstance(part, Variable) and hasattr(part, "trainable_variables")


class Minimizer:
    """A class with a method `apply`, which gets a method `minimize` by it."""

    __getattr__ = of_class("opt")

    def _repr_html_(self) -> str:
        """As `repr`, and how many steps it has made, and for how many parameters it remembers something."""
        from ..markup.pieces import listing, table, titled

        step, slots = getattr(self, "step", None), getattr(self, "slots", {})
        rows: list[tuple[str, Any]] = [("steps", step.get().value)] if isinstance(step, Variable) else []
        rows += [(name, f"of {len(cells)} parameter{'s' * (len(cells) != 1)}") for name, cells in slots.items()]
        return titled(type(self).__name__, listing(repr(self).split("\n")), table([], rows))

    def apply(self, grads: Sequence[Any], variables: Sequence[Variable]) -> None:
        """Make one step down these gradients."""
        raise NotImplementedError

    def minimize(self, loss_function: Callable[[], Any], variables: Any) -> Any:
        """One step down the gradient of `loss_function()` with respect to the variables, a model's or those in a list,
        which may hold models, too; returns the loss before it.

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
