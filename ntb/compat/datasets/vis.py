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


def render_images(X: Any, y: Any, classes: Sequence[str], samples_per_class: int = 7, **kw: Any) -> Any:
    """A row of samples of every class."""
    y = np.asarray(y)
    rows = [np.flatnonzero(y == k)[:samples_per_class] for k in range(len(classes))]
    order = np.concatenate(rows)
    return vis.images(
        preprocess_images(X)[order], [classes[k] for k in y[order]], columns=samples_per_class, **_known(kw)
    )


def render_images_1(X: Any, **kw: Any) -> Any:
    """The images as they come."""
    return vis.images(preprocess_images(X), **_known(kw))


def render_predictions(
    X: Any, y: Any, y_pred: Any, classes: Sequence[str], samples_per_class: int = 7, correct: bool = False, **kw: Any
) -> Any:
    """Images with what they were taken for: the wrong ones, or with `correct` the right ones."""
    y, y_pred = np.asarray(y), np.asarray(y_pred)
    chosen = (y == y_pred) == correct
    if not np.any(chosen):
        raise InputError(
            f"no prediction is {'right' if correct else 'wrong'}, so there is nothing to show; the others are shown "
            f"with correct={not correct}"
        )
    return render_images(np.asarray(X)[chosen], y_pred[chosen], classes, samples_per_class, **kw)


def render_confusion_sample(
    data: Mapping[str, Any],
    model: Any = None,
    pred_fn: Callable[[Any], Any] | None = None,
    subset: str = "val",
    **kw: Any,
) -> Any:
    """Samples of each confusion of a model, or of a function that predicts, on a subset of the data."""
    if pred_fn is None:
        if model is None:
            raise InputError("render_confusion_sample needs a model, or a function pred_fn")
        pred_fn = model.predict
    X, y = data[f"X_{subset}"], data[f"y_{subset}"]
    return vis.confusion(y, np.asarray(pred_fn(X)), data["classes"], preprocess_images(X), **_known(kw))


def visualizer(loaded: Mapping[str, Any]) -> Callable[..., Any]:
    """The function `visualize(data=..., subset="train")` that a loader returns beside its data."""

    def visualize(data: Mapping[str, Any] = loaded, subset: str = "train", **kw: Any) -> Any:
        return render_images(data[f"X_{subset}"], data[f"y_{subset}"], data["classes"], **kw)

    return visualize


def _known(kw: Mapping[str, Any]) -> dict[str, Any]:
    """The options that `ntb.vis` has; those of the earlier global settings (figsize, cmap, interpolation) go."""
    return {name: value for name, value in kw.items() if name in ("title", "columns", "samples")}
