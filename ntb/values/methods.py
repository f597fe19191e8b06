"""The methods and attributes that tensors share with NumPy's arrays: NumPy's functions as methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..arguments import Traceable
from ..extending import extends
from ..habits import knows_habits
from ..messages import no_items, no_length
from ..tape.tensor import ArrayLike, Tensor, on_tensors
from ..values.creation import astype, number_type


@extends(ArrayLike)
class ArrayMethods(Traceable):
    """NumPy's functions that can be called on an array: `t.sum()` is `np.sum(t)`."""

    all, any = knows_habits(np.all), knows_habits(np.any)
    argmax, argmin, argsort = knows_habits(np.argmax), knows_habits(np.argmin), knows_habits(np.argsort)
    round = np.round
    cumprod, cumsum = knows_habits(np.cumprod), knows_habits(np.cumsum)
    diagonal, trace = np.diagonal, np.trace
    max, min, prod, sum = knows_habits(np.max), knows_habits(np.min), knows_habits(np.prod), knows_habits(np.sum)
    mean, std, var = knows_habits(np.mean), knows_habits(np.std), knows_habits(np.var)
    nonzero, sort = np.nonzero, knows_habits(np.sort)
    ravel, repeat, squeeze = np.ravel, knows_habits(np.repeat), knows_habits(np.squeeze)
    swapaxes, take = np.swapaxes, knows_habits(np.take)
    copy = np.copy

    @property
    def T(self) -> Tensor:
        """The array with its axes reversed."""
        return on_tensors.transpose(self)

    @property
    def mT(self) -> Tensor:
        """The array with its last two axes exchanged."""
        return on_tensors.swapaxes(self, -1, -2)

    @property
    def real(self) -> Tensor:
        return on_tensors.real(self)

    @property
    def imag(self) -> Tensor:
        return on_tensors.imag(self)

    def __len__(self) -> int:
        if not self.shape:
            raise no_length()
        return self.shape[0]

    def __iter__(self: Any) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise no_items()

    def reshape(self, *shape: Any, order: str = "C") -> Tensor:
        return on_tensors.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes: Any) -> Tensor:
        return on_tensors.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def astype(self, dtype: Any) -> Tensor:
        return astype(self, number_type(dtype))

    def flatten(self) -> Tensor:
        return on_tensors.ravel(self)

    def dot(self, other: Any) -> Tensor:
        return on_tensors.dot(self, other)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        return on_tensors.clip(self, min, max)

    def conj(self) -> Tensor:
        return on_tensors.conjugate(self)
