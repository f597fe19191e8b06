"""No function is more than a reader can follow, and the engine is read in a sitting."""

import ast
from pathlib import Path

import pytest

import ntb

pytestmark = pytest.mark.uncounted

radon = pytest.importorskip("radon.visitors", reason="radon, of the extra dev, counts the branches of functions")

ROOT = Path(ntb.__file__).parent
TAPE = sorted((ROOT / "tape").glob("*.py"))


def functions(found):
    """All functions in what radon has found in a text, a class or a function, at any depth."""
    for function in [*getattr(found, "functions", ()), *getattr(found, "methods", ()), *getattr(found, "closures", ())]:
        yield function
        yield from functions(function)
    for inner in [*getattr(found, "classes", ()), *getattr(found, "inner_classes", ())]:
        yield from functions(inner)


def complex_ones(paths, most):
    """Those whose cyclomatic complexity, by radon, is greater: a line for each."""
    return [
        f"{path}:{function.lineno} {function.name} has a complexity of {function.complexity}, which is over {most}"
        for path in paths
        for function in functions(radon.ComplexityVisitor.from_code(path.read_text(encoding="utf-8")))
        if function.complexity > most
    ]


def test_no_function_of_ntb_is_too_complex():
    found = complex_ones(sorted(ROOT.rglob("*.py")), 20)
    assert not found, "\n".join(found)


def test_no_function_of_the_engine_is_complex():
    found = complex_ones(TAPE, 16)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("form", ["def f(x):\n{}", "class A:\n def f(x):\n{}", "def g():\n def f(x):\n{}"])
def test_the_rule_of_complexity_can_fail(form, tmp_path):
    file = tmp_path / "planted.py"
    file.write_text(form.format("  if x: return 1\n" * 20))
    (found,) = complex_ones([file], 20)
    assert found == f"{file}:{form.count(chr(10))} f has a complexity of 21, which is over 20"
    assert not complex_ones([file], 21)


def lengths(paths):
    """By name, the lengths in lines of the functions and methods that these files define."""
    found = {}
    for path in paths:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            inside = [(f"{node.name}.", n) for n in node.body] if isinstance(node, ast.ClassDef) else [("", node)]
            for prefix, function in inside:
                if isinstance(function, ast.FunctionDef):
                    length = function.end_lineno - function.lineno + 1
                    found.setdefault(prefix + function.name, []).append(length)
    return found


@pytest.mark.parametrize("name", ["apply", "Tracker.write", "backpropagate", "derivative"])
def test_what_the_engine_is_about_is_seen_at_a_glance(name):
    (length,) = lengths(TAPE)[name]
    assert length <= 40


def test_a_tape_writes_as_trackers_do():
    assert ntb.Tape.write is ntb.tape.tape.Tracker.write


def test_the_engine_is_small():
    assert len(TAPE) <= 13
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in TAPE) <= 1300
