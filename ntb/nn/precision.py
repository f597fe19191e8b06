"""Numbers of another precision: arrays, and models whose parameters are arrays."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from ..tree import tree_map
from ..values.creation import in_type
from ..variable import Variable
from .checks import floating_type
from .module import Module


def cast(tree: Any, dtype: Any) -> Any:
    """Arrays with floating-point numbers of the type `dtype`; or a copy of a model that computes in it.

    A layer computes in the type of its Variables, whatever the data; functions take the common type of all that they
    are given, and float64 data would make float32 parameters compute in float64: `nn.cast(batch, np.float32)`.

    Args:
        tree: an array or tensor, or a list, tuple or dict of such, of any shapes; integers, bools, numbers of Python
            and text stay as they are. Or a Module, of which a copy is given, with all its Variables in that type.
        dtype: of floating-point numbers; complex ones keep being so.

    Raises:
        InputError: a dtype of integers.

    >>> {name: a.dtype for name, a in cast({"x": np.ones(2), "label": np.arange(2)}, np.float32).items()}
    {'x': dtype('float32'), 'label': dtype('int64')}
    """
    dtype = floating_type(dtype)
    if isinstance(tree, Module):
        return copy.deepcopy(tree, {id(v): _variable(v, dtype) for v in tree.variables() if v.dtype.kind in "fc"})
    return tree_map(lambda x: _array(x, dtype), tree)


def _array(x: Any, dtype: Any) -> Any:
    if getattr(getattr(x, "dtype", None), "kind", "") not in ("f", "c"):  # numbers of Python have no type to change
        return x
    return in_type(x, np.result_type(dtype, np.complex64) if x.dtype.kind == "c" else dtype)


def _variable(v: Variable, dtype: Any) -> Variable:
    new = Variable(_array(v.value, dtype), trainable=v.trainable, name=v.name if v.path is None else None)
    new.parameter, new.path = v.parameter, None
    return new
