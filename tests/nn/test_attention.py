"""Attention against a loop over queries and keys."""

import math

import numpy as np
import pytest

import ntb
from ntb import nn

RNG = np.random.default_rng(0)


def by_hand(q, k, v, sees):
    """One pair of matrices; `sees[t, s]` says whether query t sees key s."""
    rows = []
    for t in range(len(q)):
        weights = [math.exp(q[t] @ k[s] / math.sqrt(q.shape[1])) if sees[t, s] else 0.0 for s in range(len(k))]
        total = sum(weights) or 1.0
        rows.append(sum(w / total * row for w, row in zip(weights, v, strict=True)))
    return np.array(rows)


@pytest.mark.parametrize(("queries", "keys"), [(3, 3), (2, 4), (1, 1)])
def test_attention_by_hand(queries, keys):
    q, k, v = RNG.normal(size=(queries, 4)), RNG.normal(size=(keys, 4)), RNG.normal(size=(keys, 5))
    every = np.ones((queries, keys), bool)
    past = np.tril(every, keys - queries)
    chosen = RNG.random((queries, keys)) < 0.5
    np.testing.assert_allclose(nn.scaled_dot_product_attention(q, k, v), by_hand(q, k, v, every))
    np.testing.assert_allclose(nn.scaled_dot_product_attention(q, k, v, causal=True), by_hand(q, k, v, past))
    np.testing.assert_allclose(nn.scaled_dot_product_attention(q, k, v, mask=chosen), by_hand(q, k, v, chosen))
    np.testing.assert_allclose(
        nn.scaled_dot_product_attention(q, k, v, mask=np.where(chosen, 0.0, -np.inf), causal=True),
        by_hand(q, k, v, chosen & past),
    )


def test_a_query_that_sees_nothing_gets_zeros_and_finite_gradients():
    with ntb.Tape() as tape:
        q, k, v = (tape.watch(RNG.normal(size=(2, 3))) for _ in range(3))
        y = nn.scaled_dot_product_attention(q, k, v, mask=np.array([[False, False], [True, False]]))
        total = np.sum(y)
    assert not y[0].numpy().any()
    assert all(np.isfinite(g.numpy()).all() for g in tape.gradient(total, [q, k, v]))


def test_gradients_of_attention():
    arrays = [RNG.normal(size=(2, 2, 3, 2)) for _ in range(3)]
    ntb.check_gradients(lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, causal=True), *arrays, directions=3)


def test_heads_are_slices_of_the_features():
    x, wqkv, bqkv = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(3, 4, 4)), RNG.normal(size=(3, 4))
    wo, bo = RNG.normal(size=(4, 4)), RNG.normal(size=4)
    q, k, v = (x @ w + b for w, b in zip(wqkv, bqkv, strict=True))
    past = np.tril(np.ones((3, 3), bool))
    expected = np.zeros((2, 3, 4))
    for n in range(2):
        for head in (slice(0, 2), slice(2, 4)):
            expected[n, :, head] = by_hand(q[n, :, head], k[n, :, head], v[n, :, head], past)
    found = nn.multi_head_attention(x, wqkv, bqkv, wo, bo, heads=2, causal=True)
    np.testing.assert_allclose(found, expected @ wo + bo)
    ntb.check_gradients(lambda *a: nn.multi_head_attention(*a, heads=2), x, wqkv, bqkv, wo, bo, directions=3)


def test_attention_keeps_float32_and_refuses_what_does_not_fit():
    q = np.ones((2, 3), np.float32)
    assert nn.scaled_dot_product_attention(q, q, q, causal=True).dtype == np.float32
    with pytest.raises(ntb.InputError, match="queries"):
        nn.scaled_dot_product_attention(q, np.ones((2, 4)), q)
    with pytest.raises(ntb.InputError, match="heads=3"):
        nn.multi_head_attention(np.ones((1, 2, 4)), np.ones((3, 4, 4)), np.ones((3, 4)), np.eye(4), np.ones(4), heads=3)
