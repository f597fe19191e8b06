"""Trainer: from a model, a loss and an optimizer to a trained model.

trainer = Trainer(model, nn.cross_entropy, optim.Adam(1e-3), metrics={"accuracy": nn.accuracy})
trainer.fit(x, y, epochs=10, batch_size=100, validation=(x_val, y_val))
trainer.evaluate(x_test, y_test)
trainer.predict(x_new)

What it does in each epoch is what a loop by hand does:

for x, y in batches:
    optimizer.minimize(lambda: loss(model(x, train=True), y), model)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError, describe
from ..habits import knows_habits, of_class
from ..optim.minimizer import Minimizer
from . import checkpoint
from .callbacks.callback import Callback, callbacks_of
from .evaluation import Evaluation
from .history import History
from .loop import Loop
from .measures import metrics_of
from .source import sourced, validated
from .steps import as_called, standard_step

_NOT_COPIED = ("plain_step", "_train", "_evaluation", "_watching", "_source", "_generators", "_back", "_enter")
"""The attributes that a copy makes for itself, as they are functions, or belong to a `fit` that goes on."""


class Trainer(Loop):
    """Trains a model epoch by epoch, tells how it goes, and remembers where it is.

    Args:
        model: called as `model(*inputs)`, and with `train=True` in a step of training where it takes that; its
            Variables are what is trained. With `step=` anything that holds Variables.
        loss: of the predictions and the target, `loss(model(x), y)`, such as `nn.cross_entropy`; one number. Beside a
            step of your own it is what `evaluate` measures.
        optimizer: of ntb.optim.
        metrics: what else is measured of predictions and targets, by name, or in a list: functions such as
            `nn.accuracy`, of which the mean over rows is taken, and functions and objects of ntb.metrics, whose result
            is that of all rows at once.
        callbacks: a list of Callbacks, and of functions of the trainer and the report of an epoch.
        step: a training step of your own in place of loss and optimizer: called with the parts of each batch, it
            changes the Variables and returns the loss, or a dict of numbers to report (for metrics "predictions", too,
            and "target" where that is not the last part of the batch).
        state: by name what else training changes: other models and optimizers, and the generators that data are drawn
            from.
        seed: of the order of rows; by itself drawn from ntb's default generator.
        traced: whether steps are traced and replayed (`ntb.function`).
        progress: whether to print a bar on a terminal or in a notebook, a line for each epoch elsewhere.
        strategy: who makes the steps, if not this process, such as a cluster: an object with `begin(trainer)`,
            `step(*batch)`, which returns the report, and `collect()`, which brings model and optimizer up to date.

    Attributes:
        history: a `History`: by name a list with one number for each epoch: "epoch", "seconds", means over the epoch's
            batches, in which each counts by its number of rows, and with "val_" before the name what was validated.
        epoch, step, steps: how many epochs have ended, how many steps were made in the one that has not, and in all.
        stopped: why a callback ended training; "" if none did.

    `fit` goes on from where training stands: two epochs and then two more are four, bit for bit, and so they are with
    `save` and `load` between, in another process too. State are the Variables of model, optimizer and `state`, their
    generators, the default generators, where the epoch is, its sums, history, and what callbacks remember. After
    Ctrl-C, which ends training after the step that is being made, or after an error, it is that of the last step.

    Raises:
        InputError: neither loss and optimizer nor a step; metrics or callbacks that are none.

    >>> import ntb
    >>> x = np.linspace(-1, 1, 32).reshape(-1, 1)
    >>> model = ntb.nn.Sequential(ntb.nn.Linear(1, 1, rng=ntb.random.generator(0)))
    >>> trainer = Trainer(model, ntb.nn.mse, ntb.optim.SGD(0.5), seed=0)
    >>> history = trainer.fit(x, 3 * x + 1, epochs=3, batch_size=16)
    epoch 1/3  loss 2.04
    epoch 2/3  loss 0.2979
    epoch 3/3  loss 0.05067
    >>> trainer.evaluate(x, 3 * x + 1)["loss"] < 0.05
    True
    """

    __getattr__ = of_class("trainer")

    @knows_habits
    def __init__(
        self,
        model: Any,
        loss: Callable[..., Any] | None = None,
        optimizer: Any = None,
        *,
        metrics: Mapping[str, Any] | Sequence[Any] = (),
        callbacks: Sequence[Any] = (),
        step: Callable[..., Any] | None = None,
        state: Mapping[str, Any] | None = None,
        seed: int | None = None,
        traced: bool = True,
        progress: bool = True,
        strategy: Any = None,
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.traced = traced
        self.seed = int(random.default().integers(2**31)) if seed is None else int(seed)
        self._own_step = step
        known = {"model": model, "optimizer": optimizer, **(state or {})}
        super().__init__(metrics_of(metrics), callbacks_of(callbacks), known, progress, strategy)
        self._build()

    # --- training

    @knows_habits
    def fit(
        self,
        x: Any,
        y: Any = None,
        *,
        epochs: int | None = None,
        until: int | None = None,
        batch_size: int = 32,
        validation: Any = None,
        shuffle: bool | Any = True,
        drop_last: bool = False,
    ) -> History:
        """Train for some epochs.

        Args:
            x: the inputs, an array (N, ...), or a tuple of arrays for a model of several; or batches: an iterable such
                as `data.batches(x, y, size=100)`, or a function that returns one, called anew for each epoch.
            y: the targets, an array (N, ...); None where x are batches, or a step of your own needs none.
            epochs: how many more, 1 by default; one that was begun before counts.
            until: in place of `epochs`: how many there shall be in all. Where there are as many already, or a callback
                has stopped training before, nothing is done: for programs that resume.
            batch_size: rows in a step, where arrays are given; the last batch may be smaller.
            validation: a tuple `(x, y)` as above, or batches, on which loss and metrics are measured after each epoch.
            shuffle: whether rows come in another order in each epoch, as seed and epoch say; or what `data.batches`
                takes.
            drop_last: whether a smaller last batch is left out.

        Returns:
            The history.

        Raises:
            InputError: arguments of other kinds; an epoch without batches; and what the step raises.

        To go on exactly in the middle of an epoch, in another process, its batches must come again: by seeds, as those
        of arrays do, or from generators in the trainer's state or the default ones. What keeps drawn numbers for later,
        as a buffer that shuffles, needs a generator of its own, and threads that read ahead need seeds.
        """
        last = self._last(epochs, until)
        self.callbacks = callbacks_of(self.callbacks)
        if self._watching != _watching(self.callbacks):
            self._build()
        source = sourced(x, y, batch_size, self.seed if shuffle is True else shuffle, drop_last)
        held_out = validated(validation, batch_size)
        self._run(source, held_out, last)
        return self.history

    # --- using the model

    def evaluate(self, x: Any, y: Any = None, *, batch_size: int = 500) -> dict[str, float]:
        """Loss and metrics, by name, of arrays or batches as `fit` takes them, without training.

        Raises:
            InputError: as `fit`; there is neither a loss nor a metric.
        """
        return self._evaluation.evaluate(sourced(x, y, batch_size, None))

    def predict(self, x: Any, *, batch_size: int = 500) -> Any:
        """What the model makes of inputs, in batches: an array (N, ...), or the model's structure of such.

        Args:
            x: an array (N, ...) or a list of rows, a tuple of arrays for a model of several inputs, or batches of
                inputs.
            batch_size: rows at a time, where arrays are given.

        Raises:
            InputError: no rows; a model that cannot be called, or gives no rows.
        """
        x = np.asarray(x) if isinstance(x, list) else x
        return self._evaluation.predict(sourced(x, None, batch_size, None))

    # --- files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save all that training needs to go on, and what made the file (`training.about`), as .npz or .safetensors.

        Raises:
            InputError: another ending; a callback's state that no file can hold.
            OSError: the disk is full, or there is no such folder; an old file is as it was.
        """
        self._collect()
        checkpoint.write(self, path)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a file of `save`, or of the callback `Checkpoint`. If it does not fit nothing is changed.

        Callbacks are known again by their class, and by what they watch; one that is not in the file stays as it is.

        Raises:
            InputError: names, shapes or dtypes differ from the model's or optimizer's, or it is a file of another kind.
            FileNotFoundError: there is no such file.
        """
        checkpoint.read(self, path)

    def resume(self, path: str | os.PathLike[str]) -> bool:
        """`load` if there is such a file; returns whether there was: for programs that may begin anew or go on."""
        if not os.path.exists(path):
            return False
        self.load(path)
        return True

    # --- within

    def _build(self) -> None:
        """Make the functions that call the model. They know which callbacks watch gradients; a copy makes its own."""
        self._watching = _watching(self.callbacks)
        self.plain_step = self._own_step or self._standard_step()
        if self._own_step is not None:
            self._check_own_step(self._own_step)
        called = as_called(self.plain_step, bool(self.metrics), self.traced)
        self._train = self.strategy.step if self.strategy else called
        self._evaluation = Evaluation(self.model, self.loss, self.metrics, self.traced)

    def _standard_step(self) -> Callable[..., Any]:
        if not callable(self.loss) or not isinstance(self.optimizer, Minimizer):
            raise InputError(
                "Trainer(model, loss, optimizer) needs a function of predictions and target, such as nn.cross_entropy, "
                "and an optimizer, such as optim.Adam(1e-3), or a step= of your own; got loss="
                f"{describe(self.loss)} and optimizer={describe(self.optimizer)}"
            )
        return standard_step(self.model, self.loss, self.optimizer, [callback.gradients for callback in self._watching])

    def _check_own_step(self, step: Any) -> None:
        if not callable(step):
            raise InputError(f"step= is a function of the parts of a batch that returns the loss, not {describe(step)}")
        if self.strategy:
            raise InputError(
                "a step= of your own makes a whole step in one place, and strategy= divides it: give loss and optimizer"
            )
        if self._watching:
            raise InputError(
                f"{type(self._watching[0]).__name__} watches the gradients of the trainer's own step; a step= of yours "
                'reports what it knows, as in {"loss": loss, "gradient_norm": norm}'
            )

    def _last(self, epochs: int | None, until: int | None) -> int:
        """The number of epochs after which `fit` ends."""
        if epochs is not None and until is not None:
            raise InputError("fit takes either epochs=, how many more, or until=, how many in all")
        count = until if until is not None else 1 if epochs is None else epochs
        if not isinstance(count, (int, np.integer)) or isinstance(count, bool) or count < 0:
            raise InputError(f"the number of epochs is a whole number, 0 or more, not {count!r}")
        if until is None:
            self.stopped = ""
        return int(count) + (self.epoch if until is None else 0)

    def __getstate__(self) -> dict[str, Any]:
        return {name: x for name, x in vars(self).items() if name not in _NOT_COPIED}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._forget()
        vars(self).update(state)
        self._build()

    def __repr__(self) -> str:
        where = f"epoch {self.epoch}" + (f", step {self.step} of the next" if self.step else "")
        return f"Trainer({type(self.model).__name__}, {self.optimizer!r}: {where})"


def _watching(callbacks: Sequence[Callback]) -> list[Any]:
    """Those that watch gradients."""
    return [callback for callback in callbacks if hasattr(type(callback), "gradients")]
