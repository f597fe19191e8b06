"""ntb.debug_nans: the first operation that makes a NaN or an infinity is named, and no other."""

import linecache
import re
import threading

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from numpy.testing import assert_array_equal

import ntb
from ntb import NonFiniteError, Tape, Variable, compat, debug_nans
from ntb.tape.listener import listeners
from tests.samples import SAMPLES


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


def gradient_of(f, *arrays):
    with Tape() as tape:
        xs = [tape.watch(a) for a in arrays]
        y = f(*xs)
    return tape.gradient(y, xs, seed=np.ones(y.shape), unconnected="zero")


def message(f, *args):
    before = listeners.get()
    with pytest.raises(NonFiniteError) as caught, debug_nans():
        f(*args)
    assert listeners.get() == before
    return str(caught.value)


def test_forward():
    x = ntb.tensor([0.0, 2.5, np.pi])
    text = message(lambda: 1.0 + np.log(x * 2.0))  # this line
    assert text.startswith("np.log made an infinity (1 of 3 elements), in the forward pass\n")
    assert "argument 'x': float64[3], from 0 to 6.28319" in text
    assert re.search(r"\n  at .*test_debug\.py:\d+: text = message\(lambda: 1\.0 .*# this line$", text)
    text = message(lambda: np.concatenate([x, ntb.tensor([1e300]) * 1e300]))
    assert text.startswith("np.multiply made an infinity (1 of 1 elements)")
    assert "'a': float64[1], 1e+300\n  argument 'b': float64[], 1e+300\n" in text


def test_backward_names_the_operation_and_both_lines():
    def run():
        root = np.sqrt(x)  # where it ran
        return tape.gradient(root, x, seed=np.ones(2))  # where it was asked

    with Tape() as tape:
        x = tape.watch([0.0, 4.0])
        text = message(run)
    assert "made an infinity (1 of 2 elements), in the backward pass: in the derivative of np.sqrt by its " in text
    assert "  at " in text and text.count("test_debug.py:") == 2
    assert "# where it was asked\n  np.sqrt ran at" in text and text.endswith("root = np.sqrt(x)  # where it ran")


