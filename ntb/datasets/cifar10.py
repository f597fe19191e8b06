"""CIFAR-10: small colour photographs (Krizhevsky, "Learning multiple layers of features from tiny images", 2009)."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from . import pickles
from .dataset import Dataset
from .download import fetched

__all__ = ["download", "load"]

HOME = "https://www.cs.toronto.edu/~kriz/cifar.html"
_URL = "https://www.cs.toronto.edu/~kriz/"
_FILES = {"cifar-10-python.tar.gz": "c58f30108f718f92721af3b95e74349a"}
_FOLDER = "cifar-10-batches-py"  # in the archive
_PIXELS = 3 * 32 * 32
BATCHES = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]


def load(folder: str | PathLike[str]) -> Dataset:
    """The five training batches, and the test batch for validation; images of shape (3, 32, 32).

    `folder` holds the files of the set's "python version" (data_batch_1, ..., batches.meta) or of its "binary version"
    (data_batch_1.bin, ..., batches.meta.txt). Batches may have any number of images.
    `load(download())` has them fetched.

    Raises FileNotFoundError when a file is missing, ValueError when one is damaged. The pickles of the python version
    are read without running what they might contain: anything but arrays, text and plain containers is refused.
    """
    folder = Path(folder)
    binary = (folder / "data_batch_1.bin").is_file()
    suffix, meta = (".bin", "batches.meta.txt") if binary else ("", "batches.meta")
    paths = [folder / (name + suffix) for name in BATCHES]
    missing = [path.name for path in [*paths, folder / meta] if not path.is_file()]
    if missing:
        raise FileNotFoundError(
            f"CIFAR-10 is not complete in {folder}: {', '.join(missing)} missing. The set can be had from {HOME}, "
            "and cifar10.download() fetches it; give load the folder into which its files were unpacked"
        )
    read = _read_binary if binary else _read_python
    *train, (x_val, y_val) = [_checked(path, *read(path)) for path in paths]
    return Dataset(
        x_train=np.concatenate([x for x, _ in train]),
        y_train=np.concatenate([y for _, y in train]),
        x_val=x_val,
        y_val=y_val,
        classes=_class_names(folder / meta, binary),
    )


def download(folder: str | PathLike[str] | None = None) -> Path:
    """Fetch the "python version" (170 MB), unpack it and return the folder of its files: by itself one in the cache,
    where they stay.

    Raises InputError when pooch is not installed, or what came has another checksum; OSError when it cannot be fetched.
    """
    members = [f"{_FOLDER}/{name}" for name in (*BATCHES, "batches.meta")]
    return fetched("cifar10", _URL, _FILES, folder, unpack=members) / _FOLDER


def _checked(path: Path, pixels: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != _PIXELS:
        raise _damaged(path, f"expected uint8 rows of {_PIXELS} pixels, found {pixels.dtype} of shape {pixels.shape}")
    if labels.shape != pixels.shape[:1] or labels.dtype.kind not in "iu":
        raise _damaged(path, f"expected {len(pixels)} labels, found {labels.dtype} of shape {labels.shape}")
    if labels.size == 0 or labels.min() < 0 or labels.max() > 9:
        raise _damaged(path, "expected at least one image, and labels from 0 to 9")
    return pixels.reshape(-1, 3, 32, 32), labels.astype(np.int64)


def _damaged(path: Path, what: str) -> ValueError:
    return ValueError(f"{path} is damaged: {what}. The set can be had from {HOME}")


# ---- the binary version: records of a label byte and the pixels ----


def _read_binary(path: Path) -> tuple[np.ndarray, np.ndarray]:
    content = np.fromfile(path, np.uint8)
    if content.size % (1 + _PIXELS):
        raise _damaged(path, f"{content.size} bytes are not a multiple of the {1 + _PIXELS} that an image takes")
    records = content.reshape(-1, 1 + _PIXELS)
    return records[:, 1:], records[:, 0]


# ---- the python version: dictionaries pickled by Python 2 ----


def _read_python(path: Path) -> tuple[np.ndarray, np.ndarray]:
    batch = _unpickle(path)
    if "data" not in batch or "labels" not in batch:
        raise _damaged(path, f"expected entries 'data' and 'labels', found {list(batch)}")
    return np.asarray(batch["data"]), np.asarray(batch["labels"])


def _class_names(path: Path, binary: bool) -> tuple[str, ...]:
    names = path.read_text(encoding="latin1").split() if binary else _unpickle(path).get("label_names", [])
    if len(names) != 10:
        raise _damaged(path, f"expected the names of 10 classes, found {len(names)}")
    return tuple(map(_text, names))


def _unpickle(path: Path) -> dict[str, Any]:
    try:
        content = pickles.read(path)
    except ValueError as error:
        raise ValueError(f"{error}. The set can be had from {HOME}") from error
    if not isinstance(content, dict):
        raise _damaged(path, f"expected a dictionary, found {type(content).__name__}")
    return {_text(key): value for key, value in content.items()}


def _text(name: str | bytes) -> str:
    return name.decode("latin1") if isinstance(name, bytes) else name
