"""Calls: the shortest way to the same numbers.

Many of NumPy's functions are a few lines of Python around a ufunc's method or an array's method. A program calls the
method directly. It also gives ufuncs their constant numbers as arrays, which saves a conversion in each call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..blockwise import blockwise
from .code import Code, Instruction, Ref


class _Out:
    """Stands in arguments for the array that the result is written into, or for None if the result has no place."""

    def __repr__(self) -> str:
        return "out"


OUT = _Out()


def shorten(code: Code) -> Code:
    """Replace long calls by shorter ones.

    Many of NumPy's functions are a few lines of Python around a method of a ufunc or of an array, which does the
    arithmetic: `np.mean` is a sum and a division by the number of elements. `out` stands where a place can be given.
    """
    instructions = []
    for instruction in code.instructions:
        shorter, found = _SHORTER.get(instruction.function), None
        if shorter is not None and type(instruction.args[0]) is Ref and code.specs[instruction.args[0]].strides:
            found = shorter(code, instruction, *instruction.args, **instruction.kwargs)
        instructions += found or [instruction]
    code.instructions = instructions
    return code


def _reduction(ufunc: np.ufunc) -> Callable[..., list[Instruction] | None]:
    method = ufunc.reduce

    def rule(code: Code, i: Instruction, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
             keepdims: Any = False, *more: Any, **others: Any) -> list[Instruction] | None:  # fmt: skip
        if more or others or type(keepdims) is not bool:
            return None
        return [i.standing_for(method, (a, axis, dtype, OUT, keepdims), {}, i.result)]

    return rule


def _shorter_extreme(ufunc: np.ufunc) -> Callable[..., list[Instruction] | None]:
    rule = _reduction(ufunc)

    def without_dtype(code: Code, i: Instruction, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False,
                      *more: Any, **others: Any) -> list[Instruction] | None:  # fmt: skip
        return rule(code, i, a, axis, None, None, keepdims, *more, **others)

    return without_dtype


def _shorter_mean(code: Code, i: Instruction, a: Ref, axis: Any = None, dtype: Any = None, out: Any = None,
                 keepdims: Any = False, **others: Any) -> list[Instruction] | None:  # fmt: skip
    """The sum divided by the number of elements, as NumPy does in single and double precision."""
    spec = code.specs[a]
    if others or dtype is not None or spec.dtype not in (np.float32, np.float64) or type(keepdims) is not bool:
        return None
    shape = spec.shape or ()
    axes = range(len(shape)) if axis is None else axis if type(axis) is tuple else (axis,)
    count = math.prod([shape[k] for k in axes])
    if not 0 < count < 2**24 or type(i.result) is not Ref:
        return None
    total = Ref(len(code.specs))
    code.specs[total] = code.specs[i.result].of_its_own(total)
    return [
        i.standing_for(np.add.reduce, (a, axis, None, OUT, keepdims), {}, total),
        i.standing_for(np.divide, (total, float(count)), {}, i.result),
    ]


def _method(function: Callable[..., Any], *parameters: str) -> Callable[..., list[Instruction] | None]:
    """The array's own method, for calls with at most these parameters."""

    def rule(code: Code, i: Instruction, a: Any, *args: Any, **kwargs: Any) -> list[Instruction] | None:
        if len(args) > len(parameters) or not kwargs.keys() <= {*parameters[len(args) :]} or len(kwargs) > 1:
            return None
        return [i.standing_for(function, (a, *args, *kwargs.values()), {}, i.result)]

    return rule


def choose(condition: Any, x: Any, y: Any, out: Any = None) -> Any:
    """`np.where` for large arrays of floats, which can write its result into an array that is given.

    It takes the bits of one or the other by a mask, and so takes the same time for all conditions: `np.where` jumps for
    each element, and where the condition changes at random, it takes seven times as long.
    """
    if out is None:
        if any(isinstance(a, np.ndarray) and not a.flags.c_contiguous for a in (condition, x, y)):
            return np.where(condition, x, y)  # whose result lies in memory as its arguments do
        out = np.empty(np.broadcast_shapes(*map(np.shape, (condition, x, y))), np.result_type(x, y))
    kind = np.int32 if out.dtype == np.float32 else np.int64
    x, y = (np.asarray(a, out.dtype).view(kind) for a in (x, y))
    blockwise(_choose_bits, out.view(kind), condition.view(np.int8), x, y, spare=1)
    return out


