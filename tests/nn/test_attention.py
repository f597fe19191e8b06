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


def tokens(*shape):
    return np.asarray(RNG.normal(size=shape), np.float32)


@pytest.mark.parametrize("options", [{}, {"rotary": True}, {"kv_heads": 2, "rotary": True}], ids=str)
def test_a_cache_gives_what_the_whole_sequence_gives(options):
    layer = nn.MultiHeadAttention(16, 4, causal=True, **options)
    x = tokens(2, 7, 16)
    cache = layer.new_cache(2, 9)
    step = ntb.function(lambda x: layer(x, cache=cache))
    found = [layer(x[:, :3], cache=cache), *[step(x[:, i : i + 1]) for i in range(3, 7)]]
    np.testing.assert_allclose(np.concatenate(found, axis=1), layer(x), atol=1e-6)
    assert len(step.programs) == 1 and cache.filled.value == 7
    cache.clear()
    np.testing.assert_allclose(layer(x[:, :2], cache=cache), layer(x[:, :2]), atol=1e-6)
    with pytest.raises(ntb.InputError, match="cache is for causal"):
        nn.MultiHeadAttention(16, 4).new_cache(2, 9)


def test_masks_are_joined():
    layer = nn.MultiHeadAttention(8, 2)
    x, sees, there = tokens(2, 4, 8), RNG.random((4, 4)) < 0.7, np.array([[True] * 4, [True, True, False, False]])
    both = sees & there[:, None, None, :]
    np.testing.assert_allclose(layer(x, mask=sees, key_mask=there), layer(x, mask=both), atol=1e-6)
    added = np.where(sees, 0.5, -np.inf).astype(np.float32)
    np.testing.assert_allclose(layer(x, mask=added, key_mask=there), layer(x, mask=both), atol=1e-6)
    nothing = layer(x, key_mask=np.zeros((2, 4), bool))
    np.testing.assert_allclose(nothing, np.broadcast_to(layer.output.bias.value, nothing.shape), atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"kv_heads": 2, "rotary": True, "causal": True}, {"context_size": 6}], ids=str)
def test_weights_are_those_that_values_are_mixed_by(options):
    layer, there = nn.MultiHeadAttention(8, 4, **options), np.array([[True] * 5, [True, True, False, False, False]])
    x, context = tokens(2, 5, 8), tokens(2, 5, 6) if "context_size" in options else None
    weights = layer.attention_weights(x, context=context, key_mask=there)
    assert weights.shape == (2, 4, 5, 5) and np.all(weights[1, :, :, 2:] == 0)
    np.testing.assert_allclose(np.sum(weights, axis=-1), 1.0, rtol=1e-6)
    values = layer.value(x if context is None else context)
    values = np.repeat(np.reshape(values, (2, 5, layer.kv_heads, 2)), 4 // layer.kv_heads, axis=2)
    mixed = np.reshape(np.einsum("nhts,nshd->nthd", weights, values), (2, 5, 8))
    np.testing.assert_allclose(layer(x, context=context, key_mask=there), layer.output(mixed), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_weights_have_the_bits_that_values_are_mixed_by(dtype):
    layer, x = nn.MultiHeadAttention(8, 2, dtype=dtype), tokens(1, 300, 8).astype(dtype)
    q, k, *_ = layer._heads(x, None, None, None, None)
    mixed = nn.scaled_dot_product_attention(q, k, np.broadcast_to(np.eye(300, dtype=dtype), (1, 2, 300, 300)))
    weights = layer.attention_weights(x)
    assert weights.dtype == dtype and np.array_equal(weights, mixed)


def test_dropout_of_weights_is_of_training_alone():
    layer = nn.MultiHeadAttention(8, 2, dropout=0.5, rng=ntb.random.generator(0))
    x = tokens(2, 4, 8)
    assert np.array_equal(layer(x), layer(x))
    assert not np.array_equal(layer(x, train=True), layer(x, train=True))
    mean = np.mean([np.asarray(layer(x, train=True)) for _ in range(2000)], axis=0)
    np.testing.assert_allclose(mean, layer(x), atol=0.1)


def test_rotations_tell_distances_alone():
    q, k = RNG.normal(size=(1, 8)), RNG.normal(size=(1, 8))
    products = [nn.rotary(q, [i]) @ nn.rotary(k, [i + 3]).T for i in (0, 5, 100)]
    np.testing.assert_allclose(products, products[:1] * 3)


def test_positions_begin_where_they_are_told():
    x = tokens(2, 4, 6)
    for layer in (nn.LearnedPositions(9, 6), nn.SinusoidalPositions()):
        np.testing.assert_allclose(layer(x[:, 1:], start=1), layer(x)[:, 1:], atol=1e-6)


def test_a_decoder_layer_sees_the_past_and_the_whole_context():
    layer, x, context = nn.TransformerDecoderLayer(8, 2), tokens(1, 5, 8), tokens(1, 3, 8)
    plain = layer(x, context=context)
    later, other = x.copy(), context.copy()
    later[:, 3:] += 1
    other[:, 2] += 1
    np.testing.assert_allclose(layer(later, context=context)[:, :3], plain[:, :3], atol=1e-6)
    assert not np.allclose(layer(x, context=other)[:, 0], plain[:, 0])
    hidden = layer(x, context=other, context_mask=np.array([[True, True, False]]))
    np.testing.assert_allclose(hidden, layer(x, context=context[:, :2]), atol=1e-6)


# --- draws


def test_draws_have_the_probabilities_of_the_scores():
    scores = np.log([0.5, 0.3, 0.15, 0.05])
    rng = ntb.random.generator(0)

    def shares(**options):
        drawn = nn.sample(np.broadcast_to(scores, (20_000, 4)), rng=rng, **options)
        return np.bincount(drawn, minlength=4) / 20_000

    near = lambda expected: pytest.approx(expected, abs=0.015)
    assert shares() == near([0.5, 0.3, 0.15, 0.05])
    assert shares(temperature=0.5) == near(np.array([0.25, 0.09, 0.0225, 0.0025]) / 0.365)
    assert shares(top_k=2) == near([0.625, 0.375, 0, 0])
    assert shares(top_p=0.8) == near([0.625, 0.375, 0, 0])
    assert shares(top_p=0.81) == near([0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0])
    assert shares(temperature=0).tolist() == shares(top_p=1e-9).tolist() == [1, 0, 0, 0]


def test_draws_are_traced():
    rng = ntb.random.generator(3)
    draw = ntb.function(lambda x: nn.sample(x, top_k=3, top_p=0.9, rng=rng))
    x = RNG.normal(size=(4, 6))
    rng.seed(1)
    replayed = [np.asarray(draw(x)).tolist() for _ in range(5)]
    rng.seed(1)
    assert replayed == [nn.sample(x, top_k=3, top_p=0.9, rng=rng).tolist() for _ in range(5)]
