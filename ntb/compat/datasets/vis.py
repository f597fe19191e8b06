"""Pictures of data and predictions, by their old names; each returns a matplotlib figure (see `ntb.vis`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ... import vis
from ...errors import InputError


def preprocess_image(image: Any) -> np.ndarray:
    """An image as (C, H, W): a row of 784 numbers becomes (1, 28, 28)."""
    return preprocess_images(np.asarray(image)[None])[0]


def preprocess_images(images: Any) -> np.ndarray:
    """Images as (N, C, H, W), from there or from rows of square grey images (N, D)."""
    images = np.asarray(images)
    if images.ndim == 4:
        return images
    side = round(images.shape[-1] ** 0.5) if images.ndim == 2 else 0
    if side * side != images.shape[-1] or images.ndim != 2:
        raise InputError(f"images have shape (N, C, H, W), or (N, D) with D a square number, not {images.shape}")
    return images.reshape(len(images), 1, side, side)


def render_images(
    X: Any, y: Any, classes: Sequence[str], samples_per_class: int = 7, *, title: str = "", **style: Any
) -> Any:
    """A row of samples of every class; `style` as for `styled`."""
    y = np.asarray(y)
    rows = [np.flatnonzero(y == k)[:samples_per_class] for k in range(len(classes))]
    order = np.concatenate(rows)
    captions = [classes[k] for k in y[order]]
    return styled(vis.images(preprocess_images(X)[order], captions, columns=samples_per_class, title=title), **style)


def render_images_1(
    X: Any, y: Any = None, classes: Sequence[str] = (), samples_per_class: int = 7, *, title: str = "",
    columns: int | None = None, **style: Any,
) -> Any:  # fmt: skip
    """The images as they come; with labels and classes what `render_images` shows."""
    if y is not None:
        return render_images(X, y, classes, samples_per_class, title=title, **style)
    return styled(vis.images(preprocess_images(X), columns=columns, title=title), **style)


def render_predictions(
    X: Any, y: Any, y_pred: Any, classes: Sequence[str], samples_per_class: int = 7, correct: bool = False,
    *, title: str = "", **style: Any,
) -> Any:  # fmt: skip
    """Images with what they were taken for: the wrong ones, or with `correct` the right ones."""
    y, y_pred = np.asarray(y), np.asarray(y_pred)
    chosen = (y == y_pred) == correct
    if not np.any(chosen):
        raise InputError(
            f"no prediction is {'right' if correct else 'wrong'}, so there is nothing to show; the others are shown "
            f"with correct={not correct}"
        )
    return render_images(np.asarray(X)[chosen], y_pred[chosen], classes, samples_per_class, title=title, **style)


def render_confusion_sample(
    data: Mapping[str, Any],
    model: Any = None,
    pred_fn: Callable[[Any], Any] | None = None,
    subset: str = "val",
    *,
    samples: int = 16,
    title: str = "",
    **style: Any,
) -> Any:
    """Samples of each confusion of a model, or of a function that predicts, on a subset of the data."""
    if pred_fn is None:
        if model is None:
            raise InputError("render_confusion_sample needs a model, or a function pred_fn")
        pred_fn = model.predict
    X, y = data[f"X_{subset}"], data[f"y_{subset}"]
    answers = np.asarray(pred_fn(X))
    return styled(
        vis.confusion(y, answers, data["classes"], preprocess_images(X), samples=samples, title=title), **style
    )


def visualizer(loaded: Mapping[str, Any]) -> Callable[..., Any]:
    """The function `visualize(data=..., subset="train")` that a loader returns beside its data."""

    def visualize(data: Mapping[str, Any] = loaded, subset: str = "train", **kw: Any) -> Any:
        return render_images(data[f"X_{subset}"], data[f"y_{subset}"], data["classes"], **kw)

    return visualize


def styled(figure: Any, *, figsize: Any = None, cmap: Any = None, interpolation: str | None = None) -> Any:
    """A figure in the style that was global in the earlier ntb.

    Args:
        figsize: width and height in inches; cmap: the colours of grey images; interpolation: between their pixels.
    """
    if figsize is not None:
        figure.set_size_inches(figsize)
    for image in [image for axes in figure.axes for image in axes.images]:
        if image.get_cmap().name != "gray":
            continue  # not of an image: the matrix of a confusion
        if cmap is not None:
            image.set_cmap(cmap)
        if interpolation is not None:
            image.set_interpolation(interpolation)
    return figure
