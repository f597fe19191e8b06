"""Kernels: loops in machine code. numba compiles them, with arithmetic as IEEE 754 says and NumPy does it."""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..replay.code import Instruction
from ..replay.memory import Blocks
from .agreement import agrees, by_numpy, parted
from .disk import file_of, written
from .loops import Loop
from .symbols import Statement, Value

_TYPES: dict[str, Any] = {"f4": np.float32, "f8": np.float64, "b1": np.bool_}
_FLAGS = {"x86_64": 1 | 4 | 8, "AMD64": 1 | 4 | 8, "aarch64": 1 | 2 | 4, "arm64": 1 | 2 | 4}
"""Flags of <fenv.h> by processor: no result, division by zero, overflow. (NumPy ignores underflow by itself.)"""
_compiled: dict[Any, Callable[..., int] | None] = {}


class Quiet(Blocks):
    """The call of a ufunc between two loops, of which NumPy is not to warn that it overflows."""

    def __init__(self, ufunc: np.ufunc, row: list[Instruction]) -> None:
        def run(x: Any, out: Any) -> None:
            with np.errstate(over="ignore"):
                ufunc(x, out)

        super().__init__(run, row)
        self.__name__ = ufunc.__name__


class Kernel(Blocks):
    """The call of a loop for a row of calls.

    Attributes:
        loop: which it is; statements: what it does; values: of what is loaded, and of the results.
        run: the loop in machine code, when it is compiled; else NumPy.
    """

    __name__ = "run_loop"

    def __init__(self, loop: Loop, statements: list[Statement], values: list[Value], row: list[Instruction]) -> None:
        super().__init__(self.again, row)
        self.loop, self.statements, self.values = loop, statements, values
        self.loops = [loop]

    def __call__(self, *given: Any, **_: Any) -> None:
        if self.run(*given):
            self.again(*given)

    def again(self, *given: Any) -> None:
        """The statements by NumPy, which warns of what it meets."""
        loads, results = parted(self.values, len(self.loop.arrays) + len(self.loop.numbers))
        inner = [*self.loop.inner[: len(self.loop.arrays)], *[None] * len(self.loop.numbers)]
        held = {v: self._laid_out(x, v, stride) if v.shape else x for v, x, stride in zip(loads, given, inner)}
        by_numpy(self.statements, held)
        for value, out in zip(results, given[len(loads)]):
            np.copyto(self._laid_out(out, value, out.itemsize) if value.shape else out, held[value])

    def _laid_out(self, x: np.ndarray, value: Value, inner: int | None) -> np.ndarray:
        """An array as the loop takes it: on blocks it is not as long as in the program."""
        if self.loop.integers:
            return as_strided(x, value.shape, value.strides)
        return as_strided(x, (x.size,), (inner or 0,))

    def compile(self) -> bool:
        """Put the machine code in; False if it does not give the bits of NumPy on this machine."""
        self.run = compiled(self.loop, self._checked_code) or self.again
        return not is_refused(self.loop)

    def _checked_code(self) -> Callable[..., int] | None:
        code = _machine_code(self.loop)
        return code if agrees(code, self.loop, self.statements, self.values) else None


def compiled(loop: Any, make: Callable[[], Callable[..., int] | None]) -> Callable[..., int] | None:
    """The machine code of a loop, made once; None if there is none that can be used."""
    if loop not in _compiled:
        try:
            _compiled[loop] = make()
        except Exception:  # whatever a compiler does not know to do, NumPy does
            _compiled[loop] = None
    return _compiled[loop]


def is_there() -> bool:
    """Whether what the extra `fast` names is installed, and the flags of this processor are known."""
    return platform.machine() in _FLAGS and all(importlib.util.find_spec(name) for name in ("numba", "platformdirs"))


def is_refused(loop: Loop) -> bool:
    """Whether the loop was compiled, and does not give the bits of NumPy."""
    return loop in _compiled and _compiled[loop] is None


def is_kept(loop: Any) -> bool:
    """Whether the loop was compiled before, by this process or another."""
    return loop in _compiled or file_of(loop).exists()


def _machine_code(loop: Loop) -> Callable[..., int]:
    """Compile a loop, or fetch what was compiled before."""
    import numba
    from numba import types

    kinds = {name: numba.from_dtype(np.dtype(dtype)) for name, dtype in _TYPES.items()}

    def array(kind: tuple[str, int]) -> Any:
        return types.Array(kinds[kind[0]], kind[1], "A")

    signature = (
        *map(array, loop.arrays), *[kinds[name] for name in loop.numbers],
        types.Tuple(list(map(array, loop.results))), *[types.int64] * loop.integers,
    )  # fmt: skip
    return machine_code(loop, "loop", [signature]).overloads[signature].entry_point


def machine_code(loop: Any, name: str, signatures: list[Any]) -> Any:
    """The function with this name in the source of a loop, compiled by numba for arguments of these types."""
    import numba
    from numba import types

    of_flags = types.int32(types.int32)
    settings: dict[str, Any] = {"error_model": "numpy", "nogil": True, "fastmath": False}
    space: dict[str, Any] = {
        "__name__": __name__, "np": np, **_TYPES,
        "sqrt": np.sqrt, "as_strided": as_strided, "inf": np.inf, "nan": np.nan,
        "clear_flags": types.ExternalFunction("feclearexcept", of_flags),
        "raised_flags": types.ExternalFunction("fetestexcept", of_flags),
        "FLAGS": _FLAGS[platform.machine()], "inner": numba.njit(**settings),
    }  # fmt: skip
    file = written(loop)
    exec(compile(loop.source, str(file or "<loop>"), "exec"), space)
    return numba.njit(signatures, cache=file is not None, **settings)(space[name])
