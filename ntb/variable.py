"""Variable: a named cell that programs read and assign. All that changes between training steps is in Variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from .habits import knows_habits
from .messages import no_variable_in_place, no_variable_items, wrong_dtype, wrong_shape
from .tape.listener import listeners, traces
from .tape.tensor import ArrayLike, Tensor, is_number, on_tensors
from .values.creation import astype, tensor
from .values.show import shown


class Variable(ArrayLike):
    """A cell that holds an array: a parameter, an optimizer's slot, a running statistic, a counter.

    Tapes watch trainable variables when they are read. An operation sees the value at that moment; `assign` puts a new
    value in its place, and the tape's records keep the old one. A gradient with respect to a variable counts every
    value that was read from it; no gradient flows through `assign`.

    Args:
        value: the first value, any shape; copied. An array of CuPy stays on its GPU; one of Dask is computed.
        trainable: whether tapes watch it when it is read, `trainable_variables()` lists it, and optimizers change it.
            `v.trainable = False` freezes it, at any time; saved state remembers that.
        name: its name in programs, pictures and errors; by default the path by which a model reaches it.
        dtype: the element type, which it keeps; by default that of the value.

    A copy, deep or not, and what a pickle gives, is another variable: a gradient with respect to one is none of the
    other's. Optimizers know the copy of a parameter by its `mark`.

    >>> w = Variable([1.0, 2.0], name="w")
    >>> w.assign_sub(0.5 * w)
    >>> w
    Variable([0.5, 1. ], name='w')
    """

    __slots__ = ("__weakref__", "_tensor", "id", "mark", "name", "parameter", "path", "trainable")

    @knows_habits
    def __init__(self, value: Any, *, trainable: bool = True, name: str | None = None, dtype: Any = None) -> None:
        if isinstance(value, ArrayLike):
            value = value.read().value
        self._tensor = content = tensor(value, dtype).held(None)
        self.id = content.id = content.Id(content.value)
        self.name = name
        self.path: str | None = None  # the one by which it is called, as long as it has no name of its own
        self.trainable = trainable
        self.parameter = trainable  # what a layer's `trainable = True` makes trainable again; no running statistics
        self.mark: str | None = None  # what an optimizer that remembers something of it calls it, and its copies
        for listener in listeners.get():
            listener.create(self)

    @property
    def value(self) -> Any:
        """The present value, as a read-only array; no gradient flows through it. Inside a traced function it is a
        tensor, since each replay reads anew. Assign with `assign`."""
        value = self._tensor.value
        if open_traces := traces():
            return self._noted(open_traces)
        if isinstance(value, np.ndarray):
            value = value.view()
            value.flags.writeable = False
        return value

    def _noted(self, open_traces: list[Any]) -> Tensor:
        """A copy of the value that traces take note of, and tapes do not."""
        result = Tensor(np.copy(self._tensor.value))
        for trace in open_traces:
            trace.read(self)
            trace.note(np.copy, (self._tensor,), {}, result)
        return result

    @property
    def shape(self) -> tuple[int, ...]:
        return self.id.shape

    @property
    def dtype(self) -> np.dtype:
        return self.id.dtype

    def read(self) -> Tensor:
        """The present value as a tensor; the open listeners are told."""
        for listener in listeners.get():
            listener.read(self)
        return self._tensor

    def assign(self, value: Any) -> None:
        """Replace the value by one of the same shape. It is converted to the variable's dtype and library: an array of
        Dask is computed; one of CuPy is fetched if the variable holds a NumPy array.

        Raises:
            InputError: the shape differs, or the kind of number does not fit (a float into an integer variable).
        """
        self.set(self.prepared(value))

    def prepared(self, value: Any) -> Tensor:
        """The tensor that `assign` is going to put into the cell; the open listeners are told."""
        value = self._tensor.like(value.read() if isinstance(value, ArrayLike) else tensor(value))
        if value.shape != self.shape:
            raise wrong_shape(self, value)
        if value.dtype != self.dtype:
            if not np.can_cast(value.dtype, self.dtype, "same_kind"):
                raise wrong_dtype(self, value)
            value = astype(value, self.dtype)
        elif is_number(value) or getattr(value.value, "base", None) is not None:
            value = astype(value, self.dtype)  # a copy, as a variable must not be a view of a larger array
        if isinstance(value.value, np.ndarray) and not value.value.flags.c_contiguous:
            value = on_tensors.copy(value, order="C")  # so that programs meet one order in memory only
        new = self._tensor.like(value).held(self.id)
        for listener in listeners.get():
            listener.assign(self, value, new)
        return new

    def assign_add(self, value: Any) -> None:
        """Add a value: `v.assign(v + value)`."""
        self.assign(self + value)

    def assign_sub(self, value: Any) -> None:
        """Subtract a value: `v.assign(v - value)`."""
        self.assign(self - value)

    def set(self, tensor: Tensor) -> None:
        """Replace the cell's content, unchecked and unrecorded; for code that restores or commits state."""
        self._tensor = tensor

    def get(self) -> Tensor:
        """The cell's content, without telling listeners; for code that saves state."""
        return self._tensor

    def reached(self, path: str) -> None:
        """Note that a model reaches it by this path, such as "layers.0.weight", which is its name if it has none of its
        own. The first model gives it, and models that hold that one extend it; a part that is asked does not shorten
        it, and another model that shares the variable does not change it."""
        if self.name in (None, self.path) and (self.path is None or f".{path}".endswith(f".{self.path}")):
            self.name = self.path = path

    @property
    def frozen(self) -> bool:
        """Whether it is a parameter that is not to be changed now."""
        return self.parameter and not self.trainable

    def __reduce_ex__(self, protocol: Any) -> tuple:
        for listener in listeners.get():
            listener.leave(self.read(), "a copy or pickle", on_purpose=True)
        state: Any = object.__reduce_ex__(self, 2)[2]
        own, slots = state  # those of a subclass, too
        slots = {name: x for name, x in slots.items() if name not in ("_tensor", "id")}
        return _copied, (type(self), self._tensor.value), (own, slots)

    def __repr__(self) -> str:
        text = shown(self._tensor.value, "Variable")
        return f"{text[:-1]}, name={self.name!r})" if self.name else text

    def _repr_html_(self) -> str:
        from .values.notebook import as_html

        name = [repr(self.name)] if self.name else []
        return as_html("Variable", self._tensor.value, *name, *["not trainable"] * (not self.trainable))

    def _in_place(self, other: Any) -> Any:
        raise no_variable_in_place()

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imatmul__ = _in_place

    def __setitem__(self, index: Any, value: Any) -> None:
        raise no_variable_items()


def _copied(kind: type[Variable], value: Any) -> Variable:
    """The variable that a copy or a pickle begins with; its other attributes are set afterwards."""
    variable = object.__new__(kind)
    Variable.__init__(variable, value)
    return variable
