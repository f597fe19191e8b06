"""A name without an underscore is for other files: one that no other file uses begins with an underscore."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import ntb

pytestmark = pytest.mark.uncounted

ROOT = Path(ntb.__file__).parent.parent
SOURCES = [path for part in ("ntb", "tests", "scripts", "reliability", "benchmarks", "examples")
           for path in sorted((ROOT / part).rglob("*.py"))]  # fmt: skip
LEFT_OUT = ("ntb.compat", "ntb.array_api", "ntb.scipy", "ntb.demos", "ntb.__main__")
"""Parts whose names are for users, and programs."""
MERE = ("contextmanager", "functools.", "cache", "dataclass")
"""Decorators that do not put what they decorate where others find it, as `define` and `primitive` do."""
BY_FORM = {"fold", "merge", "prune"} | {"read", "write"}
"""Passes, which `without` names, and what each format of files has."""


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def defined(tree):
    """The names that a file defines, with the node."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for part in (part for target in targets for part in ast.walk(target)):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id, node


def asked_for(path, tree, modules):
    """Module and name of what a file takes from other files: by imports, attributes, and words in strings."""
    package = list(path.relative_to(ROOT).parts[:-1])
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join(base + (node.module.split(".") if node.module else []))
            for alias in node.names:
                yield module, alias.name
                if f"{module}.{alias.name}" in modules:
                    known[alias.asname or alias.name] = f"{module}.{alias.name}"
        elif isinstance(node, ast.Import):
            known.update((alias.asname, alias.name) for alias in node.names if alias.asname)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            yield known[node.value.id], node.attr
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("setattr") and len(node.args) > 1:
            owner, name = node.args[:2]
            if isinstance(owner, ast.Name) and isinstance(name, ast.Constant):
                yield known.get(owner.id), name.value


def spelled(text):
    """What a text writes out: `ntb.replay.passes.without`."""
    for name in re.findall(r"ntb(?:\.\w+)+", text):
        yield name.rpartition(".")[0], name.rpartition(".")[2]


def printed(tree):
    """What stands in the bodies of primitives, which programs print, and of the functions that these call."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    pending = [n for n in functions.values() if "primitive" in "".join(map(ast.unparse, n.decorator_list))]
    found = set()
    while pending:
        names = {part.id for part in ast.walk(pending.pop()) if isinstance(part, ast.Name)} - found
        found |= names
        pending += [functions[name] for name in names if name in functions]
    return found


def private_ones(sources, texts=()):
    """The names of ntb without an underscore that nobody but their own file uses."""
    modules = {module_of(path) for path in sources}
    used = {pair for path, tree in sources.items() for pair in asked_for(path, tree, modules)}
    used |= {pair for text in texts for pair in spelled(text)}
    used |= {(f"ntb.{module}", name) for name, module in ntb._LATER.items()}
    for path, tree in sources.items():
        module, shown = module_of(path), printed(tree)
        if path.relative_to(ROOT).parts[0] != "ntb" or module == "ntb" or module.startswith(LEFT_OUT):
            continue
        for name, node in defined(tree):
            entered = any(not ast.unparse(d).startswith(MERE) for d in getattr(node, "decorator_list", ()))
            kept = name.startswith("_") or name in BY_FORM or name in shown or entered
            users = isinstance(node, ast.ClassDef) and module.startswith("ntb.datasets")  # results, which users see
            if not (kept or users or (module, name) in used):
                yield f"{module}.{name}"


def test_a_name_that_no_other_file_uses_begins_with_an_underscore():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("notebooks/*.ipynb"), *SOURCES]
    texts = [path.read_text(encoding="utf-8") for path in documents]
    found = list(private_ones({path: parsed(path) for path in SOURCES}, texts))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text", ["def alone(x):\n    return x", "ALONE = 1", "ALONE: int = 1", "class Alone:\n    pass"]
)
def test_the_rule_of_names_can_fail(text):
    one, two = ROOT / "ntb" / "one.py", ROOT / "ntb" / "two.py"
    (name,) = private_ones({one: ast.parse(text), two: ast.parse("from .one import other")})
    assert name.lower() == "ntb.one.alone"
    assert not list(private_ones({one: ast.parse(text), two: ast.parse(f"from .one import {name.split('.')[-1]}")}))
