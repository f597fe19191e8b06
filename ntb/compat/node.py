"""A node is a call that waits: a function, its options, and the nodes whose values it is going to be called with.

Most nodes are lines of the table in `nodes/table.py`. An operator, and a function of NumPy, makes the node of its call.
"""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from ..errors import InputError, describe
from ..functions import is_ours
from ..habits import of_class
from ..transforms.gradients import vjp
from .current import GraphError, current_graph, found
from .custom import Recorded, call_user_node
from .misc import Shape, broadcast_shape, tried_shape, whole
from .names import user_line

if TYPE_CHECKING:
    from .run import Run


HOOKS = frozenset({"forw_eval", "back_eval"})
SAYS = HOOKS | {"compute", "block", "evaluate"}
"""What says what the value of a node is."""

KINDS: dict[Any, Any] = {}
"""The kinds of nodes in the table, by their names; those of one ufunc also by this."""


def refusal(says: str) -> Any:
    """A method for what only the value of a node can do, which says what to write; `{name}` is that of the node."""

    def refuse(self: Any, *_: Any, **__: Any) -> Any:
        raise GraphError(f"{self} {says.format(name=self.name)}")

    return refuse


class NodeType(type):
    """The type of nodes: to put another `forw_eval` or `compute` into one takes effect in all graphs."""

    changes = 0

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in HOOKS or name == "compute":
            NodeType.changes += 1


