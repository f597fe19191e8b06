"""ForeignTensor: a tensor of a foreign array. This module registers it with the engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import adopters
from ..chapters import chapters
from ..tape.operation import Operation
from ..tape.tensor import Tensor
from ..tape.value_id import ValueId
from .libraries import admitted, brought, is_foreign, is_lazy, to_numpy, untraceable
from .running import run


class _ForeignId(ValueId):
    """The id of a value that is a foreign array."""

    __slots__ = ("sample",)

    needs_tensors = True

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.sample = np.empty(0, like=value)  # an empty array of the same library

    def zeros(self) -> Any:
        return np.zeros(self.shape, dtype=self.dtype, like=self.sample)


class ForeignTensor(Tensor):
    """A tensor of a foreign array. It applies operations, and gives out its value, in the way of that library."""

    __slots__ = ()

    Id = _ForeignId

    def apply(self, operation: Operation, args: tuple, kwargs: dict) -> Any:
        """What the engine's `apply` does if this is the first foreign tensor among the arguments."""
        return run(self, operation, args, kwargs)

    def like(self, other: Tensor) -> Tensor:
        return other if isinstance(other, ForeignTensor) else ForeignTensor(brought(other.value, self.value), other.id)

    def held(self, id: Any) -> Tensor:
        return Tensor(self.fetched()).held(id) if is_lazy(self.value) else ForeignTensor(self.value, id)

    def fetched(self) -> Any:
        return to_numpy(self.value)

    def stand_in(self) -> Any:
        """A NumPy array with this shape and dtype, to ask about these; it takes no memory for its elements."""
        return np.broadcast_to(np.zeros((), self.dtype), self.shape)

    def untraceable(self) -> Exception:
        """The error of a traced function that is given this tensor."""
        return untraceable(self.value)


def _adopt(x: Any) -> ForeignTensor | None:
    """A tensor with a copy of a foreign array, since the owner of the array may change it."""
    return ForeignTensor(admitted(x).copy()) if is_foreign(x) else None


adopters.append(_adopt)
chapters |= {"ntb.foreign.lacking": "numpy", "ntb.dask": "dask.array"}
