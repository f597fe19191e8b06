"""Entries: how Python calls a loop. Its machine code becomes a function of Python's own, called in 0.05 µs.

numba's functions have entries of their own, but to load one from disk takes numba, whose import takes half a second. So
an entry is written here (`entry_source`) and compiled with its loop; llvmlite, which is there in 40 ms, puts both into
a process (`function_of`). Like the functions of C extensions (METH_FASTCALL) an entry is told where its arguments lie.
NumPy's array objects, seen as words of eight bytes, begin with

    0 references   1 type   2 data   3 number of axes   4 sizes   5 strides   6 base   7 dtype   8 flags

(4 and 5 say where sizes and strides lie), tuples with 0 references, 1 type, 2 length, 3 the first item, and dtypes have
kind, character, byte order, flags and number in word 3. An entry gives -1 if an argument is not of the kind that its
loop was compiled for, else the flags that the loop raised.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

DTYPES: dict[str, Any] = {"f4": np.float32, "f8": np.float64, "b1": np.bool_, "i8": np.int64}
"""The dtypes of loops, by their names in the source."""


class ArrayKind(NamedTuple):
    """A kind of argument: an array of a dtype with so many axes, of any strides or contiguous.

    Other kinds are numbers, named as their dtypes are, and tuples of kinds.
    """

    dtype: str
    axes: int
    contiguous: bool


_KNOWN = np.array([*map(id, (np.ndarray, tuple, int))])
"""Where the types lie that those of arguments are compared with."""
_HEADER = 16
"""Bytes that an object begins with: references and type. (Python without its global lock has longer ones.)"""

_ENTRY = """
def entry(known, arguments, _):
    given = carray(arguments, {count})
    known = word(known, 2)
    if not ({checks}):
        return answer(-1)
    {values}
    threads = release()
    flags = {name}({parameters})
    acquire(threads)
    return answer(flags)
"""


def can_enter() -> bool:
    """Whether objects of this Python lie in memory as entries expect."""
    return object.__basicsize__ == _HEADER


def entry_source(name: str, kinds: Sequence[Any]) -> str:
    """The source of the entry to a function with this name, for arguments of these kinds."""
    checks: list[str] = []
    values = [_read(kind, f"given[{i}]", checks) for i, kind in enumerate(kinds)]
    named = [f"x{i}" for i in range(len(values))]
    lines = [f"{x} = {value}" for x, value in zip(named, values)]
    return _ENTRY.format(
        count=len(kinds),
        checks=" and ".join(checks) or "True",
        values="\n    ".join(lines),
        name=name,
        parameters=", ".join(named),
    )


def _read(kind: Any, place: str, checks: list[str]) -> str:
    """What gives the argument that lies at a place, as source; what must be true before is added to `checks`."""
    if isinstance(kind, ArrayKind):
        checks.append(f"is_array({place}, known, {_marks(kind.dtype)}, {kind.axes}, {kind.contiguous})")
        sizes = "".join(f"word(word({place}, 4), {axis}), " for axis in range(kind.axes))
        return f"carray(pointer(word({place}, 2)), ({sizes}), {kind.dtype})"
    if isinstance(kind, tuple):
        checks.append(f"is_tuple({place}, known, {len(kind)})")
        return "(" + "".join(_read(part, f"word({place}, {3 + i})", checks) + ", " for i, part in enumerate(kind)) + ")"
    if kind == "i8":
        checks.append(f"is_int({place}, known)")
    return {"i8": "whole({})", "b1": "(truth({}) != 0)"}.get(kind, f"{kind}(number({{}}))").format(place)


def _marks(name: str) -> int:
    """Word 3 of a dtype, but for its flags."""
    dtype = np.dtype(DTYPES[name])
    return ord(dtype.kind) | ord(dtype.char) << 8 | ord(dtype.byteorder) << 16 | dtype.num << 32


class MachineCode(NamedTuple):
    """An object file.

    Attributes:
        content: the file; entry: the name of the entry in it; needs: the names of what it calls outside of itself.
    """

    content: bytes
    entry: str
    needs: tuple[str, ...]


class _Definition(ctypes.Structure):
    """PyMethodDef: how a function in machine code is called."""

    _fields_ = (
        ("name", ctypes.c_char_p), ("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    )  # fmt: skip


_METH_FASTCALL = 0x80
_loaded: list[Any] = []  # machine code stays in memory, as programs may hold functions of it


def function_of(code: MachineCode) -> Callable[..., int]:
    """The function that an object file has, ready to be called."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # An engine for each, as object files of several processes may have different functions of one name.
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    missing = [name for name in code.needs if not llvm.address_of_symbol(name)]
    if missing:
        raise LookupError(f"machine code calls {', '.join(missing)}, which this process does not have")
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.content))
    engine.finalize_object()
    definition = _Definition(b"loop", engine.get_function_address(code.entry), _METH_FASTCALL, None)
    _loaded.append((engine, definition))
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return make(ctypes.addressof(definition), _KNOWN, None)
