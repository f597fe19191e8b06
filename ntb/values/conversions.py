"""How a tensor becomes a plain number or array. It refuses if a gradient would be lost or a value frozen in a trace."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import Traceable
from ..extending import extends
from ..habits import of_class
from ..tape.listener import listeners
from ..tape.tensor import ArrayLike, Tensor


@extends(ArrayLike)
class Conversions(Traceable):
    """What Python and NumPy call to take a value out of a tensor."""

    if TYPE_CHECKING:
        read: Callable[[], Any]

        def __getattr__(self, name: str) -> Any: ...  # rooms above give tensors more than type checkers can see

    else:
        __getattr__ = of_class("t")

    @property
    def __pandas_priority__(self) -> int:
        """More than a DataFrame has, so that pandas leaves `series * t` to us."""
        return 5000

    def numpy(self) -> Any:
        """The value as a read-only array (a NumPy scalar for a full reduction). No gradient flows through it.

        An array of Dask is computed, one of CuPy is fetched from the GPU.
        """
        tensor = self.read()
        for listener in listeners.get():
            listener.leave(tensor, ".numpy()", on_purpose=True)
        return read_only(tensor.fetched())

    def item(self) -> Any:
        """The single number of a tensor of size one, as a Python number."""
        return self._fetched("item()").item()

    def tolist(self) -> Any:
        """The value as nested Python lists."""
        return self._fetched("tolist()").tolist()

    def __float__(self) -> float:
        return float(self._number("float()"))

    def __int__(self) -> int:
        return int(self.decide(int))

    def __index__(self) -> int:
        return operator.index(self.decide(operator.index))

    def __complex__(self) -> complex:
        return complex(self._number("complex()"))

    def __bool__(self) -> bool:
        return self.decide(bool)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self._number("conversion to a NumPy array")
        return np.array(read_only(value), dtype=dtype, copy=copy)

    def __dlpack_device__(self) -> tuple[Any, int]:
        value = self.read().value
        return value.__dlpack_device__() if hasattr(value, "__dlpack_device__") else (1, 0)  # 1 is the CPU

    def __dlpack__(
        self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
    ) -> Any:
        """Export a copy of the value to another library; with `copy=False` the value itself, marked as read-only."""
        value = self._number("export through DLPack")
        options = {"stream": stream, "max_version": max_version, "dl_device": dl_device}
        if hasattr(value, "__dlpack__") and not isinstance(value, np.ndarray | np.generic):
            options["copy"] = copy
        elif copy is not False:  # some libraries write into arrays that are marked as read-only
            value = np.array(value)
        elif max_version is None or max_version < (1, 0):
            raise BufferError("a tensor is read-only, which DLPack can say since version 1.0; export a copy")
        else:
            value = read_only(np.asarray(value))
        return value.__dlpack__(**{name: x for name, x in options.items() if x is not None})

    def _leaving(self, how: str) -> Any:
        """The tensor whose value is about to become a plain number or array."""
        tensor = self.read()
        for listener in listeners.get():
            listener.leave(tensor, how)
        return tensor

    def _number(self, how: str) -> Any:
        return self._leaving(how).value

    def _fetched(self, how: str) -> Any:
        return np.asarray(self._leaving(how).fetched())

    def decide(self, kind: Callable[[Any], Any]) -> Any:
        """The value as Python's control flow sees it. A trace notes which way the program went."""
        tensor = self.read()
        if kind is not bool and tensor.dtype.kind not in "iub":
            return kind(self._number(f"{kind.__name__}()"))
        answer = kind(tensor.value)
        for listener in listeners.get():
            listener.decide(kind, tensor, answer)
        return answer


@extends(Tensor)
class Fetching:
    """Ways to the value. Tensors of foreign arrays have their own."""

    value: Any

    def fetched(self) -> Any:
        """The value as a NumPy array or scalar."""
        return self.value

    def stand_in(self) -> Any:
        """An array with this shape and dtype, to ask about these."""
        return self.value


def read_only(value: Any) -> Any:
    """A view of the array that cannot be written to."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value
