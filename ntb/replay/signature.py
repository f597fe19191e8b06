"""Signatures: which calls of a traced function one program serves.

Arguments are told apart by what they are, never by an `==` that their classes define. Arrays and Python floats are fed:
they count by shape, dtype and layout. Containers count by their kind and by what they hold (`containers.py`), all else
as a constant (`constants.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np

from ..arguments import adopted
from ..errors import InputError
from ..forms import is_off
from ..tape.tensor import ArrayLike, Tensor
from ..tree import BRANCHES, is_branch, tree_map
from ..values.conversions import read_only
from .constants import BY_VALUE, Same, constant, contents, one, words
from .containers import Copy, copied, is_container, opened, remade

_NATIVE = [np.dtype(char) for char in np.typecodes["All"] if np.dtype(char).kind in "biufc"]
_NUMBERS = frozenset([*_NATIVE, *[dtype.newbyteorder() for dtype in _NATIVE]])
"""The dtypes of what is fed, in both orders of bytes."""
_FEW = 4  # arguments that are looked at one by one


class _Fed(list):
    """What is fed to a program, in order.

    Attributes:
        tensors: whether a tensor is among the arguments, so that the answer is to be of tensors.
    """

    tensors = False


class Diverged(Exception):
    """A decision of Python's control flow would go another way than in the trace."""


def signature_of(args: tuple, kwargs: dict) -> tuple[_Fed, Hashable]:
    """The values that are fed, and the key of the programs that fit them.

    Raises:
        InputError: there is an array that no program can be fed with, or a container that holds itself.
        ConversionError: there is an array of another library.
    """
    leaves = _Fed()
    parts: list[Hashable] = ["arguments"]
    try:
        for a in args:
            parts.append(_key_of(a, leaves))
        named: list[Hashable] = ["keyword arguments"]
        for name, a in kwargs.items():
            named.append((name, _key_of(a, leaves)))
    except RecursionError:
        raise InputError(
            "an argument of a traced function holds itself, or is nested without end; pass the parts that the function "
            "needs, or an object of a class that is no dataclass, which counts by identity"
        ) from None
    key: tuple = (tuple(parts), tuple(named))
    if is_off():
        key = (*key, "plain forms")
    n = len(leaves)
    if n > 1 and (leaves[0] is leaves[1] if n == 2 else len(set(map(id, leaves))) < n):
        arrays = [id(leaf) for leaf in leaves if type(leaf) is np.ndarray]
        if len(set(arrays)) < len(arrays):
            key = (*key, tuple(map(arrays.index, arrays)))  # which arguments are the same array
    return leaves, key


def check_hash(signature: Hashable) -> None:
    """Raise an error if a signature cannot be the key of a dict."""
    try:
        hash(signature)
    except TypeError as error:
        raise InputError(
            f"a traced function cannot tell calls apart by an argument that has no hash ({error}); "
            "pass arrays, numbers, strings, lists, tuples, dicts or objects with an identity"
        ) from None


def recognizer_of(signature: Any) -> Callable[[tuple, dict], _Fed | None] | None:
    """A function that gives what a call feeds, or None if `signature_of` must tell whether it has this signature.

    It is straight code for calls with a few arrays in C order and floats; there is none for other signatures:

        def recognize(args, kwargs):
            if kwargs or len(args) != 2 or is_off(): return None
            x0, x1, = args
            if type(x0) is ndarray and x0.shape == (4,) and … and type(x1) is float: return Fed(args)
    """
    if signature is None or len(signature) != 2 or len(signature[1]) > 1:  # one array twice, plain forms, keywords
        return None
    keys = signature[0][1:]
    space: dict[str, Any] = {"is_off": is_off, "ndarray": np.ndarray, "Fed": _Fed}
    tests: list[str] = []
    arrays: list[str] = []
    for i, key in enumerate(keys):
        if key is float:
            tests.append(f"type(x{i}) is float")
        elif type(key) is tuple and key[0] is np.ndarray and key[2] in _NUMBERS and key[3] == "C":
            space[f"d{i}"] = key[2]
            tests.append(f"type(x{i}) is ndarray and x{i}.shape == {key[1]} and x{i}.dtype == d{i}")
            tests[-1] += f" and x{i}.flags.c_contiguous"
            tests += [f"x{i} is not {other}" for other in arrays]
            arrays.append(f"x{i}")
        else:
            return None
    if not 0 < len(keys) <= _FEW:
        return None
    lines = [
        "def recognize(args, kwargs):",
        f"    if kwargs or len(args) != {len(keys)} or is_off(): return None",
        f"    {''.join(f'x{i}, ' for i in range(len(keys)))}= args",
        f"    if {' and '.join(tests)}: return Fed(args)",
    ]
    exec(compile("\n".join(lines), "<replay of a signature>", "exec"), space)
    return space.pop("recognize")


# --- the part of a signature that an argument makes


