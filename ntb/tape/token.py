"""Token: which value is meant, without holding it."""

from __future__ import annotations

from typing import Any

import numpy as np


class Shaped:
    """What follows from a shape."""

    __slots__ = ()
    shape: Any

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=int))


class Token(Shaped):
    """Names one value on tapes. It knows the value's shape and dtype, so that a record can do without the array."""

    __slots__ = ("__weakref__", "dtype", "shape")

    def __init__(self, value: Any) -> None:
        self.shape: tuple[int, ...] = value.shape
        self.dtype: np.dtype = value.dtype

    def __repr__(self) -> str:
        return f"<{self.dtype}{list(self.shape)}>"
