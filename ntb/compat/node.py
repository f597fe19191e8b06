"""Node: one step of a graph. A subclass says which eager block it is, in `compute`; a constant is the simplest."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from ..errors import InputError
from ..forms import blocks
from ..functions import is_ours
from ..tape.rules import operation_of
from ..tape.tensor import Tensor
from ..variable import Variable as Cell
from .current import GraphError, current_graph, found
from .custom import Recorded, call_user_node, recorded
from .misc import Shape, broadcast_shape
from .names import user_line

if TYPE_CHECKING:
    from .graph import ComputationGraph
    from .session import Run


HOOKS = frozenset({"forw_eval", "back_eval"})


class NodeType(type):
    """The type of nodes: to put another `forw_eval` or `compute` into one takes effect in all graphs."""

    changes = 0

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in HOOKS or name == "compute":
            NodeType.changes += 1


class Node(metaclass=NodeType):
    """One step of a computation graph.

    A node of this package defines `compute(*inputs)` in eager operations, from which its derivative follows. A node of
    a user's may do so too, or define the older protocol on plain arrays: `forw_eval(*inputs) -> (value, cache)`, and
    `back_eval(Dout, cache, bp_mask)`, which returns one gradient per input. A subclass of a node of this package may
    override either, and call that of its parent by `super()`; what is nearest to the class of a node is what counts.

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
    draws = False  # whether it draws random numbers
    opaque = False  # whether it runs as plain Python whatever its class says

    operation: Any = None  # where its value is one operation of NumPy or ntb, that
    constants: tuple = ()  # what the operation takes after the inputs
    options: dict[str, Any] = {}

    sealed = False  # whether `forw_eval` and `back_eval` cannot say what its value is
    stateful = False  # whether it computes with cells, which only a run without a program shows to plain Python

    base = True  # its own `forw_eval` is what a subclass calls, and no more
    _made = False
    _name: str | None = None
    line: Any = None
    shape: Any = None

    role: str | None = None  # what a layer calls it
    part: int | None = None  # its place in the tuple that a layer returns

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls)
        if cls.sealed and (hooks := sorted(HOOKS & own.keys())):
            raise GraphError(
                f"class {cls.__name__} overrides {hooks[0]} of {cls.__mro__[1].__name__}, which has no value of "
                "its own that it could say; derive it from Node"
            )
        if "compute" in own and "operation" not in own:
            cls.operation = None

    def __init__(self, *input_nodes: Any, graph: Any = None, **kwargs: Any) -> None:
        given = next((x.graph for x in input_nodes if isinstance(x, Node)), None)
        graph = given or graph or current_graph()
        self.graph = graph
        self.line = user_line()
        if kwargs.get("shape") is not None:
            self.shape = shape_of(kwargs["shape"], self.kind)
        inputs = [x if isinstance(x, Node) else constant(x, graph, self.kind) for x in input_nodes]
        graph.names.made(self)
        try:
            inspect.signature(self.init).bind(**kwargs)
        except TypeError as error:
            raise TypeError(f"{self.kind} {error}") from None
        self.init(**kwargs)
        self._check_count(len(inputs))
        graph.add_node(self, inputs)

    def _check_count(self, count: int) -> None:
        """Complain of too few or too many inputs, which NumPy would only in a run."""
        function = self.forw_eval if self.follows_protocol else self.compute
        named = getattr(function, "__func__", None)
        if named is Node.compute and self.operation is not None:
            operation = self.operation
            fits = count == (operation.nin - len(self.constants) if isinstance(operation, np.ufunc) else 1)
        elif named in (Node.compute, Node.forw_eval):
            return
        else:
            try:
                inspect.signature(function).bind(*[None] * count)
                fits = True
            except TypeError:
                fits = False
        if not fits:
            raise GraphError(f"{self.kind} was given {count} inputs; help(ntb.{self.kind}) tells which it takes")

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

    if TYPE_CHECKING:
        init: Any  # each class takes its own options
    else:

        def init(self, shape=None):
            """Take the keyword arguments; by itself a node has none but its shape."""

    def infer_shape(self, *shapes: Any, **_: Any) -> Shape:
        """The shape of the value, from those of the inputs; by itself they are broadcast."""
        return broadcast_shape(self.kind, *shapes)

    def compute(self, *inputs: Any, **_: Any) -> Any:
        """The value, in eager operations on the inputs' values."""
        if self.operation is None:
            return call_user_node(self, inputs)
        return self.operation(*inputs, *self.constants, **self.options)

    def forw_eval(self, *inputs: Any) -> tuple[Any, Any]:
        """The value on plain arrays, and what `back_eval` needs: for a subclass that overrides one of the two."""
        if type(self).compute is Node.compute and self.operation is None:
            raise GraphError(
                f"{self} does not say what its value is; define forw_eval(*inputs) -> (value, cache), or "
                "compute(*inputs) in operations of NumPy"
            )
        return recorded(lambda *xs: self.compute(*self.promote(xs)), inputs)

    def back_eval(self, Dout: Any, cache: Any, bp_mask: Sequence[bool]) -> Any:
        """The gradients of the inputs, from that of the value and what `forw_eval` returned beside it."""
        if not isinstance(cache, Recorded):
            raise GraphError(
                f"{self.kind} overrides forw_eval with a cache of its own, and has no back_eval that knows it; define "
                "back_eval(Dout, cache, bp_mask) too"
            )
        return cache.gradients(Dout)

    def evaluate(self, run: Run, *inputs: Any) -> Any:
        """The value within a run; only nodes that ask the run for more than their inputs define it."""
        return self.compute(*inputs)

    def value_in(self, run: Run, *inputs: Any) -> Any:
        """The value within a run, by the protocol that the node's class follows."""
        return call_user_node(self, inputs) if self.follows_protocol else self.evaluate(run, *inputs)

    @property
    def follows_protocol(self) -> bool:
        """Whether `forw_eval` and `back_eval` say what its value is: what is defined nearest to the node counts."""
        if not HOOKS.isdisjoint(vars(self)):
            return True
        for kind in type(self).__mro__:
            own = vars(kind)
            if not HOOKS.isdisjoint(own):
                return not own.get("base", False)
            if "compute" in own or "operation" in own or "evaluate" in own:
                return False
        return False

    @property
    def is_opaque(self) -> bool:
        """Whether it runs as plain Python, which no program can replay."""
        return self.opaque or (self.stateful and self.follows_protocol)

    @property
    def is_uniform(self) -> bool:
        """Whether it is known to do the same for all sizes, other than 0 and 1: no user's Python decides by them."""
        says = type(self), type(self).evaluate, type(self).compute
        return not self.is_opaque and not self.follows_protocol and all(map(is_ours, says))

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if self._made and not name.startswith("_") and name not in ("role", "part", "cell"):
            of_class = isinstance(getattr(type(self), name, None), property)
            if name in HOOKS or not (of_class or self.follows_protocol):  # it is a constant of programs
                self.graph.session.forget()

    def as_single(self) -> Any:
        """Its inputs, operation, constants and options, if its value is a single operation; see `Run.quickly`."""
        if self.operation is None or self.follows_protocol or self.operation in blocks:
            return None
        return self.graph.inputs[self], operation_of(self.operation), self.constants, self.options

    def targets(self) -> Iterable[Node]:
        """The nodes by which it differentiates something."""
        return ()

    def state(self) -> Iterable[Cell]:
        """The cells that it reads and changes."""
        return ()

    def promote(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """The inputs as the node computes with them: integers as floats, unless they are labels or indices."""
        if self.integers or self.follows_protocol:
            return inputs
        return [x.astype(self.graph.dtype) if getattr(x, "dtype", np.dtype("f8")).kind in "iub" else x for x in inputs]

    # --- state, for mutable nodes

    def reset(self) -> None:
        """Return to the initial state."""

    def save_attributes(self) -> Any:
        """A copy of the state."""

    def load_attributes(self, x: Any) -> None:
        """Put a state back."""

    # --- telling of itself

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def name(self) -> str:
        """The name in the user's program, as far as the line that made the node tells; unique in the graph."""
        if self._graph() is None:
            return self._name or self.role or self.kind.lower()
        if self._name is None:
            self.graph.names.give(self, self.graph.order)
        return self._name or self.kind.lower()

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

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | float | np.ndarray | np.generic):
            raise GraphError(f"{self} == {other!r:.40} is asked before a run; Equals(x, y) is the node that compares")
        return self is other

    def __bool__(self) -> bool:
        raise GraphError(
            f"{self} has no truth before a run, which `if` asks for; take the value of g.run([{self.name}])"
        )

    def __iter__(self) -> Iterator[Any]:
        raise GraphError(f"{self} cannot be iterated or unpacked; take its parts by index")

    def _no_number(self, *_: Any, **__: Any) -> Any:
        raise GraphError(f"{self} is no number before a run; take the value of g.run([{self.name}])")

    __float__ = __int__ = __index__ = __complex__ = __round__ = __len__ = __array__ = _no_number
    __trunc__ = __floor__ = __ceil__ = _no_number

    def __format__(self, spec: str) -> str:
        return self._no_number() if spec else str(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise GraphError(
            f"{self} belongs to its graph and is not copied or pickled; make another node, or g.save() values"
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise GraphError(f"{self} cannot be changed in part; a Variable is assigned as a whole, w.value = array")

    def __getattr__(self, name: str) -> Any:
        hint = ATTRIBUTES.get(name)
        if hint is None and callable(getattr(np.ndarray, name, None)):
            hint = f"np.{name}(node) is a node" if hasattr(np, name) else None
        raise AttributeError(
            f"a {type(self).__name__} node has no attribute {name!r}" + (f"; {hint}" if hint else ""),
            name=name, obj=self,
        )  # fmt: skip


ATTRIBUTES = (
    {
        "T": "np.transpose(node) is a node",
        "reshape": "Reshape(node, shape=(-1, 3)) is a node",
        "value": "g.run([node]) gives values; only a Variable keeps one",
        "assign": "a Variable is assigned by w.value = array",
    }
    | dict.fromkeys(["numpy", "eval", "run", "item", "data"], "g.run([node], assign_dict) gives its value")
    | dict.fromkeys(
        ["grad", "backward", "gradient"], "Grad(scalar, node) is the node of a gradient, and Optim makes steps"
    )
    | dict.fromkeys(["ndim", "size"], "node.shape is a tuple, with -1 for sizes not known yet")
)
"""What to write in the place of attributes that arrays and tensors of other libraries have."""


def shape_of(shape: Any, kind: str) -> Shape:
    """A shape as a tuple of integers, with -1 for a size that any may take the place of."""
    try:
        sizes = tuple([-1 if n is None else operator.index(n) for n in shape])
    except TypeError:
        sizes = (-2,)
    if any(n < -1 for n in sizes):
        raise InputError(
            f"{kind}: the shape {shape!r:.60} is no list of sizes; expected whole numbers, with -1 or None for a size "
            "not known yet, as in shape=[-1, 3]"
        )
    return sizes


class Constant(Node):
    """A number or an array."""

    def init(self, value: Any) -> None:
        array = np.array(value)
        if array.dtype.kind == "f":
            array = array.astype(self.graph.dtype)
        # A number is one of Python's, which takes the dtype of what it meets.
        self.value = array if array.ndim else np.asarray(value).item()
        self.shape = array.shape

    def compute(self) -> Any:
        return self.value


def constant(x: Any, graph: Any, user: str = "a node") -> Node:
    """A node for a number or an array that is an input of another kind of node."""
    parts = x if isinstance(x, tuple | list) else ()
    if any(isinstance(part, Node) for part in parts):
        raise GraphError(
            f"{user} takes nodes one by one, not a {type(x).__name__} of them; a layer function returns its output and "
            "its variables, as in h, w, b = affine_layer(x, 10)"
        )
    dtype = getattr(x, "dtype", None) or np.array(x).dtype
    if dtype.kind not in "biufc":
        raise GraphError(
            f"the inputs of {user} are nodes, numbers and arrays of numbers; {x!r:.60} is of dtype {dtype}: turn it "
            "into numbers"
        )
    return Constant(graph=graph, value=x)


def is_operand(x: Any) -> bool:
    """Whether an operator of a node takes it: a node, a number or an array."""
    return isinstance(x, Node | int | float | np.ndarray | np.generic | list | Tensor | Cell)
