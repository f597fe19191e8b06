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


def install() -> None:
    """Give `Node` its operators, which are nodes themselves."""
    for name, kind in {"add": Add, "sub": Sub, "mul": Mult, "truediv": Div, "matmul": Dot}.items():
        setattr(Node, f"__{name}__", _binary(kind, reflected=False))
        setattr(Node, f"__r{name}__", _binary(kind, reflected=True))
    for name, comparison in {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}.items():
        setattr(Node, f"__{name}__", _comparison(comparison))
    methods: dict[str, Callable[..., Any]] = {
        "__neg__": lambda self: Negative(self),
        "__abs__": lambda self: Absolute(self),
        "__pow__": lambda self, c: Power(self, exponent=c),
        "__rpow__": _no_node_exponent,
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


def _no_node_exponent(self: Any, other: Any) -> Any:
    raise GraphError(
        "`c ** node` is not a node; the exponent of `node ** c` is a number. "
        "Function1d(node, f, df) takes any function with its derivative"
    )
