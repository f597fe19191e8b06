"""Names for the values of a program, taken from the user's own: parameters, variables, and what lines assign to."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ..tape.variable import Variable
from .code import Code, Ref

reading = threading.RLock()
"""Held while source is read: `ast.parse` is not for several threads before Python 3.11.8 and 3.12.2 (its error is
"AST constructor recursion depth mismatch"), and the cache of lines that `inspect` uses is not made for them either."""


def name_values(code: Code, function: Callable[..., Any]) -> None:
    """Fill `code.names`: `w` for a variable, `loss` for what `loss = …` made, `d_loss` for the gradient of it."""
    found = {id(variable): name for name, variable in named_variables(function)}
    for name, ref in code.inputs:
        code.names[ref] = identifier(name)
    taken = {code.names[ref] for _, ref in code.inputs}
    for variable, ref in code.variables.items():
        code.names[ref] = other_than(taken, identifier(variable.name or found.get(id(variable), "variable")))
        taken.add(code.names[ref])
    targets = assigned_names(function)
    last: dict[str, Ref] = {}
    previous = None
    for instruction in code.instructions:
        target = targets.get(instruction.line) if instruction.section != "backward" else None
        if target is None or target != previous:
            code.names.update((ref, known) for known, ref in last.items())
            last = {}
        if target is not None and type(instruction.result) is Ref:
            last = {target: instruction.result}
        previous = target
    code.names.update((ref, known) for known, ref in last.items())
    final: dict[Ref, Ref] = {}
    for instruction in code.instructions:
        if instruction.toward is not None and type(instruction.result) is Ref:
            final[instruction.toward] = instruction.result
    for value, gradient in final.items():
        if value in code.names:
            code.names.setdefault(gradient, f"d_{code.names[value]}")
    for variable, ref in code.assignments.items():
        fallback = identifier(variable.name or found.get(id(variable), "variable"))
        name = code.names.get(code.variables.get(variable, Ref(-1)), fallback)
        if ref not in code.variables.values() and ref not in (given for _, given in code.inputs):
            code.names[ref] = name


def assigned_names(function: Callable[..., Any]) -> dict[Any, str]:
    """File and line of each `name = …` in the function's source, with the name; or as its `assigned_names` says."""
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


def named_variables(function: Callable[..., Any]) -> Iterator[tuple[str, Variable]]:
    """The variables that a function can reach through its closure and globals, by the path to them."""
    code = getattr(function, "__code__", None)
    if code is None:
        return
    space: dict[str, Any] = {}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            space[name] = cell.cell_contents
        except ValueError:
            continue  # not assigned yet
    space.update((name, function.__globals__[name]) for name in code.co_names if name in function.__globals__)
    pending = [(name, x, 0) for name, x in space.items()]
    seen: set[int] = set()
    while pending:
        name, x, depth = pending.pop(0)
        if id(x) in seen:
            continue
        seen.add(id(x))
        if isinstance(x, Variable):
            yield name, x
        elif depth < 6:
            if isinstance(x, list | tuple):
                children = [(f"{name}_{i}", item) for i, item in enumerate(x[:1000])]
            elif isinstance(x, dict):
                children = [(f"{name}_{key}", item) for key, item in x.copy().items() if isinstance(key, str)]
            elif (
                type(x).__module__ != "builtins"
                and not isinstance(x, type)
                and not callable(getattr(x, "__path__", None))
            ):
                children = [(f"{name}_{key}", item) for key, item in getattr(x, "__dict__", {}).copy().items()]
                children = [] if inspect.ismodule(x) or inspect.isfunction(x) else children
            else:
                children = []
            pending.extend((key, item, depth + 1) for key, item in children)


def other_than(taken: set[str], name: str) -> str:
    """The name, numbered if need be: a gradient is named after its variable, which so is known from its equals."""
    numbered, count = name, 1
    while numbered in taken:
        count += 1
        numbered = f"{name}_{count}"
    return numbered


def identifier(name: str) -> str:
    """The name as a Python identifier: `layers.0.weight` becomes `layers_0_weight`."""
    name = re.sub(r"\W", "_", name)
    return name if name and not name[0].isdigit() else f"v_{name}"
