"""The area under the receiver operating characteristic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from ..nn.checks import of_shape
from .examples import counted, plain, whole
from .metric import Metric, measured


class AUC(Metric):
    """The probability that a positive example has a higher score than a negative one; equal scores count half.

    That is the area under the curve of hits against false alarms, over all thresholds (Hanley and McNeil, 1982). It is
    exact, for which all scores are kept: nine bytes for each example. Shapes and types are as for `roc_auc`.

    >>> m = AUC()
    >>> m.update([0.1, 0.4], [0, 0])
    >>> m.update([0.35, 0.8], [1, 1])
    >>> m.result()
    0.75
    """

    def first(self) -> dict[str, np.ndarray]:
        return {"scores": np.zeros(0), "positive": np.zeros(0, bool)}

    def reset(self) -> None:
        """Forget all examples, as at the beginning of an epoch."""
        super().reset()
        self._batches: list[tuple[np.ndarray, np.ndarray]] = []

    def update(self, predictions: Any, targets: Any, *, mask: Any = None) -> None:
        """Add a batch: scores (...); labels (...), 0 and 1; a mask of bools (...): which examples count."""
        scores, labels = plain(predictions, "scores"), whole(targets, "labels")
        of_shape(scores.shape, labels, "labels")
        keep = counted(mask, labels.shape)
        scores, labels = scores[keep], labels[keep]
        if not np.isin(labels, (0, 1)).all():
            raise InputError(
                f"the labels are 0 and 1, and these reach from {labels.min()} to {labels.max()}; of several classes "
                "one is taken against the rest, as in roc_auc(scores[:, 2], labels == 2)"
            )
        self._batches.append((scores.astype(float), labels == 1))

    def result(self) -> float:
        """The metric of all examples since the last reset.

        Raises:
            InputError: they are all positive, or all negative, so that there is no pair to compare.
        """
        sums = self._joined()
        values, places = np.unique(sums["scores"], return_inverse=True)
        positive = np.bincount(places[sums["positive"]], minlength=len(values))  # how many have each score
        negative = np.bincount(places[~sums["positive"]], minlength=len(values))
        pairs = int(positive.sum()) * int(negative.sum())
        if not pairs:
            raise InputError(
                "the area compares positive examples with negative ones, labels 1 and 0; there are "
                f"{positive.sum()} and {negative.sum()}"
            )
        below = np.cumsum(negative) - negative
        return int(np.sum(positive * (2 * below + negative))) / (2 * pairs)

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all arrays that it remembers, by name."""
        self._joined()
        return super().state()

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from what `state` gave, in another process too."""
        super().restore(state)
        self._batches = []

    def _joined(self) -> dict[str, np.ndarray]:
        """The sums, with the batches since they were last asked for: to join them at once costs less than each time."""
        parts = [(self.sums["scores"], self.sums["positive"]), *self._batches]
        scores, positive = zip(*parts, strict=True)
        self.sums = {"scores": np.concatenate(scores), "positive": np.concatenate(positive)}
        self._batches = []
        return self.sums


def roc_auc(scores: Any, targets: Any, *, mask: Any = None) -> float:
    """The probability that a positive example has a higher score than a negative one; equal scores count half.

    That is the area under the curve of hits against false alarms, over all thresholds (Hanley and McNeil, 1982).

    Args:
        scores: any shape, numbers of any type: probabilities or logits of the class 1.
        targets: labels of that shape, 0 and 1.
        mask: bools of that shape: which examples count.

    Returns:
        A float, exact.

    Raises:
        InputError: shapes that do not fit; other labels; labels that are all the same; a mask that is not of bools.

    >>> roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    return measured(AUC(), scores, targets, mask=mask)
