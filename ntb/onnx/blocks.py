"""Building blocks of networks: activations, softmax, normalization."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..ops.special import log_sigmoid, softplus
from ..tuned import binary, gated, normalize, relu, scores, sigmoid
from .elementwise import scale
from .graph import of_shape
from .reductions import reduced
from .table import body_of, composes, writes

# --- activations


def _floating(graph: Any, x: Any) -> Any:
    """An argument as floating-point numbers."""
    x = graph.value(x)
    return x if np.dtype(x.dtype).kind == "f" else graph.value(x, float)


def _enter(function: Any, op: str) -> None:
    @writes(function)
    def node(graph: Any, x: Any) -> Any:
        return graph.node(op, _floating(graph, x))


_enter(sigmoid.sigmoid, "Sigmoid")
_enter(gated.silu_gate, "Sigmoid")
_enter(softplus, "Softplus")
_enter("scipy.special.expit", "Sigmoid")
_enter("scipy.special.erf", "Erf")


@writes(relu.relu)
def _relu(graph: Any, x: Any) -> Any:
    return graph.node("Relu", graph.value(x))


@writes(log_sigmoid)
def _log_sigmoid(graph: Any, x: Any) -> Any:
    return -graph.node("Softplus", -_floating(graph, x))


@composes(binary.losses_of_logits)
def _losses_of_logits(x: Any, t: Any) -> Any:
    return -(scale(t, _log_sigmoid(x.graph, x)) + scale(1 - t, _log_sigmoid(x.graph, -x)))


@composes(gated.gelu_gate)
def _gelu_gate(x: Any) -> Any:
    u = x * (gated.SCALE + gated.CUBIC * (x * x))
    return 0.5 + 0.5 * np.tanh(u)


@writes(gated.gelu_gated)
def _gelu_gated(graph: Any, x: Any, gate: Any) -> Any:
    """In double precision written out, since onnxruntime computes Gelu in single precision."""
    return x * gate if x.dtype == np.float64 else graph.node("Gelu", x, approximate="tanh")


@composes(gated.silu_gated)
def _silu_gated(x: Any, gate: Any) -> Any:
    return x * gate


@writes("scipy.special.ndtr")
def _ndtr(graph: Any, x: Any) -> Any:
    return 0.5 + 0.5 * graph.node("Erf", graph.value(x) * math.sqrt(0.5))


# --- softmax and its kin


@writes(scores.softmax)
def _softmax(graph: Any, x: Any, axis: Any = -1) -> Any:
    if isinstance(axis, int):
        return graph.node("Softmax", _floating(graph, x), axis=axis)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


@writes(scores.logsumexp)
def _logsumexp(graph: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return reduced(graph, "ReduceLogSumExp", _floating(graph, x), axis, keepdims)


@writes(scores.log_softmax)
def _log_softmax(graph: Any, x: Any, axis: Any = -1) -> Any:
    if isinstance(axis, int):
        return of_shape(x.shape, graph.node("LogSoftmax", _floating(graph, x), axis=axis))
    return x - _logsumexp(graph, x, axis, True)


@writes(scores.label_loss)
def _label_loss(graph: Any, x: Any, labels: Any) -> Any:
    places = of_shape((*labels.shape, 1), np.expand_dims(graph.value(labels), -1))
    return -np.squeeze(np.take_along_axis(_log_softmax(graph, x), places, axis=-1), -1)


# --- normalization: means of the shape of the statistics


def _axes_of(shape: Any) -> tuple:
    """The axes along which statistics of a shape have length 1, and over which they are taken."""
    return tuple(i for i, n in enumerate(shape) if type(n) is int and n == 1)


@composes(normalize.sums)
def _sums(x: Any, shape: tuple) -> Any:
    return np.sum(x, axis=_axes_of(shape), keepdims=True)


@composes(normalize.averages)
def _averages(x: Any, shape: tuple) -> Any:
    return np.mean(x, axis=_axes_of(shape), keepdims=True)


@composes(normalize.variances)
def _variances(d: Any, shape: tuple) -> Any:
    return np.mean(d * d, axis=_axes_of(shape), keepdims=True)


@composes(normalize.centred)
def _centred(x: Any, mean: Any) -> Any:
    return x - mean


@writes(normalize.normalized)
def _normalized(graph: Any, d: Any, gamma: Any, beta: Any, var: Any, eps: float) -> Any:
    """Over the last axes it is a node, which takes the mean away, too; eps is stored in single precision there."""
    axes = _axes_of(var.shape)
    first = d.ndim - len(axes)
    function, args = graph.maker(d)
    sizes = d.shape[first:]
    others = {n for p in (gamma, beta) for n in p.shape[:first]}  # of which scale and shift must not depend
    are_last = axes == tuple(range(first, d.ndim)) and others <= {1} and {int} == set(map(type, sizes))
    if not are_last or function is not body_of(normalize.centred) or d.dtype == np.float64:
        return d / np.sqrt(var + eps) * gamma + beta
    scale, shift = (_without_leading_axes(graph, graph.value(p), len(sizes)) for p in (gamma, beta))
    if scale.shape != sizes or shift.shape != sizes:
        scale, shift = (np.broadcast_to(p, sizes) for p in (scale, shift))
    return graph.node("LayerNormalization", args[0], scale, shift, axis=first, epsilon=float(eps))


def _without_leading_axes(graph: Any, parameter: Any, ndim: int) -> Any:
    """A scale or shift with the last axes alone; where a program put axes of length 1 before them, what it was."""
    function, args = graph.maker(parameter)
    if function is np.reshape and args[0].shape == parameter.shape[-ndim:]:
        return args[0]
    return of_shape(parameter.shape[-ndim:], np.reshape(parameter, parameter.shape[-ndim:]))
