"""What a node is not before a run: no number, no truth, nothing to iterate or to copy. Each says what to write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .current import GraphError


class BeforeRun:
    """The base of nodes that refuses what only their values can do."""

    name: Any

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | float | np.ndarray | np.generic):
            raise GraphError(f"{self} == {other!r:.40} is asked before a run; Equals(x, y) is the node that compares")
        return self is other

    def __bool__(self) -> bool:
        raise GraphError(
            f"{self} has no truth before a run, which `if` asks for; take the value of g.run([{self.name}])"
        )

    def __iter__(self) -> Iterator[Any]:
        raise GraphError(f"{self} cannot be iterated or unpacked; take its parts by index")

    def _no_number(self, *_: Any, **__: Any) -> Any:
        raise GraphError(f"{self} is no number before a run; take the value of g.run([{self.name}])")

    __float__ = __int__ = __index__ = __complex__ = __round__ = __len__ = __array__ = _no_number
    __trunc__ = __floor__ = __ceil__ = _no_number

    def __format__(self, spec: str) -> str:
        return self._no_number() if spec else str(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise GraphError(
            f"{self} belongs to its graph and is not copied or pickled; make another node, or g.save() values"
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise GraphError(f"{self} cannot be changed in part; a Variable is assigned as a whole, w.value = array")

    def __getattr__(self, name: str) -> Any:
        hint = ATTRIBUTES.get(name)
        if hint is None and callable(getattr(np.ndarray, name, None)):
            hint = f"np.{name}(node) is a node" if hasattr(np, name) else None
        raise AttributeError(
            f"a {type(self).__name__} node has no attribute {name!r}" + (f"; {hint}" if hint else ""),
            name=name, obj=self,
        )  # fmt: skip


ATTRIBUTES = (
    {
        "T": "np.transpose(node) is a node",
        "reshape": "Reshape(node, shape=(-1, 3)) is a node",
        "value": "g.run([node]) gives values; only a Variable keeps one",
        "assign": "a Variable is assigned by w.value = array",
    }
    | dict.fromkeys(["numpy", "eval", "run", "item", "data"], "g.run([node], assign_dict) gives its value")
    | dict.fromkeys(
        ["grad", "backward", "gradient"], "Grad(scalar, node) is the node of a gradient, and Optim makes steps"
    )
    | dict.fromkeys(["ndim", "size"], "node.shape is a tuple, with -1 for sizes not known yet")
)
"""What to write in the place of attributes that arrays and tensors of other libraries have."""
