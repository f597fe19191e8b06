"""Samples of softmax and its kin, and of what losses are made of."""

import numpy as np

from ntb.nn import ranges
from ntb.ops import scores
from ntb.tuned.scores import label_loss_pull, softmax_pull

from .base import BLOCKS, ONE, form_of, row

for f in (scores.softmax, scores.log_softmax, scores.logsumexp):
    for axis in (-1, 0, None):
        row(
            form_of(f),
            lambda x, f=f, axis=axis: f(x, axis=axis),
            [(1,), (3,), (2, 2), (2, 2, 2), (0, 2)] if axis else BLOCKS,
            label=f"axis {axis}",
        )
    row(form_of(f), lambda x, f=f: f(x, axis=(0, 2)), [(2, 2, 2), (1, 3, 2)], label="axes")
row(form_of(scores.logsumexp), lambda x: scores.logsumexp(x, 1, keepdims=True), [(2, 2), (2, 2, 2)], label="keepdims")
row(softmax_pull, shapes=[((3,), (3,)), ((2, 2), (2, 2))])
row(softmax_pull, lambda g, y: softmax_pull(g, y, axis=(0, 1)), [((2, 2), (2, 2))], label="axes")

LABELS = [np.arange(n) % 2 for n in range(4)]
row(form_of(scores.label_loss), lambda x: scores.label_loss(x, LABELS[len(x)]), [(1, 2), (3, 2), (0, 3)])
row(
    label_loss_pull,
    lambda g, x: label_loss_pull(g, x, LABELS[len(x)]),
    [((1,), (1, 2)), ((3,), (3, 2)), ((0,), (0, 3))],
)
row(ranges.numbers_within, lambda x: ranges.numbers_within(x, -9.0, 9.0, what="numbers"), ONE)
