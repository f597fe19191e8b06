"""The table of nodes: each line is a call of an eager block, with the shape of its value.

    Concat = one_call("Concat", concatenate, "The nodes one after the other.", shape=tried, arity=None, axis=0)

says that `Concat(x, y, axis=1)` is the node of `concatenate(x, y, axis=1)`, for any number of nodes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...nn.checks import whole_numbers
from ...ops.layout import flatten
from ...ops.stopping import stop_gradient
from ..misc import Shape, fitted_shape, reduced_shape, tried_shape
from ..node import KINDS, Node, NodeType

REQUIRED = inspect.Parameter.empty
"""In the place of an option's default, if it has none."""


def one_call(
    name: str, block: Callable[..., Any], says: str, shape: Any = None, *, integers: bool = False,
    arity: int | None = 1, **options: Any,
) -> Any:  # fmt: skip
    """A kind of node: a line of the table.

    Args:
        name: of the class; block: what it calls with the values of its inputs; says: its docstring.
        shape: of the value: a pattern for `fitted_shape`, a function of the node and the inputs' shapes, or None where
            they are broadcast.
        integers: whether integers among the inputs stay integers.
        arity: the number of inputs, None for any; that of a ufunc, and of a pattern, is known.
        options: what the block takes by name, with defaults; `node.axis = 1` sets one between runs.
    """
    if isinstance(shape, str):
        pattern = shape
        shape = lambda node, *shapes: fitted_shape(node.kind, pattern, *shapes)
        arity = pattern.partition(" -> ")[0].count("(")
    arity = block.nin if isinstance(block, np.ufunc) else arity

    def init(self: Any, shape: Any = None, **values: Any) -> None:
        vars(self).update(options | values)

    own, given, *_ = inspect.signature(init).parameters.values()
    named = [inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=x) for key, x in options.items()]
    init.__signature__ = inspect.Signature([own, given, *named])  # type: ignore[attr-defined]
    body = {"block": staticmethod(block), "integers": integers, "arity": arity, "options": options, "init": init}
    kind = NodeType(name, (Node,), body | ({"infer_shape": shape} if shape else {}))
    kind.__doc__, kind.__module__ = says, __name__
    KINDS[name] = kind
    if isinstance(block, np.ufunc):
        KINDS[block] = kind
    return kind


# --- shapes


def tried(node: Any, *shapes: Shape) -> Shape:
    return tried_shape(node, node.kind, *shapes)


def scalar(_node: Any, *_shapes: Shape) -> Shape:
    return ()


def reduced(node: Any, x: Shape) -> Shape:
    return reduced_shape(x, node.axis, node.keepdims, node.kind)


def indexed(node: Any, x: Shape) -> Shape:
    """The shape of x[index]. An unknown size stays unknown where it is sliced."""
    index = node.index
    parts = index if isinstance(index, tuple) else (index,)
    if sum(p is not None and p is not ... for p in parts) > len(x):
        raise InputError(f"Subscript: {len(parts)} indices for a node of shape {x}")
    # Two sizes for each unknown one: where the results differ, the size of the result is unknown.
    sizes = [tuple(size if n == -1 else n for n in x) for size in (1009, 1013)]
    try:
        results = [np.broadcast_to(np.False_, s)[index].shape for s in sizes]
    except IndexError as error:
        raise InputError(f"Subscript: {error} (a node of shape {x})") from None
    return tuple(a if a == b else -1 for a, b in zip(*results))


# --- calls that NumPy or ntb.nn writes in another way


def power(x: Any, exponent: Any) -> Any:
    return np.power(x, exponent)


def subscript(x: Any, index: Any) -> Any:
    return x[index]


def concatenate(*xs: Any, axis: int = 0) -> Any:
    return np.concatenate(xs, axis)


def stack(*xs: Any, axis: int = 0) -> Any:
    return np.stack(xs, axis)


def labels(y: Any) -> Any:
    """Labels as integers, which may have been fed as floats, if these are whole."""
    return whole_numbers(y) if y.dtype.kind == "f" else y


def one_hot(x: Any, depth: int) -> Any:
    return nn.one_hot(labels(x), depth, np.float64)


def temporal_affine(x: Any, w: Any, *b: Any) -> Any:
    flat = nn.linear(np.reshape(x, (-1, x.shape[2])), w, *b)
    return np.reshape(flat, (*x.shape[:2], w.shape[1]))


