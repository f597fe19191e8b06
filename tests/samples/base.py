"""What a sample is: a row for every operation, with how it is called, and where its arguments come from.

`Sample.arrays(rng, shapes, dtype)` draws the arguments; `call` takes them as arrays or tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ntb.forms import blocks

# --- domains: a random generator and a shape give an array


def real(rng, shape):
    """Of either sign, not near 0 and not near an integer."""
    return rng.uniform(0.15, 0.85, shape) * rng.choice([-1.0, 1.0], shape) + rng.integers(-1, 2, shape) * 2


def small(rng, shape):
    return rng.uniform(0.2, 0.8, shape) * rng.choice([-1.0, 1.0], shape)


def positive(rng, shape):
    return rng.uniform(0.3, 2.0, shape)


def above_one(rng, shape):
    return rng.uniform(1.3, 2.5, shape)


def distinct(rng, shape):
    """No two elements are near each other, nor near 0."""
    n = int(np.prod(shape, dtype=int))
    order = rng.permutation(n).reshape(shape) if n else np.zeros(shape)
    return (order - n // 2 + 0.5) * 0.4 + rng.uniform(-0.05, 0.05, shape)


def regular(rng, shape):
    """Square matrices far from singular."""
    return rng.uniform(-0.3, 0.3, shape) + 2 * np.eye(shape[-1])


def spectral(rng, shape):
    """Matrices whose singular values, and whose eigenvalues, are far from each other and from 0."""
    m, n = shape[-2:]
    places = np.eye(m, n)[..., :, :] * (1.0 + np.arange(m)[:, None])
    return rng.uniform(-0.2, 0.2, shape) + places


def unreal(domain):
    """Complex numbers: real parts of the domain, imaginary ones of either sign."""
    return lambda rng, shape: domain(rng, shape) + 1j * small(rng, shape)


def fixed(value):
    return lambda rng, shape: value


@dataclass(frozen=True)
class Sample:
    """A call of an operation.

    Attributes:
        name: unique among the samples.
        operation: the entry of the table that the row stands for.
        call: the operation on its differentiable arguments, everything else filled in.
        shapes: for each variant the shapes of the arguments.
        domains: where the arguments come from.
        order: up to which order it has derivatives.
        exact: whether tensors take NumPy's own function, so that values agree to the last bit.
    """

    name: str
    operation: Any
    call: Callable[..., Any]
    shapes: tuple
    domains: tuple
    order: int = 2
    exact: bool = True

    def arrays(self, rng: np.random.Generator, shapes: tuple, dtype: Any = np.float64) -> list[np.ndarray]:
        drawn = [np.asarray(domain(rng, shape)) for domain, shape in zip(self.domains, shapes, strict=True)]
        return [in_precision(x, dtype) for x in drawn]


def in_precision(x: np.ndarray, dtype: Any) -> np.ndarray:
    """The array in the precision of a float dtype; complex numbers stay complex."""
    return x.astype(np.result_type(dtype, np.complex64) if x.dtype.kind == "c" else dtype)


SAMPLES: list[Sample] = []


def row(operation, call=None, shapes=None, domains=real, label="", **options):
    """Enter a sample; shapes of one argument need no inner tuple."""
    call = operation if call is None else call
    shapes = tuple(s if s and isinstance(s[0], tuple) else (s,) for s in shapes)
    domains = domains if isinstance(domains, tuple) else (domains,) * len(shapes[0])
    name = getattr(operation, "__name__", str(operation)) + (f"-{label}" if label else "")
    assert name not in {sample.name for sample in SAMPLES}, name
    SAMPLES.append(Sample(name, operation, call, shapes, domains, **options))


def form_of(block):
    """The tuned form of a block, which is the operation that the table knows."""
    return blocks[block][0].function


ONE = [(), (0,), (1,), (2, 2), (2, 0, 1), (2, 2, 2)]
TWO = [
    ((), ()), ((3,), ()), ((), (2,)), ((2, 1), (3,)), ((1, 2), (2, 1)), ((0, 1), (2,)), ((2, 2), (2, 2)), ((1,), (1,)),
    ((2, 2, 2), (2, 1, 2)),
]  # fmt: skip
BLOCKS = [(1,), (3,), (1, 1), (2, 2), (2, 2, 2)]
AT_LEAST_2D = [(1, 1), (2, 2), (2, 2, 2), (1, 3)]
