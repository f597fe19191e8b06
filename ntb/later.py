"""Packages with many files, each of which is imported when one of its names is first asked for: programs use a few."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from .habits import of_package


def names_of(files: Mapping[str, str]) -> list[str]:
    """The names in files, which are written as one text for each; a file without a text is a name itself.

    >>> names_of({"losses.binary": "hinge focal", "schedules": ""})
    ['hinge', 'focal', 'schedules']
    """
    return [name for file, text in files.items() for name in text.split() or [file]]


def later(
    package: str, files: Mapping[str, str], names: list[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package with these public names, some of them in files as for `names_of`."""
    homes = {name: file for file, text in files.items() for name in text.split() or [file]}
    missing, listed = of_package(package, names)

    def found(name: str) -> Any:
        if name not in homes:
            return missing(name)
        file = homes[name]
        module = import_module(f"{package}.{file}")
        own = vars(sys.modules[package])
        if file not in names:
            own.pop(file, None)  # the import leaves the file there, where habits of other libraries look for functions
        own[name] = module if file == name else getattr(module, name)
        return own[name]

    return found, listed
