"""Profiles: the time of each instruction is beside the line that shows it, and nothing else changes."""

import ast
import importlib
import inspect
import itertools
import textwrap
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import ntb
from ntb import InputError, Tape, Variable, function, nn
from ntb.chapters import open_chapters
from ntb.primitive import primitive
from ntb.replay.code import Code, Instruction, Ref, Spec
from ntb.replay.costs import Work, work_of
from ntb.replay.emit import Routine
from ntb.replay.passes import LOWERING, without
from ntb.replay.profile import measure
from ntb.replay.quantities import quantity, time_text
from ntb.replay.source import Source
from ntb.tape.rules import table

X, Y = np.linspace(-1, 1, 12).reshape(4, 3), np.ones((4, 1))


def training_step():
    rng = ntb.random.generator(3)
    w, b = Variable(np.zeros((3, 1)), name="w"), Variable(np.zeros(1), name="b")

    @function
    def step(x, y, rate):
        with Tape() as tape:
            error = (x + 0.1 * rng.normal(size=x.shape)) @ w + b - y
            loss = np.mean(error**2)
        for v, g in zip((w, b), tape.gradient(loss, [w, b]), strict=True):
            v.assign_sub(rate * g)
        return loss

    return step, w, b, rng


def profiled(repeat=3):
    step, *_ = training_step()
    program = step.trace(X, Y, 0.1)
    return program, program.profile(X, Y, 0.1, repeat=repeat)


def computing(profile):
    return [line for line in profile.lines if not line.heading]


def test_lines_are_those_of_the_source():
    program, profile = profiled()
    assert [line.text for line in profile.lines] == program.source.splitlines()
    assert [line.number for line in profile.lines] == list(range(1, len(profile.lines) + 1))
    assert profile.body[0].text.startswith("def step(x, y, rate, w, b")
    assert profile.repeat == 3 and profile.run > 0 and profile.memory == program.stats["memory"] > 0


def test_sums_agree():
    program, profile = profiled()
    lines = computing(profile)
    assert sum(profile.share(line.work) for line in lines) == pytest.approx(1)
    assert sum(profile.share(work) for work in profile.sections.values()) == pytest.approx(1)
    assert sum(profile.share(work) for work in profile.operations.values()) == pytest.approx(1)
    assert list(profile.sections) == ["forward", "backward", "update"]
    for field in Work._fields:
        total = getattr(profile.total, field)
        assert sum(getattr(line.work, field) for line in lines) == pytest.approx(total)
        assert sum(getattr(work, field) for work in profile.sections.values()) == pytest.approx(total)
    assert profile.total.flops == program.stats["flops"]
    times = [line.work.seconds for line in profile.top(4)]
    assert times == sorted(times, reverse=True) and len(times) == 4 and times[0] > 0


def test_every_instruction_is_shown_in_one_line():
    program, _ = profiled()
    lines = Source(program.code).lines
    shown = [id(i) for line in lines if not line.heading for i in line.instructions]
    assert sorted(shown) == sorted(map(id, program.code.instructions))
    assert [id(i) for i in lines[0].instructions] == [id(i) for i in program.code.instructions]


class Clock:
    """Tells a time that each reading advances by a number of its own, so that what was measured is known."""

    def __init__(self):
        self.now, self.steps = 0, itertools.count(1)

    def __call__(self):
        self.now += next(self.steps)
        return self.now


@pytest.mark.parametrize("left_out", [(), tuple(step.__name__ for step in LOWERING)])
def test_each_time_lands_on_the_line_that_shows_the_call(left_out, monkeypatch):
    with without(*left_out):
        program = training_step()[0].trace(X, Y, 0.1)
    monkeypatch.setattr("ntb.replay.emit.perf_counter", Clock())
    profile = program.profile(X, Y, 0.1, repeat=1)
    n = len(program.executable.routine.code.instructions)
    took = {}  # the second reading for an instruction comes as many units after the first as there were readings
    for k, instruction in enumerate(program.executable.routine.code.instructions):
        took.setdefault(id(instruction.origin), []).append(2 * (n + k) + 2)
    for shown, line in zip(Source(program.code).lines, profile.body, strict=True):
        expected = [t for i in shown.instructions for t in took.get(id(i), [])]
        assert line.text == shown.text and line.work.seconds == sum(expected) and line.work.calls == len(expected)
    assert profile.total.calls == n


