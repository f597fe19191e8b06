"""jvp and linearize: forward mode agrees with reverse mode, for every operation and every nesting."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import ntb
from ntb import GradientError, InputError, Tape, jvp, linearize, vjp
from tests.samples import SAMPLES
from tests.transforms.base import both

RNG = np.random.default_rng(0)


def floats(tree):
    """The float results of an operation, as arrays."""
    parts = tree if isinstance(tree, tuple | list) else (tree,)
    return [np.asarray(ntb.tensor(y).value) for y in parts if y is not None and y.dtype.kind in "fc"]


def inner(a, b):
    return sum(np.sum(np.real(np.conjugate(x) * y)) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_forward_and_reverse_mode_agree(sample):
    """<w, J v> = <Jᵀ w, v>."""
    if sample.order == 1:
        pytest.skip("its rule cannot be transposed, as it has a first derivative only")
    rng = np.random.default_rng(1)
    for dtype, tolerance in ((np.float64, 1e-9), (np.float32, 2e-3)):
        xs = sample.arrays(rng, sample.shapes[-1], dtype)
        vs = [np.asarray(rng.normal(size=x.shape)).astype(dtype) for x in xs]
        with np.errstate(all="ignore"):
            y, dy = jvp(sample.call, xs, vs)
            values, pull = vjp(sample.call, *xs)
            ws = [np.asarray(rng.normal(size=part.shape)).astype(part.dtype) for part in floats(y)]
            remaining = iter(ws)
            weights = [
                next(remaining) if p.dtype.kind in "fc" else None for p in (y if isinstance(y, tuple | list) else (y,))
            ]
            gradients = pull(weights if isinstance(y, tuple | list) else weights[0])
        assert [(t.shape, t.dtype) for t in floats(dy)] == [(p.shape, p.dtype) for p in floats(y)]
        forward, backward = inner(ws, floats(dy)), inner([np.asarray(g) for g in gradients], vs)
        size = sum(np.sum(np.abs(w * t)) for w, t in zip(ws, floats(dy))) + 1e-3
        assert abs(forward - backward) <= tolerance * size
        for a, b in zip(floats(y), floats(values), strict=True):
            assert_array_equal(a, b)


# --- jvp


def test_structures_of_arguments_and_results():
    def f(p, x, name):
        assert name == "n"
        return {"y": [np.tanh(p["w"] @ x), p["b"] * 2.0], "n": name, "i": p["i"] + 1}

    p = {"w": RNG.normal(size=(2, 3)), "b": 1.5, "i": np.array([1, 2])}
    x, dw, dx = RNG.normal(size=3), RNG.normal(size=(2, 3)), RNG.normal(size=3)
    y, dy = jvp(f, (p, x, "n"), ({"w": dw, "b": None, "i": None}, dx, None))
    h = np.tanh(p["w"] @ x)
    assert_allclose(np.asarray(dy["y"][0]), (1 - h**2) * (dw @ x + p["w"] @ dx), rtol=1e-13)
    assert dy["y"][1].item() == 0.0 and dy["n"] is None and dy["i"] is None and y["n"] == "n"
    assert y["i"].tolist() == [2, 3]
    y, dy, aux = jvp(lambda x: (x * x, "aux"), (2.0,), (1.0,), has_aux=True)
    assert (y.item(), dy.item(), aux) == (4.0, 4.0, "aux")


@pytest.mark.parametrize(
    ("xs", "tangents", "message"),
    [
        (np.ones(2), np.ones(2), "tuple of arguments"),
        ((np.ones(2),), (), "structure"),
        ((np.ones(2),), (np.ones(3),), r"the tangent float64\[3\] does not fit"),
        (([1.0, 2.0],), ([1.0],), "structure"),
        (({"a": 1.0},), ({"b": 1.0},), "keys"),
        ((1.0,), (1j,), "does not fit"),
    ],
)
def test_tangents_that_do_not_fit(xs, tangents, message):
    with pytest.raises(InputError, match=message):
        jvp(lambda *xs: xs[0], xs, tangents)


def test_dtypes_and_memory_of_their_own():
    x, v = np.ones(2, np.float32), np.ones(2)
    _, dy = jvp(lambda x: x, (x,), (v,))
    assert dy.dtype == np.float32
    v = np.ones(2, np.float32)
    _, dy = jvp(lambda x: (x, x), (x,), (v,))
    for a in dy:
        assert not np.shares_memory(a, v) and not np.shares_memory(a, x)
    assert not np.shares_memory(dy[0], dy[1])
    assert jvp(lambda x: x.astype(np.float64) * 2, (x,), (v,))[1].dtype == np.float64
    assert jvp(lambda x: np.ones(3), (x,), (v,))[1].tolist() == [0.0] * 3


def test_tangents_do_not_pile_up():
    """Neither values nor tangents are kept: the memory of a chain does not grow with its depth."""

    def chain(n):
        def f(x):
            for i in range(n):
                x = np.reshape(np.sin(x), (2, -1)) if i % 2 else np.ravel(x * 1.1)
            return x

        return f

    def peak(n):
        x = np.ones((2, 5000))
        jvp(chain(2), (x,), (x,))
        tracemalloc.start()
        jvp(chain(n), (x,), (x,))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(200) < 1.2 * peak(10)


def test_what_has_no_derivative():
    with pytest.raises(GradientError, match=r"np\.histogram_bin_edges"):
        jvp(np.histogram_bin_edges, (np.ones(3),), (np.ones(3),))
    assert jvp(lambda x: np.floor(x) + x, (np.array([1.5]),), (np.array([2.0]),))[1].tolist() == [2.0]
    cube = ntb.numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2])
    with pytest.raises(GradientError, match="first derivative only"):
        jvp(cube, (2.0,), (1.0,))


def test_custom_gradients_rule_forwards_too():
    @ntb.custom_gradient
    def swapped(x, y):
        return (np.histogram_bin_edges(x, 1) * 0.0 + x * 2.0, y * 3.0), lambda g, h: (h * 5.0, g * 7.0)

    x = np.ones(2)
    _, dy = jvp(swapped, (x, x), (x, x * 10.0))
    assert [d.tolist() for d in dy] == [[70.0, 70.0], [5.0, 5.0]]


def test_a_lost_tangent_is_missed_where_it_is_needed():
    leaked = []

    @ntb.custom_gradient
    def f(x):
        leaked.append(np.histogram_bin_edges(x, 2))
        return x * 1.0, lambda g: g

    def g(x, use):
        y = f(x)
        return y + leaked[-1] if use else y

    x = np.ones(3)
    assert jvp(lambda x: g(x, False), (x,), (x,))[1].tolist() == [1.0] * 3
    with pytest.raises(GradientError, match=r"np\.histogram_bin_edges"):
        jvp(lambda x: g(x, True), (x,), (x,))


def test_complex_numbers():
    z, v = np.array([1 + 2j, -0.5 + 0.3j]), np.array([0.2 - 1j, 1.0 + 1j])
    functions = [
        lambda z: z * z, np.exp, np.conjugate, np.abs, np.real, np.imag, np.angle, lambda z: np.abs(z) * z,
        lambda z: np.sum(z * np.conjugate(z)), lambda z: np.outer(z, z) @ z,
    ]  # fmt: skip
    for f in functions:
        h = 1e-6
        expected = (f(z + h * v) - f(z - h * v)) / (2 * h)
        assert_allclose(np.asarray(jvp(f, (z,), (v,))[1]), expected, rtol=1e-7, atol=1e-8)
    x, dx = np.array([0.3, 0.7]), np.array([1.0, -2.0])
    assert_allclose(np.asarray(jvp(lambda x: np.exp(1j * x), (x,), (dx,))[1]), 1j * np.exp(1j * x) * dx, rtol=1e-13)


def test_in_and_of_traced_functions():
    f = lambda x: np.tanh(x @ x) * x[0]
    x, v = RNG.normal(size=3), RNG.normal(size=3)
    expected = np.asarray(jvp(f, (x,), (v,))[1])
    assert_array_equal(np.asarray(jvp(ntb.function(f), (x,), (v,))[1]), expected)
    for call in both(lambda x, v: jvp(f, (x,), (v,))):
        assert_array_equal(np.asarray(call(x, v)[1]), expected)
    traced = ntb.function(lambda x: jvp(lambda x: x**3, (x,), (1.0,))[1])
    assert [traced(2.0).item() for _ in range(2)] == [12.0, 12.0]


def test_variables_are_constants_unless_they_are_arguments():
    w = ntb.Variable(3.0)
    assert jvp(lambda x: x * w, (2.0,), (1.0,))[1].item() == 3.0
    assert jvp(lambda x, w: x * w, (2.0, w), (None, 1.0))[1].item() == 2.0
    with Tape() as tape:
        slope = jvp(lambda x: x * w * w, (2.0,), (1.0,))[1]
    assert tape.gradient(slope, w).item() == 6.0


# --- linearize


def test_linearize_runs_the_function_once():
    calls = []
    count = ntb.Variable(0.0, trainable=False)
    rng = ntb.random.generator(0)

    def f(p):
        calls.append(1)
        count.assign_add(1.0)
        return np.tanh(p["x"]) * rng.random(3) * count

    p = {"x": RNG.normal(size=3)}
    y, push = linearize(f, p)
    count.assign(5.0)
    slope = np.asarray(y) / np.tanh(p["x"]) * (1 - np.tanh(p["x"]) ** 2)
    for scale in (1.0, 2.0, -0.5):
        assert_allclose(np.asarray(push({"x": np.full(3, scale)})), scale * slope, rtol=1e-13)
    assert len(calls) == 1 and count.value == 5.0
    operations = [i.function for i in push.programs[0].code.instructions]
    assert len(push.programs) == 1 and np.tanh not in operations  # the linear part alone
    with pytest.raises(InputError, match="keys"):
        push({"z": 1.0})


def test_linearize_can_be_differentiated():
    for call in both(lambda x: ntb.grad(lambda x: linearize(lambda x: x**3, x)[1](2.0))(x)):
        assert call(3.0).item() == 36.0


def test_a_custom_gradient_is_asked_once_for_all_arguments():
    asked = []

    @ntb.custom_gradient
    def f(*xs):
        def gradient(g):
            asked.append(1)
            return [g * i for i, _ in enumerate(xs)]

        return sum(xs), gradient

    xs = tuple(np.array([1.0, float(i)]) for i in range(4))
    assert jvp(f, xs, xs)[1].tolist() == [6.0, 0.0 + 1.0 + 4.0 + 9.0]
    assert len(asked) == 5  # once for the answer, four times to see that it is linear
