"""NumPy's ways to change an array, and to make one of tensors: followed, or refused before anything has changed."""

from __future__ import annotations

import re

import numpy as np
import pytest

import ntb

ROWS = np.array([[0, 1], [1, 0]])
MASK = np.array([[True, False], [True, True]])

# Calls that would write the operand t into the target a; both of shape (2, 2).
WRITES = {
    "a += t": lambda a, t: a.__iadd__(t),
    "a -= t": lambda a, t: a.__isub__(t),
    "a *= t": lambda a, t: a.__imul__(t),
    "a /= t": lambda a, t: a.__itruediv__(t),
    "a **= t": lambda a, t: a.__ipow__(t),
    "a @= t": lambda a, t: a.__imatmul__(t),
    "a[...] = t": lambda a, t: a.__setitem__(..., t),
    "a[0] = t[0]": lambda a, t: a.__setitem__(0, t[0]),
    "a[0, 0] = t[0, 0]": lambda a, t: a.__setitem__((0, 0), t[0, 0]),
    "a[mask] = t": lambda a, t: a.__setitem__(MASK, t[0, 0]),
    "a[[0, 1]] = [t, t]": lambda a, t: a.__setitem__([0, 1], [t[0], t[1]]),
    "a.flat = t": lambda a, t: setattr(a, "flat", t),
    "a.real = t": lambda a, t: setattr(a, "real", t),
    "a.fill": lambda a, t: a.fill(t[0, 0]),
    "a.put": lambda a, t: a.put([0, 1, 2, 3], t),
    "add out=": lambda a, t: np.add(a, t, out=a),
    "add positional": lambda a, t: np.add(a, t, a),
    "exp": lambda a, t: np.exp(t, a),
    "modf": lambda a, t: np.modf(t, out=(a, None)),
    "matmul": lambda a, t: np.matmul(t, t, out=a),
    "sum": lambda a, t: np.sum(t, axis=0, out=a[0]),
    "sum positional": lambda a, t: np.sum(t, 0, None, a[0]),
    "max positional": lambda a, t: np.max(t, 0, a[0]),
    "mean positional": lambda a, t: np.mean(t, 0, None, a[0]),
    "cumsum": lambda a, t: np.cumsum(t, 0, out=a),
    "cumsum positional": lambda a, t: np.cumsum(t, 0, None, a),
    "clip positional": lambda a, t: np.clip(t, 0, 1, a),
    "round positional": lambda a, t: np.round(t, 1, a),
    "take": lambda a, t: np.take(t, [0, 1], 0, out=a),
    "take positional": lambda a, t: np.take(t, [0, 1], 0, a),
    "compress positional": lambda a, t: np.compress([True, True], t, 0, a),
    "choose": lambda a, t: np.choose(ROWS, [t, t], out=a),
    "choose positional": lambda a, t: np.choose(ROWS, [t, t], a),
    "concatenate": lambda a, t: np.concatenate([t[:1], t[1:]], out=a),
    "concatenate positional": lambda a, t: np.concatenate([t[:1], t[1:]], 0, a),
    "stack": lambda a, t: np.stack([t[0], t[1]], out=a),
    "stack positional": lambda a, t: np.stack([t[0], t[1]], 0, a),
    "dot positional": lambda a, t: np.dot(t, t, a),
    "einsum": lambda a, t: np.einsum("ij->ji", t, out=a),
    "trace positional": lambda a, t: np.trace(t, 0, 0, 1, None, a[0, 0:1].reshape(())),
    "add.at": lambda a, t: np.add.at(a, (0, 1), t[0, 0]),
    "multiply.at": lambda a, t: np.multiply.at(a, ROWS[0], t),
    "add.reduce": lambda a, t: np.add.reduce(t, out=a[0]),
    "copyto": lambda a, t: np.copyto(a, t),
    "copyto where": lambda a, t: np.copyto(a, t, where=MASK),
    "copyto by name": lambda a, t: np.copyto(src=t, dst=a),
    "copyto list": lambda a, t: np.copyto(a, [t[0], t[1]]),
    "put": lambda a, t: np.put(a, [0, 1, 2, 3], t),
    "put list": lambda a, t: np.put(a, [0, 1], [t[0, 0], t[0, 1]]),
    "place": lambda a, t: np.place(a, MASK, t),
    "place list": lambda a, t: np.place(a, MASK, [t[0, 0]]),
    "putmask": lambda a, t: np.putmask(a, MASK, t),
    "put_along_axis": lambda a, t: np.put_along_axis(a, ROWS, t, 0),
    "put_along_axis by name": lambda a, t: np.put_along_axis(a, indices=ROWS, values=t, axis=0),
    "fill_diagonal": lambda a, t: np.fill_diagonal(a, t),
    "nditer": lambda a, t: [x.__setitem__(..., t[0, 0]) for x in np.nditer(a, op_flags=["readwrite"])],
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("used", ["watched", "computed"])
def test_an_array_is_not_changed_by_a_tracked_tensor(name, used):
    a = np.arange(4.0).reshape(2, 2)
    with ntb.Tape() as tape:
        t = tape.watch(np.full((2, 2), 7.0))
        with pytest.raises((ntb.MutationError, ntb.ConversionError, ValueError)) as caught:
            WRITES[name](a, t if used == "watched" else t * 2.0)
    np.testing.assert_array_equal(a, [[0, 1], [2, 3]])
    error = caught.value
    while not isinstance(error, ntb.NtbError):  # NumPy wraps some in a ValueError of its own
        error = error.__cause__
    assert re.search(r"in place|write into|\.numpy\(\)", str(error))


# Calls that would change the tensor t itself.
CHANGES = {
    "t[0] = x": lambda t, x: t.__setitem__(0, x[0]),
    "t[mask] = x": lambda t, x: t.__setitem__(MASK, 1.0),
    "add out=": lambda t, x: np.add(x, x, out=t),
    "add positional": lambda t, x: np.add(x, x, t),
    "sum": lambda t, x: np.sum(x, 0, out=t),
    "sum positional": lambda t, x: np.sum(x, 0, None, t),
    "cumsum": lambda t, x: np.cumsum(x, 0, out=t),
    "take": lambda t, x: np.take(x, [0, 1], 0, out=t),
    "concatenate": lambda t, x: np.concatenate([x[:1], x[1:]], out=t),
    "add.at": lambda t, x: np.add.at(t, [0], x[0]),
    "copyto": lambda t, x: np.copyto(t, x),
    "put": lambda t, x: np.put(t, [0], 1.0),
    "place": lambda t, x: np.place(t, MASK, [1.0]),
    "putmask": lambda t, x: np.putmask(t, MASK, 1.0),
    "put_along_axis": lambda t, x: np.put_along_axis(t, ROWS, 1.0, 0),
    "fill_diagonal": lambda t, x: np.fill_diagonal(t, 0.0),
    "iadd": lambda t, x: x.__iadd__(t),
    "asarray": lambda t, x: np.asarray(t).__iadd__(1.0),
    "numpy": lambda t, x: t.numpy().sort(),
    "nditer": lambda t, x: [e.__setitem__(..., 1.0) for e in np.nditer(t, op_flags=["readwrite"])],
    "shuffle": lambda t, x: np.random.default_rng(0).shuffle(t),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.filterwarnings("ignore:you are shuffling")
def test_a_tensor_is_not_changed(name, tracked):
    x, t = np.ones((2, 2)), ntb.tensor(np.arange(4.0).reshape(2, 2))
    with ntb.Tape() as tape:
        if tracked:
            tape.watch(t)
        try:
            CHANGES[name](t, x)
        except (ntb.NtbError, ValueError, TypeError):
            pass
        else:
            pytest.fail("it was allowed")
    np.testing.assert_array_equal(t.numpy(), [[0, 1], [2, 3]])
    np.testing.assert_array_equal(x, 1.0)


def test_a_watched_array_may_be_changed_by_its_owner():
    """What the tape watches is a copy."""
    x = np.array([1.0, 2.0])
    with ntb.Tape() as tape:
        t = tape.watch(x)
        y = np.sum(t * t)
        x += 10.0
        np.add.at(x, [0], 5.0)
    np.testing.assert_array_equal(tape.gradient(y, t).numpy(), [2.0, 4.0])
    np.testing.assert_array_equal(t.numpy(), [1.0, 2.0])


def test_options_that_allow_numpy_to_overwrite_its_argument_leave_the_tensor_alone():
    t = ntb.tensor([np.nan, 1.0, np.inf])
    np.nan_to_num(t, copy=False)
    np.testing.assert_array_equal(t.numpy(), [np.nan, 1.0, np.inf])


def test_an_untracked_tensor_may_be_written_into_an_array():
    a, t = np.zeros((2, 2)), ntb.tensor(np.ones((2, 2)))
    np.copyto(a, t, where=MASK)
    np.testing.assert_array_equal(a, MASK)
    a[...] = t
    np.put_along_axis(a, ROWS, t * 2, 0)
    np.testing.assert_array_equal(a, 2.0)


# --- conversions

CONVERTED = {
    "array": lambda t: np.array(t),
    "array of two": lambda t: np.array([t, t]),
    "asarray": lambda t: np.asarray(t),
    "asanyarray": lambda t: np.asanyarray(t),
    "ascontiguousarray": lambda t: np.ascontiguousarray(t),
    "asfortranarray": lambda t: np.asfortranarray(t),
    "asarray_chkfinite": lambda t: np.asarray_chkfinite(t),
    "require": lambda t: np.require(t),
    "fromiter": lambda t: np.fromiter([t], float),
    "full": lambda t: np.full(3, t),
    "arange": lambda t: np.arange(0, t),
    "broadcast": lambda t: np.broadcast(t, 1.0),
    "ndenumerate": lambda t: list(np.ndenumerate(t)),
    "r_": lambda t: np.r_[t, t],
    "c_": lambda t: np.c_[t, t],
    "vectorize": lambda t: np.vectorize(lambda x: x * x)(t),
    "as_strided": lambda t: np.lib.stride_tricks.as_strided(t),
    "masked array": lambda t: np.ma.array(t),
    "select of a default": lambda t: np.select([[True]], [[1.0]], t),
    "pad of an array": lambda t: np.pad([1.0], 1, constant_values=t),
    "vstack of lists": lambda t: np.vstack([[t, t], [t, t]]),
    "sine of a list": lambda t: np.sin([t, t]),
    "math": lambda t: __import__("math").sin(t),
}


@pytest.mark.parametrize("name", CONVERTED)
def test_a_tracked_tensor_becomes_no_array(name):
    with ntb.Tape() as tape:
        t = tape.watch(2.0)
        with pytest.raises((ntb.ConversionError, ValueError)) as caught:
            CONVERTED[name](t)
    error = caught.value
    while not isinstance(error, ntb.ConversionError):
        error = error.__cause__
    assert re.search(
        r"np\.stack or np\.array\(\[t, u\], like=t\).*np\.full\(shape, t, like=t\).*\.numpy\(\)", str(error)
    )
    CONVERTED[name](t)  # nobody tracks it now


def test_like_makes_tensors_of_whatever_numpy_creates():
    t = ntb.tensor(2.0)
    for f in (np.zeros, np.ones, np.empty, np.arange, np.eye, np.identity, np.tri):
        made = f(3, like=t)
        assert isinstance(made, ntb.Tensor) and made.shape[:1] == (3,)
    assert np.frombuffer(b"12345678", like=t).shape == (1,)
    assert np.array([1, 2], like=t).dtype == np.array([1, 2]).dtype
    assert np.asarray([[1, 2]], np.float32, like=t).dtype == np.float32
    assert np.fromiter([1, 2, 3], float, 2, like=t).tolist() == [1.0, 2.0]
    with pytest.raises(ntb.InputError, match="read 3"):
        np.fromiter([1], float, 3, like=t)
    with ntb.Tape() as tape:
        tape.watch(t)
        with pytest.raises(ntb.GradientError, match=r"np\.arange.*np\.linspace"):
            np.arange(0, t, like=t)
        with pytest.raises(ntb.GradientError):
            np.frompyfunc(lambda x: x * x, 1, 1)(t)
        with pytest.raises(ntb.MutationError, match=r"np\.full\(a\.shape, t, like=t\)"):
            np.full_like(np.zeros(3), t)


def test_files_hold_the_values(tmp_path):
    with ntb.Tape() as tape:
        t = tape.watch([1.0, 2.0])
        np.save(tmp_path / "a.npy", t)
        np.savez(tmp_path / "b.npz", t=t)
        np.savetxt(tmp_path / "c.txt", t * 2)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), [1, 2])
    np.testing.assert_array_equal(np.load(tmp_path / "b.npz")["t"], [1, 2])
    np.testing.assert_array_equal(np.loadtxt(tmp_path / "c.txt"), [2, 4])
    with pytest.raises(ntb.ConversionError, match="traced"):
        ntb.function(lambda x: np.save(tmp_path / "d.npy", x))(np.ones(2))
