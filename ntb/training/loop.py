"""The loop of training: epochs of steps, counted so that an error at any place leaves what can be gone on from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ..atomic import uninterrupted
from ..errors import InputError, add_note
from ..metrics.metric import Metric
from ..progress import Progress
from ..random import Generator
from ..tape.tensor import value_of
from .callbacks.callback import Callback
from .evaluation import Evaluation
from .generators import all_states, generators_in, remembered, restore_all, restoring
from .history import History
from .interrupts import Interrupts
from .report import Means, numbers, rows_of
from .source import Source


class Loop:
    """Where training stands, and how it goes on; a Trainer is one.

    A step that was made counts at once, and an epoch when it was evaluated; callbacks are told after that. Variables
    change with a step as a whole, as steps are traced. What the source has drawn for a step that does not count is
    drawn again: an error puts the generators back.

    Args:
        metrics: by name; they are told of the predictions that steps return.
        callbacks: in the order of their calls.
        state: what training changes, by name.
        progress: whether to show it.
        strategy: who makes the steps, if not this process; see `Trainer`.
    """

    traced: bool
    _train: Callable[..., dict[str, Any]]
    """Makes a step, see steps.py."""
    _evaluation: Evaluation
    """Of validation data."""

    def __init__(
        self,
        metrics: Mapping[str, Metric],
        callbacks: list[Callback],
        state: Mapping[str, Any],
        progress: bool,
        strategy: Any,
    ) -> None:
        self.metrics = metrics
        self.callbacks = callbacks
        self.state = state
        self.progress = progress
        self.strategy = strategy
        self.history = History()
        self.epoch = self.step = self.steps = 0
        self.stopped = ""
        self.means = Means()
        """Over the steps of the epoch that has not ended,"""
        self.seconds = 0.0
        """the time that it has taken,"""
        self.epoch_began: dict[str, Any] | None = None
        """and the states of generators when it began."""
        self.waiting: dict[str, list[int]] = {}
        """States, from a file, of the generators that the next batches hold."""
        self._forget()

    def _forget(self) -> None:
        """Begin without what belongs to a `fit` that goes on."""
        self._source: Source | None = None
        self._generators: dict[str, Generator] = {}
        self._back: list[partial] = []
        self._report: dict[str, float] = {}
        self._enter: Callable[[dict[str, float]], None] | None = None

    def report(self, **values: float) -> None:
        """Add numbers to what is reported of this step, or of this epoch: for callbacks."""
        found = numbers(values)
        self._report.update(found)
        if self._enter:
            self._enter(found)

    def stop(self, reason: str) -> None:
        """End training after this step: for callbacks. `fit(epochs=...)` goes on from there."""
        self.stopped = reason

    def generators_of_batches(self) -> dict[str, Generator]:
        """The generators that the batches of the last `fit` hold."""
        return generators_in(self._source.holders) if self._source else {}

    def _run(self, source: Source, validation: Source | None, last: int) -> None:
        """Train until so many epochs have ended, or a callback stops it."""
        self._source, self._back = source, []
        uninterrupted(again=restoring(self.waiting, self.generators_of_batches()))
        self.waiting = {}
        with Interrupts() as interrupts:
            try:
                self._tell("begin")
                if self.strategy:
                    self.strategy.begin(self)
                while self.epoch < last and not self.stopped:
                    self._go_through(source, validation, f"epoch {self.epoch + 1}/{last}", interrupts)
                    interrupts.check()
            except BaseException:
                uninterrupted(again=self._back)
                raise
            finally:
                self._enter = None
                try:
                    self._collect()
                finally:
                    self._tell("end")

    def _go_through(self, source: Source, validation: Source | None, title: str, interrupts: Interrupts) -> None:
        """An epoch, or what is left of it."""
        others = {name: part for name, part in self.state.items() if name not in ("model", "optimizer")}
        self._generators = {**generators_in(others), **self.generators_of_batches()}
        self._remember()
        batches, total = self._batches_left(source)
        clock = time.perf_counter() - self.seconds
        bar = Progress(title, total, begin=self.step) if self.progress else None
        try:
            for batch in batches:
                self._step(batch)
                self.seconds = time.perf_counter() - clock
                if bar:
                    bar.update(self.step, self.means.result)
                interrupts.check()
                if self.stopped:
                    return
                if source.draws or not self.traced:
                    self._remember()
            report = self._end_epoch(validation, clock)
        finally:
            if bar:
                bar.close()
        if bar:
            bar.done({name: value for name, value in report.items() if name not in ("epoch", "seconds")})

    def _batches_left(self, source: Source) -> tuple[Iterator[tuple[Any, ...]], int | None]:
        """The batches that are left of the epoch. To go on in the middle of one, the generators are put back to its
        beginning while the batches that were used are drawn again."""
        if not self.step:
            self.epoch_began, self.seconds, self.means = all_states(self._generators), 0.0, Means()
            for metric in self.metrics.values():
                metric.reset()
            return source.epoch(self.epoch)
        now = remembered(self._generators)
        restore_all(self.epoch_began, self._generators)
        left = source.epoch(self.epoch, start=self.step)
        uninterrupted(again=now)
        return left

    def _step(self, batch: tuple[Any, ...]) -> None:
        self._report, self._enter = {}, None
        self._tell("before_step", batch)
        made = self._train(*batch)
        predictions, target = made.pop("predictions", None), made.pop("target", batch[-1])
        self._report |= numbers(made)
        self._tell("check_step", self._report)
        rows = rows_of(batch)
        self.step, self.steps, self._back = self.step + 1, self.steps + 1, []
        self.means.add(self._report, rows)
        self._enter = partial(self.means.add, rows=rows)
        for metric in self.metrics.values():
            metric.update(value_of(predictions), target)
        self._tell("after_step", self._report)

    def _end_epoch(self, validation: Source | None, clock: float) -> dict[str, float]:
        """Evaluate what was trained, and count the epoch."""
        if not self.step:
            raise InputError("an epoch had no batches; an iterator serves only once, so pass a function that makes one")
        self._collect()
        self._remember()
        report = {**self.means.result(), **numbers({name: metric.result() for name, metric in self.metrics.items()})}
        if validation:
            report |= {f"val_{name}": value for name, value in self._evaluation.evaluate(validation).items()}
        report = {"epoch": self.epoch + 1, "seconds": time.perf_counter() - clock, **report}
        self.history.append(report)
        self.epoch, self.step, self.epoch_began, self._back = self.epoch + 1, 0, None, []
        self._report, self._enter = report, self.history.amend
        self._tell("after_epoch", report)
        return report

    def _collect(self) -> None:
        """Bring model and optimizer to where training stands, if their steps are made elsewhere."""
        if self.strategy:
            self.strategy.collect()

    def _remember(self) -> None:
        """Remember how to put generators back to where they are now, which an error before the next step does."""
        self._back = remembered(self._generators)

    def _tell(self, event: str, *what: Any) -> None:
        """Call a method of all callbacks. An error of one is raised when all were called."""
        errors = []
        for callback in self.callbacks:
            try:
                getattr(callback, event)(self, *what)
            except Exception as error:
                errors.append(error)
        for other in errors[1:]:
            add_note(errors[0], f"another callback failed, too: {type(other).__name__}: {other}")
        if errors:
            raise errors[0]
