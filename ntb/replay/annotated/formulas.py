"""Formulas: an expression or assignment in Python as mathematics, in MathML, which browsers draw by themselves.

d_w = x.T @ d_h           ∂L/∂w = xᵀ ∂L/∂h
np.sqrt(v) / (1 - b**2)   a fraction, with a root above the line and a power below it
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from html import escape
from typing import Any

_GREEK = {unicodedata.name(letter).split()[-1].lower(): letter for letter in "αβγδεζηθκμνξπρστφχψω"}
_TUPLE, _RELATION, _LOGIC, _SUM, _PRODUCT, _POWER, _ATOM = range(7)
"""How tightly a formula binds."""
_SIGNS = {
    ast.Add: ("+", _SUM), ast.Sub: ("−", _SUM), ast.Mult: ("⊙", _PRODUCT), ast.MatMult: ("", _PRODUCT),
    ast.Mod: ("mod", _PRODUCT), ast.BitAnd: ("∧", _LOGIC), ast.BitOr: ("∨", _LOGIC), ast.BitXor: ("⊕", _LOGIC),
}  # fmt: skip
_RELATIONS = {
    ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠", ast.Is: "=", ast.IsNot: "≠",
    ast.In: "∈", ast.NotIn: "∉",
}  # fmt: skip
_BINARY = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "matmul": ast.MatMult, "dot": ast.MatMult,
    "divide": ast.Div, "power": ast.Pow, "safe_divide": ast.Div, "quotient": ast.Div, "divide_or_zero": ast.Div,
    "scale": ast.Mult, "difference": ast.Sub, "product": ast.MatMult,
}  # fmt: skip
"""Functions that are operators, also the ones of rules that care for zero times infinity."""
_REDUCTIONS = {"sum": "∑", "prod": "∏", "max": "max", "min": "min", "mean": "mean"}
_NAMES = {
    "log": "ln", "sigmoid": "σ", "maximum": "max", "minimum": "min", "arcsin": "arcsin", "arctan": "arctan",
    "log1p": "ln1p", "conjugate": "conj",
}  # fmt: skip
_LONG = 4000
"""Characters of a formula, beyond which it is harder to read than the line."""

_Written = tuple[str, int]
"""MathML, and how tightly it binds."""


class Formulas:
    """Writes formulas.

    Args:
        gradients: for each name of a gradient the name of the value that it belongs to.
        numbers: the names of numbers, by which a product is written without a sign.
        target: what the gradients are those of.
    """

    def __init__(self, gradients: Mapping[str, str] = {}, numbers: Collection[str] = (), target: str = "ℒ") -> None:
        self.gradients, self.numbers, self.target = gradients, numbers, target

    def of(self, text: str) -> str:
        """The formula of an expression or an assignment; empty where it says no more than the text.

        >>> Formulas().of("y = x ** 2")
        '<math><mi>y</mi><mo>=</mo><msup><mi>x</mi><mn>2</mn></msup></math>'
        """
        try:
            (statement,) = ast.parse(text.strip()).body
            found = self._statement(statement)
        except (SyntaxError, ValueError, RecursionError):
            return ""
        return f"<math>{found}</math>" if 0 < len(found) <= _LONG else ""

    def _statement(self, node: ast.stmt) -> str:
        if isinstance(node, ast.Assign):
            return f"{self._text(node.targets[0])}{_sign('=')}{self._text(node.value)}"
        return self._text(node.value) if isinstance(node, ast.Expr) else ""

    def _text(self, node: Any, level: int = _TUPLE) -> str:
        """The formula of a node, in parentheses where it binds less tightly than `level`."""
        writer = _WRITERS.get(type(node))
        found, own = writer(self, node) if writer is not None else (_code(ast.unparse(node)), _ATOM)
        return _around("(", found, ")") if own < level else found

    def _name(self, node: ast.Name) -> _Written:
        return self._symbol(node.id), _ATOM

    def _symbol(self, name: str) -> str:
        """A name: x₁ for x1, a Greek letter for its name, a fraction of differentials for a gradient."""
        if name in self.gradients:
            below = f"<mi>∂</mi>{self._symbol(self.gradients[name])}"
            return f"<mfrac><mrow><mi>∂</mi><mi>{self.target}</mi></mrow><mrow>{below}</mrow></mfrac>"
        if found := re.fullmatch(r"([A-Za-z]+?)_?(\d+)", name):
            return f"<msub>{_letters(found[1])}<mn>{found[2]}</mn></msub>"
        if found := re.fullmatch(r"(\w*\d)_([A-Za-z_]+)", name):  # of a part of a model: layers_0_weight
            return f"<msub>{_letters(found[2])}<mtext>{found[1].replace('_', '.')}</mtext></msub>"
        return _letters(name)

    def _constant(self, node: ast.Constant) -> _Written:
        if isinstance(node.value, bool | str | bytes) or node.value in (None, Ellipsis):
            return _code("…" if node.value is Ellipsis else str(node.value)), _ATOM
        return _number(node.value), _ATOM

    def _binary(self, node: ast.BinOp) -> _Written:
        return self._operator(type(node.op), node.left, node.right)

    def _operator(self, kind: type, left: Any, right: Any) -> _Written:
        if kind is ast.Div:
            return f"<mfrac>{_row(self._text(left))}{_row(self._text(right))}</mfrac>", _PRODUCT + 1
        if kind is ast.Pow:
            return f"<msup>{_row(self._text(left, _ATOM))}{_row(self._text(right))}</msup>", _POWER
        if kind not in _SIGNS:
            return _code(f"{ast.unparse(left)} // {ast.unparse(right)}"), _PRODUCT
        sign, level = _SIGNS[kind]
        if kind is ast.Mult and ast.dump(left) == ast.dump(right):
            return f"<msup>{_row(self._text(left, _ATOM))}<mn>2</mn></msup>", _POWER
        if kind is ast.Mult and (self._is_number(left) or self._is_number(right)):
            sign = "·" if _is_literal(right) or (_is_literal(left) and _begins_with_digit(right)) else ""
        between = _sign(sign) if sign else '<mspace width="0.2em"/>'
        return f"{self._text(left, level)}{between}{self._text(right, level + (kind is not ast.Add))}", level

    def _is_number(self, node: Any) -> bool:
        """Whether it is one number for sure."""
        if isinstance(node, ast.Name):
            return node.id in self.numbers
        if isinstance(node, ast.BinOp):
            return self._is_number(node.left) and self._is_number(node.right)
        if isinstance(node, ast.UnaryOp):
            return self._is_number(node.operand)
        if isinstance(node, ast.Call):
            name = _called(node)
            whole = name in _REDUCTIONS and len(node.args) == 1 and not node.keywords
            return whole or (name not in _REDUCTIONS and bool(node.args) and all(map(self._is_number, node.args)))
        return _is_literal(node)

    def _unary(self, node: ast.UnaryOp) -> _Written:
        sign = {ast.USub: "−", ast.UAdd: "+", ast.Invert: "¬", ast.Not: "¬"}[type(node.op)]
        return f"{_sign(sign, 'prefix')}{self._text(node.operand, _PRODUCT)}", _SUM

    def _comparison(self, node: ast.Compare) -> _Written:
        parts = [self._text(node.left, _SUM)]
        for kind, right in zip(node.ops, node.comparators):
            parts += [_sign(_RELATIONS[type(kind)]), self._text(right, _SUM)]
        return "".join(parts), _RELATION

    def _attribute(self, node: ast.Attribute) -> _Written:
        if node.attr in ("T", "mT"):
            return f"<msup>{_row(self._text(node.value, _ATOM))}<mi>⊤</mi></msup>", _POWER
        if node.attr in ("real", "imag"):
            return f"{_letters('Re' if node.attr == 'real' else 'Im')}{self._inside([node.value])}", _ATOM
        if ast.unparse(node.value) == "np":
            return {"pi": "<mi>π</mi>", "inf": "<mi>∞</mi>"}.get(node.attr, _code(node.attr)), _ATOM
        return _code(ast.unparse(node)), _ATOM

    def _item(self, node: ast.Subscript) -> _Written:
        index = ast.unparse(node.slice).strip("()").replace("Ellipsis", "…")
        return f"<msub>{_row(self._text(node.value, _ATOM))}<mtext>{escape(index)}</mtext></msub>", _ATOM

    def _tuple(self, node: Any) -> _Written:
        return _comma.join(self._text(item, _RELATION) for item in node.elts), _TUPLE

    def _list(self, node: ast.List) -> _Written:
        return _around("[", self._tuple(node)[0], "]"), _ATOM

    def _call(self, node: ast.Call) -> _Written:
        name, args = _called(node), node.args
        keywords = {k.arg: k.value for k in node.keywords}
        if name in _BINARY and len(args) == 2:
            return self._operator(_BINARY[name], *args)
        if isinstance(node.func, ast.Attribute) and name in ("astype", "copy"):
            return self._text(node.func.value, _ATOM), _ATOM  # the same number, in another type
        if name in _SHAPED and args and (found := _SHAPED[name](self, args)):
            return found
        if name in _REDUCTIONS and args:
            return self._reduction(name, args[0], keywords.get("axis", args[1] if len(args) > 1 else None))
        shown = _NAMES.get(name, name)
        options = "".join(
            f"{_comma}<mtext>{escape(f'{k}={ast.unparse(x)}')}</mtext>" for k, x in keywords.items() if k != "dtype"
        )
        return f"{_letters(shown)}{self._inside(args, options)}", _ATOM

    def _inside(self, args: list[Any], more: str = "") -> str:
        return _around("(", _comma.join(self._text(a, _RELATION) for a in args) + more, ")")

    def _reduction(self, name: str, x: Any, axis: Any) -> _Written:
        sign = _REDUCTIONS[name]
        top = f'<mo largeop="true">{sign}</mo>' if len(sign) == 1 else f"<mi>{sign}</mi>"
        if axis is not None and ast.unparse(axis) != "None":
            top = f"<munder>{top}<mtext>axis {escape(ast.unparse(axis))}</mtext></munder>"
        return f"{top}{self._text(x, _PRODUCT) if len(sign) == 1 else self._inside([x])}", _PRODUCT


def _cases(f: Formulas, args: list[Any]) -> _Written | None:
    if len(args) != 3:
        return None
    condition, x, y = args
    rows = ((x, f"<mtext>if </mtext>{f._text(condition)}"), (y, "<mtext>otherwise</mtext>"))
    body = "".join(f"<mtr><mtd>{f._text(value)}</mtd><mtd>{text}</mtd></mtr>" for value, text in rows)
    return f'<mrow><mo stretchy="true">{{</mo><mtable columnalign="left left">{body}</mtable></mrow>', _ATOM


def _itself(f: Formulas, args: list[Any]) -> _Written:
    return f._text(args[0], _ATOM), _ATOM


def _filled(number: str) -> Callable[[Formulas, list[Any]], _Written]:
    """An array of one number, with its shape below."""

    def write(f: Formulas, args: list[Any]) -> _Written:
        shape = ast.unparse(args[0]).strip("()").rstrip(",").replace(", ", "×")
        return f"<msub><mn>{number}</mn><mtext>{escape(shape)}</mtext></msub>", _ATOM

    return write


def _exp(f: Formulas, args: list[Any]) -> _Written:
    return f"<msup><mi>e</mi>{_row(f._text(args[0]))}</msup>", _POWER


def _sqrt(f: Formulas, args: list[Any]) -> _Written:
    return f"<msqrt>{f._text(args[0])}</msqrt>", _ATOM


def _absolute(f: Formulas, args: list[Any]) -> _Written:
    return _around("|", f._text(args[0]), "|"), _ATOM


def _square(f: Formulas, args: list[Any]) -> _Written:
    return f"<msup>{_row(f._text(args[0], _ATOM))}<mn>2</mn></msup>", _POWER


def _negative(f: Formulas, args: list[Any]) -> _Written:
    return f"{_sign('−', 'prefix')}{f._text(args[0], _PRODUCT)}", _SUM


def _reciprocal(f: Formulas, args: list[Any]) -> _Written:
    return f"<mfrac><mn>1</mn>{_row(f._text(args[0]))}</mfrac>", _PRODUCT + 1


def _turned(f: Formulas, args: list[Any]) -> _Written:
    if len(args) > 1:
        return f"{_letters('transpose')}{f._inside(args)}", _ATOM
    return f"<msup>{_row(f._text(args[0], _ATOM))}<mi>⊤</mi></msup>", _POWER


def _turned_times(f: Formulas, args: list[Any]) -> _Written:
    return f'{_turned(f, args[:1])[0]}<mspace width="0.2em"/>{f._text(args[1], _PRODUCT + 1)}', _PRODUCT


def _times_turned(f: Formulas, args: list[Any]) -> _Written:
    return f'{f._text(args[0], _PRODUCT)}<mspace width="0.2em"/>{_turned(f, args[1:])[0]}', _PRODUCT


_SHAPED: dict[str, Callable[[Formulas, list[Any]], _Written | None]] = {
    **dict.fromkeys(("float32", "float64", "asarray", "array", "ascontiguousarray", "broadcast_to"), _itself),
    "where": _cases, "zeros": _filled("𝟎"), "ones": _filled("𝟏"),
    "exp": _exp, "sqrt": _sqrt, "abs": _absolute, "absolute": _absolute, "square": _square, "negative": _negative,
    "reciprocal": _reciprocal, "transpose": _turned, "matrix_transpose": _turned, "transposed_times": _turned_times,
    "times_transposed": _times_turned,
}  # fmt: skip
_WRITERS: dict[type, Callable[[Formulas, Any], _Written]] = {
    ast.Name: Formulas._name, ast.Constant: Formulas._constant, ast.BinOp: Formulas._binary,
    ast.UnaryOp: Formulas._unary, ast.Compare: Formulas._comparison, ast.Attribute: Formulas._attribute,
    ast.Subscript: Formulas._item, ast.Tuple: Formulas._tuple, ast.List: Formulas._list, ast.Call: Formulas._call,
}  # fmt: skip
_comma = '<mo separator="true">,</mo>'


def _called(node: ast.Call) -> str:
    """The last part of the name of what is called, without the underscore of a name that is not for others."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    return name.lstrip("_")


