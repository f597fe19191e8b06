"""Expressions: the text of the calls and values of a program."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..functions import name_of
from .by_hand import is_uniform, same, shortest
from .checks import no_nan
from .code import Code, Instruction, Ref, Spec

INFIX = {
    np.add: ("+", 2), np.subtract: ("-", 2), np.multiply: ("*", 3), np.divide: ("/", 3), np.matmul: ("@", 3),
    operator.add: ("+", 2), operator.sub: ("-", 2), operator.mul: ("*", 3), operator.truediv: ("/", 3),
    operator.floordiv: ("//", 3), operator.mod: ("%", 3), operator.pow: ("**", 5),
    np.less: ("<", 1), np.less_equal: ("<=", 1), np.greater: (">", 1), np.greater_equal: (">=", 1),
    np.equal: ("==", 1), np.not_equal: ("!=", 1),
    operator.lt: ("<", 1), operator.le: ("<=", 1), operator.gt: (">", 1), operator.ge: (">=", 1),
    operator.eq: ("==", 1), operator.ne: ("!=", 1),
    operator.and_: ("&", 1), operator.or_: ("|", 1), operator.xor: ("^", 1),
}  # fmt: skip
_PREFIX = {np.negative: "-", operator.neg: "-", operator.pos: "+", operator.invert: "~"}

_ATTRIBUTES = {np.transpose: "T", np.matrix_transpose: "mT"}
_COMPARISON, _POWER, _ATOM = 1, 5, 6  # how tightly they bind
_WRITTEN_OUT = 8  # a constant of up to so many elements is written out


class Expressions:
    """Writes calls and values as text.

    Attributes:
        generators: by name, the generators that are drawn from.
        taken: the names that are in use, each with its value, if it is one that may be needed no more.
        called: the names of values; inside: the text of those that have none, and how tightly it binds.
        big: by name, constants that are not written out.
    """

    def __init__(self, code: Code, generators: dict[str, Any], taken: dict[str, Ref | None]) -> None:
        self.code = code
        self.generators = generators
        self.taken = taken
        self.called: dict[Ref, str] = {}
        self.inside: dict[Ref, tuple[str, int]] = {}
        self.big: dict[str, Any] = {}

    def of(self, i: Instruction) -> tuple[str, int]:
        """The text of a call, and how tightly its outermost operator binds."""
        if i.effect == "guard":
            return self._guard(i), 0
        if i.effect == "draw":
            generator = next(name for name, g in self.generators.items() if g is i.args[0])
            return f"{generator}.{i.args[1]}({self._arguments(i.args[2:], i.kwargs)})", _ATOM
        if i.function is same:
            return self.inside.get(i.args[0]) or (self.text(i.args[0]), _ATOM)
        found = None if i.kwargs else self._operator(i.function, i.args) or self._attribute(i.function, i.args)
        return found or (f"{name_of(i.function)}({self._arguments(i.args, i.kwargs)})", _ATOM)

    def _operator(self, function: Any, args: Any) -> tuple[str, int] | None:
        if not ((function in INFIX and len(args) == 2) or function in _PREFIX) or not self._computes(function, args):
            return None
        if function in _PREFIX:
            return f"{_PREFIX[function]}{self.text(args[0], 4)}", 4
        sign, level = INFIX[function]
        chains = level not in (_COMPARISON, _POWER)  # `a < b < c` and `a ** b ** c` are not what they look like
        first = 0 if type(args[0]) in (int, float) and level != _POWER else level + (not chains)
        return f"{self.text(args[0], first)} {sign} {self.text(args[1], level + 1)}", level

    def _attribute(self, function: Any, args: Any) -> tuple[str, int] | None:
        if function is operator.getitem:
            return f"{self.text(args[0], _ATOM)}[{self._index(args[1])}]", _ATOM
        if function is np.ndarray.astype:
            return f"{self.text(args[0], _ATOM)}.astype({self._arguments(args[1:], {})})", _ATOM
        array = len(args) == 1 and type(args[0]) is Ref and self.code.specs[args[0]].strides is not None
        if function in _ATTRIBUTES and array:
            text, turned = self.text(args[0], _ATOM), f".{_ATTRIBUTES[function]}"
            twice = args[0] in self.code.constants and text.endswith(turned)
            return text.removesuffix(turned) if twice else text + turned, _ATOM
        return None

    def _guard(self, i: Instruction) -> str:
        """What is asserted: that the values decide as they did in the trace."""
        kind, x = i.args
        if kind is no_nan:
            names = list(dict.fromkeys(self.text(ref) for ref in x))
            if len(names) == 1:
                return f"{'not ' if i.result else ''}np.isnan({names[0]}).any()"
            return f"not any(np.isnan(d).any() for d in ({', '.join(names)}))"
        if kind is bool:
            return ("" if i.result else "not ") + self.text(x)
        return f"{name_of(int if kind is operator.index else kind)}({self.text(x)}) == {i.result!r}"

    def _computes(self, function: Any, args: Any) -> bool:
        """Whether `a + b` computes what `np.add(a, b)` does: not if both are Python numbers."""
        if not isinstance(function, np.ufunc):
            return True
        specs = [self.code.specs[a] if type(a) is Ref else Spec(a) for a in args]
        if function is np.multiply and all(s.shape == () and np.issubdtype(s.dtype, np.complexfloating) for s in specs):
            return False  # Python's `*` of complex numbers rounds differently
        return any(s.shape is not None for s in specs)

    def _arguments(self, args: Any, kwargs: dict[str, Any]) -> str:
        named = [f"{name}={self._dtype(x) if name == 'dtype' else self.text(x)}" for name, x in kwargs.items()]
        return ", ".join([self.text(a) for a in args] + named)

    def _dtype(self, x: Any) -> str:
        """A dtype that goes to a function of NumPy's, which takes types as well."""
        return self.text(x.type if isinstance(x, np.dtype) and x.isnative and x.kind in "biufc" else x)

    def _index(self, index: Any) -> str:
        if type(index) is tuple and index:
            return ", ".join(self._subscript(item) for item in index) + ("," if len(index) == 1 else "")
        return self._subscript(index)

    def _subscript(self, index: Any) -> str:
        if type(index) is slice:
            ends = ["" if x is None else self.text(x) for x in (index.start, index.stop)]
            return ":".join(ends) + (f":{self.text(index.step)}" if index.step is not None else "")
        return self.text(index)

    def text(self, x: Any, level: int = 0) -> str:
        """A value as an expression, in parentheses where it binds less tightly than `level`."""
        if type(x) is Ref:
            return self._value(x, level)
        if type(x) is slice or (type(x) is tuple and any(type(item) is slice for item in x)):
            return f"np.s_[{self._index(x)}]"
        if isinstance(x, tuple):
            return "(" + ", ".join(self.text(item) for item in x) + ("," if len(x) == 1 else "") + ")"
        if isinstance(x, list):
            return "[" + ", ".join(self.text(item) for item in x) + "]"
        if isinstance(x, dict):
            return "{" + ", ".join(f"{self.text(key)}: {self.text(value)}" for key, value in x.items()) + "}"
        text = _literal(x)
        if text is None:
            return self._outside(x)
        return f"({text})" if text.startswith("-") and level > 2 else text

    def _value(self, ref: Ref, level: int) -> str:
        """The text of a value: a constant, the call that makes it, or its name."""
        if ref in self.code.constants:
            return self._constant(ref, self.code.constants[ref], level)
        text, own_level = self.inside.get(ref) or (self.called[ref], _ATOM)
        return f"({text})" if own_level < level else text

    def _outside(self, x: Any) -> str:
        """A name for what cannot be written out: the reader of the text must supply it."""
        for name, known in self.big.items():
            if known is x:
                return name
        name = self._free_constant()
        self.big[name] = x
        return name

    def _free_constant(self) -> str:
        name, count = f"c{len(self.big)}", 1
        while name in self.taken:
            count += 1
            name = f"c{len(self.big)}_{count}"
        self.taken[name] = None
        return name

    def _constant(self, ref: Ref, value: Any, level: int) -> str:
        """A constant: written out where it is small or uniform, else a name that the reader of the text must supply."""
        if not isinstance(value, np.ndarray | np.generic):
            return self.text(value, level)
        if value.dtype.kind not in "biuf":
            return self._outside(value)
        if isinstance(value, np.generic):
            return f"{_type_name(value.dtype)}({_numbers(value)})"
        if value.size > 1 and not any(value.strides):
            number = value.flat[0]
            text = _numbers(number) if _by_default(number) else f"{_type_name(value.dtype)}({_numbers(number)})"
            return f"np.broadcast_to({text}, {value.shape})"
        by_columns = value.ndim == 2 and not value.flags.c_contiguous
        written = _written_out(value.T if by_columns else value)
        return self._outside(value) if written is None else written + (".T" if by_columns else "")


