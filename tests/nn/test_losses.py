"""Losses and metrics against their definitions, and at the ends of the number range."""

import itertools

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


@pytest.mark.uncounted
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


# --- labels that are smoothed, weighted, ignored


def test_smoothed_labels_are_soft_ones():
    soft = 0.8 * np.eye(4)[LABELS] + 0.2 / 4
    np.testing.assert_allclose(nn.cross_entropy(LOGITS, LABELS, label_smoothing=0.2), nn.cross_entropy(LOGITS, soft))
    hard = nn.cross_entropy(LOGITS, np.eye(4)[LABELS], label_smoothing=0.2)
    np.testing.assert_allclose(hard, nn.cross_entropy(LOGITS, soft))
    assert nn.cross_entropy(LOGITS, LABELS, label_smoothing=0) == nn.cross_entropy(LOGITS, LABELS)


def test_weights_of_classes_are_weights_of_their_examples():
    classes, weights = np.array([1.0, 0.5, 0.0, 2.0]), RNG.uniform(size=5)
    each = nn.cross_entropy(LOGITS, LABELS, reduction="none")
    for options in ({}, {"weights": weights}):
        mine = nn.cross_entropy(LOGITS, LABELS, class_weights=classes, **options)
        np.testing.assert_allclose(mine, np.average(each, weights=classes[LABELS] * options.get("weights", 1)))
    assert nn.cross_entropy(LOGITS[4:], LABELS[4:], class_weights=classes) == 0  # all weights are 0
    impossible = np.array([[0.0, -np.inf, 0.0, 0.0]])
    assert nn.cross_entropy(impossible, [1], class_weights=[1.0, 0.0, 1.0, 1.0], reduction="sum") == 0


def test_ignored_labels_are_masked_ones():
    labels = np.array([0, -100, 1, -100, 2])
    mask = labels >= 0
    assert nn.cross_entropy(LOGITS, labels, ignore_index=-100) == nn.cross_entropy(LOGITS, labels, mask=mask)
    both = nn.cross_entropy(LOGITS, labels, ignore_index=-100, mask=np.arange(5) > 0)
    assert both == nn.cross_entropy(LOGITS, labels, mask=mask & (np.arange(5) > 0))
    assert nn.cross_entropy(LOGITS, np.full(5, -100), ignore_index=-100) == 0
    step = ntb.function(lambda x, t: nn.cross_entropy(x, t, ignore_index=-100))
    step(LOGITS, labels)
    assert step(LOGITS, labels[::-1].copy()) == nn.cross_entropy(LOGITS, labels[::-1], ignore_index=-100)


# --- the ends


def test_probabilities_of_zero_and_one():
    p, t = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    for dtype in (np.float64, np.float32):
        losses = nn.binary_cross_entropy(p.astype(dtype), t, reduction="none")
        np.testing.assert_allclose(losses, [0, 0, 85.195640, 85.195640], rtol=1e-5)
        assert not gradient(lambda p: nn.binary_cross_entropy(p, t), p.astype(dtype))[2:].any()
    assert nn.categorical_cross_entropy(np.array([[0.0, 1.0]]), [0]).item() == pytest.approx(85.195640)


@pytest.mark.parametrize("gamma", [0, 0.5, 1, 2])
def test_focal_losses_of_huge_logits(gamma):
    x = np.array([800.0, -800.0])
    found = nn.binary_focal(x, np.ones(2), gamma=gamma, reduction="none")
    np.testing.assert_allclose(found, [0, 800])
    np.testing.assert_allclose(
        gradient(lambda x: nn.binary_focal(x, np.ones(2), gamma=gamma), x), [0, -0.5], atol=1e-12
    )
    rows = np.stack([x, np.zeros(2)], axis=1)
    np.testing.assert_allclose(nn.focal(rows, [0, 0], gamma=gamma, reduction="none"), [0, 800])
    slopes = gradient(lambda x: nn.focal(x, [0, 0], gamma=gamma), rows)
    np.testing.assert_allclose(slopes, [[0, 0], [-0.5, 0.5]], atol=1e-12)
    if not gamma:
        assert nn.focal(LOGITS, LABELS, gamma=0) == pytest.approx(float(nn.cross_entropy(LOGITS, LABELS)))


def test_vectors_of_length_zero_have_no_direction():
    zero, one = np.zeros((1, 3)), np.ones((1, 3))
    for a, b in ((zero, one), (one, zero), (zero, zero)):
        assert nn.cosine_similarity(a, b) == 0
        assert not gradient(lambda a, b=b: nn.cosine_embedding(a, b, [True]), a)[a == 0].any()
    for alike in ([True], [False]):
        assert not gradient(lambda a, alike=alike: nn.contrastive(a, one, alike), one).any()


