"""The readable form of a program: it runs by itself, and reads well."""

import ast
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import ntb
from ntb import InputError, Tape, Variable, function
from ntb.primitive import primitive
from ntb.replay.code import Code, Instruction, Ref, Spec
from ntb.replay.emit import Routine
from ntb.replay.helpers import helper_sources
from ntb.replay.passes import fold, prune
from ntb.replay.trace import Trace, build
from ntb.replay.workspace import Workspace
from ntb.tape.rules import operations
from tests.replay.parity import check, flat, run_source, same_bits

ONE = np.ones(3)


def linear_fit():
    w, b = Variable(np.zeros((3, 1)), name="w"), Variable(np.zeros(1), name="b")

    @function
    def step(x, y, lr):
        with Tape() as tape:
            error = x @ w + b - y
            loss = np.mean(error**2)
        dw, db = tape.gradient(loss, [w, b])
        w.assign_sub(lr * dw)
        b.assign_sub(lr * db)
        return loss

    return step, w, b


def test_the_linear_fit_fits_on_a_page_and_reads_as_one_would_write_it():
    step, *_ = linear_fit()
    source = step.trace(np.ones((4, 3)), np.ones((4, 1)), 0.1).source
    assert source.count("\n") < 40
    assert [line.strip() for line in source.splitlines() if line.strip().startswith("#")] == [
        "# forward", "# backward", "# update",
    ]  # fmt: skip
    assert "def step(x, y, lr, w, b):" in source
    assert "error = x @ w + b - y" in source
    assert re.search(r"^    loss = ", source, re.MULTILINE)
    assert re.search(r"^    d_w = ", source, re.MULTILINE)
    assert re.search(r"^    w = w - lr \* d_w", source, re.MULTILINE)
    assert 'return loss, {"w": w, "b": b}' in source


def run_alone(folder, program):
    """Import a saved module in a Python that has no ntb, and run it for a few steps."""
    np.savez(folder / "inputs.npz", x=np.arange(12.0).reshape(4, 3) / 10, y=np.ones((4, 1)))
    program.save_source(folder / "saved.py")
    script = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules["ntb"] = None  # it may be installed here; importing it now is an ImportError
import numpy as np
import saved
data = np.load(sys.argv[1] + "/inputs.npz")
state, outputs = dict(saved.variables), []
generators = [value for name, value in vars(saved).items() if isinstance(value, np.random.Generator)]
for _ in range(3):
    loss, new = saved.step(data["x"], data["y"], 0.1, *state.values(), *generators)
    state.update(new)
    outputs.append(loss)
np.savez(sys.argv[1] + "/outputs.npz", loss=np.array(outputs), **state)
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    subprocess.run([sys.executable, "-I", "-c", script, str(folder)], check=True, cwd=folder, env=environment)
    return np.load(folder / "outputs.npz")


def test_a_saved_module_runs_without_ntb(tmp_path):
    rng = ntb.random.generator(0)
    table = np.random.default_rng(0).normal(size=(3, 40))
    w, b = Variable(np.zeros((3, 1)), name="w"), Variable(np.zeros(1), name="b")

    @function
    def step(x, y, lr):
        with Tape() as tape:
            h = ntb.nn.softplus(x + 0.1 * rng.normal(size=x.shape)) @ table
            loss = np.mean((np.sum(h[:, [0, 2, 0]], axis=1, keepdims=True) + x @ w + b - y) ** 2)
        for v, g in zip((w, b), tape.gradient(loss, [w, b]), strict=True):
            v.assign_sub(lr * g)
        return loss

    x, y = np.arange(12.0).reshape(4, 3) / 10, np.ones((4, 1))
    found = run_alone(tmp_path, step.trace(x, y, 0.1))
    expected = [np.asarray(step(x, y, 0.1)) for _ in range(3)]
    assert_array_equal(found["loss"], expected)
    assert_array_equal(found["w"], w.value)
    assert_array_equal(found["b"], b.value)


