"""What a reader sees: programs as text, as one would write them by hand."""

import numpy as np
import pytest

import ntb
from ntb import Tape, Variable, compat, function, nn, optim
from ntb.replay.breaks import LINE, broken
from tests.replay.parity import check, run_source, same_bits


def body(program):
    """The text from the last `def` on."""
    lines = program.source.splitlines()
    return lines[max(i for i, line in enumerate(lines) if line.startswith("def ")) :]


# --- five programs


def two_cells():
    rng = np.random.default_rng(0)
    W, U, b = (Variable(rng.normal(size=shape), name=name) for shape, name in [((3, 2), "W"), ((2, 2), "U"), (2, "b")])

    def cell(x, h):
        gates = x @ W + h @ U + b
        r, z = np.split(gates, 2, axis=1)
        return np.concatenate([np.tanh(r), z * 0.5], axis=1)

    @function
    def step(xs, h, y):
        with Tape() as tape:
            for x in xs:
                h = cell(x, h)
            loss = np.mean((h - y) ** 2)
        for v, g in zip((W, U, b), tape.gradient(loss, [W, U, b]), strict=True):
            v.assign_sub(0.1 * g)
        return loss

    return step, (np.ones((2, 4, 3)), np.zeros((4, 2)), np.ones((4, 2)))


TWO_CELLS = '''"""step, traced for xs: float64[2, 4, 3], h: float64[4, 2], y: float64[4, 2]."""

import numpy as np


def step(xs, h, y, W, U, b):
    # forward
    x = xs[0]
    gates = x @ W + h @ U + b
    r, z = np.split(gates, 2, axis=1)
    t1 = np.tanh(r)
    h_2 = np.concatenate([t1, z * 0.5], axis=1)
    x_2 = xs[1]
    gates = x_2 @ W + h_2 @ U + b
    r, z = np.split(gates, 2, axis=1)
    t2 = np.tanh(r)
    h_3 = np.concatenate([t2, z * 0.5], axis=1)
    t3 = h_3 - y
    loss = np.mean(t3 ** 2)

    # backward
    d_t3 = 0.125 * (2 * t3)
    d_z = d_t3[:, 1:2] * 0.5
    d_r = d_t3[:, 0:1] * (1 - t2 * t2)
    d_gates = np.concatenate([d_r, d_z], axis=1)
    d_h_2 = d_gates @ U.T
    d_z = d_h_2[:, 1:2] * 0.5
    d_r = d_h_2[:, 0:1] * (1 - t1 * t1)
    d_gates_2 = np.concatenate([d_r, d_z], axis=1)
    d_b = np.sum(d_gates, axis=0) + np.sum(d_gates_2, axis=0)
    d_U = h_2.T @ d_gates + h.T @ d_gates_2
    d_W = x_2.T @ d_gates + x.T @ d_gates_2
    assert not any(np.isnan(d).any() for d in (d_b, d_U, d_W))  # the traced branch

    # update
    W = W - 0.1 * d_W
    U = U - 0.1 * d_U
    b = b - 0.1 * d_b
    return loss, {"W": W, "U": U, "b": b}
'''


def attention():
    wq, wk = Variable(np.ones((4, 4), np.float32), name="wq"), Variable(np.ones((4, 4), np.float32), name="wk")

    @function
    def attend(x):
        with Tape() as tape:
            q, k = x @ wq, x @ wk
            scores = q @ np.swapaxes(k, -1, -2)
            loss = 0.1 * np.sum(scores)
        return tape.gradient(loss, [wq, wk])

    return attend, (np.ones((2, 3, 4), np.float32),)


