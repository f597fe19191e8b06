"""Forward mode: the chain rule read from the first record to the last, without a second table of rules.

A rule of the table is linear in g: it is the transposed Jacobian of its operation, gᵀ -> gᵀJ. Forward mode needs J
itself, tangent -> J tangent, and gets it from the same rule:

- the Jacobian of an elementwise operation is diagonal, so its rule is its own transpose: `rule(tangent, y, *args)`;
- any other rule is transposed by the tape. The rule is recorded for a g of zeros, and the backward walk through that
  short recording, with the tangent as its seed, gives J tangent (Townsend, "A new trick for calculating
  Jacobian-vector products", 2017). It is done operation by operation, so that memory does not grow with depth.

Complex numbers follow: rules transpose with respect to Re(g dx), of which the transpose of the transpose is J again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import numpy as np

from ..replay.function import Function
from ..tape.answers import deliver, map_sources
from ..tape.conversions import open_tapes
from ..tape.errors import GradientError, InputError
from ..tape.gradient import fit
from ..tape.record import token_at
from ..tape.rules import Operation
from ..tape.tape import Tape
from ..tape.tensor import Tensor, astype, tensor, value_of
from ..tape.token import Token
from .structures import as_tensors, is_float, leaves, like, matching, watched, without_aux, zeros_of

Tangents = MutableMapping[Token, Any]


# --- one operation


def differential(record: tuple) -> Callable[[Tangents], None]:
    """A function that puts the tangents of a record's results among the tangents, from those of its arguments.

    What depends on the tangents is linear, and runs in that function; all else has run before.
    """
    operation, args, _, _, result, positions = record
    tokens = [token_at(operation, args, position) for position in positions]
    if isinstance(operation, Repetition):
        return repeated_differential(record, tokens)
    diagonal = (
        operation.elementwise
        and type(result) is Token
        and all(t.dtype.kind == "f" and (t.shape == result.shape or operation.broadcasts) for t in (result, *tokens))
    )
    return (diagonal_differential if diagonal else transposed_differential)(record, tokens)


def diagonal_differential(record: tuple, tokens: list[Token]) -> Callable[[Tangents], None]:
    """That of an elementwise operation on real numbers, by its rules themselves."""
    operation, args, kwargs, y, result, positions = record
    if not open_tapes.get():
        args, kwargs, y = value_of((args, kwargs, y))

    def apply(tangents: Tangents) -> None:
        total = None
        for position, token in zip(positions, tokens):
            t = tangent_of(token, tangents)
            if t is not None:
                t = in_form(t, result)  # as a gradient of the result would be, which is what the rule expects
                t = operation.rule(position)(t, y, *args, **(kwargs or {}))
                total = t if total is None else np.add(total, t)
        if total is not None:
            tangents[result] = in_form(total, result)

    return apply


def transposed_differential(record: tuple, tokens: list[Token]) -> Callable[[Tangents], None]:
    """That of any operation: its rules are recorded on a tape, which walks through them for each tangent."""
    operation, args, kwargs, y, result, positions = record
    results = result if isinstance(result, tuple) else (result,)
    tape = Tape(watch_variables=False)
    pulled = []
    with tape, np.errstate(all="ignore"):
        gs = [tape.watch(zeros_of(t)) if t.dtype.kind in "fc" else zeros_of(t) for t in results]
        g = tuple(gs) if isinstance(result, tuple) else gs[0]
        at: Any = None
        for position, token in zip(positions, tokens):
            if type(position) is int:
                d = operation.rule(position)(g, y, *args, **(kwargs or {}))
            else:  # an item of a list: the rule gives a function from the item's index to its gradient
                if position[0] != at:
                    at = position[0]
                    piece = operation.rule(at)(g, y, *args, **(kwargs or {}))
                d = piece(position[1])
            if isinstance(d, Tensor) and (d.shape != token.shape or d.dtype != token.dtype):
                d = fit(d, token, operation)
            pulled.append(d)

    def apply(tangents: Tangents) -> None:
        seeds: dict[Token, Any] = {}
        reached = False
        for d, token in zip(pulled, tokens):
            t = tangent_of(token, tangents)
            reached = reached or t is not None
            if t is not None and isinstance(d, Tensor) and d.token in tape.tracked:  # else the rule gives zeros
                seeds[d.token] = np.add(seeds[d.token], t) if d.token in seeds else t
        if reached:
            found = tape.walk(seeds, [g.token for g in gs])
            for token, g in zip(results, gs):
                if token.dtype.kind in "fc":
                    tangents[token] = found.get(g.token, zeros_of(token).value)

    return apply


class Repetition(Operation):
    """An operation that repeats a step, the items of whose second argument it depends on (see steps.py).

    Attributes:
        push: from its results, the arguments from the second on, and tangents by the place in the second, to the
            tangents of its results.
    """

    __slots__ = ("push",)

    push: Callable[..., list[Any]]


def repeated_differential(record: tuple, tokens: list[Token]) -> Callable[[Tangents], None]:
    """That of a repetition, which says itself what becomes of tangents: its transposed rule would repeat too much."""
    operation, args, _, y, result, positions = record

    def apply(tangents: Tangents) -> None:
        found = [tangent_of(token, tangents) for token in tokens]
        given = {at[1]: t for at, t in zip(positions, as_tensors(found)) if t is not None}
        if given:
            for token, t in zip(result, operation.push(y, *args[1:], tangents=given)):
                if t is not None:
                    tangents[token] = t if open_tapes.get() else t.value

    return apply


def tangent_of(token: Token, tangents: Tangents) -> Any:
    """The tangent of a value, None where it does not change; an error where one was lost."""
    t = tangents.get(token)
    if isinstance(t, GradientError):
        raise t
    return t


def in_form(t: Any, token: Token) -> Any:
    """A tangent in the shape and dtype of a value, to which it is broadcast."""
    if t.dtype != token.dtype:
        t = astype(t, token.dtype)
    return t if t.shape == token.shape else np.broadcast_to(t, token.shape)


# --- while a function runs


class ForwardTape(Tape):
    """A tape that keeps no records: it pushes the tangents through each operation at once, and forgets it.

    A tangent lives as long as its value. Tapes that were opened before this one record what is done with tangents.
    """

    def __init__(self) -> None:
        super().__init__(watch_variables=False)
        self.tracked: Any = WeakSet()
        self.tangents: WeakKeyDictionary[Token, Any] = WeakKeyDictionary()

    def write(self, operation: Operation, args: tuple, kwargs: dict | None, result: Any) -> None:
        super().write(operation, args, kwargs, result)
        if self._records:
            record = self._records.pop()
            with outside(self):
                try:
                    differential(record)(self.tangents)
                except GradientError as error:
                    if not self.lenient:
                        raise
                    results = record[4] if type(record[4]) is tuple else (record[4],)
                    self.tangents.update((token, error) for token in results)  # raised when somebody needs it


@contextmanager
def outside(tape: Tape) -> Iterator[None]:
    """A block that only the tapes see that were opened before this one."""
    tapes = open_tapes.get()
    token = open_tapes.set(tapes[: tapes.index(tape)])
    try:
        yield
    finally:
        open_tapes.reset(token)


def jvp(f: Callable[..., Any], xs: Any, tangents: Any, has_aux: bool = False) -> tuple:
    """The value of `f(*xs)`, and its derivative along the direction `tangents` (Jacobian-vector product).

    It is forward mode: beside each value runs its tangent, for about the price of two more runs of `f`, and nothing is
    kept for a walk back (Griewank and Walther, "Evaluating Derivatives", 2008, section 3.1).

    Args:
        f: a function of arrays, or of lists, tuples and dicts of them, that returns such a structure.
        xs: the tuple of its arguments.
        tangents: the tuple of their directions, of the same structure, shapes and dtypes; None stands for zeros.
        has_aux: `f` returns a pair of the result and anything else, which is then the third part of the answer.

    Returns:
        `(y, dy)`; `dy` has the structure, shapes and dtypes of `y`, and None in the place of what is no float.

    Raises:
        InputError: the tangents do not fit the arguments.

    The derivative of sin(x y) along (1, 0) is y cos(x y):

    >>> import numpy as np
    >>> y, dy = jvp(lambda x, y: np.sin(x * y), (0.0, 2.0), (1.0, 0.0))
    >>> y, dy
    (Tensor(0.), Tensor(2.))
    """
    if not isinstance(xs, tuple | list) or not isinstance(tangents, tuple | list):
        raise InputError(
            "jvp takes a tuple of arguments and one of their directions, jvp(f, (x,), (v,)), not a "
            f"{type(xs).__name__} and a {type(tangents).__name__}"
        )
    tape = ForwardTape()
    given = map_sources(lambda x: watched(tape, x), tuple(xs))
    directions = matching(tuple(tangents), given, "the tangent")
    for x, t in zip(leaves(given), directions, strict=True):
        if t is not None:
            tape.tangents[x.token] = t if open_tapes.get() else t.value
    with tape:
        result = f(*given)
    value, aux = without_aux(result, has_aux)
    answer = tangents_of(value, tape.tangents, directions)
    return (value, answer, aux) if has_aux else (value, answer)


def tangents_of(value: Any, tangents: Tangents, given: list[Any]) -> Any:
    """The tangents of a structure of values, in memory of their own."""
    found = []
    for y in leaves(value):
        t = tangent_of(y.token, tangents) if getattr(y, "token", None) is not None else None
        found.append(zeros_of(tensor(y)) if t is None and is_float(y) else t)
    taken = {id(value_of(x)) for x in (*given, *leaves(value))}
    return like(value, deliver(found, taken))


# --- after it has run


def linearize(f: Callable[..., Any], *xs: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of `f(*xs)`, and the linear function that approximates `f` there, for many directions.

    `f` runs once. What its derivative along a direction needs is then traced on the first call, for which the value and
    all slopes are constants: later calls replay the linear part alone.

    Args:
        f: a function of arrays, or of lists, tuples and dicts of them, that returns such a structure.
        xs: its arguments.

    Returns:
        `(y, push)`, where `push(*tangents)` is what `jvp(f, xs, tangents)[1]` is.

    Newton's method in one dimension, where a step solves y + push(s) = 0 (Nocedal and Wright, "Numerical
    Optimization", 2006, section 11.1):

    >>> y, push = linearize(lambda x: x * x - 2.0, 1.5)
    >>> y, push(1.0), push(2.0)
    (Tensor(0.25), Tensor(3.), Tensor(6.))
    """
    tape = Tape(persistent=True, watch_variables=False)
    given = map_sources(lambda x: watched(tape, x), xs)
    with tape:
        value = f(*given)

    def push(*tangents: Any) -> Any:
        directions = matching(tangents, given, "the tangent")
        return push_through(tape.records, leaves(given), directions, value)

    return value, Function(push)


def push_through(records: Sequence[tuple], xs: list[Any], directions: list[Any], value: Any) -> Any:
    """The tangents of a structure of values that were computed from `xs`, for these directions of them."""
    tangents: dict[Token, Any] = {
        x.token: t if open_tapes.get() else t.value for x, t in zip(xs, directions, strict=True) if t is not None
    }
    for record in records:
        if any(token_at(record[0], record[1], position) in tangents for position in record[5]):
            differential(record)(tangents)
    return tangents_of(value, tangents, directions)
