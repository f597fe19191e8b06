"""What a call costs, counted from shapes: floating-point operations, and bytes of memory read and written.

A product of matrices (m, k) and (k, n) takes 2 m n k operations, an elementwise operation or a reduction one for each
element; what only moves or selects numbers takes none. These are the counts of a textbook: a tanh counts as much as a
sum. Bytes are those of the arguments and the results, each once; a view costs nothing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..tape.rules import name_of
from .code import Code, Instruction, Ref, Spec, leaves


class Work(NamedTuple):
    """What a call, or several, took; `calls` and `seconds` are measured, the others counted."""

    seconds: float = 0.0
    calls: int = 0
    flops: int = 0
    read: int = 0
    written: int = 0

    def plus(self, other: Work) -> Work:
        """
        >>> Work(1.0, 1, flops=10).plus(Work(2.0, 1, read=80))
        Work(seconds=3.0, calls=2, flops=10, read=80, written=0)
        """
        return Work(*map(operator.add, self, other))


def work_of(code: Code, instruction: Instruction) -> Work:
    """Operations and bytes of one instruction of a code."""
    results = instruction.writes()
    specs = code.specs
    is_view = bool(results) and all(specs[ref].root != ref for ref in results)
    if instruction.effect == "guard" or is_view:
        return Work()
    made = [specs[ref] for ref in results]
    written = sum(spec.nbytes for spec in made)
    arguments = [in_memory(code, a) for a in leaves((*instruction.args, *instruction.kwargs.values()))]
    known = {id(a): a for a in arguments if isinstance(a, Spec) and a.shape is not None}
    read = [bytes_of(spec) for spec in known.values()]
    name = name_of(instruction.function)
    if name in SELECTING and read:
        read[0] = min(read[0], written)
    if instruction.effect or name in MOVING:
        flops = 0
    elif name in PRODUCTS and made:
        flops = int(PRODUCTS[name](made[0], *[in_memory(code, a) for a in leaves(instruction.args)]))
    else:
        flops = max((size(spec) for spec in (*made, *known.values())), default=0)
    return Work(flops=flops, read=sum(read), written=written)


def in_memory(code: Code, x: Any) -> Any:
    """The Spec of an array, anything else as it is."""
    if type(x) is Ref:
        return code.specs[x]
    return Spec(x) if isinstance(x, np.ndarray) else x


def size(spec: Any) -> int:
    return math.prod(spec.shape or ())


def bytes_of(spec: Spec) -> int:
    """The bytes in memory: a number that is broadcast counts once."""
    if spec.strides is None or spec.shape is None or spec.dtype is None:
        return spec.nbytes
    return spec.dtype.itemsize * math.prod(n for n, stride in zip(spec.shape, spec.strides, strict=True) if stride)


# --- products of matrices


def matmul(y: Spec, a: Spec, b: Spec, *_: Any) -> int:
    return 2 * size(y) * (a.shape[-1] if a.shape else 1)


def tensordot(y: Spec, a: Spec, b: Spec, *_: Any) -> int:
    """With a (m, k), b (k, n) and y (m, n): k² is the number of elements of a and b over that of y."""
    return 2 * size(y) * math.isqrt(size(a) * size(b) // max(size(y), 1))


def einsum(y: Spec, subscripts: Any, *operands: Any) -> int:
    """A multiplication or addition per operand for each combination of all indices."""
    if not isinstance(subscripts, str):
        return size(y)
    extents: dict[Any, int] = {}
    for term, x in zip(subscripts.replace(" ", "").split("->")[0].split(","), operands):
        first, _, last = term.partition("...")
        hidden = range(len(first) + len(last) - len(x.shape), 0)
        for label, n in zip([*first, *hidden, *last], x.shape):
            extents[label] = max(n, extents.get(label, 1))
    return math.prod(extents.values()) * len(subscripts.split("->")[0].split(","))


def convolution(y: Spec, x: Any, strips: Any, weight: Spec, *_: Any) -> int:
    return 2 * size(y) * size(weight) // max((weight.shape or (1,))[0], 1)


def filter_gradient(y: Spec, x: Any, strips: Any, g: Spec, *_: Any) -> int:
    return convolution(g, None, None, y)


def image_gradient(y: Spec, g: Spec, weight: Spec, *_: Any) -> int:
    return convolution(g, None, None, weight)


def lstm_run(y: Spec, x: Spec, h: Spec, c: Any, wx: Spec, wh: Spec, *_: Any) -> int:
    """In each of T steps the products (N, D) @ (D, 4H) and (N, H) @ (H, 4H); the rest is element by element."""
    return 2 * math.prod((x.shape or (0,))[:2]) * (size(wx) + size(wh)) + size(y)


def lstm_pull(y: Spec, g: Any, x: Spec, h: Any, c: Any, wx: Any, wh: Spec, b: Any, run: Spec) -> int:
    return 2 * math.prod((x.shape or (0,))[:2]) * size(wh) + size(y) + size(run)


def cubic(factor: float) -> Callable[..., float]:
    """factor n³ for each of a stack of matrices (n, n)."""
    return lambda y, a, *_: factor * size(a) * (a.shape or (1,))[-1]


def solve(y: Spec, a: Spec, b: Spec) -> float:
    return cubic(2 / 3)(y, a) + 2 * size(y) * (a.shape or (1,))[-1]


PRODUCTS: dict[str, Callable[..., float]] = {
    "np.matmul": matmul, "np.dot": matmul, "np.inner": matmul, "np.vecdot": matmul, "np.matvec": matmul,
    "np.vecmat": matmul, "np.tensordot": tensordot, "np.vdot": tensordot, "np.einsum": einsum,
    "times_transposed": matmul, "transposed_times": lambda y, a, b: 2 * size(y) * a.shape[-2],
    "product": matmul, "affine": lambda y, x, weight, _: matmul(y, x, weight) + size(y),
    "convolution": convolution, "filter_gradient": filter_gradient, "image_gradient": image_gradient,
    "products": lambda y, g, d, *_: 2 * size(d), "lstm_run": lstm_run, "lstm_pull": lstm_pull,
    "np.linalg.inv": cubic(2), "np.linalg.det": cubic(2 / 3), "np.linalg.slogdet": cubic(2 / 3),
    "np.linalg.cholesky": cubic(1 / 3), "np.linalg.solve": solve,
}  # fmt: skip

SELECTING = {"getitem", "np.take", "np.take_along_axis"}
MOVING = SELECTING | {
    "astype", "flatten", "fresh", "lstm_states", "put", "strips", "unflatten", "windows",
    *(f"np.{name}" for name in (
        "array", "asarray", "ascontiguousarray", "atleast_1d", "atleast_2d", "block", "broadcast_to", "column_stack",
        "concatenate", "copy", "diag", "diagonal", "dstack", "expand_dims", "flip", "full_like", "hstack", "moveaxis",
        "ones_like", "pad", "permute_dims", "ravel", "repeat", "reshape", "roll", "rollaxis", "rot90", "split",
        "squeeze", "stack", "swapaxes", "tile", "transpose", "tril", "triu", "vstack", "zeros_like",
    )),
}  # fmt: skip
