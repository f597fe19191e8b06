"""The table of nodes: each line is a call of an eager block; and, below it, nodes that ask for more than their inputs.

    Affine = one_call("Affine", nn.linear, "x @ w + b.", arity=3)

says that `Affine(x, w, b)` is the node of `nn.linear(x, w, b)`. Operators and NumPy's functions make these nodes too.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...nn import sigmoid  # noqa: F401  # a function of arrays, which programs of the earlier ntb find here
from ...nn.ranges import probability, whole_numbers
from ...ops.layout import flatten
from ...ops.stopping import stop_gradient
from ..current import GraphError
from ..misc import Shape, number
from ..node import KINDS, Node, NodeType, shape_of

REQUIRED = inspect.Parameter.empty
"""In the place of an option's default, if it has none."""


def one_call(
    name: str, block: Callable[..., Any], says: str, *, base: type[Node] = Node, integers: bool = False,
    arity: int | None = 1, stand_ins: tuple[int, int] = Node.stand_ins, **options: Any,
) -> Any:  # fmt: skip
    """A kind of node: a line of the table.

    Args:
        name: of the class; block: what it calls with the values of its inputs; says: its docstring; base: its parent.
        integers: whether integers among the inputs stay integers.
        arity: the number of inputs, None for any; that of a ufunc is known.
        stand_ins: the two sizes that unknown ones are tried as, to find the shape of the value (`tried_shape`).
        options: what the block takes by name, with defaults; `node.axis = 1` sets one between runs.
    """

    def init(self: Any, shape: Any = None, **values: Any) -> None:
        vars(self).update(options | values)

    own, given, *_ = inspect.signature(init).parameters.values()
    named = [inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=x) for key, x in options.items()]
    init.__signature__ = inspect.Signature([own, given, *named])  # type: ignore[attr-defined]
    body = {"block": staticmethod(block), "integers": integers, "options": options, "init": init, "__doc__": says,
            "arity": getattr(block, "nin", arity), "stand_ins": stand_ins,
            "__module__": base.__module__ if base is not Node else __name__}  # fmt: skip
    kind = KINDS[name] = NodeType(name, (base,), body)
    if isinstance(block, np.ufunc):
        KINDS[block] = kind
    return kind


# --- calls that NumPy or ntb.nn writes in another way


def labels(y: Any) -> Any:
    """Labels as integers, which may have been fed as floats, if these are whole."""
    return whole_numbers(y) if y.dtype.kind == "f" else y


def temporal_cross_entropy(x: Any, y: Any, mask: Any) -> Any:
    if mask.shape != x.shape[:2]:
        raise InputError(f"the mask has the shape {mask.shape}; expected {x.shape[:2]}, a number for each label")
    losses = nn.cross_entropy(x, labels(y), reduction="none")
    return np.divide(np.sum(np.multiply(mask.astype(x.dtype), losses)), x.shape[0])


def class_accuracy(prediction: Any, y: Any) -> Any:
    if prediction.ndim != 1 or prediction.shape != y.shape:
        met = f"predictions of shape {prediction.shape} and labels of shape {y.shape} do not fit; expected (N,), (N,)"
        raise InputError(f"{met}: Argmax(scores, axis=1) makes labels of scores, Reshape(x, shape=[-1]) a row")
    return np.mean(np.equal(prediction, y))


# --- the table
# fmt: off

Add = one_call("Add", np.add, "x + y.")
Sub = one_call("Sub", np.subtract, "x - y.")
Mult = one_call("Mult", np.multiply, "x * y.")
Div = one_call("Div", np.divide, "x / y.")
Power = one_call("Power", lambda x, exponent: np.power(x, exponent), "x ** exponent, the exponent a number.",
                 exponent=REQUIRED)
Negative = one_call("Negative", np.negative, "-x.")
Absolute = one_call("Absolute", np.absolute, "The magnitude of x.")
Exp = one_call("Exp", np.exp, "e to the power of x.")
Log = one_call("Log", np.log, "The natural logarithm of x.")
Sqrt = one_call("Sqrt", np.sqrt, "The square root of x.")
Maximum = one_call("Maximum", np.maximum, "The greater of x and y, elementwise; equal ones share the gradient.")
Minimum = one_call("Minimum", np.minimum, "The less of x and y, elementwise; equal ones share the gradient.")
Where = one_call("Where", np.where, "x where the first node is true, y elsewhere: Where(x > 0, x, y).", arity=3)
Equals = one_call("Equals", np.equal, "x == y, elementwise; bools, no gradient.", integers=True)
StopGradient = one_call("StopGradient", stop_gradient, "x as a constant: no gradient goes back through it.")

