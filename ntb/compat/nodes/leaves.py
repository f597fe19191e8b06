"""The leaves of a graph that a program makes, variables and placeholders; and what changes a variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...variable import Variable as Cell
from .. import initializers
from ..current import GraphError
from ..misc import Shape, shape_matches
from ..node import Node


class Variable(Node):
    """A cell that programs read and optimizers change.

    Args:
        initializer: a function without arguments that gives the first value, and every value after `reset`.
        value: the first value, in place of an initialiser.
        learnable: whether optimizers change it.
        shape: with nothing else given, the shape of a Xavier initialiser; may contain -1 where a value is given.
    """

    mutable = stateful = True
    cell: Any = None  # which has the value, in the eager style

    def __init__(
        self, initializer: Callable[[], Any] | None = None, value: Any = None, learnable: bool = True,
        shape: Any = None, graph: Any = None, name: str | None = None,
    ) -> None:  # fmt: skip
        if initializer is not None and not callable(initializer):
            wanted = "the initializer of a Variable is a function without arguments, such as xavier_init((3, 2))"
            raise GraphError(f"{wanted}, not {initializer!r:.60}; write Variable(value=...), or Variable(shape=(3, 2))")
        super().__init__(graph=graph, name=name, initializer=initializer, value=value, learnable=learnable, shape=shape)

    def init(self, initializer: Any, value: Any, learnable: bool, shape: Any) -> None:
        shape = self.shape or ()
        if initializer is None and value is None and -1 in shape:
            raise GraphError(f"a Variable of shape {shape} needs a value, by which -1 is known: value=np.zeros(...)")
        of_value = None if value is None else initializers.const_init(value)
        self.initializer = initializer or of_value or initializers.xavier_init(shape)
        self._learnable = learnable
        first = np.array(self.initializer())
        if not shape_matches(self.shape, first.shape):
            met = "Initial value shape does not match specified shape"
            raise GraphError(f"{met}: the value has {first.shape}, shape={shape}; give one of the two")
        self.shape = first.shape if self.shape is None else self.shape
        self.value = first

    @property
    def learnable(self) -> bool:
        """Whether optimizers change it; set to False, they leave it as it is from the next run on."""
        return self._learnable

    @learnable.setter
    def learnable(self, learnable: bool) -> None:
        self._learnable = bool(learnable)
        self.cell.trainable = self._learnable
        self.value = self.value  # integers become floats that can be learned
        self.graph.session.forget()

    @property
    def value(self) -> np.ndarray:
        """The present value, a read-only array; assign a new one as a whole."""
        return self.cell.value

    @value.setter
    def value(self, value: Any) -> None:
        array = np.array(value)
        if not shape_matches(self.shape, array.shape):
            raise GraphError(f"{self} cannot take a value of shape {array.shape}; its shape stays")
        if array.dtype.kind == "f" or (array.dtype.kind in "biu" and self.learnable):
            array = array.astype(self.graph.dtype)
        if self.cell is not None and (self.cell.shape, self.cell.dtype) == (array.shape, array.dtype):
            self.cell.assign(array)
        else:
            self.cell = Cell(array, trainable=self.learnable, name=self._name)
            self.graph.session.forget()

    def compute(self) -> Any:
        self.cell.name = self.name  # which is not known while it is made
        return self.cell.read()

    def reset(self) -> None:
        self.value = self.initializer()

    def save_attributes(self) -> np.ndarray:
        return np.array(self.value)

    def load_attributes(self, x: Any) -> None:
        self.value = x


class Assign(Node):
    """Puts the value of a node into a Variable whenever it is fetched; what is fetched after it sees the new value.

    Its own value is the new one, in the Variable's dtype.
    """

    disruptive = stateful = integers = True
    differentiable = False

    def __init__(self, variable: Any, value: Any, name: str | None = None) -> None:
        if not isinstance(variable, Variable):
            raise GraphError(f"Assign(w, value) puts a value into a Variable w, not into {variable!r:.60}")
        self.variable = variable
        super().__init__(variable, value, name=name)

    def infer_shape(self, variable: Shape, value: Shape) -> Shape:
        if len(variable) != len(value) or any(-1 not in (n, m) and n != m for n, m in zip(variable, value)):
            raise GraphError(f"{self.variable} cannot take a value of shape {value}; its shape stays")
        return variable

    def compute(self, variable: Any, value: Any) -> Any:
        cell = self.variable.cell
        value = np.asarray(value) if np.isscalar(value) else value
        cell.assign(value if value.dtype == cell.dtype else value.astype(cell.dtype))
        return cell.read()


class Placeholder(Node):
    """A value that is fed. Its shape is that of a scalar unless another is given; -1 stands for any size."""

    def __init__(self, shape: Any = (), graph: Any = None, name: str | None = None) -> None:
        super().__init__(shape=shape, graph=graph, name=name)

    def compute(self) -> Any:
        raise GraphError(f"No value assigned to Placeholder node {self}: put it into the assign_dict of g.run")
