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


def traced(function: Any, inputs: Any, batch: Any) -> tuple[Code, dict[Ref, Any], dict[Any, str]]:
    """The code of a function for these inputs, the shapes of its values, and names of Variables.

    Returns:
        The code; for batches of any size the shapes, in which such a size is called "batch" or None; and what Variables
        are called that have no name of their own.
    """
    function = function.function if isinstance(function, Function) else function
    inputs = inputs if isinstance(inputs, tuple | dict) else (inputs,)
    if isinstance(inputs, tuple) and inputs and all(isinstance(x, int | np.integer) for x in inputs):
        raise InputError(f"the inputs are examples, not their shape: np.zeros({inputs}, np.float32) is one")
    by_name = isinstance(inputs, dict)
    named = inputs if by_name else dict(zip(_parameters(function, len(inputs)), inputs))
    named = tree_map(lambda x: x if np.ndim(x) == 0 else np.asarray(x), named)
    resized = _with_batch(named, batch)
    if not resized:
        return _code(function, named, by_name), {}, _names(function)
    codes = [_code_for(n, function, {**named, **resized(n)}, by_name) for n in _SIZES]
    try:
        code, _ = code_for_any_size(codes)
    except Unlike:
        raise InputError(
            f"{codes[0].name} does other things for batches of {', '.join(map(str, _SIZES))}, in more than in sizes "
            "that are multiples of these; export(..., batch=False) writes a file for just the sizes of the inputs"
        ) from None
    return code, _shapes(codes), _names(function)


def _parameters(function: Any, count: int) -> list[str]:
    """The names of a function's first parameters."""
    try:
        names = list(inspect.signature(function).parameters)
    except ValueError:  # of some functions in C
        names = []
    return [*names, *[f"x{i}" for i in range(len(names), count)]]


def _with_batch(named: dict[str, Any], batch: Any) -> Any:
    """What gives those of the inputs that have the batch, with one of another size: the rows again and again.

    Nothing if there is none, or none is wanted.
    """
    first = next((len(x) for x in leaves(named) if np.ndim(x)), None)
    if not batch or first is None:
        return None
    batch = [batch] if isinstance(batch, str) else batch
    if batch is not True and (unknown := set(batch) - set(named)):
        raise InputError(
            f"batch= names inputs, which are {', '.join(named)} here, and {', '.join(sorted(unknown))} is none"
        )

    def resized(x: Any, size: int) -> Any:
        is_batch = np.ndim(x) and (batch is not True or len(x) == first)
        return np.resize(x, (size, *x.shape[1:])) if is_batch else x

    chosen = {name: x for name, x in named.items() if batch is True or name in batch}
    return lambda size: tree_map(lambda x: resized(x, size), chosen)


def _code(function: Any, named: dict[str, Any], by_name: bool) -> Code:
    """The code for these inputs; it is traced outside of what the user keeps traced."""
    if isinstance(function, types.FunctionType):  # whose local variables give names
        run = Function(function)
        return (run.trace(**named) if by_name else run.trace(*named.values())).code
    call: Any = lambda **fed: function(**fed) if by_name else function(*fed.values())
    call.__name__ = getattr(function, "__name__", type(function).__name__)
    call.assigned_names = {}
    return Function(call).trace(**named).code


def _code_for(size: int, *call: Any) -> Code:
    """The code for inputs with batches of a size."""
    try:
        return _code(*call)
    except Exception as error:
        add_note(
            error,
            f"(for a batch of {size} rows; export(..., batch=False) is for just the sizes of the inputs, and "
            'batch=["x"] says which of the inputs have the batch on their first axis)',
        )
        raise


def _names(function: Any) -> dict[Any, str]:
    """What Variables are called: in a model by their places in it."""
    model = getattr(function, "__self__", function)
    if hasattr(model, "named_variables"):
        return {variable: name for name, variable in model.named_variables().items()}
    return {variable: ".".join(path) for path, variable in names_of_variables(function)}


def _shapes(codes: list[Code]) -> dict[Ref, Any]:
    """The shape of each value, from those in the traces."""
    same = {ref: list(zip(*[code.specs[ref].shape or () for code in codes])) for ref in codes[0].specs}
    return {ref: tuple([_size(numbers) for numbers in shape]) for ref, shape in same.items()}


def _size(numbers: tuple[int, ...]) -> Any:
    if len(set(numbers)) == 1:
        return numbers[0]
    return "batch" if numbers == _SIZES else None
