"""Attention, as PyTorch computes it."""

import numpy as np

from ntb import nn

from .base import reference

SIZE, HEADS = 8, 4
PAST = np.tril(np.ones((5, 5), bool))
PADDED = np.array([[True, True, True, False, False], [True] * 5])


def attend(torch, q, k, v, **options):
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, **options)


reference("attention", "torch", [(2, 3, 5, 4), (2, 3, 6, 4), (2, 3, 6, 7)], nn.scaled_dot_product_attention, attend)
reference(
    "causal attention", "torch", [(2, 5, 4), (2, 5, 4), (2, 5, 4)],
    lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, causal=True),
    lambda torch, q, k, v: attend(torch, q, k, v, is_causal=True),
)  # fmt: skip

# --- the layer, with weights that are given


def weights(narrow=SIZE, context=SIZE):
    return [(SIZE, SIZE), (SIZE,), (context, narrow), (narrow,), (context, narrow), (narrow,), (SIZE, SIZE), (SIZE,)]


def ours(x, context, *given, **options):
    call = {name: options.pop(name) for name in ("key_mask", "mask") if name in options}
    layer = nn.MultiHeadAttention(SIZE, HEADS, dtype=float, context_size=given[2].shape[0], **options)
    parts = [layer.query, layer.key, layer.value, layer.output]
    for part, weight, bias in zip(parts, given[::2], given[1::2], strict=True):
        part.weight, part.bias = weight, bias
    return layer(x, context=context, **call)


def theirs(torch, x, context, wq, bq, wk, bk, wv, bv, wo, bo, key_mask=None, mask=None):
    found = torch.nn.functional.multi_head_attention_forward(
        x.transpose(0, 1), context.transpose(0, 1), context.transpose(0, 1), SIZE, HEADS, None,
        torch.cat([bq, bk, bv]), None, None, False, 0.0, wo.T, bo, need_weights=False, use_separate_proj_weight=True,
        q_proj_weight=wq.T, k_proj_weight=wk.T, v_proj_weight=wv.T,
        key_padding_mask=None if key_mask is None else torch.tensor(~key_mask),
        attn_mask=None if mask is None else torch.tensor(~mask),
    )  # fmt: skip
    return found[0].transpose(0, 1)


X = [(2, 5, SIZE)]
reference(
    "self-attention, causal", "torch", [*X, *weights()],
    lambda x, *w: ours(x, None, *w, causal=True), lambda torch, x, *w: theirs(torch, x, x, *w, mask=PAST),
)  # fmt: skip
reference(
    "self-attention, padded", "torch", [*X, *weights()],
    lambda x, *w: ours(x, None, *w, key_mask=PADDED), lambda torch, x, *w: theirs(torch, x, x, *w, key_mask=PADDED),
)  # fmt: skip
reference("cross-attention", "torch", [*X, (2, 3, 6), *weights(context=6)], ours, theirs)


def grouped(torch, x, wq, bq, wk, bk, wv, bv, wo, bo):
    """Two heads of keys and values for four of queries."""
    split = lambda y: y.unflatten(-1, (-1, SIZE // HEADS)).transpose(1, 2)
    q, k, v = (split(x @ w + b) for w, b in ((wq, bq), (wk, bk), (wv, bv)))
    mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
    return mixed.transpose(1, 2).flatten(2) @ wo + bo


reference(
    "grouped queries", "torch", [*X, *weights(narrow=SIZE // 2)],
    lambda x, *w: ours(x, None, *w, causal=True, kv_heads=2), grouped,
)  # fmt: skip


# --- blocks

LINEARS = [(SIZE, 12), (12,), (12, SIZE), (SIZE,)]
NORMS = [(SIZE,)] * 4


def our_block(x, *given, norm_first, causal=False):
    block = nn.TransformerEncoderLayer(SIZE, HEADS, 12, norm_first=norm_first, causal=causal, dtype=float)
    parts = [block.attention.query, block.attention.key, block.attention.value, block.attention.output]
    parts += [block.network.up, block.network.down]
    for part, weight, bias in zip(parts, given[:12:2], given[1:12:2], strict=True):
        part.weight, part.bias = weight, bias
    for norm, gamma, beta in zip([block.attention_norm, block.network_norm], given[12::2], given[13::2], strict=True):
        norm.gamma, norm.beta = gamma, beta
    return block(x)


def their_block(torch, x, *given, norm_first):
    f = torch.nn.functional
    wup, bup, wdown, bdown, gamma1, beta1, gamma2, beta2 = given[8:]
    attend = lambda x: theirs(torch, x, x, *given[:8])
    network = lambda x: f.gelu(x @ wup + bup, approximate="tanh") @ wdown + bdown
    norm1, norm2 = (lambda x, g=g, b=b: f.layer_norm(x, (SIZE,), g, b) for g, b in ((gamma1, beta1), (gamma2, beta2)))
    if norm_first:
        x = x + attend(norm1(x))
        return x + network(norm2(x))
    x = norm1(x + attend(x))
    return norm2(x + network(x))


for norm_first in (True, False):
    reference(
        f"encoder layer, {norm_first=}", "torch", [*X, *weights(), *LINEARS, *NORMS],
        lambda *a, n=norm_first: our_block(*a, norm_first=n),
        lambda torch, *a, n=norm_first: their_block(torch, *a, norm_first=n),
    )  # fmt: skip


def by_complex_numbers(numpy, x):
    """Rotations as products with complex numbers."""
    half = x.shape[-1] // 2
    z = x[..., :half] + 1j * x[..., half:]
    z = z * numpy.exp(1j * numpy.arange(x.shape[-2])[:, None] / 10_000 ** (numpy.arange(half) / half))
    return numpy.concatenate([z.real, z.imag], axis=-1)


reference("rotary", "numpy", [(2, 5, 6)], nn.rotary, by_complex_numbers, gradients=False)
