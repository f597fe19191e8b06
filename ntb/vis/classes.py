"""What a classifier takes for what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from ..markup.graph import INK
from ..metrics.confusion import confusion_matrix
from ..metrics.examples import labelled as as_labels
from .pictures import captioned, images
from .plot import array, as_images, figure, labelled


def confusion(
    predictions: Any,
    targets: Any,
    classes: Sequence[str],
    x: Any = None,
    *,
    samples: int = 16,
    title: str = "",
    figsize: tuple[float, float] | None = None,
    cmap: str = "gray",
    interpolation: str = "nearest",
) -> Any:
    """What a classifier takes for what: the confusion matrix, and, with the images, samples of each confusion.

    Args:
        predictions: the classifier's scores (N, K), of which the greatest counts, or its answers, integers (N,).
        targets: the true classes, integers (N,). (Predictions come first, as in metrics.)
        classes: the names of the classes.
        x: the images, as in `images`; samples of those that were taken for another class are shown beside the matrix.
        samples: how many, of as many different confusions as there are.
        title: stands above; by itself how many are right.
        figsize: width and height in inches; cmap, interpolation: of the samples, as in `images`.

    Returns:
        A matplotlib Figure. In the matrix a row is a true class, a column an answer; the darker, the larger the part of
        its row.

    Raises:
        InputError: what metrics refuse; a class without a name; not as many images.

    >>> figure = confusion([0, 1, 0], [0, 1, 1], ["cat", "dog"])
    >>> figure.get_suptitle()
    '2 of 3 right (66.7 %)'
    """
    answers, labels = _known(predictions, targets, classes)
    counts = np.zeros((len(classes), len(classes)), int)
    found = confusion_matrix(answers, labels)
    counts[: len(found), : len(found)] = found[: len(classes), : len(classes)]  # it has two classes at least
    wrong = np.flatnonzero(labels != answers)
    drawing = figure(*(figsize or (10 if x is not None and len(wrong) else 5, 5)))
    right = len(labels) - len(wrong)
    drawing.suptitle(title or f"{right} of {len(labels)} right ({100 * right / len(labels):.1f} %)", fontsize=11)
    if x is None or not len(wrong):
        _matrix(drawing.add_subplot(), counts, classes)
        return drawing
    left, right_half = drawing.subfigures(1, 2, width_ratios=(1.1, 1))
    _matrix(left.add_subplot(), counts, classes)
    chosen = wrong[_turns(labels[wrong] * len(classes) + answers[wrong])[:samples]]
    rows = max(3, math.ceil(len(chosen) / 4))
    told = _told(answers[chosen], labels[chosen], classes)
    captioned(right_half, as_images(array(x)[chosen]), told, 4, rows, cmap, interpolation)
    return drawing


def predictions(
    predictions: Any,
    targets: Any,
    classes: Sequence[str],
    x: Any,
    *,
    correct: bool = False,
    samples: int = 30,
    columns: int = 10,
    title: str = "",
    **style: Any,
) -> Any:
    """Images with what they are and what they were taken for: the wrong ones, or the right ones.

    Args:
        predictions, targets, classes, x: as in `confusion`.
        correct: whether to show those that were recognised.
        samples: how many at most, of as many different kinds as there are.
        columns: how many stand in a row; title: stands above; style: `figsize`, `cmap` and `interpolation`, as in
            `images`.

    Returns:
        A matplotlib Figure.

    Raises:
        InputError: what `confusion` refuses, or no prediction of this kind.

    >>> figure = predictions([0, 1, 0], [0, 1, 1], ["cat", "dog"], np.zeros((3, 8, 8)))
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['dog\\nas cat']
    """
    answers, labels = _known(predictions, targets, classes)
    found = np.flatnonzero((answers == labels) == correct)
    if not len(found):
        raise InputError(f"no prediction is {['wrong', 'right'][correct]}; correct={not correct} shows the others")
    chosen = found[_turns(labels[found] * len(classes) + answers[found])[:samples]]
    told = _told(answers[chosen], labels[chosen], classes)
    title = title or f"{len(chosen)} of {len(found)} that are {['wrong', 'right'][correct]}"
    return images(array(x)[chosen], told, columns=min(columns, len(chosen)), title=title, **style)


def _known(predictions: Any, targets: Any, classes: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Answers and true classes, all of which have names."""
    answers, labels, _ = as_labels(predictions, targets, None)
    for name, a in (("predictions", answers), ("targets", labels)):
        if a.ndim != 1 or not a.size:
            raise InputError(f"{name} are (N,), one for each of one example or more, and have the shape {a.shape}")
        if a.max() >= len(classes):
            raise InputError(f"class {a.max()} is among the {name}, and only {len(classes)} classes are named")
    return answers, labels


def _told(answers: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> list[str]:
    """For each image what it is, and what it was taken for if that is something else."""
    return [
        classes[label] if label == answer else f"{classes[label]}\nas {classes[answer]}"
        for answer, label in zip(answers, labels)
    ]


def _turns(kinds: np.ndarray) -> np.ndarray:
    """An order in which each kind comes once before any comes a second time."""
    earlier = [np.count_nonzero(kinds[:i] == kind) for i, kind in enumerate(kinds)]
    return np.argsort(earlier, kind="stable")


def _matrix(axes: Any, counts: np.ndarray, classes: Sequence[str]) -> None:
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (i, j), count in np.ndenumerate(counts):
        if count:
            axes.text(j, i, str(count), ha="center", va="center", fontsize=8, color="w" if share[i, j] > 0.5 else INK)
    positions = range(len(classes))
    long = max(map(len, classes)) > 2
    axes.set_xticks(positions, classes, fontsize=8, rotation=45 if long else 0, ha="right" if long else "center")
    axes.set_yticks(positions, classes, fontsize=8)
    labelled(axes, "taken for", "is")
