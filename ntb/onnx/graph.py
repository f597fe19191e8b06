"""The graph of an ONNX file: values, and the nodes that compute them.

A Value stands for an array that there will be when the file runs. It knows NumPy's protocols, as tensors do: NumPy's
functions of Values put nodes into the graph. So a translation can be a few lines of NumPy:

    >>> graph = Graph("example")
    >>> x = graph.input("x", np.dtype("float32"), ("batch", 3))
    >>> np.square(x).node.op
    'Mul'
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .table import Untranslated, translate

_SHARED = 64
"""Constants of so few numbers are written once, however often they are used."""


class Value(np.lib.mixins.NDArrayOperatorsMixin):
    """An array, or a number, in the file.

    Attributes:
        dtype: NumPy's; float or int for a number that leaves the types of arrays as they are, as Python's own do.
        shape: for each axis a size, "batch", or None for a size that follows from that of the batch; None if nothing is
            known of it, as of what lies within a composition.
        name: in the file; until that is written, the name that is wanted.
        node: what computes it; None for inputs and initializers.
        constant: the array, where that is known before a run.
    """

    __slots__ = ("constant", "dtype", "graph", "name", "node", "shape")
    __hash__ = object.__hash__  # `==` is a node

    def __init__(self, graph: Graph, name: str, dtype: Any, shape: Any = None, node: Node | None = None) -> None:
        self.graph = graph
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.node = node
        self.constant: np.ndarray | None = None

    @property
    def ndim(self) -> int:
        if self.shape is None:
            raise Untranslated("the number of its axes is not known")
        return len(self.shape)

    def length(self, axis: int) -> int:
        """The size of an axis, where that does not depend on the batch."""
        n = None if self.shape is None else self.shape[axis]
        if type(n) is not int:
            raise Untranslated(f"the size of axis {axis} must not depend on the size of the batch")
        return n

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        return translate(self.graph, ufunc, args, kwargs) if method == "__call__" else NotImplemented

    def __array_function__(self, function: Any, types: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        return translate(self.graph, function, args, kwargs)

    def __getitem__(self, index: Any) -> Any:
        return translate(self.graph, operator.getitem, (self, index), {})


class Node:
    """A node: the operator, its inputs (None for one that is left out), attributes, results, and what it comes from.

    Attributes:
        source: the call of the program, as text with its line.
    """

    def __init__(self, op: str, inputs: tuple, attributes: dict[str, Any], source: str) -> None:
        self.op = op
        self.inputs = inputs
        self.attributes = attributes
        self.outputs: list[Value] = []
        self.source = source


class Graph:
    """Inputs, initializers and nodes, in the order in which they were made.

    Attributes:
        inputs: in order; initializers: the arrays that the file holds, by their values; all_nodes: in order.
        source: the call of the program that is translated now, as text.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.source = ""
        self._made_by: dict[Value, tuple[Any, Any]] = {}
        self.inputs: list[Value] = []
        self.initializers: dict[Value, np.ndarray] = {}
        self.all_nodes: list[Node] = []
        self._shared: dict[Any, Value] = {}

    # --- values

    def input(self, name: str, dtype: Any, shape: Any) -> Value:
        _check_type(dtype)
        self.inputs.append(Value(self, name, dtype, shape))
        return self.inputs[-1]

    def initializer(self, array: Any, name: str) -> Value:
        """A value that is written in the file: a Variable's, or a constant."""
        array = np.asarray(array)
        _check_type(array.dtype)
        value = Value(self, name, array.dtype, array.shape)
        self.initializers[value] = array
        return value

    def constant(self, array: Any, name: str = "constant") -> Value:
        value = self.initializer(array, name)
        value.constant = self.initializers[value]
        return value

    def value(self, x: Any, dtype: Any = None) -> Value:
        """What stands for an argument, which may be a number or an array, in an element type if one is given."""
        if isinstance(x, Value):
            return x if dtype is None or x.dtype == dtype else self._cast(x, np.dtype(dtype))
        array = np.asarray(x, dtype)
        if array.size > _SHARED:
            return self.constant(array)
        key = array.dtype, array.shape, array.tobytes()
        if key not in self._shared:
            self._shared[key] = self.constant(array)
        return self._shared[key]

    def _cast(self, x: Value, dtype: np.dtype) -> Value:
        _check_type(dtype)
        return of_shape(x.shape, self.node("Cast", x, dtype=dtype, to=dtype))

    def alike(self, *args: Any) -> list[Value]:
        """The arguments in their common element type, by NumPy's rule."""
        dtype = np.result_type(*[_like(x) for x in args])
        return [self.value(x, dtype) for x in args]

    def operands(self, ufunc: np.ufunc, args: tuple) -> tuple[list[Value], Any]:
        """The arguments of a ufunc in the element types for which NumPy has a loop, and the result's type."""
        loop = ufunc.resolve_dtypes((*map(_kind, args), *[None] * ufunc.nout))
        return [self.value(x, dtype) for x, dtype in zip(args, loop)], loop[ufunc.nin]

    def whole(self, numbers: Any) -> Value:
        """A vector of whole numbers, such as a shape, of which some may be Values."""
        if not any(isinstance(n, Value) for n in numbers):
            return self.value(np.array([int(n) for n in numbers], np.int64))
        parts = [self.node("Reshape", n, self.whole([1])) if isinstance(n, Value) else self.whole([n]) for n in numbers]
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=0)

    def made(self, x: Value, function: Any, args: Any) -> None:
        """Note which call of the program made a value."""
        self._made_by.setdefault(x, (function, args))

    def maker(self, x: Value) -> tuple[Any, Any]:
        """The function and the arguments of the call that made a value; None if none did."""
        return self._made_by.get(x, (None, ()))

    # --- nodes

    def nodes(self, op: str, *inputs: Value | None, dtypes: Any, **attributes: Any) -> list[Value]:
        """Put a node into the graph; its results have these element types."""
        node = Node(op, inputs, attributes, self.source)
        node.outputs = [Value(self, op.lower(), dtype, None, node) for dtype in dtypes]
        self.all_nodes.append(node)
        return node.outputs

    def node(self, op: str, *inputs: Value | None, dtype: Any = None, **attributes: Any) -> Value:
        """Put a node with one result into the graph, by default of the type of its first input."""
        dtype = inputs[0].dtype if dtype is None and inputs[0] is not None else dtype
        (result,) = self.nodes(op, *inputs, dtypes=[dtype], **attributes)
        return result


def of_shape(shape: Any, x: Any) -> Any:
    """The value itself, with a shape that is known."""
    x.shape = None if shape is None else tuple(shape)
    return x


def known(x: Any, what: str) -> np.ndarray:
    """An argument that a file must have from the beginning: a number or an array, but none that is computed."""
    if not isinstance(x, Value):
        return np.asarray(x)
    if x.constant is None:
        raise Untranslated(f"with {what} that depend on the data")
    return x.constant


def _check_type(dtype: np.dtype) -> None:
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        kind = "complex numbers" if dtype.kind == "c" else f"the type {dtype}"
        raise Untranslated(f"ONNX computes with real numbers of up to 64 bits, not with {kind}")


def _kind(x: Any) -> Any:
    """The element type of an argument of a ufunc; for a number of Python its class."""
    if isinstance(x, Value):
        return x.dtype
    return type(x) if type(x) in (int, float) else np.asarray(x).dtype


def _like(x: Any) -> Any:
    """The same for `np.result_type`, which takes a number in the place of its class."""
    kind = _kind(x)
    return kind(0) if isinstance(kind, type) else kind
