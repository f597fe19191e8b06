"""Products of vectors, matrices and tensors."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from ..ops import linalg
from ..tuned import linear
from .table import composes, writes


@writes(np.matmul, linear.product)
def _matmul(graph: Any, a: Any, b: Any) -> Any:
    return graph.node("MatMul", *graph.alike(a, b))


@writes(linear.affine)
def _affine(graph: Any, x: Any, weight: Any, bias: Any) -> Any:
    return graph.node("Gemm", *graph.alike(x, weight, bias))


@composes(linalg.times_transposed)
def _times_transposed(a: Any, b: Any) -> Any:
    return np.matmul(a, np.swapaxes(b, -1, -2))


@composes(linalg.transposed_times)
def _transposed_times(a: Any, b: Any) -> Any:
    return np.matmul(np.swapaxes(a, -1, -2), b)


@composes(np.dot)
def _dot(a: Any, b: Any) -> Any:
    if 0 in (_ndim(a), _ndim(b)):
        return np.multiply(a, b)
    return np.matmul(a, b) if _ndim(b) < 3 else np.tensordot(a, b, (-1, -2))


def _ndim(x: Any) -> int:
    return x.ndim if hasattr(x, "ndim") else np.ndim(x)


@composes(np.outer)
def _outer(a: Any, b: Any) -> Any:
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@composes(np.vecdot)
def _vecdot(a: Any, b: Any, axis: int = -1, keepdims: bool = False) -> Any:
    return np.sum(a * b, axis=axis, keepdims=keepdims)


@composes(np.linalg.multi_dot)
def _multi_dot(arrays: Any) -> Any:
    first, *others = arrays
    for a in others:
        first = np.matmul(first, a)
    return first


@writes(np.einsum)
def _einsum(graph: Any, subscripts: str, *operands: Any, optimize: Any = False) -> Any:
    inputs, terms = graph.alike(*operands), subscripts.partition("->")[0].split(",")
    pairs = [(letter, n) for x, term in zip(inputs, terms) for letter, n in zip(term, x.shape or ())]
    sizes = dict(sorted(pairs, key=lambda pair: pair[1] != 1))  # one axis of length 1 counts as long as the others
    for i, (x, term) in enumerate(zip(inputs, terms)):
        shape: Any = [sizes.get(letter) for letter in term]
        if x.shape is not None and shape != list(x.shape) and {int} == set(map(type, shape)):
            inputs[i] = np.broadcast_to(x, shape)
    return graph.node("Einsum", *inputs, equation=subscripts)


@composes(np.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """By letters: those of the axes over which is summed are the same in both terms."""
    one, other = linalg.contracted(axes, _ndim(a), _ndim(b))
    letters = iter(string.ascii_letters)
    of_a = [next(letters) for _ in range(_ndim(a))]
    of_b = [of_a[one[other.index(i)]] if i in other else next(letters) for i in range(_ndim(b))]
    free = [c for i, c in enumerate(of_a) if i not in one] + [c for i, c in enumerate(of_b) if i not in other]
    return np.einsum(f"{''.join(of_a)},{''.join(of_b)}->{''.join(free)}", a, b)
