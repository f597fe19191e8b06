"""Zero times infinity: where a gate stops a gradient it stays zero, whatever slope stands behind the gate.

`np.where(p > 0, p * np.log(p), 0)` passes on the gradient 0 at p = 0, where the logarithm is -inf, and 0 * -inf is NaN.
So does every other gate (clip, maximum, relu, a mask, x[1:]) before or behind every function that can be infinite.

The rules of the table need not know of it, and most programs do not. So a walk is first made as it is. Only when NaN
comes out of it is it made again, and now follows which elements are *open*: connected with the target by a path that no
gate has stopped. What is NaN and not open is zero. A zero that no gate made decides nothing: that of x² at 0 does not
make cbrt(x**2) flat there, and the gradient stays NaN.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np

from ..extending import extends
from ..primitive import primitive
from ..tape.gradient import pulled, unbroadcast
from ..tape.listener import listeners, pulling, traces
from ..tape.operation import Operation
from ..tape.rules import declare, operation_of
from ..tape.tape import Tape
from ..tape.tensor import Tensor, apply
from ..tape.value_id import ValueId
from ..tree import tree_map
from .indexing import put
from .safe import safe_divide, scale


@primitive
def irregular(x: Any) -> Any:
    """Numbers of the shape and dtype of `x`, between 1 and 2, that do not cancel in sums and differences of a few.

    They are the fractional parts of the multiples of the golden ratio (Knuth, "Sorting and Searching", section 6.4).

    >>> irregular(np.zeros(3)).round(3)
    array([1.618, 1.236, 1.854])
    """
    numbers = 1 + np.arange(1, np.size(x) + 1) * 0.6180339887498949 % 1
    return numbers.reshape(np.shape(x)).astype(x.dtype)[()]


declare(irregular, constant=True)


@extends(Tape)
class Gated:
    """How tapes walk through programs in which a zero may meet an infinite slope."""

    def settled(self: Any, walk: Callable[..., dict], records: list[tuple], seeds: dict, tensors: bool) -> dict:
        """What the walk finds; if that holds NaN, what it finds when gates are followed."""
        if not _may_lose_zeros(records, seeds):
            return walk(tensors)
        with nullcontext() if traces() else np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            found = walk(tensors)
            pulling.set(None)
            return walk(True, _Gates(seeds).pulled) if any(map(_has_nan, found.values())) else found


def _has_nan(x: Any) -> bool:
    """Whether there is a NaN among the elements. Squares cannot cancel, and BLAS adds them up in one fast pass.

    Inside a trace it is a decision, and numbers that decide otherwise are another trace. The step of a scan has one
    program for all numbers: there gates are not followed.
    """
    if type(x) in _ARRAYS:
        total = np.vdot(x, x)
        return bool(total != total)
    following = traces()
    one_for_all = following and any(getattr(listener, "serves_all_numbers", False) for listener in listeners.get())
    if type(x) is not Tensor or one_for_all:
        return False
    around = listeners.set(tuple(following))  # gradient tapes need not know
    try:
        total = apply(operation_of(np.vdot), (x, x))
        return bool(apply(operation_of(np.not_equal), (total, total)))
    finally:
        listeners.reset(around)


_ARRAYS = frozenset({np.ndarray, *np.sctypeDict.values()})


class _Gates:
    """Which elements are open, while a walk goes back through the records.

    Attributes:
        open: by id an array of bools, of the shape of the value.
    """

    def __init__(self, seeds: dict[ValueId, Any]) -> None:
        self.open: dict[ValueId, Any] = {x: np.not_equal(seed, 0) for x, seed in seeds.items()}

    def pulled(
        self, operation: Operation, g: Any, y: Any, args: tuple, kwargs: dict, inputs: list[tuple], result: Any
    ) -> Iterator[tuple[ValueId, Any]]:
        """The gradients of arguments, with zeros where they are NaN and not open."""
        several = type(result) is tuple
        opened = [self.open.pop(x, False) for x in (result if several else (result,))]
        marks: Any = [_marked(part, o) for part, o in zip(g if several else (g,), opened, strict=True)]
        marks = tuple(marks) if several else marks[0]
        for x in inputs:

            def pull(g: Any, args: tuple = args, x: tuple = x) -> Any:
                return next(pulled(operation, g, y, args, kwargs, [x], result))[1]

            d = pull(g)
            if operation in _bilinear():
                undisturbed = pull(marks, _mapped(_infinite, args)) == 0
                d = np.where(np.isnan(d) & undisturbed, pull(g, _mapped(_finite, args)), d)
                passed = pull(marks, _mapped(_finite_or_one, args)) != 0
            elif _is_elementwise(operation) and not several:
                passed = np.broadcast_to(opened[0], d.shape)
                if _closes(operation, inputs):
                    passed = passed & (pull(np.ones_like(g)) != 0)
            else:
                passed = pull(marks) != 0  # NaN counts as open
            d = np.where(np.isnan(d) & ~passed, 0, d)
            self.open[x[1]] = (unbroadcast(passed, x[1].shape) != 0) | self.open.get(x[1], False)
            yield x[1], d


def tangent_pulled(operation: Operation, t: Any, pull: Callable[[Any], Any], inputs: list[tuple]) -> Any:
    """The tangent `pull(t)` of an elementwise operation's result, where zeros stay: those of `t`, and of a gate."""
    with nullcontext() if traces() else np.errstate(invalid="ignore"):
        d = pull(t)
        if not _has_nan(d):
            return d
        stopped = t == 0
        if _closes(operation, inputs):
            stopped = stopped | (pull(np.ones_like(t)) == 0)
        return np.where(np.isnan(d) & stopped, 0, d)


# --- what is known of operations


