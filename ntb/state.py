"""State: everything that changes between runs, found by one walk and named by where it was found.

    model.layers[0].weight  ->  "layers.0.weight"

Saving, restoring the best epoch and resetting are loops over what `named_variables` finds.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from .atomic import set_tensor, uninterrupted
from .errors import InputError
from .foreign.libraries import to_numpy
from .random import Generator, refuse_in_traces
from .tape.tensor import Tensor
from .variable import Variable

_STATELESS = (
    *(str, bytes, int, float, complex, np.ndarray, np.generic, Tensor),
    *(type, types.ModuleType, types.FunctionType),
)


def named_variables(tree: Any) -> dict[str, Any]:
    """All Variables and random generators in a tree, by name.

    Args:
        tree: a Variable or Generator, or a dict, list, tuple or object (a model, an optimizer) that holds some at any
            depth. Attributes that begin with an underscore are private and left out.

    Returns:
        A dict in the order of the tree. What is held in two places is listed once, under its first name.

    Raises:
        InputError: two different ones have the same name.

    >>> w = Variable(1.0)
    >>> list(named_variables({"layers": [w, Variable(2.0)], "shared": w}))
    ['layers.0', 'layers.1']
    """
    found: dict[str, Any] = {}
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", tree)]
    while stack:
        name, item = stack.pop()
        if item is None or isinstance(item, _STATELESS) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, (Variable, Generator)):
            if name in found:
                raise InputError(f"two variables are both named {name!r}; rename a key that contains a dot")
            found[name] = item
        else:
            below = [(f"{name}.{key}" if name else str(key), child) for key, child in items_of(item)]
            stack.extend(reversed(below))
    return found


def items_of(item: Any) -> Iterator[tuple[Any, Any]]:
    """What a container or object holds, with keys."""
    if isinstance(item, Mapping):
        yield from item.items()
    elif isinstance(item, (list, tuple)):
        yield from enumerate(item)
    else:
        for name, value in getattr(item, "__dict__", {}).items():
            if not name.startswith("_"):
                yield name, value


def snapshot(tree: Any) -> dict[str, np.ndarray]:
    """Copies of all values in a tree, by name.

    >>> w = Variable([1.0])
    >>> before = snapshot({"w": w})
    >>> w.assign([2.0])
    >>> restore({"w": w}, before)
    >>> w
    Variable([1.])
    """
    return {name: np.array(to_numpy(variable.value)) for name, variable in named_variables(tree).items()}


def restore(tree: Any, values: Mapping[str, np.ndarray]) -> None:
    """Put values back that `snapshot` gave. Either all are put in, or, if there is anything wrong with one, none.

    Args:
        tree: as for `named_variables`.
        values: an array for every name in the tree, of the same shape and dtype, and no others.

    Raises:
        InputError: lists every name that is missing or unexpected and every shape and dtype that differs; or the state
            of a generator is none.
    """
    variables = compare(tree, values)
    cells = {v: Tensor(np.array(values[n])) for n, v in variables.items() if isinstance(v, Variable)}
    tensors = [variable.get().like(value).held(variable.id) for variable, value in cells.items()]
    generators = [v.restoring(values[name]) for name, v in variables.items() if isinstance(v, Generator)]
    if generators:
        refuse_in_traces("restored")
    uninterrupted(map(set_tensor, cells, tensors), map(partial.__call__, generators))


def compare(tree: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Whether values fit into a tree, by name, shape and dtype; returns `named_variables(tree)`.

    Args:
        values: by name arrays, or anything else with a dtype and a shape.

    Raises:
        InputError: they do not; see `restore`.
    """
    variables = named_variables(tree)
    problems = [f"{name}: missing; expected {_kind(v)}" for name, v in variables.items() if name not in values]
    for name, value in values.items():
        if name not in variables:
            problems.append(f"{name}: unexpected; nothing here has that name")
        elif _kind(value) != _kind(variables[name]):
            problems.append(f"{name}: is {_kind(value)}; expected {_kind(variables[name])}")
    if problems:
        raise InputError(
            "the values do not fit, and nothing was changed. (An optimizer has its slots after a first step or "
            "opt.build(variables).)\n  " + "\n  ".join(problems)
        )
    return variables


def _kind(value: Any) -> str:
    return f"{np.dtype(value.dtype)}{list(value.shape)}"
