"""Ending training early: where it gets no better, and where numbers are no numbers any more."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from ...atomic import set_tensor, uninterrupted
from ...debug import debug_nans
from ...errors import InputError, NonFiniteError
from ...habits import knows_habits
from ...state import State, named_variables, restore, snapshot
from ...tape.tensor import Tensor, value_of
from ...tree import tree_map
from ...variable import Variable
from ..generators import generators_in, remembered
from .callback import Callback, Watching

if TYPE_CHECKING:
    from ..trainer import Trainer


class EarlyStopping(Watching):
    """Ends training when a number has not become better for some epochs (Prechelt, "Early stopping - but when?", 1998).

    The state of the best epoch is put back then: the Variables of model and optimizer. History and the number of epochs
    stay as they are, and `trainer.stopped` tells of which epoch the state is.

    Args:
        watch, mode: the number, such as "val_loss"; see `Watching`.
        patience: after how many epochs without a better one.
        least: by how much a value must be better to count.
        restore: whether the state of the best epoch is kept and put back.

    Attributes:
        best: the best value; best_epoch: its epoch.

    Raises:
        InputError: another patience or mode; after an epoch, the number was not reported.

    >>> stopping = EarlyStopping("val_loss", patience=3)
    """

    saved = ("best", "best_epoch", "waited", "kept")

    @knows_habits
    def __init__(
        self, watch: str, patience: int = 5, *, mode: str | None = None, least: float = 0.0, restore: bool = True
    ) -> None:
        super().__init__(watch, mode)
        if not isinstance(patience, int) or patience < 1:
            raise InputError(f"patience is a whole number of epochs, 1 or more, not {patience!r}")
        self.patience = patience
        self.least = least
        self.restores = restore
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0
        self.kept: State | None = None

    def after_epoch(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        value = self.watched(report)
        self.waited += 1
        if self.better(value, self.best, self.least):
            self.best, self.best_epoch, self.waited = value, trainer.epoch, 0
            self.kept = snapshot(trainer.state) if self.restores else None
        elif self.waited >= self.patience:
            self.waited = 0  # who trains on has as much patience again
            why = f"{self.watch} has not become better for {self.patience} epochs"
            if self.kept is not None:
                restore(trainer.state, self.kept)
                why += f"; the state is that of epoch {self.best_epoch}"
            trainer.stop(why)


class StopOnNonFinite(Callback):
    """Ends training with an error at the first step after which the loss or a parameter is NaN or infinite, and says
    which operation made it.

    The step is made again, operation by operation, from the state before it. Then the trainer is left as it was before
    that step. It keeps the arrays that a step replaces, which costs their memory, and looks at all parameters. What
    is not undone is the first step of layers without a size, which have no Variables before.

    Raises:
        NonFiniteError: in a step; see `ntb.debug_nans`.

    >>> guard = StopOnNonFinite()
    """

    _batch: tuple[Any, ...] = ()
    _back: tuple[Any, Any, Any] = ((), (), ())

    def before_step(self, trainer: Trainer, batch: tuple[Any, ...]) -> None:
        if not trainer.steps and hasattr(trainer.optimizer, "build") and hasattr(trainer.model, "trainable_variables"):
            with suppress(InputError):  # layers without a size have no Variables yet
                trainer.optimizer.build(trainer.model.trainable_variables())  # else its slots are of the failing step
        variables = _variables(trainer.state)
        self._batch = batch
        self._back = variables.values(), [v.get() for v in variables.values()], remembered(generators_in(trainer.state))

    def check_step(self, trainer: Trainer, report: Mapping[str, float]) -> None:
        wrong = [f"{name} is {value}" for name, value in report.items() if not np.isfinite(value)]
        if not wrong:
            parameters = {path: v for path, v in _variables(trainer.state).items() if v.trainable}
            wrong = [f"{path} is no longer finite" for path, v in parameters.items() if not _is_finite(v)][:3]
        if not wrong:
            return
        self._go_back()
        what = f"in step {trainer.steps + 1} {', '.join(wrong)}"
        if not all(map(_is_finite, self._batch)):
            raise NonFiniteError(f"{what}: its batch has NaN or infinities already. Leave such rows out, or fill them")
        try:
            with debug_nans():
                trainer.plain_step(*tree_map(_as_tensor, self._batch))
        except NonFiniteError as error:
            raise NonFiniteError(f"{what}:\n{error}") from None
        finally:
            self._go_back()
        raise NonFiniteError(
            f"{what}, and made again from the same state it was not; something that it depends on is not among the "
            "trainer's state"
        )

    def _go_back(self) -> None:
        variables, tensors, generators = self._back
        uninterrupted(map(set_tensor, variables, tensors), again=generators)

    def end(self, trainer: Trainer) -> None:
        self._batch, self._back = (), ((), (), ())


def _variables(state: Any) -> dict[str, Variable]:
    """The Variables in a state; none as long as there are layers without a size."""
    with suppress(InputError):
        return {path: v for path, v in named_variables(state).items() if isinstance(v, Variable)}
    return {}


def _as_tensor(x: Any) -> Any:
    """Data as a tensor, as `debug_nans` sees no operations on plain arrays."""
    return Tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


def _is_finite(x: Any) -> bool:
    """Whether all elements of an array are finite, if they are floating-point numbers."""
    x = x.value if isinstance(x, Variable) else value_of(x)
    return getattr(getattr(x, "dtype", None), "kind", "") not in ("f", "c") or bool(np.isfinite(x).all())
