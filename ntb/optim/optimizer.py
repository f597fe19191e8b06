"""What the optimizers share: slots for each variable, the step counter, the learning rate, assigning new values."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..atomic import assign_all, set_tensor, uninterrupted
from ..errors import InputError, describe
from ..habits import answer_to, knows_habits, of_class
from ..state import Keeper, items_of
from ..tape.listener import listeners, traces
from ..tape.tape import Tape
from ..tape.tensor import ArrayLike, Tensor, is_number
from ..variable import Variable
from .flat import joined, parted, together
from .memory import Memory
from .precision import as_gradient, computing_type, in_type, real_type

LearningRate = float | Variable | Callable[[Any], Any]


class _Counter(Variable):
    """The number of steps, which other libraries have as a method that makes one."""

    __slots__ = ()

    def __call__(self, *args: Any) -> Any:
        raise TypeError(f"a number of steps cannot be called; {answer_to('opt.step()')}")


class Optimizer(Keeper):
    """The base of optimizers. A subclass defines `slot_names` and `update`, a pure function:

    `update(w, g, lr, t, *slots) -> (new w, *new slots)`

    where `w` and its gradient `g` are arrays of one dtype, `t` counts the steps from 1, and slots begin as zeros of
    that dtype. It is the parameter's, but float32 for one of float16 (`precision.py` says why); those named in
    `real_slots` are real also if w is complex. What depends only on `lr` and `t` may be computed by `scalars`, once for
    all variables of a dtype. A class whose update treats every element separately may set `elementwise = True`: then a
    traced step updates many small parameters as one array.

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
    """Whether `update` and `scalars` do with arrays what they do with tensors: they call NumPy's functions alone."""
    __getattr__ = of_class("opt")

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "update" in vars(cls):  # the base class spoke of its own update, not of this one
            cls.elementwise = vars(cls).get("elementwise", False)
        if "update" in vars(cls) or "scalars" in vars(cls):
            cls.on_arrays = vars(cls).get("on_arrays", False)
        if "__init__" in vars(cls) and cls.__module__.startswith("ntb."):
            cls.__init__ = knows_habits(cls.__init__)  # type: ignore[method-assign]

    def __init__(self, lr: LearningRate) -> None:
        self.lr = lr
        self.step = _Counter(np.zeros((), np.int64), trainable=False, name="step")
        self._memory = Memory(self.slot_names, self.real_slots)
        self._own_rate: Variable | None

    @property
    def slots(self) -> dict[str, list[Variable]]:
        return {name: list(cells.values()) for name, cells in self._memory.slots.items()}

    @property
    def lr(self) -> Variable | Callable[[Any], Any]:
        return vars(self)["lr"]

    @lr.setter
    def lr(self, rate: LearningRate) -> None:
        before = vars(self).get("lr")
        known = callable(rate) or isinstance(rate, (int, float, np.number, np.ndarray, ArrayLike))
        if not known or hasattr(rate, "named_variables"):
            raise InputError(
                f"a learning rate is a number, a Variable or a schedule, not a {type(rate).__name__}; the variables "
                "of a model are given to each step, opt.apply(gradients, model.variables())"
            )
        if isinstance(rate, (int, float, np.number)) and not rate >= 0:
            raise InputError(f"a learning rate is not negative, as {rate} is; a step goes down the gradient by itself")
        if callable(rate) or isinstance(rate, Variable):
            vars(self)["lr"] = rate
        elif isinstance(before, Variable):
            before.assign(rate)
        else:
            vars(self)["lr"] = self._own_rate = Variable(float(rate), trainable=False, name="lr")

    def update(self, w: Any, g: Any, lr: Any, t: Any, *slots: Any) -> tuple:
        raise NotImplementedError(f"{type(self).__name__} must define update(w, g, lr, t, *slots)")

    def scalars(self, lr: Any, t: Any, dtype: Any) -> tuple:
        """What `update` gets in place of `lr` and `t`, for all variables of this dtype; by default these two."""
        return lr, t

    def build(self, variables: Sequence[Variable]) -> None:
        """Make slots for variables that have none, as `apply` does too. A copy of a parameter begins anew."""
        self._memory.meet(list(variables), anew=True)

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
        grads, variables, types = _checked(list(grads), list(variables))
        memory = self._memory
        memory.meet(variables)
        rate = self._rate(lr)
        if self.on_arrays and not listeners.get() and all(map(_in_numpy, (*grads, *variables))):
            return self.apply_arrays(list(map(_content, grads)), variables, _content(rate))
        t = self.step + 1
        real = {dtype: real_type(dtype) for dtype in types}
        scalars = {dtype: self.scalars(in_dtype(rate, kind), t, kind) for dtype, kind in real.items()}
        updates: list[tuple[Variable, Any]] = [(self.step, t)]
        slots = [[cells[memory.met[v.id]] for v in variables] for cells in memory.slots.values()]
        groups = [[i] for i in range(len(variables))]  # parameters that are updated as one array
        if self.elementwise and traces():
            groups = together(variables)
        for members in groups:
            cells = [[column[i] for i in members] for column in (variables, *slots)]
            w, *rest = [joined([cell.read() for cell in column]) for column in cells]
            w = in_type(w, types[members[0]])
            new = self.update(w, joined([grads[i] for i in members]), *scalars[w.dtype], *rest)
            for column, value in zip(cells, new):
                updates += zip(column, parted(value, column))
        targets, values = zip(*updates)
        assign_all(targets, values)  # not before all is computed, so that an error leaves everything as it was

    def apply_arrays(self, grads: Sequence[Any], variables: Sequence[Variable], rate: Any) -> None:
        """The same step where nobody listens, of gradients that were checked, for variables that have slots: arrays in
        the place of tensors take a third of the time."""
        t = _content(self.step) + 1
        updates: list[tuple[Variable, Any]] = [(self.step, t)]
        scalars: dict[Any, tuple] = {}
        memory = self._memory
        for variable, g in zip(variables, grads):
            dtype = computing_type(variable.dtype)
            if dtype not in scalars:
                scalars[dtype] = self.scalars(in_dtype(rate, real_type(dtype)), t, real_type(dtype))
            cells = [variable, *[slots[memory.met[variable.id]] for slots in memory.slots.values()]]
            w, *rest = map(_content, cells)
            new = self.update(in_type(w, dtype), in_type(g, dtype), *scalars[dtype], *rest)
            updates += zip(cells, new)
        targets, values = zip(*updates)
        values = tuple([x if type(x) is np.ndarray else np.asarray(x) for x in values])
        if all(map(_can_hold, targets, values)):  # then there is nothing to prepare
            uninterrupted(map(set_tensor, targets, [Tensor(x, cell.id) for cell, x in zip(targets, values)]))
        else:
            assign_all(targets, map(Tensor, values))

    def minimize(self, loss_function: Callable[[], Any], variables: Sequence[Variable]) -> Any:
        """One step down the gradient of `loss_function()` with respect to the variables; returns the loss before it.

        >>> from ntb.optim import SGD
        >>> w = Variable(4.0)
        >>> SGD(lr=0.25).minimize(lambda: w * w, [w])
        Tensor(16.)
        >>> w
        Variable(2.)
        """
        if not callable(loss_function):
            raise InputError(
                f"minimize computes the loss itself, and was given {describe(loss_function)}; "
                + answer_to("opt.minimize(loss, params)")
            )
        with Tape() as tape:
            loss = loss_function()
        self.apply(tape.gradient(loss, list(variables)), variables)
        return loss

    def variables(self) -> list[Variable]:
        """The optimizer's own Variables: the step counter, the slots, and the learning rate if it is one."""
        own = [x for _, x in items_of(self) if isinstance(x, Variable)]
        return own + [cell for cells in self.slots.values() for cell in cells]

    def named_parts(self, names: Mapping[Variable, str]) -> Iterator[tuple[str, Any]]:
        yield from items_of(self)
        yield from ((f"slots.{label}", cell) for label, cell in self._memory.named_slots(names))

    def missing(self, names: Iterable[str], variables: Mapping[str, Any]) -> dict[str, Variable]:
        return self._memory.missing(names, variables)

    def __copy__(self) -> Optimizer:
        copied = object.__new__(type(self))
        vars(copied).update(vars(self), step=copy.copy(self.step), _memory=copy.copy(self._memory))
        if self.lr is vars(self).get("_own_rate"):
            vars(copied)["lr"] = copied._own_rate = copy.copy(self._own_rate)
        return copied

    def _rate(self, lr: Any) -> Any:
        rate = self.lr if lr is None else lr
        return rate(self.step.read()) if callable(rate) else rate

    def __repr__(self) -> str:
        hidden = ("step", "slot_names")
        settings = {k: v for k, v in vars(self).items() if k not in hidden and not k.startswith("_")}
        shown = [f"{k}={v.value if isinstance(v, Variable) else v}" for k, v in settings.items()]
        return f"{type(self).__name__}({', '.join(shown)})"


