"""W7: a small GPT (Radford et al., 2018): causal transformer, layer norm first, learned positions, no dropout, Adam."""

import numpy as np

import ntb
from ntb import nn

from ..gemm import Products
from ..problem import Draw, Problem, Step
from ..with_ntb import Decorator, trainer, variables

TITLE = "GPT: 2 layers, d 128, 4 heads, 64 tokens, batch 8, vocabulary 64, GELU MLP x4, Adam"
OPTIMIZER = ("adam", 0.001)
LAYERS, HEADS = 2, 4
CANNOT = {"ntb-compat": "no attention in the graph style"}


def problem(dtype: str, small: bool = False, keep: float = 1.0) -> Problem:
    batch, tokens, width, vocabulary = (2, 4, 8, 7) if small else (8, 64, 128, 64)
    draw = Draw(dtype)
    parameters = {
        "embedding": draw.uniform(vocabulary, width, low=-0.1, high=0.1),
        "positions": draw.uniform(tokens, width, low=-0.1, high=0.1),
    }
    for i in range(LAYERS):
        parameters |= {
            f"gamma_a{i}": draw.ones(width),
            f"beta_a{i}": draw.zeros(width),
            f"w_qkv{i}": draw.dense(width, 3 * width),
            f"b_qkv{i}": draw.zeros(3 * width),
            f"w_out{i}": draw.dense(width, width),
            f"b_out{i}": draw.zeros(width),
            f"gamma_b{i}": draw.ones(width),
            f"beta_b{i}": draw.zeros(width),
            f"w_up{i}": draw.dense(width, 4 * width),
            f"b_up{i}": draw.zeros(4 * width),
            f"w_down{i}": draw.dense(4 * width, width),
            f"b_down{i}": draw.zeros(width),
        }
    parameters |= {"gamma": draw.ones(width), "beta": draw.zeros(width)}
    parameters |= {"w": draw.dense(width, vocabulary), "b": draw.zeros(vocabulary)}
    x, y = draw.labels(vocabulary, batch, tokens), draw.labels(vocabulary, batch, tokens)
    return Problem(parameters, (x, y))


def loss(parts, p, x, y):
    """The loss in a peer's own functions; ntb's version below has the same lines."""
    batch, tokens = x.shape
    vocabulary, width = p["embedding"].shape
    h = parts.embedding(x, p["embedding"]) + p["positions"]
    for i in range(LAYERS):
        a = parts.layer_norm(h, p[f"gamma_a{i}"], p[f"beta_a{i}"])
        qkv = parts.linear(a, p[f"w_qkv{i}"], p[f"b_qkv{i}"])
        qkv = parts.reshape(qkv, (batch, tokens, 3, HEADS, width // HEADS))
        qkv = parts.transpose(qkv, (2, 0, 3, 1, 4))
        a = parts.transpose(parts.attention(qkv[0], qkv[1], qkv[2]), (0, 2, 1, 3))
        a = parts.reshape(a, (batch, tokens, width))
        h = h + parts.linear(a, p[f"w_out{i}"], p[f"b_out{i}"])
        a = parts.layer_norm(h, p[f"gamma_b{i}"], p[f"beta_b{i}"])
        a = parts.gelu(parts.linear(a, p[f"w_up{i}"], p[f"b_up{i}"]))
        h = h + parts.linear(a, p[f"w_down{i}"], p[f"b_down{i}"])
    scores = parts.linear(parts.layer_norm(h, p["gamma"], p["beta"]), p["w"], p["b"])
    return parts.cross_entropy(parts.reshape(scores, (-1, vocabulary)), parts.reshape(y, (-1,)))


def heads(x):
    """(N, T, D) to (N, heads, T, D / heads)."""
    batch, tokens, width = x.shape
    return np.transpose(np.reshape(x, (batch, tokens, HEADS, width // HEADS)), (0, 2, 1, 3))


def with_ntb(problem: Problem, function: Decorator) -> Step:
    p = variables(problem)
    batch, tokens = problem.batch[0].shape
    _, width = p["embedding"].shape

    def loss_of(x, y):
        h = nn.embedding(x, p["embedding"]) + p["positions"]
        for i in range(LAYERS):
            a = nn.layer_norm(h, p[f"gamma_a{i}"], p[f"beta_a{i}"])
            qkv = nn.linear(a, p[f"w_qkv{i}"], p[f"b_qkv{i}"])
            q, k, v = [heads(part) for part in np.split(qkv, 3, axis=-1)]
            a = nn.scaled_dot_product_attention(q, k, v, causal=True)
            a = np.reshape(np.transpose(a, (0, 2, 1, 3)), (batch, tokens, width))
            h = h + nn.linear(a, p[f"w_out{i}"], p[f"b_out{i}"])
            a = nn.layer_norm(h, p[f"gamma_b{i}"], p[f"beta_b{i}"])
            a = nn.gelu(nn.linear(a, p[f"w_up{i}"], p[f"b_up{i}"]))
            h = h + nn.linear(a, p[f"w_down{i}"], p[f"b_down{i}"])
        return nn.cross_entropy(nn.linear(nn.layer_norm(h, p["gamma"], p["beta"]), p["w"], p["b"]), y)

    return trainer(function, loss_of, list(p.values()), ntb.optim.Adam(lr=0.001), problem)


def gemm(problem: Problem) -> Step:
    batch, tokens = problem.batch[0].shape
    vocabulary, width = problem.parameters["embedding"].shape
    products = Products(problem.dtype)
    for _ in range(LAYERS):
        products.dense(batch * tokens, width, 3 * width)
        products.attention(batch * HEADS, tokens, width // HEADS)
        products.dense(batch * tokens, width, width)
        products.dense(batch * tokens, width, 4 * width)
        products.dense(batch * tokens, 4 * width, width)
    products.dense(batch * tokens, width, vocabulary)
    return products.step()
