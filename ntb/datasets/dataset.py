"""What every set of labelled images looks like, whichever file it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Labelled images, split for training and validation.

    `x_train`, `x_val`: uint8 images of shape (N, channels, height, width), 0 to 255.
    `y_train`, `y_val`: int64 labels of shape (N,), each the position of its name in `classes`.

    Bytes are kept because they take an eighth of the memory of floats, but they are not for arithmetic: uint8 wraps
    around, so that `x - 128` turns black (0) into 128. Compute on `scaled()`.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    classes: tuple[str, ...]

    def scaled(self, dtype: DTypeLike = np.float32) -> Dataset:
        """The same data with images as floats from 0 to 1: x / 255.

        >>> import numpy as np
        >>> pixels = np.array([[[[0, 51, 255]]]], np.uint8)
        >>> data = Dataset(pixels, np.array([0]), pixels, np.array([0]), ("dash",))
        >>> data.scaled().x_train
        array([[[[0. , 0.2, 1. ]]]], dtype=float32)

        Raises TypeError if `dtype` is not a float type, or if the images have been scaled before.
        """
        dtype = np.dtype(dtype)
        if dtype.kind != "f":
            raise TypeError(f"scaled images lie between 0 and 1 and need a float dtype, got {dtype}; try np.float32")
        if self.x_train.dtype != np.uint8:
            raise TypeError(f"scaled() expects uint8 images, got {self.x_train.dtype}: call it once, on loaded data")
        whole = dtype.type(255)
        return replace(self, x_train=self.x_train / whole, x_val=self.x_val / whole)

    def __repr__(self) -> str:
        shape, dtype = self.x_train.shape[1:], self.x_train.dtype
        return (
            f"Dataset({len(self.x_train)} for training, {len(self.x_val)} for validation: "
            f"images {shape} {dtype}, {len(self.classes)} classes)"
        )
