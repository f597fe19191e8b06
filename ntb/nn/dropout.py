"""Dropout (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, 2014)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..habits import knows_habits
from ..ops.stopping import stop_gradient
from ..primitive import primitive
from ..tape.rules import declare
from ..values.creation import astype
from .checks import as_array, axes_in, broadcasts
from .ranges import checked_numbers


@knows_habits
def dropout(x: Any, p: Any = 0.5, *, shared: int | tuple[int, ...] = (), rng: random.Generator | None = None) -> Any:
    """Set each element to zero with probability p, and scale the rest by 1 / (1 - p), so that the mean stays the same.

    This is what happens in training; for evaluation leave the call out (the layer `Dropout` does).

    Args:
        x: any shape, real floating-point numbers of any precision.
        p: the probability of *dropping* an element, a number or a scalar tensor in [0, 1] (TensorFlow 1
            and `ntb.compat` state the probability of keeping). With p=0 the result is x, with p=1 zeros.
            It is checked in each run.
        shared: the axes along which elements share their fate: (2, 3) drops whole channels of images, (1, 2, 3) whole
            examples.
        rng: the generator that draws the elements; by default the one that `ntb.random.seed` seeds.

    >>> dropout(np.ones(4, np.float32), 0.5, rng=random.generator(0))
    array([0., 0., 0., 2.], dtype=float32)
    >>> dropout(np.ones((3, 2)), 0.5, shared=1, rng=random.generator(0))
    array([[0., 0.],
           [2., 2.],
           [2., 2.]])
    """
    x, kept, drawn = drawn_for(x, p, shared, rng)
    scale = 1 / np.maximum(kept, float(np.finfo(x.dtype).tiny))  # with p=1 nothing is kept: any finite scale works
    return x * dropout_mask(drawn, kept, scale, x)


def drawn_for(x: Any, p: Any, shared: int | tuple[int, ...], rng: random.Generator | None) -> tuple[Any, Any, Any]:
    """x as an array, the probability to keep an element, and uniform numbers: what is less than it is kept."""
    p = probability(p)
    x = as_array(x)
    if x.dtype.kind != "f":
        raise InputError(f"dropout takes floating-point numbers, not {x.dtype}; convert x with .astype(np.float32)")
    kept = astype(1 - stop_gradient(p), x.dtype)
    if not broadcasts(np.shape(kept), x.shape):
        raise InputError(f"dropout's p is one number, or fits x of shape {x.shape}; it has the shape {np.shape(kept)}")
    axes = axes_in(x, shared, "along which elements share their fate")
    own = tuple([1 if i in axes else n for i, n in enumerate(x.shape)])
    return x, kept, (rng or random.default()).random(own, dtype=np.float32 if x.dtype.itemsize < 8 else np.float64)


def probability(p: Any) -> Any:
    """The probability of dropping, if it is one: a number, array or tensor between 0 and 1."""
    if not isinstance(p, (int, float)):
        return checked_numbers(as_array(p, "dropout's p"), 0, 1, "dropout's probabilities p")
    if not 0 <= p <= 1:
        raise InputError(f"dropout's p is a probability, between 0 and 1, not {p}")
    return p


@primitive(opens=True)
def dropout_mask(drawn: Any, kept: Any, scale: Any, x: Any, out: Any = None) -> Any:
    """`scale` where `drawn` is less than `kept`, elsewhere 0; of x's dtype, and of its order in memory.

    >>> dropout_mask(np.array([0.1, 0.9]), 0.5, 2.0, np.ones(2))
    array([2., 0.])
    """
    mask = np.empty_like(x) if out is None else out
    return np.multiply(np.less(drawn, kept), scale, out=mask)


declare(dropout_mask, constant=True)
