"""The rules of the house that concern the source text: imports point downwards and not in circles, and a few habits
are not had."""

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ntb

pytestmark = pytest.mark.uncounted

ROOT = Path(ntb.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
LAYERS = [
    {"habits"}, {"later"},
    {"chapters", "errors", "functions", "naming", "tree", "extending", "blockwise", "looped", "markup"},
    {"arguments", "fitting", "messages", "shapes", "traits"}, {"tape"},
    {"primitive", "forms"}, {"values"}, {"variable"}, {"atomic"}, {"ops", "replay", "explain"},
    {"foreign", "array_api", "transforms", "random", "scipy"}, {"standard", "check", "dask", "debug", "state"},
    {"nn", "optim"}, {"tuned", "metrics"}, {"compiled", "onnx"},
    {"data", "datasets", "distributions", "io", "progress"}, {"training"}, {"distributed", "vis", "sklearn"},
    {"compat"}, {"demos"}, {"__main__", "__init__"},
]  # fmt: skip
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}
"""Who may import a part: those in the layers above it,"""

ONLY_FOR = {
    "messages": {"tape", "values", "variable", "ops", "replay"},
    "traits": {"tape", "replay"},
    "extending": {"values", "ops", "explain", "transforms", "standard"},
    "blockwise": {"ops", "replay", "foreign", "tuned"},
    "looped": {"tuned", "compiled"},
    "forms": {"nn", "ops", "optim", "replay", "tuned"},
    "tuned": {"__init__", "onnx"},
    "compiled": {"__init__"},
    "atomic": {"replay", "state", "optim", "training", "compat"},
    "explain": {"debug", "__init__"},
    "foreign": {"dask", "state", "nn", "metrics", "__init__"},
    "check": {"__init__", "compat"},
    "debug": {"training"},
    "dask": set(),
    "standard": {"__init__"},
}  # fmt: skip
"""and of these rooms none but those named here."""


def part_of(path):
    relative = path.relative_to(ROOT).parts
    return relative[0].removesuffix(".py")


def package_of(path):
    return ["ntb", *path.relative_to(ROOT).parts[:-1]]


