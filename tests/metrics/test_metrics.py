"""Metrics: the same whatever the batches, after a save, and from every kind of container; and at the ends."""

import inspect
import re

import numpy as np
import pytest

import ntb
from ntb import metrics, nn

RNG = np.random.default_rng(3)
N = 60
LABELS = RNG.integers(0, 4, N)
SCORES = np.round(RNG.normal(size=(N, 4)) + 2 * np.eye(4)[LABELS], 1)  # with ties
YES = LABELS % 2
NUMBERS, TARGETS = RNG.normal(size=(N, 2)) * 1e3 + 1e6, RNG.normal(size=(N, 2)) * 1e3 + 1e6
MASK = RNG.random(N) < 0.7

METRICS = {
    metrics.Accuracy: ({}, SCORES, LABELS),
    metrics.TopKAccuracy: ({"k": 2}, SCORES, LABELS),
    metrics.Perplexity: ({"ignore_index": 3}, SCORES, LABELS),
    metrics.ConfusionMatrix: ({}, SCORES.argmax(-1), LABELS),
    metrics.Precision: ({"average": "macro"}, SCORES, LABELS),
    metrics.Recall: ({"average": "none"}, SCORES, LABELS),
    metrics.F1: ({"threshold": 0}, SCORES[:, 0], YES),
    metrics.MeanIoU: ({}, SCORES, LABELS),
    metrics.AUC: ({}, SCORES[:, 0], YES),
    metrics.MSE: ({}, NUMBERS[:, 0], TARGETS[:, 0]),
    metrics.RMSE: ({}, NUMBERS[:, 0], TARGETS[:, 0]),
    metrics.MAE: ({}, NUMBERS[:, 0], TARGETS[:, 0]),
    metrics.R2: ({}, NUMBERS, TARGETS),
    metrics.Mean: ({"function": nn.mse}, NUMBERS[:, 0], TARGETS[:, 0]),
}
"""Each metric with its options and all rows."""

EACH = pytest.mark.parametrize("kind", METRICS, ids=lambda kind: kind.__name__)
EXACT = (metrics.ConfusionMatrix, metrics.AUC, metrics.Accuracy, metrics.TopKAccuracy)


def function_of(kind):
    """The function of the same name: top_k_accuracy of TopKAccuracy."""
    names = {"AUC": "roc_auc", "MeanIoU": "mean_iou", "R2": "r2", "F1": "f1"}
    usual = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=K)(?=A)", "_", kind.__name__).lower()
    return getattr(metrics, names.get(kind.__name__, usual))


def test_every_metric_is_looked_at():
    found = {x for name in metrics.__all__ if inspect.isclass(x := getattr(metrics, name))}
    assert found == {*METRICS, metrics.Metric}
    functions = {name for name in metrics.__all__ if not inspect.isclass(getattr(metrics, name))}
    assert {function_of(kind).__name__ for kind in METRICS if kind is not metrics.Mean} == functions


@EACH
@pytest.mark.parametrize("sizes", [[N], [1, 0, 2, 57], [20, 20, 20], [1] * N], ids=str)
def test_the_sizes_of_batches_do_not_matter(kind, sizes):
    options, x, t = METRICS[kind]
    metric, ends = kind(**options), np.cumsum(sizes)[:-1]
    for xs, ts in zip(np.split(x, ends), np.split(t, ends), strict=True):
        metric.update(xs, ts)
    if kind is metrics.Mean:
        expected = nn.mse(x, t)
    else:
        expected = function_of(kind)(x, t, **options)
    np.testing.assert_allclose(metric.result(), expected, rtol=0 if kind in EXACT else 1e-12)


@EACH
def test_a_mask_leaves_rows_out(kind):
    options, x, t = METRICS[kind]
    if kind is metrics.Mean:
        return
    metric = kind(**options)
    metric.update(x, t, mask=MASK)
    np.testing.assert_array_equal(metric.result(), function_of(kind)(x[MASK], t[MASK], **options))
    np.testing.assert_array_equal(function_of(kind)(x, t, mask=MASK, **options), metric.result())


