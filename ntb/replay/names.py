"""Names for the values of a program, taken from the user's own: parameters, variables, and what lines assign to."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from ..variable import Variable
from .code import Code, Instruction, Ref
from .findings import MISSING, cell_contents
from .lookups import dict_of

reading = threading.RLock()
"""Held while source is read: `ast.parse` is not thread-safe before Python 3.11.8 and 3.12.2 (its error is
"AST constructor recursion depth mismatch"), and neither is the cache of lines that `inspect` uses."""


def name_values(code: Code, function: Callable[..., Any]) -> None:
    """Fill `code.names`: `w` for a variable, `loss` for what `loss = …` made, `d_loss` for its gradient."""
    found = {id(variable): name for name, variable in names_of_variables(function)}

    def own_name(variable: Variable) -> str:
        return _identifier(variable.name or found.get(id(variable), "variable"))

    names = code.names
    names.update((ref, _identifier(name)) for name, ref in code.inputs)
    taken = {names[ref] for _, ref in code.inputs}
    for variable, ref in code.variables.items():
        names[ref] = _other_than(taken, own_name(variable))
        taken.add(names[ref])
    names.update(_assigned_values(code.instructions, assigned_names(function)))
    for value, gradient in _final_gradients(code.instructions).items():
        if value in names:
            names.setdefault(gradient, f"d_{names[value]}")
    given = {*code.variables.values(), *(ref for _, ref in code.inputs)}
    for variable, ref in code.assignments.items():
        if ref not in given:  # a variable's new value has the name of the old one, which was read before
            names[ref] = names[code.variables[variable]] if variable in code.variables else own_name(variable)


def _assigned_values(instructions: Iterable[Instruction], targets: dict[Any, str]) -> Iterator[tuple[Ref, str]]:
    """The value that each `name = …` made: the last one of adjacent instructions whose lines assign to this name."""

    def target(instruction: Instruction) -> str | None:
        return targets.get(instruction.line) if instruction.section != "backward" else None

    for name, row in groupby(instructions, target):
        made = [i.result for i in row if type(i.result) is Ref]
        if name is not None and made:
            yield made[-1], name


def _final_gradients(instructions: Iterable[Instruction]) -> dict[Ref, Ref]:
    """For each value its gradient: the last result that the backward walk computes toward it."""
    return {i.toward: i.result for i in instructions if i.toward is not None and type(i.result) is Ref}


def assigned_names(function: Callable[..., Any]) -> dict[Any, str]:
    """The names that the function assigns to, by file and line; or its attribute `assigned_names`, if it has one."""
    if hasattr(function, "assigned_names"):
        return function.assigned_names
    try:
        with reading:
            lines, start = inspect.getsourcelines(function)
            file = inspect.getsourcefile(function)
            tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return {}
    names = {}
    for node in ast.walk(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and isinstance(target, ast.Name):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                names[file, line + max(start, 1) - 1] = target.id
    return names


def names_of_variables(function: Callable[..., Any]) -> Iterator[tuple[str, Variable]]:
    """The variables that a function can reach through its closure and globals, each with the path to it."""
    pending = [(name, x, 0) for name, x in _known_to(function).items()]
    seen: set[int] = set()
    while pending:
        name, x, depth = pending.pop(0)
        if id(x) in seen:
            continue
        seen.add(id(x))
        if isinstance(x, Variable):
            yield name, x
        elif depth < 6:
            pending += [(f"{name}_{key}", part, depth + 1) for key, part in _parts_of(x)]


def _known_to(function: Callable[..., Any]) -> dict[str, Any]:
    """By name, what a function's code finds in its closure and among its globals."""
    code = getattr(function, "__code__", None)
    if code is None:
        return {}
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    space = {name: x for name, cell in cells if (x := cell_contents(cell)) is not MISSING}
    return space | {name: function.__globals__[name] for name in code.co_names if name in function.__globals__}


def _parts_of(x: Any) -> Iterable[tuple[Any, Any]]:
    """The parts of a value: items by index or key, attributes by name. Modules, functions and types have none."""
    if isinstance(x, list | tuple):
        return enumerate(x[:1000])
    if isinstance(x, dict):
        return [(key, item) for key, item in x.copy().items() if isinstance(key, str)]
    if issubclass(type(x), type | types.ModuleType | types.FunctionType):
        return ()
    return (dict_of(x) or {}).copy().items()


def _other_than(taken: set[str], name: str) -> str:
    """The name, numbered if it is taken: gradients are named after their variables, whose names must differ."""
    numbered, count = name, 1
    while numbered in taken:
        count += 1
        numbered = f"{name}_{count}"
    return numbered


def _identifier(name: str) -> str:
    """The name as a Python identifier: `layers.0.weight` becomes `layers_0_weight`."""
    name = re.sub(r"\W", "_", name)
    return name if name and not name[0].isdigit() else f"v_{name}"