def _choose_bits(mask: Any, out: Any, condition: Any, x: Any, y: Any) -> None:
    np.negative(condition, mask)  # -1 has all bits set
    np.bitwise_xor(x, y, out)
    np.bitwise_and(out, mask, out)
    np.bitwise_xor(out, y, out)


_LARGE = 1 << 14
"""Bytes from which on that pays."""


def _into(code: Code, i: Instruction, condition: Any, *xy: Any, **others: Any) -> list[Instruction] | None:
    """`choose` for a large array of floats, by a mask, among arrays of its dtype and plain numbers."""
    if len(xy) != 2 or others or type(i.result) is not Ref:
        return None
    spec = code.specs[i.result]
    if spec.dtype not in (np.float32, np.float64) or spec.nbytes < _LARGE:
        return None
    alike = all(code.specs[a].dtype == spec.dtype if type(a) is Ref else type(a) in (int, float) for a in xy)
    if not alike or code.specs[condition].dtype != np.bool_:
        return None
    return [i.standing_for(choose, (condition, *xy), {}, i.result)]


_SHORTER: dict[Any, Callable[..., list[Instruction] | None]] = {
    np.sum: _reduction(np.add),
    np.prod: _reduction(np.multiply),
    np.max: _shorter_extreme(np.maximum),
    np.min: _shorter_extreme(np.minimum),
    np.mean: _shorter_mean,
    np.transpose: _method(np.ndarray.transpose, "axes"),
    np.reshape: _method(np.ndarray.reshape, "shape"),
    np.swapaxes: _method(np.ndarray.swapaxes, "axis1", "axis2"),
    np.ravel: _method(np.ndarray.ravel, "order"),
    np.squeeze: _method(np.ndarray.squeeze, "axis"),
    np.where: _into,
}

_ARITHMETIC = {np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum}
"""Of operands of one dtype. Other ufuncs may do otherwise with a whole number (scipy.special.eval_legendre(2, x))."""


def literals(code: Code) -> Code:
    """Replace the numbers in arithmetic by arrays of the result's dtype, also those that stand for a whole array.

    NumPy makes such an array in each call, with the same number in it. Here it is made once.
    """
    for position, i in enumerate(code.instructions):
        if i.function in _ARITHMETIC and not i.kwargs and type(i.result) is Ref:
            dtype = code.specs[i.result].dtype
            others = {code.specs[a].dtype for a in i.args if type(a) is Ref}
            numbers = (int, float) if dtype in (np.float32, np.float64) else (int,) if dtype == np.int64 else ()
            if others == {dtype} and numbers:
                args = tuple([_bound(a, dtype) if type(a) in numbers else _one_number(code, a, i) for a in i.args])
                code.instructions[position] = i.standing_for(i.function, args, {}, i.result)
    return code


def _one_number(code: Code, a: Any, i: Instruction) -> Any:
    """The number in a constant array that repeats it, if another argument has the shape of the result."""
    constant = code.constants.get(a) if type(a) is Ref else None
    if not isinstance(constant, np.ndarray) or not constant.size or any(constant.strides):
        return a
    shape = code.specs[i.result].shape
    others = [b for b in i.args if type(b) is Ref and b not in code.constants and code.specs[b].shape == shape]
    return np.array(constant.flat[0], constant.dtype) if others else a


def _bound(number: float, dtype: Any) -> Any:
    """The number as an array; unchanged if the dtype cannot hold it, so that each run warns of it."""
    if abs(number) < np.finfo(np.float32).max if dtype.kind == "f" else abs(number) < 2**62:
        return np.array(number, dtype)
    return number
