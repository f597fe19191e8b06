"""How a tensor becomes a plain number or array, and when it refuses, lest a gradient be lost or a trace be frozen."""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np

from .errors import ConversionError
from .foreign import to_numpy
from .rules import Traceable

open_tapes: ContextVar[tuple] = ContextVar("open_tapes", default=())
"""The tapes that record now, the outermost first. A new thread has none (in Pythons where threads inherit the context,
and in `asyncio.to_thread`, those of its maker); a task of asyncio begins with those that are open where it is made."""


HABITS = {
    "grad": "gradients are returned, not kept: `g = tape.gradient(loss, t)`",
    "backward": "gradients are asked of a tape: `with ntb.Tape() as tape: ...`, then `tape.gradient(loss, sources)`",
    "requires_grad": "`t = tape.watch(t)` says that gradients are wanted; Variables need no such call",
    "requires_grad_": "`t = tape.watch(t)` says that gradients are wanted; Variables need no such call",
    "detach": "ntb.stop_gradient(t) is the same value without a gradient",
    "view": "t.reshape(shape) gives another shape, t.astype(dtype) another dtype",
    "fill": "a tensor cannot be changed in place; np.full_like(t, x) makes a new one",
}
"""What is written here instead of an attribute that arrays and tensors of other libraries have."""


class Conversions(Traceable):
    """What Python and NumPy call to take a value out of a tensor."""

    __slots__ = ()

    def read(self) -> Any:
        """The tensor itself; for a variable its present value."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        """Asked for what tensors do not have; habits from other libraries are told what to do here."""
        raise AttributeError(
            f"a {type(self).__name__} has no attribute {name!r}; "
            + HABITS.get(name, f"where NumPy has the function, write np.{name}(t)")
        )

    def numpy(self) -> Any:
        """The value as a read-only array (a NumPy scalar for a full reduction). No gradient flows through it.

        An array of Dask is computed, one of CuPy is fetched from the GPU.
        """
        for tape in open_tapes.get():
            if tape.keep:
                raise ConversionError(
                    "a value cannot leave a traced function: .numpy() would freeze the number of this run into "
                    "the program; return the tensor and read it outside"
                )
        return read_only(to_numpy(self.read().value))

    def item(self) -> Any:
        """The single number of a tensor of size one, as a Python number."""
        return to_numpy(self._number("item()")).item()

    def tolist(self) -> Any:
        """The value as nested Python lists."""
        return to_numpy(self._number("tolist()")).tolist()

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
        elif copy is not False:  # libraries exist that write into what is marked as read-only
            value = np.array(value)
        elif max_version is None or max_version < (1, 0):
            raise BufferError("a tensor is read-only, which DLPack can say since version 1.0; export a copy")
        else:
            value = read_only(np.asarray(value))
        return value.__dlpack__(**{name: x for name, x in options.items() if x is not None})

    def _number(self, what: str) -> Any:
        tensor = self.read()
        for tape in open_tapes.get():
            if tape.keep or tensor.token in tape.tracked:
                raise ConversionError(
                    f"{what} would "
                    + ("freeze the number of this run into the traced program" if tape.keep
                       else "cut the gradient of a tensor that an open tape tracks")
                    + ". To compute on with it use NumPy functions (np.sin for math.sin, np.stack or "
                    "np.array([t, u], like=t) for a list, np.full(shape, t, like=t) for np.full, ntb.scipy for SciPy's "
                    "Python functions); to read its value, "
                    + ("return it from the traced function" if tape.keep
                       else "call .numpy(), or do so after the tape's block")
                )  # fmt: skip
        return tensor.value

    def decide(self, kind: Callable[[Any], Any]) -> Any:
        """The value as Python's control flow sees it. A tape that keeps everything notes which way it went."""
        tensor = self.read()
        if kind is not bool and tensor.dtype.kind not in "iub":
            return kind(self._number(f"{kind.__name__}()"))
        answer = kind(tensor.value)
        for tape in open_tapes.get():
            if tape.keep:
                tape.note(guard, (kind, tensor), {}, answer, effect="guard")
        return answer


def guard(kind: Callable[[Any], Any], value: Any) -> Any:
    """What a decision of Python's control flow looked at, as it stands in a trace."""
    return kind(value)


def read_only(value: Any) -> Any:
    """A view of the array that cannot be written to."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value
