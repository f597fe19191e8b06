"""Laws that hold for each loss: derivatives of both orders, eager, traced and printed alike, plain and tuned; what a
mask excludes may hold anything; an example with the weight 2 counts as two."""

import numpy as np
import pytest

import ntb
from ntb import nn
from tests.replay.parity import run_source

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(4, 3)) * 2, RNG.normal(size=(4, 3))
P = RNG.uniform(0.1, 0.9, size=(4, 3))
LABELS = np.array([0, 2, 1, 2])
SIGNS = np.where(Y > 0, 1, -1)
CLASS_WEIGHTS = np.array([0.5, 2.0, 1.0])
FRAMES = RNG.normal(size=(4, 5, 3))
SPELLED, SPELLED_LENGTHS = np.array([[1, 1], [2, 1], [1, 0], [0, 0]]), np.array([2, 2, 1, 0])

LOSSES = {
    "mse": (nn.mse, X, Y),
    "mae": (nn.mae, X, Y),
    "huber": (nn.huber, X, Y),
    "smooth_l1": (lambda x, y, **o: nn.smooth_l1(x, y, beta=0.6, **o), X, Y),
    "log_cosh": (nn.log_cosh, X, Y),
    "gaussian_nll": (nn.gaussian_nll, X, Y, P),
    "poisson_nll": (nn.poisson_nll, X, P),
    "kl_div": (nn.kl_div, X, P),
    "cross_entropy": (nn.cross_entropy, X, LABELS),
    "cross_entropy smoothed": (
        lambda x, t, **o: nn.cross_entropy(x, t, class_weights=CLASS_WEIGHTS, label_smoothing=0.2, **o), X, LABELS,
    ),
    "cross_entropy soft": (lambda x, t, **o: nn.cross_entropy(x, t, label_smoothing=0.2, **o), X, P),
    "categorical_cross_entropy": (nn.categorical_cross_entropy, P, LABELS),
    "focal": (nn.focal, X, LABELS),
    "binary_cross_entropy": (nn.binary_cross_entropy, P, P[::-1].copy()),
    "binary_cross_entropy_with_logits": (nn.binary_cross_entropy_with_logits, X, P),
    "binary_focal": (lambda x, t, **o: nn.binary_focal(x, t, gamma=1.5, alpha=0.3, **o), X, P),
    "hinge": (nn.hinge, X, SIGNS),
    "squared_hinge": (nn.squared_hinge, X, SIGNS),
    "soft_margin": (nn.soft_margin, X, SIGNS),
    "margin_ranking": (lambda a, b, t, **o: nn.margin_ranking(a, b, t, margin=0.3, **o), X, Y, SIGNS),
    "multi_margin": (nn.multi_margin, X, LABELS),
    "multiclass_hinge": (nn.multiclass_hinge, X, LABELS),
    "multilabel_margin": (nn.multilabel_margin, X, SIGNS == 1),
    "cosine_embedding": (lambda a, b, t, **o: nn.cosine_embedding(a, b, t, margin=-0.5, **o), X, Y, LABELS > 1),
    "contrastive": (lambda a, b, t, **o: nn.contrastive(a, b, t, margin=4.0, **o), X, Y, LABELS > 1),
    "triplet_margin": (nn.triplet_margin, X, Y, P),
    "tversky": (lambda p, t, **o: nn.tversky(p, t, alpha=0.3, beta=0.7, **o), P, P[::-1].copy()),
    "ctc": (lambda x, t, **o: nn.ctc(x, t, label_lengths=SPELLED_LENGTHS[: len(t)], **o), FRAMES, SPELLED),
}  # fmt: skip
"""A loss and its arguments; the first axis is that of the examples."""

EACH = pytest.mark.parametrize("name", LOSSES)


def test_every_loss_obeys_the_laws():
    losses = {name for name in nn.__all__ if ".losses." in getattr(getattr(nn, name), "__module__", "")}
    penalties = {"l1", "l2", "elastic", "orthogonal_penalty"}
    alike = {"dice", "nll", "cosine_similarity"}  # which are another, or a part of another
    assert losses == {name.split()[0] for name in LOSSES} | penalties | alike


def smooth(arguments):
    """The places of the arguments by which a loss has derivatives."""
    return [i for i, a in enumerate(arguments) if a.dtype.kind == "f"]


@pytest.mark.uncounted
@EACH
def test_derivatives_of_both_orders(name):
    loss, *given = LOSSES[name]
    places = smooth(given)

    def of_floats(*floats):
        arrays = list(given)
        for i, a in zip(places, floats):
            arrays[i] = a
        return loss(*arrays)

    ntb.check_gradients(of_floats, *[given[i] for i in places], directions=2)


@EACH
def test_traced_and_printed_it_is_as_eager_and_plain_as_tuned(name):
    loss, *given = LOSSES[name]
    step = ntb.value_and_grad(lambda *a: loss(*a, reduction="sum"), argnums=smooth(given))
    value, gradients = step(*given)
    traced = ntb.function(step)
    for _ in range(2):
        found, slopes = traced(*given)
        assert found == value
        np.testing.assert_array_equal(slopes, gradients)
    value, _ = run_source(ntb.function(lambda *a: loss(*a, reduction="sum")).trace(*given), given)
    assert value == found
    with ntb.tuned.off():
        found, slopes = step(*given)
    np.testing.assert_allclose(found, value, rtol=1e-12)
    np.testing.assert_allclose(slopes, gradients, rtol=1e-9, atol=1e-12)


@EACH
def test_reductions_weights_and_masks(name):
    loss, *given = LOSSES[name]
    each = loss(*given, reduction="none")
    np.testing.assert_allclose(loss(*given, reduction="sum"), each.sum())
    if "smoothed" not in name:  # whose classes have weights, too
        np.testing.assert_allclose(loss(*given), each.mean())
        weights = RNG.integers(1, 4, each.shape)
        np.testing.assert_allclose(loss(*given, weights=weights), np.average(each, weights=weights))
    if name == "tversky":  # whose mask is one of elements
        return
    mask = np.arange(each.size).reshape(each.shape) % 3 > 0
    spoilt = []
    for a in given:
        whole = np.broadcast_to(mask.reshape(mask.shape + (1,) * (a.ndim - mask.ndim)), a.shape)
        anything = np.nan if a.dtype.kind == "f" else -100
        spoilt.append(a if a.dtype == bool else np.where(whole, a, anything))
    np.testing.assert_allclose(loss(*spoilt, mask=mask, reduction="none"), np.where(mask, each, 0))
    first = ntb.grad(lambda x: loss(x, *spoilt[1:], mask=mask))(spoilt[0])
    assert np.isfinite(first).all() and not first[~mask].any()
