"""The two forms of a building block: the plain one says what it means, the tuned one computes the same faster.

A block is a few lines of NumPy, from which its derivatives of all orders follow:

    @block
    def softmax(x, axis=-1):
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return e / np.sum(e, axis=axis, keepdims=True)

A module of `ntb/tuned` may enter a second form, with derivatives of its own, which takes the place of the first:

    @tuned(softmax)
    @primitive
    def fused_softmax(x, axis=-1, out=None): ...

The plain form runs on arrays of other libraries, in `with ntb.tuned.off():`, and everywhere if the environment variable
NTB_TUNED is 0. Tests hold that both forms agree, in their values and two derivatives.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from .arguments import PLAIN, adopted, first_foreign
from .tape.tensor import Tensor
from .tree import tree_map

_plain_only: ContextVar[bool] = ContextVar("plain_only", default=os.environ.get("NTB_TUNED") == "0")
_OF_NUMPY = PLAIN | {Tensor}


class _Form(NamedTuple):
    """A tuned form, and for which arguments it is meant; None for all."""

    function: Callable[..., Any]
    when: Callable[..., bool] | None


blocks: dict[Callable[..., Any], list[_Form]] = {}
"""The blocks with the tuned forms that were entered for them; the first whose condition holds runs."""


def block(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Make a composition of NumPy's functions a building block, for which there may be tuned forms.

    The plain form stays at hand as `function.plain`.
    """
    forms: list[_Form] = []

    @functools.wraps(plain)
    def function(*args: Any, **kwargs: Any) -> Any:
        if forms and not _plain_only.get() and _are_of_numpy(args, kwargs):
            for form in forms:
                if form.when is None or form.when(*args, **kwargs):
                    return form.function(*args, **kwargs)
        return plain(*args, **kwargs)

    function.plain = plain  # type: ignore[attr-defined]
    blocks[function] = forms
    return function


def tuned(of: Callable[..., Any], when: Callable[..., bool] | None = None) -> Callable[..., Any]:
    """Enter a function as a tuned form of a block: the same results, up to rounding, in less time.

    Args:
        of: the block that it replaces.
        when: for which arguments, by dtype, layout or size; for all by default.
    """

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        blocks[of].append(_Form(function, when))
        return function

    return enter


@contextmanager
def off() -> Iterator[None]:
    """A block in which everything runs in its plain form, to learn from it or to compare.

    What a traced function has traced outside of it is not replayed in it, nor the other way round.

    >>> import numpy as np
    >>> from ntb import nn, tuned
    >>> with tuned.off():
    ...     nn.softmax(np.zeros(2))
    array([0.5, 0.5])
    """
    before = _plain_only.set(True)
    try:
        yield
    finally:
        _plain_only.reset(before)


def is_off() -> bool:
    """Whether everything runs in its plain form now."""
    return _plain_only.get()


def _are_of_numpy(args: tuple, kwargs: dict[str, Any]) -> bool:
    """Whether there is no array of another library among the arguments."""
    if _OF_NUMPY.issuperset(map(type, args)) and _OF_NUMPY.issuperset(map(type, kwargs.values())):  # nearly always
        return True
    return first_foreign(tree_map(adopted, (args, kwargs))) is None
