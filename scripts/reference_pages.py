"""Make the pages of the reference, one a package, from docstrings: a hook of mkdocs, which mkdocs.yml names.

A page asks mkdocstrings for each public name where the name is defined, since packages import many of theirs later. The
pages are made when the site is built, and kept nowhere.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

PAGES = {
    "ntb": "ntb",
    "nn": "ntb.nn",
    "initializers": "ntb.nn.initializers",
    "optim": "ntb.optim",
    "schedules": "ntb.optim.schedules",
    "data": "ntb.data",
    "augment": "ntb.data.augment",
    "datasets": "ntb.datasets",
    "training": "ntb.training",
    "callbacks": "ntb.training.callbacks",
    "distributed": "ntb.distributed",
    "metrics": "ntb.metrics",
    "distributions": "ntb.distributions",
    "io": "ntb.io",
    "onnx": "ntb.onnx",
    "state": "ntb.state",
    "random": "ntb.random",
    "vis": "ntb.vis",
    "scipy": "ntb.scipy",
    "sklearn": "ntb.sklearn",
    "compat": "ntb.compat",
    "tuned": "ntb.tuned",
    "errors": "ntb.errors",
}
"""The package of each page."""

_PAGE_OF = {package: page for page, package in PAGES.items()}

ELSEWHERE = {
    "ntb.array_api": "array_api.md",  # the standard's names, most of them NumPy's own functions
    "ntb.ops": "coverage.md",  # tables of derivatives
}
"""Packages of which another page of docs/ tells."""


def on_files(files: Any, config: Any) -> Any:
    """Called by mkdocs when it has found the pages in docs/: add those of the reference."""
    from mkdocs.structure.files import File

    for page, package in PAGES.items():
        files.append(File.generated(config, f"reference/{page}.md", content=page_of(package)))
    return files


def page_of(package: str) -> str:
    """The text of a page: what the package says of itself, and its public names."""
    lines = [
        f"# {package}",
        "",
        f"::: {package}",
        *_options(members=False, show_root_heading=False, show_root_toc_entry=False, show_source=False),
    ]
    here: dict[str, list[str]] = {}
    elsewhere: list[str] = []
    for section, name, home in entries(package):
        full = f"{package}.{name}"
        if link := _link(package, name, home):
            elsewhere.append(f"- [`{full}`]({link})")
        else:
            here.setdefault(section, []).extend(["", f"::: {home}", *_options(heading=full, toc_label=name)])
    for section in sorted(here):
        lines += ["", f"## {section}"] if section else []
        lines += here[section]
    lines += ["", "## On other pages", "", *elsewhere] if elsewhere else []
    return "\n".join(lines) + "\n"


def _link(package: str, name: str, home: str) -> str:
    """Where a name is shown that this page only names; "" if it is shown here."""
    if home in ELSEWHERE:
        return f"../{ELSEWHERE[home]}"
    if home in _PAGE_OF:
        return f"{_PAGE_OF[home]}.md"
    where, shown = _shown()[home]
    if (where, shown) == (package, name):
        return ""
    return f"{'' if where == package else _PAGE_OF[where] + '.md'}#{home}"


@cache
def _shown() -> dict[str, tuple[str, str]]:
    """By the full name of each thing: the package on whose page it is shown, and its name there.

    Of several packages that have it, this is the innermost in which it is defined.
    """
    found: dict[str, tuple[str, str]] = {}
    for package in sorted(PAGES.values(), key=len):
        for _, name, home in entries(package):
            if home not in found or (home.startswith(f"{package}.") and found[home][0] != package):
                found[home] = package, name
    return found


def entries(package: str) -> Iterator[tuple[str, str, str]]:
    """Of each public name: its section, itself, and where it is defined."""
    module, met = import_module(package), set()
    for name in public_names(module):
        value = getattr(module, name)
        if isinstance(value, ModuleType):
            inner = value.__name__
            if inner in _PAGE_OF or inner in ELSEWHERE:
                yield "", name, inner
            elif package != "ntb.compat":  # whose modules are other names for what the page has
                for each in public_names(value):
                    yield f"{package}.{name}", f"{name}.{each}", _home(getattr(value, each))
        else:
            home = _home(value)
            section = _section(package, home)
            yield section, name, home
            if inspect.isclass(value):
                for member, where in _given(value):
                    if where not in met:
                        met.add(where)
                        yield section, f"{name}.{member}", where


def public_names(module: ModuleType) -> list[str]:
    """The names that a module says are public, or else the functions and classes that are defined in it."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    defined = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    return [name for name in defined if not name.startswith("_")]


def _home(value: Any) -> str:
    """The full name of a class, function or property where it is defined."""
    inner = inspect.unwrap(value.fget if isinstance(value, property) else value)
    return f"{inner.__module__}.{inner.__qualname__}"


def _given(kind: type) -> Iterator[tuple[str, str]]:
    """The methods and properties that other files of ntb give a class (ntb/extending.py): names and homes."""
    for each in kind.__mro__:
        for name, member in vars(each).items():
            if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                home = _home(member)
                if home.startswith("ntb.") and not home.startswith(f"{_home(each)}.") and "<" not in home:
                    yield name, home


def _section(package: str, home: str) -> str:
    """The folder of the package in which a name is defined, "" for one from elsewhere or from a file of the package."""
    inner = home.removeprefix(f"{package}.").split(".")
    return inner[0] if home.startswith(f"{package}.") and len(inner) > 2 else ""


def _options(**options: Any) -> list[str]:
    """The lines that tell mkdocstrings how to show one thing."""
    return [
        "    options:",
        *(f"      {key}: {str(value).lower() if isinstance(value, bool) else value}" for key, value in options.items()),
    ]
