"""Forward mode: the chain rule read from the first record to the last, without a second table of rules.

A rule of the table is linear in g: it is the transposed Jacobian of its operation, gᵀ -> gᵀJ. Forward mode needs J
itself, tangent -> J tangent, and gets it from the same rule:

- the Jacobian of an elementwise operation is diagonal, so its rule is its own transpose: `rule(tangent, y, *args)`;
- any other rule is transposed by the tape. The rule is recorded for a g of zeros, and the backward walk through that
  short recording, with the tangent as its seed, gives J tangent (Townsend, "A new trick for calculating
  Jacobian-vector products", 2017). It is done operation by operation, so that memory does not grow with depth.

Complex numbers work too: rules transpose with respect to Re(g dx), and transposing twice gives J again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import numpy as np

from ..errors import GradientError, InputError
from ..ops.gates import tangent_pulled
from ..replay.function import Function
from ..tape.gradient import deliver, fit
from ..tape.gradient import pulled as pulled_back
from ..tape.listener import listeners
from ..tape.operation import Operation
from ..tape.tape import Tape, Tracker
from ..tape.tensor import Tensor, value_of
from ..tape.value_id import ValueId
from ..tree import fill, leaves, tree_map
from ..values.creation import astype, tensor
from ..values.in_kind import to_arrays, wants_arrays
from .custom import CustomGradient
from .structures import as_tensors, checked_result, is_float, matching, watched, without_aux, zeros_of

_Tangents = MutableMapping[ValueId, Any]


# --- one operation


def differential(record: tuple) -> Callable[[_Tangents], None]:
    """A function that reads the tangents of a record's arguments from a mapping, and adds its results' tangents to it.

    What depends on the tangents is linear, and runs in that function; all else has run before.
    """
    operation, _, _, _, result, inputs = record
    if isinstance(operation, Repetition):
        return _repeated_differential(record)
    known = operation.traits
    diagonal = (
        known.elementwise
        and known.takes_out
        and type(result) is not tuple
        and all(
            x.dtype.kind == "f" and (x.shape == result.shape or known.broadcasts)
            for x in (result, *[x for _, x in inputs])
        )
    )
    return (_diagonal_differential if diagonal else _transposed_differential)(record)


def _diagonal_differential(record: tuple) -> Callable[[_Tangents], None]:
    """`differential` for an elementwise operation on real numbers: its rules work on the tangents."""
    operation, args, kwargs, y, result, inputs = record
    if not listeners.get():
        args, kwargs, y = value_of((args, kwargs, y))

    def apply(tangents: _Tangents) -> None:
        total = None
        for position, x in inputs:
            t = tangent_of(x, tangents)
            if t is not None:
                t = _in_form(t, result)  # in the form of a gradient of the result, as the rule expects
                t = tangent_pulled(operation, t, partial(_pull, operation.rule(position), y, args, kwargs), inputs)
                total = t if total is None else np.add(total, t)
        if total is not None:
            tangents[result] = _in_form(total, result)

    return apply


def _pull(rule: Callable[..., Any], y: Any, args: tuple, kwargs: dict, t: Any) -> Any:
    return rule(t, y, *args, **kwargs)


def _transposed_differential(record: tuple) -> Callable[[_Tangents], None]:
    """`differential` for any operation: a tape records its rules, and walks through them for each tangent."""
    operation, args, kwargs, y, result, inputs = record
    results = result if isinstance(result, tuple) else (result,)
    tape = Tape(watch_variables=False)
    pulled = []
    if isinstance(operation, CustomGradient):
        operation.check_linear(y, args)
    with tape, np.errstate(all="ignore"):
        gs = [tape.watch(zeros_of(t)) if t.dtype.kind in "fc" else zeros_of(t) for t in results]
        g = tuple(gs) if isinstance(result, tuple) else gs[0]
        for x, d in pulled_back(operation, g, y, args, kwargs, inputs):
            pulled.append((x, fit(d, x, operation) if isinstance(d, Tensor) else d))

    def apply(tangents: _Tangents) -> None:
        seeds: dict[ValueId, Any] = {}
        reached = False
        for x, d in pulled:
            t = tangent_of(x, tangents)
            reached = reached or t is not None
            if t is not None and isinstance(d, Tensor) and d.id in tape.tracked:  # else the rule gives zeros
                seeds[d.id] = np.add(seeds[d.id], t) if d.id in seeds else t
        if reached:
            walked = tape.walk(seeds, [g.id for g in gs])
            found = [walked.get(g.id, zeros_of(y_id).value) for y_id, g in zip(results, gs)]
            if operation.traits.along is not None:
                moves = {position: tangent_of(x, tangents) for position, x in inputs}
                found = operation.traits.along(found, [moves.get(i) for i in range(len(args))], y, *args, **kwargs)
            tangents.update((y_id, t) for y_id, t in zip(results, found) if y_id.dtype.kind in "fc")

    return apply


class Repetition(Operation):
    """An operation that repeats a step; it depends on the items of its second argument (see steps.py).

    Attributes:
        push: from its results, the arguments from the second on, and the tangents of the second argument's items, by
            position, to the tangents of its results.
    """

    push: Callable[..., list[Any]]


def _repeated_differential(record: tuple) -> Callable[[_Tangents], None]:
    """`differential` for a repetition: it calls `push`, since the transposed rule would repeat too much."""
    operation, args, _, y, result, inputs = record

    def apply(tangents: _Tangents) -> None:
        found = as_tensors([tangent_of(x, tangents) for _, x in inputs])
        given = {at[1]: t for (at, _), t in zip(inputs, found) if t is not None}
        if given:
            for y_id, t in zip(result, operation.push(y, *args[1:], tangents=given)):
                if t is not None:
                    tangents[y_id] = t if listeners.get() else t.value

    return apply


def tangent_of(x: ValueId, tangents: _Tangents) -> Any:
    """The tangent of a value, None if the value does not change; an error if the tangent was lost."""
    t = tangents.get(x)
    if isinstance(t, GradientError):
        raise t
    return t


def _in_form(t: Any, x: ValueId) -> Any:
    """A tangent, broadcast to the shape of a value and in its dtype."""
    if t.dtype != x.dtype:
        t = astype(t, x.dtype)
    return t if t.shape == x.shape else np.broadcast_to(t, x.shape)


# --- while a function runs


class ForwardTape(Tracker):
    """Keeps no records: it pushes the tangents through each operation at once, and forgets the operation.

    A tangent lives as long as its value. Listeners opened before this one are told what is done with tangents.
    """

    def __init__(self) -> None:
        self.tracked = WeakSet()
        self.tangents: WeakKeyDictionary[ValueId, Any] = WeakKeyDictionary()

    def keep(self, record: tuple) -> None:
        with _heard_outside(self):
            try:
                differential(record)(self.tangents)
            except GradientError as error:
                if not self.lenient:
                    raise
                results = record[4] if type(record[4]) is tuple else (record[4],)
                self.tangents.update((y, error) for y in results)  # raised when one of these tangents is needed


@contextmanager
def _heard_outside(tape: ForwardTape) -> Iterator[None]:
    """A block that only the listeners opened before this tape are told of."""
    opened = listeners.get()
    before = listeners.set(opened[: opened.index(tape)])
    try:
        yield
    finally:
        listeners.reset(before)


def jvp(f: Callable[..., Any], xs: Any, tangents: Any, has_aux: bool = False) -> tuple:
    """The value of `f(*xs)`, and its derivative along the direction `tangents` (Jacobian-vector product).

    It is forward mode: each value has its tangent beside it, for about the price of two more runs of `f`. Nothing is
    kept for a backward walk (Griewank and Walther, "Evaluating Derivatives", 2008, section 3.1).

    Args:
        f: a function of arrays, or of lists, tuples and dicts of them, that returns such a structure.
        xs: the tuple of its arguments.
        tangents: the tuple of their directions, of the same structure, shapes and dtypes; None stands for zeros.
        has_aux: `f` returns a pair of the result and anything else, which is then the third part of the answer.

    Returns:
        `(y, dy)`; `dy` has the structure, shapes and dtypes of `y`, and None for what is no float.

    Raises:
        InputError: the tangents do not fit the arguments.

    The derivative of sin(x y) along (1, 0) is y cos(x y):

    >>> import numpy as np
    >>> y, dy = jvp(lambda x, y: np.sin(x * y), (0.0, 2.0), (1.0, 0.0))
    >>> y, dy
    (np.float64(0.0), np.float64(2.0))
    """
    if not isinstance(xs, tuple | list) or not isinstance(tangents, tuple | list):
        raise InputError(
            "jvp takes a tuple of arguments and one of their directions, jvp(f, (x,), (v,)), not a "
            f"{type(xs).__name__} and a {type(tangents).__name__}"
        )
    arrays = wants_arrays(xs, tangents)
    tape = ForwardTape()
    given = tree_map(lambda x: watched(tape, x), tuple(xs))
    directions = matching(tuple(tangents), given, "the tangent")
    for x, t in zip(leaves(given), directions, strict=True):
        if t is not None:
            tape.tangents[x.id] = t if listeners.get() else t.value
    with tape:
        result = f(*given)
    value, aux = without_aux(result, has_aux)
    answer = _tangents_of(value, tape.tangents, directions)
    if arrays:
        value, answer, aux = to_arrays(value), to_arrays(answer, own=True), to_arrays(aux)
    return (value, answer, aux) if has_aux else (value, answer)


def _tangents_of(value: Any, tangents: _Tangents, given: list[Any]) -> Any:
    """The tangents of a tree of values, in memory of their own."""
    found = []
    for y in leaves(value):
        t = tangent_of(y.id, tangents) if getattr(y, "id", None) is not None else None
        found.append(zeros_of(tensor(y)) if t is None and is_float(y) else t)
    taken = {id(value_of(x)) for x in (*given, *leaves(value))}
    return fill(value, deliver(found, taken))


# --- after it has run


def linearize(f: Callable[..., Any], *xs: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of `f(*xs)`, and the linear function that approximates `f` there, for many directions.

    `f` runs once. The first call of that function traces the derivative along a direction, with the value and all
    slopes as constants; later calls replay the linear part alone.

    Args:
        f: a function of arrays, or of lists, tuples and dicts of them, that returns such a structure.
        xs: its arguments.

    Returns:
        `(y, push)`, where `push(*tangents)` is what `jvp(f, xs, tangents)[1]` is.

    Newton's method in one dimension, where a step solves y + push(s) = 0 (Nocedal and Wright, "Numerical
    Optimization", 2006, section 11.1):

    >>> y, push = linearize(lambda x: x * x - 2.0, 1.5)
    >>> y, push(1.0), push(2.0)
    (np.float64(0.25), np.float64(3.0), np.float64(6.0))
    """
    arrays = wants_arrays(xs)
    tape = Tape(persistent=True, watch_variables=False)
    given = tree_map(lambda x: watched(tape, x), xs)
    with tape:
        value = checked_result(f(*given))

    def push(*tangents: Any) -> Any:
        directions = matching(tangents, given, "the tangent")
        return _push_through(tape.records, leaves(given), directions, value)

    return (to_arrays(value) if arrays else value), Function(push, in_kind=arrays)


def _push_through(records: Sequence[tuple], xs: list[Any], directions: list[Any], value: Any) -> Any:
    """The tangents of a tree of values that were computed from `xs`, for these directions of `xs`."""
    tangents: dict[ValueId, Any] = {
        x.id: t if listeners.get() else t.value for x, t in zip(xs, directions, strict=True) if t is not None
    }
    for record in records:
        if any(x in tangents for _, x in record[5]):
            differential(record)(tangents)
    return _tangents_of(value, tangents, directions)
