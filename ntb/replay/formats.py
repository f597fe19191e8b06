"""Formats: who writes programs as files of other libraries. A room above enters what it writes.

Programs do not know these libraries, nor what their functions are called there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .code import Code

writers: dict[str, Callable[[Code, Any], None]] = {}
"""By format, a function that writes a program's code to a path."""