class Node(np.lib.mixins.NDArrayOperatorsMixin, metaclass=NodeType):  # type: ignore[metaclass]  # of a stub
    """One call in a computation graph.

    A subclass says what is called: `compute(*inputs)`, in functions of NumPy, from which its derivative follows; or, by
    the older protocol on plain arrays, `forw_eval(*inputs) -> (value, cache)` and `back_eval(Dout, cache, bp_mask)`,
    which returns one gradient per input. A subclass of a node of this package may override any of these, and call its
    parent's by `super()`; what is defined nearest to the class of a node counts.

    Args:
        input_nodes: the nodes whose values it uses; numbers and arrays become constants.
        graph: the graph, for a node without input nodes; by itself that of `default_graph`.
        name: what it is called in errors, pictures and programs; by itself what it is assigned to.
        shape: the shape of its value, where it is not inferred; -1 is a size not known yet.
        kwargs: handed to `init`.
    """

    learnable = mutable = disruptive = False
    differentiable = True
    switches = False  # whether some node only asks for the truth of its value
    integers = False  # whether integers among the inputs stay integers: labels, indices, the inputs of a user's node
    opaque = False  # whether it runs as plain Python whatever its class says
    stateful = False  # whether it computes with cells, which only a run without a program shows to plain Python

    block: Any = None  # for a line of the table: what is called with the inputs' values and the options
    options: dict[str, Any] = {}  # and these, with their defaults; each is an attribute of the node
    arity: int | None = None  # the number of its inputs, where that is known from the block

    graph: Any = property(
        lambda self: found(self._graph), lambda self, graph: setattr(self, "_graph", ref(graph)),
        doc="The graph that it belongs to, which somebody must keep: its nodes do not. A GraphError if it is gone.",
    )  # fmt: skip
    _graph: Any
    _made = False
    _on_arrays: Any = None  # see custom.py
    _name: str | None = None
    line: Any = None
    shape: Any = None

    asked: str | None = None  # what the user names it
    role: str | None = None  # what a layer calls it
    part: int | None = None  # its place in the tuple that a layer returns

    def __init__(self, *input_nodes: Any, graph: Any = None, name: str | None = None, **kwargs: Any) -> None:
        graph = next((x.graph for x in input_nodes if isinstance(x, Node)), graph) or current_graph()
        self.graph = graph
        self.line = user_line()
        if name is not None:
            if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
                raise GraphError(f"a node's name is one that programs can write, such as 'hidden_1', not {name!r:.60}")
            self.asked, self._name = name, graph.names.unique(name)
        if kwargs.get("shape") is not None:
            self.shape = shape_of(kwargs["shape"], self.kind)
        inputs = [node_for(x, graph) for x in input_nodes]
        graph.names.made(self)
        try:
            inspect.signature(self.init).bind(**kwargs)
        except TypeError as error:
            raise TypeError(f"{self.kind} {error}") from None
        self.init(**kwargs)
        if not self.takes(len(inputs)):
            raise GraphError(f"{self.kind} was given {len(inputs)} inputs; help(ntb.{self.kind}) tells which it takes")
        graph.add_node(self, inputs)

    def takes(self, count: int) -> bool:
        """Whether it computes with so many inputs, of which NumPy would complain only in a run."""
        function = self.forw_eval if self.follows_protocol else self.compute
        if getattr(function, "__func__", None) in (Node.compute, Node.forw_eval):
            return self.arity in (None, count)
        try:
            inspect.signature(function).bind(*[None] * count)
        except TypeError:
            return False
        return True

    # --- what a subclass defines

    init: Any = lambda self, shape=None: None
    """Takes the keyword arguments; by itself a node has none but its shape."""

    stand_ins = (3, 5)  # what unknown sizes are tried as

    def infer_shape(self, *shapes: Any, **_: Any) -> Shape:
        """The shape of the value: what the block gives for arrays of these shapes; without one they are broadcast."""
        if self.block is None or isinstance(self.block, np.ufunc):
            return broadcast_shape(self.kind, *shapes)
        return tried_shape(self, Node.compute, *shapes)

    def compute(self, *inputs: Any, **_: Any) -> Any:
        """The value, in eager operations on the inputs' values."""
        if self.block is None:
            raise GraphError(f"{self} does not say what its value is; define compute, or forw_eval and back_eval")
        chosen = {key: x for key, default in self.options.items() if (x := getattr(self, key)) is not default}
        return self.block(*inputs, **chosen)

    def forw_eval(self, *inputs: Any) -> tuple[Any, Any]:
        """The value on plain arrays, and what `back_eval` needs: for a subclass that overrides one of the two."""
        value, pull = vjp(lambda *xs: self.compute(*self.promote(xs)), *map(np.asarray, inputs))
        return value, Recorded(lambda g: pull(np.broadcast_to(np.asarray(g, value.dtype), np.shape(value))))

    def back_eval(self, Dout: Any, cache: Any, bp_mask: Sequence[bool]) -> Any:
        """The gradients of the inputs, from that of the value and what `forw_eval` returned beside it."""
        if not isinstance(cache, Recorded):
            raise GraphError(f"{self.kind} overrides forw_eval; define back_eval(Dout, cache, bp_mask), too")
        return tuple([0 if g is None else g for g in cache.gradients(Dout)])

    def evaluate(self, run: Run, *inputs: Any) -> Any:
        """The value within a run; only nodes that ask the run for more than their inputs define it."""
        return self.compute(*inputs)

    def value_in(self, run: Run, *inputs: Any) -> Any:
        """The value within a run, by the protocol that the node's class follows."""
        return call_user_node(self, inputs) if self.follows_protocol else self.evaluate(run, *inputs)

    @property
    def follows_protocol(self) -> bool:
        """Whether `forw_eval` and `back_eval` say what its value is: what is defined nearest to the node counts."""
        for own in map(vars, (self, *type(self).__mro__)):
            if not SAYS.isdisjoint(own):
                return not HOOKS.isdisjoint(own) and "value_in" not in own  # which has these for super() alone
        return False

    @property
    def is_opaque(self) -> bool:
        """Whether it runs as plain Python, which no program can replay."""
        return self.opaque or (self.stateful and self.follows_protocol)

    @property
    def is_uniform(self) -> bool:
        """Whether it is known to do the same for all sizes, other than 0 and 1: no user's Python decides by them."""
        says = type(self), type(self).evaluate, type(self).compute
        return not self.is_opaque and (self.follows_protocol or all(map(is_ours, says)))

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if self._made and not name.startswith("_") and name not in ("role", "part"):
            of_class = isinstance(getattr(type(self), name, None), property)
            if name in HOOKS or not (of_class or self.follows_protocol):  # it is a constant of programs
                self.graph.session.forget()

    def targets(self) -> Iterable[Node]:
        """The nodes by which it differentiates something."""
        return ()

    def promote(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """The inputs as the node computes with them: integers as floats, unless they are labels or indices."""
        if self.integers or self.follows_protocol:
            return inputs
        return [x.astype(self.graph.dtype) if getattr(x, "dtype", np.dtype("f8")).kind in "iub" else x for x in inputs]

    def reset(self) -> None:
        """Return to the initial state, if it is mutable."""

    def save_attributes(self) -> Any:
        """A copy of the state."""

    def load_attributes(self, x: Any) -> None:
        """Put a state back."""

    kind: Any = property(lambda self: type(self).__name__)

    @property
    def name(self) -> str:
        """The name in the user's program, as far as the line that made the node tells; unique in the graph."""
        if self._graph() is None:
            return self._name or self.role or self.kind.lower()
        if self._name is None:
            self.graph.names.give(self)
        return self._name or self.kind.lower()

    def __repr__(self) -> str:
        where = f", made at {Path(self.line[0]).name}:{self.line[1]}" if self.line else ""
        return f"<{self.kind} {self.name} of shape {self.shape}{where}>"

    def error(self, error: Exception, inputs: Sequence[Any], hint: str = "") -> Exception:
        """The error of a run, with this node's name, its inputs, and the line that made it."""
        met = ", ".join(map(describe, inputs))
        return GraphError(f"{self} failed on ({met}): {type(error).__name__}: {error}{hint}")

    # --- operators, which NDArrayOperatorsMixin makes calls of ufuncs, and functions of NumPy

    def __pow__(self, exponent: Any) -> Any:
        if isinstance(exponent, Node | list | tuple) or np.ndim(exponent) > 0:
            return np.power(self, exponent)
        return KINDS["Power"](self, exponent=exponent)

    # `x += y` is x = x + y
    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = __imatmul__ = lambda *_: NotImplemented
    __ipow__ = __iand__ = __ior__ = __ixor__ = __ilshift__ = __irshift__ = lambda *_: NotImplemented

    def __getitem__(self, index: Any) -> Any:
        return KINDS["Subscript"](self, index=index)

    def dot(self, other: Any) -> Any:
        return KINDS["Dot"](self, other)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        return KINDS["Sum"](self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        return KINDS["Mean"](self, axis=axis, keepdims=keepdims)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise GraphError(f"np.{ufunc.__name__}.{method} of a node is not a node; take it of the value of a run")
        kind = None if kwargs else KINDS.get(ufunc)
        return kind(*inputs) if kind else KINDS["Call"](ufunc, inputs, kwargs)

    def __array_function__(self, function: Any, _types: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        return KINDS["Call"](function, args, kwargs)

    # --- what only its value can do

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | float | np.ndarray | np.generic):
            raise GraphError(f"{self} == {other!r:.40} is asked before a run; Equals(x, y) is the node that compares")
        return self is other

    __ne__ = object.__ne__
    __bool__ = refusal("has no truth before a run, which `if` asks for; take the value of g.run([{name}])")
    __index__ = refusal("is no number before a run; take the value of g.run([{name}])")  # float() asks for it, too
    __round__ = __trunc__ = __len__ = __array__ = __index__
    __iter__ = refusal("cannot be iterated or unpacked; take its parts by index")
    __setitem__ = refusal("cannot be changed in part; a Variable is assigned as a whole, w.value = array")
    __reduce_ex__ = refusal("belongs to its graph and is not copied or pickled; make another node, or g.save() values")
    __getattr__ = of_class("node")

    def __format__(self, spec: str) -> str:
        return str(self.__index__()) if spec else str(self)  # which refuses


def shape_of(shape: Any, kind: str) -> Shape:
    """A shape as a tuple of integers, with -1 for a size that any may take the place of."""
    try:
        return tuple([-1 if n is None else whole("a size", n, least=-1) for n in shape])
    except (TypeError, InputError):
        met = f"{kind}: the shape {shape!r:.60} is no list of sizes"
        raise InputError(f"{met}; expected whole numbers, or -1 for one not known yet, as in shape=[-1, 3]") from None


class Constant(Node):
    """A number or an array, in the place of a node."""

    def init(self, value: Any) -> None:
        if isinstance(value, tuple | list) and any(isinstance(part, Node) for part in value):
            met = f"a node takes nodes one by one, not a {type(value).__name__} of them"
            raise GraphError(
                f"{met}; a layer gives its output and its variables: take the first of affine_layer(x, 10)"
            )
        array = np.array(value)
        if array.dtype.kind not in "biufc":
            raise GraphError(f"a node takes nodes, numbers and arrays of numbers; {value!r:.60} is none: convert it")
        if array.dtype.kind == "f":
            array = array.astype(self.graph.dtype)
        # A number is one of Python's, which takes the dtype of what it meets.
        self.value = array if array.ndim else np.asarray(value).item()
        self.shape = array.shape

    def compute(self) -> Any:
        return self.value


def node_for(x: Any, graph: Any) -> Node:
    """The node itself, or one for a number or an array."""
    return x if isinstance(x, Node) else Constant(graph=graph, value=x)
