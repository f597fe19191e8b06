"""Refusals: what a function did in a trace that no replay would do again, or only with the values of the trace."""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from ..errors import ConversionError, TapeError, describe
from .dependencies import Dependencies, told
from .findings import MISSING, Contents, Finding
from .marks import Mark
from .surroundings import Surroundings
from .trace import Transaction


def refuse(surroundings: Surroundings, dependencies: Dependencies, transaction: Transaction) -> None:
    """Raise an error if the run that was observed cannot become a program.

    Raises:
        ConversionError: it drew numbers that a program would repeat, or went the way of an error that it met.
        TapeError: it changed Python state, or moved an iterator.
    """
    if surroundings.failed:
        operation, error = surroundings.failed
        raise ConversionError(
            f"the traced function met a {error} in {operation} and went on; every replay would go the "
            "same way, whatever the values are. Decide by a value, as in `if np.all(...)`, or leave this part outside"
        )
    if surroundings.entropy:
        raise ConversionError(
            "numbers that the system seeds, drawn inside a traced function, would be the same in every replay; make "
            "an ntb.random.generator() outside of it, and draw from that"
        )
    ours = [generator.numpy.bit_generator for generator in transaction.generators]
    for finding in sorted(dependencies.written, key=lambda finding: not isinstance(finding, Mark)):
        if isinstance(finding, Mark):
            if not any(_source(finding.holder) is source for source in ours):
                raise _moved(finding)
        elif not is_filled(finding):
            raise TapeError(
                f"the traced function changes Python state: {told(finding)}. A replay would not do so again; keep what "
                "changes from call to call in a Variable, or change it outside of the function"
            )


def made_anew(dependencies: Dependencies, transaction: Transaction) -> str:
    """What a run made that the next one will find: variables, entries that were empty; "" if there is nothing."""
    if transaction.created:
        return "new variables"
    filled = [finding.name for finding in dependencies.written if not isinstance(finding, Mark)]
    return f"{filled[0]!r} anew" if filled else ""


def is_filled(finding: Finding) -> bool:
    """Whether something was put where nothing was, as by code that makes a thing when it is first needed."""
    if not isinstance(finding, Contents):
        return finding.value is MISSING or finding.value is None or finding.value is False
    if not isinstance(finding.holder, dict):
        return not finding.value
    keys = finding.value[: len(finding.value) // 2]
    values = finding.value[len(keys) :]
    return all(x is None or x is False or finding.holder.get(key, MISSING) is x for key, x in zip(keys, values))


def _source(x: Any) -> Any:
    """What a generator of NumPy's draws its bits from, which is what moves; the object itself if it is another."""
    return getattr(x, "_bit_generator" if isinstance(x, np.random.RandomState) else "bit_generator", x)


def _moved(finding: Mark) -> Exception:
    """The error about what gives something else each time."""
    if isinstance(finding.holder, np.random.Generator | np.random.BitGenerator | np.random.RandomState):
        return ConversionError(
            "numbers drawn from np.random inside a traced function would be the same in every replay; "
            "draw them from ntb.random, as in ntb.random.generator(0).normal(size=3). (If another thread drew "
            "them, give that one a np.random.default_rng() of its own.)"
        )
    if type(finding.holder).__module__ in ("random", "_random"):
        return ConversionError(
            "numbers drawn from Python's random inside a traced function would be the same in every replay; "
            "draw them from ntb.random, as in ntb.random.generator(0).random()"
        )
    kind = "a generator" if isinstance(finding.holder, types.GeneratorType) else f"a {type(finding.holder).__name__}"
    name = finding.name or describe(finding.holder)
    return TapeError(
        f"the traced function takes what {name!r}, {kind}, gives next; every replay would get the same again. Take it "
        "outside of the function, and pass it as an argument"
    )
