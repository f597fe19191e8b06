"""What is traced for a file: a function with its examples, for one size of batches or for any.

A program is for arrays of fixed sizes. For a file that takes batches of any size three are traced, at other sizes each,
and compared (`ntb/replay/any_size.py`): what differs between them follows from the size.
"""

from __future__ import annotations

import inspect
import types
from typing import Any

import numpy as np

from ..errors import InputError, add_note
from ..replay.any_size import Unlike, code_for_any_size
from ..replay.code import Code, Ref
from ..replay.function import Function
from ..replay.names import names_of_variables
from ..tree import leaves, tree_map

_SIZES = (5, 7, 11)
"""No sum or product of few of them is another one."""


def traced(function: Any, inputs: Any, batch: bool) -> tuple[Code, dict[Ref, Any], dict[Any, str]]:
    """The code of a function for these inputs, the shapes of its values, and names of Variables.

    Returns:
        The code; for batches of any size the shapes, in which such a size is called "batch" or None; and what Variables
        are called that have no name of their own.
    """
    function = function.function if isinstance(function, Function) else function
    inputs = inputs if isinstance(inputs, tuple | dict) else (inputs,)
    run, inputs = (function, inputs) if isinstance(function, types.FunctionType) else _by_name(function, inputs)
    inputs = tree_map(lambda x: x if np.ndim(x) == 0 else np.asarray(x), inputs)
    count = next((len(x) for x in leaves(inputs) if np.ndim(x)), None)
    if not batch or count is None:
        return _code(run, inputs), {}, _names(function, run)
    codes = [_code_for(n, run, inputs, count) for n in _SIZES]
    try:
        code, _ = code_for_any_size(codes)
    except Unlike:
        raise InputError(
            f"{codes[0].name} does other things for batches of {', '.join(map(str, _SIZES))}, in more than in sizes "
            "that are multiples of these; export(..., batch=False) writes a file for just the size of the inputs"
        ) from None
    return code, _shapes(codes), _names(function, run)


def _by_name(function: Any, inputs: Any) -> tuple[Any, dict[str, Any]]:
    """A model, or another object that can be called, as a function of arguments by name; and these."""
    if isinstance(inputs, dict):
        run = lambda **fed: function(**fed)
    else:
        run = lambda **fed: function(*fed.values())
        try:
            names = list(inspect.signature(function).parameters)
        except ValueError:  # of functions in C
            names = []
        names += [f"x{i}" for i in range(len(names), len(inputs))]
        inputs = dict(zip(names, inputs))
    run.__name__ = getattr(function, "__name__", type(function).__name__)
    return run, inputs


def _code(run: Any, inputs: Any) -> Code:
    """The code for these inputs; it is traced outside of what the user keeps traced."""
    program = Function(run).trace(**inputs) if isinstance(inputs, dict) else Function(run).trace(*inputs)
    return program.code


def _code_for(size: int, run: Any, inputs: Any, count: int) -> Code:
    """The code for batches of a size, in the place of those in the inputs."""
    try:
        return _code(run, tree_map(lambda x: _of_size(x, count, size), inputs))
    except Exception as error:
        add_note(error, f"(for a batch of {size} rows; export(..., batch=False) is for just the sizes of the inputs)")
        raise


def _of_size(x: Any, count: int, size: int) -> Any:
    """An input with a batch of another size: its rows again and again."""
    return np.resize(x, (size, *x.shape[1:])) if np.ndim(x) and len(x) == count else x


def _names(function: Any, run: Any) -> dict[Any, str]:
    """What Variables are called: in a model by their places in it."""
    if hasattr(function, "named_variables"):
        return {variable: name for name, variable in function.named_variables().items()}
    return {variable: ".".join(path) for path, variable in names_of_variables(run)}


def _shapes(codes: list[Code]) -> dict[Ref, Any]:
    """The shape of each value, from those in the traces."""
    same = {ref: list(zip(*[code.specs[ref].shape or () for code in codes])) for ref in codes[0].specs}
    return {ref: tuple([_size(numbers) for numbers in shape]) for ref, shape in same.items()}


def _size(numbers: tuple[int, ...]) -> Any:
    if len(set(numbers)) == 1:
        return numbers[0]
    return "batch" if numbers == _SIZES else None
