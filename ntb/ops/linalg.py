"""Derivatives of products of vectors, matrices and tensors."""

from __future__ import annotations

import operator
import string
from typing import Any

import numpy as np

from ..errors import InputError
from ..primitive import primitive
from ..tape.rules import define, derivative, operation_of
from ..tape.tensor import apply
from .flops import matmul as matmul_flops
from .flops import size
from .reductions import spread

# --- matmul, and two products with one argument transposed: the three are each other's derivatives
#
# If the transposition were an operation of its own, the gradient of a transposed argument would lie in memory by
# columns, and adding it to others, which lie by rows, would be slow.


@primitive(general=True, product=matmul_flops)
def times_transposed(a: Any, b: Any, out: Any = None) -> Any:
    """a bᵀ for matrices (..., N, K) and (..., M, K), or stacks of them that broadcast.

    >>> times_transposed(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    array([[11., 17.]])
    """
    b = np.swapaxes(b, -1, -2)  # one column: an outer product, where BLAS takes several times as long as np.multiply
    return (np.multiply if a.shape[-1] == 1 else np.matmul)(a, b, out=out)


@primitive(general=True, product=lambda y, a, b: 2 * size(y) * a.shape[-2])
def transposed_times(a: Any, b: Any, out: Any = None) -> Any:
    """aᵀ b for matrices (..., K, N) and (..., K, M), or stacks of them that broadcast.

    >>> transposed_times(np.array([[1.0], [2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    array([[13., 16.]])
    """
    a = np.swapaxes(a, -1, -2)
    return (np.multiply if a.shape[-1] == 1 else np.matmul)(a, b, out=out)


def _matmul_left(g, _y, _a, b):
    if _a.ndim == 1:
        return g * b if b.ndim == 1 else np.matmul(b, np.expand_dims(g, -1))[..., 0]
    return np.expand_dims(g, -1) * b if b.ndim == 1 else times_transposed(g, b)


def _matmul_right(g, _y, a, _b):
    if _b.ndim == 1:
        return g * a if a.ndim == 1 else np.matmul(a.mT, np.expand_dims(g, -1))[..., 0]
    if a.ndim == 1:
        return np.expand_dims(a, -1) * np.expand_dims(g, -2)
    if _b.ndim == 2 and a.ndim > 2 and a.size and g.size:  # one large product instead of a stack to be summed
        return transposed_times(np.reshape(a, (-1, a.shape[-1])), np.reshape(g, (-1, g.shape[-1])))
    return transposed_times(a, g)


derivative(np.matmul, _matmul_left, _matmul_right, broadcasts=True)
derivative(
    times_transposed,
    lambda g, _y, _a, b: np.matmul(g, b),
    lambda g, _y, a, _b: transposed_times(g, a),
    broadcasts=True,
)
derivative(
    transposed_times,
    lambda g, _y, _a, b: times_transposed(b, g),
    lambda g, _y, a, _b: np.matmul(a, g),
    broadcasts=True,
)


# --- dot: like matmul for matrices, an outer product over the other axes for stacks


def _dot_left(g, _y, _a, b):
    if np.ndim(_a) == 0 or np.ndim(b) == 0:
        return g * b
    if _a.ndim == b.ndim == 2:
        return times_transposed(g, b)
    free = [i for i in range(b.ndim) if i != max(b.ndim - 2, 0)]
    return np.tensordot(g, b, (list(range(_a.ndim - 1, g.ndim)), free))


def _dot_right(g, _y, a, _b):
    if np.ndim(a) == 0 or np.ndim(_b) == 0:
        return g * a
    if a.ndim == _b.ndim == 2:
        return transposed_times(a, g)
    free = list(range(a.ndim - 1))
    d = np.tensordot(a, g, (free, free))
    return np.moveaxis(d, 0, -2) if _b.ndim > 1 else d


derivative(np.dot, _dot_left, _dot_right, broadcasts=True)
derivative(
    np.outer,
    lambda g, _y, _a, b: np.reshape(np.matmul(g, np.ravel(b)), _a.shape),
    lambda g, _y, a, _b: np.reshape(np.matmul(np.ravel(a), g), _b.shape),
)


# --- tensordot: each gradient contracts the other argument's free axes


def contracted(axes: Any, m: int, n: int) -> tuple[list[int], list[int]]:
    """The axes over which arrays of `m` and `n` dimensions are contracted."""
    try:
        one, other = axes
    except TypeError:
        return list(range(m - axes, m)), list(range(axes))
    one, other = ([side] if np.ndim(side) == 0 else side for side in (one, other))
    return [i % m for i in one], [i % n for i in other]


def _tensordot_left(g, _y, _a, b, axes=2):
    one, other = contracted(axes, np.ndim(_a), np.ndim(b))
    free = [i for i in range(np.ndim(_a)) if i not in one]
    order = free + [one[other.index(i)] for i in sorted(other)]
    d = np.tensordot(g, b, (list(range(len(free), g.ndim)), [i for i in range(np.ndim(b)) if i not in other]))
    return np.transpose(d, tuple(order.index(i) for i in range(np.ndim(_a))))


def _tensordot_right(g, _y, a, _b, axes=2):
    one, other = contracted(axes, np.ndim(a), np.ndim(_b))
    free = [i for i in range(np.ndim(a)) if i not in one]
    order = [other[one.index(i)] for i in sorted(one)] + [i for i in range(np.ndim(_b)) if i not in other]
    d = np.tensordot(a, g, (free, list(range(len(free)))))
    return np.transpose(d, tuple(order.index(i) for i in range(np.ndim(_b))))


derivative(np.tensordot, _tensordot_left, _tensordot_right)


# --- einsum: the gradient of an operand is an einsum of the result's gradient with the other operands