def test_nothing_but_numpy_is_imported():
    f = function(lambda x: ntb.nn.softmax(ntb.nn.conv2d(x, np.ones((2, 1, 2, 2)), padding="same")))
    source = f.trace(np.ones((1, 1, 4, 4))).source
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names}
    assert names <= {"numpy", "math"}
    assert "ntb" not in source


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (x < 1.0) < (x < 2),
        lambda x: x < (x > 0.5),
        lambda x: -(x**2) + (-x) ** 2,
        lambda x: 2.0 - (3.0 - x),
        lambda x: x / (x / 2.0),
        lambda x: (x - 1.0) - (x - 2.0),
        lambda x: x * -1.0,
        lambda x: np.maximum(x, -np.inf),
        lambda x: x * np.float32(np.inf),
        lambda x: x + np.float64(np.nan),
        lambda x: x + float("inf"),
        lambda x: x + np.float32(0.1),
        lambda x: x[(0, 1),],
        lambda x: x[..., None, ::-1],
        lambda x: x[1:2],
        lambda x: x[()],
        lambda x: x[[True, False, True]],
        lambda x: x[-1],
        lambda x: np.stack([x, x])[(0, 1), 1:],
        lambda x: np.sum(x, axis=(0,)),
        lambda x: x + np.array([1, 2, 3]),
        lambda x: x + np.array([1.5, -0.0, np.nan]),
        lambda x: x + np.array([1.0, 2.0, 3.0], np.float32),
        lambda x: x > np.array(True),
        lambda x: x + np.zeros((0, 1)),
        lambda x: x + np.full((7, 3), 2.5),
        lambda x: x + np.arange(30.0).reshape(10, 3),
        lambda x: np.broadcast_to(x, (2, 3)),
        lambda x: x.astype(np.float32),
        lambda x: x.astype(bool),
        lambda x: x.astype("int8"),
        lambda x: {"a": [x, (x + 1,)], "b": None},
        lambda x: (),
        lambda x: None,
        lambda x: np.modf(x),
        lambda x: np.modf(x)[1],
        lambda x: np.split(x, 3),
        lambda x: x @ x,
        lambda x: x * (2 + 3j),
        lambda x: np.where(x > 0, x, "a" == "b"),
        lambda x: np.linalg.norm(x),
        lambda x: np.einsum("i,j->ij", x, x),
        lambda x: np.sum(x, where=np.array([True, False, True])),
        lambda x: ntb.stop_gradient(x) + 1,
        lambda x: x if x[0] > 0 else -x,
        lambda x: x[: int(np.argmax(x)) + 2],
        lambda x: x * True,
        lambda x: np.fft.fft(x).real if hasattr(np, "no such thing") else x,
    ],
)
def test_the_text_is_what_ran(f):
    check(f, [(ONE.copy(),), (ONE * 1.5,)])


@pytest.mark.parametrize(
    "f",
    [
        lambda x, a, b: x * np.add(a, b),
        lambda x, a, b: x * (a + b),
        lambda x, a, b: x * np.negative(a),
        lambda x, a, b: x * -a,
        lambda x, a, b: x * (a**b) + (a < b),
        lambda x, a, b: (a - (b - a)) * x,
        lambda x, a, b: x * np.less(a, b),
        lambda x, a, b: abs(a - b) * x,
        lambda x, a, b: x * ((a < b) & (b > 0.5) | ((a < 0.2) ^ True)) * +a,
    ],
)
def test_numbers_stay_numbers(f):
    x = np.ones(3, np.float32)
    traced = function(f)
    program = traced.trace(x, 0.3, 0.7)
    for args in ((x, 0.3, 0.7), (x, 0.7, 0.3)):
        assert same_bits(run_source(program, args)[0], program(*args))
        assert same_bits(traced(*args), program(*args))


