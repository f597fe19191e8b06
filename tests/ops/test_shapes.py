"""What rows of samples cannot say of padding, joining, selecting and creating: errors, ties, NumPy's odd forms."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import ntb

MODES = ("constant", "edge", "linear_ramp", "maximum", "mean", "minimum", "reflect", "symmetric", "wrap")


def gradient(f, x, seed=None):
    with ntb.Tape() as tape:
        t = tape.watch(x)
        y = f(t)
    return tape.gradient(y, t, seed=np.ones(y.shape) if seed is None else seed).numpy()


@given(st.data())
def test_padding_of_any_widths_has_numpys_values(data):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple))
    widths = data.draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=len(shape), max_size=len(shape))
    )
    mode = data.draw(st.sampled_from(MODES))
    options = {}
    if mode in ("reflect", "symmetric"):
        options["reflect_type"] = data.draw(st.sampled_from(["even", "odd"]))
    if mode in ("maximum", "mean", "minimum"):
        lengths = st.none() | st.integers(1, 5) | st.tuples(st.integers(1, 5), st.integers(1, 5))
        options["stat_length"] = data.draw(lengths)
    dtype = data.draw(st.sampled_from([float, np.float32, int, complex]))
    x = np.random.default_rng(data.draw(st.integers(0, 999))).integers(-9, 9, shape).astype(dtype)
    found, expected = np.pad(ntb.tensor(x), widths, mode, **options), np.pad(x, widths, mode, **options)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.numpy(), expected, rtol=0 if mode != "mean" else 1e-6)


def test_padding_shares_the_gradient_among_equal_extremes():
    x = np.array([3.0, 1.0, 3.0])
    np.testing.assert_array_equal(gradient(lambda t: np.pad(t, (2, 0), "maximum"), x), [2, 1, 2])
    np.testing.assert_array_equal(gradient(lambda t: np.pad(t, (0, 2), "minimum"), x), [1, 3, 1])


def test_widths_may_name_some_axes():
    """In every version of NumPy; its own arrays take such a dict only in newer ones."""
    x = np.arange(6.0).reshape(2, 3)
    for mode in ("constant", "edge"):
        for widths, pairs in (({-1: (1, 2)}, ((0, 0), (1, 2))), ({0: 1, 1: (0, 2)}, ((1, 1), (0, 2)))):
            np.testing.assert_array_equal(np.pad(ntb.tensor(x), widths, mode).numpy(), np.pad(x, pairs, mode))


def test_what_padding_refuses():
    with ntb.Tape() as tape:
        x = tape.watch(np.ones((2, 3)))
        with pytest.raises(ntb.GradientError, match="unset"):
            np.pad(x, 1, "empty")
        with pytest.raises(ntb.GradientError, match=r"fill.*in place"):

            def fill(row, width, axis, options):
                row[:] = 0

            np.pad(x, 1, fill)
        for wrong, match in [
            (lambda: np.pad(x, 1, "mirror"), "no mode 'mirror'"),
            (lambda: np.pad(x, 1, "edge", stat_length=2), "takes no argument stat_length="),
            (lambda: np.pad(x, -1, "edge"), "whole numbers"),
            (lambda: np.pad(x, 0.5), "whole numbers"),
            (lambda: np.pad(x, 1, "maximum", stat_length=0), "stat_length of 0"),
            (lambda: np.pad(x[:0], 1, "edge"), "empty axis 0"),
        ]:
            with pytest.raises(ntb.InputError, match=match):
                wrong()


def test_what_joining_refuses():
    x = ntb.tensor(np.ones((2, 3)))
    number, vector = ntb.tensor(1.0), ntb.tensor([1.0, 2.0])
    for wrong, match in [
        (lambda: np.block([x, [x]]), "equal depth"),
        (lambda: np.block([[x], []]), "equal depth"),
        (lambda: np.block([x, (x, x)]), "not tuples"),
        (lambda: np.rollaxis(x, 2), "np.rollaxis"),
        (lambda: np.rollaxis(x, 0, 3), "np.rollaxis"),
        (lambda: np.ix_(x), "vectors"),
        (lambda: np.vsplit(vector, 2), "2 or more dimensions"),
        (lambda: np.dsplit(x, 1), "3 or more dimensions"),
        (lambda: np.diag(number), "vector or a matrix"),
        (lambda: np.meshgrid(vector, indexing="yx"), '"xy" or "ij"'),
        (lambda: np.resize(x, (-1, 2)), "0 or more"),
        (lambda: np.apply_along_axis(np.sum, 0, x[:, :0]), "no row"),
        (lambda: np.apply_over_axes(lambda a, axis: np.sum(a), x, 0), "as many axes"),
        (lambda: np.compress(np.ones((2, 2), bool), x), "a vector"),
        (lambda: np.select([True], [x, x]), "as many conditions"),
        (lambda: np.select([np.array(1)], [x]), "of bools"),
        (lambda: np.piecewise(x, [x > 0], [1, 2, 3]), "1 or 2 functions"),
    ]:
        with pytest.raises(ntb.InputError, match=match):
            wrong()
    for wrong, error in [
        (lambda: np.choose([0, -1], [vector, vector]), ValueError),
        (lambda: np.delete(vector, 2), IndexError),
        (lambda: np.insert(vector, 3, 1.0), IndexError),
        (lambda: np.insert(x, [0, 1], np.ones(5), axis=0), ValueError),
    ]:
        with pytest.raises(error):
            wrong()


def test_indices_of_the_shape_are_plain():
    with ntb.Tape() as tape:
        t = tape.watch(np.ones((3, 3)))
        for f in (np.tril_indices_from, np.triu_indices_from, np.diag_indices_from):
            for a, b in zip(f(t), f(np.ones((3, 3))), strict=True):
                assert type(a) is np.ndarray
                np.testing.assert_array_equal(a, b)
        for f in (np.array2string, np.array_repr, np.array_str):
            assert f(t) == f(np.ones((3, 3)))
        assert len(tape) == 0


def test_what_carries_no_gradient():
    with ntb.Tape() as tape:
        t = tape.watch([3.0, -1.0])
        positions = np.argsort(t)
        for y in (
            np.packbits(t > 0), np.unpackbits(np.packbits(t > 0)), np.isin(t, [3.0]),
            np.unravel_index(positions, (1, 2)),
            np.ravel_multi_index((positions, positions), (2, 2)), np.where(t > 0), np.ix_(t > 0, t > 0),
        ):  # fmt: skip
            for part in y if isinstance(y, tuple | list) else (y,):
                assert part.dtype.kind in "biu"
        assert len(tape) == 0


def test_columns_named_by_ix_():
    x = np.arange(12.0).reshape(3, 4)
    g = gradient(lambda t: t[np.ix_([0, 2, 0], np.array([True, False, False, True]))], x)
    np.testing.assert_array_equal(g, [[2, 0, 0, 2], [0, 0, 0, 0], [1, 0, 0, 1]])


def test_pieces_are_called_on_their_own_elements_only():
    """Outside its piece the function may be undefined."""
    x = np.array([-1.0, 4.0])
    with np.errstate(all="raise"):
        y = np.piecewise(ntb.tensor(x), [x > 0], [np.sqrt, lambda v: v * 3])
        g = gradient(lambda t: np.piecewise(t, [t > 0], [np.sqrt, lambda v: v * 3]), x)
    np.testing.assert_array_equal(y.numpy(), [-3, 2])
    np.testing.assert_array_equal(g, [3, 0.25])


def test_replays_notice_pieces_that_become_empty_and_counts_that_change():
    @ntb.function
    def f(x):
        with ntb.Tape() as tape:
            tape.watch(x)
            y = np.sum(np.piecewise(x, [x < 0], [lambda v: v / v.size, np.square]) ** 2)
            y = y + np.mean(np.extract(x > 0.5, x)) + np.mean(np.repeat(x, 1 + (x > 1)))
        return y, tape.gradient(y, x)

    for x in ([1.0, 2.0, 0.0], [-1.0, 2.0, 3.0], [-1.0, 2.0, -3.0], [-1.0, 0.75, 1.5]):
        expected = f.function(ntb.tensor(x))
        for found, right in zip(f(np.array(x)), expected, strict=True):
            np.testing.assert_array_equal(np.asarray(found), np.asarray(right))


def test_numbers_of_a_range():
    """Spacing is exact at both ends, and each number knows how much of them it holds."""
    with ntb.Tape(persistent=True) as tape:
        a, b = tape.watch(1.0), tape.watch(3.0)
        y = np.linspace(a, b, 5)
        z = np.geomspace(a, b, 3)
        n = np.linspace(a, b, 3, dtype=int)
    np.testing.assert_allclose(tape.jacobian(y, a).numpy(), [1, 0.75, 0.5, 0.25, 0])
    np.testing.assert_allclose(tape.jacobian(y, b).numpy(), [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(tape.jacobian(z, b).numpy(), [0, 0.5 / np.sqrt(3), 1])
    assert tape.gradient(n, a, seed=np.ones(3)) is None


def test_complex_parts_that_are_no_numbers_have_no_gradient():
    spoiled = np.array([complex(np.nan, 1.0), complex(1.0, np.inf), 2 + 1j])
    g = gradient(np.nan_to_num, spoiled, np.ones(3) + 1j)
    np.testing.assert_array_equal(g, [1j, 1, 1 + 1j])


def test_split_parts_may_overlap_or_be_empty():
    x = np.arange(5.0)
    with ntb.Tape() as tape:
        t = tape.watch(x)
        parts = np.split(t, [3, 1, 9])
        y = sum(np.sum(part) * (i + 1) for i, part in enumerate(parts))
    expected = np.zeros(5)
    for i, part in enumerate(np.split(np.arange(5), [3, 1, 9])):
        expected[part] += i + 1
    np.testing.assert_array_equal(tape.gradient(y, t).numpy(), expected)


def test_the_function_of_apply_along_axis_sees_tensors_and_may_answer_numbers():
    x = np.arange(6.0).reshape(2, 3)
    y = np.apply_along_axis(lambda row: 5.0, 1, ntb.tensor(x))
    assert y.tolist() == [5.0, 5.0]
    g = gradient(lambda t: np.apply_along_axis(lambda row: row[0] if row[0] > 1 else row[1] * 2, 1, t), x)
    np.testing.assert_array_equal(g, [[0, 2, 0], [1, 0, 0]])
