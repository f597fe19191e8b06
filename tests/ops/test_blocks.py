"""Elementwise chains that go through memory block by block, and results written into a given array."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import ntb
from ntb import nn
from ntb.blockwise import BLOCK, blockwise
from ntb.ops import scores
from ntb.tuned import gated, relu, sigmoid
from ntb.tuned.linear import affine, product

RNG = np.random.default_rng(0)
CASES = {
    "sigmoid": (sigmoid.sigmoid, 1),
    "sigmoid_pull": (sigmoid.sigmoid_pull, 2),
    "relu": (relu.relu, 1),
    "relu_pull": (relu.relu_pull, 2),
    "gelu_gate": (gated.gelu_gate, 1),
    "gelu_gated": (gated.gelu_gated, 2),
    "gelu_pull": (gated.gelu_pull, 3),
}
SHAPE = (3, BLOCK // 16 + 5)  # more than one block, and the last one short


def layouts(a):
    strided = np.zeros((a.shape[0], 2 * a.shape[1]), a.dtype)[:, ::2]
    strided[...] = a
    return {"C": a, "F": np.asfortranarray(a), "strided": strided}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("layout", ["C", "F", "strided"])
def test_blocks_give_the_numbers_of_single_rows(name, layout):
    function, count = CASES[name]
    arrays = [np.abs(RNG.normal(size=SHAPE)) + 0.1 for _ in range(count)]
    expected = np.stack([np.concatenate([function(*(a[i, j::7] for a in arrays)) for j in range(7)]) for i in range(3)])
    expected = np.stack([unshuffled(row) for row in expected])
    laid = [layouts(a)[layout] for a in arrays]
    np.testing.assert_allclose(function(*laid), expected, rtol=1e-14)
    out = np.empty_like(expected)
    assert function(*laid, out=out) is out
    np.testing.assert_allclose(out, expected, rtol=1e-14)
    for i in range(count):  # in place of each argument
        copies = [a.copy(order="K") for a in laid]
        assert function(*copies, out=copies[i]) is copies[i]
        np.testing.assert_allclose(copies[i], expected, rtol=1e-14)


def test_blocks_take_any_order_of_axes():
    g, y = (RNG.normal(size=(8, 24, 24, 16)) for _ in range(2))  # more than one block
    expected = relu.relu_pull(g, y)
    g, y = (np.moveaxis(a.transpose(2, 1, 3, 0).copy(), (0, 3), (2, 0)) for a in (g, y))
    counted = []
    blockwise(lambda *blocks: counted.append(blocks), y, g)
    assert len(counted) > 1 and all(block.ndim == 1 for block in counted[0])
    found = relu.relu_pull(g, y)
    assert found.strides == y.strides
    assert np.array_equal(found, expected)


@given(st.data(), mutually_broadcastable_shapes(num_shapes=3, min_dims=1, min_side=1, max_side=7))
def test_every_element_is_in_one_block(data, shapes):
    """Of arrays that broadcast, with their axes in any order."""
    order = data.draw(st.permutations(range(len(shapes.result_shape))))
    out = np.empty([shapes.result_shape[i] for i in order]).transpose(np.argsort(order))
    arrays = [np.random.default_rng(i).normal(size=shape) for i, shape in enumerate(shapes.input_shapes)]
    visited = np.zeros_like(out)

    def work(t, y, visits, *parts):
        assert y.size <= 8 or len(y) == 1
        np.add(visits, 1, visits)
        np.multiply(parts[0], parts[1], t)
        np.add(t, parts[2], y)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ntb.blockwise.BLOCK", 64)
        blockwise(work, out, visited, *arrays, spare=1)
    assert (visited == 1).all()
    np.testing.assert_array_equal(out, arrays[0] * arrays[1] + arrays[2])


def unshuffled(row):
    """The row whose every seventh elements lie one after the other."""
    back = np.empty_like(row)
    back[np.concatenate([np.arange(j, row.size, 7) for j in range(7)])] = row
    return back


def test_tall_double_products_lie_by_columns_and_are_the_same():
    x, w, b = RNG.normal(size=(3000, 7)), RNG.normal(size=(7, 4)), RNG.normal(size=4)
    y = affine(x, w, b)
    assert y.flags.f_contiguous and product(x.astype(np.float32), w.astype(np.float32)).flags.c_contiguous
    np.testing.assert_allclose(y, x @ w + b, rtol=1e-12, atol=1e-12)
    g = RNG.normal(size=y.shape)
    with ntb.Tape() as tape:
        x, w, b = tape.watch(x), tape.watch(w), tape.watch(b)
        y = nn.linear(x, w, b)
    dx, dw, db = tape.gradient(y, [x, w, b], seed=g)
    np.testing.assert_allclose(dx.numpy(), g @ w.numpy().T, rtol=1e-12)
    np.testing.assert_allclose(dw.numpy(), x.numpy().T @ g, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(db.numpy(), g.sum(axis=0), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_softmax_with_and_without_the_shift_agree(dtype, shift):
    x = RNG.normal(size=(4, 6)).astype(dtype)
    x[0, :3] = -np.inf
    rtol = 1e-4 if dtype == np.float32 else 1e-9
    plain = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scores.softmax(x + dtype(shift)), plain, rtol=1e-3 if shift and rtol > 1e-6 else rtol)
    far = x.copy()
    far[1] += dtype(shift)  # rows of different sizes
    np.testing.assert_allclose(scores.softmax(far), plain, rtol=1e-3 if rtol > 1e-6 else rtol)
    np.testing.assert_allclose(np.exp(scores.log_softmax(far)), plain, rtol=1e-3 if rtol > 1e-6 else rtol)


def test_the_sigmoid_has_its_slope_in_both_tails():
    with ntb.Tape() as tape:
        x = tape.watch(np.array([-700.0, -40.0, 40.0, 700.0, 1000.0]))
        y = nn.sigmoid(x)
    slope = tape.gradient(y, x, seed=np.ones(5)).numpy()
    np.testing.assert_allclose(slope, np.exp([-700.0, -40.0, -40.0, -700.0, -1000.0]), rtol=1e-12)


def test_one_infinite_gradient_of_an_embedding_stays_in_its_row():
    with ntb.Tape() as tape:
        weight = tape.watch(np.zeros((2, 3)))
        y = nn.embedding(np.array([0, 1, 0]), weight)
    seed = np.ones((3, 3))
    seed[1] = np.inf
    np.testing.assert_array_equal(tape.gradient(y, weight, seed=seed).numpy(), [[2.0] * 3, [np.inf] * 3])
