"""Metrics as a Trainer is given them, and as it uses them: by name, objects that add up batches."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from typing import Any

from .. import metrics
from ..errors import InputError, describe
from ..metrics.means import Mean
from ..metrics.metric import Metric

_ADDING = (
    (metrics.accuracy, metrics.Accuracy), (metrics.top_k_accuracy, metrics.TopKAccuracy),
    (metrics.precision, metrics.Precision), (metrics.recall, metrics.Recall), (metrics.f1, metrics.F1),
    (metrics.mean_iou, metrics.MeanIoU), (metrics.confusion_matrix, metrics.ConfusionMatrix),
    (metrics.perplexity, metrics.Perplexity), (metrics.roc_auc, metrics.AUC), (metrics.r2, metrics.R2),
    (metrics.mse, metrics.MSE), (metrics.rmse, metrics.RMSE), (metrics.mae, metrics.MAE),
)  # fmt: skip
"""Functions of all predictions at once, and the classes whose objects have the same result, batch by batch."""


def metrics_of(given: Any) -> dict[str, Metric]:
    """Metrics by name, of those that were given by name, or in a list, which have the names of their functions."""
    if isinstance(given, (list, tuple)):
        given = {_name_of(_checked(metric)): metric for metric in given}
    if not isinstance(given, Mapping):
        raise InputError(
            'metrics are given by name, {"accuracy": nn.accuracy}, or in a list, [nn.accuracy], not as '
            f"{describe(given)}"
        )
    taken = [name for name in given if name in ("loss", "epoch", "seconds") or str(name).startswith("val_")]
    if taken:
        raise InputError(f"the trainer itself reports {taken[0]!r}; give that metric another name")
    return {str(name): _adding(_checked(metric)) for name, metric in given.items()}


def fresh(known: Mapping[str, Metric]) -> dict[str, Metric]:
    """Metrics of the same kinds that were told of nothing yet."""
    found = {name: copy.deepcopy(metric) for name, metric in known.items()}
    for metric in found.values():
        metric.reset()
    return found


def _checked(metric: Any) -> Any:
    if not callable(metric) and not isinstance(metric, Metric):
        raise InputError(
            "a metric is a function of predictions and targets, such as nn.accuracy, or one of ntb.metrics, not "
            f"{describe(metric)}"
        )
    return metric


def _adding(metric: Any) -> Metric:
    """What adds up batches. A mean over batches would be wrong for most functions of ntb.metrics, such as f1."""
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if isinstance(metric, Metric):
        return metric
    function, options = (metric.func, metric.keywords) if isinstance(metric, partial) else (metric, {})
    kind = next((kind for known, kind in _ADDING if known is function), None)
    return kind(**options) if kind else Mean(metric)


def _name_of(metric: Any) -> str:
    """The name of a function, or of the function that has the same result as an object."""
    function = metric.func if isinstance(metric, partial) else metric
    kind = function if isinstance(function, type) else type(function)
    name = next((known.__name__ for known, its_kind in _ADDING if its_kind is kind), None)
    if name is None:
        name = kind.__name__.lower() if issubclass(kind, Metric) else getattr(function, "__name__", "")
    if not name.isidentifier():
        raise InputError(f'this metric has no name of its own, {metric!r}; give it one, metrics={{"name": ...}}')
    return name
