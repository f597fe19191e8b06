"""The compiler: the source of a loop as machine code, by numba, with arithmetic as IEEE 754 says and NumPy does it."""

from __future__ import annotations

import platform
import re
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .entry import DTYPES, ArrayKind, MachineCode, Task, entry_text
from .totals import summed

_FLAGS = {"x86_64": (1, 4, 8, 16), "aarch64": (1, 2, 4, 8), "arm64": (1, 2, 4, 8)}
"""Flags of <fenv.h> by processor: no result, division by zero, overflow, underflow."""
FLAGS = dict(zip(("invalid", "divide", "over", "under"), _FLAGS.get(platform.machine(), ())))
"""The flag of each kind of news that `np.errstate` knows."""
_SETTINGS: dict[str, Any] = {"error_model": "numpy", "fastmath": False}
_NO_ENTRIES: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def is_known() -> bool:
    """Whether the flags of this processor are known."""
    return platform.machine() in _FLAGS


def machine_code(task: Task) -> MachineCode:
    """Compile a loop, with its entry."""
    import numba
    from llvmlite import binding as llvm

    space = _names()
    exec(task.source, space)
    types = tuple(map(_numba_type, task.kinds))
    function = numba.njit(types, **_NO_ENTRIES, **_SETTINGS)(space[task.name])
    made: Any = function.overloads[types]
    text = _alone(function.inspect_llvm(types) + entry_text(made.fndesc.llvm_func_name, task.kinds))
    module = llvm.parse_assembly(text)
    module.verify()
    needs = tuple([f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")])
    return MachineCode(made.library.codegen._tm.emit_object(module), needs)


def _numba_type(kind: Any) -> Any:
    import numba

    if isinstance(kind, ArrayKind):
        return numba.types.Array(
            numba.from_dtype(np.dtype(DTYPES[kind.dtype])), kind.axes, "C" if kind.contiguous else "A"
        )
    if isinstance(kind, tuple):
        return numba.types.Tuple(list(map(_numba_type, kind)))
    return numba.from_dtype(np.dtype(DTYPES[kind]))


def _alone(text: str) -> str:
    """LLVM's text of a module, without the calls into numba that are there for arrays which the loop would make: so it
    can be loaded where numba is not, unless the loop does make arrays."""
    if "@NRT_MemInfo_alloc" in text:
        return text
    return re.sub(r"(?m)^declare (void @NRT_\w+\(.*?\)).*$", r"define internal \1 { ret void }", text)


def _names() -> dict[str, Any]:
    """What the source of a loop may mention."""
    import numba
    from numba import types

    of_flags = types.int32(types.int32)
    return {
        "__name__": __name__, "np": np, **DTYPES,
        "sqrt": np.sqrt, "as_strided": as_strided, "inf": np.inf, "nan": np.nan,
        "total": summed(numba.njit(**_SETTINGS)),
        "clear_flags": types.ExternalFunction("feclearexcept", of_flags),
        "raised_flags": types.ExternalFunction("fetestexcept", of_flags),
        "FLAGS": sum(_FLAGS[platform.machine()]), "inner": numba.njit(**_SETTINGS),
    }  # fmt: skip
