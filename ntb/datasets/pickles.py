"""Arrays in pickles, read without running what the file asks for.

Pickle is a language for a machine with a stack, and some of its words call any function. Here is the standard library's
machine with those words only that arrays and plain containers need. What a file names is not looked up: for the few
functions of NumPy's that make arrays there are ours, which check what they are given before they take memory.

The machine is `pickle._Unpickler`, the one that is written in Python. `pickle.Unpickler`, in C, can be told which
functions a file may name, but not which words it may use. A file of ten bytes makes it take gigabytes, for a far place
in its memo, and a key made of tuples in tuples makes it hash for ever.
"""

from __future__ import annotations

import io
import math
import os
import pickle
import pickletools
import re
from typing import Any

import numpy as np

from ..errors import InputError

_WORDS = """PROTO FRAME STOP MARK POP POP_MARK DUP GET BINGET LONG_BINGET PUT BINPUT LONG_BINPUT MEMOIZE
    NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT
    STRING BINSTRING SHORT_BINSTRING UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8
    EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT GLOBAL STACK_GLOBAL REDUCE"""
"""The words of pickle that its own machine obeys. `_Reader` has the others: BUILD and those that fill a dict."""
_CODES = [getattr(pickle, word)[0] for word in _WORDS.split()]
_Machine: Any = pickle._Unpickler  # typeshed does not know what is in it
_PLAIN = (type(None), bool, int, float, str, bytes)
_DEEPEST = 50
_MOST_AXES = 64  # of an array of NumPy's


