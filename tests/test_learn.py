"""The course of docs/learn: the engine that its chapters build is right. `tests/test_pages.py` runs the chapters."""

import ast
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

import ntb
from tests.fences import fences
from tests.test_pages import CHAPTERS

ROOT = Path(ntb.__file__).parent.parent
COURSE = ROOT / "docs" / "learn"
SOURCE = (COURSE / "engine.py").read_text(encoding="utf-8")


def page(chapter):
    return (COURSE / f"{chapter}.md").read_text(encoding="utf-8")


def made_engine():
    spec = importlib.util.spec_from_file_location("learn_engine", COURSE / "engine.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


E = made_engine()
A, B = np.array([[0.5, -1.0, 2.0], [0.25, 1.5, -0.75]]), np.array([[1.5, 0.5, -0.5]])
ROW, NUMBER = np.array([0.3, -0.6, 0.9]), np.array(1.25)
CASES = {
    "add": (lambda a, b: a + b, lambda a, b: a + b, A, ROW),
    "add a number": (lambda a, b: a + b, lambda a, b: a + b, NUMBER, A),
    "subtract": (lambda a, b: a - b, lambda a, b: a - b, B, A),
    "multiply": (lambda a, b: a * b, lambda a, b: a * b, A, B),
    "multiply stretched twice": (lambda a, b: a * b, lambda a, b: a * b, A[:, :1], ROW),
    "matmul": (lambda a, b: a @ b, lambda a, b: a @ b, A, A.T),
    "transpose": (lambda a, b: E.transpose(a) * b, lambda a, b: np.transpose(a) * b, A, A.T),
    "tanh": (lambda a, b: E.tanh(a * b), lambda a, b: np.tanh(a * b), A, ROW),
    "sum_to": (
        lambda a, b: E.sum_to(a * b, shape=(2, 1)) * b,
        lambda a, b: np.sum(a * b, axis=1, keepdims=True) * b, A, ROW,
    ),
    "broadcast_to": (
        lambda a, b: E.broadcast_to(a, shape=(2, 3)) * b, lambda a, b: np.broadcast_to(a, (2, 3)) * b, B, A,
    ),
    "numbers on both sides": (lambda a, b: 2.0 * a + b * 3.0, lambda a, b: 2.0 * a + b * 3.0, A, B),
}  # fmt: skip


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_exercises_with_answers(chapter):
    text = page(chapter)
    assert len(re.findall(r"^\*\*\d\.\*\* ", text, re.M)) == len(re.findall(r"^\?\?\? note", text, re.M)) >= 3


def test_the_engine_has_sixty_lines():
    """Without empty lines, comments and docstrings."""
    lines = {line for node in ast.walk(ast.parse(SOURCE)) if hasattr(node, "lineno")
             for line in range(node.lineno, node.end_lineno + 1)}  # fmt: skip
    docstrings = {node.lineno for node in ast.walk(ast.parse(SOURCE))
                  if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}  # fmt: skip
    empty = {i for i, line in enumerate(SOURCE.splitlines(), 1) if not line.strip() or line.strip().startswith("#")}
    assert len(lines - docstrings - empty) == 60


def test_the_chapters_build_the_engine_that_stands_at_the_end():
    assert f"```python\n{SOURCE}```" in page("engine")
    built = {ast.unparse(node) for chapter in CHAPTERS[:-1] for kind, code in fences(page(chapter)) if kind == "python"
             for node in ast.parse(code).body}  # fmt: skip
    for node in ast.parse(SOURCE).body[1:]:
        assert ast.unparse(node) in built


def test_what_the_lines_are_compared_with_is_there():
    rows = [row.split("|")[2] for row in page("engine").splitlines() if row.startswith("| ") and "`ntb/" in row]
    assert len(rows) >= 15
    for row in rows:
        for path in re.findall(r"`(ntb/\S+)`", row):
            assert (ROOT / path).exists(), path
        for part, path in re.findall(r"(.*?) in `(ntb/\S+\.py)`", row):
            text = (ROOT / path).read_text(encoding="utf-8")
            for name in re.findall(r"`(\w+)`", part):
                assert re.search(rf"^ *(def|class) {name}\b|^{name}\b.* =", text, re.M), (name, path)


def test_the_loop_that_is_shown_is_that_of_ntb():
    lines = [line.strip() for line in (ROOT / "ntb/tape/gradient.py").read_text(encoding="utf-8").splitlines()]
    shown = [
        line.strip() for line in re.search(r"\bours:\n\n```\n(.*?)^```$", page("engine"), re.M | re.S)[1].splitlines()
    ]
    places = [lines.index(line) for line in shown if line != "..."]
    assert places == sorted(places) and len(places) >= 8


def derivatives(tape, total, f, a, b):
    """A sum of squares, its gradients, the sum of their squares, and the gradients of that."""
    with tape:
        y = f(a, b)
        loss = total(y * y)
        first = tape.gradient(loss, [a, b])
        second = total(first[0] * first[0]) + total(first[1] * first[1])
        return [loss, *first, second, *tape.gradient(second, [a, b])]


def of_the_engine(f, a, b):
    found = derivatives(E.Tape(), lambda x: E.sum_to(x, shape=()), f, E.Tensor(a), E.Tensor(b))
    return [x.value for x in found]


def of_ntb(f, a, b):
    tape = ntb.Tape(persistent=True)
    return [x.numpy() for x in derivatives(tape, np.sum, f, tape.watch(a), tape.watch(b))]


def differences(f, x, step=1e-6):
    """The gradient of the number f(x), estimated."""
    moved = [step * e.reshape(x.shape) for e in np.eye(x.size)]
    return np.reshape([(f(x + d) - f(x - d)) / (2 * step) for d in moved], x.shape)


@pytest.mark.parametrize("case", CASES)
def test_derivatives_to_second_order_are_those_of_ntb(case):
    f, g, a, b = CASES[case]
    for ours, theirs in zip(of_the_engine(f, a, b), of_ntb(g, a, b), strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_derivatives_to_second_order_are_those_that_differences_estimate(case):
    f, _, a, b = CASES[case]
    _, da, db, _, dda, ddb = of_the_engine(f, a, b)
    for number, by_a, by_b in ((0, da, db), (3, dda, ddb)):
        by = lambda a, b, number=number: of_the_engine(f, a, b)[number]
        np.testing.assert_allclose(by_a, differences(lambda a, by=by: by(a, b), a), rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(by_b, differences(lambda b, by=by: by(a, b), b), rtol=1e-6, atol=1e-6)


def test_what_does_not_lead_to_the_target_has_no_gradient():
    x, other = E.Tensor(A), E.Tensor(B)
    with E.Tape() as tape:
        y, _ = x * x, other * other
    assert tape.gradient(y, [other]) == [None]
    with pytest.raises(ZeroDivisionError), E.Tape():
        _ = 1 / 0
    assert E.open_tapes == []


def test_arrays_of_numpy_leave_operators_to_tensors():
    assert isinstance(A * E.Tensor(A), E.Tensor) and isinstance(np.float64(2.0) + E.Tensor(A), E.Tensor)


def test_a_training_step_is_that_of_ntb_also_when_it_is_replayed():
    w, b, x, t = A.T[:, :1], ROW[:1], A, np.array([[0.5], [-0.5]])

    def step(w, b, x, t):
        with E.Tape() as tape:
            error = E.tanh(x @ w + b) - t
            loss = E.sum_to(error * error, shape=())
        dw, db = tape.gradient(loss, [w, b])
        return loss, w - dw * 0.1, b - db * 0.1

    program = E.Program(step, w, b, x, t)
    variables = [ntb.Variable(w), ntb.Variable(b)]
    for _ in range(3):
        plain = step(*map(E.Tensor, (w, b, x, t)))
        loss, w, b = program(w, b, x, t)
        assert all(np.array_equal(p.value, r) for p, r in zip(plain, (loss, w, b)))
        with ntb.Tape() as tape:
            expected = np.sum((np.tanh(x @ variables[0] + variables[1]) - t) ** 2)
        for variable, g in zip(variables, tape.gradient(expected, variables)):
            variable.assign_sub(0.1 * g)
        np.testing.assert_allclose(loss, expected.numpy(), rtol=1e-13)
        np.testing.assert_allclose(w, variables[0].numpy(), rtol=1e-13)
        np.testing.assert_allclose(b, variables[1].numpy(), rtol=1e-13)