def _key_of(x: Any, leaves: _Fed) -> Hashable:
    """The key of an argument, or of a part of one; its arrays and floats are appended to `leaves`."""
    kind: Any = type(x)
    if kind is np.ndarray:
        dtype = x.dtype
        if dtype in _NUMBERS:
            leaves.append(x)
            layout = "C" if (flags := x.flags).c_contiguous else "F" if flags.f_contiguous else x.strides
            return (kind, x.shape, dtype, layout)
    elif kind is Tensor:
        leaves.tensors = True
        return _key_of(x.value, leaves)
    elif kind is float or kind is complex:
        leaves.append(x)
        return kind
    elif kind is tuple or kind is list:
        return (kind, *[_key_of(part, leaves) for part in x])
    elif kind is dict:
        return _key_of_parts(kind, x.items(), leaves)
    elif kind in BY_VALUE:
        return (kind, x)
    return _way_of(kind)(x, leaves)


def _key_of_parts(kind: Any, parts: Iterable[tuple[Any, Any]], leaves: _Fed) -> tuple:
    """The key of items or attributes, whose own keys and names are nearly always strings."""
    return (kind, *[(k if type(k) is str else constant(k), _key_of(part, leaves)) for k, part in parts])


@functools.lru_cache(1000)
def _way_of(kind: Any) -> Callable[[Any, _Fed], Hashable]:
    """The function that makes keys of the objects of a class."""
    if issubclass(kind, np.ndarray | np.generic):
        return _key_of_array if issubclass(kind, np.ndarray) else _key_of_scalar
    if issubclass(kind, ArrayLike) and not issubclass(kind, Tensor):
        return _key_of_variable
    if hasattr(kind, "__array_function__"):
        return _key_of_foreign
    if is_container(kind):
        return _key_of_container
    if kind.__eq__ is object.__eq__ and kind.__hash__ is object.__hash__:
        return _key_of_itself
    if hasattr(kind, "__array__") or hasattr(kind, "__array_interface__"):  # and its `==` is not identity: a table
        return _key_of_foreign
    return _key_of_object


def _key_of_variable(x: ArrayLike, leaves: _Fed) -> Hashable:
    return Same(x)


def _key_of_itself(x: Any, leaves: _Fed) -> Hashable:
    """The key of an object whose `==` is identity, which Python then finds without a call."""
    return (type(x), x)


def _key_of_object(x: Any, leaves: _Fed) -> Hashable:
    kind = type(x)
    if kind.__hash__ is None and kind is not slice and not hasattr(x, "__dict__"):
        return (kind, x)  # a set: what it holds may change where nobody looks; `check_hash` refuses it
    return constant(x)


def _key_of_container(x: Any, leaves: _Fed) -> Hashable:
    parts = opened(x)
    if parts is None:
        return Same(x)
    items, attributes = parts
    key = _key_of_parts(type(x), items, leaves)
    return (*key, _key_of_parts("attributes", attributes, leaves)) if attributes else key


def _key_of_scalar(x: np.generic, leaves: _Fed) -> Hashable:
    dtype = x.dtype
    if dtype in _NUMBERS:
        leaves.append(x)
        return (np.generic, dtype)
    if dtype.kind == "V":
        raise InputError(_refusal(x))
    return contents(x)


def _key_of_array(x: np.ndarray, leaves: _Fed) -> Hashable:
    """The key of an array that is not simply one of numbers."""
    if type(x) not in (np.ndarray, np.memmap) or x.dtype.kind in "OV":
        raise InputError(_refusal(x))
    if x.dtype not in _NUMBERS:
        return contents(x)
    known = [leaf for leaf in leaves if type(leaf) is np.ndarray and leaf.base is x]  # one array, given twice
    return _key_of(known[0] if known else x.view(np.ndarray), leaves)


def _refusal(x: Any) -> str:
    """Why no program can be fed with an array, and what to pass instead."""
    what = f"a traced function cannot be fed with {one(type(x))} of dtype {x.dtype} and shape {x.shape}"
    if isinstance(x, np.ma.MaskedArray):
        return f"{what}: programs know no masks; pass two arrays, x.filled(0) and np.ma.getmaskarray(x)"
    if x.dtype.names:
        return f"{what}, which has fields; pass these, as in {{name: x[name] for name in x.dtype.names}}"
    if x.dtype.kind in "OV":
        return f"{what}, which are not numbers; pass a list of the objects, or convert them, as in x.astype(float)"
    return f"{what}, since its class has rules of its own; pass np.asarray(x), of which @ is the matrix product"


def _key_of_foreign(x: Any, leaves: _Fed) -> Hashable:
    """No key: the errors for arrays and tables of other libraries."""
    if isinstance(found := adopted(x), Tensor):
        raise found.untraceable()
    raise InputError(
        f"a traced function is fed with NumPy's arrays, not with {one(type(x))} of "
        f"{type(x).__module__.partition('.')[0]}; pass np.asarray(x), and the names of columns as strings"
    )


