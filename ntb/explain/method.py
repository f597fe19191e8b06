"""The method `explain` of tapes, and the journal that is kept for it."""

from __future__ import annotations

from typing import Any

from ..extending import extends
from ..tape.tape import Tape
from .journal import Journal


@extends(Tape)
class Explaining:
    """The method of tapes that answers why a gradient is None."""

    Journal = Journal

    def explain(self: Any, target: Any, source: Any) -> str:
        """Why the gradient of `target` with respect to `source` is None, or through which operations it flows.

        By default a tape knows only what it recorded. With `Tape(explain=True)` the answer also names operations
        without gradient on the way, and the lines of all. `explain` can also be called after `gradient`.

        >>> import numpy as np
        >>> with Tape(explain=True) as tape:
        ...     x = tape.watch([1.0, 2.0])
        ...     best = np.argmax(x)
        ...     y = best * 2.0
        >>> print(tape.explain(y, x))  # doctest: +ELLIPSIS
        The gradient is None: the way ... passes through np.argmax at <doctest ...>:3: best = np.argmax(x), an ...
        """
        from .reasons import explanation

        return explanation(self, target, source)
