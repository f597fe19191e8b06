"""The source of the primitives a program calls, so that its printed form runs without ntb."""

from __future__ import annotations

import dis
import functools
import inspect
import textwrap
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..blockwise import blockwise, in_one_piece
from ..errors import InputError
from ..functions import written
from ..naming import reading
from ..tape.rules import table


def helper_sources(functions: Iterable[Callable[..., Any]]) -> tuple[dict[str, str], set[str]]:
    """The definitions of the functions that are not NumPy's, with all that they call, and the modules these import.

    Returns:
        A dict from name to source, in an order in which they can be defined, and the set of imported module names.

    Raises:
        InputError: two different ones have the same name.
    """
    found: dict[str, str] = {}
    owners: dict[str, Any] = {}
    functions = list(functions)
    imports = {written[f].rpartition(".")[0] for f in functions if f in written}
    pending = [(f.__name__, f) for f in functions if _is_ours(f)]
    while pending:
        name, function = pending.pop()
        if owners.setdefault(name, function) is not function:
            raise _clash(name)
        if name in found:
            continue
        found[name] = _bare_source(function).replace(f"def {function.__name__}(", f"def {name}(", 1)
        for used, x in _globals_of(function):
            if isinstance(x, types.ModuleType):
                if x is not np:
                    imports.add(x.__name__ if x.__name__ == used else f"{x.__name__} as {used}")
            elif isinstance(x, types.FunctionType):
                pending.append((x.__name__, _body_of(x)))
            elif not callable(x) or isinstance(x, type):
                text = f"{used} = {_literal(x)}"
                if found.setdefault(used, text) != text:
                    raise _clash(used)
    return dict(reversed(found.items())), imports


def _literal(x: Any) -> str:
    """A constant as source; the built-in types by their names."""
    if isinstance(x, tuple):
        return "(" + "".join(f"{_literal(item)}, " for item in x) + ")"
    return x.__name__ if isinstance(x, type) and x.__module__ == "builtins" else repr(x)


def _body_of(function: Any) -> Any:
    """What runs on arrays: a primitive's body; NumPy's form of what is `looped`; `in_one_piece` for `blockwise`, whose
    text is long."""
    if function is blockwise:
        return in_one_piece
    return getattr(function, "by_numpy", function) if function not in table else table[function].call


def _clash(name: str) -> InputError:
    return InputError(
        f"a printed program has one module for all functions that it calls, and two things in them are named {name!r}; "
        "give one of them another name"
    )


def _is_ours(function: Any) -> bool:
    return isinstance(function, types.FunctionType) and (function.__module__ or "").split(".")[0] != "numpy"


_bare_sources: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def _bare_source(function: Any) -> str:
    """The text of a function without decorators, annotations and docstring; it is read once."""
    with reading:
        if function not in _bare_sources:
            lines = textwrap.dedent(inspect.getsource(function)).splitlines()
            start = next(i for i, line in enumerate(lines) if line.startswith("def "))
            _bare_sources[function] = _without_annotations("\n".join(lines[start:]))
        return _bare_sources[function]


def _without_annotations(text: str) -> str:
    """Drop annotations and the docstring: the printed module does not define the names in them."""
    import ast

    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            arguments = node.args
            for a in (
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                arguments.vararg,
                arguments.kwarg,
            ):
                if a is not None:
                    a.annotation = None
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1:
                node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef | ast.For | ast.With | ast.If | ast.While):
            node.body = [
                ast.copy_location(ast.Assign([s.target], s.value), s) if isinstance(s, ast.AnnAssign) and s.value else s
                for s in node.body
            ]
    return ast.unparse(ast.fix_missing_locations(tree))


def _globals_of(function: Any) -> Iterator[tuple[str, Any]]:
    """What a function, or a function inside it, finds in its module, by name."""
    for name in _global_names(function.__code__):
        if name in function.__globals__:
            yield name, function.__globals__[name]


@functools.lru_cache(1000)
def _global_names(code: types.CodeType) -> list[str]:
    found = [i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"]
    inner = [name for c in code.co_consts if isinstance(c, types.CodeType) for name in _global_names(c)]
    return list(dict.fromkeys([*found, *inner]))
