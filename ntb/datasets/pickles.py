"""Arrays in pickles, read without running anything.

Pickle is a language for a machine with a stack, and some of its words call any function. Here is a machine of our own,
which has the words that arrays and plain containers need and no others. What a file wants to be called, NumPy's
functions that make arrays, it notes; arrays are then made of the notes by `np.frombuffer`, when all is known to fit.
"""

from __future__ import annotations

import math
import os
import pickletools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError

_VALUES = """INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING
    SHORT_BINSTRING UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8"""
_PLAIN = (type(None), bool, int, float, str, bytes)
_NAMED = {
    "numpy": ("ndarray", "dtype"),
    "_codecs": ("encode",),
    "__builtin__": ("bytes",),
    **{f"numpy.{core}.multiarray": ("_reconstruct", "scalar") for core in ("core", "_core")},
    **{f"numpy.{core}.numeric": ("_frombuffer",) for core in ("core", "_core")},
}
"""What a file may name. Only the names count here; nothing is looked up."""
_DEEPEST = 50
_MOST_AXES = 64  # of an array of NumPy's


def read(path: str | os.PathLike[str]) -> Any:
    """Lists, tuples and dicts of arrays, numbers and texts. Byte strings of Python 2 come as texts in Latin-1.

    Raises:
        InputError: the file is damaged, or it asks for anything else. Nothing of it was run.
        FileNotFoundError: there is no such file.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        return Builder(len(content)).build(Machine().run(content), 0)
    except InputError as error:
        raise InputError(f"{os.fspath(path)} was not loaded: {error}") from error
    except Exception as error:  # a damaged pickle can raise anything
        raise InputError(
            f"{os.fspath(path)} is not a whole file of saved arrays ({error}); fetch or save it again"
        ) from error


class Name:
    """A function that the file names."""

    def __init__(self, name: str) -> None:
        self.name = name


class Note:
    """What the file wants to be called, with which arguments, and the state that it then sets."""

    def __init__(self, name: str, arguments: tuple) -> None:
        self.name = name
        self.arguments = arguments
        self.state: Any = None


class Machine:
    """Obeys the words of a pickle, each by the method of its name in small letters."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []  # heights of the stack
        self.memo: dict[int, Any] = {}

    def run(self, content: bytes) -> Any:
        for word, argument, _ in pickletools.genops(content):
            if word.name in _WORDS:
                _WORDS[word.name](self, argument)
            elif word.name == "STOP":
                break
            else:
                raise InputError(f"the file uses {word.name}, which saved arrays do not need")
        return self.pop(object)

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self, *expected: type) -> Any:
        """The uppermost value, which must be above the last mark and of an expected type."""
        self.top(*expected)
        return self.stack.pop()

    def top(self, *expected: type) -> Any:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise InputError("the file takes more than it has put down")
        if not isinstance(self.stack[-1], expected):
            raise InputError(f"the file uses a {type(self.stack[-1]).__name__} where it cannot be")
        return self.stack[-1]

    # --- words with an argument

    def get(self, number: Any) -> None:
        self.push(self.memo[int(number)])

    def put(self, number: Any) -> None:
        self.memo[int(number)] = self.top(object)

    def name(self, argument: str) -> None:
        module, name = argument.split(" ", 1)
        if name not in _NAMED.get(module, ()):
            raise InputError(f"the file asks for {module}.{name}, which is no array or plain container; it was not run")
        self.push(Name(name))

    # --- words without one

    def memoize(self, _: Any) -> None:
        self.put(len(self.memo))

    def stack_global(self, _: Any) -> None:
        name, module = self.pop(str), self.pop(str)
        self.name(f"{module} {name}")

    def reduce(self, _: Any) -> None:
        arguments, function = self.pop(tuple), self.pop(Name)
        self.push(Note(function.name, arguments))

    def build(self, _: Any) -> None:
        state = self.pop(object)
        self.top(Note).state = state

    def mark(self, _: Any) -> None:
        self.marks.append(len(self.stack))

    def marked(self, _: Any = None) -> list[Any]:
        """What lies above the last mark, taken away with it."""
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def duplicate(self, _: Any) -> None:
        self.push(self.top(object))

    def discard(self, _: Any) -> None:
        if self.marks and self.marks[-1] == len(self.stack):
            self.marks.pop()
        else:
            self.pop(object)

    def discard_all(self, _: Any) -> None:
        self.marked()

    def append(self, _: Any) -> None:
        item = self.pop(object)
        self.top(list).append(item)

    def appends(self, _: Any) -> None:
        items = self.marked()
        self.top(list).extend(items)

    def setitem(self, _: Any) -> None:
        value, key = self.pop(object), self.pop(object)
        self.top(dict).update(_pairs([key, value]))

    def setitems(self, _: Any) -> None:
        items = self.marked()
        self.top(dict).update(_pairs(items))


def _pairs(items: list[Any]) -> dict[Any, Any]:
    """A dict of keys and values by turns. Only of names: nested tuples, or huge numbers, may take for ever."""
    if len(items) % 2 or not all(map(_is_name, items[::2])):
        raise InputError("the file has a dict whose keys are no names or small numbers")
    return dict(zip(items[::2], items[1::2]))


def _is_name(key: Any) -> bool:
    """Whether it can be a key: a text, bytes (also as protocol 2 spells them), or a number that is its own hash."""
    if type(key) is int:
        return key.bit_length() < 61
    return type(key) in (str, bytes) or (type(key) is Note and key.name == "encode")


def _constant(value: Any) -> Callable[[Machine, Any], None]:
    return lambda machine, _: machine.push(value)


