"""What all losses have in common: how predictions meet targets, and how the losses of examples become one number.

Losses take real numbers of any precision, in arrays, tensors, variables, lists or pandas' objects; lengths may be 0.
Integers and bools are taken as floating-point numbers, float64 if the predictions are such. A loss has the type of the
predictions, to which targets and weights are converted; that of float16 is computed in float32 and rounded in the end,
as its sums need more digits and a greater range.

A mean over nothing (an empty batch, a mask that excludes everything) is 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InputError
from ...values.creation import in_type
from ..checks import as_array, floating, of_shape, real_numbers, weak, widened
from ..ranges import checked_mask, checked_numbers


def reduced(losses: Any, mask: Any, weights: Any, reduction: str, dtype: Any, shares: Any = None) -> Any:
    """The mean or the sum of the examples' losses, or the losses; what the mask excludes is 0 and has no gradient.

    Shares are weights that the losses have already, so that they count in the divisor of the mean alone.
    """
    if reduction not in ("mean", "sum", "none"):
        raise InputError(f'reduction is "mean", "sum" or "none", not {reduction!r}')
    total = max(losses.size, 1)
    if mask is not None:
        losses = np.where(mask, losses, 0.0)
        total = np.maximum(np.sum(mask), 1).astype(losses.dtype)
    if weights is not None:
        weights = in_type(of_shape(losses.shape, real_numbers(as_array(weights), "weights"), "weights"), losses.dtype)
        weights = weights if mask is None else np.where(mask, weights, 0.0)
        least = 0.0 if reduction == "mean" else -np.inf
        weights = checked_numbers(weights, least, np.inf, "weights (of a mean; reduction='sum' takes negative ones)")
        losses = losses * weights
    if shares is not None:
        shares = shares if mask is None else np.where(mask, shares, 0.0)
        weights = shares if weights is None else weights * shares
    if weights is not None:
        total = np.sum(weights)
        total = np.where(total == 0, 1.0, total)
    if reduction != "none":
        losses = np.sum(losses)
    if reduction == "mean":
        losses = losses / total
    return in_type(losses, dtype)


def compared(mask: Any, *, vectors: bool = False, also_complex: bool = False, **arrays: Any) -> tuple:
    """Arrays of one shape and type, as a formula takes them; then the mask, and the type of the loss.

    The type is that of the first array. Half precision comes as single; integers have the type of the others. What the
    mask excludes comes as 0, so that it may hold anything. The arrays have the names by which errors call them.

    Args:
        mask: None, or bools of the arrays' shape; without the last axis if that makes the `vectors` that are compared.
    """
    found = [as_array(a, name) for name, a in arrays.items()]
    shape = found[0].shape
    for name, a in zip(arrays, found):
        of_shape(shape, a, name)
        if not also_complex:
            real_numbers(a, name)
    if vectors and not shape:
        raise InputError(f"{' and '.join(arrays)} are vectors, (..., D), not single numbers; np.reshape(x, (1, 1))")
    found = list(floating(*found))
    dtype = np.finfo(found[0].dtype).dtype  # that of the real numbers, for complex ones
    first = widened(found[0])
    found = [first, *[_like(a, first) for a in found[1:]]]
    if mask is not None:
        mask = checked_mask(mask, shape[:-1] if vectors else shape)
        kept = np.expand_dims(mask, -1) if vectors else mask
        found = [np.where(kept, a, 0.0) for a in found]
    return (*found, mask, dtype)


def _like(x: Any, first: Any) -> Any:
    """x in the type of the first array, unless it would lose its imaginary part."""
    return x if x.dtype.kind == "c" and first.dtype.kind != "c" else in_type(x, first.dtype)


def squares(x: Any) -> Any:
    """The squares of the absolute values."""
    return np.real(x * np.conjugate(x)) if x.dtype.kind == "c" else np.square(x)


def option(number: Any, what: str, least: float = 0.0, most: float = np.inf) -> Any:
    """A number that a loss is given beside its arrays, within its limits."""
    if not least <= number <= most:
        limits = f"from {least:g} to {most:g}" if np.isfinite(most) else f"{least:g} or more"
        raise InputError(f"{what} is a number, {limits}, not {number!r}")
    return weak(number)
