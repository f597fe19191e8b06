"""Normalisation in few passes: the same as by the textbook, whatever the axes and the order in memory."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb
from ntb import nn
from ntb.blockwise import BLOCK
from ntb.nn.normalization.normalize import normalize
from ntb.tuned.normalize import dots, products, sums
from ntb.tuned.sums import sum_to
from tests.replay.parity import check

RNG = np.random.default_rng(0)


def textbook(x, gamma, beta, axes, eps):
    d = x - np.mean(x, axis=axes, keepdims=True)
    return d * (gamma / np.sqrt(np.mean(np.square(d), axis=axes, keepdims=True) + eps)) + beta


@st.composite
def arrays(draw):
    """An array of any order in memory, and some of its axes."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=5)))
    order = draw(st.permutations(range(len(shape))))
    x = np.random.default_rng(draw(st.integers(0, 99))).normal(size=[shape[i] for i in order])
    axes = draw(st.sets(st.integers(0, len(shape) - 1)))
    return np.transpose(x, np.argsort(order)), tuple(sorted(axes))


@settings(max_examples=100)
@given(arrays())
def test_sums_over_any_axes_in_any_order_of_memory(case):
    x, axes = case
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    expected = np.sum(x, axis=axes, keepdims=True)
    np.testing.assert_allclose(sums(x, shape), expected, rtol=1e-12, atol=1e-12)
    out = np.empty(shape)
    assert sums(x, shape, out) is out
    np.testing.assert_array_equal(out, sums(x, shape))
    assert not np.shares_memory(sums(x, shape), x)


@settings(max_examples=60)
@given(arrays(), st.booleans())
def test_values_and_gradients_are_those_of_the_textbook(case, features):
    x, axes = case
    shape = [n if (i in axes) == features else 1 for i, n in enumerate(x.shape)]
    gamma, beta, seed = RNG.normal(size=shape), RNG.normal(size=shape), RNG.normal(size=x.shape)
    results = []
    for function in (lambda *a: normalize(*a)[0], textbook):
        with ntb.Tape() as tape:
            watched = [tape.watch(a) for a in (x, gamma, beta)]
            y = function(*watched, axes, 0.1)
        results.append([y, *tape.gradient(y, watched, seed=seed)])
    for found, expected in zip(*results, strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("rows", [7, BLOCK // 4 // 96 + 5])  # one block, and several with the last one short
@pytest.mark.parametrize("layout", ["N first", "N last"])
def test_blocks_replay_and_source_give_the_same_bits(rows, layout):
    norm, layer = nn.BatchNorm(6), nn.LayerNorm(4)
    x = RNG.normal(size=(rows, 6, 4, 4)).astype(np.float32)
    if layout == "N last":
        x = np.ascontiguousarray(np.transpose(x, (2, 1, 3, 0))).transpose(3, 1, 0, 2)

    def step(x):
        with ntb.Tape() as tape:
            h = np.tanh(layer(norm(np.tanh(x), train=True)))
            loss = np.sum(h * h * x)
        gradients = tape.gradient(loss, [norm.gamma, norm.beta, layer.gamma, layer.beta])
        return [loss, *gradients]

    check(step, [(x,), (x[::-1].copy(order="K"),)], [norm.running_mean, norm.running_var])
    h = nn.batch_norm(x, train=True)
    np.testing.assert_allclose(h.mean(axis=(0, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(h.var(axis=(0, 2, 3)), 1, rtol=1e-3)
    assert h.strides == x.strides and h.dtype == np.float32


def test_half_precision_sums_in_single():
    x = (RNG.normal(size=(4000, 2)) + 50).astype(np.float16)  # the sums are larger than the largest half
    y = nn.batch_norm(x, train=True)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, textbook(x.astype(float), 1, 0, (0,), 1e-5), atol=0.01)


@pytest.mark.parametrize("shape", [(2, 3, 4, 2), (1, 3, 2), (0, 3, 2, 2), (2, 0, 3)], ids=str)
def test_sums_and_weighted_products_in_each_order_of_memory(shape):
    """In four groups of axes, too, as where channels are normalised in groups."""
    rng = np.random.default_rng(0)
    for order in itertools.permutations(range(len(shape))):
        drawn = rng.normal(size=(2, *[shape[i] for i in order]))
        x, d = (np.transpose(a, np.argsort(order)) for a in drawn)
        for kept, varied in itertools.product(
            itertools.product((0, 1), repeat=len(shape)), ((1, 0, 0, 0), (1, 0, 1, 0))
        ):
            to = tuple(n if keep else 1 for n, keep in zip(shape, kept))
            axes = tuple(i for i, keep in enumerate(kept) if not keep)
            weight = rng.normal(size=[n if varies else 1 for n, varies in zip(shape, varied)])
            for found, terms in (
                (sum_to(x, to, None), x),
                (dots(x, d, to, None), x * d),
                (products(x, d, weight, to), x * d * weight),
            ):
                np.testing.assert_allclose(found, np.sum(terms, axis=axes, keepdims=True), rtol=1e-12, atol=1e-12)
