"""What the optimizers share: slots for each variable, the step counter, the learning rate, assigning new values."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..atomic import assign_all
from ..errors import InputError
from ..habits import answer_to, knows_habits
from ..state import Keeper, items_of
from ..tape.listener import listeners
from ..values.creation import in_type
from ..variable import Variable
from .arrays import assign_arrays, content, in_numpy
from .checks import checked
from .memory import Memory
from .minimizer import Minimizer
from .precision import computing_type, in_type_of, real_type
from .rate import LearningRate, Rated
from .step import Step, updated


class _Counter(Variable):
    """The number of steps, which other libraries have as a method that makes one."""

    __slots__ = ()

    def __call__(self, *args: Any) -> Any:
        raise TypeError(f"a number of steps cannot be called; {answer_to('opt.step()')}")


class Optimizer(Keeper, Minimizer, Rated):
    """The base of optimizers. A subclass defines `slot_names` and `update`, a pure function:

    `update(w, g, lr, t, *slots) -> (new w, *new slots)`

    where `w` and its gradient `g` are arrays of one dtype, `t` counts the steps from 1, and slots begin as zeros like
    `w`, or as `first_slots` says. The dtype is the parameter's, but float32 for one of float16 (`precision.py` says
    why); slots named in `real_slots` are real also if w is complex. A class whose update treats every element
    separately may set `elementwise = True`: then a traced step updates many small parameters as one array. One that
    needs all parameters at once defines `update_all` instead.

    Args:
        lr: the learning rate: a number, a Variable, or a schedule: a function of the number of steps made before.

    Attributes:
        lr: a Variable, made from a number if one was given, or the schedule. `opt.lr = 0.01` puts another number into
            the Variable, which a traced training step sees. (The other settings are constants of a trace.)
        step: how many steps were made.
        slots: for each slot name a list with one Variable per parameter, in the order in which these were first met.

    What it remembers belongs to parameters, whatever their order. Copies and pickles of both keep that, whether made
    in one go or apart; where it is not clear what belongs to whom, the next step raises. In files slots are named after
    the paths of their parameters, so that both are saved in one tree, `{"model": model, "optimizer": optimizer}`. A
    copy has the same parameters and its own step and slots. Frozen parameters (`trainable = False`) stay as they are.
    """

    slot_names: tuple[str, ...] = ()
    real_slots: tuple[str, ...] = ()
    elementwise = False
    on_arrays = False
    """Whether `update` does with arrays what it does with tensors: it calls NumPy's functions alone."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "update" in vars(cls) or "update_all" in vars(
            cls
        ):  # the base class spoke of its own update, not of this one
            cls.elementwise = vars(cls).get("elementwise", False)
            cls.on_arrays = vars(cls).get("on_arrays", False)
        if "__init__" in vars(cls) and cls.__module__.startswith("ntb."):
            cls.__init__ = knows_habits(cls.__init__)  # type: ignore[method-assign]

    def __init__(self, lr: LearningRate) -> None:
        self.lr = lr
        self.step = _Counter(np.zeros((), np.int64), trainable=False, name="step")
        self._memory = Memory(self.slot_names)

    @property
    def slots(self) -> dict[str, list[Variable]]:
        return {name: list(cells.values()) for name, cells in self._memory.slots.items()}

    def slots_of(self, name: str, variables: Sequence[Variable]) -> list[Variable]:
        """One slot of each of these variables.

        Raises:
            InputError: there has been no step with one of them.
        """
        met = self._memory.met
        for v in variables:
            if v.id not in met:
                raise InputError(f"there has been no step with {v.name or 'this variable'}; make one first")
        return [self._memory.slots[name][met[v.id]] for v in variables]

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        raise NotImplementedError(f"{type(self).__name__} must define update(w, g, lr, t, *slots)")

    def update_all(self, cells: list[list[Any]], grads: list[Any], lr: Any, t: Any) -> list[tuple]:
        """For each parameter its new value and slots.

        Args:
            cells: for each parameter its value and its slots; grads: its gradient.
            lr: the learning rate; t: the number of the step, from 1.
        """
        return [self.update(w, g, in_type_of(w, lr), t, *slots) for (w, *slots), g in zip(cells, grads)]

    def first_slots(self, w: Any) -> Sequence[Any]:
        """The slots that a parameter with the value w begins with."""
        return [
            np.zeros_like(w, real_type(w.dtype) if name in self.real_slots else w.dtype) for name in self.slot_names
        ]

    def build(self, variables: Sequence[Variable]) -> None:
        """Make slots for variables that have none, as `apply` does too. A copy of a parameter begins anew."""
        self._memory.meet(list(variables), self.first_slots, anew=True)

    def apply(self, grads: Sequence[Any], variables: Sequence[Variable] | None = None, *, lr: Any = None) -> None:
        """Make one step.

        Args:
            grads: the gradients, as `tape.gradient(loss, variables)` gives them: real or complex numbers of any
                precision, which are converted to that of the parameter.
            variables: the Variables to change, one for each gradient, of floating-point numbers; any shape.
            lr: a learning rate for this step in place of the optimizer's own.

        Raises:
            InputError: a gradient is None, of another shape, or complex where the variable is real; a variable occurs
                twice or holds integers; or it is not clear which slots belong to a variable (see `Optimizer`). Nothing
                is changed then.
        """
        if variables is None:
            raise InputError(f"there are gradients and no variables; {answer_to('opt.apply(zip(grads, params))')}")
        grads, variables, rate = self._ready(grads, variables, lr)
        if self.on_arrays and not listeners.get() and all(map(in_numpy, (*grads, *variables))):
            # nobody listens, and arrays in the place of tensors take a third of the time
            assign_arrays(*self._new_values(content, list(map(content, grads)), variables, content(rate)))
        else:
            assign_all(*self._new_values(Variable.read, grads, variables, rate))

    def changes(
        self, grads: Sequence[Any], variables: Sequence[Variable], lr: Any = None
    ) -> tuple[list[Variable], list[Any]]:
        """What `apply` would assign: the cells, and their new values."""
        grads, variables, rate = self._ready(grads, variables, lr)
        return self._new_values(Variable.read, grads, variables, rate)

    def _ready(self, grads: Sequence[Any], variables: Sequence[Variable], lr: Any) -> tuple[list, list[Variable], Any]:
        """Gradients and variables that were checked, and the rate; all have slots."""
        grads, variables = checked(list(grads), list(variables))
        self._memory.meet(variables, self.first_slots)
        return grads, variables, self._rate(lr)

    def _new_values(
        self, read: Callable[[Variable], Any], grads: Sequence[Any], variables: Sequence[Variable], rate: Any
    ) -> tuple[list[Variable], list[Any]]:
        """The cells that a step changes, and their new values; nothing is changed before all are computed."""
        memory = self._memory
        cells = [[v, *[slots[memory.met[v.id]] for slots in memory.slots.values()]] for v in variables]
        types = [computing_type(v.dtype) for v in variables]
        old = [[in_type(read(v), dtype), *map(read, slots)] for (v, *slots), dtype in zip(cells, types)]
        t = read(self.step) + 1
        new = updated(Step(self, rate, t, old, [in_type(g, dtype) for g, dtype in zip(grads, types)]))
        pairs = [(self.step, t), *[pair for row, values in zip(cells, new) for pair in zip(row, values)]]
        return [cell for cell, _ in pairs], [value for _, value in pairs]

    def variables(self) -> list[Variable]:
        """The optimizer's own Variables: the step counter, the slots, and the learning rate if it is one."""
        own = [x for _, x in items_of(self) if isinstance(x, Variable)]
        return own + [cell for cells in self.slots.values() for cell in cells]

    def named_parts(self, names: Mapping[Variable, str]) -> Iterator[tuple[str, Any]]:
        yield from items_of(self)
        yield from ((f"slots.{label}", cell) for label, cell in self._memory.named_slots(names))

    def missing(self, names: Iterable[str], variables: Mapping[str, Any]) -> dict[str, tuple[Variable, Any]]:
        return self._memory.missing(names, variables, self.first_slots)

    def __copy__(self) -> Optimizer:
        copied = object.__new__(type(self))
        vars(copied).update(vars(self), step=copy.copy(self.step), _memory=copy.copy(self._memory))
        if self.lr is vars(self).get("_own_rate"):
            vars(copied)["lr"] = copied._own_rate = copy.copy(self._own_rate)
        return copied

    def settings(self) -> dict[str, Any]:
        """What it was made with, by the names of the arguments."""
        return {k: v for k, v in vars(self).items() if k not in ("step", "slot_names") and not k.startswith("_")}

    def __repr__(self) -> str:
        shown = [f"{k}={v.value if isinstance(v, Variable) else v}" for k, v in self.settings().items()]
        return f"{type(self).__name__}({', '.join(shown)})"