def test_what_was_not_finite_before_is_not_made():
    x = ntb.tensor([np.inf, 1.0])
    with debug_nans():
        assert (x * 2.0 + 1.0).tolist() == [np.inf, 3.0]
        assert np.sum(np.where(x > 2, np.nan, x) * 0.0 + np.nan).item() is not None
        assert np.exp(ntb.tensor([0.0]) + np.array([-np.inf])).tolist() == [0.0]
        assert (ntb.tensor([1, 2]) // 1).tolist() == [1, 2]
    assert message(lambda: x - x).startswith("np.subtract made a NaN (1 of 2 elements)")
    assert "float64[2], 1, 1 infinite" in message(lambda: x - x)
    assert "complex128[1], of absolute value 0" in message(lambda: 1.0 / ntb.tensor([0j]))


LOG = ntb.function(lambda x: np.sum(np.log(x)))


INSIDE = {
    "function": LOG,
    "checkpoint": ntb.checkpoint(np.log),
    "scan": lambda x: ntb.scan(lambda c, _: (np.log(c), None), x, length=3)[0],
    "fixed_point": lambda x: ntb.fixed_point(lambda y: np.log(y), x),
    "grad": ntb.grad(lambda x: np.sum(np.log(np.sin(x)))),
    "jvp": lambda x: ntb.jvp(np.log, (x,), (x,)),
    "hessian": lambda x: ntb.hessian(lambda x: np.sum(np.log(x)))(x),
    "custom_gradient": ntb.custom_gradient(lambda x: (np.log(x), lambda g: g)),
    "a loss": lambda x: ntb.nn.nll(np.log(x), np.array([0])),
}


@pytest.mark.parametrize("f", INSIDE.values(), ids=INSIDE)
@pytest.mark.parametrize("watched", [False, True])
def test_inside_of_what_is_one_operation_to_tapes(f, watched):
    x = np.array([[-1.0, 2.0]])
    LOG(x)
    text = message(lambda: gradient_of(f, x) if watched else f(ntb.tensor(x)))
    assert text.startswith("np.log made a NaN (1 of 2 elements), in the forward pass\n")
    assert "test_debug.py" in text


def test_in_an_optimizers_step():
    v = Variable([1e308, 1.0])
    step = ntb.function(lambda: ntb.optim.SGD(10.0).apply([v * 1.0], [v]))
    text = message(step)
    assert text.startswith("np.multiply made an infinity (1 of 2")
    assert "argument 'a', the variable 'lr': float64[], 10" in text
    assert v.numpy().tolist() == [1e308, 1.0]


def test_in_a_graph_the_node_is_named():
    g = compat.ComputationGraph()
    with compat.default_graph(g):
        x, w = compat.Placeholder([-1]), compat.Variable(value=np.array([1.0, 0.0]))
        loss = (x / w).sum()
        opt = compat.Optim(loss)
    g.run([loss], {x: np.ones(2)})
    with debug_nans(), pytest.raises(compat.GraphError, match=r"(?s)Div.*failed on.*np\.divide made an infinity") as e:
        g.run([loss, opt], {x: np.ones(2)})
    assert isinstance(e.value.__cause__, compat.GraphError | NonFiniteError)
    assert w.value.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_no_false_alarm_and_the_same_numbers(sample):
    arrays = sample.arrays(np.random.default_rng(0), sample.shapes[-1])

    def run():
        with Tape() as tape:
            xs = [tape.watch(a) for a in arrays]
            y = sample.call(*xs)
            parts = [part for part in (y if isinstance(y, tuple | list) else (y,)) if part.dtype.kind in "fc"]
            total = sum(np.sum(np.abs(part) ** 2) for part in parts)
        return [total, *tape.gradient(total, xs, unconnected="zero")]

    expected = run()
    with debug_nans():
        found = run()
    for a, b in zip(found, expected, strict=True):
        assert_array_equal(a, b)


@given(
    st.lists(st.sampled_from(["log", "sqrt", "exp", "reciprocal", "square"]), min_size=1, max_size=6), st.floats(-3, 3)
)
def test_the_first_one_is_named(names, x):
    values, culprit = np.array([x]), None
    for name in names:
        values = getattr(np, name)(values)
        if not np.isfinite(values).all():
            culprit = name
            break

    def run():
        y = ntb.tensor([x])
        for name in names:
            y = getattr(np, name)(y)

    if culprit is None:
        with debug_nans():
            run()
    else:
        assert message(run).startswith(f"np.{culprit} made a")


def test_it_nests_ends_and_belongs_to_a_thread():
    x, elsewhere = ntb.tensor(0.0), []

    def unwatched():
        with np.errstate(divide="ignore"):
            return np.log(x)

    with debug_nans():
        with debug_nans(), pytest.raises(NonFiniteError):
            np.log(x)
        with pytest.raises(NonFiniteError):
            np.log(x)
        thread = threading.Thread(target=lambda: elsewhere.append(unwatched()))
        thread.start(), thread.join()
        with pytest.raises(ntb.TapeError, match="no tape is open"):
            ntb.gradient(x, x)
        with Tape() as tape:
            y = tape.watch(x) * 2.0
            assert ntb.gradient(y, x).item() == 2.0
    assert [y.item() for y in elsewhere] == [-np.inf]
    assert np.log(x).item() == -np.inf
    assert issubclass(NonFiniteError, FloatingPointError)


def test_a_line_of_a_notebook_is_of_a_cell(monkeypatch):
    source = "y = np.log(x)"
    cell = compile(source, "/tmp/ipykernel_71/2093.py", "exec")
    monkeypatch.setitem(linecache.cache, cell.co_filename, (len(source), None, [source], cell.co_filename))
    text = message(exec, cell, {"np": np, "x": ntb.tensor(0.0)})
    assert text.endswith("\n  at line 1 of a cell: y = np.log(x)")