ATTENTION = '''"""attend, traced for x: float32[2, 3, 4]."""

import numpy as np


def attend(x, wq, wk):
    # forward
    q = x @ wq
    k = x @ wk

    # backward
    d_q = np.broadcast_to(np.float32(0.1), (2, 3, 3)) @ k
    d_k = (q.mT @ np.broadcast_to(np.float32(0.1), (2, 3, 3))).mT
    t1 = np.reshape(x, (-1, 4))
    d_wk = t1.T @ np.reshape(d_k, (-1, 4))
    d_wq = t1.T @ np.reshape(d_q, (-1, 4))
    return [d_wq, d_wk]
'''


def hessian_vector_product():
    return function(lambda x, v: ntb.hvp(lambda x: np.sum(np.sin(x) * x), x, v)), (np.ones(3), np.ones(3))


HESSIAN_VECTOR_PRODUCT = '''"""program, traced for x: float64[3], v: float64[3]."""

import numpy as np


def program(x, v):
    # forward
    t1 = np.sin(x)
    t2 = np.cos(x)
    t3 = v * t2
    assert not any(np.isnan(d).any() for d in (t3, t3 * x, v * t1))  # the traced branch

    # backward
    t4 = -v * t1
    t5 = v * t2
    t6 = t4 * x
    t7 = t5 + t6
    d_x = t3 + t7
    assert not any(np.isnan(d).any() for d in (v, t3, t4, t5, t6, t7))  # the traced branch
    return d_x
'''


def power_iteration():
    @function
    def iterate(a, v):
        for _ in range(2):
            v = a @ v
            v = v / np.sqrt(v @ v)
        value = v @ a @ v
        if value > 0:
            return value, v
        return value, -v

    return iterate, (np.eye(3), np.ones(3))


POWER_ITERATION = '''"""iterate, traced for a: float64[3, 3], v: float64[3]."""

import numpy as np


def iterate(a, v):
    # forward
    v = a @ v
    v = v / np.sqrt(v @ v)
    v = a @ v
    v = v / np.sqrt(v @ v)
    value = v @ a @ v
    assert value > 0  # the traced branch
    return value, v
'''


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (two_cells, TWO_CELLS), (attention, ATTENTION), (hessian_vector_product, HESSIAN_VECTOR_PRODUCT),
        (power_iteration, POWER_ITERATION),
    ],
)  # fmt: skip
def test_a_program_reads_like_this(make, text):
    traced, args = make()
    program = traced.trace(*args)
    assert program.source == text
    assert all(same_bits(a, b) for a, b in zip(outputs(run_source(program, args)[0]), outputs(traced(*args))))


def outputs(answer):
    return answer if isinstance(answer, tuple | list) else [answer]


def test_a_program_of_a_graph_reads_like_this():
    g = compat.ComputationGraph()
    with compat.default_graph(g):
        x, y = compat.Placeholder([-1]), compat.Placeholder([-1])
        slope, offset = compat.Variable(value=2.0), compat.Variable(value=0.0)
        error = slope * x + offset - y
        loss = (error**2).mean()
        step = compat.Optim(loss, lr=0.1)
    text = "\n".join(body(g.program([loss, step], {x: np.ones(4), y: np.ones(4)}))[1:])
    assert text.startswith("""\
    # forward
    error = slope * x + offset - y
    loss = np.mean(error ** 2)

    # backward
    d_error = 0.25 * (2 * error)
    d_offset = np.sum(d_error, axis=0)
    d_slope = np.sum(d_error * x, axis=0)

    # update
    step = step + 1
""")
    assert " - lr * d_slope\n    slope = slope + " in text and " - lr * d_offset\n    offset = offset + " in text


# --- names


