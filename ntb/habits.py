"""Habits of other libraries, and ntb's way: what an error says to who writes `opt.zero_grad()` or `nn.Dense`.

One table, habits.txt, serves all of ntb. docs/coming_from.md shows it; a test runs the habit and the example of every
row. Packages and classes ask it when an attribute is missing (`of_package`, `of_class`), functions when they are called
in another library's way (`answer_to`, `knows_habits`). It is read when it is first needed.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Habit(NamedTuple):
    """A row of the table.

    Attributes:
        code: what is written by habit: an attribute, such as nn.Dense, or a call.
        library: where it comes from.
        answer: what to know about ntb's way.
        example: ntb's way.
    """

    code: str
    library: str
    answer: str
    example: str


@functools.cache
def table() -> dict[str, Habit]:
    """All habits by their code, in the order of the table."""
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows = [Habit._make([*row.split(" | "), example.strip()]) for row, example in zip(lines[::2], lines[1::2])]
    return {row.code: row for row in rows}


# --- attributes


def no_attribute(owner: str, place: str, name: str, names: Iterable[str]) -> AttributeError:
    """The error for a missing attribute, which says what ntb has in its place.

    Args:
        owner: what was asked, as the error names it: "ntb.nn", "a Linear".
        place: what the table calls it: "nn", "model"; names: the attributes that there are.
    """
    text = f"{owner} has no attribute {name!r}"
    if not name.startswith("_"):  # else Python or a library asks, which catches the error
        text += f"; {_advice(place, name, names)}"
    return AttributeError(text)


def _advice(place: str, name: str, names: Iterable[str]) -> str:
    names = list(names)
    same = [x for x in names if _letters(x) == _letters(name)]
    row = table().get(f"{place}.{name}") or (None if same else _row_of(place, name))
    if row is not None:
        return _told(row)
    graphs = place in ("node", "ntb.compat")  # the graph style, whose blocks are nodes
    for part in () if graphs else ("nn", "optim", "data", "random", "training"):
        if name in getattr(sys.modules.get(f"ntb.{part}"), "__all__", ()) and part != place:
            return f"it is ntb.{part}.{name}"
    if callable(getattr(np, name, None)) and (graphs or place in ("ntb", "nn", "t")):
        argument = f"({place})" if place in ("t", "node") else ""
        return f"NumPy's function works on {'nodes' if graphs else 'tensors'}: np.{name}{argument}"
    near = get_close_matches(name, same or names, 1, 0.0 if same else 0.6)
    return f"did you mean {near[0]!r}?" if near else "docs/coming_from.md has ntb's way for other libraries' names"


def _row_of(place: str, name: str) -> Habit | None:
    """The row of a name in any spelling; that of a layer for one or three axes is the one for two, where it fits."""
    code, axes = f"{place}.{name}", re.search("[13](?=[dD])", name)
    if axes is None or code in table():
        return _by_letters().get(_letters(code))
    for_two = _row_of(place, f"{name[: axes.start()]}2{name[axes.end() :]}")
    if for_two is None or "np." in for_two.example:  # an array, which has two axes
        return None
    example = for_two.example.replace("2d", f"{axes[0]}d")
    known = getattr(sys.modules.get("ntb.nn"), "__all__", ())
    return for_two._replace(example=example) if set(re.findall(r"nn\.(\w+)", example)) <= set(known) else None


@functools.cache
def _by_letters() -> dict[str, Habit]:
    return {_letters(code): row for code, row in reversed(table().items())}


def _letters(name: str) -> str:
    """A name in any spelling: HeNormal, he_normal and he_normal_ are one."""
    return name.lower().replace("_", "")


def _told(row: Habit) -> str:
    return f"{row.answer}: {row.example}"


def of_package(module: str, names: list[str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package or module with these public names."""
    place = module.removeprefix("ntb.") if module.startswith(("ntb.nn", "ntb.optim")) else module

    def missing(name: str) -> Any:
        raise no_attribute(module, place, name, names)

    return missing, lambda: sorted(names)


def of_class(place: str) -> Callable[[Any, str], Any]:
    """The `__getattr__` of a class. Type checkers do not take it for one, and go on telling of missing attributes."""

    def missing(self: Any, name: str) -> Any:
        kind = type(self)
        article = "an" if kind.__name__[:1] in "AEIOU" else "a"
        raise no_attribute(f"{article} {kind.__name__}", place, name, dir(kind))

    return missing


# --- calls


def answer_to(call: str) -> str:
    """What the table says to a call in another library's way."""
    return _told(table()[call])


def knows_habits(function: _Function) -> _Function:
    """A function whose errors for arguments that it does not know say what ntb has in the place of these."""

    @functools.wraps(function)
    def with_advice(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if type(error) is not TypeError:  # one of ntb's own
                raise
            text, called = str(error), function.__qualname__
            if function.__name__ == "__init__" and type(args[0]).__module__.startswith("ntb."):
                called = f"{type(args[0]).__name__}.__init__"  # a layer's, where it is written for several
                text = text.replace(function.__qualname__, called)
            others = [name for name in kwargs if name not in inspect.signature(function).parameters]
            texts = [text, *[f"{called}() got an unexpected keyword argument '{name}'" for name in others]]
            advice = next(filter(None, [advice_on(t, function.__module__) for t in texts]), "")
            advice = advice or _by_name(text, function)
            if not advice and text == str(error):
                raise
            raise TypeError(f"{text}; {advice}" if advice else text) from None

    return cast(_Function, with_advice)


def _by_name(text: str, function: Callable[..., Any]) -> str:
    """What may follow the positional arguments of a function that was given too many of them; "" if nothing."""
    parameters = inspect.signature(function).parameters.values()
    options = [f"{p.name}=" for p in parameters if p.kind is p.KEYWORD_ONLY]
    return f"further ones are given by name: {', '.join(options)}" if options and _TOO_MANY.search(text) else ""


_TOO_MANY = re.compile(r"\(\) takes .*positional arguments? but \d+ (was|were) given$")


_PACKAGES = ("nn", "optim", "metrics", "distributions")

_OF_ARGUMENTS = re.compile(
    r"(?P<function>[\w.]+)\(\) (?P<problem>got an unexpected keyword argument|got multiple values for argument|"
    r"missing 1 required positional argument:) '(?P<argument>\w+)'(?!.*; )"
)
"""What Python says of a call whose arguments do not fit the function, if nobody has given advice on it."""


def advice_on(text: str, module: str = "") -> str:
    """What the table says to an error of Python's for arguments that do not fit a function; "" if nothing.

    A row for another function does as well, if that is no layer or optimizer, or the function is in the same package:
    `alpha` of an activation is not that of an optimizer.
    """
    found = _OF_ARGUMENTS.search(text)
    if found is None:
        return ""
    missing, named = "missing" in found["problem"], re.compile(rf"\b{found['argument']}=")
    others: list[Habit] = []
    ours: list[Habit] = []
    for row in table().values():
        function, call, arguments = row.code.partition("(")
        if call and ("=" not in arguments if missing else named.search(arguments)):
            same = function.rpartition(".")[2] in found["function"].split(".")  # of Linear, it is "Linear.__init__"
            package = function.removeprefix("ntb.").partition(".")[0]
            if same:
                ours.append(row)
            elif package not in _PACKAGES or module.startswith(f"ntb.{package}"):
                others.append(row)
    fitting = ours or ([] if missing else others)
    return _told(fitting[0]) if fitting else ""
