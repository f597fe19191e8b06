"""Pictures of data and predictions, by their old names; each returns a matplotlib figure.

`style` stands for the keywords of the picture of `ntb.vis` that is drawn: `title`, `figsize`, `cmap`, `interpolation`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ... import vis
from ...errors import InputError

graph = vis.graph


def render_cnn_filters(w: Any, **style: Any) -> Any:
    """The filters of a convolution (F, C, H, W): an array, or a Variable node; `style` as for `ntb.vis.filters`."""
    return vis.filters(getattr(w, "value", w), **style)


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


def render_images(X: Any, y: Any, classes: Sequence[str], samples_per_class: int = 7, **style: Any) -> Any:
    """Samples of every class, a column for each."""
    return vis.gallery(preprocess_images(X), y, classes, samples=samples_per_class, **style)


def render_images_1(
    X: Any, y: Any = None, classes: Sequence[str] = (), samples_per_class: int = 7, **style: Any
) -> Any:
    """The images as they come, in `columns=` if that is given; with labels and classes what `render_images` shows."""
    if y is not None:
        return render_images(X, y, classes, samples_per_class, **style)
    return vis.images(preprocess_images(X), **style)


def render_predictions(
    X: Any, y: Any, y_pred: Any, classes: Sequence[str], samples_per_class: int = 7, correct: bool = False, **style: Any
) -> Any:
    """Images with what they are and were taken for: the wrong ones, or with `correct` the right ones."""
    samples = samples_per_class * len(classes)
    return vis.predictions(y_pred, y, classes, preprocess_images(X), correct=correct, samples=samples, **style)


def render_confusion_sample(
    data: Mapping[str, Any], model: Any = None, pred_fn: Callable[[Any], Any] | None = None, subset: str = "val",
    **style: Any,
) -> Any:  # fmt: skip
    """Samples (`samples=`) of each confusion of a model, or of a function that predicts, on a subset of the data."""
    if model is None and pred_fn is None:
        raise InputError("render_confusion_sample needs a model, or a function pred_fn")
    X, y = data[f"X_{subset}"], data[f"y_{subset}"]
    answers = np.asarray((pred_fn or model.predict)(X))
    return vis.confusion(answers, y, data["classes"], preprocess_images(X), **style)


def loaded(data: Any, num_train: int, num_val: int) -> tuple[dict[str, Any], Callable[..., Any]]:
    """What loaders return: the first images of a dataset in a dict, and a function that shows samples of a subset."""
    result = {
        "X_train": data.x_train[:num_train], "y_train": data.y_train[:num_train],
        "X_val": data.x_val[:num_val], "y_val": data.y_val[:num_val], "classes": list(data.classes),
    }  # fmt: skip

    def visualize(data: Mapping[str, Any] = result, subset: str = "train", **style: Any) -> Any:
        return render_images(data[f"X_{subset}"], data[f"y_{subset}"], data["classes"], **style)

    return result, visualize
