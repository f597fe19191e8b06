"""Traits: what is known of an operation beside its derivative, for replays and for arrays of other libraries.

The engine keeps them; `ntb/replay` and `ntb/foreign` ask for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .functions import is_ours


class Traits(NamedTuple):
    """What else is known of an operation. What is not said counts as the worst case.

    Attributes:
        broadcasts: its arguments are broadcast against each other, so that the engine must sum gradients back.
        elementwise: it works element by element, so that `out` may be one of its own arguments.
        takes_out: it can write its result into an array that is given as `out`.
        constant: its result carries no gradient by nature (comparisons, argmax).
        sized: the shape of its result depends on the data, of which a trace takes notice.
        pure: it keeps none of its arguments, and returns none but as a view.
        product: it multiplies matrices, and the last bits depend on whether two operands are one array; a function
            from the forms of the result and the arguments to the floating-point operations that this takes, or True.
        moves: it only moves or selects numbers.
        selects: it reads no more of its first argument than it gives.
        general: its body runs on arrays of every library.
        calls_back: it calls a function of the user's, which may do more than compute.
        along: what forward mode does with the tangents of its results where the direction decides among several
            (equal eigenvalues): from these, the tangents of the arguments, the result and the arguments.
        to_zeros: what it does with gradients of zero, if that is known better than `ntb/ops/gates.py` can tell: "gate"
            where its slope is zero because the result does not depend on the argument at all, "steep" where its slope
            is finite wherever its result is.
        opens: its body is ufuncs one after the other, perhaps block by block, and runs on symbols of arrays, too, which
            tell what it does to each element (`ntb/compiled/symbols.py`); or a function that does the same on symbols.
        looped: its body calls functions that are `looped` (`ntb/looped.py`).
        arrays: each argument with a derivative is one array, so that a list in its place stands for one.

    They are declared where a primitive is made, `@primitive(elementwise=True)`, or by `declare` for functions of NumPy.
    """

    broadcasts: bool = False
    elementwise: bool = False
    takes_out: bool = False
    constant: bool = False
    sized: bool = False
    pure: bool = False
    product: Any = True
    moves: bool = False
    selects: bool = False
    general: bool = False
    calls_back: bool = False
    along: Any = None
    to_zeros: str = ""
    arrays: bool = False
    opens: Any = False
    looped: bool = False


def traits_of(function: Callable[..., Any]) -> Traits:
    """What can be told of a function by looking at it."""
    if isinstance(getattr(function, "__self__", None), np.ufunc) and function.__name__ == "reduce":  # np.add.reduce
        return Traits(takes_out=True, pure=True, product=False)
    if not isinstance(function, np.ufunc):
        numpys = (getattr(function, "__module__", None) or "").startswith("numpy")
        return Traits(pure=is_ours(function), product=not is_ours(function), arrays=numpys)
    single, plain = function.nout == 1, function.signature is None
    return Traits(broadcasts=plain, elementwise=plain and single, takes_out=single, pure=True, product=False)
