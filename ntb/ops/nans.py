"""Derivatives of the reductions that leave NaN out. The gradient of a NaN is 0, and so is that of a slice of NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tape.rules import declare, define, derivative
from .composed import array_or_tensor
from .reductions import MISSING, counted, extreme_rule, mean_rule, std_rule, var_rule


def _known(a: Any, where: Any) -> Any:
    """Which elements count and are not NaN."""
    return np.logical_and(where, np.logical_not(np.isnan(a)))


def _filled(a: Any, fill: float) -> Any:
    """The array with a number in place of NaN."""
    a = array_or_tensor(a)
    return np.where(np.isnan(a), fill, a) if a.dtype.kind in "fc" else a


# --- sums and products: NaN is replaced by the number that changes nothing


def _enter_filled(function: Any, whole: Any, fill: float) -> None:
    """Define a reduction by the one that counts all elements, in which NaN is a number that changes nothing."""

    @define(function)
    def reduced(a: Any, axis: Any = None, dtype: Any = None, out: None = None, **options: Any) -> Any:
        return whole(_filled(a, fill), axis=axis, dtype=dtype, **options)


_enter_filled(np.nansum, np.sum, 0)
_enter_filled(np.nanprod, np.prod, 1)
_enter_filled(np.nancumsum, np.cumsum, 0)
_enter_filled(np.nancumprod, np.cumprod, 1)

# --- the others: the rules of np.max, np.mean, … for the elements that are not NaN


def _nan_extreme_rule(g, y, a, axis=None, out=None, keepdims=False, initial=MISSING, where=True):
    return extreme_rule(g, y, a, axis=axis, keepdims=keepdims, where=_known(a, where))


def _nanmean_rule(g, _y, a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    return mean_rule(g, None, a, axis=axis, keepdims=keepdims, where=_known(a, where))


def _spread_rule(rule: Any) -> Any:
    """The rule of a variance or standard deviation for the elements that are not NaN."""

    def nan_rule(
        g, y, a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=MISSING,
        correction=MISSING,
    ):  # fmt: skip
        where = _known(a, where)
        a = np.where(where, a, 0)
        if mean is MISSING:  # not np.mean, which warns about slices where nothing counts
            mean = np.sum(a, axis=axis, keepdims=True) / counted(a, axis, where)
        return rule(g, y, a, axis=axis, ddof=ddof, keepdims=keepdims, where=where, mean=mean,
                    correction=correction)  # fmt: skip

    return nan_rule


derivative(np.nanmax, _nan_extreme_rule)
derivative(np.nanmin, _nan_extreme_rule)
derivative(np.nanmean, _nanmean_rule)
derivative(np.nanvar, _spread_rule(var_rule))
derivative(np.nanstd, _spread_rule(std_rule))
declare(np.nanargmax, np.nanargmin, constant=True)
