"""A classifier of scikit-learn around a model."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.extmath import softmax
from sklearn.utils.multiclass import check_classification_targets

from ..errors import InputError
from ..nn import cross_entropy
from .estimator import Estimator


class Classifier(ClassifierMixin, Estimator):
    """Learns to which of two or more classes a sample belongs, by a model that gives a score (a logit) for each.

    Args:
        model_function, …: see `__init__`; `n_outputs` is the number of classes.
        loss: of scores (N, classes) and the numbers of the classes (N,), by default `nn.cross_entropy`.

    Attributes:
        classes_: the labels, sorted; y has labels of any type that sorts.
        model_, history_, …: see `Estimator`.

    >>> x = np.random.default_rng(0).normal(size=(60, 2))
    >>> y = np.where(x[:, 0] > x[:, 1], "right", "left")
    >>> classifier = Classifier(epochs=20, lr=0.02, random_state=0).fit(x, y)
    >>> classifier.predict([[1.0, -1.0], [-1.0, 1.0]]).tolist(), classifier.score(x, y) > 0.9
    (['right', 'left'], True)
    """

    _usual_loss = staticmethod(cross_entropy)

    def _learned(self, y: np.ndarray, begins: bool, classes: Any) -> np.ndarray:
        check_classification_targets(y)
        told = None if classes is None else np.unique(classes)
        if begins:
            self.classes_ = np.unique(y) if told is None else told
            self.n_outputs_ = len(self.classes_)
        elif told is not None and not np.array_equal(told, self.classes_):
            raise InputError(f"the classes are those of the first call, {self.classes_}, not {told}")
        new = np.setdiff1d(y, self.classes_)
        if new.size:
            raise InputError(
                f"y has {new[:5]}, which are not among the classes, {self.classes_}; partial_fit is told all of them "
                "in its first call, by classes="
            )
        return np.searchsorted(self.classes_, y)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Classifier:
        """Train for one more epoch, with these samples alone, for data that come in parts.

        Args:
            X, y, sample_weight: as for `fit`.
            classes: in the first call, all labels that will come.

        Raises:
            InputError: the first call is not told the classes; or y has others.
        """
        if classes is None and not hasattr(self, "model_"):
            raise InputError(
                "partial_fit must know all classes from its first call on: partial_fit(X, y, classes=np.unique(labels))"
            )
        return self._fit_more(X, y, sample_weight, classes)

    def predict(self, X: Any) -> np.ndarray:
        """The label of each sample, (N,)."""
        scores = self._outputs(X)
        return self.classes_[np.argmax(scores, axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, (N, classes), in the order of `classes_`: the softmax of the scores."""
        return softmax(self._outputs(X))

    def decision_function(self, X: Any) -> np.ndarray:
        """The scores, (N, classes); of two classes by how much that of the second is greater, (N,)."""
        scores = self._outputs(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores
