"""The compiler: the source of a loop as machine code, by numba, with arithmetic as IEEE 754 says and NumPy does it."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .entry import DTYPES, MachineCode, entry_source

_FLAGS = {"x86_64": (1, 4, 8, 16), "aarch64": (1, 2, 4, 8), "arm64": (1, 2, 4, 8)}
"""Flags of <fenv.h> by processor: no result, division by zero, overflow, underflow."""
*_, UNDERFLOW = _FLAGS.get(platform.machine(), (0,))
_SETTINGS: dict[str, Any] = {"error_model": "numpy", "fastmath": False}
_SOURCE = """
FLAGS = {flags}

@inner
def word(place, i):
    return carray(pointer(place), i + 1, i8)[i]

@inner
def is_array(x, known, dtype, axes, contiguous):
    if word(x, 1) != word(known, 0) or (word(word(x, 7), 3) & 0xFFFFFFFF00FFFFFF) != dtype:
        return False
    return (word(x, 3) & 0xFFFFFFFF) == axes and (word(x, 8) & contiguous) == contiguous  # the flag is 1

@inner
def is_tuple(x, known, length):
    return word(x, 1) == word(known, 1) and word(x, 2) == length

@inner
def is_int(x, known):
    return word(x, 1) == word(known, 2)

{source}
{name} = inner({name})
{entry}"""
"""What is compiled: what an entry calls, a loop, and its entry."""


def is_known() -> bool:
    """Whether the flags of this processor are known."""
    return platform.machine() in _FLAGS


def with_entry(source: str, name: str, kinds: Sequence[Any]) -> str:
    """The source of a function with this name, and of its entry for arguments of these kinds."""
    flags = sum(_FLAGS[platform.machine()])
    return _SOURCE.format(flags=flags, source=source, name=name, entry=entry_source(name, kinds))


def machine_code(source: str) -> MachineCode:
    """Compile a source that has an entry."""
    import numba
    from llvmlite import binding as llvm
    from numba import types

    space = _names()
    exec(source, space)
    word = types.int64
    compiled = numba.cfunc(word(word, types.CPointer(word), word), **_SETTINGS)(space["entry"])
    module = llvm.parse_assembly(_alone(compiled.inspect_llvm()))
    module.verify()
    outside = [x.name for x in (*module.functions, *module.global_variables) if x.is_declaration]
    needs = tuple([name for name in outside if not name.startswith("llvm.")])
    return MachineCode(compiled._library.codegen._tm.emit_object(module), compiled._wrapper_name, needs)


def _alone(text: str) -> str:
    """LLVM's text of a module, without calls into numba, so that it can be loaded where numba is not. These are for
    functions that raise errors, which loops and entries do not."""
    stopped = "{ call void @llvm.trap() unreachable }"
    return re.sub(r"(?m)^declare (.*@(?:NRT|numba)_\w+\(.*?\)).*$", rf"define internal \1 {stopped}", text) + (
        "" if "declare void @llvm.trap()" in text else "\ndeclare void @llvm.trap()\n"
    )


def _names() -> dict[str, Any]:
    """What the source of loops and entries may mention."""
    import numba
    from numba import types
    from numba.extending import intrinsic

    word = types.int64
    inner = numba.njit(**_SETTINGS)

    @intrinsic  # type: ignore[untyped-decorator]
    def pointer(_: Any, place: Any) -> Any:
        """A number as the pointer to a place in memory."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

        return types.voidptr(types.intp), generate

    def outside(name: str, *signature: Any) -> Any:
        return types.ExternalFunction(name, signature[-1](*signature[:-1]))

    return {
        "__name__": __name__, "np": np, **DTYPES, "inf": np.inf, "nan": np.nan,
        "sqrt": np.sqrt, "as_strided": as_strided, "carray": numba.carray, "inner": inner, "pointer": pointer,
        "clear_flags": outside("feclearexcept", types.int32, types.int32),
        "raised_flags": outside("fetestexcept", types.int32, types.int32),
        "whole": outside("PyLong_AsLongLong", word, word), "number": outside("PyFloat_AsDouble", word, types.float64),
        "truth": outside("PyObject_IsTrue", word, types.int32), "answer": outside("PyLong_FromLong", word, word),
        "release": outside("PyEval_SaveThread", word), "acquire": outside("PyEval_RestoreThread", word, types.void),
    }  # fmt: skip
