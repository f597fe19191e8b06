"""scan: the numbers of a loop, in one record and one instruction."""

import gc
import tracemalloc
import weakref

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose, assert_array_equal

import ntb
from ntb import InputError, Tape, TapeError, Variable, function, grad, scan
from ntb.replay.trace import Trace
from tests.replay.parity import check
from tests.transforms.base import both

RNG = np.random.default_rng(0)
W, U, H = RNG.normal(size=(3, 3)) * 0.5, RNG.normal(size=(2, 3)), RNG.normal(size=3)


def unrolled(f, init, xs, length=None, reverse=False):
    """What scan is to compute, for one array of x."""
    length = len(xs) if xs is not None else length
    carry, ys = init, [None] * length
    for t in reversed(range(length)) if reverse else range(length):
        carry, ys[t] = f(carry, None if xs is None else xs[t])
    return carry, np.stack(ys)


def rnn(w, u):
    def step(h, x):
        h = np.tanh(h @ w + x @ u)
        return h, h * h

    return step


def loss_of(loop, **options):
    def loss(w, u, h, xs):
        h, ys = loop(rnn(w, u), h, xs, **options)
        return np.sum(np.sin(h)) + np.sum(ys * np.arange(ys.size).reshape(ys.shape) * 0.1)

    return loss


# --- against the loop


ALL = (0, 1, 2, 3)
DERIVATIVES = {
    "value": lambda f, v: lambda *a: (f(*a) * 1.0,),
    "gradient": lambda f, v: grad(f, ALL),
    "forward": lambda f, v: lambda *a: ntb.jvp(f, a, v),
    "forward over reverse": lambda f, v: lambda *a: ntb.jvp(grad(f, (0, 2)), a, v)[1],
    "reverse over reverse": lambda f, v: grad(
        lambda *a: sum(np.sum(np.abs(g) ** 2) for g in grad(f, ALL)(*a)), ALL
    ),
}  # fmt: skip


