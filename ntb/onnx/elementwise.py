"""Functions that work element by element."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..nn import ranges
from ..ops import safe
from ..ops.stopping import stop_gradient
from ..replay.trace import under_errstate
from ..transforms.structures import fresh
from ..values.creation import astype
from .table import composes, translate, writes

# --- ufuncs that are one node

_NODES = {
    np.add: "Add", np.subtract: "Sub", np.multiply: "Mul", np.divide: "Div", np.power: "Pow", np.negative: "Neg",
    np.maximum: "Max", np.minimum: "Min", np.absolute: "Abs", np.fabs: "Abs", np.sign: "Sign", np.sqrt: "Sqrt",
    np.reciprocal: "Reciprocal", np.exp: "Exp", np.log: "Log", np.fmod: "Mod",
    np.sin: "Sin", np.cos: "Cos", np.tan: "Tan", np.arcsin: "Asin", np.arccos: "Acos", np.arctan: "Atan",
    np.sinh: "Sinh", np.cosh: "Cosh", np.tanh: "Tanh", np.arcsinh: "Asinh", np.arccosh: "Acosh", np.arctanh: "Atanh",
    np.floor: "Floor", np.ceil: "Ceil", np.rint: "Round",
    np.equal: "Equal", np.less: "Less", np.less_equal: "LessOrEqual", np.greater: "Greater",
    np.greater_equal: "GreaterOrEqual",
    np.logical_and: "And", np.logical_or: "Or", np.logical_xor: "Xor", np.logical_not: "Not",
    np.bitwise_and: "BitwiseAnd", np.bitwise_or: "BitwiseOr", np.bitwise_xor: "BitwiseXor", np.invert: "BitwiseNot",
    np.isnan: "IsNaN", np.isinf: "IsInf",
}  # fmt: skip

_OF_BOOLS = {
    "Add": "Or", "Max": "Or", "BitwiseOr": "Or", "Mul": "And", "Min": "And", "BitwiseAnd": "And", "BitwiseXor": "Xor",
    "BitwiseNot": "Not",
}  # fmt: skip
"""What these operators are called of bools, with which NumPy computes, too."""

_TRUE_OR_FALSE = ("And", "Or", "Xor", "Not")
_OF_WHOLE_NUMBERS_THE_SAME = ("Floor", "Ceil", "Round")


def _enter(ufunc: Any, op: str) -> None:
    attributes = {"fmod": 1} if op == "Mod" else {}

    @writes(ufunc)
    def node(graph: Any, *args: Any) -> Any:
        if op in _TRUE_OR_FALSE:
            return graph.node(op, *[graph.value(x, bool) for x in args], dtype=np.dtype(bool))
        inputs, dtype = graph.operands(ufunc, args)
        kind = np.dtype(inputs[0].dtype).kind
        if kind != "f" and op in _OF_WHOLE_NUMBERS_THE_SAME:
            return inputs[0]
        return graph.node(_OF_BOOLS.get(op, op) if kind == "b" else op, *inputs, dtype=dtype, **attributes)


for _ufunc, _op in _NODES.items():
    _enter(_ufunc, _op)


# --- element types


@writes(astype)
def _astype(graph: Any, x: Any, dtype: Any) -> Any:
    return graph.value(graph.value(x), np.dtype(dtype))


@writes(np.where)
def _where(graph: Any, condition: Any, x: Any, y: Any) -> Any:
    x, y = graph.alike(x, y)
    return graph.node("Where", graph.value(condition, bool), x, y, dtype=x.dtype)


@writes(np.clip)
def _clip(graph: Any, a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    a, *bounds = graph.alike(a, *[x for x in (a_min, a_max) if x is not None])
    if all(bound.shape == () for bound in bounds):
        low = bounds.pop(0) if a_min is not None else None
        return graph.node("Clip", a, low, *bounds)
    a = a if a_min is None else np.maximum(a, bounds.pop(0))
    return a if a_max is None else np.minimum(a, *bounds)


@writes(np.remainder)
def _remainder(graph: Any, a: Any, b: Any) -> Any:
    (a, b), dtype = graph.operands(np.remainder, (a, b))
    return graph.node("Mod", a, b, dtype=dtype) if dtype.kind != "f" else a - np.floor(a / b) * b


@writes(np.floor_divide)
def _floor_divide(graph: Any, a: Any, b: Any) -> Any:
    """Of whole numbers Div rounds towards zero; without the remainder nothing is rounded."""
    (a, b), dtype = graph.operands(np.floor_divide, (a, b))
    return np.floor(a / b) if dtype.kind == "f" else graph.node("Div", a - np.remainder(a, b), b, dtype=dtype)


# --- compositions


@composes(np.not_equal)
def _not_equal(a: Any, b: Any) -> Any:
    return np.logical_not(np.equal(a, b))


@composes(np.positive, np.conjugate, np.real, np.copy, stop_gradient, fresh)
def _same(x: Any) -> Any:
    return x


@composes(ranges.labels_within, ranges.numbers_within, ranges.signs, ranges.probability)
def _checked(x: Any, *_limits: Any, **_what: Any) -> Any:
    """Errors about values are no part of a file."""
    return x


@writes(under_errstate)
def _under_errstate(graph: Any, _settings: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
    """Nor are warnings."""
    return translate(graph, function, args, kwargs)


@composes(operator.mul)
def _mul(a: Any, b: Any) -> Any:
    return np.multiply(a, b)


@composes(operator.truediv)
def _truediv(a: Any, b: Any) -> Any:
    return np.divide(a, b)


@composes(np.square)
def _square(x: Any) -> Any:
    return x * x


@composes(np.trunc)
def _trunc(x: Any) -> Any:
    return np.sign(x) * np.floor(np.abs(x))


@composes(np.round, np.around)
def _round(a: Any, decimals: int = 0) -> Any:
    return np.rint(a) if decimals == 0 else np.rint(a * 10.0**decimals) / 10.0**decimals


@composes(np.cbrt)
def _cbrt(x: Any) -> Any:
    return np.sign(x) * np.power(np.abs(x), 1 / 3)


@composes(np.hypot)
def _hypot(a: Any, b: Any) -> Any:
    """The greater of both is taken out, since squares might overflow."""
    a, b = np.abs(a), np.abs(b)
    great, small = np.maximum(a, b), np.minimum(a, b)
    part = small / np.where(np.equal(great, 0), 1, great)
    return great * np.sqrt(1 + part * part)


@composes(np.exp2)
def _exp2(x: Any) -> Any:
    return np.exp(x * math.log(2))


@composes(np.log2)
def _log2(x: Any) -> Any:
    return np.log(x) * (1 / math.log(2))


@composes(np.log10)
def _log10(x: Any) -> Any:
    return np.log(x) * (1 / math.log(10))


@composes(np.expm1)
def _expm1(x: Any) -> Any:
    """u - 1 with u = exp(x) has lost digits where x is small; it has lost as many as log(u) has (Kahan)."""
    u = np.exp(x)
    exact = (u - 1) * x / np.log(u)
    return np.where(np.equal(u, 1), x, np.where(np.abs(x) < 0.5, exact, u - 1))


@composes(np.log1p)
def _log1p(x: Any) -> Any:
    """log(u) with u = 1 + x, where u - 1 has lost as many digits of x (Kahan)."""
    u = 1 + x
    exact = np.log(u) * x / (u - 1)
    return np.where(np.equal(u, 1), x, np.where(np.abs(x) < 0.5, exact, np.log(u)))


@composes(np.logaddexp)
def _logaddexp(a: Any, b: Any) -> Any:
    return np.maximum(a, b) + np.log1p(np.exp(-np.abs(a - b)))


@composes(np.degrees, np.rad2deg)
def _degrees(x: Any) -> Any:
    return x * (180 / math.pi)


@composes(np.radians, np.deg2rad)
def _radians(x: Any) -> Any:
    return x * (math.pi / 180)


@composes(np.heaviside)
def _heaviside(x: Any, h: Any) -> Any:
    return np.where(np.equal(x, 0), h, (np.sign(x) + 1) * 0.5)


@composes(np.isfinite)
def _isfinite(x: Any) -> Any:
    return np.logical_not(np.logical_or(np.isnan(x), np.isinf(x)))


@composes(np.isposinf)
def _isposinf(x: Any) -> Any:
    return np.logical_and(np.isinf(x), x > 0)


@composes(np.isneginf)
def _isneginf(x: Any) -> Any:
    return np.logical_and(np.isinf(x), x < 0)


@composes(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    limits = np.finfo(x.dtype)
    x = np.where(np.isposinf(x), float(limits.max) if posinf is None else posinf, x)
    x = np.where(np.isneginf(x), float(limits.min) if neginf is None else neginf, x)
    return np.where(np.isnan(x), nan, x)


# --- products and quotients that stay finite


@composes(safe.scale)
def scale(g: Any, slope: Any) -> Any:
    return np.where(np.logical_or(np.equal(g, 0), np.equal(slope, 0)), 0, g * slope)


@composes(safe.safe_divide)
def _safe_divide(g: Any, d: Any) -> Any:
    return np.where(np.equal(g, 0), 0, g / d)


@composes(safe.divide_or_zero)
def _divide_or_zero(a: Any, d: Any) -> Any:
    return a / np.where(np.equal(d, 0), np.inf, d)


@composes(safe.difference)
def _difference(a: Any, b: Any) -> Any:
    return np.where(np.equal(a, b), 0, a - b)


@composes(safe.inverse_root)
def _inverse_root(x: Any) -> Any:
    return 1 / np.sqrt(x)
