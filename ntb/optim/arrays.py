"""Variables and tensors read and written as NumPy's arrays, where no tape and no trace listens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..atomic import assign_all, set_tensor, uninterrupted
from ..tape.tensor import ArrayLike, Tensor
from ..variable import Variable


def in_numpy(x: Any) -> bool:
    """Whether it is an array of NumPy's, or a tensor or variable with one."""
    return type(x) is np.ndarray or (isinstance(x, ArrayLike) and type(x.read()) is Tensor)


def content(x: Any) -> Any:
    """The array of a tensor or variable; another number or array as it is."""
    return x.get().value if isinstance(x, Variable) else x.value if isinstance(x, ArrayLike) else x


def assign_arrays(variables: Sequence[Variable], values: Sequence[Any]) -> None:
    """`assign_all` of new arrays that nobody else has."""
    values = [x if type(x) is np.ndarray else np.asarray(x) for x in values]
    if all(map(_can_hold, variables, values)):  # then there is nothing to prepare
        uninterrupted(map(set_tensor, variables, [Tensor(x, v.id) for v, x in zip(variables, values)]))
    else:
        assign_all(variables, map(Tensor, values))


def _can_hold(variable: Variable, x: np.ndarray) -> bool:
    return x.dtype == variable.dtype and x.shape == variable.shape and x.flags.c_contiguous and x.base is None
