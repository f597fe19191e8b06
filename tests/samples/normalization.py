"""Samples of layer and batch normalization."""

from ntb import nn
from ntb.nn.normalization.normalize import normalize
from ntb.tuned import normalize as normalization

from .base import form_of, row

NORMS = [  # x, and what has statistics of its own
    ((2, 3), (1, 3)),
    ((2, 3), (2, 1)),
    ((3, 2, 2, 1), (1, 2, 1, 1)),
    ((2, 3, 2), (2, 1, 2)),
    ((1, 2), (1, 2)),
]
FEATURES = {shape: tuple(n if m == 1 else 1 for n, m in zip(shape, own)) for shape, own in NORMS}
OWN = dict(NORMS)


def axes_of_statistics(shape):
    return tuple(i for i, n in enumerate(OWN[shape]) if n == 1)


def normalized(x, gamma, beta):
    return nn.layer_norm(x, gamma, beta, axis=axes_of_statistics(x.shape), eps=0.1)


def variances(d):
    return normalization.variances(d, OWN[d.shape])


EACH = [shape for shape, _ in NORMS]
SCALED = {
    "scale of its own": [(shape, own, own) for shape, own in NORMS],
    "scale of features": [(shape, FEATURES[shape], FEATURES[shape]) for shape in EACH],
    "one scale": [((2, 3), (1, 1), (1, 1))],
}
for label, shapes in SCALED.items():
    row(form_of(normalize), normalized, shapes, label=label)
row(
    form_of(normalize),
    lambda x, gamma, beta: nn.layer_norm(x, gamma, beta, axis=(-2, -1)),
    [((2, 3, 2), (3, 2), (3, 2)), ((0, 2, 3), (2, 3), (3,))],
    label="last axes",
)
row(form_of(normalize), lambda x: nn.layer_norm(x, axis=None, eps=1), EACH, label="all axes, no parameters")
row(
    form_of(normalize),
    lambda x, gamma: nn.batch_norm(x, gamma, train=True, eps=0.1, axis=-1),
    [((3, 2), (2,)), ((2, 2, 3), (3,)), ((0, 2), (2,))],
    label="of a batch, without shift",
)
row(normalization.sums, lambda x: normalization.sums(x, OWN[x.shape]), EACH)
row(
    normalization.centred,
    lambda x: normalization.centred(x, normalization.averages(x, OWN[x.shape])),
    EACH,
)
row(
    normalization.normalized,
    lambda d, gamma, beta: normalization.normalized(d, gamma, beta, variances(d), 0.1),
    SCALED["scale of its own"],
)
row(normalization.inverse_deviation, lambda d: normalization.inverse_deviation(d, variances(d), 0.1), EACH)
row(
    normalization.products,
    lambda g, d, w: normalization.products(g, d, w, OWN[d.shape]),
    [(shape, shape, own) for shape, own in NORMS],
)
row(
    normalization.products,
    lambda g, d, w: normalization.products(g, d, w, FEATURES[d.shape]),
    [(shape, shape, own) for shape, own in NORMS],
    label="weighted",
)
row(normalization.less_its_part, shapes=[(shape, shape, own, own) for shape, own in NORMS])
