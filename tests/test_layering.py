"""The rules of the house that concern the source text: imports point downwards, and a few habits are not had."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ntb

ROOT = Path(ntb.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
LAYERS = [
    {"tape"}, {"ops", "replay"}, {"array_api", "transforms", "random", "scipy"}, {"check", "dask", "debug", "state"},
    {"nn", "optim"},
    {"data", "datasets", "io", "progress"}, {"training"}, {"vis"}, {"compat"}, {"demos"}, {"__main__", "__init__"},
]  # fmt: skip
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}


def part_of(path):
    relative = path.relative_to(ROOT).parts
    return relative[0].removesuffix(".py")


def imports_of(path, tree):
    """The parts of ntb that a file imports anywhere in it."""
    package = ["ntb", *path.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "ntb":
                    yield node.lineno, (alias.name.split(".") + ["__init__"])[1]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = base + (node.module.split(".") if node.module else [])
            if module[:1] == ["ntb"]:
                for alias in node.names:
                    name = (module + [alias.name])[1]
                    yield node.lineno, name if name in LEVEL or len(module) > 1 else "__init__"


def parsed():
    for path in FILES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_every_part_has_a_layer():
    assert {part_of(path) for path in FILES} <= set(LEVEL)


# What the facade needs beyond public names: where traced values come from in the user's program, a draw foretold, and
# the engine's function that clients' nodes call by its old name, sum_to_match.
HOOKS = {
    ("ntb.replay.trace", "LINES"), ("ntb.tape.conversions", "open_tapes"), ("ntb.tape.gradient", "unbroadcast"),
}  # fmt: skip


def test_the_facade_uses_public_names_only():
    used = set()
    for path, tree in parsed():
        package = ["ntb", *path.relative_to(ROOT).parts[:-1]]
        for node in ast.walk(tree):
            if part_of(path) == "compat" and isinstance(node, ast.ImportFrom) and node.level:
                module = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
                used |= {(".".join(module), alias.name) for alias in node.names}
    outside = {(module, name) for module, name in used if not module.startswith("ntb.compat")}
    public = {(module, name) for module, name in outside if (module.split(".") + [name])[1] in ntb.__all__}
    assert public and outside - public == HOOKS


def test_imports_point_downwards_only():
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path, tree in parsed()
        for line, name in imports_of(path, tree)
        if name != part_of(path) and LEVEL[name] >= LEVEL[part_of(path)]
        and not (name == "__init__" and part_of(path) in ("vis", "compat", "demos", "__main__"))  # the public names
    ]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_the_rule_of_layers_can_fail():
    tree = ast.parse("from ..nn import linear\nimport ntb.compat.graph\nfrom .. import optim\nfrom ntb import Tape")
    assert [name for _, name in imports_of(ROOT / "tape" / "tape.py", tree)] == ["nn", "compat", "optim", "__init__"]


def test_habits_that_are_not_had():
    wrong = []
    for path, tree in parsed():
        for node in ast.walk(tree):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                wrong.append(f"{where} imports *")
            elif isinstance(node, ast.ExceptHandler) and node.type is None:
                wrong.append(f"{where} has a bare except")
            elif isinstance(node, ast.Assert):
                wrong.append(f"{where} has an assert statement")
            elif isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                wrong.append(f"{where} looks at the environment")
        text = path.read_text(encoding="utf-8")
        wrong += [f"{path.relative_to(ROOT)} has a {word}" for word in ("TODO", "FIXME", "XXX") if word in text]
    assert not wrong, "\n".join(wrong)


def python(code, **environment):
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parent, check=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    return result.stdout.strip()


def test_import_needs_numpy_alone():
    foreign = python(
        "import sys, numpy; before = set(sys.modules)\n"
        "import ntb\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before if '_cython_' not in name}\n"
        "print(sorted(new - {'ntb', 'numpy', 'cython_runtime'} - set(sys.stdlib_module_names)))"
    )
    assert foreign == "[]"


def test_import_opens_no_file_but_modules_and_no_socket():
    opened = python(
        "import sys, numpy, numpy.random\n"
        "seen = []\n"
        "def hook(event, args):\n"
        "    if event == 'open' and not str(args[0]).endswith(('.py', '.so')) and '__pycache__' not in str(args[0]):\n"
        "        seen.append(args[0])\n"
        "    elif event.startswith(('socket.', 'subprocess.', 'os.system')):\n"
        "        seen.append(event)\n"
        "sys.addaudithook(hook)\n"
        "import ntb\n"
        "print(seen)"
    )
    assert opened == "[]"


def test_import_is_quick(tmp_path):
    """Under 50 ms beyond NumPy on a usual machine; measured against NumPy's own import, so that load matters little.

    With the files compiled, as they are for users from their second import on.
    """
    compiled = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    times = [
        python(
            "import time; a = time.perf_counter(); import numpy, numpy.random; b = time.perf_counter()\n"
            "import ntb; c = time.perf_counter(); print(b - a, c - b)",
            **compiled,
        ).split()
        for _ in range(5)
    ]
    numpys, ours = (min(float(pair[i]) for pair in times) for i in (0, 1))
    assert ours < max(0.05, 1.5 * numpys)


@pytest.mark.parametrize("path", [p for p in FILES if part_of(p) in ("tape", "replay")], ids=lambda p: p.stem)
def test_engine_files_are_read_in_a_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
