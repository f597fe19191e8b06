"""The training step that a Trainer makes of a model, a loss and an optimizer, and the model as it is used outside of
training."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InputError
from ..optim.minimizer import loss_and_gradients
from ..state import named_variables
from ..variable import Variable

_Gradients = dict[str, Any]
_Watcher = Callable[[_Gradients], dict[str, Any]]
"""What is told of the gradients of each step, by the paths of the parameters, and reports numbers."""


def training_step(
    model: Callable[..., Any], loss: Callable[..., Any], optimizer: Any, watchers: Sequence[_Watcher], predicts: bool
) -> Callable[..., Any]:
    """A function of a batch, `(*inputs, target)`, that makes one step and returns a report: a dict of numbers, and with
    `predicts` what the model made of the inputs, as "predictions"."""
    called = with_train(model)

    def step(*batch: Any) -> dict[str, Any]:
        *inputs, target = _with_target(batch)
        made: list[Any] = []

        def loss_function() -> Any:
            made[:] = [called(*inputs, train=True)]
            return loss(made[0], target)

        report = {}
        if watchers:
            report["loss"], gradients, variables = loss_and_gradients(loss_function, _parameters(model))
            named = _named(model, variables, gradients)
            for watcher in watchers:
                report |= watcher(named)
            optimizer.apply(gradients, variables)
        else:
            report["loss"] = optimizer.minimize(loss_function, _parameters(model))
        return report | ({"predictions": made[0]} if predicts else {})

    return step


def with_train(model: Callable[..., Any]) -> Callable[..., Any]:
    """The model as a function of its inputs and `train`, which is left out where the model does not take it."""
    try:
        parameters = inspect.signature(model).parameters
    except (TypeError, ValueError):  # of a function in C
        parameters = {}  # type: ignore[assignment]
    if "train" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return model
    return lambda *inputs, train: model(*inputs)


def _with_target(batch: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(batch) < 2:
        raise InputError(
            "a batch is a tuple of inputs and a target, (x, y), as data.batches(x, y, size=100) gives them; this one "
            f"has {len(batch)} part. (A model that is its own teacher: fit(x, x); a loss of another form: step=)"
        )
    return batch


def _parameters(model: Any) -> Any:
    """What the optimizer changes: a model, or the Variables that a function or another object holds."""
    if hasattr(model, "trainable_variables"):
        return model
    found = [v for v in named_variables(model).values() if isinstance(v, Variable) and v.trainable]
    if not found:
        raise InputError(
            f"no Variables are found in the model, {model!r}, so that there is nothing to train: a model is an object "
            "whose attributes hold them, such as a Module; a function of Variables around it needs a step of its own, "
            "Trainer(variables, step=step)"
        )
    return found


def _named(model: Any, variables: Sequence[Variable], gradients: Sequence[Any]) -> _Gradients:
    names = {v: name for name, v in named_variables(model).items() if isinstance(v, Variable)}
    return {names.get(v, v.name or str(i)): g for i, (v, g) in enumerate(zip(variables, gradients)) if g is not None}