def imported(path, nodes):
    """Line, module and name of what these nodes of a file import from ntb; a module as a whole has the name None."""
    package = package_of(path)
    for node in nodes:
        if isinstance(node, ast.Import):
            found = [(alias.name.split("."), None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            found = [(base + (node.module.split(".") if node.module else []), alias.name) for alias in node.names]
        else:
            continue
        yield from ((node.lineno, ".".join(module), name) for module, name in found if module[0] == "ntb")


def imports_of(path, tree):
    """The parts of ntb that a file imports anywhere in it."""
    for line, module, name in imported(path, running(tree)):
        part = [*module.split(".")[1:], name or "__init__"][0]
        yield line, part if part in LEVEL or module != "ntb" else "__init__"


def parsed():
    for path in FILES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_every_part_has_a_layer():
    assert {part_of(path) for path in FILES} <= set(LEVEL)


# What the facade needs beyond public names: traces, which it tells of a draw and where traced values come from in the
# user's program; a block of which no listener is told; the engine's function that clients' nodes call by its old name,
# sum_to_match; trees, for the arguments of NumPy's functions; whether a function is ours, and so does the same for all
# sizes, and the programs for them; what the user's source assigns to; the table of habits; how errors describe values;
# the writer of DOT, calls that no interrupt separates, and graphs in notebooks.
HOOKS = {
    ("ntb.tape.listener", "traces"), ("ntb.tape.listener", "unheard"), ("ntb.tape.gradient", "unbroadcast"),
    ("ntb.tree", "leaves"), ("ntb.tree", "tree_map"), ("ntb.naming", "assigned"), ("ntb.naming", "TakenNames"),
    ("ntb.habits", "of_class"), ("ntb.habits", "of_package"), ("ntb.errors", "describe"),
    ("ntb.functions", "is_ours"), ("ntb.replay.many_sizes", "ManySizes"),
    ("ntb.markup.dot", "dot"), ("ntb.atomic", "uninterrupted"), ("ntb.markup.graph", "pictured"),
    ("ntb.markup.graph", "shown_numbers"), ("ntb.markup.graph", "shown_shape"),
}  # fmt: skip


def is_public(module, name):
    """Whether `ntb.name` is this very object, or it is in a part that is public as a whole, as `ntb.nn` is."""
    part = [*module.split(".")[1:], name][0]
    if part in ntb.__all__:
        return not name.startswith("_")
    return name in ntb.__all__ and getattr(ntb, name) is getattr(importlib.import_module(module), name)


def test_the_facade_uses_public_names_only():
    used = {
        (module, name)
        for path, tree in parsed() if part_of(path) == "compat"
        for _, module, name in imported(path, ast.walk(tree)) if not f"{module}.".startswith("ntb.compat.")
    }  # fmt: skip
    hidden = {(module, name) for module, name in used if not is_public(module, name)}
    assert len(hidden) < len(used) and hidden == HOOKS


def test_the_rule_of_public_names_can_fail():
    assert is_public("ntb.tape.tape", "Tape") and is_public("ntb", "nn") and is_public("ntb.ops.layout", "flatten")
    assert not is_public("ntb.tape.tape", "map_sources") and not is_public("ntb.random", "_open")


def test_imports_point_downwards_only():
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path, tree in parsed()
        for line, name in imports_of(path, tree)
        if name != part_of(path) and LEVEL[name] >= LEVEL[part_of(path)]
    ]
    assert not wrong, "\n".join(wrong)


def test_a_room_is_imported_by_those_it_is_for():
    found = {part: set() for part in ONLY_FOR}
    for path, tree in parsed():
        for _, name in imports_of(path, tree):
            if name in found and name != part_of(path):
                found[name].add(part_of(path))
    assert found == ONLY_FOR


def test_the_rule_of_layers_can_fail():
    tree = ast.parse("from ..nn import linear\nimport ntb.compat.graph\nfrom .. import optim\nfrom ntb import Tape")
    found = [name for _, name in sorted(imports_of(ROOT / "tape" / "tape.py", tree))]
    assert found == ["nn", "compat", "optim", "__init__"]


# --- circles of files


def module_of(path):
    parts = [*package_of(path), path.stem]
    return ".".join(parts[:-1] if path.stem == "__init__" else parts)


def running(tree):
    """The nodes of a file without what only the checker of types reads."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        types_only = isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        pending += node.orelse if types_only else ast.iter_child_nodes(node)


def named_by_string(path, text, nodes, modules):
    """Line and name of the modules that strings name, in a file that imports by string or says what to import.

    A string may be the end of a name that begins with the file's package, or with another string: f"ntb.ops.{chapter}".
    """
    if any(word in text for word in ("import_module", "__import__", "chapters")):
        strings = [(n.lineno, n.value) for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        heads = {s for _, s in strings if re.fullmatch(r"ntb\.(\w+\.)*", s)} | {"", ".".join([*package_of(path), ""])}
        found = [(line, (head + s).replace("..", ".")) for line, s in strings for head in sorted(heads)]
        yield from ((line, module) for line, module in found if module in modules)


def modules_run(path, text, modules):
    """Line and name of the modules that a file imports at any depth, by statement or by string."""
    nodes = list(running(ast.parse(text)))
    for line, module, name in imported(path, nodes):
        whole = f"{module}.{name}" if f"{module}.{name}" in modules else module
        yield line, whole
        # A package that the file is not in itself is run, too.
        above = [whole.rsplit(".", i)[0] for i in range(1, whole.count("."))]
        yield from ((line, package) for package in above if not f"{module_of(path)}.".startswith(f"{package}."))
    yield from named_by_string(path, text, nodes, modules)


def circles(sources):
    """The sets of files, of these texts by path, that import each other, each as the lines that do so."""
    modules = {module_of(path) for path in sources}
    runs = {module_of(path): list(modules_run(path, text, modules)) for path, text in sources.items()}

    def reached(module):
        found, pending = set(), [module]
        while pending:
            new = {n for _, n in runs[pending.pop()] if n in modules} - found
            found |= new
            pending += new
        return found

    ahead = {module: reached(module) for module in modules}
    found = {frozenset(n for n in ahead[m] if m in ahead[n]) for m in modules}
    return [
        [f"{m}:{line} imports {n}" for m in sorted(circle) for line, n in sorted(set(runs[m])) if n in circle - {m}]
        for circle in sorted(found, key=sorted)
        if len(circle) > 1
    ]


def test_no_files_import_each_other_in_a_circle():
    found = circles({path: path.read_text(encoding="utf-8") for path in FILES})
    assert not found, "\n\n".join("\n".join(lines) for lines in found)


@pytest.mark.parametrize(
    "back",
    [
        "from . import one",
        "import ntb.nn.one as other",
        "def late():\n    if True:\n        from ntb.nn.one import x",
        "class A:\n    from .one import x",
        "import_module('ntb.nn.one')",
        "import_module('.one', __package__)",
        "NAMES = ('one', 'three')\ndef __getattr__(name):\n    return import_module(f'{__name__}.{name}')",
        "chapters |= {f'ntb.nn.{name}': 'numpy' for name in ('zero', 'one')}",
        "chapters |= {'ntb.nn.one': 'numpy'}",
    ],
)
def test_the_rule_of_circles_can_fail(back):
    sources = {ROOT / "nn" / "one.py": "from .two import y", ROOT / "nn" / "two.py": back}
    (lines,) = circles(sources)
    assert lines[0] == "ntb.nn.one:1 imports ntb.nn.two" and lines[1].endswith("imports ntb.nn.one")


def test_circles_go_over_any_number_of_files_and_over_the_index_of_another_package():
    chain = {"nn/a.py": "from ..io import b", "io/b.py": "import ntb.data.c", "data/c.py": "from ..nn.a import x"}
    assert len(circles({ROOT / name: text for name, text in chain.items()})[0]) == 3
    index = {"io/__init__.py": "import_module('ntb.dask')", "dask.py": "from .io.seal import x", "io/seal.py": ""}
    assert len(circles({ROOT / name: text for name, text in index.items()})[0]) == 2


@pytest.mark.parametrize(
    "back",
    [
        "if TYPE_CHECKING:\n    from .one import x",
        "if typing.TYPE_CHECKING:\n    from .one import x\nelse:\n    x = None",
        "name = 'ntb.nn.one'",
        "from .one_more import x",
    ],
)
def test_what_is_no_circle(back):
    assert not circles({ROOT / "nn" / "one.py": "from .two import y", ROOT / "nn" / "two.py": back})


SETTINGS = {"spot_check.py", "forms.py", "disk.py", "tiers.py", "crowded.py"}
"""The files that read a setting from the environment: how often replays are checked, which forms run, where compiled
loops are kept, whether there are any, how many threads matrix products may use."""


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
            elif isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and path.name not in SETTINGS:
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
            "from time import process_time as now; a = now(); import numpy, numpy.random; b = now()\n"
            "import ntb; c = now(); print(b - a, c - b)",
            **compiled,
        ).split()
        for _ in range(5)
    ]
    numpys, ours = (min(float(pair[i]) for pair in times) for i in (0, 1))
    assert ours < max(0.05, 1.5 * numpys)


@pytest.mark.parametrize("path", sorted((ROOT / "nn").rglob("*.py")), ids=lambda p: "-".join(p.relative_to(ROOT).parts))
def test_building_blocks_are_read_at_a_glance(path):
    length = len(path.read_text(encoding="utf-8").splitlines())
    assert length <= 200, f"{length} lines; a file is one block, or one part of it"


def test_the_facade_stays_small():
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in FILES if part_of(path) == "compat"]
    assert sum(lengths) <= 2650


@pytest.mark.parametrize("path", [p for p in FILES if part_of(p) in ("tape", "replay")], ids=lambda p: p.stem)
def test_engine_files_are_read_in_a_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