def test_the_time_of_a_chain_is_divided(monkeypatch):
    large = np.ones((200, 200))

    def f(x, y):
        a = np.exp(x)
        b = a * y
        c = b + a
        return np.sum(c, axis=0)

    program = function(f).trace(large, large)
    assert len(program.executable.routine.code.instructions) == 2  # the chain of three, and the sum
    monkeypatch.setattr("ntb.replay.emit.perf_counter", Clock())
    profile = program.profile(large, large, repeat=1)
    assert profile.total.calls == 4 and profile.total.seconds == pytest.approx(6 + 8)
    parts = [profile.operations[name].seconds for name in ("np.exp", "np.multiply", "np.add")]
    assert parts == pytest.approx([6 * 2 / 8, 6 * 3 / 8, 6 * 3 / 8])


def test_the_median_counts(monkeypatch):
    times = iter([0, 100, 0, 1, 0, 50, 0, 3])
    monkeypatch.setattr("ntb.replay.emit.perf_counter", lambda: next(times))
    program = function(lambda x: np.sin(x)).trace(X)
    assert program.profile(X, repeat=3).total.seconds == 3  # of 1, 50 and 3; the first run warms up


def test_nothing_changes():
    step, w, b, rng = training_step()
    program = step.trace(X, Y, 0.1)
    program(X, Y, 0.1)
    before = [w.value.copy(), b.value.copy(), rng.value.copy()]
    program.profile(X, Y, 0.1, repeat=2)
    for a, c in zip((w.value, b.value, rng.value), before, strict=True):
        assert_array_equal(a, c)

    again, v, c, _ = training_step()  # the steps that follow are as if there had been no profile
    other = again.trace(X, Y, 0.1)
    for _ in range(2):
        other(X, Y, 0.1)
    program(X, Y, 0.1)
    assert_array_equal(w.value, v.value)
    assert_array_equal(b.value, c.value)


def test_nothing_changes_when_a_run_fails():
    rng = ntb.random.generator(0)

    @primitive
    def fragile(x):
        if x[0] > 10:
            raise FloatingPointError("on purpose")
        return x

    program = function(lambda x: fragile(x + rng.normal(size=3))).trace(np.ones(3))
    before = rng.value.copy()
    with pytest.raises(FloatingPointError, match="on purpose"):
        program.profile(np.full(3, 100.0))
    assert_array_equal(rng.value, before)


def test_mistakes():
    program = training_step()[0].trace(X, Y, 0.1)
    with pytest.raises(InputError, match=r"traced for x: float64\[4, 3\]"):
        program.profile(X)
    for repeat in (0, -1, 2.5, "many", True):
        with pytest.raises(InputError, match="whole number from 1 on"):
            program.profile(X, Y, 0.1, repeat=repeat)
    positive = function(lambda x: x * 2 if x[0] > 0 else x).trace(np.ones(3))
    with pytest.raises(InputError, match="another branch"):
        positive.profile(-np.ones(3))


def test_a_profile_inside_the_memory_of_its_own():
    """The arrays of the last run are not written over."""
    program = training_step()[0].trace(X, Y, 0.1)
    loss = program(X, Y, 0.1)
    before = np.asarray(loss).copy()
    program.profile(X, Y, 0.1, repeat=2)
    assert_array_equal(np.asarray(loss), before)


def test_user_lines():
    _, profile = profiled()
    here = Path(__file__).read_text().splitlines()
    error = next(line for line in profile.lines if line.text.strip().startswith("error ="))
    assert Path(error.user[0]).name == "test_profile.py" and "rng.normal" in here[error.user[1] - 1]
    assert error.place == f"test_profile.py:{error.user[1]}"
    assert all(line.user is None for line in profile.lines if line.heading or not line.work.calls)


def test_empty_programs():
    for f in (lambda: (), lambda: 3.0):
        profile = function(f).trace().profile(repeat=1)
        assert profile.total == Work() and profile.top() == [] and profile.share(profile.total) == 0
        assert "no inputs" in str(profile) and "</html>" in profile.to_html()