def test_layers_are_named_by_their_path_where_their_own_names_do_not_tell_them_apart():
    model = nn.Sequential(nn.Linear(4, 8), nn.relu, nn.Linear(8, 3))
    optimizer = optim.SGD(0.1, momentum=0.9)
    variables = model.trainable_variables()  # a shorter way to the weights, which tells less

    @function
    def step(x, labels):
        with Tape() as tape:
            logits = model(x)
            loss = nn.cross_entropy(logits, labels)
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    text = step.trace(np.ones((5, 4), np.float32), np.arange(5) % 3).source
    assert "    logits = t2 @ layers_2_weight + layers_2_bias\n" in text
    assert "    d_layers_2_weight = t2.T @ d_logits\n" in text
    assert "    layers_0_bias_velocity = 0.9 * layers_0_bias_velocity + d_layers_0_bias\n" in text
    single = nn.Linear(4, 3)
    assert "x @ weight + bias" in function(lambda x: single(x)).trace(np.ones((5, 4), np.float32)).source


def test_names_come_from_all_functions_that_run():
    def inner(a):
        left, right = np.sin(a), np.cos(a)
        left += 1.0
        return left * right

    def outer(x):
        total = 0.0
        for i in range(2):
            part = x[i] - 1.0
            total = total + inner(part)
        scaled = total * 2.0
        return scaled

    lines = body(function(outer).trace(np.ones((2, 3))))
    assert [line.split(" = ")[0].strip() for line in lines[2:]] == [
        "part", "left", "right", "left", "total", "part", "left", "right", "left", "total", "scaled", "return scaled",
    ]  # fmt: skip


def test_the_line_of_a_lambda_gives_no_name():
    doubled = function(lambda x: x * 2)
    assert "    result = x * 2\n    return result\n" in doubled.trace(np.ones(3)).source


def test_a_name_is_numbered_only_where_two_values_of_it_are_needed():
    w, optimizer = Variable(np.ones((3, 1)), name="w"), optim.SGD(0.1)

    @function
    def step(x, y):
        with Tape() as tape:
            loss = nn.mse(x @ w, y)
        optimizer.apply(tape.gradient(loss, [w]), [w])
        return loss

    args = np.arange(12.0).reshape(4, 3), np.ones((4, 1))
    text = "\n".join(body(step.trace(*args)))
    assert "    step = step + 1\n" in text and "_2" not in text
    check(step.__wrapped__, [args, args], [w])


