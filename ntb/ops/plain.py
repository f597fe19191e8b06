"""Functions that answer with plain Python values, fill an array with constants, or would change an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arguments import Traceable
from ..errors import MutationError
from ..tape.listener import listeners
from ..tape.rules import declare, define, operation_of
from ..tape.tensor import ArrayLike, Tensor, apply, on_tensors, settle, value_of
from ..tree import tree_map
from ..values.creation import astype

# --- shapes and dtypes

ABOUT_ARRAYS = (
    *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.common_type),
    *(np.iscomplexobj, np.isrealobj, np.shares_memory, np.may_share_memory, np.einsum_path),
    *(np.tril_indices_from, np.triu_indices_from, np.diag_indices_from),
    *(np.array2string, np.array_repr, np.array_str),
)


def _answer_plainly(function: Any) -> None:
    """Let a function answer about tensors what it answers about their arrays."""

    @define(function)
    def answer(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = tree_map(lambda x: x.stand_in() if isinstance(x, Tensor) else x, settle((args, kwargs)))
        return function(*args, **kwargs)


for function in ABOUT_ARRAYS:
    _answer_plainly(function)

# --- files


def _write_plainly(function: Any) -> None:
    """Let a function write the values of tensors."""

    @define(function, raw=True)
    def write(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = settle(args), settle(kwargs)
        for t in (*args, *kwargs.values()):
            if isinstance(t, Tensor):
                t.numpy()  # refuses within a traced function, whose replay would not write again
        return function(*value_of(args), **value_of(kwargs))


WRITERS = (np.save, np.savez, np.savez_compressed, np.savetxt)

for writer in WRITERS:
    _write_plainly(writer)

# --- decisions: a trace notes bool() of a tensor


@define(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    if np.shape(a1) != np.shape(a2):
        return False
    return np.allclose(a1, a2, 0, 0, True) if equal_nan else np.array_equiv(a1, a2)


@define(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> bool:
    return bool(np.all(np.equal(a1, a2)))


@define(np.allclose)
def allclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    return bool(np.all(np.isclose(a, b, rtol, atol, equal_nan)))


# --- constants in the shape of an array

declare(np.zeros_like, np.ones_like, np.empty_like, constant=True)


@define(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, *how: Any, shape: Any = None, **storage: Any) -> Any:
    if not isinstance(fill_value, Traceable):
        return apply(operation_of(np.full_like), (a, fill_value, dtype, *how), {"shape": shape, **storage})
    filled = on_tensors.broadcast_to(fill_value, np.shape(a) if shape is None else shape)
    return astype(filled, np.dtype(a.dtype if dtype is None else dtype))


declare(np.full_like, constant=True)

# --- functions that change their first argument


def _refuse_tensors(function: Any) -> None:
    """Refuse to change a tensor, or to put a tensor where its gradient would be lost, before anything is changed."""

    @define(function, raw=True)
    def change(*args: Any, **kwargs: Any) -> Any:
        target, *_ = args or kwargs.values()
        read = tree_map(lambda x: x.read() if isinstance(x, ArrayLike) else x, (args, kwargs))
        if isinstance(target, Traceable) or any(_is_tracked(t) for t in (*read[0], *read[1].values())):
            raise MutationError(
                f"np.{function.__name__} changes an array in place, which no tape can follow when a tensor takes part; "
                "make a new one: t.at[index].set(x), np.where(condition, x, t), np.full(a.shape, t, like=t)"
            )
        return function(*value_of(read[0]), **value_of(read[1]))


def _is_tracked(t: Any) -> bool:
    return isinstance(t, Tensor) and any(t.id in listener.tracked for listener in listeners.get())


CHANGERS = (np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal)

for changer in CHANGERS:
    _refuse_tensors(changer)