Dot = one_call("Dot", nn.linear, "The matrix product of x (N, D) and y (D, M).", arity=2)
KINDS[np.matmul] = Dot  # that of @
Affine = one_call("Affine", nn.linear, "x @ w + b, for x (N, D), w (D, M) and b (M,).", arity=3)
TemporalDot = one_call("TemporalDot", nn.linear, "x @ w at each time, for x (N, T, D) and w (D, M).", arity=2)
TemporalAffine = one_call("TemporalAffine", nn.linear, "x @ w + b at each time, for x (N, T, D).", arity=3)

Sum = one_call("Sum", np.sum, "The sum over axes: None, a number or a tuple.", axis=None, keepdims=False)
Mean = one_call("Mean", np.mean, "The mean over axes: None, a number or a tuple.", axis=None, keepdims=False)
L2 = one_call("L2", nn.l2, "Half the sum of squares of all its nodes.", arity=None)
L1 = one_call("L1", nn.l1, "The sum of absolute values of all its nodes.", arity=None)
Maxout = one_call("Maxout", nn.maxout, "The maximum over the last axis; equal maxima share the gradient.")

BatchFlatten = one_call("BatchFlatten", flatten, "x (N, ...) as (N, D).", integers=True)
Transpose = one_call("Transpose", np.transpose, "x with its axes in another order, by itself the reverse one.",
                     integers=True, axes=None)
Subscript = one_call("Subscript", lambda x, index: x[index], "x[index], for ints, slices, tuples of them, and arrays.",
                     integers=True, stand_ins=(1009, 1013), index=REQUIRED)
Concat = one_call("Concat", lambda *xs, axis=0: np.concatenate(xs, axis), "The nodes one after another along an axis.",
                  arity=None, axis=0)
Stack = one_call("Stack", lambda *xs, axis=0: np.stack(xs, axis), "The nodes side by side along a new axis.",
                 arity=None, axis=0)
OneHot = one_call("OneHot", lambda x, depth: nn.one_hot(labels(x), depth, np.float64),
                  "For each integer of x a vector of zeros and a one at this place.", integers=True, depth=REQUIRED)
Embed = one_call("Embed", lambda x, w: nn.embedding(labels(x), w), "Rows of w (V, D) by integers x (N, T): (N, T, D).",
                 integers=True, arity=2)

Relu = one_call("Relu", nn.relu, "max(x, 0); the derivative at 0 is 0.")
Sigmoid = one_call("Sigmoid", nn.sigmoid, "1 / (1 + exp(-x)).")
Tanh = one_call("Tanh", np.tanh, "tanh(x).")
Softmax = one_call("Softmax", nn.softmax, "Probabilities along the last axis.")

CrossEntropy = one_call("CrossEntropy", lambda p, y: nn.nll(np.log(p), labels(y)),
                        "The mean of -log p[i, y[i]], for probabilities p (N, C) and integer labels y (N,).",
                        integers=True, arity=2)
CrossEntropyLogits = one_call("CrossEntropyLogits", lambda x, y: nn.cross_entropy(x, labels(y)),
                              "The mean of -log softmax(x)[i, y[i]], for scores x (N, C) and integer labels y (N,).",
                              integers=True, arity=2)
TemporalCE = one_call("TemporalCE", temporal_cross_entropy,
                      "-sum(mask * log softmax(x)[y]) / N, for scores x (N, T, V), integer labels and mask (N, T).",
                      integers=True, arity=3)
ClassAccuracy = one_call("ClassAccuracy", class_accuracy, "The share of equal labels, for two arrays (N,).",
                         integers=True, arity=2)
# fmt: on


# --- nodes with an option by position, with functions or draws, and gradients


