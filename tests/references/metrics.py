"""Metrics, as scikit-learn computes them, which takes the targets first."""

import numpy as np

from ntb import metrics

from .base import reference


def _drawn():
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 5, 40)
    labels[labels == 3] = 1  # a class that never occurs
    predicted = np.where(rng.random(40) < 0.6, labels, rng.integers(0, 3, 40))
    yes, said_yes = rng.integers(0, 2, 40), rng.integers(0, 2, 40)
    return labels, predicted, yes, said_yes, np.round(rng.normal(size=40) + yes, 1), rng.normal(size=(40, 5)), rng


LABELS, PREDICTED, YES, SAID_YES, SCORES, LOGITS, _MORE = _drawn()  # the scores have ties


def sklearns(name, ours, theirs, *arrays):
    reference(name, "sklearn.metrics", arrays, ours, theirs, gradients=False, tolerance=1e-13)


sklearns("accuracy", metrics.accuracy, lambda sk, p, t: sk.accuracy_score(t, p), PREDICTED, LABELS)
sklearns("accuracy of scores", metrics.accuracy, lambda sk, p, t: sk.accuracy_score(t, p.argmax(-1)), LOGITS, LABELS)
sklearns("top_k_accuracy", lambda p, t: metrics.top_k_accuracy(p, t, k=2),
         lambda sk, p, t: sk.top_k_accuracy_score(t, p, k=2, labels=np.arange(5)), LOGITS, LABELS)  # fmt: skip
sklearns("confusion_matrix", metrics.confusion_matrix,
         lambda sk, p, t: sk.confusion_matrix(t, p, labels=np.arange(5)), PREDICTED, LABELS)  # fmt: skip
for name in ("precision", "recall", "f1"):
    ours = getattr(metrics, name)
    sklearns(f"{name} binary", ours, lambda sk, p, t, n=name: getattr(sk, f"{n}_score")(t, p), SAID_YES, YES)
    for average in ("macro", "micro", "weighted", "none"):
        sklearns(
            f"{name} {average}",
            lambda p, t, f=ours, a=average: f(p, t, average=a),
            lambda sk, p, t, n=name, a=average: getattr(sk, f"{n}_score")(
                t, p, average=None if a == "none" else a, zero_division=0, labels=None if a == "macro" else np.arange(5)
            ),
            PREDICTED,
            LABELS,
        )
sklearns("mean_iou", metrics.mean_iou, lambda sk, p, t: sk.jaccard_score(t, p, average="macro"), PREDICTED, LABELS)
sklearns("roc_auc", metrics.roc_auc, lambda sk, p, t: sk.roc_auc_score(t, p), SCORES, YES)
sklearns("perplexity", metrics.perplexity,
         lambda sk, x, t: np.exp(sk.log_loss(t, np.exp(x) / np.exp(x).sum(-1, keepdims=True), labels=np.arange(5))),
         LOGITS, LABELS)  # fmt: skip
for name, function in {"mse": "mean_squared_error", "mae": "mean_absolute_error", "r2": "r2_score"}.items():
    sklearns(name, getattr(metrics, name), lambda sk, p, t, f=function: getattr(sk, f)(t, p), (30, 3), (30, 3))
sklearns("rmse", metrics.rmse, lambda sk, p, t: sk.root_mean_squared_error(t, p), (30,), (30,))
sklearns("r2 of one column", metrics.r2, lambda sk, p, t: sk.r2_score(t, p), (30,), (30,))