def _is_literal(node: Any) -> bool:
    if isinstance(node, ast.Call) and len(node.args) == 1 and _called(node) in ("float32", "float64", "int64"):
        return _is_literal(node.args[0])
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _begins_with_digit(node: Any) -> bool:
    """Whether the formula of a factor begins with a digit, so that it cannot stand right after a number."""
    while isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Div):
        node = node.left
    return _is_literal(node)


def _number(x: Any) -> str:
    """A number with at most six digits; 0.0010000000000000009 is no more exact than 0.001 to who reads a formula.

    >>> _number(1e-08), _number(0.09999999999999998)
    ('<mrow><mn>1</mn><mo>·</mo><msup><mn>10</mn><mn>−8</mn></msup></mrow>', '<mn>0.1</mn>')
    """
    if isinstance(x, complex):
        return _code(str(x))
    digits, _, power = (f"{x:.6g}" if isinstance(x, float) else str(x)).partition("e")
    if not power:
        return f"<mn>{digits}</mn>"
    exponent = str(int(power)).replace("-", "−")
    return f"<mrow><mn>{digits}</mn><mo>·</mo><msup><mn>10</mn><mn>{exponent}</mn></msup></mrow>"


def _letters(name: str) -> str:
    return f"<mi>{escape(_GREEK.get(name, name))}</mi>"


def _code(text: str) -> str:
    return f"<mtext>{escape(text)}</mtext>"


def _sign(text: str, form: str = "") -> str:
    return f'<mo form="{form}">{escape(text)}</mo>' if form else f"<mo>{escape(text)}</mo>"


def _row(text: str) -> str:
    """A part as one element, where a formula needs a number of them."""
    return text if text.startswith(("<mi>", "<mn>", "<mtext>")) and text.count("</m") == 1 else f"<mrow>{text}</mrow>"


def _around(begin: str, text: str, end: str) -> str:
    return f"<mrow><mo>{begin}</mo>{text}<mo>{end}</mo></mrow>"
