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

import copy
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..habits import knows_habits, of_class
from ..metrics.means import Mean
from ..progress import Progress
from ..replay.function import Function, function
from ..tape.tensor import value_of
from ..tree import tree_map
from . import checkpoint
from .callbacks.callback import Callback, Called
from .generators import generators, restore
from .history import History
from .interrupts import Interrupts
from .report import Means, numbers, rows_of
from .source import Source, sourced, validated
from .steps import training_step, with_train


class Trainer:
    """Trains a model epoch by epoch, tells how it goes, and remembers where it is.

    Args:
        model: called as `model(*inputs)`, and with `train=True` in a step of training where it takes that; its
            Variables are what is trained. With `step=` anything that holds Variables.
        loss: of the predictions and the target, `loss(model(x), y)`, such as `nn.cross_entropy`.
        optimizer: of ntb.optim.
        metrics: by name what else is measured of predictions and targets: metrics of ntb.metrics, which are told of
            all batches, or functions, of which the mean over rows is taken, such as `nn.accuracy`.
        callbacks: Callbacks, and functions of the trainer and the report of an epoch, in the order of their calls.
        step: a training step of your own in place of loss and optimizer: called with the parts of each batch, it
            changes the Variables and returns the loss, or a dict of numbers to report (for metrics "predictions", too).
        state: what else training changes, such as generators, by name.
        seed: of the order of rows; by itself drawn from ntb's default generator.
        traced: whether steps are traced and replayed (`ntb.function`).
        progress: whether to print a bar on a terminal, a line for each epoch elsewhere.
        strategy: who makes the steps, if not this process: `ntb.distributed.DataParallel`, a cluster.

    Attributes:
        history: a `History`: by name a list with one number for each epoch: "epoch", "seconds", means over the epoch's
            batches, in which each counts by its number of rows, and with "val_" before the name what was validated.
        epoch, step, steps: how many epochs have ended, how many steps were made in the one that has not, and in all.
        stopped: why a callback ended training; "" if none did.

    `fit` goes on from where training stands: two epochs and then two more are four, bit for bit, and so they are with
    `save` and `load` between, in another process too. State are the Variables of model and optimizer, their generators,
    the default generators, where the epoch is, its sums, history, and what callbacks remember. After Ctrl-C, which ends
    training after the step that is being made, or after an error, it is that of the last step.

    >>> import ntb
    >>> x = np.linspace(-1, 1, 32).reshape(-1, 1)
    >>> model = ntb.nn.Sequential(ntb.nn.Linear(1, 1, rng=ntb.random.generator(0)))
    >>> trainer = Trainer(model, ntb.nn.mse, ntb.optim.SGD(0.5), seed=0)
    >>> history = trainer.fit(x, 3 * x + 1, epochs=3, batch_size=16)
    epoch 1/3  loss 3.11
    epoch 2/3  loss 0.7161
    epoch 3/3  loss 0.3155
    >>> trainer.evaluate(x, 3 * x + 1)["loss"] < 0.3
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
        metrics: Mapping[str, Any] | None = None,
        callbacks: Iterable[Any] = (),
        step: Callable[..., Any] | None = None,
        state: Mapping[str, Any] | None = None,
        seed: int | None = None,
        traced: bool = True,
        progress: bool = True,
        strategy: Any = None,
    ) -> None:
        if step is None and (not callable(loss) or not hasattr(optimizer, "minimize")):
            raise InputError(
                "Trainer(model, loss, optimizer) needs a function of predictions and target, such as nn.cross_entropy, "
                f"and an optimizer, such as optim.Adam(1e-3), or a step= of your own; got loss={loss!r} and "
                f"optimizer={optimizer!r}"
            )
        if strategy and step:
            raise InputError(
                "a step= of your own makes a whole step in one place, and strategy= divides it: give loss and optimizer"
            )
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.metrics = {name: m if hasattr(m, "update") else Mean(m) for name, m in dict(metrics or {}).items()}
        found = [c if isinstance(c, Callback) else Called(c) for c in callbacks]
        self.callbacks: list[Callback] = sorted(found, key=lambda callback: callback.late)
        self.state = {"model": model, "optimizer": optimizer, **(state or {})}
        self.seed = int(random.default().integers(2**31)) if seed is None else seed
        self.progress = progress
        self.traced = traced
        self.strategy = strategy
        self.history = History()
        self.epoch = self.step = self.steps = 0
        self.stopped = ""
        self._reported: dict[str, float] = {}
        self.means = Means()
        self.epoch_began: dict[str, Any] | None = None
        """The states of generators when the epoch began, in the middle of which training stands."""
        traced_if_wanted = lambda f: f if isinstance(f, Function) or not traced else function(f)
        self.plain_step = step or self._standard_step()
        self._train = strategy.step if strategy else traced_if_wanted(self.plain_step)
        called = with_train(model) if callable(model) else None
        self._predict = traced_if_wanted(lambda *inputs: called(*inputs, train=False)) if called else None

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
            validation: arrays `(x, y)`, or batches, on which loss and metrics are measured after each epoch.
            shuffle: whether rows come in another order in each epoch, as seed and epoch say; or what `data.batches`
                takes.
            drop_last: whether a smaller last batch is left out.

        Returns:
            The history.

        Raises:
            InputError: arguments of other kinds; an epoch without batches; and what the step raises.
        """
        last = self._last(epochs, until)
        order = self.seed if shuffle is True else shuffle
        source, held_out = sourced(x, y, batch_size, order, drop_last), validated(validation, batch_size)
        with Interrupts() as interrupts:
            self._tell("begin")
            if self.strategy:
                self.strategy.begin(self)
            try:
                while self.epoch < last and not self.stopped:
                    self._epoch(source, held_out, last, interrupts)
            finally:
                self._collect()
                self._tell("end")
        return self.history

    def report(self, **values: float) -> None:
        """Add numbers to what is reported of this step, or of this epoch: for callbacks."""
        self._reported.update(numbers(values))

    def stop(self, reason: str) -> None:
        """End training after this step: for callbacks. `fit(epochs=...)` goes on from there."""
        self.stopped = reason

    # --- using the model

    def evaluate(self, x: Any, y: Any = None, *, batch_size: int = 500) -> dict[str, float]:
        """Loss and metrics, by name, of arrays or batches as `fit` takes them, without training."""
        return self._evaluated(sourced(x, y, batch_size, None))

    def predict(self, x: Any, *, batch_size: int = 500) -> Any:
        """What the model makes of inputs, in batches: an array (N, ...), or the model's structure of such.

        Args:
            x: an array (N, ...), a tuple of arrays for a model of several inputs, or batches of inputs.
            batch_size: rows at a time, where arrays are given.
        """
        inputs = x if isinstance(x, tuple) else (x,) if hasattr(x, "shape") else x
        batches, _ = sourced(inputs, None, batch_size, None).epoch(0)
        parts = [tree_map(_copied, self._predictions(batch)) for batch in batches]
        if not parts:
            raise InputError("there are no rows to predict from")
        return tree_map(lambda *arrays: np.concatenate(arrays), *parts)

    # --- files

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save all that training needs to go on, and what made the file, as .npz or .safetensors; see `load`."""
        self._collect()
        checkpoint.write(self, path)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a file of `save`, or of the callback `Checkpoint`. If it does not fit nothing is changed.

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

    def _standard_step(self) -> Callable[..., Any]:
        watchers = [c.gradients for c in self.callbacks if hasattr(type(c), "gradients")]
        loss: Any = self.loss
        return training_step(self.model, loss, self.optimizer, watchers, bool(self.metrics))

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

    def _epoch(self, source: Source, validation: Source | None, last: int, interrupts: Interrupts) -> None:
        clock = time.perf_counter()
        batches, total = self._begun(source)
        bar = Progress(f"epoch {self.epoch + 1}/{last}", total) if self.progress else None
        for batch in batches:
            self._tell("before_step", batch)
            report, rows = self._step(batch), rows_of(batch)
            self.step, self.steps = self.step + 1, self.steps + 1
            self._reported = report
            self.means.add(report, rows)
            self._tell("after_step", report)
            if bar:
                bar.update(self.step, self.means.result())
            interrupts.check()
            if self.stopped:
                return
        self._collect()
        if not self.step:
            raise InputError("an epoch had no batches; an iterator serves only once, so pass a function that makes one")
        report = {"epoch": self.epoch + 1, "seconds": time.perf_counter() - clock, **self.means.result()}
        report |= {name: metric.result() for name, metric in self.metrics.items()}
        if validation:
            report |= {f"val_{name}": value for name, value in self._evaluated(validation).items()}
        self._finish(report)
        if bar:
            bar.done({name: value for name, value in report.items() if name not in ("epoch", "seconds")})

    def _begun(self, source: Source) -> tuple[Iterator[tuple[Any, ...]], int | None]:
        """The batches that are left of the epoch. To go on in the middle of one, the generators are put back to its
        beginning while the batches that were used are drawn again."""
        if not self.step:
            self.epoch_began = generators(self.state)
            self.means = Means()
            for metric in self.metrics.values():
                metric.reset()
            return source.epoch(self.epoch)
        now = generators(self.state)
        restore(self.epoch_began or now, self.state)
        left = source.epoch(self.epoch, start=self.step)
        restore(now, self.state)
        return left

    def _step(self, batch: tuple[Any, ...]) -> dict[str, float]:
        report = self._train(*batch)
        if isinstance(report, Mapping) and "predictions" in report:
            report = dict(report)
            predictions, target = value_of(report.pop("predictions")), report.pop("target", batch[-1])
            for metric in self.metrics.values():
                metric.update(predictions, target)
        return numbers(report)

    def _collect(self) -> None:
        """Bring model and optimizer to where training stands, if their steps are made elsewhere."""
        if self.strategy:
            self.strategy.collect()

    def _finish(self, report: dict[str, float]) -> None:
        """An epoch has ended: count it, and let callbacks see it. Those that save the trainer see it with its row."""
        self.epoch, self.step, self.epoch_began = self.epoch + 1, 0, None
        self._reported = report
        self._tell("after_epoch", report, late=False)
        self.history.append(report)
        self._tell("after_epoch", report, late=True)

    def _evaluated(self, source: Source) -> dict[str, float]:
        means = Means()
        metrics = {name: copy.deepcopy(metric) for name, metric in self.metrics.items()}
        for metric in metrics.values():
            metric.reset()
        for batch in source.epoch(0)[0]:
            predictions = self._predictions(batch[:-1])
            if self.loss:
                means.add({"loss": float(value_of(self.loss(predictions, batch[-1])))}, rows_of(batch))
            for metric in metrics.values():
                metric.update(predictions, batch[-1])
        return {**means.result(), **{name: metric.result() for name, metric in metrics.items()}}

    def _predictions(self, inputs: tuple[Any, ...]) -> Any:
        if self._predict is None:
            raise InputError(f"{self.model!r} cannot be called, so that it gives no predictions")
        return self._predict(*inputs)

    def _tell(self, event: str, *what: Any, late: bool | None = None) -> None:
        for callback in self.callbacks:
            if late is None or callback.late is late:
                getattr(callback, event)(self, *what)

    def __repr__(self) -> str:
        where = f"epoch {self.epoch}" + (f", step {self.step} of the next" if self.step else "")
        return f"Trainer({type(self.model).__name__}, {self.optimizer!r}: {where})"


def _copied(x: Any) -> np.ndarray:
    """A batch's predictions as an array of their own."""
    return np.array(value_of(x))