def _may_lose_zeros(records: list[tuple], seeds: dict) -> bool:
    """Whether a gate stands before or after an operation whose slope may be infinite."""
    roles = {operation: _role_of(operation) for operation in set(map(_operation, records))}
    present = set(roles.values())
    seen = {"seed"} if any(map(_shape, seeds)) else set()
    alone = present <= _PRODUCTS or present.isdisjoint(_STEEP) or present.isdisjoint(_CLOSING)
    if alone and not seen and not any(map(_options, records)):
        return False
    for record in records:
        role = roles[record[0]]
        if role == "factor" and (len(record[5]) == 2 or float in map(type, record[1])):
            role = "steep"
        elif role == "factor" or role == "pole" or record[2]:
            role = _role_in(record, role)
        if role:
            if not seen.isdisjoint(_HARMFUL[role]):
                return True
            seen.add(role)
    return False


_STEEP, _CLOSING = frozenset({"steep", "pole", "factor", "product"}), frozenset({"gate", "selection", "factor"})
_PRODUCTS = frozenset({"", "factor", "product"})
_HARMFUL = {
    "gate": ("steep", "pole", "mask"),
    "selection": ("steep", "pole", "mask", "product"),
    "mask": ("steep", "pole", "seed"),
    "steep": ("gate", "selection", "seed"),
    "pole": ("gate", "selection", "mask", "seed"),
    "product": (),
}
"""For each role those that may not stand before it; "seed" is one whose elements may be 0. Most constant factors are no
masks, so that squared errors of products with data are not looked at."""
_operation, _options, _shape = operator.itemgetter(0), operator.itemgetter(2), operator.attrgetter("shape")


def _role_of(operation: Operation) -> str:
    """What it is to zeros; found once, and kept with the operation.

    "gate" and "selection": some elements do not count; "factor": they do not where the other factor is 0; "steep": its
    slope is infinite where its result is; "pole": also elsewhere; "product": of matrices; "": none of these.
    """
    known = vars(operation)
    if "role" not in known:
        known["role"] = _found_role(operation)
    return known["role"]


def _role_in(record: tuple, role: str) -> str:
    """The role of an operation with these arguments: "mask" of a factor that is a constant array."""
    operation, args, kwargs, _, _, inputs = record
    if role == "factor":
        return "mask" if len(inputs) == 1 and np.shape(args[1 - inputs[0][0]]) else "steep"
    if role == "pole" and operation.function is np.power and type(args[1]) in (int, float) and args[1] >= 1:
        return "steep"
    return "selection" if not role and "where" in kwargs else role


def _found_role(operation: Operation) -> str:
    how = operation.derivative
    if operation in _selections():
        return "selection"
    if operation.traits.product:
        return "product"
    if not (how.keep_result or any(keep and rule for keep, rule in zip(how.keep, how.rules, strict=False))):
        return ""  # the slope is the same for all numbers
    if operation.traits.to_zeros:
        return operation.traits.to_zeros
    if operation in _gates() or not _is_elementwise(operation):
        return "gate"
    return "factor" if operation in _factors() else "steep" if operation in _overflowing() else "pole"


def _is_elementwise(operation: Operation) -> bool:
    return operation.traits.elementwise or operation in _gates()


@functools.cache
def _gates() -> frozenset[Operation]:
    """Elementwise operations whose slope is zero where the result does not depend on the argument at all."""
    functions = (np.where, np.clip, np.maximum, np.minimum, np.fmax, np.fmin, np.heaviside, np.choose, np.nan_to_num)
    return frozenset(operation_of(f) for f in functions)


@functools.cache
def _overflowing() -> frozenset[Operation]:
    """Elementwise operations whose slope is finite wherever their result is."""
    functions: tuple = (np.square, np.exp, np.exp2, np.expm1, np.sinh, np.cosh, np.sin, np.cos, np.tanh, np.arctan)
    return frozenset(operation_of(f) for f in (*functions, np.absolute))


@functools.cache
def _factors() -> frozenset[Operation]:
    """Products, whose slope is zero where the other factor is."""
    return frozenset(operation_of(f) for f in (np.multiply, operator.mul))


def _closes(operation: Operation, inputs: list[tuple]) -> bool:
    """Whether a slope of zero means that there is no way: at gates, where the other factor is a constant, in rules."""
    constant_factor = len(inputs) == 1 and operation in _factors()
    gate = operation in _gates() or operation.traits.to_zeros == "gate"
    return constant_factor or gate or operation.function in (scale, safe_divide)


@functools.cache
def _bilinear() -> frozenset[Operation]:
    """Products, whose slopes are the other factor's elements."""
    functions = (np.matmul, np.dot, np.tensordot, np.einsum, np.vecdot, np.outer)
    return frozenset(operation_of(f) for f in functions)


@functools.cache
def _selections() -> frozenset[Operation]:
    """What passes on some of the elements."""
    functions: tuple = (np.where, np.choose, operator.getitem, np.take, np.take_along_axis, np.split, np.array_split)
    return frozenset(operation_of(f) for f in (*functions, np.tril, np.triu, np.diagonal, put))


# --- arrays that are sent through a rule instead of gradients and arguments


def _marked(g: Any, opened: Any) -> Any:
    """In the place of a gradient: numbers that cannot cancel where it is open, else 0."""
    return np.where(opened, irregular(g), np.zeros_like(g)) if g.dtype.kind in "fc" else g


def _mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    return tree_map(lambda x: function(x) if hasattr(x, "dtype") and hasattr(x, "ndim") else x, tree)


def _finite(x: Any) -> Any:
    return np.where(np.isfinite(x), x, 0)


def _finite_or_one(x: Any) -> Any:
    return np.where(np.isfinite(x), x, 1)


def _infinite(x: Any) -> Any:
    return np.where(np.isfinite(x), 0, 1)
