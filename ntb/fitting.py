"""Fitting: which of some named values are those that are expected, and a report of it.

What is expected, and a value, are told by name, dtype and shape. State that is loaded, and weights of other libraries,
are fitted in this way before anything is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from .errors import InputError

Rename = Mapping[str, str | None] | Callable[[str], str | None]
"""New names for values: by name or beginning of a name, or as a function; None leaves a value out."""

_SHOWN = 12  # names of each sort, in the printed form of a report


class FitReport(NamedTuple):
    """What of a file, or of other values, went into a model, and what did not.

    Attributes:
        fitted: the names that were expected and given.
        converted: those of them whose value was of another precision, with both: "float64 -> float32".
        missing: what was expected and not given, and stays as it was.
        unexpected: what was given and not expected, and is left out.
        mismatched: names with values of another shape or kind; what is there stays as it was.
        metadata: that of the file.

    All but the first and last are dicts from names to a few words, which are printed.

    >>> fit({"w": np.zeros(2), "b": np.zeros(3)}, {"w": np.ones(2), "b": np.ones(4), "c": np.ones(1)})
    1 of 2 expected values were given: w
    of another shape or kind, and left as they were:
      b: is float64[4]; expected float64[3]
    unexpected, and left out:
      c: float64[1]
    """

    fitted: list[str]
    converted: dict[str, str]
    missing: dict[str, str]
    unexpected: dict[str, str]
    mismatched: dict[str, str]
    metadata: Mapping[str, Any]

    def __repr__(self) -> str:
        count = len(self.fitted) + len(self.missing) + len(self.mismatched)
        lines = [f"{len(self.fitted)} of {count} expected values were given: {_listed(self.fitted)}"]
        sorts = {
            "converted": self.converted,
            "missing, and left as they were": self.missing,
            "of another shape or kind, and left as they were": self.mismatched,
            "unexpected, and left out": self.unexpected,
        }
        for sort, names in sorts.items():
            if names:
                lines += [f"{sort}:", *_first([f"  {name}: {what}" for name, what in names.items()])]
        return "\n".join(lines)


def _first(items: Iterable[str]) -> list[str]:
    """The items, or the first of them and how many more there are."""
    items = list(items)
    more = len(items) - _SHOWN
    return [*items[:_SHOWN], f"  and {more} more"] if more > 0 else items


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name.strip() for name in _first(names))


def fit(expected: Mapping[str, Any], values: Mapping[str, Any], *, convert: bool = True) -> FitReport:
    """Which values are those that are expected, by their names.

    Args:
        expected, values: anything with a dtype and a shape, by name.
        convert: whether a value of another precision fits, as float64 where float32 is expected.
    """
    report = FitReport([], {}, {}, {}, {}, {})
    for name, wanted in expected.items():
        if name not in values:
            report.missing[name] = f"expected {_kind(wanted)}"
            continue
        value = values[name]
        old, new = np.dtype(value.dtype), np.dtype(wanted.dtype)
        if tuple(value.shape) != tuple(wanted.shape) or not (old == new or (convert and old.kind == new.kind)):
            report.mismatched[name] = f"is {_kind(value)}; expected {_kind(wanted)}"
            continue
        report.fitted.append(name)
        if old != new:
            report.converted[name] = f"{old} -> {new}"
    report.unexpected.update({name: _kind(value) for name, value in values.items() if name not in expected})
    return report


def _kind(value: Any) -> str:
    return f"{np.dtype(value.dtype)}{list(value.shape)}"


def demand_all(report: FitReport, advice: str) -> None:
    """Raise InputError if anything is missing, unexpected or mismatched, with all names."""
    problems = [f"{name}: missing; {what}" for name, what in report.missing.items()]
    problems += [f"{name}: {what}" for name, what in report.mismatched.items()]
    problems += [f"{name}: unexpected; nothing here has that name" for name in report.unexpected]
    if problems:
        lines = [f"the values do not fit, and nothing was changed. ({advice})", *problems, *_found_below(report)]
        raise InputError("\n  ".join(lines))


def demand_some(report: FitReport) -> None:
    """Raise InputError if nothing fits."""
    if not report.fitted:
        wanted = {**report.missing, **report.mismatched}
        given = {**report.unexpected, **report.mismatched}
        raise InputError(
            f"nothing fits, and nothing was changed: expected are {_listed(wanted)}; given are {_listed(given)}. "
            + (_found_below(report) or ["rename={'theirs': 'ours'} makes names fit, or the beginnings of names"])[0]
        )


def _found_below(report: FitReport) -> list[str]:
    """A line that tells under which name all that is missing is given, if there is one: a checkpoint of training has a
    model's values below "state.model"."""
    first = next(iter(report.missing), None)
    for name in [name for name in report.unexpected if first and name.endswith(f".{first}")]:
        begin = name.removesuffix(f".{first}")
        if all(f"{begin}.{other}" in report.unexpected for other in report.missing):
            return [f"all that is missing is there below {begin!r}: rename={{{begin!r}: ''}}, strict=False takes it"]
    return []


def renamed(names: Iterable[str], rename: Rename | None) -> dict[str, str]:
    """By the new name of each value the name that it had, in this order.

    Args:
        names: as they are.
        rename: a dict from names, or beginnings of names up to a dot, to what takes their place, of which the longest
            that matches counts; "" is the beginning of every name. Or a function from a name to another. None leaves a
            value out.

    Raises:
        InputError: a name in the dict with which none begins; two values that would have the same name.

    >>> renamed(["net.0.weight", "net.0.bias", "step"], {"net": "layers", "step": None})
    {'layers.0.weight': 'net.0.weight', 'layers.0.bias': 'net.0.bias'}
    """
    names = list(names)
    change = _by_beginning(names, rename) if isinstance(rename, Mapping) else rename
    found: dict[str, str] = {}
    for name in names:
        new = name if change is None else change(name)
        if new is None:
            continue
        if new in found:
            raise InputError(f"rename= calls both {found[new]!r} and {name!r} {new!r}; give each a name of its own")
        found[new] = name
    return found


def _by_beginning(names: list[str], rename: Mapping[str, str | None]) -> Callable[[str], str | None]:
    """The dict as a function."""
    for key in rename:
        if not any(_begins(name, key) for name in names):
            raise InputError(
                f"no name begins with {key!r}, which rename= has; there are {_listed(names)}. A key is a name, or "
                "its beginning up to a dot"
            )

    def change(name: str) -> str | None:
        key = max((key for key in rename if _begins(name, key)), key=len, default=None)
        if key is None:
            return name
        new = rename[key]
        return None if new is None else ".".join(part for part in (new, name[len(key) :].lstrip(".")) if part)

    return change


def _begins(name: str, key: str) -> bool:
    return not key or name == key or name.startswith(f"{key}.")
