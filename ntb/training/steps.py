"""A training step, as a Trainer makes it of a model, a loss and an optimizer, or is given it; and how it is called.

Whoever makes it, it is a function of a batch that changes Variables and returns a report: a dict of numbers, and where
metrics need it what the model made of the inputs, as "predictions", and "target" if that is not the last of the batch.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError, describe
from ..optim.minimizer import Minimizer, loss_and_gradients
from ..replay.function import Function, function
from ..replay.trace import Transaction
from ..state import named_variables
from ..tape.listener import listeners
from ..variable import Variable
from .report import named, not_a_number

_Step = Callable[..., Any]
_Watcher = Callable[[dict[str, Any]], Mapping[str, Any]]
"""What is told of the gradients of each step, by the paths of the parameters, and returns numbers to report."""


def standard_step(
    model: Callable[..., Any], loss: Callable[..., Any], optimizer: Any, watchers: Sequence[_Watcher]
) -> _Step:
    """A step down the gradient of the loss: a function of a batch `(*inputs, target)`."""
    called = with_train(model)
    if watchers and type(optimizer).minimize is not Minimizer.minimize:
        raise InputError(
            f"{type(optimizer).__name__} computes its gradients within `minimize`, so that no callback can watch them; "
            "leave out GradientNorms and its like"
        )

    def step(*batch: Any) -> dict[str, Any]:
        *inputs, target = with_target(batch)
        made: list[Any] = []

        def loss_function() -> Any:
            made[:] = [called(*inputs, train=True)]
            return _one_number(loss(made[0], target))

        report: dict[str, Any] = {}
        if watchers:
            report["loss"], gradients, variables = loss_and_gradients(loss_function, _parameters(model))
            by_name = _by_name(model, variables, gradients)
            for watcher in watchers:
                report |= watcher(by_name)
            optimizer.apply(gradients, variables)
        else:
            report["loss"] = optimizer.minimize(loss_function, _parameters(model))
        return report | {"predictions": made[0]}

    return step


def _reporting(step: _Step, predicts: bool) -> _Step:
    """A step whose report is a dict of numbers, with predictions if it is to have them, and without if not.

    With it what a step reports is looked at while it is traced, when all that it did can be undone.
    """

    def step_reporting(*batch: Any) -> dict[str, Any]:
        report = dict(named(step(*batch)))
        measured = {name: report.pop(name) for name in ("predictions", "target") if name in report}
        for name, value in report.items():
            if np.ndim(value):
                raise not_a_number(name, value)
        if not predicts:
            return report
        if "predictions" not in measured:
            raise InputError(
                "metrics are measured on predictions, which the step does not return; return them with the loss, "
                '{"loss": loss, "predictions": model(x)}'
            )
        return report | measured

    return step_reporting


def as_called(step: _Step, predicts: bool, traced: bool) -> _Step:
    """The step as it is called in training: traced and replayed, or run as it is. If it fails nothing is changed."""
    if isinstance(step, Function):  # it is traced as its maker wants it
        return _reporting(step, predicts)
    step = _reporting(step, predicts)
    if traced:
        return function(step)

    def step_as_a_whole(*batch: Any) -> Any:
        transaction = Transaction()
        try:
            with transaction:
                return step(*batch)
        except BaseException:
            listeners.set(())  # an interrupt may have kept the `with` block of a tape from closing it
            transaction.roll_back()
            raise

    return step_as_a_whole


def with_train(model: Callable[..., Any]) -> Callable[..., Any]:
    """The model as a function of its inputs and `train`, which is left out where the model does not take it."""
    try:
        parameters = inspect.signature(model).parameters
    except (TypeError, ValueError):  # of a function in C
        parameters = {}  # type: ignore[assignment]
    if "train" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return model
    return lambda *inputs, train: model(*inputs)


def with_target(batch: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(batch) == 1 and isinstance(batch[0], Mapping):
        raise InputError(
            f"a batch is a tuple of inputs and a target, and this one is a dict of {', '.join(map(str, batch[0]))}; "
            'make tuples of it, fit(lambda: ((b["x"], b["y"]) for b in batches)), or take it apart in a step='
        )
    if len(batch) < 2:
        raise InputError(
            "a batch is a tuple of inputs and a target, (x, y), as data.batches(x, y, size=100) gives them; this one "
            f"has {len(batch)} part. (A model that is its own teacher: fit(x, x); a loss of another form: step=)"
        )
    return batch


def _one_number(loss: Any) -> Any:
    if np.ndim(loss):
        raise InputError(
            f"the loss of a batch is one number, and this one is {describe(loss)}; take its mean, as the losses of nn "
            "do by themselves"
        )
    return loss


def _parameters(model: Any) -> Any:
    """What the optimizer changes: a model, or the Variables that a function or another object holds."""
    if hasattr(model, "trainable_variables"):
        return model
    found = [v for v in named_variables(model).values() if isinstance(v, Variable)]
    if not found:
        raise InputError(
            f"no Variables are found in the model, {model!r}, so that there is nothing to train: a model is an object "
            "whose attributes hold them, such as a Module; a function of Variables around it needs a step of its own, "
            "Trainer(variables, step=step)"
        )
    return [v for v in found if v.trainable]


def _by_name(model: Any, variables: Sequence[Variable], gradients: Sequence[Any]) -> dict[str, Any]:
    """Gradients by the paths of their parameters, without those that the loss does not depend on."""
    names = {v: name for name, v in named_variables(model).items() if isinstance(v, Variable)}
    return {names.get(v, v.name or str(i)): g for i, (v, g) in enumerate(zip(variables, gradients)) if g is not None}