def read(path: str | os.PathLike[str]) -> Any:
    """Read lists, tuples and dicts of arrays, numbers and texts that were pickled with any NumPy and Python.

    Such a file is what `pickle.dump(graph.save(), file)` of the earlier ntb wrote, for `graph.load`. Byte strings of
    Python 2 come as texts in Latin-1.

    Raises:
        InputError: the file is damaged, or it asks for anything else. Nothing of it was run.
        FileNotFoundError: there is no such file.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        value = _Reader(content).load()
        _check(value, 0, set())
        return value
    except InputError as error:
        raise InputError(f"{os.fspath(path)} was not loaded: {error}") from error
    except Exception as error:  # a damaged pickle can raise anything
        raise InputError(
            f"{os.fspath(path)} is not a whole file of saved arrays ({error}); fetch or save it again"
        ) from error


def _check(value: Any, depth: int, checked: set[int]) -> None:
    """Refuse what is no array or plain container: a name that was never called, an array that got no content."""
    if depth > _DEEPEST:
        raise InputError("containers are nested too deep, or hold themselves")
    if type(value) in _PLAIN or id(value) in checked:
        return
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind == "V":
            raise InputError("an array has no content")
        return
    if type(value) not in (list, tuple, dict):
        raise InputError(f"the file holds a {type(value).__name__} where an array, number or container is expected")
    for item in value.values() if type(value) is dict else value:
        _check(item, depth + 1, checked)
    checked.add(id(value))


class _Words(dict[int, Any]):
    """The words that the machine obeys, by their byte."""

    def __missing__(self, code: int) -> Any:
        names = {ord(word.code): word.name for word in pickletools.opcodes}
        if code not in names:
            raise ValueError(f"{bytes([code])!r} is no word of pickle")
        raise InputError(f"the file uses {names[code]}, which saved arrays do not need")


class _Dtype:
    """A dtype of numbers, as a file makes it in two steps: `dtype('f8', ...)`, then its state with the byte order."""

    def __init__(self, kind: str, *_: Any) -> None:
        if not re.fullmatch(r"[<>|=]?[biufc]\d{1,2}", kind):
            raise InputError("the file holds an array of something else than numbers")
        self.dtype = np.dtype(kind)


class _Reader(_Machine):
    """The machine. Besides bytes, its arrays take no more memory than its file has, twice."""

    dispatch = _Words({code: _Machine.dispatch[code] for code in _CODES})
    dispatch[pickle.BYTEARRAY8[0]] = dispatch[pickle.BINBYTES8[0]]

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="latin1")
        self.left = 2 * len(content)

    def find_class(self, module: str, name: str) -> Any:
        """What a file may name, and what stands for it."""
        module = module.replace("numpy._core", "numpy.core")  # as NumPy calls it from 2.0 on
        names = {
            ("numpy", "ndarray"): NotImplemented,  # which class to reconstruct: there is only this
            ("numpy", "dtype"): _Dtype,
            ("numpy.core.multiarray", "_reconstruct"): self.reconstruct,
            ("numpy.core.multiarray", "scalar"): self.scalar,
            ("numpy.core.numeric", "_frombuffer"): self.array,
            ("_codecs", "encode"): self.encode,
            ("__builtin__", "bytes"): self.no_bytes,
        }
        if (module, name) not in names:
            raise InputError(f"the file asks for {module}.{name}, which is no array or plain container; it was not run")
        return names[module, name]

    def reconstruct(self, *_: Any) -> np.ndarray:
        """An array, whose content is its state, which comes later."""
        return np.empty(0, "V1")

    def scalar(self, dtype: _Dtype, content: bytes) -> Any:
        return self.array(content, dtype, (), "C")[()]

    def encode(self, text: str, codec: str) -> bytes:
        """Protocol 2 has no bytes; it writes them as a text in Latin-1."""
        if codec not in ("latin1", "latin-1", "iso-8859-1") or type(text) is not str:
            raise InputError("the file asks for another codec than latin1, which is all that arrays need")
        self.take(len(text))
        return text.encode("latin1")

    def no_bytes(self) -> bytes:
        """None at all, which protocol 2 writes so."""
        return b""

    def array(self, content: Any, dtype: _Dtype, shape: tuple[int, ...], order: Any) -> np.ndarray:
        """An array in the machine's order of bytes."""
        if type(content) is str:  # of Python 2
            content = self.encode(content, "latin1")
        fits = type(dtype) is _Dtype and type(content) is bytes and type(shape) is tuple and len(shape) <= _MOST_AXES
        sizes = fits and all(type(n) is int and n >= 0 for n in shape)
        if not sizes or math.prod(shape) * dtype.dtype.itemsize != len(content):
            raise InputError("an array has a shape or dtype that does not fit its number of bytes")
        self.take(len(content))
        return np.frombuffer(content, dtype.dtype).reshape(shape, order=order).astype(dtype.dtype.newbyteorder("="))

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise InputError("the file asks for more memory than its content can need")

    # --- words

    def build(self) -> None:
        """Give an array its content, (version, shape, dtype, if Fortran's order, bytes), or a dtype its byte order."""
        state, made = self.stack.pop(), self.stack[-1]
        if type(made) is np.ndarray:
            _, shape, dtype, fortran, content = state
            whole: Any = self.array(content, dtype, shape, "F" if fortran else "C").__reduce__()[2]
            made.__setstate__(whole)
        elif type(made) is _Dtype:
            made.dtype = made.dtype.newbyteorder(">" if state[1] == ">" else "<")
        else:
            raise InputError(f"the file gives a {type(made).__name__} a state, which only arrays have")

    def set_item(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.fill(self.stack[-1], [key, value])

    def set_items(self) -> None:
        items = self.pop_mark()
        self.fill(self.stack[-1], items)

    def new_dict(self) -> None:
        items = self.pop_mark()
        self.append({})
        self.fill(self.stack[-1], items)

    def fill(self, target: Any, items: list[Any]) -> None:
        """Put keys and values, by turns, into a dict. Keys are texts or numbers that are their own hash: to hash nested
        tuples, or to look for one among numbers of equal hash, may take for ever."""
        keys = items[::2]
        if any(type(key) not in (str, bytes, int) or (type(key) is int and key.bit_length() > 60) for key in keys):
            raise InputError("the file has a dict whose keys are no names or small numbers")
        if type(target) is not dict:
            raise InputError(f"the file uses a {type(target).__name__} as a dict")
        target.update(zip(keys, items[1::2], strict=True))

    dispatch |= {
        pickle.BUILD[0]: build,
        pickle.SETITEM[0]: set_item,
        pickle.SETITEMS[0]: set_items,
        pickle.DICT[0]: new_dict,
    }