def test_gradients_are_named_after_their_variables():
    first, second = Variable(np.full(3, 2.0), name="w"), Variable(np.full(3, 3.0), name="w")

    @function
    def step(x):
        with Tape() as tape:
            loss = np.sum(np.sin(first * x) * second)
        for v, g in zip((first, second), tape.gradient(loss, [first, second]), strict=True):
            v.assign_sub(g)

    source = step.trace(ONE).source
    assert "w = w - d_w\n" in source and "w_2 = w_2 - d_w_2\n" in source


def test_weird_names():
    variables = [
        Variable(float(i), name=name) for i, name in enumerate(["class", "np", "a.b", "0", "", "x", "x", "é", "t"])
    ]

    @function
    def scatter(x, float, variables_=0.0, **np_):
        total = x * float
        for i, v in enumerate(variables):
            total = total + v * (i + 1)
            v.assign_add(1.0)
        with Tape() as tape:
            y = tape.watch(total)[1:]
        return tape.gradient(y, total, seed=np.ones(2)), total

    args, kwargs = (ONE, 2.0), {"lambda": np.ones(3)}
    program = scatter.trace(*args, **kwargs)
    answer, new = run_source(program, args, kwargs)
    assert len(new) == len(variables)
    for a, b in zip(flat(answer), flat(scatter(*args, **kwargs)), strict=True):
        assert same_bits(a, b)
    assert [float(v) for v in new.values()] == [v.value.item() for v in variables]


@primitive
def doubled(x, power: int = 1):
    """A docstring that is not printed."""
    y: np.ndarray = x * FACTOR
    return half(y) * 2**power


def half(x):
    return sum(part / 2 for part in (x,))


FACTOR = 2.0


def test_primitives_are_printed_with_all_they_need():
    f = function(lambda x: doubled(x, power=2))
    source = f.trace(ONE).source
    assert "def half" in source and "FACTOR = 2.0" in source and "docstring" not in source
    check(lambda x: doubled(x, power=2), [(ONE,)])


def test_big_constants_are_supplied():
    table = np.arange(100.0).reshape(10, 10)
    f = function(lambda x: x @ table)
    program = f.trace(np.ones(10))
    assert list(program.constants) == ["c0"]
    assert "c0: a constant, float64[10, 10], found in program.constants" in program.source
    assert_array_equal(program.constants["c0"], table)


def test_long_programs_are_cut_into_pieces():
    v = Variable(1.0, name="v")

    def long(x):
        with Tape() as tape:
            early = x * v
            y = early
            for i in range(1300):
                y = np.sin(y) + early if i % 7 else y * v
        v.assign(tape.gradient(np.sum(y), v, unconnected="zero") * 1e-3)
        return y, early

    check(long, [(ONE,), (ONE * 0.5,)], [v])


def test_dot_and_descriptions():
    step, *_ = linear_fit()
    program = step.trace(np.ones((4, 3)), np.ones((4, 1)), 0.1)
    dot = program.to_dot()
    assert dot.startswith('digraph "step"') and dot.count("->") > 10 and "float64[4, 3]" in dot
    assert "x: float64[4, 3], y: float64[4, 1], lr: number" in repr(program)
    assert program.stats["variables"] == program.stats["assignments"] == 2
    assert str(program) == program.source
    with pytest.raises(InputError, match=r"traced for x: float64\[4, 3\]"):
        program(np.ones((5, 3)), np.ones((5, 1)), 0.1)


# --- passes


def code_of(instructions, inputs=1, constants=(), outputs=()):
    code = Code("f")
    code.inputs = [(f"x{i}", Ref(i)) for i in range(inputs)]
    code.constants = dict(constants)
    code.instructions = instructions
    code.outputs = tuple(outputs)
    numbers = [ref for i in instructions for ref in (*i.reads(), *i.writes())] + [ref for _, ref in code.inputs]
    code.specs = {ref: Spec(np.ones(3)) for ref in numbers}
    return code