def test_a_variance_below_eps_counts_as_eps_and_learns():
    x, t, v = np.array([0.0]), np.array([1.0]), np.array([0.0])
    assert nn.gaussian_nll(x, t, v, eps=0.25).item() == pytest.approx((np.log(0.25) + 4) / 2)
    assert gradient(lambda v: nn.gaussian_nll(x, t, v, eps=0.25), v) == pytest.approx((4 - 16) / 2)


def test_kl_div_of_what_is_the_same_is_zero():
    p = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    with np.errstate(divide="ignore"):
        scores = np.log(p)
    assert nn.kl_div(scores, p) == 0
    assert np.isposinf(nn.kl_div(scores[1:], p[:1]))
    entropy = -np.sum(p[0, :2] * np.log(p[0, :2]))
    logits = np.array([[0.3, -1.0, 2.0]])
    found = nn.kl_div(nn.log_softmax(logits), p[:1])
    assert found.item() == pytest.approx(nn.cross_entropy(logits, p[:1]).item() - entropy)


def test_regions_that_are_empty():
    none, some = np.zeros((1, 6)), np.full((1, 6), 0.5)
    for smooth in (0, 1):
        assert nn.dice(none, none, smooth=smooth) == 0
    assert nn.dice(some, none, smooth=0) == 1
    assert gradient(lambda p: nn.dice(p, none), some).all()
    assert not gradient(lambda p: nn.dice(p, none, smooth=0), some).any()


# --- connectionist temporal classification


def paths_by_definition(logits, labels, blank=0):
    """The sum over all the ways, one by one."""
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    total = 0.0
    for way in itertools.product(range(p.shape[1]), repeat=len(p)):
        read = [k for i, k in enumerate(way) if (i == 0 or way[i - 1] != k) and k != blank]
        total += np.prod(p[np.arange(len(p)), list(way)]) * (read == labels)
    return -np.log(total)


@pytest.mark.parametrize(
    ("labels", "blank"), [([], 0), ([1], 0), ([1, 1], 0), ([1, 2], 0), ([2, 1, 2], 0), ([0, 1], 2)]
)
def test_ctc_sums_over_all_ways(labels, blank):
    logits = RNG.normal(size=(5, 3))
    found = nn.ctc(logits[None], np.array([labels], int).reshape(1, -1), blank=blank)
    np.testing.assert_allclose(found, paths_by_definition(logits, labels, blank), rtol=1e-12)


def test_ctc_does_not_see_what_is_beyond_the_lengths():
    logits, labels = RNG.normal(size=(2, 6, 4)), np.array([[1, 2, -1], [3, 3, 1]])
    lengths, counts = np.array([4, 6]), np.array([2, 3])
    ctc = lambda x: nn.ctc(x, labels, lengths=lengths, label_lengths=counts, reduction="none")
    spoilt = logits.copy()
    spoilt[0, 4:] = np.nan
    np.testing.assert_array_equal(ctc(spoilt), ctc(logits))
    slopes = gradient(lambda x: np.sum(ctc(x)), spoilt)
    assert np.isfinite(slopes).all() and not slopes[0, 4:].any()
    np.testing.assert_allclose(ctc(logits)[0], nn.ctc(logits[:1, :4], labels[:1, :2]))


def test_ctc_of_sequences_that_are_too_short():
    logits, labels = np.zeros((2, 3, 4)), np.array([[1, 1, 2], [3, 1, 2]])
    with pytest.raises(ntb.InputError, match="sequence 0 need 4 steps"):
        nn.ctc(logits, labels)
    found = nn.ctc(logits, labels, mask=np.array([False, True]), reduction="none")
    np.testing.assert_allclose(found, [0, 3 * np.log(4)])
    step = ntb.function(lambda x, t: nn.ctc(x, t))
    step(logits, labels[[1, 1]])
    with pytest.raises(ValueError, match="sequence 0 need 4 steps"):
        step(logits, labels)


def test_ctc_of_logits_that_are_huge_or_infinite():
    logits = np.array([[[0.0, 1e4, -np.inf], [1e4, 0.0, 0.0], [0.0, -1e4, 1e4]]])
    assert nn.ctc(logits, [[1, 2]]) == 0
    slopes = gradient(lambda x: nn.ctc(x, [[1, 2]]), logits)
    assert np.isfinite(slopes).all()
    assert nn.ctc(logits.astype(np.float32), [[1, 2]]).dtype == np.float32
