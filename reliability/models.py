"""Random networks of smooth building blocks, drawn by hypothesis, as functions of their input and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ntb import nn

Block = Callable[..., Any]
"""Called with the value so far and the block's own parameters."""

ELEMENTWISE = {
    f.__name__: (f, []) for f in (np.tanh, nn.gelu, nn.silu, nn.sigmoid, nn.softplus, nn.softmax, nn.log_softmax)
}
N, T, D, C, H = 3, 2, 4, 2, 4
"""The sizes of a batch, a sequence, its vectors, the channels of an image and its sides."""

DENSE: dict[str, tuple[Block, list[tuple[int, ...]]]] = {
    **ELEMENTWISE,
    "linear": (nn.linear, [(D, D), (D,)]),
    "layer_norm": (nn.layer_norm, [(D,), (D,)]),
    "rms_norm": (nn.rms_norm, [(D,)]),
    "batch_norm": (lambda x, a, b: nn.batch_norm(x, a, b, train=True), [(D,), (D,)]),
    "residual": (lambda x, w: x + np.tanh(x @ w), [(D, D)]),
    "gate": (lambda x, w: x * nn.sigmoid(x @ w), [(D, D)]),
    "logsumexp": (lambda x, w: nn.logsumexp(x[:, None] * w, axis=-1), [(D, D)]),
}
SEQUENCE: dict[str, tuple[Block, list[tuple[int, ...]]]] = {
    **ELEMENTWISE,
    "linear": DENSE["linear"],
    "layer_norm": DENSE["layer_norm"],
    "rnn": (lambda x, h, *ws: nn.rnn(x, h, *ws)[0], [(N, D), (D, D), (D, D), (D,)]),
    "gru": (lambda x, h, *ws: nn.gru(x, h, *ws)[0], [(N, D), (D, 3 * D), (D, 3 * D), (3 * D,), (3 * D,)]),
    "lstm": (lambda x, h, c, *ws: nn.lstm(x, (h, c), *ws)[0], [(N, D), (N, D), (D, 4 * D), (D, 4 * D), (4 * D,)]),
    "multi_head_attention": (
        lambda x, *ws: nn.multi_head_attention(x, *ws, heads=2, causal=True), [(3, D, D), (3, D), (D, D), (D,)]
    ),
    "scaled_dot_product_attention": (lambda x, k: nn.scaled_dot_product_attention(x, x * k, x), [(D,)]),
}  # fmt: skip
IMAGE: dict[str, tuple[Block, list[tuple[int, ...]]]] = {
    **{name: block for name, block in ELEMENTWISE.items() if "softmax" not in name},
    "conv2d": (lambda x, w, b: nn.conv2d(x, w, b, padding=1), [(C, C, 3, 3), (C,)]),
    "conv2d of groups": (lambda x, w: nn.conv2d(x, w, groups=C, padding=2, dilation=2), [(C, 1, 3, 3)]),
    "conv2d with stride, conv_transpose2d": (
        lambda x, w, u: nn.conv_transpose2d(nn.conv2d(x, w, stride=2), u, stride=2), [(C, C, 2, 2), (C, C, 2, 2)]
    ),
    "avg_pool2d": (lambda x: nn.avg_pool2d(x, 3, stride=1, padding=1), []),
    "batch_norm": (lambda x, a, b: nn.batch_norm(x, a, b, train=True), [(C,), (C,)]),
    "group_norm": (lambda x, a, b: nn.group_norm(x, 1, a, b), [(C,), (C,)]),
    "interpolate, avg_pool2d": (lambda x: nn.avg_pool2d(nn.interpolate(x, scale=2, mode="linear"), 2), []),
    "unfold, fold": (lambda x: nn.fold(nn.unfold(x, 3), (H, H), 3) / 9, []),
}  # fmt: skip
KINDS = {"dense": (DENSE, (N, D), D), "sequence": (SEQUENCE, (N, T, D), D), "image": (IMAGE, (2, C, H, H), C)}
"""By name the blocks, the shape of the input, and how many scores there are in the end."""


def losses(labels: np.ndarray, targets: np.ndarray) -> dict[str, Callable[[Any], Any]]:
    return {
        "cross_entropy": lambda y: nn.cross_entropy(y, labels),
        "nll": lambda y: nn.nll(nn.log_softmax(y), labels),
        "mse": lambda y: nn.mse(y, targets),
        "binary_cross_entropy_with_logits": lambda y: nn.binary_cross_entropy_with_logits(y, (targets > 0) * 1.0),
        "logsumexp": nn.logsumexp,
    }


def random_model(draw: Callable[[Any], Any]) -> tuple[Callable[..., Any], list[np.ndarray], list[str]]:
    """The loss of a network of up to four blocks, the arrays it is a function of (its input first), and their names."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    blocks, shape, classes = KINDS[draw(st.sampled_from(list(KINDS)))]
    names = draw(st.lists(st.sampled_from(list(blocks)), min_size=1, max_size=4))
    ends = losses(rng.integers(0, classes, shape[0]), rng.normal(size=(shape[0], classes)))
    loss = draw(st.sampled_from(list(ends)))
    parameters = [rng.uniform(0.3, 0.9, s) * rng.choice([-1, 1], s) for name in names for s in blocks[name][1]]
    arrays = [rng.normal(size=shape), *parameters]

    def model(x: Any, *parameters: Any) -> Any:
        left = list(parameters)
        for name in names:
            block, shapes = blocks[name]
            x = block(x, *[left.pop(0) for _ in shapes])
        return ends[loss](pooled(x))

    return model, arrays, [*names, loss]


def pooled(x: Any) -> Any:
    """Of images the means of the channels, of sequences the sum of the vectors."""
    return nn.global_avg_pool(x) if np.ndim(x) == 4 else np.sum(x, axis=1) if np.ndim(x) == 3 else x
