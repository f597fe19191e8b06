"""A row for every operation of the table: value, derivatives, shapes and replay are tested on each of them.

A file holds the rows of a chapter, and is called as the file of `ntb` whose operations they are, or as their subject.
"""

import importlib.util
import pkgutil

from ntb.chapters import open_chapters

from .base import SAMPLES

with_scipy = importlib.util.find_spec("scipy") is not None
for module in pkgutil.iter_modules(__path__):
    if with_scipy or not module.name.startswith("scipy"):
        importlib.import_module(f"{__name__}.{module.name}")
open_chapters()

__all__ = ["SAMPLES"]