def temporal_cross_entropy(x: Any, y: Any, mask: Any) -> Any:
    if mask.shape != x.shape[:2]:
        raise InputError(f"the mask has the shape {mask.shape}; expected {x.shape[:2]}, a number for each label")
    losses = nn.cross_entropy(x, labels(y), reduction="none")
    return np.divide(np.sum(np.multiply(mask.astype(x.dtype), losses)), x.shape[0])


# --- the table
# fmt: off

Add = one_call("Add", np.add, "x + y.")
Sub = one_call("Sub", np.subtract, "x - y.")
Mult = one_call("Mult", np.multiply, "x * y.")
Div = one_call("Div", np.divide, "x / y.")
Power = one_call("Power", power, "x ** exponent, the exponent a number.", exponent=REQUIRED)
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

Dot = one_call("Dot", np.matmul, "The matrix product of x (N, D) and y (D, M).", "(N, D), (D, M) -> (N, M)")
Affine = one_call("Affine", nn.linear, "x @ w + b.", "(N, D), (D, M), (M,) -> (N, M)")
TemporalDot = one_call("TemporalDot", temporal_affine, "x @ w at each time.", "(N, T, D), (D, M) -> (N, T, M)")
TemporalAffine = one_call("TemporalAffine", temporal_affine, "x @ w + b at each time.",
                          "(N, T, D), (D, M), (M,) -> (N, T, M)")

Sum = one_call("Sum", np.sum, "The sum over axes: None, a number or a tuple.", reduced, axis=None, keepdims=False)
Mean = one_call("Mean", np.mean, "The mean over axes: None, a number or a tuple.", reduced, axis=None, keepdims=False)
L2 = one_call("L2", nn.l2, "Half the sum of squares of all its nodes.", scalar, arity=None)
L1 = one_call("L1", nn.l1, "The sum of absolute values of all its nodes.", scalar, arity=None)
Maxout = one_call("Maxout", nn.maxout, "The maximum over the last axis; equal maxima share the gradient.", tried)

BatchFlatten = one_call("BatchFlatten", flatten, "x (N, ...) as (N, D).", tried, integers=True)
Transpose = one_call("Transpose", np.transpose, "x with its axes in another order, by itself the reverse one.", tried,
                     integers=True, axes=None)
Subscript = one_call("Subscript", subscript, "x[index], for ints, slices, tuples of them, and arrays.", indexed,
                     integers=True, index=REQUIRED)
Concat = one_call("Concat", concatenate, "The nodes one after the other along an axis.", tried, arity=None, axis=0)
Stack = one_call("Stack", stack, "The nodes side by side along a new axis.", tried, arity=None, axis=0)
OneHot = one_call("OneHot", one_hot, "For each integer of x a vector of zeros and a one at this place.",
                  lambda node, x: (*x, node.depth), integers=True, depth=REQUIRED)
Embed = one_call("Embed", lambda x, w: nn.embedding(labels(x), w), "Rows of w (V, D) by integers x (N, T): (N, T, D).",
                 lambda _, x, w: (*x, w[1]), integers=True, arity=2)

Relu = one_call("Relu", nn.relu, "max(x, 0); the derivative at 0 is 0.")
Sigmoid = one_call("Sigmoid", nn.sigmoid, "1 / (1 + exp(-x)).")
Tanh = one_call("Tanh", np.tanh, "tanh(x).")
Softmax = one_call("Softmax", nn.softmax, "Probabilities along the last axis.")

CrossEntropy = one_call("CrossEntropy", lambda p, y: nn.nll(np.log(p), labels(y)),
                        "The mean of -log p[i, y[i]], for probabilities p (N, C) and integer labels y (N,).",
                        "scores (N, C), labels (N,) -> ()", integers=True)
CrossEntropyLogits = one_call("CrossEntropyLogits", lambda x, y: nn.cross_entropy(x, labels(y)),
                              "The mean of -log softmax(x)[i, y[i]], for scores x (N, C) and integer labels y (N,).",
                              "scores (N, C), labels (N,) -> ()", integers=True)
TemporalCE = one_call("TemporalCE", temporal_cross_entropy,
                      "-sum(mask * log softmax(x)[y]) / N, for scores x (N, T, V), integer labels and mask (N, T).",
                      "(N, T, V), (N, T), (N, T) -> ()", integers=True)
# fmt: on