def test_prune_drops_what_nothing_depends_on():
    rng = ntb.random.generator(0)
    code = code_of(
        [
            Instruction(np.sin, (Ref(0),), {}, Ref(1)),
            Instruction(np.cos, (Ref(0),), {}, Ref(2)),
            Instruction(np.tan, (Ref(2),), {}, Ref(3)),
            Instruction(print, (rng, "random"), {}, Ref(4), effect="draw"),
            Instruction(np.exp, (Ref(4),), {}, Ref(5)),
            Instruction(np.max, (Ref(0),), {}, Ref(6)),
            Instruction(print, (bool, Ref(6)), {}, True, effect="guard"),
            Instruction(np.modf, (Ref(1),), {}, (Ref(7), Ref(8))),
        ],
        outputs=[Ref(8)],
    )
    assert [i.function for i in prune(code).instructions] == [np.sin, print, np.max, print, np.modf]


def test_fold_computes_what_depends_on_constants_only():
    array = np.arange(3.0)
    code = code_of(
        [
            Instruction(np.sin, (Ref(1),), {}, Ref(2)),
            Instruction(np.stack, ([Ref(2), Ref(1)],), {"axis": 0}, Ref(3)),
            Instruction(np.add, (Ref(3), Ref(0)), {}, Ref(4)),
            Instruction(print, (bool, Ref(2)), {}, True, effect="guard"),
        ],
        constants={Ref(1): array}, outputs=[Ref(4)],
    )  # fmt: skip
    values = {Ref(2): np.sin(array), Ref(3): np.stack([np.sin(array), array])}
    folded = fold(code, values)
    assert [i.function for i in folded.instructions] == [np.add]
    (answer,), *_ = Workspace().bind(Routine(prune(folded))).run([ONE], True)
    assert_array_equal(answer, np.stack([np.sin(array), array]) + 1)
    assert set(folded.constants) == {Ref(3)}


@pytest.mark.parametrize("passes", [(), (prune,), (fold,), (fold, prune), (prune, fold)])
def test_every_combination_of_passes_gives_the_same_numbers(passes):
    table = np.arange(9.0).reshape(3, 3)

    def f(x):
        unused = np.exp(x)
        with Tape() as tape:
            y = tape.watch(np.tanh(x @ np.sin(ntb.tensor(table)) + np.cumsum(ntb.tensor(table), axis=0)))
            loss = np.sum(y * y)
        return loss, tape.gradient(loss, y), unused.shape

    trace, x = Trace(f.__code__), ntb.tensor(ONE)
    with trace:
        outputs = f(x)
    code, values = build("f", trace, [("x", x)], outputs)
    for step in passes:
        code = step(code, values) if step is fold else step(code)
    run = Workspace().bind(Routine(code)).run
    for data in (ONE, ONE * 2):
        expected = [t.numpy() for t in f(ntb.tensor(data))[:2]]
        for a, b in zip(run([data], True)[0], expected):
            assert same_bits(a, b)


def test_names_of_what_primitives_call_are_told_apart():
    """All that any program could print at once has each name once; two things of one name are refused."""
    helper_sources([operation.call for operation in operations()])

    def first():
        def scaled(x):
            return 2 * x

        return scaled

    def second():
        def scaled(x):
            return 3 * x

        return scaled

    with pytest.raises(ntb.InputError, match="two things in them are named 'scaled'"):
        helper_sources([first(), second()])


class Scales:
    def scaled(self, x, factor):
        return x * factor


@pytest.mark.parametrize(
    ("traced", "names"),
    [
        (lambda a, b: a * b, ["a", "b"]),
        (Scales().scaled, ["x", "factor"]),
        (ntb.grad(lambda w, x: np.sum(w * x)), ["w", "x"]),
        (lambda a, *others: a * others[0], ["a", "x1"]),
        (ntb.nn.relu, ["x"]),
    ],
)
def test_inputs_are_called_as_the_function_calls_them(traced, names):
    program = function(traced).trace(*[ONE] * len(names))
    assert [name for name, _ in program.code.inputs] == names