@EACH
def test_state_is_plain_arrays_that_can_be_saved(kind, tmp_path):
    options, x, t = METRICS[kind]
    metric, other = kind(**options), kind(**options)
    metric.update(x[:20], t[:20])
    np.savez(tmp_path / "metric.npz", **metric.state())
    other.restore(np.load(tmp_path / "metric.npz"))
    for m in (metric, other):
        m.update(x[20:], t[20:])
    np.testing.assert_array_equal(other.result(), metric.result())
    with pytest.raises(ntb.InputError, match="another metric"):
        metric.restore({"a": np.zeros(1)})
    state = metric.state()
    for array in state.values():
        array[...] = 0
    np.testing.assert_array_equal(other.result(), metric.result())
    metric.reset()
    fresh = kind(**options)
    assert all(np.array_equal(a, fresh.state()[name]) for name, a in metric.state().items())


@EACH
def test_tensors_in_an_open_tape_and_lists_count_as_arrays(kind):
    options, x, t = METRICS[kind]
    expected = kind(**options)
    expected.update(x, t)
    with ntb.Tape() as tape:
        watched = tape.watch(x) if x.dtype.kind == "f" else x
        for given in ((watched, ntb.tensor(t)), (x.tolist(), t.tolist())):
            metric = kind(**options)
            metric.update(*given)
            np.testing.assert_array_equal(metric.result(), expected.result())


@EACH
def test_in_a_traced_function_it_is_refused(kind):
    options, x, t = METRICS[kind]
    metric = kind(**options)
    with pytest.raises(ntb.ConversionError):
        ntb.function(metric.update)(x, t)


def test_accuracy_is_that_of_nn_and_of_one_in_the_top():
    assert (
        metrics.accuracy(SCORES, LABELS) == nn.accuracy(SCORES, LABELS) == metrics.top_k_accuracy(SCORES, LABELS, k=1)
    )
    assert metrics.accuracy(SCORES, LABELS, ignore_index=2) == nn.accuracy(SCORES, LABELS, mask=LABELS != 2)
    assert metrics.top_k_accuracy(SCORES, LABELS, k=4) == 1
    assert metrics.accuracy([0.2, 0.7], [0.0, 1.0], threshold=0.5) == metrics.accuracy([False, True], [0, 1]) == 1


def test_auc_of_ties_and_of_what_is_sorted():
    assert metrics.roc_auc([1, 1, 1, 1], [0, 1, 0, 1]) == 0.5
    assert metrics.roc_auc([1, 2, 3, 4], [0, 0, 1, 1]) == 1
    assert metrics.roc_auc([1, 2, 2, 3], [0, 0, 1, 1]) == 7 / 8
    pairs = [(a > b) + (a == b) / 2 for a in SCORES[YES == 1, 0] for b in SCORES[YES == 0, 0]]
    assert metrics.roc_auc(SCORES[:, 0], YES) == np.mean(pairs)


def test_r2_keeps_its_digits_far_from_zero():
    far = 1e8
    assert metrics.r2(NUMBERS + far, TARGETS + far) == pytest.approx(metrics.r2(NUMBERS, TARGETS), rel=1e-6)
    metric = metrics.R2()
    for xs, ts in zip(np.split(NUMBERS + far, 6), np.split(TARGETS + far, 6), strict=True):
        metric.update(xs, ts)
    assert metric.result() == pytest.approx(metrics.r2(NUMBERS + far, TARGETS + far), rel=1e-10)
    assert metrics.r2([1.0, 1.0], [1.0, 1.0]) == 1 and metrics.r2([1.0, 2.0], [1.0, 1.0]) == 0


def test_of_nothing_they_are_zero_or_refused():
    assert metrics.accuracy(np.zeros((0, 3)), np.zeros(0, int)) == metrics.mse([], []) == 0
    assert metrics.f1([], [], average="macro") == metrics.precision([0, 0], [1, 1]) == metrics.recall([1], [0]) == 0
    assert metrics.perplexity(np.zeros((0, 3)), []) == 1
    for metric in (metrics.R2(), metrics.AUC()):
        with pytest.raises(ntb.InputError, match="there are 0"):
            metric.result()
    assert np.isinf(metrics.perplexity([[1e4, 0.0]], [1]))


@pytest.mark.parametrize(
    ("metric", "shown"),
    [
        (metrics.F1(average="macro"), "F1(average='macro')"),
        (metrics.AUC(), "AUC()"),
        (metrics.Mean(abs), "Mean(function=abs)"),
    ],
)
def test_they_show_their_settings(metric, shown):
    assert repr(metric) == shown
