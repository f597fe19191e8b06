"""Losses and metrics against their definitions, and at the ends of the number range."""

import numpy as np
import pytest

import ntb
from ntb import nn

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(5, 4))
LABELS = np.array([0, 3, 1, 1, 2])


def losses_by_definition(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return -np.log(np.take_along_axis(p, labels[..., None], -1))[..., 0]


def gradient(loss, x):
    with ntb.Tape() as tape:
        x = tape.watch(x)
        y = loss(x)
    return tape.gradient(y, x).numpy()


def test_cross_entropy_is_its_definition():
    each = losses_by_definition(LOGITS, LABELS)
    np.testing.assert_allclose(nn.cross_entropy(LOGITS, LABELS, reduction="none"), each)
    np.testing.assert_allclose(nn.cross_entropy(LOGITS, LABELS), each.mean())
    np.testing.assert_allclose(nn.cross_entropy(LOGITS, LABELS, reduction="sum"), each.sum())
    np.testing.assert_allclose(nn.cross_entropy(LOGITS.T, LABELS, axis=0), each.mean())
    np.testing.assert_allclose(nn.cross_entropy(LOGITS, nn.one_hot(LABELS, 4, float)), each.mean())
    np.testing.assert_allclose(nn.nll(nn.log_softmax(LOGITS), LABELS), each.mean())
    np.testing.assert_allclose(nn.cross_entropy(LOGITS[None], LABELS[None], reduction="none"), each[None])


def test_weights_and_masks():
    each = losses_by_definition(LOGITS, LABELS)
    weights = RNG.uniform(size=5)
    mask = np.array([True, False, True, True, False])
    np.testing.assert_allclose(nn.cross_entropy(LOGITS, LABELS, weights=weights), np.average(each, weights=weights))
    np.testing.assert_allclose(nn.cross_entropy(LOGITS, LABELS, mask=mask), each[mask].mean())
    np.testing.assert_allclose(
        nn.cross_entropy(LOGITS, LABELS, mask=mask, weights=weights), np.average(each[mask], weights=weights[mask])
    )


def test_what_is_masked_does_not_matter():
    logits, labels = LOGITS.copy(), LABELS.copy()
    mask = np.array([True, False, True, True, False])
    logits[~mask], labels[~mask] = np.nan, -100
    g = gradient(lambda x: nn.cross_entropy(x, labels, mask=mask), logits)
    np.testing.assert_allclose(g, gradient(lambda x: nn.cross_entropy(x, LABELS, mask=mask), LOGITS))
    assert not g[~mask].any()
    targets = np.where(mask[:, None], 0.5, np.nan) * np.ones(4)
    m = np.broadcast_to(mask[:, None], logits.shape)
    g = gradient(lambda x: nn.binary_cross_entropy_with_logits(x, targets, mask=m), logits)
    assert np.isfinite(g).all()


def test_a_mean_over_nothing_is_zero():
    assert nn.cross_entropy(np.ones((0, 3)), np.ones(0, int)) == 0
    assert nn.cross_entropy(LOGITS, LABELS, mask=np.zeros(5, bool)) == 0
    assert nn.cross_entropy(LOGITS, LABELS, weights=np.zeros(5)) == 0
    assert nn.accuracy(np.ones((0, 3)), np.ones(0, int)) == 0
    g = gradient(lambda x: nn.cross_entropy(x, LABELS, mask=np.zeros(5, bool)), LOGITS)
    assert not g.any()


def test_huge_logits():
    logits = np.array([[1e5, 0.0], [-1e5, 0.0]])
    assert nn.cross_entropy(logits, [1, 0], reduction="none").tolist() == [1e5, 1e5]
    assert np.isfinite(gradient(lambda x: nn.cross_entropy(x, [1, 0]), logits)).all()
    x = np.array([-1e4, 1e4, 50.0])
    bce = nn.binary_cross_entropy_with_logits
    assert bce(x, np.array([1.0, 0.0, 0.0]), reduction="none").tolist() == [1e4, 1e4, 50]
    np.testing.assert_allclose(bce(np.array([50.0]), np.array([1.0])), np.exp(-50.0))


@pytest.mark.parametrize("labels", [[0, 1, 2, 3, 4], [0, 1, 2, 3, -1]])
def test_labels_out_of_range_raise(labels):
    with pytest.raises(ntb.InputError, match="labels: .* 0 ... 3"):
        nn.cross_entropy(LOGITS, labels)
    with pytest.raises(ntb.InputError):
        nn.cross_entropy(ntb.tensor(LOGITS), ntb.tensor(labels))


def test_labels_out_of_range_raise_in_a_replay():
    step = ntb.function(nn.cross_entropy)
    step(LOGITS, LABELS)
    step(LOGITS, LABELS)
    with pytest.raises(ValueError, match=r"0 \.\.\. 3"):
        step(LOGITS, LABELS + 1)


def test_shapes_that_do_not_correspond():
    with pytest.raises(ntb.InputError, match="soft labels"):
        nn.cross_entropy(LOGITS, LABELS[:, None])
    with pytest.raises(ntb.InputError, match="must be"):
        nn.mse(np.ones(3), np.ones((3, 1)))
    with pytest.raises(ntb.InputError, match="reduction"):
        nn.mse(np.ones(3), np.ones(3), reduction="all")
    with pytest.raises(ntb.InputError, match="shape of the mask"):
        nn.cross_entropy(LOGITS, LABELS, mask=np.ones((5, 1), bool))
    with pytest.raises(ntb.InputError, match="integer labels"):
        nn.accuracy(LOGITS, LABELS[:3])


def test_regression_losses():
    a, b = RNG.normal(size=(3, 4)) * 2, RNG.normal(size=(3, 4))
    np.testing.assert_allclose(nn.mse(a, b), np.mean((a - b) ** 2))
    np.testing.assert_allclose(nn.mae(a, b), np.mean(abs(a - b)))
    d = abs(a - b)
    np.testing.assert_allclose(nn.huber(a, b, delta=0.7), np.mean(np.where(d < 0.7, d * d / 2, 0.7 * (d - 0.35))))
    np.testing.assert_allclose(nn.l1(a, b), abs(a).sum() + abs(b).sum())
    np.testing.assert_allclose(nn.l2(a, b), ((a**2).sum() + (b**2).sum()) / 2)


def test_gradients():
    a, b, p = RNG.normal(size=(3, 4)) * 2, RNG.normal(size=(3, 4)), RNG.uniform(size=(3, 4))
    w = RNG.uniform(size=5)
    ntb.check_gradients(lambda x: nn.cross_entropy(x, LABELS, weights=w), LOGITS)
    ntb.check_gradients(lambda x, y: nn.cross_entropy(x, y), a, p)
    ntb.check_gradients(nn.binary_cross_entropy_with_logits, a, p)
    for loss in (nn.mse, nn.mae, lambda x, y: nn.huber(x, y, delta=1.3), nn.l1, nn.l2):
        ntb.check_gradients(loss, a, b)
    # at the edge of huber's square both branches agree
    assert gradient(lambda x: nn.huber(x, np.zeros(1)), np.array([1.0])) == 1


def test_accuracy():
    scores = np.array([[1.0, 2.0], [3.0, 0.0], [0.0, 0.0]])
    assert nn.accuracy(scores, [1, 0, 1]) == pytest.approx(2 / 3)
    assert nn.accuracy(scores, [1, 0, 1], mask=np.array([True, True, False])) == 1
    assert nn.accuracy(ntb.tensor(scores), ntb.tensor([1, 0, 0])).item() == 1


def test_float32_stays_float32():
    x, t = LOGITS.astype(np.float32), LABELS
    losses = [
        lambda x: nn.cross_entropy(x, t, weights=np.ones(5), mask=np.ones(5, bool)),
        lambda x: nn.cross_entropy(x, t),
        lambda x: nn.binary_cross_entropy_with_logits(x, np.ones((5, 4))),
        lambda x: nn.mse(x, np.zeros((5, 4), np.float32)),
        lambda x: nn.huber(x, np.zeros((5, 4), np.float32)),
        nn.l1,
        nn.l2,
    ]
    for loss in losses:
        assert loss(x).dtype == np.float32
        assert gradient(loss, x).dtype == np.float32