def _last(count: int) -> Callable[[Machine, Any], None]:
    """The word that makes a tuple of so many values."""

    def word(machine: Machine, _: Any) -> None:
        machine.push(tuple(reversed([machine.pop(object) for _ in range(count)])))

    return word


_WORDS: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(["PROTO", "FRAME"], lambda machine, _: None),
    **dict.fromkeys(_VALUES.split(), Machine.push),
    **{word: _constant(value) for word, value in (("NONE", None), ("NEWTRUE", True), ("NEWFALSE", False))},
    **dict.fromkeys(["GET", "BINGET", "LONG_BINGET"], Machine.get),
    **dict.fromkeys(["PUT", "BINPUT", "LONG_BINPUT"], Machine.put),
    **{f"TUPLE{n}": _last(n) for n in (1, 2, 3)},
    "MEMOIZE": Machine.memoize, "GLOBAL": Machine.name, "STACK_GLOBAL": Machine.stack_global,
    "REDUCE": Machine.reduce, "BUILD": Machine.build,
    "MARK": Machine.mark, "POP": Machine.discard, "POP_MARK": Machine.discard_all,
    "DUP": Machine.duplicate,
    "EMPTY_LIST": lambda machine, _: machine.push([]), "LIST": lambda machine, _: machine.push(machine.marked()),
    "APPEND": Machine.append, "APPENDS": Machine.appends,
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.marked())),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "DICT": lambda machine, _: machine.push(_pairs(machine.marked())),
    "SETITEM": Machine.setitem, "SETITEMS": Machine.setitems,
}  # fmt: skip


class Builder:
    """Makes arrays of Notes, at any depth of containers; what occurs twice is made once.

    Args:
        size: of the file. The arrays in it have not more bytes, unless it names the same bytes again and again.
    """

    def __init__(self, size: int) -> None:
        self.left = size
        self.made: dict[int, Any] = {}

    def build(self, x: Any, depth: int) -> Any:
        if depth > _DEEPEST:
            raise InputError("containers are nested too deep, or hold themselves")
        if type(x) in _PLAIN:
            return x
        if id(x) not in self.made:
            self.made[id(x)] = self.build_new(x, depth)
        return self.made[id(x)]

    def build_new(self, x: Any, depth: int) -> Any:
        if type(x) is list or type(x) is tuple:
            return type(x)([self.build(item, depth + 1) for item in x])
        if type(x) is dict:
            return {self.build(key, depth + 1): self.build(item, depth + 1) for key, item in x.items()}
        if type(x) is Note and x.name in _MAKERS:
            made = _MAKERS[x.name](self, x)
            self.take(len(made) if type(made) is bytes else 0)
            return made
        raise InputError(f"the file holds a {type(x).__name__} where an array, number or container is expected")

    def array(self, note: Note) -> np.ndarray:
        """`_reconstruct(ndarray, (0,), b'b')`, then the state (version, shape, dtype, if Fortran's order, bytes)."""
        if not (isinstance(note.state, tuple) and len(note.state) == 5):
            raise InputError("an array has no content")
        _, shape, dtype, fortran, content = note.state
        return self.array_of(content, dtype, shape, "F" if fortran else "C")

    def from_buffer(self, note: Note) -> np.ndarray:
        content, dtype, shape, order = note.arguments
        return self.array_of(content, dtype, shape, order)

    def scalar(self, note: Note) -> Any:
        dtype, content = note.arguments
        return self.array_of(content, dtype, (), "C")[()]

    def encoded(self, note: Note) -> bytes:
        """Protocol 2 has no bytes; it writes them as a text in Latin-1."""
        text, codec = note.arguments
        if codec not in ("latin1", "latin-1", "iso-8859-1") or not isinstance(text, str):
            raise InputError("the file asks for another codec than latin1, which is all that arrays need")
        return text.encode("latin1")

    def no_bytes(self, note: Note) -> bytes:
        if note.arguments:
            raise InputError("the file makes bytes of something")
        return b""

    def dtype(self, note: Any) -> np.dtype:
        """`dtype('f8', ...)`, then the state (version, byte order, ...)."""
        kind = note.arguments[0] if isinstance(note, Note) and note.name == "dtype" and note.arguments else None
        if not isinstance(kind, str) or not re.fullmatch(r"[<>|=]?[biufc]\d{1,2}", kind):
            raise InputError("the file holds an array of something else than numbers")
        dtype = np.dtype(kind)
        big = isinstance(note.state, tuple) and len(note.state) > 1 and note.state[1] == ">"
        return dtype.newbyteorder(">") if big else dtype

    def array_of(self, content: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
        dtype = self.dtype(dtype)
        if isinstance(content, Note) and content.name in ("encode", "bytes"):
            content = _MAKERS[content.name](self, content)
        elif isinstance(content, str):
            content = content.encode("latin1")
        sizes = isinstance(shape, tuple) and len(shape) <= _MOST_AXES and all(type(n) is int and n >= 0 for n in shape)
        if not sizes or not isinstance(content, bytes | bytearray) or math.prod(shape) * dtype.itemsize != len(content):
            raise InputError(f"an array of {dtype} has a shape that does not fit its number of bytes")
        self.take(len(content))
        array = np.frombuffer(content, dtype).reshape(shape, order="F" if order == "F" else "C")
        return array.astype(dtype.newbyteorder("="))

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise InputError("the file asks for more memory than its content can need")


_MAKERS: dict[str, Callable[[Builder, Note], Any]] = {
    "_reconstruct": Builder.array,
    "_frombuffer": Builder.from_buffer,
    "scalar": Builder.scalar,
    "encode": Builder.encoded,
    "bytes": Builder.no_bytes,
}
