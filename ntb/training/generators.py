"""The states of random generators, so that training goes on with the numbers that would have come.

The default generators, ntb's, NumPy's and Python's, are nobody's: dropout, shuffles and users draw from them. Others
are found in a tree, such as a trainer's state.
"""

from __future__ import annotations

import random as python_random
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from .. import random
from ..atomic import uninterrupted
from ..errors import InputError
from ..random import Generator
from ..state import named_variables

_Found = dict[str, Generator]
"""Generators by their paths."""


def generators_in(tree: Mapping[str, Any]) -> _Found:
    """The generators in a tree. A part that does not know its Variables yet, such as a model of layers without sizes,
    is left out: it has none that the data are drawn from."""
    found: _Found = {}
    for name, part in tree.items():
        with suppress(InputError):
            found |= {path: v for path, v in named_variables({name: part}).items() if isinstance(v, Generator)}
    return found


def states(found: _Found) -> dict[str, list[int]]:
    """The states of generators, as JSON has them."""
    return {path: generator.value.tolist() for path, generator in found.items()}


def all_states(found: _Found) -> dict[str, Any]:
    """The states of the default generators, and of others, as JSON has them."""
    _, words, gauss = python_random.getstate()
    return {
        "ntb": random.default().value.tolist(),
        "numpy": random.of_numpy().value.tolist(),
        "python": [*words, gauss],
        "own": states(found),
    }


def restoring(saved: Any, found: _Found) -> list[partial]:
    """Calls that put back what `states` gave. They do not fail. A generator without a saved state stays as it is.

    Raises:
        InputError: the states are none.
    """
    try:
        return [g.restoring(np.array(saved[path], np.uint64)) for path, g in found.items() if path in saved]
    except _OF_WRONG_KINDS as error:
        raise _no_states(error) from None


def restoring_all(saved: Any, found: _Found) -> list[partial]:
    """Calls that put back what `all_states` gave. They do not fail.

    Raises:
        InputError: the states are none.
    """
    try:
        *words, gauss = saved["python"]
        python = (3, tuple(words), None if gauss is None else float(gauss))
        python_random.Random().setstate(python)
        defaults = {"ntb": random.default(), "numpy": random.of_numpy()}
        missing = defaults.keys() - saved.keys()
        own = saved["own"]
    except _OF_WRONG_KINDS as error:
        raise _no_states(error) from None
    if missing:
        raise _no_states(f"no state of {', '.join(sorted(missing))}")
    return [*restoring(saved, defaults), *restoring(own, found), partial(python_random.setstate, python)]


def restore_all(saved: Any, found: _Found) -> None:
    """Put back what `all_states` gave."""
    uninterrupted(again=restoring_all(saved, found))


def remembered(found: _Found) -> list[partial]:
    """Calls that put all generators back to where they are now: the quick form of `all_states`, for every step."""
    known = [random.default(), random.of_numpy(), *found.values()]
    return [*[g.remembered() for g in known], partial(python_random.setstate, python_random.getstate())]


_OF_WRONG_KINDS = (KeyError, TypeError, ValueError, OverflowError, AttributeError)


def _no_states(why: Any) -> InputError:
    return InputError(f"the file has states of generators that are none ({why}); save it again")
