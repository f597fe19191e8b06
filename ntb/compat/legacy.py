"""Files of the earlier ntb: pickles of nested lists, tuples and dicts of arrays, read without executing anything."""

from __future__ import annotations

import os
from typing import Any

from ..datasets import pickles


def load_legacy(path: str | os.PathLike[str]) -> Any:
    """Read what `pickle.dump(graph.save(), file)` wrote, with any NumPy and Python.

    Returns:
        Lists, tuples and dicts of arrays and numbers, for `graph.load`.

    Raises:
        InputError: the file is damaged, or it asks for anything but arrays and plain containers. Nothing of it was run.
    """
    return pickles.read(path)