def _written_out(value: np.ndarray) -> str | None:
    """The text of an array that lies in memory by rows, where it is small or uniform."""
    if not value.flags.c_contiguous:
        return None
    dtype = "" if _by_default(value) else f", {_type_name(value.dtype)}"
    shape = f"{value.shape[0]}" if value.ndim == 1 else f"{value.shape}"
    if value.size == 0:
        return f"np.zeros({shape}, {_type_name(value.dtype)})"
    if value.size > 1 and is_uniform(value):
        number = value.flat[0]
        if value.dtype.kind == "f" and number in (0, 1) and not np.signbit(number):
            filled = "ones" if number else "zeros"
            return f"np.{filled}({shape}{f', {_type_name(value.dtype)}' if value.dtype != np.float64 else ''})"
        return f"np.full({shape}, {_numbers(number)}{dtype})"
    return f"np.array({_numbers(value)}{dtype})" if value.size <= _WRITTEN_OUT else None


def _literal(x: Any) -> str | None:
    """The text of what Python or NumPy can write as one literal or name; None for anything else."""
    if isinstance(x, np.dtype):
        return f"np.dtype({_type_name(x)})" if x.isnative and x.kind in "biufc" else f"np.dtype({x.str!r})"
    if isinstance(x, type):
        return f"np.{x.__name__}" if x.__module__ == "numpy" else x.__name__
    if x is Ellipsis:
        return "..."
    if isinstance(x, np.generic):
        return f"{_type_name(x.dtype)}({_numbers(x)})"
    if isinstance(x, float) and not np.isfinite(x):
        return f'float("{x}")'
    if isinstance(x, str) and x.isprintable() and not set(x) & {'"', "\\"}:
        return f'"{x}"'
    return repr(x) if x is None or isinstance(x, int | float | complex | str | bytes) else None


def _type_name(dtype: np.dtype) -> str:
    return "np.bool_" if dtype.name == "bool" else f"np.{dtype.name}"


def _by_default(value: Any) -> bool:
    """Whether NumPy makes this dtype of Python's numbers."""
    return value.dtype in (np.bool_, np.int64, np.float64)


def _numbers(value: Any) -> str:
    return repr(_plain(value)).replace("nan", "np.nan").replace("inf", "np.inf")


def _plain(value: Any) -> Any:
    """Lists of Python's numbers for an array."""
    return shortest(value[()]) if value.ndim == 0 else [_plain(part) for part in value]
