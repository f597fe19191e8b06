"""Rules: the derivative of an operation as ntb declares it, and as a formula."""

from __future__ import annotations

import ast
import linecache
import types
from copy import deepcopy
from functools import lru_cache
from typing import Any, NamedTuple

from ...functions import parameter_name
from ...naming import reading
from ..code import Pull
from .formulas import Formulas

_FEW = 30
"""Lines of a rule that is shown."""


class _Rule(NamedTuple):
    """A derivative rule: the call that it is of, its argument, the rule's text, and its formula if it is one."""

    call: str
    argument: str
    text: str
    formula: str


def rule_of(pull: Pull) -> _Rule | None:
    """The rule that a step back follows; None where its source is not to be had."""
    position = pull.position if isinstance(pull.position, int) else pull.position[0]
    rules = pull.operation.derivative.rules
    return _read(pull.operation, position) if position < len(rules) and rules[position] is not None else None


@lru_cache(1000)
def _read(operation: Any, position: int) -> _Rule | None:
    rule, names = operation.derivative.rules[position], operation.derivative.names
    argument = parameter_name(names, position).strip("'")
    node = _node_of(rule)
    if node is None:
        return None
    if isinstance(node, ast.Lambda):
        body: Any = node.body
        text = ast.unparse(node.body)
    else:
        text = ast.unparse(node)
        last = node.body[-1]
        body = last.value if len(_without_docstring(node)) == 1 and isinstance(last, ast.Return) else None
    if text.count("\n") >= _FEW:
        text = "\n".join([*text.split("\n")[:_FEW], "…"])
    given = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    result = given[1].lstrip("_") if len(given) > 1 else "y"
    plain = _Plain({given[0]: "d_y"} if given else {})
    formulas = Formulas({"d_y": result, "d_x": argument})
    formula = formulas.of(f"d_x = {ast.unparse(plain.visit(deepcopy(body)))}") if body is not None else ""
    return _Rule(_call_of(operation, result), argument, text, formula)


def _call_of(operation: Any, result: str) -> str:
    """`y = np.multiply(a, b)`, with the arguments that have a gradient."""
    rules = enumerate(operation.derivative.rules)
    arguments = [parameter_name(operation.derivative.names, n).strip("'") for n, rule in rules if rule is not None]
    return f"{result} = {operation.name}({', '.join(arguments)})"


class _Plain(ast.NodeTransformer):
    """Names without the underscore that hides an array, and the gradient by the name that formulas know."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id.lstrip("_") or node.id), node.ctx)


def _without_docstring(node: ast.FunctionDef) -> list[ast.stmt]:
    first = node.body[0]
    return node.body[1:] if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else node.body


def _node_of(rule: Any) -> Any:
    """The `lambda` or `def` of a rule in the source of its file. Of several on a line the one in which its last
    instruction stands; in Python 3.10, which does not tell that, the one that is compiled to the same instructions."""
    code = getattr(rule, "__code__", None)
    if code is None:
        return None
    found = _functions_of(code.co_filename).get(code.co_firstlineno, [])
    if not hasattr(code, "co_positions"):
        return next((node for node in found if len(found) == 1 or _is_compiled_to(node, code)), None)
    spots = [(line, column) for line, _, column, _ in code.co_positions() if line and column]  # return stands nowhere
    return next((node for node in found if not spots or _holds(node, spots[-1])), None)


def _is_compiled_to(node: Any, code: types.CodeType) -> bool:
    outer = compile(ast.Expression(node), "", "eval") if isinstance(node, ast.Lambda) else None
    own = outer.co_consts[0] if outer else None
    parts = ("co_code", "co_names", "co_varnames", "co_consts")
    return own is not None and all(getattr(own, part) == getattr(code, part) for part in parts)


def _holds(node: Any, spot: tuple[int, int]) -> bool:
    return (node.lineno, node.col_offset) <= spot < (node.end_lineno, node.end_col_offset)


@lru_cache(100)
def _functions_of(file: str) -> dict[int, list[Any]]:
    """All functions of a file, by the line where they begin."""
    found: dict[int, list[Any]] = {}
    with reading:
        lines = linecache.getlines(file)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return found
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda | ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            found.setdefault(first, []).append(node)
    return found