# --- calls by hand


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x[::-1] * np.broadcast_to(0.5, (3, 2)), "result = x[::-1] * 0.5"),
        (lambda x: np.maximum(x, 0) < np.float64(0.5), "result = np.maximum(x, 0) < 0.5"),
        (lambda x: np.reshape(np.reshape(x, (2, 3)), (1, 6)), "result = np.reshape(x, (1, 6))"),
        (lambda x: np.reshape(x + 1, (3, 2)), "result = x + 1"),
        (lambda x: np.split(x, [1], 0)[1] - 1, "t1, t2 = np.split(x, [1])"),
        (lambda x: x @ np.ones((3, 2)).T, "result = x @ np.ones((3, 2)).T"),
        (lambda x: np.zeros((2, 3)).T.T @ x, "result = np.zeros((2, 3)) @ x"),
    ],
)
def test_a_call_is_written_as_by_hand(f, expected):
    assert f"    {expected}" in body(function(f).trace(np.ones((3, 2))))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.complex128])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * np.full((3, 2), 0.1),
        lambda x: np.full((3, 2), -0.0, x.dtype) * x,
        lambda x: np.array([0.0, -0.0], x.dtype) * x,
        lambda x: x + np.broadcast_to(x.dtype.type(3), (3, 2)),
        lambda x: x[0] * np.broadcast_to(x.dtype.type(3), (3, 2)),
        lambda x: np.broadcast_to(x.dtype.type(1), (3, 2)) * x,
        lambda x: x.T * np.ones((2, 3), x.dtype),
        lambda x: x[:1] / np.full((1, 2), 3, x.dtype),
        lambda x: np.float32(0.1) * x,
        lambda x: np.float64(0.1) - x[0, 0],
        lambda x: [x**p for p in (0, 1, 2, 3)],
        lambda x: [np.abs(x) ** p for p in (0.5, 1.5, 2.0, 0.0)],
        lambda x: (x**2) ** 3 - 2 ** (x * x),
        lambda x: -(x**2) * (-x) ** 2,
        lambda x: [x[0, 0] ** 2, x[0] ** np.abs(x[1]), np.abs(x) ** np.abs(x[0, 0])],
        lambda x: np.swapaxes(x, 0, 1) @ x,
        lambda x: np.swapaxes(np.swapaxes(x, -1, -2), 0, 1) @ np.transpose(x),
        lambda x: np.transpose(x, (1, 0)) @ np.transpose(x, (0, 1)),
        lambda x: np.transpose(np.transpose(np.stack([x, x]))),
        lambda x: [np.sum(x, axis=(0,)), np.max(x, axis=(1,), keepdims=True), np.mean(x, axis=(0, 1))],
        lambda x: np.concatenate([x, x], 1),
        lambda x: [x.astype(x.dtype), x.astype(np.complex64), x.astype(bool)],
        lambda x: x != x,
        lambda x: [x, ntb.stop_gradient(x), ntb.stop_gradient(x + 1)],
        lambda x: (-3.0 * x, x * -3.0, x - -3.0, -3.0 - x, x + -3.0),
        lambda x: x[::-1] * np.broadcast_to(x.dtype.type(3), (3, 2)),
        lambda x: x[:, :1].T @ (np.broadcast_to(x.dtype.type(1), (3, 2)) * x[:, ::-1]),
        lambda x: [x.real < x.real.dtype.type(0.5), x.real[::2] >= np.full((2, 2), 2, x.real.dtype), x == 3],
        lambda x: np.hypot(x.real, x.real.dtype.type(2)) ** np.full((3, 2), 2.0),
        lambda x: [np.reshape(np.reshape(a, (6,)), (2, 3)) for a in (x, x.T, x[::-1])],
        lambda x: [np.reshape(x, (3, 2)), np.reshape(x.T, (2, 3)) @ x, np.reshape(np.reshape(x, 6), (3, 2))],
        lambda x: [*np.split(x, [1], 0), *np.split(x, 2, 1), *np.split(x, 2, -1)],
        lambda x: [
            x @ np.ones((3, 2), x.dtype).T,
            np.ones((3, 2)).T @ x,
            np.asfortranarray(np.arange(6.0).reshape(3, 2)).T @ x,
        ],
    ],
)
def test_by_hand_the_bits_are_the_same(f, dtype):
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        check(f, [((rng.normal(size=(3, 2)) * 3).astype(dtype),), ((rng.normal(size=(3, 2)) * 3).astype(dtype),)])


def test_functions_of_scipy_keep_numbers_of_numpy():
    special = pytest.importorskip("scipy.special")  # they take Python's numbers for doubles
    check(lambda x: special.struve(np.float32(0), x), [(np.ones(3, np.float32),)])


def test_a_check_that_found_nan_is_asserted_alone():
    w = Variable(np.array([0.0, 1.0]), name="w")

    def f(x):
        with Tape() as tape:
            y = np.sum(np.sqrt(w) * x + np.sin(w))
        return tape.gradient(y, w)

    with np.errstate(all="ignore"):
        check(f, [(np.array([0.0, 1.0]),), (np.array([2.0, 1.0]),)])


# --- lines


def test_a_long_line_is_broken_at_the_commas_of_its_widest_brackets():
    assert broken("    short = f(a, b)") == ["    short = f(a, b)"]
    names = ", ".join(f"argument_{i}" for i in range(20))
    lines = broken(f'    y = scale * f("(, [", {names})[0]')
    assert lines[0] == "    y = scale * f(" and lines[-1] == "    )[0]"
    assert all(line.startswith("        ") and len(line) <= LINE for line in lines[1:-1])
    assert " ".join(line.strip() for line in lines) == f'y = scale * f( "(, [", {names} )[0]'
    unbreakable = "x = " + "a" * 200
    assert broken(unbreakable) == [unbreakable]