# --- what the traced run gets


def lift(
    x: Any, name: str, inputs: list[tuple[str, Tensor]], known: dict[int, Tensor], copies: list[Copy] | None = None,
    place: str = "",
) -> Any:  # fmt: skip
    """Replace each array and float by a Tensor, in the order of `_key_of`.

    Lists, tuples and dicts are copied; other containers only if they hold something that is fed.

    Args:
        x: an argument, or a part of one.
        name: what it is called.
        inputs: takes the names and the tensors of what is fed.
        known: the tensor of each array, by its `id()`. An array that is given twice is one tensor, so that `f(x, x)`
            computes what it would without a trace.
        copies: takes the copies, of which `written` tells whether the function has changed them.
        place: where in the arguments it stands.
    """
    value = x.value if type(x) is Tensor else x
    if isinstance(value, np.ndarray | np.generic | float | complex):
        return _lift_leaf(value, name, inputs, known)
    parts = opened(x)
    if parts is None:
        return x
    items, attributes = parts
    place = place or f"argument {name!r}: "
    count = len(inputs)
    names = [str(key) if str(key).isidentifier() else f"{name}_{i}" for i, (key, _) in enumerate(items)]
    names = getattr(x, "_fields", names) if isinstance(x, tuple) else names
    new_items = [lift(y, n, inputs, known, copies, f"{place}[{key!r}]") for n, (key, y) in zip(names, items)]
    new_attributes = [lift(y, key, inputs, known, copies, f"{place}.{key}") for key, y in attributes]
    if len(inputs) == count and not isinstance(x, BRANCHES):
        return x
    new = remade(x, new_items, new_attributes)
    if copies is not None:
        copies.append(copied(place, new))
    return new


def _lift_leaf(x: Any, name: str, inputs: list[tuple[str, Tensor]], known: dict[int, Tensor]) -> Any:
    """The tensor of an array or number; of another value, such as an array of strings, itself."""
    is_array = isinstance(x, np.ndarray)
    if getattr(x, "dtype", None) not in _NUMBERS and type(x) not in (float, complex):
        return read_only(x.view(np.ndarray)) if is_array else x
    tensor = known.get(id(x)) if is_array else None
    if tensor is None:
        tensor = known[id(x)] = Tensor(np.asarray(x) if is_array else x)
    inputs.append((name, tensor))
    return tensor


# --- what the caller gets


def settled_outputs(x: Any) -> Any:
    """The outputs with variables read, and tensors in place of arrays.

    Raises:
        InputError: something else is returned, in which a replay could not find the tensors.
    """
    if isinstance(x, ArrayLike):
        return x.read()
    if isinstance(x, np.ndarray):
        return Tensor(x.copy(order="K"))
    if is_branch(x):
        return tree_map(settled_outputs, x)
    if x is None or isinstance(x, bool | int | float | complex | str | bytes | np.generic | np.dtype):
        return x
    raise InputError(
        "a traced function returns tensors, numbers, strings, and tuples, lists, dicts and dataclasses of them, "
        f"not a {type(x).__name__}"
    )


def map_outputs(f: Callable[[Tensor], Any], x: Any) -> Any:
    return tree_map(lambda y: f(y) if type(y) is Tensor else y, x)


def output(value: Any) -> Any:
    """What the caller gets: a tensor, or the Python number that stayed one."""
    return value if type(value) in (float, complex, int, bool) else Tensor(value)


# --- what tells calls apart, in words


def difference(a: Any, b: Any) -> str:
    """Where two signatures differ, in words."""
    if a == b:
        return "the outcome of an `if`"
    if a[:2] == b[:2]:
        return "which arguments are one array"
    return _difference(*((a[0], b[0]) if a[0] != b[0] else (a[1], b[1])))


def _difference(a: Any, b: Any) -> str:
    """Where two keys of arguments differ."""
    if type(a) is type(b) is tuple and a[0] == b[0]:
        kind = a[0]
        if kind is np.ndarray:
            if a[1:3] == b[1:3] and a[2] not in _NUMBERS:
                return f"the elements of an array of {a[2]}"
            what = ["", "the shape of an array", "the dtype of an array", "the memory layout of an array"]
            return next(f"{what[i]} ({a[i]}, then {b[i]})" for i in range(1, 4) if a[i] != b[i])
        if not isinstance(kind, type) or is_container(kind):
            if len(a) == len(b):
                return next(_difference(x, y) for x, y in zip(a[1:], b[1:], strict=True) if x != y)
            counted = f"the length of {one(kind)}" if isinstance(kind, type) else f"the number of {kind}"
            return f"{counted} ({len(a) - 1}, then {len(b) - 1})"
    first, second = words(a), words(b)
    return f"a value ({first}, then {second if first != second else 'another one'})"
