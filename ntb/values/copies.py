"""What can be copied and pickled: tensors and operations; and why tapes cannot.

A tensor is immutable, so that a copy of it, deep or not, is the tensor itself, with its past on tapes. A pickle holds
its value alone, and is refused while a tape follows that. Variables say for themselves what a copy of them is
(`ntb/variable.py`).
"""

from __future__ import annotations

from typing import Any

from ..errors import TapeError
from ..extending import extends
from ..tape.listener import listeners
from ..tape.operation import Operation
from ..tape.rules import operation_of
from ..tape.tape import Tracker
from ..tape.tensor import Tensor


@extends(Tensor)
class Copies:
    """How a tensor is copied and pickled."""

    value: Any

    def __copy__(self) -> Copies:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Copies:
        return self

    def __reduce__(self) -> tuple:
        for listener in listeners.get():
            listener.leave(self, "pickling")
        return type(self), (self.value,)


@extends(Operation)
class Reference:
    """How an operation is copied and pickled: as the one that its function names."""

    function: Any

    def __reduce__(self) -> tuple:
        return operation_of, (self.function,)


@extends(Tracker)
class Refusal:
    """Why a tape is not copied."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TapeError(
            f"a {type(self).__name__} cannot be copied or pickled: it knows values by identity, and would not know "
            "those of a copy. Ask it for gradients first; these, and tensors, can be pickled"
        )
