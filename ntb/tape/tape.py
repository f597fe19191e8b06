"""Tape: a list of what was computed, from which gradients are found.

    with Tape() as tape:
        loss = np.mean((x @ w - y) ** 2)
    dw = tape.gradient(loss, w)

Every operation on a value that an open tape tracks is written down as one `Record`, by the method `write`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import messages
from ..tree import fill, leaves
from .gradient import backpropagate, conjugated, deliver, reachable
from .listener import Listener, listeners, pulling, unheard
from .operation import Operation
from .record import Record, inputs_of, outline, retain, within
from .tensor import ArrayLike, Tensor, as_tensor, is_number, value_of, wrap
from .value_id import ValueId

_naming = RLock()  # several threads may watch one tensor at the same time, which must get one id


class Tracker(Listener):
    """Follows values: those that are watched, and all that is computed from them."""

    lenient = False
    """Whether a missing derivative is an error only when it is needed, as inside custom gradients."""

    keep: Callable[[tuple], None]
    """Called with each record, a tuple of the fields of `Record`."""

    def __init__(self) -> None:
        self.tracked: Any = set()

    def watch(self, x: Any) -> Any:
        """Track a value: operations on it are recorded from now on.

        Args:
            x: a Tensor or Variable, which is returned, or an array or number, whose watched Tensor is returned.

        Raises:
            GradientError: its elements are integers or bools, which have no derivative.
        """
        if not isinstance(x, ArrayLike):
            x = as_tensor(x)
        if x.dtype.kind not in "fc":
            raise messages.not_floating(x.dtype)
        if is_number(x):
            x = x.astype(x.dtype)
        if x.id is None:
            with _naming:
                x.id = x.id or x.Id(x.value)
        self.tracked.add(x.id)
        return x

    def write(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        """Keep a record of an operation if one of its arguments is tracked, and track its results."""
        derivative, tracked = operation.derivative, self.tracked
        if operation.traits.constant and (not derivative.rules or result.dtype.kind != "c"):
            return  # (np.sign is constant for real numbers, while that of complex numbers turns)
        inputs = inputs_of(operation, args, tracked)
        if not derivative.rules:
            self.accept(operation, args, kwargs, result)
        if not inputs:
            return
        kept = derivative.keep if len(args) <= len(derivative.keep) else derivative.for_more(len(args))
        args = tuple(map(retain, args, kept))
        if kwargs:
            kwargs = {name: retain(x, True) for name, x in operation.known(kwargs).items()}
        for y in result if type(result) is tuple else (result,):
            if y.id is None:  # else another listener has named it
                y.id = y.Id(y.value)
            if y.id.dtype.kind not in "iub":  # a cast to integers ends the path of the gradient
                tracked.add(y.id)
        ids = tuple([y.id for y in result]) if type(result) is tuple else result.id
        self.keep((operation, args, kwargs, result if derivative.keep_result else ids, ids, inputs))

    def accept(self, operation: Operation, args: tuple, kwargs: dict, result: Any) -> None:
        """Complain of an operation without a rule that would lose a gradient, unless that may be."""
        results = [y for y in (result if isinstance(result, tuple) else (result,)) if isinstance(y, Tensor)]
        carries = any(y.dtype.kind not in "iub" for y in results)
        if carries and not self.lenient and within((args, kwargs), self.tracked):
            raise messages.no_derivative(operation)


class Tape(Tracker):
    """Records operations, so that `gradient` can walk them backwards.

    Args:
        persistent: keep the records after the first `gradient`, so that more can be asked; an open persistent tape
            records its own backward walk too, so that gradients of gradients need no second tape.
        watch_variables: track each trainable variable that is read; otherwise only what `watch` was called on.
        explain: keep a journal of all operations, with the lines of the program, for the method `explain`; it is slow.

    Tapes nest: the walk of an inner tape is recorded on the outer one, which can differentiate the gradient again.

    >>> import ntb
    >>> x = ntb.tensor(3.0)
    >>> with Tape() as outer:
    ...     _ = outer.watch(x)
    ...     with Tape() as inner:
    ...         _ = inner.watch(x)
    ...         y = x**3
    ...     slope = inner.gradient(y, x)
    >>> slope, outer.gradient(slope, x)
    (Tensor(27.), Tensor(18.))
    """

    Journal: Any = None
    if TYPE_CHECKING:  # given by rooms above: ntb/explain, ntb/transforms, ntb/ops/stopping.py, ntb/values
        explain: Callable[..., str]
        jacobian: Callable[..., Any]
        stop_recording: Callable[[], Any]
        settled: Callable[..., dict]
        records: tuple[Record, ...]

    def __init__(self, persistent: bool = False, watch_variables: bool = True, explain: bool = False) -> None:
        super().__init__()
        self.persistent = persistent
        self.watch_variables = self._sees = watch_variables  # the second until it is used up
        self.roots: set[ValueId] = set()  # of the tracked: those that were watched, from which the others were computed
        self._records: list[tuple] = []  # of the fields of a Record, as a tuple is made in a fifth of its time
        self.keep = self._records.append
        self._used_up = False
        self.outline: list[tuple] = []  # of the records, where they are gone and `explain` may be asked for
        self.journal: Any = self.Journal(self.tracked) if explain else None

    def __enter__(self) -> Tape:
        if self in listeners.get():
            raise messages.already_recording()
        super().__enter__()
        if self.journal:
            self.journal.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        super().__exit__()
        if self.journal:
            self.journal.__exit__()

    def watch(self, x: Any) -> Any:
        x = super().watch(x)
        self.roots.add(x.id)
        return x

    def read(self, variable: Any) -> None:
        if self._sees and variable.trainable and variable.id.dtype.kind in "fc":
            self.roots.add(variable.id)
            self.tracked.add(variable.id)

    def gradient(self, target: Any, sources: Any, *, seed: Any = None, unconnected: str = "none") -> Any:
        """The gradient of `target` with respect to each of `sources`.

        Args:
            target: a Tensor computed while the tape recorded; a scalar, unless a seed is given.
            sources: a watched Tensor or a Variable, or lists, tuples and dicts of them.
            seed: weights of the target's elements, of its shape: the result is that of `sum(seed * target)`.
            unconnected: what a source has on which the target does not depend: "none" gives None, of which `explain`
                tells the reason, "zero" zeros.

        Returns:
            Tensors of each source's shape and dtype, in the structure of `sources`. That of a complex x is the
            direction of steepest ascent of a real target, ∂L/∂Re x + i ∂L/∂Im x.

        Raises:
            TapeError: the tape was used up, or an argument is no tensor.
            InputError: a target that is not a scalar needs a seed; a seed of another shape.
            GradientError: a target of complex numbers, integers or bools, without a seed.
        """
        if unconnected not in ("none", "zero"):
            raise messages.wrong_unconnected(unconnected)
        flat = leaves(sources)
        self.check(target, flat)
        target, values = target.read(), [source.read() for source in flat]
        ids = list(map(_id, values))
        seed = _seed_of(target, seed)
        found = self.walk({target.id: conjugated(seed)}, ids)
        if not self.persistent:
            self.use_up(unexplained=unconnected == "none" and len(found) < len(set(ids)))
        taken = set(map(id, map(_value, (seed, target, *values))))
        gradients = deliver([conjugated(found.get(x)) for x in ids], taken)
        if unconnected == "zero":
            zeros = [(x.id or x.Id(x.value)).zeros() for x in values]
            gradients = [wrap(zero) if g is None else g for zero, g in zip(zeros, gradients)]
        return fill(sources, gradients)

    def check(self, target: Any, sources: list[Any]) -> None:
        """Complain if the tape was used up, or is asked about something that is no tensor."""
        if self._used_up:
            raise messages.used_up()
        for x in (target, *sources):
            if not isinstance(x, ArrayLike):
                raise messages.unknown_to_tapes(x, "target" if x is target else "source")

    def use_up(self, unexplained: bool = False) -> None:
        """Let go of the records, and record no more. Where a gradient is None, `explain` is left an outline of them."""
        if unexplained or self.journal:
            self.outline = outline(self._records)
        self._records, self.tracked, self._used_up, self._sees = [], set(), True, False
        self.keep = self._records.append

    def walk(self, seeds: dict, sources: list[Any]) -> dict:
        """The backward walk from the gradients of results, by id, to those of the ids `sources` that have one.

        They are in the convention of rules for complex numbers; tensors where somebody listens, to record what is done.
        """
        seeds = {x: seed for x, seed in seeds.items() if x in self.tracked}
        if not seeds:
            return {}
        if self in listeners.get() and not self.persistent:
            with unheard(self):
                return self.walk(seeds, sources)
        wanted = set(sources)
        reached = self.tracked if self.roots <= wanted else reachable(self._records, wanted)
        tensors = bool(listeners.get()) or any(map(_needs_tensors, seeds))
        seeds = {x: (wrap if tensors else value_of)(seed) for x, seed in seeds.items()}
        records, before = list(self._records), pulling.set(None)
        walk = partial(backpropagate, records, seeds, wanted, reached)
        try:
            alone = not records[1:] and not any(map(_shape, seeds))
            return walk(tensors) if alone else self.settled(walk, records, seeds, tensors)
        finally:
            pulling.reset(before)


_id, _value, _shape, _needs_tensors = map(attrgetter, ("id", "value", "shape", "needs_tensors"))


def _seed_of(target: Tensor, seed: Any) -> Tensor:
    """The gradient of the target by itself, which is one, or the weights that are given for its elements."""
    if seed is None and target.shape:
        raise messages.not_scalar(target.shape)
    if target.dtype.kind not in ("f" if seed is None else "fciub"):
        raise messages.not_real(target.dtype)
    seed = Tensor(np.ones((), target.dtype)) if seed is None else as_tensor(seed)
    if seed.shape != target.shape:
        raise messages.wrong_seed(seed, target)
    return target.like(seed)
