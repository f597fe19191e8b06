"""Tape: a list of what was computed, from which gradients are found.

    with Tape() as tape:
        loss = np.mean((x @ w - y) ** 2)
    dw = tape.gradient(loss, w)

Every operation on a value that an open tape tracks is written down as one `Record`: the operation, its arguments, its
result. `Tape.write` is the only function that does so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from .answers import checked, conjugated, deliver, map_sources
from .conversions import open_tapes
from .elsewhere import brought
from .errors import GradientError, InputError, TapeError
from .foreign import is_foreign
from .gradient import backpropagate, reachable, zeros
from .jacobian import reverse_jacobian
from .record import Record, listing, outline, retain, retained, tracked_positions, within
from .rules import Operation, no_gradient, primitive
from .tensor import ArrayLike, Tensor, astype, is_number, tensor, value_of
from .token import Token
from .variable import Variable

if TYPE_CHECKING:
    from .explain import Journal

new = object.__new__
naming = RLock()  # several threads may watch one tensor at the same time, which must get one token
FIRST, SECOND, BOTH = (0,), (1,), (0, 1)  # positions of tracked operands
NO_TAPE = "ntb.gradient is asked inside `with Tape():`, and no tape is open; after the block use tape.gradient"


class Tape:
    """Records operations, so that `gradient` can walk them backwards.

    Args:
        persistent: keep the records after the first `gradient`, so that more can be asked; an open persistent tape
            records its own backward walk too, so that gradients of gradients need no second tape.
        watch_variables: track trainable variables by themselves; otherwise only what `watch` was called on.
        explain: keep a journal of all operations, with the lines of the program, for the method `explain`; it is slow.

    Tapes nest: the walk of an inner tape is recorded on the outer one, which can differentiate the gradient again.

    >>> x = tensor(3.0)
    >>> with Tape() as outer:
    ...     _ = outer.watch(x)
    ...     with Tape() as inner:
    ...         _ = inner.watch(x)
    ...         y = x**3
    ...     slope = inner.gradient(y, x)
    >>> slope, outer.gradient(slope, x)
    (Tensor(27.), Tensor(18.))
    """

    keep = False
    """Whether the tape keeps every operation on tensors, tracked or not, with all values, as a trace does."""

    outer: Sequence[Tape] = ()
    """Tapes that do not see what goes on while this one is open, but a single operation that stands for it."""

    def __init__(self, persistent: bool = False, watch_variables: bool = True, explain: bool = False) -> None:
        self.persistent = persistent
        self.watch_variables = self._sees = watch_variables  # the second until it is used up
        self.tracked: set[Token] = set()
        self.roots: set[Token] = set()  # of the tracked: those that were watched, from which the others were computed
        self._records: list[tuple] = []  # of the fields of a Record, as a tuple is made in a fifth of its time
        self.lenient = False  # inside custom gradients: a missing rule is an error only when it is needed
        self._used_up = False
        self._outline: list[tuple] = []  # of the records, where they are gone and `explain` may be asked for
        self.journal: Journal | None = None
        if explain:
            from .explain import Journal

            self.journal = Journal(self.tracked)

    # --- recording

    def __enter__(self) -> Tape:
        if self in open_tapes.get():
            raise TapeError("this tape is already recording; leave out the inner `with`, or make another Tape()")
        open_tapes.set((*open_tapes.get(), self))
        if self.journal:
            self.journal.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        # Taken out by identity, not by position: a generator may leave its block after its caller entered another.
        open_tapes.set(tuple(tape for tape in open_tapes.get() if tape is not self and tape is not self.journal))

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """A block whose operations this tape does not record (outer and inner tapes do).

        >>> with Tape() as tape:
        ...     x = tape.watch(2.0)
        ...     with tape.stop_recording():
        ...         monitored = x * x
        >>> len(tape)
        0
        """
        before = open_tapes.get()
        if any(self in tape.outer for tape in before):
            raise TapeError(
                "stop_recording inside a checkpoint, scan or fixed_point, which the tape sees as one operation; "
                "use ntb.stop_gradient on what shall count as a constant"
            )
        open_tapes.set(tuple(tape for tape in before if tape is not self))
        try:
            yield
        finally:
            if self in before:
                at = before.index(self)
                now = [tape for tape in open_tapes.get() if tape is not self]
                open_tapes.set((*now[:at], self, *now[at:]))

    def watch(self, x: Any) -> Any:
        """Track a value: operations on it are recorded from now on.

        Args:
            x: a Tensor or Variable, which is returned, or an array or number, whose watched Tensor is returned.

        Raises:
            GradientError: its elements are integers or bools, which have no derivative.
        """
        if not isinstance(x, ArrayLike):
            x = tensor(x)
        if x.dtype.kind not in "fc":
            raise GradientError(
                f"only floating-point values have derivatives; this one has dtype {x.dtype}. Convert it: "
                "x.astype(float), or 2.0 in the place of 2"
            )
        if is_number(x):
            x = astype(x, x.dtype)
        if x.token is None:
            with naming:
                x.token = x.token or Token(x.value)
        self._track(x.token)
        return x

    def see(self, variable: Variable) -> None:
        """Called when a variable is read while the tape is open."""
        if self._sees and variable.trainable and variable.token.dtype.kind in "fc":
            self._track(variable.token)

    def will_draw(self, generator: Any) -> Any:
        """Called before a generator of `ntb.random` draws while the tape is open; what it returns is taken instead."""
        return None

    def will_assign(self, variable: Variable) -> None:
        """Called before a variable is assigned a value while the tape is open."""

    def look(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        """Called with every operation inside a part that the tape sees as one: a checkpoint, a step of a scan."""

    def _track(self, token: Token) -> None:
        self.roots.add(token)
        self.tracked.add(token)

    def write(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        """Write down an operation if the tape tracks one of its arguments. The only function that appends to tapes.

        `kwargs` is None where the arguments are two operands: each a tensor, an array or a number. They are many, and
        are written down in the fewest steps.
        """
        tracked = self.tracked
        if kwargs is None and operation.two:
            a, b = args
            keep_a, keep_b = operation.keep
            second = type(b) is Tensor and b.token in tracked
            if type(a) is Tensor and a.token in tracked:
                positions: Any = BOTH if second else FIRST
                a = a if keep_a else a.token
            elif second:
                positions = SECOND
                a = a if type(a) is float else retain(a, keep_a)
            else:
                return
            if second:
                b = b if keep_b else b.token
            elif type(b) is not float:
                b = retain(b, keep_b)
            args = (a, b)
        elif operation.constant and (operation.rules is None or result.dtype.kind != "c"):
            return  # (np.sign is constant for real numbers, while that of complex numbers turns)
        else:
            positions = tracked_positions(operation, args, tracked)
            if operation.rules is None and self._passes(operation, positions, args, kwargs, result):
                return
            if not positions:
                return
            args = retained(operation, args)
            kwargs = {name: retain(x, True) for name, x in operation.known(kwargs).items()} if kwargs else {}
        if type(result) is Tensor:
            token: Any = result.token
            if token is None:  # else an outer tape has named the result
                token = result.token = new(Token)  # what Token(value) does, in two thirds of its time
                token.shape, token.dtype = result.value.shape, result.value.dtype
            if kwargs is None or token.dtype.kind in "fc":  # a cast to integers ends the path of the gradient
                tracked.add(token)
        else:
            for part in result:
                part.token = part.token or Token(part.value)
            token = tuple([part.token for part in result])
            tracked.update([t for t in token if t.dtype.kind not in "iub"])
        value = result if operation.keep_result else token
        self._records.append((operation, args, kwargs, value, token, positions))

    def _passes(self, operation: Operation, positions: list, args: tuple, kwargs: dict | None, result: Any) -> bool:
        """Whether an operation without a rule needs no record. If it would lose a gradient, it is refused."""
        results = result if isinstance(result, tuple) else (result,)
        if not (positions or within((args, kwargs), self.tracked)) or all(
            t.dtype.kind in "iub" for t in results if type(t) is Tensor
        ):
            return True
        if not self.lenient:
            reason = f": {operation.refusal}" if operation.refusal else ""
            raise GradientError(
                f"{operation.name} has no derivative rule{reason}. Its argument is tracked by an open tape: compute "
                "it from other NumPy functions, wrap it with ntb.custom_gradient, or use ntb.stop_gradient on the "
                "argument"
            )
        return False

    # --- reading

    @property
    def records(self) -> tuple[Record, ...]:
        """What was recorded, oldest first."""
        return tuple([Record._make(fields) for fields in self._records])

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        """A numbered listing: one line per record, where `%3` is the result of line 3."""
        return listing(self.records)

    # --- gradients

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
        """
        self._check_usable()
        if unconnected not in ("none", "zero"):
            raise InputError(f'unconnected is "none" or "zero", not {unconnected!r}')
        target = checked(target, "target")
        flat: list[Any] = []
        map_sources(flat.append, sources)
        tokens = [checked(source, "source").token for source in flat]
        seed = self._seed(target, seed)
        found = self.walk({target.token: conjugated(seed)}, tokens)
        if not self.persistent:
            self._use_up(unexplained=unconnected == "none" and len(found) < len(set(tokens)))
        taken = {id(value_of(t)) for t in (seed, target.read(), *(source.read() for source in flat))}
        gradients = iter(deliver([conjugated(found.get(token)) for token in tokens], taken))

        def answer(source: Any) -> Any:
            g = next(gradients)
            return Tensor(zeros(source, source.read().value)) if g is None and unconnected == "zero" else g

        return map_sources(answer, sources)

    def jacobian(self, target: Any, sources: Any) -> Any:
        """The derivatives of every element of `target`, of shape `target.shape + source.shape`; one walk an element.

        Where complex numbers take part: of a real target, for each element its gradient; of a complex target, the
        derivative itself, and for a complex source the target must be a holomorphic function of it.

        Raises:
            GradientError: a complex target is not a holomorphic function of a complex source.

        >>> with Tape() as tape:
        ...     x = tape.watch([1.0, 2.0])
        ...     y = x * x
        >>> tape.jacobian(y, x)
        Tensor([[2., 0.],
                [0., 4.]])
        """
        self._check_usable()
        target = checked(target, "target")
        persistent, self.persistent = self.persistent, True
        flat: list[Any] = []
        map_sources(lambda source: flat.append(checked(source, "source")), sources)
        try:
            answers = iter(reverse_jacobian(self, target, flat))
        finally:
            self.persistent = persistent
        if not persistent:
            self._use_up()
        return map_sources(lambda _: next(answers), sources)

    def explain(self, target: Any, source: Any) -> str:
        """Why the gradient of `target` with respect to `source` is None, or through which operations it flows.

        By itself a tape knows only what it recorded. One that was made with `Tape(explain=True)` also names operations
        without gradient on the way, and all lines. It can be asked after `gradient`, too.

        >>> with Tape(explain=True) as tape:
        ...     x = tape.watch([1.0, 2.0])
        ...     best = np.argmax(x)
        ...     y = best * 2.0
        >>> print(tape.explain(y, x))  # doctest: +ELLIPSIS
        The gradient is None: the way ... passes through np.argmax at <doctest ...>:3: best = np.argmax(x), an ...
        """
        from .explain import explanation

        return explanation(self, target, source)

    def outline(self) -> list[tuple]:
        """For each record the operation, the tokens of the tracked arguments, and the token of the result."""
        return self._outline or outline(self._records)

    def _use_up(self, unexplained: bool = False) -> None:
        """Let go of the records, and record no more, should the tape still be open here or in a task.

        Where a gradient is None, `explain` is left an outline of them, without arrays.
        """
        if unexplained and not self.journal:
            self._outline = outline(self._records)
        self._records, self.tracked, self._used_up, self._sees = [], set(), True, False

    def _check_usable(self) -> None:
        if self._used_up:
            raise TapeError(
                "this tape was used up by its first gradient; make it with Tape(persistent=True) to ask again"
            )

    def _seed(self, target: Any, seed: Any) -> Any:
        value = target.read().value
        if seed is None:
            if target.size != 1 or target.ndim:
                raise InputError(
                    f"the target has shape {target.shape}; a gradient is of a scalar: take its sum or mean, or pass "
                    "seed= with a weight for each element; tape.jacobian has all derivatives"
                )
            return np.ones_like(value) if is_foreign(value) else np.ones((), target.dtype)
        seed = seed.read() if isinstance(seed, ArrayLike) else seed.copy() if is_foreign(seed) else np.array(seed)
        if seed.shape != target.shape:
            raise InputError(
                f"the seed has shape {seed.shape}; it is a weight for each element of the target {target.shape}"
            )
        if type(seed) is not Tensor:
            return brought(seed, value)
        array = brought(seed.value, value)
        return seed if array is seed.value else Tensor(array, seed.token)

    def walk(self, seeds: dict, sources: list[Any]) -> dict:
        """The backward walk from the gradients of results, by token, to those of the tokens `sources` that have one.

        Gradients are in the convention of rules for complex numbers. Where other tapes listen the rules get tensors, so
        that these tapes record what they do.
        """
        seeds = {token: seed for token, seed in seeds.items() if token in self.tracked}
        if not seeds:
            return {}
        listening = open_tapes.get()
        if self in listening and not self.persistent:
            with self.stop_recording():
                return self.walk(seeds, sources)
        wanted = set(sources)
        reached = self.tracked if self.roots <= wanted else reachable(self._records, wanted)
        if listening or any(is_foreign(value_of(seed)) for seed in seeds.values()):  # all operations go by `apply`
            seeds = {token: seed if isinstance(seed, Tensor) else Tensor(seed) for token, seed in seeds.items()}
            return backpropagate(list(self._records), seeds, wanted, reached, tensors=True)
        return backpropagate(self._records, value_of(seeds), wanted, reached)


def gradient(target: Any, sources: Any, *, seed: Any = None, unconnected: str = "none") -> Any:
    """`Tape.gradient` of the innermost open tape.

    >>> with Tape() as tape:
    ...     x = tape.watch([1.0, 2.0])
    ...     g = gradient(np.sum(x**2), x)
    >>> g
    Tensor([2., 4.])
    """
    for tape in reversed(open_tapes.get()):
        if not tape.keep:
            return tape.gradient(target, sources, seed=seed, unconnected=unconnected)
    raise TapeError(NO_TAPE)


@primitive(general=True)
def stop_gradient(x: Any) -> Any:
    """The same value as a constant: no gradient flows through it.

    >>> with Tape() as tape:
    ...     x = tape.watch(3.0)
    ...     y = x * stop_gradient(x)
    >>> tape.gradient(y, x)
    Tensor(3.)
    """
    return x


no_gradient(stop_gradient)
