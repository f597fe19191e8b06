"""Variable: a named cell that programs read and assign. Everything that changes between training steps is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .atomic import at_once
from .conversions import open_tapes, read_only
from .elsewhere import brought
from .errors import InputError, MutationError
from .foreign import is_foreign, is_lazy, to_numpy
from .tensor import ArrayLike, Tensor, astype, is_number, numeric, on_tensors
from .token import Token


class Variable(ArrayLike):
    """A cell that holds an array: a parameter, an optimizer's slot, a running statistic, a counter.

    Tapes watch trainable variables by themselves. An operation sees the value at that moment; `assign` puts a new one
    in its place, and what was recorded keeps the old. A gradient with respect to a variable counts every value that was
    read from it, and none flows through `assign`.

    Args:
        value: the first value, any shape; copied. An array of CuPy stays on its GPU; one of Dask is computed.
        trainable: whether tapes watch it by themselves and `trainable_variables()` lists it.
        name: how it is called in programs, checkpoints and errors.
        dtype: the element type, which it keeps; by itself that of the value.

    >>> w = Variable([1.0, 2.0], name="w")
    >>> w.assign_sub(0.5 * w)
    >>> w
    Variable([0.5, 1. ], name='w')
    """

    __slots__ = ("__weakref__", "_tensor", "name", "token", "trainable")

    def __init__(self, value: Any, *, trainable: bool = True, name: str | None = None, dtype: Any = None) -> None:
        if isinstance(value, ArrayLike):
            value = value.read().value
        if is_foreign(value) and not is_lazy(value):
            array = numeric(value.astype(value.dtype if dtype is None else dtype))
        else:
            array = numeric(np.array(to_numpy(value), dtype=dtype, order="C"))
        self.token = Token(array)
        self.name = name
        self.trainable = trainable
        self._tensor = Tensor(array, self.token)
        for tape in open_tapes.get():
            if tape.keep:
                tape.create(self)

    @property
    def value(self) -> np.ndarray:
        """The present value, as a read-only array. Assign with `assign`."""
        return read_only(self._tensor.value)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.token.shape

    @property
    def dtype(self) -> np.dtype:
        return self.token.dtype

    def read(self) -> Tensor:
        """The present value as a tensor; the open tapes take notice."""
        for tape in open_tapes.get():
            tape.see(self)
        return self._tensor

    def assign(self, value: Any) -> None:
        """Put a new value, of the variable's shape, in place of the old; it is brought to the variable's dtype, and to
        its library: an array of Dask is computed, one of CuPy fetched if the variable holds NumPy's.

        Raises:
            InputError: the shape differs, or the kind of number does not fit (a float into an integer variable).
        """
        self.set(self.prepared(value))

    def prepared(self, value: Any) -> Tensor:
        """What `assign` is going to put into the cell; the open tapes take notice."""
        if isinstance(value, ArrayLike):
            value = value.read()
        else:
            value = Tensor(value.copy() if is_foreign(value) else np.array(value))
        present = self._tensor.value
        if is_foreign(present):
            value = Tensor(brought(value.value, present))
        elif is_foreign(value.value):
            value = Tensor(np.asarray(to_numpy(value.value)))
        if np.shape(value.value) != self.shape:
            raise InputError(
                f"{self._called()} has shape {self.shape} and cannot be assigned a value of shape {value.shape}; "
                "np.reshape makes it fit, or make a new Variable"
            )
        if value.dtype != self.dtype:
            if not np.can_cast(value.dtype, self.dtype, "same_kind"):
                raise InputError(
                    f"{self._called()} has dtype {self.dtype} and cannot be assigned a value of {value.dtype}; "
                    f"convert it with .astype({str(self.dtype)!r}), or make the Variable of another dtype"
                )
            value = astype(value, self.dtype)
        elif is_number(value) or getattr(value.value, "base", None) is not None:
            value = astype(value, self.dtype)  # a copy, as a variable is no view of something larger
        if isinstance(value.value, np.ndarray) and not value.value.flags.c_contiguous:
            value = on_tensors.copy(value, order="C")  # so that programs need not mind how it lies in memory
        new = Tensor(value.value if is_foreign(present) else np.asarray(value.value), self.token)
        for tape in open_tapes.get():
            tape.will_assign(self)
            if tape.keep:
                tape.note(assign, (self, value), {}, new)
        return new

    def assign_add(self, value: Any) -> None:
        """Add a value: `v.assign(v + value)`."""
        self.assign(self + value)

    def assign_sub(self, value: Any) -> None:
        """Subtract a value: `v.assign(v - value)`."""
        self.assign(self - value)

    def set(self, tensor: Tensor) -> None:
        """Swap the cell's content, unchecked and unrecorded; for those who restore or commit state."""
        self._tensor = tensor

    def get(self) -> Tensor:
        """The cell's content, unnoticed by tapes; for those who save state."""
        return self._tensor

    def _called(self) -> str:
        return f"variable {self.name!r}" if self.name else "a variable"

    def _in_place(self, other: Any) -> Any:
        raise MutationError("`v += x` would make v a tensor; write v.assign_add(x), v.assign_sub(x) or v.assign(v * x)")

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imatmul__ = _in_place

    def __setitem__(self, index: Any, value: Any) -> None:
        raise MutationError(
            "a variable cannot be changed in place: instead of `v[i] = x` write `v.assign(v.at[i].set(x))`"
        )

    def __repr__(self) -> str:
        text = repr(self._tensor).replace("Tensor(", "Variable(", 1)
        return f"{text[:-1]}, name={self.name!r})" if self.name else text


set_tensor = vars(Variable)["_tensor"].__set__
"""`Variable.set` as one call into C, which an interrupt cannot tear."""


def assign_all(variables: Sequence[Variable], values: Iterable[Any]) -> None:
    """Assign several values, as `Variable.assign` does one. An error or an interrupt comes before all or after all."""
    new = [variable.prepared(value) for variable, value in zip(variables, values)]
    at_once(map(set_tensor, variables, new))


def assign(variable: Variable, value: Any) -> Any:
    """What an assignment is in a trace: the variable, and the value put into it."""
    return value


def read(variable: Variable) -> Any:
    """What reading a variable is in a trace."""
    return variable.get().value