def _can_hold(cell: Variable, x: np.ndarray) -> bool:
    return x.dtype == cell.dtype and x.shape == cell.shape and x.flags.c_contiguous and x.base is None


def _in_numpy(x: Any) -> bool:
    """Whether it is an array of NumPy's, or a tensor or variable with one."""
    return type(x) is np.ndarray or (isinstance(x, ArrayLike) and type(x.read()) is Tensor)


def _content(x: Any) -> Any:
    """The array of a tensor or variable; another number or array as it is."""
    return x.get().value if isinstance(x, Variable) else x.value if isinstance(x, ArrayLike) else x


def in_dtype(number: Any, dtype: Any) -> Any:
    """A scalar in the dtype of a parameter. Python's own numbers stay, as NumPy adapts them."""
    if (isinstance(number, (int, float)) and not isinstance(number, np.generic)) or is_number(number):
        return number
    number = number if isinstance(number, ArrayLike) else np.asarray(number)
    return in_type(number, np.dtype(dtype))


def _checked(grads: list, variables: list) -> tuple[list, list, list]:
    """The gradients of what is not frozen, these variables, and the types in which they are updated."""
    _check(grads, variables)
    changed = [(g, v) for g, v in zip(grads, variables) if not v.frozen]
    grads, variables = [g for g, _ in changed], [v for _, v in changed]
    types = [computing_type(v.dtype) for v in variables]
    grads = [as_gradient(g, types[i], _called(i, v)) for i, (g, v) in enumerate(zip(grads, variables))]
    _check_shapes(grads, variables)
    return grads, variables, types


