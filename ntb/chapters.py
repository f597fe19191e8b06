"""Parts of the table of operations that are imported when a function is met that the table does not have.

Another thread may be in the middle of such an import; whoever looks a function up then waits until it is through.
For the table (`ntb/tape/rules.py`), and for those who register a chapter.
"""

from __future__ import annotations

import importlib
import sys

chapters: dict[str, str] = {}
"""Modules of ntb with further entries, and the module whose functions each is about."""
arriving: set[str] = set()
"""Modules that entered something and, for all we know, are still being imported: what they enter may need the rest."""


def open_chapters() -> None:
    """Import the chapters about what the program has imported."""
    for chapter in [chapter for chapter, about in chapters.copy().items() if about in sys.modules]:
        importlib.import_module(chapter)
        chapters.pop(chapter, None)  # not before it is there, so that other threads wait for it in the same way


def await_arrivals() -> None:
    """Wait for modules that another thread is importing; looked up in the middle, their functions would lack rules."""
    for module in list(arriving):
        if module in sys.modules:
            importlib.import_module(module)
        arriving.discard(module)
