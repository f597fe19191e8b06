"""References: numbers that other libraries give, stored, so that ours are compared with them wherever the tests run.

A reference is a case: seeded arrays, our function of them, and that of a peer. `scripts/make_references.py` runs the
peers' functions where they are installed and writes what they give to `stored/`; `test_references.py` compares.

    reference("mse", "torch", [(3, 4), (3, 4)], nn.mse, lambda torch, x, y: torch.nn.functional.mse_loss(x, y))

What is compared: the results, and unless `gradients=False` the gradients of their weighted sum with respect to all
arrays of floating-point numbers. Both sides compute in float64.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import ntb

STORED = Path(__file__).parent / "stored"


class Reference(NamedTuple):
    """A case. `subject` is the file that it stands in, under whose name its numbers are stored."""

    subject: str
    name: str
    peer: str
    arrays: tuple[np.ndarray, ...]
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    gradients: bool
    tolerance: float

    @property
    def key(self) -> str:
        return f"{self.name} ({self.peer})"


REFERENCES: list[Reference] = []


def reference(
    name: str,
    peer: str,
    inputs: Sequence[Any],
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    *,
    gradients: bool = True,
    tolerance: float = 1e-10,
) -> None:
    """Enter a case.

    Args:
        name: unique in its file.
        peer: the package whose numbers are stored, which `theirs` is given as its first argument: "torch", "optax", …
        inputs: shapes, which are filled with numbers of the normal distribution; functions of a generator; or arrays.
        ours: takes the arrays; gives an array, a tensor, or a list of them.
        theirs: takes the peer, then the arrays as the peer's; gives the same.
        gradients: whether the gradients are compared; only of the peers that have some.
        tolerance: how far numbers may be off, relative to the largest.
    """
    subject = Path(sys._getframe(1).f_code.co_filename).stem
    rng = np.random.default_rng(zlib.crc32(f"{subject} {name}".encode()))
    arrays = tuple(_array(given, rng) for given in inputs)
    assert (subject, name, peer) not in {case[:3] for case in REFERENCES}, name
    REFERENCES.append(Reference(subject, name, peer, arrays, ours, theirs, gradients, tolerance))


def _array(given: Any, rng: np.random.Generator) -> np.ndarray:
    if callable(given):
        return np.asarray(given(rng))
    return given if isinstance(given, np.ndarray) else rng.standard_normal(given)


def our_numbers(case: Reference) -> list[np.ndarray]:
    """What ntb gives: the results, then the gradients."""
    places = [i for i, a in enumerate(case.arrays) if a.dtype.kind in "fc"]
    if not case.gradients:
        return _arrays(case.ours(*case.arrays))
    watched = [ntb.Variable(a) if i in places else a for i, a in enumerate(case.arrays)]
    with ntb.Tape() as tape:
        results = case.ours(*watched)
        results = list(results) if isinstance(results, list | tuple) else [results]
        loss = sum(np.sum(r * weights(r.shape)) for r in results)
    found = tape.gradient(loss, [watched[i] for i in places], unconnected="zero")
    return _arrays([*results, *found])


def weights(shape: tuple[int, ...]) -> np.ndarray:
    """Of a result's elements in the sum whose gradient is compared."""
    return np.cos(np.arange(np.prod(shape, dtype=int))).reshape(shape)


def _arrays(results: Any) -> list[np.ndarray]:
    results = results if isinstance(results, list | tuple) else [results]
    return [np.asarray(getattr(r, "value", r)) for r in results]
