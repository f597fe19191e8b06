"""Entries: how Python calls a loop. Its machine code becomes a function of Python's own, called in 0.05 µs.

numba's functions have entries of their own, but to load one from disk takes numba, whose import takes half a second. So
an entry is written here, in LLVM's language (`entry_text`), beside what numba makes of the loop; llvmlite, which is
there in 40 ms, puts both into a process (`function_of`). Like functions of C extensions (METH_FASTCALL) it is told
where its arguments lie. NumPy's array objects, seen as words of eight bytes, begin with

    0 references   1 type   2 data   3 number of axes   4 sizes   5 strides   6 base   7 dtype   8 flags

(4 and 5 say where sizes and strides lie), tuples with 0 references, 1 type, 2 length, 3 the first item, and dtypes have
kind, character, byte order, flags and number in word 3. An entry gives -1 if an argument is not of the kind that its
loop was compiled for, or if the loop raised an error, else the flags of the processor that the loop raised.
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


_TYPES = (np.ndarray, tuple, int)
_KNOWN = np.array([*map(id, _TYPES)])
"""Where the types lie that those of arguments are compared with. An entry is a method of this array."""
_HEADER = 16
"""Bytes that an object begins with: references and type. (Python without its global lock has longer ones.)"""
_BEGIN = """
declare double @PyFloat_AsDouble(ptr)
declare i64 @PyLong_AsLongLong(ptr)
declare i32 @PyObject_IsTrue(ptr)
declare ptr @PyLong_FromLong(i64)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)

define ptr @ntb_entry(ptr %self, ptr %arguments, i64 %count) {
  %flags = alloca i32
  %error = alloca ptr"""
_END = """  %threads = call ptr @PyEval_SaveThread()
  %failed = call i32 @"NAME"(ptr %flags, ptr %error, VALUES)
  call void @PyEval_RestoreThread(ptr %threads)
  %raised = load i32, ptr %flags
  %succeeded = icmp eq i32 %failed, 0
  %told = select i1 %succeeded, i32 %raised, i32 -1
  %long = sext i32 %told to i64
  %answer = call ptr @PyLong_FromLong(i64 %long)
  ret ptr %answer
other:
  %no = call ptr @PyLong_FromLong(i64 -1)
  ret ptr %no
}
"""


def can_enter() -> bool:
    """Whether objects of this Python lie in memory as entries expect."""
    return object.__basicsize__ == _HEADER


def entry_text(name: str, kinds: Sequence[Any]) -> str:
    """The entry to what numba made of a function of arguments of these kinds, whose name in LLVM this is."""
    entry = _Entry()
    values = [value for i, kind in enumerate(kinds) for value in entry.read(kind, entry.word("%arguments", i, "ptr"))]
    return "\n".join([_BEGIN, *entry.lines, _END.replace("NAME", name).replace("VALUES", ", ".join(values))])


class _Entry:
    """The lines that read the arguments and check what they are."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.known = self.word("%self", 2, "ptr")

    def read(self, kind: Any, place: str) -> list[str]:
        """What numba passes for an argument that lies at a place: an array is seven words or more."""
        if isinstance(kind, ArrayKind):
            return self._read_array(kind, place)
        if isinstance(kind, tuple):
            self._require_type(place, tuple)
            self._require(self.word(place, 2), len(kind))
            items = [self.word(place, 3 + i, "ptr") for i in range(len(kind))]
            return [value for part, item in zip(kind, items) for value in self.read(part, item)]
        if kind == "i8":
            self._require_type(place, int)
            return [f"i64 {self.new(f'call i64 @PyLong_AsLongLong(ptr {place})')}"]
        if kind == "b1":
            truth = self.new(f"call i32 @PyObject_IsTrue(ptr {place})")
            return [f"i8 {self.new(f'trunc i32 {truth} to i8')}"]
        number = self.new(f"call double @PyFloat_AsDouble(ptr {place})")
        return [f"double {number}" if kind == "f8" else f"float {self.new(f'fptrunc double {number} to float')}"]

    def _read_array(self, kind: ArrayKind, place: str) -> list[str]:
        dtype = np.dtype(DTYPES[kind.dtype])
        marks = ord(dtype.kind) | ord(dtype.char) << 8 | ord(dtype.byteorder) << 16 | dtype.num << 32
        self._require_type(place, np.ndarray)
        self._require(self._masked(self.word(self.word(place, 7, "ptr"), 3), 0xFFFFFFFF00FFFFFF), marks)
        self._require(self._masked(self.word(place, 3), 0xFFFFFFFF), kind.axes)
        if kind.contiguous:
            self._require(self._masked(self.word(place, 8), 1), 1)
        sizes, strides = ([self.word(self.word(place, i, "ptr"), axis) for axis in range(kind.axes)] for i in (4, 5))
        count = "1"
        for size in sizes:
            count = self.new(f"mul i64 {count}, {size}")
        data = self.word(place, 2, "ptr")
        words = [f"i64 {x}" for x in (*sizes, *strides)]
        return ["ptr null", "ptr null", f"i64 {count}", f"i64 {dtype.itemsize}", f"ptr {data}", *words]

    def word(self, place: str, i: int, kind: str = "i64") -> str:
        """Word i from a place on."""
        return self.new(f"load {kind}, ptr {self.new(f'getelementptr i64, ptr {place}, i64 {i}')}")

    def new(self, text: str) -> str:
        """A name for what an instruction gives."""
        name = f"%x{len(self.lines)}"
        self.lines.append(f"  {name} = {text}")
        return name

    def _masked(self, value: str, mask: int) -> str:
        return self.new(f"and i64 {value}, {mask if mask < 1 << 63 else mask - (1 << 64)}")

    def _require(self, value: str, expected: Any) -> None:
        """Go on only if two numbers are equal."""
        equal, there = self.new(f"icmp eq i64 {value}, {expected}"), f"there{len(self.lines)}"
        self.lines += [f"  br i1 {equal}, label %{there}, label %other", f"{there}:"]

    def _require_type(self, place: str, kind: type) -> None:
        self._require(self.word(place, 1), self.word(self.known, _TYPES.index(kind)))


class Task(NamedTuple):
    """What is compiled: the function with a name in a source, for arguments of these kinds."""

    source: str
    name: str
    kinds: tuple[Any, ...]


class MachineCode(NamedTuple):
    """An object file.

    Attributes:
        content: the file, with the entry `ntb_entry`; needs: the names of what it calls outside of itself.
    """

    content: bytes
    needs: tuple[str, ...]


class _Definition(ctypes.Structure):
    """PyMethodDef: how a function in machine code is called."""

    _fields_ = (
        ("name", ctypes.c_char_p), ("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    )  # fmt: skip


_METH_FASTCALL = 0x80
_loaded: list[Any] = []  # machine code stays in memory, as programs may hold functions of it


def function_of(code: MachineCode) -> Callable[..., int] | None:
    """The function that an object file has, ready to be called; None if it needs what this process does not have."""
    import llvmlite.binding as llvm

    if any(name.startswith(("NRT_", "numba_")) for name in code.needs):
        from numba.core.registry import cpu_target

        cpu_target.target_context.refresh()  # which makes them known to LLVM
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    # An engine for each, as object files of several processes may have different functions of one name.
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    if not all(map(llvm.address_of_symbol, code.needs)):
        return None
    engine.add_object_file(llvm.ObjectFileRef.from_data(code.content))
    engine.finalize_object()
    definition = _Definition(b"loop", engine.get_function_address("ntb_entry"), _METH_FASTCALL, None)
    _loaded.append((engine, definition))
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return make(ctypes.addressof(definition), _KNOWN, None)
