"""The readable form of a program: NumPy source that runs without ntb.

A call whose result is used once is written inside the call that uses it, so the lines look as a person would write
them. A name may be assigned again when its old value is not needed any more.
"""

from __future__ import annotations

import keyword
import operator
from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from ..errors import describe
from ..functions import name_of
from ..tree import leaves
from .by_hand import by_hand, no_nan, same, shortest
from .code import Code, Instruction, Ref, Spec, refs
from .helpers import helper_sources
from .names import final_gradients

_INFIX = {
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
_ATOM = 6
_WIDE = 80  # an expression of so many characters gets a line of its own
_LINE = 110  # what is longer is broken
_RESERVED = ("np", "scipy", "Path", "variables", "bool", "float", "int", "complex", "slice")
_WRITTEN_OUT = 8  # a constant of up to so many elements is written out


class _Statement(NamedTuple):
    """A line of the source, and the instructions it shows; a heading has the instructions of all lines under it."""

    text: str
    instructions: list[Instruction]
    heading: bool = False


class Source:
    """A program as text: imports, the helpers it needs, and one function.

    Attributes:
        head: the lines before the function; lines: the lines of the function.
        constants: by name, what the text uses and does not define.
        variables: by name, the variables whose values the function takes; generators: the ones it draws from.
    """

    def __init__(self, code: Code) -> None:
        writer = _Writer(by_hand(code), code.instructions)
        self.lines = writer.function()
        self.head = writer.head()
        self.constants = writer.big
        self.variables = writer.variables
        self.generators = writer.generators

    def __str__(self) -> str:
        return "\n".join([*self.head, *(line.text for line in self.lines)]) + "\n"


def _name_beside(name: str, others: list[str]) -> str:
    """The function's name, or another one if it is no identifier or belongs to a helper."""
    name = name if name.isidentifier() and not keyword.iskeyword(name) else "program"
    while name in (*_RESERVED, *others):
        name = f"traced_{name}"
    return name


class _Writer:
    """Writes one program."""

    def __init__(self, code: Code, origins: list[Instruction]) -> None:
        self.code = code
        self.origins = origins
        self.generators = {f"rng{i or ''}": g for i, g in enumerate(code.generators())}
        self.helpers, self.imports = helper_sources(
            [i.function for i in code.instructions if not i.effect and i.function is not same]
        )
        self.function_name = _name_beside(code.name, [*self.helpers, *self.imports])
        self.taken: dict[str, Ref | None] = dict.fromkeys(
            [*_RESERVED, self.function_name, *self.helpers, *self.imports, *self.generators]
        )
        self.big: dict[str, Any] = {}
        self.unnamed = 0
        self.called: dict[Ref, str] = {}
        self.expressions: dict[Ref, tuple[str, int]] = {}
        self.updates = bool(code.assignments)
        self.last_use: dict[Ref, int] = {}
        self._plan()
        self.parameters = [self._name(ref, name, -1) for name, ref in code.inputs]
        read = {v: self._name(ref, code.names.get(ref, "variable"), -1) for v, ref in code.variables.items()}
        self.parameters += [*read.values(), *self.generators]
        self.variables = {name: variable for variable, name in read.items()}
        self.new_values = {
            v: read.get(v) or self._free(code.names.get(ref, "variable")) for v, ref in code.assignments.items()
        }

    def head(self) -> list[str]:
        """The lines before the function, to be asked for after it is written, as that finds the big constants."""
        shapes = ", ".join(f"{name}: {self.code.specs[ref]}" for name, ref in self.code.inputs)
        parts = [f'"""{self.function_name}, traced for {shapes or "no inputs"}."""', ""]
        parts += [f"import {name}" for name in sorted(self.imports)]
        parts += ["import numpy as np", ""]
        parts += [
            f"# {name}: a constant, {describe(value)}, found in program.constants" for name, value in self.big.items()
        ]
        for text in self.helpers.values():
            parts += ["", text.rstrip(), ""]
        return "\n".join([*parts, ""]).split("\n")

    def function(self) -> list[_Statement]:
        head, *more = _broken(f"def {self.function_name}({', '.join(self.parameters)}):")
        lines = [_Statement(head, self.origins, heading=True), *(_Statement(text, []) for text in more)]
        for line in self._body():
            first, *more = _broken(f"    {line.text}".rstrip())
            lines += [line._replace(text=first), *(_Statement(text, []) for text in more)]
        return lines

    # --- deciding what stands where

    def _plan(self) -> None:
        """Decide which calls are written inside the only call that uses them, and how long each value is needed."""
        code = self.code
        self._choose_inline()
        user = {ref: n for n, instruction in enumerate(code.instructions) for ref in instruction.reads()}
        anchor = list(range(len(code.instructions)))
        for n in sorted(self.inline, reverse=True):
            anchor[n] = anchor[user[code.instructions[n].result]]
        for n, instruction in enumerate(code.instructions):
            for ref in instruction.reads():
                self.last_use[ref] = max(self.last_use.get(ref, -1), anchor[n])
        self.last_use.update(dict.fromkeys(code.results(), len(code.instructions)))
        place = {id(instruction.origin): anchor[n] for n, instruction in enumerate(code.instructions)}
        self.shown: dict[int, list[Instruction]] = {n: [] for n in anchor}
        there = anchor[-1] if anchor else 0
        for instruction in reversed(self.origins):  # one that is not written is shown by the line of the next
            there = place.get(id(instruction), there)
            self.shown[there].insert(0, instruction)

    def _choose_inline(self) -> None:
        """A call is written inside another if that is the only one that uses it and the line does not get too long.

        A value whose gradient has a line of its own has one too, so that `d_t1` stands for something.
        """
        code = self.code
        section = {ref: i.section for i in reversed(code.instructions) for ref in i.reads()}
        uses = Counter([ref for i in code.instructions for ref in i.reads()] + code.results())
        made = {i.result: n for n, i in enumerate(code.instructions) if type(i.result) is Ref}
        width = {ref: len(code.names.get(ref, "t99")) for ref in made}
        results = set(code.results())
        self.inline: set[int] = set()
        for n, i in enumerate(code.instructions):
            length = self._length(i, width) + width.get(i.result, 12) + 7  # the target and the indentation
            for ref in sorted(set(i.reads()), key=lambda ref: -width.get(ref, 0)):
                if length > _LINE and made.get(ref) in self.inline:
                    self.inline.remove(made[ref])
                    length += 3 - width[ref]
                    width[ref] = 3
            ref = i.result
            alone = type(ref) is not Ref or i.effect or ref in code.names or ref in results
            if not alone and uses[ref] == 1 and section[ref] == i.section and self._length(i, width) < _WIDE:
                self.inline.add(n)
                width[ref] = self._length(i, width)
        gradients = final_gradients(code)
        self.gradient_of = {gradient: value for value, gradient in gradients.items()}
        self.inline -= {made[x] for x, d in gradients.items() if x in made and made.get(d) not in self.inline}

    def _length(self, instruction: Instruction, width: dict[Ref, int]) -> int:
        """About how many characters a call takes, given those of the values that it reads."""
        parts = [*leaves(instruction.args), *leaves(instruction.kwargs)]
        name = 0 if instruction.function in _INFIX else len(name_of(instruction.function))
        widths = [width.get(x, 5) if type(x) is Ref else 5 if type(x) is slice else len(str(x)) for x in parts]
        return name + sum(widths) + 2 * len(parts)

    def _name(self, ref: Ref, wanted: str, line: int) -> str:
        """A name for a value made in this line: the wanted one unless it belongs to a value that is still needed."""
        name, count = wanted, 1
        while keyword.iskeyword(name) or (name in self.taken and self._needed(self.taken[name], line)):
            count += 1
            name = f"{wanted}_{count}"
        self.taken[name] = ref
        self.called[ref] = name
        return name

    def _needed(self, ref: Ref | None, line: int) -> bool:
        return ref is None or self.last_use.get(ref, -1) > line or line < 0

    def _free(self, wanted: str) -> str:
        return wanted if wanted not in self.variables else self._free(wanted + "_2")

    # --- writing

    def _body(self) -> list[_Statement]:
        lines: list[_Statement] = []
        heading: list[Instruction] = []
        section = None
        for i, instruction in enumerate(self.code.instructions):
            expression = self._expression(instruction)
            if i in self.inline:
                self.expressions[instruction.result] = expression
                continue
            if instruction.section != section and self._opens(instruction.section, section, instruction):
                heading, section = [], instruction.section
                lines += [_Statement("", [])] if lines else []
                lines.append(_Statement(f"# {section}", heading, heading=True))
            if instruction.effect == "guard":
                text = f"assert {expression[0]}  # the traced branch"
            else:
                text = f"{self._target(instruction.result, i)} = {expression[0]}"
            lines.append(_Statement(text, self.shown[i]))
            heading += self.shown[i]
        answer = self._text(self.code.outputs)
        if self.code.assignments:
            new = [f'"{self.new_values[v]}": {self._text(ref)}' for v, ref in self.code.assignments.items()]
            answer = f"{answer}, {{{', '.join(new)}}}"
        return [*lines, _Statement(f"return {answer}", [])]

    def _wanted(self, ref: Ref) -> str:
        """The name that a value should have: the user's own, that of a gradient, or a number."""
        value = self.called.get(self.gradient_of.get(ref, ref))
        if value is not None:
            return f"d_{value}"
        if ref not in self.code.names and ref != self.code.outputs:
            self.unnamed += 1
            return f"t{self.unnamed}"
        return self.code.names.get(ref, "result")

    def _opens(self, section: str, before: str | None, instruction: Instruction) -> bool:
        """Whether a heading stands over the line: not over a check, nor over an update that updates nothing."""
        return before is None or (instruction.effect != "guard" and (section != "update" or self.updates))

    def _target(self, result: Any, line: int) -> str:
        if type(result) is Ref:
            return self._name(result, self._wanted(result), line)
        return ", ".join(self._target(part, line) if next(refs(part), None) is not None else "_" for part in result) + (
            "," if len(result) == 1 else ""
        )

    def _expression(self, instruction: Instruction) -> tuple[str, int]:
        function, args, kwargs = instruction.function, instruction.args, instruction.kwargs
        if instruction.effect == "guard":
            kind = int if args[0] is operator.index else args[0]
            if kind is no_nan:
                return self._check(args[1], instruction.result), 0
            if kind is bool:
                return ("" if instruction.result else "not ") + self._text(args[1]), 0
            return f"{name_of(kind)}({self._text(args[1])}) == {instruction.result!r}", 0
        if instruction.effect == "draw":
            generator = next(name for name, g in self.generators.items() if g is args[0])
            return f"{generator}.{args[1]}({self._arguments(args[2:], kwargs)})", _ATOM
        if function in _INFIX and len(args) == 2 and not kwargs and self._as_operator(function, args):
            sign, level = _INFIX[function]
            chains = level not in (1, 5)  # `a < b < c` and `a ** b ** c` are not what they look like
            first = 0 if type(args[0]) in (int, float) and level < 5 else level + (not chains)
            left, right = self._text(args[0], first), self._text(args[1], level + 1)
            return f"{left} {sign} {right}", level
        if function in _PREFIX and not kwargs and self._as_operator(function, args):
            return f"{_PREFIX[function]}{self._text(args[0], 4)}", 4
        if function is same:
            return self.expressions.get(args[0]) or (self._text(args[0]), _ATOM)
        if function is operator.getitem:
            return f"{self._text(args[0], _ATOM)}[{self._index(args[1])}]", _ATOM
        if function is np.ndarray.astype:
            return f"{self._text(args[0], _ATOM)}.astype({self._arguments(args[1:], kwargs)})", _ATOM
        if function in _ATTRIBUTES and len(args) == 1 and not kwargs and self._has_attributes(args[0]):
            return f"{self._text(args[0], _ATOM)}.{_ATTRIBUTES[function]}", _ATOM
        return f"{name_of(function)}({self._arguments(args, kwargs)})", _ATOM

    def _has_attributes(self, x: Any) -> bool:
        return type(x) is Ref and self.code.specs[x].strides is not None

    def _check(self, values: list[Ref], answer: bool) -> str:
        names = list(dict.fromkeys(self._text(ref) for ref in values))
        if len(names) == 1:
            return f"{'not ' if answer else ''}np.isnan({names[0]}).any()"
        return f"not any(np.isnan(d).any() for d in ({', '.join(names)}))"

    def _as_operator(self, function: Any, args: Any) -> bool:
        """Whether `a + b` computes what `np.add(a, b)` does: not if both are Python numbers."""
        if not isinstance(function, np.ufunc):
            return True
        specs = [self.code.specs[a] if type(a) is Ref else Spec(a) for a in args]
        if function is np.multiply and all(s.shape == () and np.issubdtype(s.dtype, np.complexfloating) for s in specs):
            return False  # Python's `*` of complex numbers rounds differently
        return any(s.shape is not None for s in specs)

    def _arguments(self, args: Any, kwargs: dict[str, Any]) -> str:
        return ", ".join(
            [self._text(a) for a in args] + [f"{name}={self._text(value)}" for name, value in kwargs.items()]
        )

    def _index(self, index: Any) -> str:
        if type(index) is tuple and index:
            return ", ".join(self._subscript(item) for item in index) + ("," if len(index) == 1 else "")
        return self._subscript(index)

    def _subscript(self, index: Any) -> str:
        if type(index) is slice:
            ends = ["" if x is None else self._text(x) for x in (index.start, index.stop)]
            return ":".join(ends) + (f":{self._text(index.step)}" if index.step is not None else "")
        return self._text(index)

    def _text(self, x: Any, level: int = 0) -> str:
        """A value as an expression, in parentheses where it binds less tightly than `level`."""
        if type(x) is Ref:
            return self._value(x, level)
        if type(x) is slice or (type(x) is tuple and any(type(item) is slice for item in x)):
            return f"np.s_[{self._index(x)}]"
        if isinstance(x, tuple):
            return "(" + ", ".join(self._text(item) for item in x) + ("," if len(x) == 1 else "") + ")"
        if isinstance(x, list):
            return "[" + ", ".join(self._text(item) for item in x) + "]"
        if isinstance(x, dict):
            return "{" + ", ".join(f"{key!r}: {self._text(value)}" for key, value in x.items()) + "}"
        text = _literal(x)
        if text is None:
            return self._outside(x)
        return f"({text})" if text.startswith("-") and level > 2 else text

    def _value(self, ref: Ref, level: int) -> str:
        """The text of a value: a constant, the call that makes it, or its name."""
        if ref in self.code.constants:
            return self._constant(ref, self.code.constants[ref], level)
        text, own_level = self.expressions.get(ref) or (self.called[ref], _ATOM)
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
            return self._text(value, level)
        if value.dtype.kind not in "biuf":
            return self._outside(value)
        if isinstance(value, np.generic):
            return f"{_type_name(value.dtype)}({_numbers(value)})"
        if value.size > 1 and not any(value.strides):
            number = value.flat[0]
            text = _numbers(number) if _by_default(number) else f"{_type_name(value.dtype)}({_numbers(number)})"
            return f"np.broadcast_to({text}, {value.shape})"
        if value.flags.c_contiguous:
            dtype = "" if _by_default(value) else f", {_type_name(value.dtype)}"
            shape = f"{value.shape[0]}" if value.ndim == 1 else f"{value.shape}"
            if value.size == 0:
                return f"np.zeros({shape}, {_type_name(value.dtype)})"
            if value.size > 1 and _is_uniform(value):
                number = value.flat[0]
                if value.dtype.kind == "f" and number in (0, 1) and not np.signbit(number):
                    filled = "ones" if number else "zeros"
                    return f"np.{filled}({shape}{f', {_type_name(value.dtype)}' if value.dtype != np.float64 else ''})"
                return f"np.full({shape}, {_numbers(number)}{dtype})"
            if value.size <= _WRITTEN_OUT:
                return f"np.array({_numbers(value)}{dtype})"
        return self._outside(value)


def _broken(text: str) -> list[str]:
    """A line, broken at the commas of its widest brackets if it is too long."""
    begin, end, commas = _widest(text) if len(text) > _LINE else (0, 0, [])
    if not commas:
        return [text]
    indent = " " * (len(text) - len(text.lstrip()))
    parts = [text[a:b].strip() for a, b in zip([begin, *(c + 1 for c in commas)], [*(c + 1 for c in commas), end])]
    lines = [""]
    for part in filter(None, parts):
        if lines[-1] and len(indent) + 5 + len(lines[-1]) + len(part) > _LINE:
            lines.append("")
        lines[-1] += f" {part}" if lines[-1] else part
    return [text[:begin], *(f"{indent}    {line}" for line in lines), indent + text[end:]]


def _widest(text: str) -> tuple[int, int, list[int]]:
    """Begin, end and commas of the longest pair of brackets that has commas; strings are skipped."""
    found: tuple[int, int, list[int]] = (0, 0, [])
    stack: list[tuple[int, list[int]]] = []
    quote = ""
    for at, c in enumerate(text):
        if quote or c in "'\"":
            quote = "" if quote == c else quote or c
        elif c in "([{":
            stack.append((at + 1, []))
        elif c == "," and stack:
            stack[-1][1].append(at)
        elif c in ")]}":
            begin, commas = stack.pop()
            if commas and at - begin >= found[1] - found[0]:
                found = begin, at, commas
        elif c == "#":
            break
    return found


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


def _is_uniform(value: np.ndarray) -> bool:
    return bool(np.all(value == value.flat[0]) and not np.any(np.signbit(value) != np.signbit(value.flat[0])))
