"""What the Python array API standard asks of arrays themselves, which tensors are given here.

A room above `ntb/array_api`; for `ntb/__init__.py`, which imports it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .arguments import Traceable
from .errors import InputError
from .extending import extends
from .tape.tensor import ArrayLike, Tensor

_API_VERSIONS = (None, "2021.12", "2022.12", "2023.12", "2024.12")


@extends(ArrayLike)
class StandardMethods(Traceable):
    """What the Python array API standard asks of arrays themselves."""

    if TYPE_CHECKING:
        read: Callable[[], Any]

    @property
    def device(self) -> Any:
        """Where the array lies: "cpu", or what another library's array says."""
        return getattr(self.read().value, "device", "cpu")

    def to_device(self, device: Any, /, *, stream: Any = None) -> Tensor:
        """The tensor itself, as it is on that device already; it cannot be moved to another."""
        if device != self.device:
            raise InputError(f"a tensor on {self.device!r} cannot be moved to {device!r}; make one of an array there")
        return self.read()

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        """The functions of the Python array API standard for tensors, `ntb.array_api`."""
        if api_version not in _API_VERSIONS:
            raise InputError(f"ntb.array_api follows the standard 2024.12, not {api_version}")
        return importlib.import_module("ntb.array_api")
