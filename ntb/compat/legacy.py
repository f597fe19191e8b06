"""Files of the earlier ntb: pickles of nested lists, tuples and dicts of arrays, read without executing anything.

Pickle is a language whose words can call any function. Here the words are looked through first; the few functions that
NumPy's files name are then replaced by stand-ins that only note their arguments; and arrays are made of those notes by
`np.frombuffer`, when all is known to fit.
"""

from __future__ import annotations

import io
import math
import os
import pickle
import pickletools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import InputError

CALLS = "GLOBAL STACK_GLOBAL REDUCE BUILD"
STRUCTURE = """PROTO FRAME STOP MARK POP POP_MARK DUP PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET
    EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT DICT SETITEM SETITEMS"""
VALUES = """NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING
    SHORT_BINSTRING UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8"""
WORDS = set(f"{CALLS} {STRUCTURE} {VALUES}".split())
DEEPEST = 50


def load_legacy(path: str | os.PathLike[str]) -> Any:
    """Read what `pickle.dump(graph.save(), file)` wrote, with any NumPy and Python.

    Returns:
        Lists, tuples and dicts of arrays and numbers, for `graph.load`.

    Raises:
        InputError: the file is damaged, or it asks for anything but arrays and plain containers. Nothing of it was run.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        look_through(content)
        value = Restricted(io.BytesIO(content), encoding="latin1").load()
        return Builder().build(value, 0)
    except InputError as error:
        raise InputError(f"{os.fspath(path)} was not loaded: {error}") from error
    except Exception as error:
        raise InputError(f"{os.fspath(path)} is not a whole file of saved arrays: {error}") from error


def look_through(content: bytes) -> None:
    """Refuse words that are not needed for arrays and containers, and numbers that reserve more than the file holds."""
    for word, argument, _ in pickletools.genops(content):
        if word.name not in WORDS:
            raise InputError(f"the file uses {word.name}, which saved arrays do not need")
        if word.name in ("PUT", "LONG_BINPUT") and not 0 <= int(argument or 0) < len(content):
            raise InputError("the file asks for more memory than its content can need")


class Note:
    """What the file wants to be called, with which arguments, and the state that it then sets."""

    def __init__(self, name: str, arguments: tuple) -> None:
        self.name = name
        self.arguments = arguments
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __hash__(self) -> int:
        raise InputError(f"the file uses a {self.name} as a key; keys of saved states are names")


class Callee:
    """Stands for a function of NumPy's; a call makes a Note."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *arguments: Any) -> Note:
        return Note(self.name, arguments)

    def __setstate__(self, state: Any) -> None:
        raise InputError(f"the file sets the state of {self.name} itself")


class Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        known = {
            "numpy": ("ndarray", "dtype"),
            "_codecs": ("encode",),
            "__builtin__": ("bytes",),
            **{f"numpy.{core}.multiarray": ("_reconstruct", "scalar") for core in ("core", "_core")},
            **{f"numpy.{core}.numeric": ("_frombuffer",) for core in ("core", "_core")},
        }
        if name not in known.get(module, ()):
            raise InputError(f"the file asks for {module}.{name}, which is no array or plain container")
        return Callee(name)


class Builder:
    """Makes arrays of Notes, at any depth of containers; what occurs twice is made once."""

    def __init__(self) -> None:
        self.made: dict[int, Any] = {}

    def build(self, x: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise InputError("containers are nested too deep, or hold themselves")
        if x is None or type(x) in (bool, int, float, str, bytes):
            return x
        if id(x) not in self.made:
            self.made[id(x)] = self.build_new(x, depth)
        return self.made[id(x)]

    def build_new(self, x: Any, depth: int) -> Any:
        if type(x) is list or type(x) is tuple:
            return type(x)([self.build(item, depth + 1) for item in x])
        if type(x) is dict:
            return {self.build(key, depth + 1): self.build(item, depth + 1) for key, item in x.items()}
        if type(x) is Note:
            return MAKERS[x.name](x)
        raise InputError(f"the file holds a {type(x).__name__} where an array, number or container is expected")


def make_array(note: Note) -> np.ndarray:
    """`_reconstruct(ndarray, (0,), b'b')`, then the state (version, shape, dtype, if Fortran's order, bytes)."""
    if not (isinstance(note.state, tuple) and len(note.state) == 5):
        raise InputError("an array has no content")
    _, shape, dtype, fortran, content = note.state
    return array_of(content, dtype, shape, "F" if fortran else "C")


def make_from_buffer(note: Note) -> np.ndarray:
    content, dtype, shape, order = note.arguments
    return array_of(content, dtype, shape, order)


def make_scalar(note: Note) -> Any:
    dtype, content = note.arguments
    return array_of(content, dtype, (), "C")[()]


def make_bytes(note: Note) -> bytes:
    """Protocol 2 has no bytes; it writes them as a text in Latin-1."""
    text, codec = note.arguments
    if codec not in ("latin1", "latin-1", "iso-8859-1") or not isinstance(text, str):
        raise InputError(f"the file asks for the codec {codec!r}; arrays need latin1 only")
    return text.encode("latin1")


def make_no_bytes(note: Note) -> bytes:
    if note.arguments:
        raise InputError("the file makes bytes of something")
    return b""


def make_dtype(note: Any) -> np.dtype:
    """`dtype('f8', ...)`, then the state (version, byte order, ...)."""
    kind = note.arguments[0] if isinstance(note, Note) and note.name == "dtype" and note.arguments else None
    if not isinstance(kind, str) or not re.fullmatch(r"[<>|=]?[biufc]\d{1,2}", kind):
        raise InputError(f"the file holds an array of {kind!r}; expected numbers")
    dtype = np.dtype(kind)
    big = isinstance(note.state, tuple) and len(note.state) > 1 and note.state[1] == ">"
    return dtype.newbyteorder(">") if big else dtype


def array_of(content: Any, dtype: Any, shape: Any, order: str) -> np.ndarray:
    dtype = make_dtype(dtype)
    if isinstance(content, Note) and content.name in ("encode", "bytes"):
        content = MAKERS[content.name](content)
    elif isinstance(content, str):
        content = content.encode("latin1")
    sizes = isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)
    if not sizes or not isinstance(content, bytes | bytearray) or math.prod(shape) * dtype.itemsize != len(content):
        raise InputError(f"an array of shape {shape} and {dtype} has the wrong number of bytes")
    array = np.frombuffer(content, dtype).reshape(shape, order="F" if order == "F" else "C")
    return array.astype(dtype.newbyteorder("="))


MAKERS: dict[str, Callable[[Note], Any]] = {
    "_reconstruct": make_array,
    "_frombuffer": make_from_buffer,
    "scalar": make_scalar,
    "encode": make_bytes,
    "bytes": make_no_bytes,
    "dtype": make_dtype,
}