def _check(grads: list, variables: list) -> None:
    if len(grads) != len(variables):
        raise InputError(
            f"{len(grads)} gradients for {len(variables)} variables; there must be one for each, in two lists"
        )
    if len({id(v) for v in variables}) != len(variables):
        names = [_called(i, v) for i, v in enumerate(variables) if any(v is w for w in variables[:i])]
        raise InputError(
            f"{', '.join(names)} occurs twice among the variables and would be changed twice; name it once"
        )
    for i, (g, v) in enumerate(zip(grads, variables)):
        if not isinstance(v, Variable):
            raise InputError(
                f"an optimizer changes Variables; number {i} is a {type(v).__name__}. Give lists, "
                "opt.apply([gradient], [variable]), gradients first"
            )
        if v.frozen:
            continue
        if v.dtype.kind not in "fc":
            raise InputError(
                f"{_called(i, v)} is of {v.dtype}, and an optimizer changes floating-point numbers; make it with "
                "dtype=np.float32"
            )
        if g is None:
            raise InputError(
                f"{_called(i, v)} has no gradient: the loss does not depend on it (tape.explain(loss, variable) tells "
                'why). Leave it out, or ask for zeros by tape.gradient(..., unconnected="zero")'
            )


def _check_shapes(grads: list, variables: list) -> None:
    for i, (g, v) in enumerate(zip(grads, variables)):
        if g.shape != v.shape:
            raise InputError(
                f"the gradient of {_called(i, v)} has shape {g.shape}; expected {v.shape}. Give both "
                "lists in the same order"
            )


def fraction(name: str, value: float) -> float:
    """The value, which is the part of a running mean that is kept, if 0 <= value < 1; an error otherwise."""
    if not 0 <= value < 1:
        raise InputError(f"{name} is the part that is kept, 0 <= {name} < 1, not {value}")
    return float(value)


def not_negative(name: str, value: float) -> float:
    """The value, if it is a number from 0 on; an error otherwise."""
    if not value >= 0:
        raise InputError(f"{name} is not negative, as {value} is")
    return float(value)


def _called(i: int, variable: Variable) -> str:
    name = f" {variable.name!r}" if variable.name else ""
    return f"variable{name} (number {i}, shape {variable.shape})"
