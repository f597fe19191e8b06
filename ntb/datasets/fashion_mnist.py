"""Fashion-MNIST: clothes from a shop, 28 by 28 pixels, in the files and sizes of MNIST (Xiao, Rasul and Vollgraf,
"Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", 2017)."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from .dataset import Dataset
from .download import fetched
from .mnist import read_part

__all__ = ["download", "load"]

_CLASSES = ("T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
_ADVICE = (
    "fashion_mnist.download() fetches the four files; they are at https://github.com/zalandoresearch/fashion-mnist, too"
)
_URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
_FILES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}


def load(folder: str | PathLike[str]) -> Dataset:
    """The whole set from its four files, plain or .gz: 60,000 images of shape (1, 28, 28) for training, and the 10,000
    of the test set for validation. `load(download())` has the files fetched.

    Raises FileNotFoundError when a file is missing, ValueError when one is damaged.
    """
    train, validation = (read_part(Path(folder), part, "Fashion-MNIST", _ADVICE) for part in ("train", "t10k"))
    return Dataset(*train, *validation, _CLASSES)


def download(folder: str | PathLike[str] | None = None) -> Path:
    """Fetch the four files (31 MB) and return their folder: by itself one in the cache, where they stay.

    Raises InputError when pooch is not installed, or what came has another checksum; OSError when it cannot be fetched.
    """
    return fetched("fashion_mnist", _URL, _FILES, folder)