@pytest.mark.uncounted
@pytest.mark.parametrize("what", DERIVATIVES)
@settings(max_examples=6)
@given(st.data())
def test_values_and_derivatives_are_those_of_the_loop(what, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    steps = data.draw(st.integers(1, 5))
    reverse = data.draw(st.booleans())
    dtype = data.draw(st.sampled_from([np.float64, np.float32, np.complex128]))
    turn = 1 + 0.5j if dtype == np.complex128 else 1
    draw = lambda *shape: (rng.normal(size=shape) * turn).astype(dtype)
    args = tuple(ntb.tensor(a) for a in (draw(3, 3) * dtype(0.3), draw(2, 3), draw(3), draw(steps, 2)))
    real = lambda f: lambda *a: np.real(f(*a) * turn)
    loop, ours = (real(loss_of(f, reverse=reverse)) for f in (unrolled, scan))
    derivative = lambda f: DERIVATIVES[what](f, (None, draw(2, 3), draw(3), None))
    state = rng.bit_generator.state
    expected = derivative(loop)(*args)
    rng.bit_generator.state = state
    f = derivative(ours)
    traced = function(f)
    tolerance = 1e-3 if dtype == np.float32 else 1e-9
    for a, b, c, d in zip(expected, f(*args), traced(*args), traced(*args), strict=True):
        assert a.dtype == b.dtype
        assert_allclose(np.asarray(b), np.asarray(a), rtol=tolerance, atol=tolerance)
        assert_array_equal(np.asarray(b), np.asarray(c))
        assert_array_equal(np.asarray(b), np.asarray(d))


def test_structures_integers_and_nothing():
    def step(carry, x):
        total, n = carry["total"] + x["a"] * x["b"][0], carry["n"] + 1
        return {"total": total, "n": n}, (total * 2, [n, None], {"x": x["a"]})

    xs = {"a": np.array([1.0, 2.0, 3.0]), "b": [np.array([1, 1, 2])]}
    for call in both(lambda xs: scan(step, {"total": 0.0, "n": 0}, xs)):
        last, (totals, (ns, nothing), rest) = call(xs)
        assert last["total"].item() == 9.0 and last["n"].item() == 3
        assert totals.tolist() == [2.0, 6.0, 18.0] and ns.tolist() == [1, 2, 3] and nothing is None
        assert rest["x"].tolist() == [1.0, 2.0, 3.0]
    for call in both(lambda a: scan(lambda c, _: (c * a, None), 1.0, length=4)):
        assert call(2.0)[0].item() == 16.0 and call(2.0)[1] is None
    assert grad(lambda a: scan(lambda c, _: (c * a, None), 1.0, length=4)[0])(2.0).item() == 32.0
    for call in both(grad(lambda x: np.sum(scan(lambda c, v: ((), v * 3.0), (), x)[1]))):
        assert call(np.ones(3)).tolist() == [3.0] * 3


def test_None_in_the_arguments():
    for call in both(lambda x: scan(lambda c, a: (c + a["x"], a["none"]), 0.0, {"none": None, "x": x})):
        last, nothing = call(np.ones(3))
        assert last.item() == 3.0 and nothing is None


def test_no_steps():
    for call in both(lambda w, xs: scan(rnn(w, U), H, xs)):
        h, ys = call(W, np.ones((0, 2)))
        assert_array_equal(np.asarray(h), H)
        assert ys.shape == (0, 3)
    for call in both(grad(lambda w, h, xs: np.sum(scan(rnn(w, U), h, xs)[0] ** 2), (0, 1, 2))):
        dw, dh, dx = call(W, H, np.ones((0, 2)))
        assert not np.asarray(dw).any() and dx.shape == (0, 2)
        assert_array_equal(np.asarray(dh), 2 * H)


def test_variables_and_what_is_found_in_the_closure():
    w = Variable(W, name="w")
    xs = RNG.normal(size=(4, 2))

    def train(loop, xs, rate):
        with Tape() as tape:
            u = tape.watch(U * 1.0)
            doubled = u * 2.0
            h, ys = loop(lambda h, x: (np.tanh(h @ w + x @ doubled), u[0]), H, xs)
            loss = np.sum(h * h) + np.sum(ys)
            w.assign_sub(0.5 * w)  # what the walk sees is the value from before
        g = tape.gradient(loss, [w, u])
        w.assign_sub(rate * g[0])
        return loss, g

    results = []
    for loop in (unrolled, scan):
        w.assign(W)
        loss, g = train(loop, xs, 0.1)
        results.append([np.asarray(loss), *[np.asarray(x) for x in g], w.value])
    for a, b in zip(*results, strict=True):
        assert_allclose(a, b, rtol=1e-12)
    w.assign(W)
    check(lambda xs, rate: train(scan, xs, rate), [(xs, 0.1), (xs * 2, 0.2), (xs[::-1], 0.1)], [w])


def test_a_returned_tensor_from_outside_has_its_gradient():
    def f(x, w):
        last, ys = scan(lambda c, v: (w, w), np.zeros(2), x)
        return np.sum(last * 3.0) + np.sum(ys)

    for call in both(grad(f, 1)):
        assert call(np.ones(4), np.ones(2)).tolist() == [7.0, 7.0]


def test_scans_in_scans_and_other_transformations_in_steps():
    def loss(w, xs):
        def outer(c, x):
            inner, ys = scan(lambda a, v: (a * np.sin(v * w), a), c, x)
            slope = grad(lambda z: np.sum(np.tanh(z * w) ** 2))(x)
            return inner, np.sum(ys) + np.sum(slope) + ntb.checkpoint(np.cos)(w)

        c, ys = scan(outer, 1.0, xs)
        return c + np.sum(ys)

    def plain(w, xs):
        c, total = 1.0, 0.0
        for x in xs:
            slope = 2 * np.tanh(x * w) * (1 - np.tanh(x * w) ** 2) * w
            ys = 0.0
            for v in x:
                ys, c = ys + c, c * np.sin(v * w)
            total = total + ys + np.sum(slope) + np.cos(w)
        return c + total

    xs = RNG.normal(size=(2, 3)) + 2
    for order in range(3):
        f, g = loss, plain
        for _ in range(order):
            f, g = grad(f), grad(g)
        for call in both(f):
            assert_allclose(np.asarray(call(0.7, xs)), np.asarray(g(0.7, xs)), rtol=1e-10)


# --- size


def test_neither_tape_nor_program_grows():
    def step(w, xs):
        with Tape() as tape:
            w = tape.watch(w * 1.0)
            loss = np.sum(scan(rnn(w, U), H, xs)[1])
        return tape.gradient(loss, w)

    counts, records = set(), set()
    for n in (2, 30, 300):
        xs = RNG.normal(size=(n, 2))
        program = function(step).trace(W, xs)
        counts.add((len(program.code.instructions), len(program.source.splitlines())))
        with Tape() as tape:
            scan(rnn(tape.watch(W * 1.0), U), H, xs)
        records.add(len(tape))
    assert len(counts) == len(records) == 1
    second = set()
    for n in (2, 20):
        f = function(ntb.hessian(lambda h, n=n: np.sum(scan(rnn(W, U), h, np.ones((n, 2)))[1])))
        second.add(len(f.trace(H).code.instructions))
    assert len(second) == 1


def test_memory_is_that_of_the_states():
    xs = RNG.normal(size=(60, 2))
    w = RNG.normal(size=(32, 32)) * 0.05

    def step(h, x):
        for _ in range(10):
            h = np.tanh(h @ w) * 1.1
        return h, None

    def kept(loop):
        tracemalloc.start()
        with Tape() as tape:
            h = tape.watch(np.ones((8, 32)))
            y = loop(step, h, xs)[0]
        found = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return found, np.asarray(tape.gradient(y, h, seed=np.ones(y.shape)))

    (less, g), (more, expected) = kept(scan), kept(lambda f, h, xs: unrolled(lambda h, x: (f(h, x)[0], 0.0), h, xs))
    assert_allclose(g, expected, rtol=1e-10)
    assert less < 0.1 * more


def test_nothing_is_left_behind_without_the_garbage_collector():
    gc.disable()
    try:
        for persistent in (False, True):
            with Tape(persistent=persistent) as tape:
                x = tape.watch(np.ones((4, 2)))
                y = np.sum(scan(rnn(W, U), H, x)[0])
            tape.gradient(y, x)
            gone = weakref.ref(tape)
            del tape
            assert gone() is None
    finally:
        gc.enable()


def test_a_program_keeps_no_trace():
    g = function(lambda w, xs: grad(lambda w: np.sum(scan(rnn(w, U), H, xs)[1]))(w))
    assert g(W, np.ones((3, 2))).shape == W.shape
    gc.collect()
    assert len(g.programs) == 1
    assert not [x for x in gc.get_objects() if type(x) is Trace]


# --- programs


def test_source_profile_and_files(tmp_path):
    program = function(lambda xs: scan(rnn(W, U), H, xs)).trace(np.ones((3, 2)))
    assert "scan_steps(" in program.source and "c0" in program.constants
    assert program.profile(np.ones((3, 2)), repeat=1).total.flops > 0
    with pytest.raises(InputError, match="step of a scan"):
        program.save_source(tmp_path / "program.py")


def test_surroundings_of_the_step_are_watched():
    scale = 2.0
    f = function(lambda xs: scan(lambda c, x: (c + x * scale, None), 0.0, xs)[0])
    assert f(np.ones(3)).item() == 6.0
    scale = 3.0
    assert f(np.ones(3)).item() == 9.0


# --- errors


def test_what_is_refused():
    xs = np.ones((3, 2))
    count, rng = Variable(0.0), ntb.random.generator(0)

    def assigns(c, x):
        count.assign_add(1.0)
        return c, x

    cases = [
        (lambda xs: scan(lambda c, x: (c, x), 0.0), InputError, "needs length"),
        (lambda xs: scan(lambda c, x: (c, x), 0.0, (xs, xs[:2])), InputError, r"equally long.*\[2, 3\]"),
        (lambda xs: scan(lambda c, x: (c, x), 0.0, xs, length=4), InputError, r"equally long.*\[3, 4\]"),
        (lambda xs: scan(lambda c, x: (c, x), 0.0, xs[0, 0]), InputError, "no axes"),
        (lambda xs: scan(lambda c, x: c, 0.0, xs), InputError, "returns a pair"),
        (lambda xs: scan(lambda c, x: (c + x, x), 0.0, xs), InputError, r"as float64\[\] and became float64\[2\]"),
        (lambda xs: scan(lambda c, x: (c * 1.5, x), 0, xs), InputError, r"began as int64\[\] and became float64"),
        (lambda xs: scan(lambda c, x: ((c, c), x), 0.0, xs), InputError, "does not have the structure"),
        (lambda xs: scan(assigns, 0.0, xs), TapeError, "scan assigns a variable"),
        (lambda xs: scan(lambda c, x: (c, rng.random(2)), 0.0, xs), TapeError, "scan draws random numbers"),
        (lambda xs: scan(lambda c, x: (c, x, c), 0.0, xs), InputError, "returns a pair"),
        (lambda xs: scan(lambda c, x: (1 / 0, x), 0.0, xs), ZeroDivisionError, None),
    ]
    for f, error, message in cases:
        for call in (f, function(f), grad(lambda x, f=f: np.sum(f(x)[0]))):
            with pytest.raises(error, match=message):
                call(xs)
            assert ntb.tape.listener.listeners.get() == ()
    assert count.value == 0.0
    branches = lambda xs: scan(lambda c, x: (c + 1.0 if x[0] > 0 else c, None), 0.0, xs)[0]
    assert branches(xs).item() == 3.0
    with pytest.raises(TapeError, match=r"np\.where"):
        function(branches)(xs)


def test_arrays_that_change_afterwards_do_not_matter():
    xs = np.ones((3, 2))
    with Tape() as tape:
        w = tape.watch(W * 1.0)
        y = np.sum(scan(rnn(w, U), H, xs)[0])
    g = tape.gradient
    xs[:] = 100.0
    with Tape() as other:
        v = other.watch(W * 1.0)
        z = np.sum(scan(rnn(v, U), H, np.ones((3, 2)))[0])
    assert_array_equal(np.asarray(g(y, w)), np.asarray(other.gradient(z, v)))


def test_steps_that_cannot_be_traced_are_run_again_one_by_one():
    def f(w, xs):
        def step(c, x):
            return (c * w if x > 0 and c.numpy() < 10 else c + w), c

        return scan(step, 1.0, xs)[0]

    xs = RNG.normal(size=40)

    def plain(w, xs):
        c = 1.0
        for x in xs:
            c = c * w if x > 0 and c < 10 else c + w
        return c

    h = 1e-6
    for g in (grad(f), lambda w, xs: ntb.jvp(f, (w, xs), (1.0, None))[1]):
        assert_allclose(np.asarray(g(1.3, xs)), (plain(1.3 + h, xs) - plain(1.3 - h, xs)) / (2 * h), rtol=1e-7)


def test_numpys_random_numbers_are_refused():
    with pytest.raises(TapeError, match="draws random numbers"):
        scan(lambda c, x: (c + np.random.normal(), None), 0.0, np.ones(3))


def _branching(x):
    return scan(lambda c, _: (c * 2.0 if c > 1 else c * 3.0, None), x, length=4)[0]


def test_steps_that_take_different_branches():
    """0.5 → 1.5 → 3 → 6 → 12; the derivative is 24 in each mode."""
    for call in (
        grad(_branching),
        lambda x: ntb.jvp(_branching, (x,), (1.0,))[1],
        ntb.jacobian(_branching, mode="fwd"),
        ntb.jacobian(_branching, mode="rev"),
        lambda x: ntb.vjp(_branching, x)[1](1.0)[0],
        grad(ntb.checkpoint(_branching)),
    ):
        assert float(np.asarray(call(0.5))) == 24.0
    assert float(np.asarray(ntb.hessian(lambda x: _branching(x) ** 2)(0.5))) == 2 * 24.0**2
    assert float(np.asarray(grad(grad(lambda x: _branching(x) ** 2))(0.5))) == 2 * 24.0**2
    long = lambda x: scan(lambda c, _: (c * 0.5 if c > 1 else c * 1.5, None), x, length=60)[0]
    slope = float(np.asarray(long(0.5))) / 0.5
    assert_allclose(np.asarray(grad(long)(0.5)), slope, rtol=1e-12)
    for traced in (function(grad(_branching)), ntb.linearize(_branching, 0.5)[1]):
        with pytest.raises(TapeError, match="decide by the value"):
            traced(0.5)


def test_what_a_step_finds_must_not_change_before_a_push():
    factor = np.array([2.0])
    powers = lambda x: scan(lambda c, _: (c * factor, None), x, length=3)[0]
    solved = lambda x: ntb.fixed_point(lambda z: 0.1 * z * factor + x, np.ones(1))
    for f in (powers, solved, lambda x: ntb.checkpoint(lambda x: x * factor)(x)):
        factor[0] = 2.0
        _, push = ntb.linearize(f, np.ones(1))
        _, pull = ntb.vjp(f, np.ones(1))
        factor[0] = 3.0
        with pytest.raises(ntb.MutationError, match="met other numbers"):
            push(np.ones(1))
        with pytest.raises(ntb.MutationError, match="met other numbers"):
            pull(np.ones(1))
