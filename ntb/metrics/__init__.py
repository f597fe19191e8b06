"""Metrics: what tells how good a model is, beside the loss that it learns from.

Each comes in two forms. A function takes all predictions at once; an object is told of them batch by batch, and has the
same result, whatever the sizes of the batches: it keeps sums, never a mean of means.

    metrics.f1(model(x), labels, average="macro")

    f1 = metrics.F1(average="macro")
    for x, labels in batches:
        f1.update(model(x), labels)
    print(f1.result())
    f1.reset()

Predictions come first, as in losses. All take arrays, tensors, variables, lists and pandas' objects, compute in double
precision, and answer with Python's numbers or NumPy's arrays. They have no derivatives and stand outside of traced
functions: return the predictions from these, and measure them.
"""

from ..habits import of_package
from .accuracy import Accuracy, TopKAccuracy, accuracy, top_k_accuracy
from .classes import F1, MeanIoU, Precision, Recall, f1, mean_iou, precision, recall
from .confusion import ConfusionMatrix, confusion_matrix
from .means import Mean
from .metric import Metric
from .perplexity import Perplexity, perplexity
from .regression import MAE, MSE, R2, RMSE, mae, mse, r2, rmse
from .roc import AUC, roc_auc

__all__ = [
    "AUC", "Accuracy", "ConfusionMatrix", "F1", "MAE", "MSE", "Mean", "MeanIoU", "Metric", "Perplexity", "Precision",
    "R2", "RMSE", "Recall", "TopKAccuracy", "accuracy", "confusion_matrix", "f1", "mae", "mean_iou", "mse",
    "perplexity", "precision", "r2", "recall", "rmse", "roc_auc", "top_k_accuracy",
]  # fmt: skip

__getattr__, __dir__ = of_package(__name__, __all__)