# --- how it looks


def test_text():
    _, profile = profiled()
    text = str(profile)
    columns = next(line for line in text.splitlines() if line.split()[:1] == ["time"])
    assert columns.split() == ["time", "share", "calls", "flop", "read", "write", "line"]
    for line in profile.body:
        assert any(shown.endswith(line.text.rstrip()) for shown in text.splitlines())
    head = "step(x: float64[4, 3], y: float64[4, 1], rate: number)\na run takes "
    assert text.startswith(head) and "the median of 3" in text and "100.0%" in text
    lines, operations = text.split("most expensive lines")[1].split("most expensive operations")
    assert profile.top()[0].text.strip() in lines and "np.matmul" in operations


class Checker(HTMLParser):
    """Follows the tags, which must be closed in order, and collects the text of each cell."""

    VOID = ("meta",)

    def __init__(self):
        super().__init__()
        self.open, self.cells, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag == "td":
            self.cells[-1].append("")

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        if "td" in self.open:
            self.cells[-1][-1] += data


def test_page_is_well_formed_and_stands_alone(tmp_path):
    _, profile = profiled()
    profile.save(tmp_path / "profile.html")
    text = (tmp_path / "profile.html").read_text(encoding="utf-8")
    page = Checker()
    page.feed(text)
    page.close()
    assert page.open == [] and page.links == [] and "http" not in text and "url(" not in text and "@import" not in text
    assert "prefers-color-scheme: dark" in text and text.startswith("<!DOCTYPE html>")
    rows = [cells for cells in page.cells if cells]
    assert [cells[-1] for cells in rows[: len(profile.body)]] == [line.text for line in profile.body]
    assert len({len(cells) for cells in rows[: len(profile.body)]}) == 1


def test_page_escapes_what_it_shows():
    @function
    def f(x):
        return np.where(x < 0.5, x, x[0] > x) + (x & 1 if x.dtype == int else x)

    profile = f.trace(np.ones(3)).profile(np.ones(3), repeat=1)
    text = profile.to_html()
    assert "x &lt; 0.5" in text and "x &gt;" not in profile.body[0].text and "x < 0.5" not in text
    odd = Variable(1.0, name="<b>&")
    profile = function(lambda x: x * odd, max_traces=1).trace(np.ones(3)).profile(np.ones(3), repeat=1)
    assert "<b>" not in profile.to_html()


@given(st.floats(0, 1e6))
def test_times_keep_three_digits(seconds):
    number, unit = time_text(seconds).split()
    assert float(number) / {"s": 1, "ms": 1e3, "µs": 1e6, "ns": 1e9}[unit] == pytest.approx(
        seconds, rel=5e-3, abs=1e-11
    )


@given(st.integers(0, 10**15))
def test_quantities_keep_their_order_of_magnitude(n):
    number, prefix = quantity(n).split(" ")
    assert len(number) <= 4
    scale = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}[prefix]
    assert float(number) * scale == pytest.approx(n, rel=0.051)


# --- what calls cost


def work(f, *args):
    """Of all instructions of a traced function."""
    code = function(f).trace(*args).code
    total = Work()
    for instruction in code.instructions:
        total = total.plus(work_of(code, instruction))
    return total


a23, a34, stack = np.ones((2, 3)), np.ones((3, 4)), np.ones((5, 2, 3))


