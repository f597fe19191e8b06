"""NumPy functions that tell of an array and answer with plain Python values: shapes, dtypes, decisions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tape.rules import define
from ..tape.tensor import settle, value_of


def about_values(function: Any) -> None:
    """Let a function answer about tensors what it answers about their arrays."""

    @define(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        return function(*value_of(settle(args)), **value_of(settle(kwargs)))


for function in (
    np.shape,
    np.ndim,
    np.size,
    np.result_type,
    np.can_cast,
    np.iscomplexobj,
    np.isrealobj,
    np.common_type,
    np.min_scalar_type,
):
    about_values(function)
