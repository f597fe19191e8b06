"""The operators of nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .current import GraphError
from .node import Node, is_operand
from .nodes.arithmetic import (
    Absolute,
    Add,
    Compare,
    Div,
    Dot,
    Mean,
    Mult,
    Negative,
    Power,
    Sub,
    Subscript,
    Sum,
)
from .nodes.functions import NumPyFunction

UFUNCS = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "matmul": "matmul"}
OTHERS: dict[str, Any] = {"floordiv": np.floor_divide, "mod": np.remainder, "and": np.bitwise_and, "or": np.bitwise_or,
                          "xor": np.bitwise_xor}  # fmt: skip
KINDS: dict[Any, type[Node]] = {}
"""The nodes of NumPy's operators, which `array * node` asks for as it does for any ufunc."""


def install() -> None:
    """Give `Node` its operators, which are nodes themselves."""
    for name, kind in {"add": Add, "sub": Sub, "mul": Mult, "truediv": Div, "matmul": Dot}.items():
        setattr(Node, f"__{name}__", _binary(kind, reflected=False))
        setattr(Node, f"__r{name}__", _binary(kind, reflected=True))
        KINDS[getattr(np, UFUNCS[name])] = kind
    for name, ufunc in OTHERS.items():
        setattr(Node, f"__{name}__", _other(ufunc, reflected=False))
        setattr(Node, f"__r{name}__", _other(ufunc, reflected=True))
    for name, comparison in {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}.items():
        setattr(Node, f"__{name}__", _comparison(comparison))
    methods: dict[str, Callable[..., Any]] = {
        "__neg__": lambda self: Negative(self),
        "__abs__": lambda self: Absolute(self),
        "__pow__": lambda self, c: NumPyFunction(np.power, (self, c), {}) if is_array(c) else Power(self, exponent=c),
        "__rpow__": lambda self, c: NumPyFunction(np.power, (c, self), {}),
        "__invert__": lambda self: NumPyFunction(np.invert, (self,), {}),
        "__array_ufunc__": _ufunc,
        "__array_function__": lambda self, function, _types, args, kwargs: NumPyFunction(function, args, kwargs),
        "__getitem__": lambda self, index: Subscript(self, index=index),
        "dot": lambda self, other: Dot(self, other),
        "sum": lambda self, axis=None, keepdims=False: Sum(self, axis=axis, keepdims=keepdims),
        "mean": lambda self, axis=None, keepdims=False: Mean(self, axis=axis, keepdims=keepdims),
    }
    for name, method in methods.items():
        setattr(Node, name, method)


def _binary(kind: type[Node], reflected: bool) -> Callable[[Any, Any], Any]:
    def operator(self: Any, other: Any) -> Any:
        if not is_operand(other):
            return NotImplemented
        return kind(other, self) if reflected else kind(self, other)

    return operator


def _comparison(comparison: Any) -> Callable[[Any, Any], Any]:
    return lambda self, other: Compare(self, other, comparison=comparison) if is_operand(other) else NotImplemented


def _other(ufunc: Any, reflected: bool) -> Callable[[Any, Any], Any]:
    """An operator that has no kind of node of its own."""

    def operator(self: Any, other: Any) -> Any:
        if not is_operand(other):
            return NotImplemented
        return NumPyFunction(ufunc, (other, self) if reflected else (self, other), {})

    return operator


def is_array(x: Any) -> bool:
    """Whether an exponent is a node or an array, and no number."""
    return isinstance(x, Node | list | tuple) or np.ndim(x) > 0


def _ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    if method != "__call__":
        raise GraphError(f"np.{ufunc.__name__}.{method} of a node is not a node; take it of the value of a run")
    kind = KINDS.get(ufunc)
    if kind is not None and not kwargs:
        return kind(*inputs)
    return NumPyFunction(ufunc, inputs, kwargs)
