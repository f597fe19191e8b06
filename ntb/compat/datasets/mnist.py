"""MNIST as a dict of uint8 arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...datasets import mnist
from ...datasets.dataset import Dataset
from ...errors import InputError
from .vis import loaded


def load(
    mode: str = "1d", num_train: int = 2000, num_val: int = 500, path: str | None = None
) -> tuple[dict[str, Any], Any]:
    """Random training and validation images, uint8, which NumPy's global generator draws.

    Args:
        mode: "1d" for X of shape (n, 784), "2d" for (n, 1, 28, 28).
        num_train, num_val: how many images.
        path: a folder with the two IDX files of MNIST's training set; by itself the 7,000 images inside the package.
    """
    if mode not in ("1d", "2d"):
        raise InputError(f'mode is "1d" or "2d", not {mode!r}')
    folder, names = (mnist.EMBEDDED, ["train", "validation"]) if path is None else (Path(path), ["train"])
    images, labels = map(np.concatenate, zip(*[mnist.read_part(folder, name) for name in names]))
    if num_train + num_val > len(images):
        asked = f"{num_train} + {num_val} images are asked for"
        raise InputError(f"{asked}, and there are {len(images)}; MNIST has 60000: name the folder of its files, path=")
    order = np.random.permutation(len(images))[: num_train + num_val]
    x, y = images[order], labels[order].astype(np.uint8)
    x = x.reshape(len(x), -1) if mode == "1d" else x
    shuffled = Dataset(x[:num_train], y[:num_train], x[num_train:], y[num_train:], tuple("0123456789"))
    return loaded(shuffled, num_train, num_val)
