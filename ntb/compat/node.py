"""Node: one step of a graph. A subclass says which eager block it is, in `compute`; a constant is the simplest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from ..tape.tensor import Tensor
from ..variable import Variable as Cell
from .current import GraphError, current_graph, found
from .custom import call_user_node
from .misc import Shape, broadcast_shape
from .names import user_line

if TYPE_CHECKING:
    from .graph import ComputationGraph
    from .session import Run


class Node:
    """One step of a computation graph.

    A node of this package defines `compute(*inputs)` in eager operations, from which its derivative follows. A node of
    a user's defines the older protocol on plain arrays: `forw_eval(*inputs) -> (value, cache)`, and
    `back_eval(Dout, cache, bp_mask)`, which returns one gradient per input.

    Args:
        input_nodes: the nodes whose values it uses; numbers and arrays become constants.
        graph: the graph, for a node without input nodes; by itself that of `default_graph`.
        shape: the shape of its value, where it is not inferred; -1 is a size not known yet.
        kwargs: handed to `init`.
    """

    learnable = False
    mutable = False
    disruptive = False
    differentiable = True
    switches = False  # whether some node only asks for the truth of its value
    integers = False  # whether integers among the inputs stay integers: labels, indices, the inputs of a user's node

    def __init__(self, *input_nodes: Any, graph: Any = None, **kwargs: Any) -> None:
        given = next((x.graph for x in input_nodes if isinstance(x, Node)), None)
        graph = given or graph or current_graph()
        self.graph = graph
        self.line = user_line()
        self.own_name = graph.names.of_leaf(self) if not input_nodes else None
        self._name: str | None = None
        self.shape: Any = None
        if kwargs.get("shape") is not None:
            self.shape = tuple(kwargs["shape"])
        inputs = [x if isinstance(x, Node) else constant(x, graph) for x in input_nodes]
        self.init(**kwargs)
        graph.add_node(self, inputs)

    @property
    def graph(self) -> ComputationGraph:
        """The graph that it belongs to, which somebody must keep: its nodes do not.

        Raises:
            GraphError: the graph is gone.
        """
        return found(self._graph)

    @graph.setter
    def graph(self, graph: ComputationGraph) -> None:
        self._graph = ref(graph)

    # --- what a subclass defines

    def init(self, *args: Any, **kwargs: Any) -> None:
        """Take the keyword arguments."""

    def infer_shape(self, *shapes: Any, **_: Any) -> Shape:
        """The shape of the value, from those of the inputs; by itself they are broadcast."""
        return broadcast_shape(self.kind, *shapes)

    def compute(self, *inputs: Any, **_: Any) -> Any:
        """The value, in eager operations on the inputs' values."""
        return call_user_node(self, inputs)

    def evaluate(self, run: Run, *inputs: Any) -> Any:
        """The value within a run; only nodes that ask the run for more than their inputs define it."""
        return self.compute(*inputs)

    def targets(self) -> Iterable[Node]:
        """The nodes by which it differentiates something."""
        return ()

    def promote(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """The inputs as the node computes with them: integers as floats, unless they are labels or indices."""
        if self.integers or type(self).compute is Node.compute:
            return inputs
        return [x.astype(self.graph.dtype) if getattr(x, "dtype", np.dtype("f8")).kind in "iub" else x for x in inputs]

    # --- state, for mutable nodes

    def reset(self) -> None:
        """Return to the initial state."""

    def save_attributes(self) -> Any:
        """A copy of the state."""

    def load_attributes(self, x: Any) -> None:
        """Put a state back."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise GraphError(
            f"{self} cannot be copied or pickled without its graph, nor that one: run the code that describes the "
            "graph again, and move the state, which g.save() gives and other.load(...) takes"
        )

    # --- telling of itself

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def name(self) -> str:
        """The name in the user's program, as far as the line that made the node tells; unique in the graph."""
        if self._graph() is None:
            return self._name or self.own_name or self.kind.lower()
        if self._name is None:
            self._name = self.graph.names.choose(self, self.graph.order.get(self, len(self.graph.order)))
        return self._name

    def __repr__(self) -> str:
        where = f", made at {Path(self.line[0]).name}:{self.line[1]}" if self.line else ""
        return f"<{self.kind} {self.name} of shape {self.shape}{where}>"

    def error(self, error: Exception, inputs: Sequence[Any]) -> Exception:
        """The error of a run, with this node's name, its inputs, and the line that made it."""
        met = ", ".join(f"{x.dtype}{list(x.shape)}" if hasattr(x, "dtype") else repr(x) for x in inputs)
        return GraphError(f"{self} failed on ({met}): {type(error).__name__}: {error}")

    # --- operators; those of arithmetic are in `operators.py`

    if TYPE_CHECKING:
        __add__: Any
        __radd__: Any
        __sub__: Any
        __rsub__: Any
        __mul__: Any
        __rmul__: Any
        __truediv__: Any
        __rtruediv__: Any
        __matmul__: Any
        __rmatmul__: Any
        __pow__: Any
        __neg__: Any
        __abs__: Any
        __getitem__: Any
        __lt__: Any
        __le__: Any
        __gt__: Any
        __ge__: Any
        dot: Any
        sum: Any
        mean: Any

    __hash__ = object.__hash__
    __array_ufunc__ = None  # so that `array * node` asks the node

    def __eq__(self, other: object) -> bool:
        return self is other

    def __bool__(self) -> bool:
        raise GraphError(
            f"{self} has no truth before a run, which `if` asks for; take the value of g.run([{self.name}])"
        )

    def __iter__(self) -> Iterator[Any]:
        raise GraphError(f"{self} cannot be iterated or unpacked; take its parts by index")


class Constant(Node):
    """A number or an array."""

    def init(self, value: Any) -> None:
        array = np.array(value)
        if array.dtype.kind not in "biufc":
            raise GraphError(
                f"a constant of a graph is a number or an array of numbers, not of dtype {array.dtype}; turn it into "
                "numbers"
            )
        if array.dtype.kind == "f":
            array = array.astype(self.graph.dtype)
        # A number is one of Python's, which takes the dtype of what it meets.
        self.value = array if array.ndim else np.asarray(value).item()
        self.shape = array.shape

    def compute(self) -> Any:
        return self.value


def constant(x: Any, graph: Any) -> Node:
    """A node for a number or an array."""
    return Constant(graph=graph, value=x)


def is_operand(x: Any) -> bool:
    """Whether an operator of a node takes it: a node, a number or an array."""
    return isinstance(x, Node | int | float | np.ndarray | np.generic | list | Tensor | Cell)
