"""The states of random generators, so that training goes on with the numbers that would have come."""

from __future__ import annotations

import random as python_random
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from .. import random
from ..atomic import uninterrupted
from ..errors import InputError
from ..random import Generator
from ..state import named_variables


def generators(tree: Any = None) -> dict[str, Any]:
    """The states of the default generators, which are nobody's, and which dropout, shuffles and users draw from; and of
    the generators in a tree, by their paths. All of it is what JSON has."""
    _, words, gauss = python_random.getstate()
    own = {name: v.value.tolist() for name, v in named_variables(tree).items() if isinstance(v, Generator)}
    return {
        "ntb": random.default().value.tolist(),
        "numpy": random.of_numpy().value.tolist(),
        "python": [*words, gauss],
        **({"own": own} if own else {}),
    }


def restoring(saved: Mapping[str, Any], tree: Any = None) -> list[partial]:
    """Calls that restore what `generators` gave; they do not fail.

    Raises:
        InputError: the states are none.
    """
    try:
        *words, gauss = saved["python"]
        python_random.Random().setstate((3, tuple(words), gauss))
        found = [(random.default(), saved["ntb"]), (random.of_numpy(), saved["numpy"])]
        own = saved.get("own", {})
        found += [(v, own[name]) for name, v in named_variables(tree).items() if name in own]
        calls = [g.restoring(np.array(state, np.uint64)) for g, state in found]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"the file has states of generators that are none ({error}); save it again") from None
    return [*calls, partial(python_random.setstate, (3, tuple(words), gauss))]


def restore(saved: Mapping[str, Any], tree: Any = None) -> None:
    """Put the states back."""
    uninterrupted(again=restoring(saved, tree))
