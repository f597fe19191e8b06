"""MNIST: handwritten digits, 28 by 28 pixels (LeCun, Cortes, Burges; http://yann.lecun.com/exdb/mnist/)."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np

from . import idx
from .dataset import Dataset
from .download import fetched

__all__ = ["download", "load"]

_CLASSES = tuple("0123456789")
EMBEDDED = Path(__file__).with_name("embedded")
_ADVICE = (
    "mnist.download() fetches the four files, which can be had from http://yann.lecun.com/exdb/mnist/ or any of its "
    "mirrors, too; load() without a folder needs no files"
)
_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"  # a mirror
_FILES = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}


def load(folder: str | PathLike[str] | None = None) -> Dataset:
    """The digits, images of shape (1, 28, 28).

    Without a folder: the 7,000 images that come with ntb, 6,000 for training and 1,000 for validation, each digit
    equally often, all from MNIST's training set (scripts/make_embedded_data.py chose them).
    With a folder: the whole set from its four IDX files, plain or .gz; 60,000 images for training, and the 10,000 of
    the test set for validation. `load(download())` has them fetched.

    Raises FileNotFoundError when a file is missing, ValueError when one is damaged.

    >>> load()
    Dataset(6000 for training, 1000 for validation: images (1, 28, 28) uint8, 10 classes)
    """
    if folder is None:
        return Dataset(*read_part(EMBEDDED, "train"), *read_part(EMBEDDED, "validation"), _CLASSES)
    return Dataset(*read_part(Path(folder), "train"), *read_part(Path(folder), "t10k"), _CLASSES)


def download(folder: str | PathLike[str] | None = None) -> Path:
    """Fetch the four files (12 MB) and return their folder: by itself one in the cache, where they stay.

    Raises InputError when pooch is not installed, or what came has another checksum; OSError when it cannot be fetched.
    """
    return fetched("mnist", _URL, _FILES, folder)


def read_part(folder: Path, part: str, name: str = "MNIST", advice: str = _ADVICE) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, 1, 28, 28) uint8 and labels (N,) int64 of one part of the set, "train" or "t10k"; name and
    advice are for who lacks a file."""
    image_file, label_file = [
        _find(folder, [f"{part}-{kind}{mark}{number}-ubyte{end}" for mark in "-." for end in ("", ".gz")], name, advice)
        for kind, number in (("images", "idx3"), ("labels", "idx1"))
    ]
    images, labels = idx.read(image_file), idx.read(label_file)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28):
        raise ValueError(
            f"{image_file}: expected uint8 images of 28 by 28, found {images.dtype} of shape {images.shape}"
        )
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{label_file}: expected {len(images)} uint8 labels, one per image of {image_file.name}, "
            f"found {labels.dtype} of shape {labels.shape}"
        )
    if labels.size and labels.max() > 9:
        raise ValueError(f"{label_file}: expected labels from 0 to 9, found {labels.max()}")
    return images[:, np.newaxis], labels.astype(np.int64)


def _find(folder: Path, names: list[str], of: str, advice: str) -> Path:
    for path in (folder / name for name in names):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{of} is not complete in {folder}: none of {', '.join(names)} is there; {advice}")