@define(np.einsum)
def einsum(*operands: Any, out: None = None, **options: Any) -> Any:
    """Any call of einsum, brought to the form with one letter for each axis: "ij,jk->ik"."""
    if not isinstance(operands[0], str):
        operands = _lettered(operands)
    arrays = [a if hasattr(a, "ndim") else np.asarray(a) for a in operands[1:]]
    subscripts = _explicit(operands[0], [a.ndim for a in arrays], bool(options.get("optimize")))
    for term, a in zip(subscripts.split(","), arrays):
        if 0 in a.shape and len(set(zip(term, a.shape))) > len(set(term[: a.ndim])):  # NumPy reads out of bounds
            raise InputError(f"einsum: a letter of {term[: a.ndim]!r} names axes of length 0 and of another: {a.shape}")
    return apply(operation_of(np.einsum), (subscripts, *arrays), options)


def _lettered(operands: tuple) -> tuple:
    """einsum(a, [0, 1], b, [1, 2], [0, 2]) as einsum("AB,BC->AC", a, b)."""
    arrays, lists = operands[: len(operands) // 2 * 2 : 2], operands[1::2]
    result = operands[-1:] if len(operands) % 2 else ()
    terms, ends = (
        ["".join(map(_letter, term)) for term in lists],
        ["->" + "".join(map(_letter, term)) for term in result],
    )
    return ",".join(terms) + "".join(ends), *arrays


def _letter(label: Any) -> str:
    """The letter for the number of an axis. Capitals come first, as in the order of a result that is not written."""
    if label is Ellipsis:
        return "..."
    if not 0 <= operator.index(label) < 52:
        raise InputError(f"einsum: an axis has the number {label}; numbers go from 0 to 51")
    return (string.ascii_uppercase + string.ascii_lowercase)[label]


def _explicit(subscripts: str, ndims: list[int], optimize: bool = False) -> str:
    """The subscripts with a letter for every axis of an ellipsis, and with the result written out.

    If the result leaves out the axes of an ellipsis, NumPy sums over them when it optimizes, and refuses otherwise.
    """
    inputs, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if subscripts.count(".") != 3 * subscripts.count("...") or any(term.count("...") > 1 for term in (*terms, result)):
        raise InputError(f"einsum: each term of {subscripts!r} may have one ellipsis, three dots, and no other dots")
    extra = [n - len(term) + 3 if "..." in term else 0 for term, n in zip(terms, ndims, strict=True)]
    letters = "".join([c for c in string.ascii_letters if c not in subscripts][: max(extra, default=0)])
    terms = [term.replace("...", letters[len(letters) - n :]) for term, n in zip(terms, extra, strict=True)]
    if not arrow:
        joined = "".join(terms)
        result = "..." + "".join(sorted(c for c in set(joined) if joined.count(c) == 1 and c not in letters))
    elif letters and "..." not in result and not optimize:
        raise InputError(
            f"einsum: the result of {subscripts!r} leaves out the axes of the ellipsis; write ... in it, too"
        )
    return ",".join(terms) + "->" + result.replace("...", letters)


def _einsum_rule(g, _y, subscripts, *operands, optimize=False, **options):
    inputs, result = subscripts.split("->")
    terms = inputs.split(",")

    def piece(i):
        names, arrays = [result], [g]
        for j, term in enumerate(terms):
            if j != i:
                names.append(term)
                arrays.append(operands[j])
        fresh = iter([c for c in string.ascii_letters if c not in subscripts])
        sizes: dict[str, int] = {}
        for name, array in zip(names, arrays, strict=True):
            sizes.update(
                {label: n if n != 1 else sizes.get(label, 1) for label, n in zip(name, array.shape, strict=True)}
            )
        target = ""
        for label, n in zip(terms[i], operands[i].shape, strict=True):
            if label in target:  # repeated: off the diagonal the gradient is 0
                names.append(label + (label := next(fresh)))
                arrays.append(np.eye(n, dtype=g.dtype))
            elif label not in sizes or sizes[label] == 1 != n:  # summed out: every element has the same gradient
                names.append(label)
                arrays.append(np.ones(n, g.dtype))
            target += label
        return np.einsum(",".join(names) + "->" + target, *arrays, optimize=bool(optimize), **options)

    return piece


derivative(np.einsum, None, _einsum_rule, broadcasts=True)

# --- other products


@define(np.inner)
def inner(a: Any, b: Any) -> Any:
    return np.multiply(a, b) if np.ndim(a) == 0 or np.ndim(b) == 0 else np.tensordot(a, b, (-1, -1))


@define(np.vdot)
def vdot(a: Any, b: Any) -> Any:
    a = np.ravel(a)
    return np.dot(np.conjugate(a) if np.iscomplexobj(a) else a, np.ravel(b))


derivative(
    np.vecdot,
    lambda g, _y, _a, b, axis=-1, keepdims=False: conj(spread(g, axis, keepdims) * b),
    lambda g, _y, a, _b, axis=-1, keepdims=False: spread(g, axis, keepdims) * conj(a),
    broadcasts=True,
)
if hasattr(np, "matvec"):
    derivative(
        np.matvec,
        lambda g, _y, _a, x: np.expand_dims(g, -1) * np.expand_dims(x, -2),
        lambda g, _y, a, _x: np.matvec(a.mT, g),
        broadcasts=True,
    )
    derivative(
        np.vecmat,
        lambda g, _y, _x, b: conj(np.matvec(b, g)),
        lambda g, _y, x, _b: np.expand_dims(conj(x), -1) * np.expand_dims(g, -2),
        broadcasts=True,
    )


def conj(x: Any) -> Any:
    """The complex conjugate; real arrays as they are, where np.conjugate would make a copy."""
    return np.conjugate(x) if x.dtype.kind == "c" else x