class Reshape(Node):
    """x in another shape, which may contain one -1."""

    integers = True

    def __init__(self, x: Any, shape: Any, name: str | None = None) -> None:
        target, met = shape_of(shape, "Reshape"), getattr(x, "shape", (-1,))
        count, known = math.prod(met), math.prod([n for n in target if n != -1])
        fits = count == known if -1 not in target else known and count % known == 0
        if target.count(-1) > 1 or not (-1 in met or fits):
            raise GraphError(f"Reshape: a node of shape {met} does not fill {target}, of which one size may be -1")
        super().__init__(x, shape=target, name=name)

    def compute(self, x: Any) -> Any:
        return np.reshape(x, self.shape)


class Argmax(Sum):  # type: ignore[misc,valid-type]
    """The index of the greatest along an axis, which must be named; no gradient."""

    integers = True
    block = staticmethod(np.argmax)

    def __init__(self, x: Any, axis: int, keepdims: bool = False, name: str | None = None) -> None:
        super().__init__(x, axis=axis, keepdims=keepdims, name=name)


class Function1d(Node):
    """f(x), elementwise, with the derivative df(x): functions of arrays of the user's."""

    def init(self, f: Callable[[Any], Any], df: Callable[[Any], Any], shape: Any = None) -> None:
        self.f, self.df = f, df

    def forw_eval(self, x: Any) -> tuple[Any, Any]:
        return self.f(x), x

    def back_eval(self, Dout: Any, cache: Any, bp_mask: Sequence[bool]) -> Any:
        return Dout * self.df(cache)


class Sample(Node):
    """An index along the last axis, drawn with the probabilities p, whose rows are scaled to sum to one."""

    def infer_shape(self, p: Shape) -> Shape:
        if len(p) not in (2, 3):
            raise InputError(f"Sample: probabilities have shape (N, K) or (N, T, K), not {p}")
        return p[:-1]

    def compute(self, p: Any) -> Any:
        return self.graph.rng.categorical(p)


class Dropout(Node):
    """Keep each element of x with probability p, a scalar node, and divide it by p; others become zero.

    There is no switch for evaluation: feed p = 1. With p = 0 the result is zero. A p beyond these is a GraphError.
    """

    def __init__(self, x: Node, p: Any, name: str | None = None) -> None:
        if not isinstance(p, Node) and not 0 <= number("p", p) <= 1:
            raise GraphError(f"Dropout: p is the probability to keep an element, between 0 and 1, not {p}")
        super().__init__(x, p, name=name)

    def infer_shape(self, x: Shape, p: Shape) -> Shape:
        if p != ():
            raise GraphError(f"Dropout: p is a scalar, the probability to keep an element; it has the shape {p}")
        return x

    def compute(self, x: Any, p: Any) -> Any:
        return nn.dropout(x, np.subtract(1, probability(p)), rng=self.graph.rng)


def weight_decay(loss_node: Node, decay_class: type[Node] = L2) -> Node:
    """A penalty on all learnable variables of rank 2 and more of a loss: `loss + reg * weight_decay(loss)`."""
    weights = [v for v in loss_node.graph.learnable(loss_node) if len(v.shape) > 1]
    if not weights:
        met = f"{loss_node} depends on no learnable variable of rank 2 or more"
        raise GraphError(f"{met}, so there is nothing to decay; leave weight_decay out, or name nodes by L2(w)")
    return decay_class(*weights)


class Grad(Node):
    """dy/dx for a scalar y, of x's shape; zeros where y does not depend on x. It can be differentiated again."""

    def __init__(self, y: Node, x: Node, name: str | None = None) -> None:
        if not isinstance(y, Node) or not isinstance(x, Node):
            raise GraphError(f"Grad(y, x) is of a scalar node and of that by which it is differentiated, not {x!r:.60}")
        super().__init__(y, x, name=name)

    def infer_shape(self, y: Shape, x: Shape) -> Shape:
        if y != ():
            raise GraphError(f"Node is not a scalar: Grad(y, x) is of a y of shape (), not {y}; take its sum or mean")
        return x

    def targets(self) -> Iterable[Node]:
        return self.graph.inputs[self][1:]

    def evaluate(self, run: Any, *inputs: Any) -> Any:
        y, x = self.graph.inputs[self]
        (gradient,) = run.gradient(y, [x], deep=self in run.plan.deep)
        return gradient