@pytest.mark.parametrize(
    ("f", "args", "flops"),
    [
        (lambda x, y: x @ y, (a23, a34), 2 * 2 * 3 * 4),
        (lambda x, y: x @ y, (stack, a34), 5 * 2 * 2 * 3 * 4),
        (lambda x, y: np.dot(x, y), (a23, a34), 2 * 2 * 3 * 4),
        (lambda x: np.vdot(x, x), (a23,), 2 * 6),
        (lambda x, y: np.tensordot(x, y, axes=1), (a23, a34), 2 * 2 * 3 * 4),
        (lambda x, y: np.tensordot(x, y, axes=([1, 2], [1, 0])), (stack, np.ones((3, 2, 7))), 2 * 5 * 6 * 7),
        (lambda x, y: np.einsum("ij,jk->ik", x, y), (a23, a34), 2 * 2 * 3 * 4),
        (lambda x, y: np.einsum("...ij, jk -> ...ik", x, y), (stack, a34), 5 * 2 * 2 * 3 * 4),
        (lambda x: np.einsum("ij->j", x), (a23,), 6),
        (lambda x: x + 1.0, (a23,), 6),
        (lambda x, y: x * y, (a23, np.ones(3)), 6),
        (lambda x: np.sum(x, axis=0), (a23,), 6),
        (lambda x: np.exp(x) + x, (a23,), 12),
        (lambda x: np.linalg.inv(x), (np.eye(3) * 2,), 2 * 27),
        (lambda x: np.concatenate([x, x]), (a23,), 0),
        (lambda x: x[:, ::2].T, (a23,), 0),
        (lambda x: x[[0, 1, 0]], (a23,), 0),
        (lambda x: nn.conv2d(x, np.ones((4, 2, 3, 3))), (np.ones((1, 2, 5, 5)),), 2 * (4 * 3 * 3) * (2 * 3 * 3)),
        (lambda x, w, b: nn.linear(x, w, b), (a23, a34, np.ones(4)), 2 * 2 * 3 * 4 + 2 * 4),
    ],
)
def test_floating_point_operations(f, args, flops):
    assert work(f, *args).flops == flops


@pytest.mark.parametrize(
    ("f", "read", "written"),
    [
        (lambda x: np.exp(x), 48, 48),
        (lambda x: x + x, 48, 48),
        (lambda x: x.T, 0, 0),
        (lambda x: x[np.array([0, 1, 0])], 48 + 24, 72),
        (lambda x: np.sum(np.broadcast_to(x, (10, 2, 3)), axis=0), 48, 48),
        (lambda x: x[np.array([1])], 24 + 8, 24),
        (lambda x: x + np.ones((2, 3)), 96, 48),
    ],
)
def test_bytes(f, read, written):
    found = work(f, a23)
    assert (found.read, found.written) == (read, written)


def test_draws_and_decisions_cost_no_operations():
    code = Code("f")
    code.specs = {Ref(0): Spec(np.ones(3), Ref(0)), Ref(1): Spec(np.bool_(True), Ref(1))}
    draw = Instruction(print, (None, "random", 3), {}, Ref(0), effect="draw")
    guard = Instruction(print, (bool, Ref(1)), {}, True, effect="guard")
    assert work_of(code, draw) == Work(written=24) and work_of(code, guard) == Work()


def multiplies(function):
    """Whether a function's text multiplies matrices."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    words = {f"np.{name}" for name in ("matmul", "dot", "inner", "tensordot", "einsum", "vdot", "linalg.multi_dot")}
    return bool(calls & words) or any(isinstance(node, ast.MatMult) for node in ast.walk(tree))


def test_primitives_that_multiply_matrices_say_so():
    """On that the pass *merge* depends, and how many operations are counted."""
    open_chapters()
    importlib.import_module("ntb.transforms.jacobians")
    primitives = [
        o for o in dict.fromkeys(table.values()) if o.call is not o.function and o.call.__module__[:4] == "ntb."
    ]
    products = [o for o in primitives if multiplies(o.call)]
    assert len(primitives) > 90 and len(products) >= 10
    silent = {o.name for o in products if not o.traits.product}
    assert silent == {
        "cofactor", "cofactor_change", "eigh_along", "singular_spectrum", "singular_spectrum_moved", "spectrum",
        "spectrum_moved", "svd_along", "_linear",
    }  # fmt: skip  # which take decompositions, of one matrix, and multiply what came of them


def test_memory_is_that_of_the_plan():
    x = np.ones((64, 64))
    f = function(lambda x: np.sum(np.exp(np.sin(x)) * 2))
    with without(*(step.__name__ for step in LOWERING)):
        assert f.trace(x).stats["memory"] == 0
    stats = f.trace(x).stats
    assert 0 < stats["memory"] < stats["bytes"] and stats["flops"] == 4 * x.size


def test_measure_needs_no_program():
    code = function(lambda x: x * 2.0).trace(X).code
    assert measure(Routine(code), code, Source(code), [X], "x", 1).total.calls == 1
