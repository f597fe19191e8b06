"""Functions that choose elements, or choose between arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import assembled
from ..errors import InputError
from ..tape.rules import declare, define, derivative, operation_of
from ..tape.tensor import ArrayLike, apply
from ..values.creation import astype
from .at import put
from .composed import array_or_tensor

# --- elements for which a condition holds


@define(np.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: None = None) -> Any:
    if np.ndim(condition) != 1:
        raise InputError(f"the condition of np.compress is a vector, not of shape {np.shape(condition)}")
    return np.take(a, np.nonzero(condition)[0], axis)


@define(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    return np.take(np.ravel(arr), np.nonzero(np.ravel(condition))[0])


# --- between arrays


def _choose_rule(g, _y, a, _choices, out=None, mode="raise"):
    n = len(_choices)
    if mode != "raise":
        a = np.remainder(a, n) if mode == "wrap" else np.clip(a, 0, n - 1)
    return lambda i: np.where(np.equal(a, i), g, 0)


derivative(np.choose, None, _choose_rule, broadcasts=True)
declare(np.choose, arrays=False)  # a list of them


@define(np.choose)
def choose(a: Any, choices: Any, out: None = None, mode: str = "raise") -> Any:
    return apply(operation_of(np.choose), (a, [assembled(choice) for choice in choices]), {"mode": mode})


@define(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    condlist, choicelist = list(condlist), list(choicelist)
    if len(condlist) != len(choicelist) or not condlist:
        raise InputError(
            "np.select takes as many conditions as choices, at least one; "
            f"here are {len(condlist)} and {len(choicelist)}"
        )
    for condition in map(array_or_tensor, condlist):
        if condition.dtype != bool:
            raise InputError(f"a condition of np.select is of bools, not of {condition.dtype}")
    dtype = np.result_type(*[c if _is_plain(c) else array_or_tensor(c) for c in (*choicelist, default)])
    chosen = astype(array_or_tensor(default), dtype)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        chosen = np.where(condition, astype(array_or_tensor(choice), dtype), chosen)
    return chosen


def _is_plain(x: Any) -> bool:
    """Whether x is a Python number, so that the other arrays decide the dtype."""
    return type(x) in (int, float, complex)


@define(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    x, funclist = array_or_tensor(x), list(funclist)
    conditions = [array_or_tensor(condition) for condition in _conditions_of(condlist, x)]
    if len(funclist) == len(conditions) + 1:
        conditions.append(np.logical_not(np.any(np.stack(conditions), axis=0)))
    elif len(funclist) != len(conditions):
        n = len(conditions)
        raise InputError(f"np.piecewise takes {n} or {n + 1} functions for {n} conditions, not {len(funclist)}")
    y = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        if callable(function):
            if np.any(condition):
                y = put(y, condition, function(x[condition], *args, **kw))
        else:
            y = put(y, condition, function)
    return y


def _conditions_of(condlist: Any, x: Any) -> list:
    """The conditions as a list; a single condition need not be in one."""
    alone = np.isscalar(condlist) or _is_scalar(condlist)
    if not alone and np.ndim(x):
        alone = not isinstance(condlist[0], list) and (np.isscalar(condlist[0]) or _is_scalar(condlist[0]))
    return [condlist] if alone else list(condlist)


def _is_scalar(x: Any) -> bool:
    return isinstance(x, np.ndarray | np.generic | ArrayLike) and np.ndim(x) == 0


# --- numbers that are replaced, or lose a negligible imaginary part


def _finite_rule(g, _y, x, copy=True, _nan=0.0, _posinf=None, _neginf=None):
    if x.dtype.kind != "c":
        return np.where(np.isfinite(x), g, 0)
    return np.where(np.isfinite(np.real(x)), np.real(g), 0) + 1j * np.where(np.isfinite(np.imag(x)), np.imag(g), 0)


derivative(
    np.nan_to_num,
    _finite_rule,
    None,
    lambda g, _y, x, copy=True, _nan=0.0, _posinf=None, _neginf=None: np.where(np.isnan(x), g, 0),
    lambda g, _y, x, copy=True, _nan=0.0, _posinf=None, _neginf=None: np.where(np.isposinf(x), g, 0),
    lambda g, _y, x, copy=True, _nan=0.0, _posinf=None, _neginf=None: np.where(np.isneginf(x), g, 0),
    broadcasts=True,
)


@define(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    return apply(operation_of(np.nan_to_num), (x, True, nan, posinf, neginf))  # never in place


@define(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    if a.dtype.kind != "c":
        return a
    tol = tol * float(np.finfo(a.dtype).eps) if tol > 1 else tol
    return np.real(a) if np.all(np.absolute(np.imag(a)) < tol) else a
