"""ValueId: which value is meant, without holding it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import Shaped


class ValueId(Shaped):
    """One value on tapes, by identity. It knows its shape and dtype, so that a record can do without the array."""

    __slots__ = ("__weakref__", "dtype", "shape")

    needs_tensors = False
    """Whether rules must be given this value as a tensor, as its array is not one of NumPy's."""

    def __init__(self, value: Any) -> None:
        self.shape: tuple[int, ...] = value.shape
        self.dtype: np.dtype = value.dtype

    def zeros(self) -> Any:
        """An array of zeros in the shape and dtype of the value."""
        return np.zeros(self.shape, self.dtype)

    def __repr__(self) -> str:
        return f"<{self.dtype}{list(self.shape)}>"
