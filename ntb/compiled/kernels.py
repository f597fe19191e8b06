"""Kernels: loops in machine code. Each is compared with NumPy, on this machine, before it is used.

numba compiles them, with arithmetic as IEEE 754 says and NumPy does it, and keeps them on disk: in the folder `ntb` of
the user's cache, or in that which NTB_CACHE names. Each loop has a file named after its contents; numba knows for which
processor the code beside it was made. Several processes may write there at once. The oldest go when there are many.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..replay.code import Instruction
from ..replay.memory import Blocks
from .loops import Loop
from .symbols import Step, Value

MOST_KEPT = 400
"""Loops on disk, each of 10 to 60 KB."""

_TYPES: dict[str, Any] = {"f4": np.float32, "f8": np.float64, "b1": np.bool_}
_FLAGS = {"x86_64": 1 | 4 | 8, "AMD64": 1 | 4 | 8, "aarch64": 1 | 2 | 4, "arm64": 1 | 2 | 4}
"""Flags of <fenv.h> by processor: no result, division by zero, overflow. (NumPy ignores underflow by itself.)"""
_compiled: dict[Loop, Callable[..., int] | None] = {}


class Kernel(Blocks):
    """The call of a loop for a row of calls.

    Attributes:
        loop: which it is; steps: what it does; values: of what is loaded, and of the results.
        run: the loop in machine code, when it is compiled; else NumPy.
    """

    __name__ = "run_loop"

    def __init__(self, loop: Loop, steps: list[Step], values: list[Value], row: list[Instruction]) -> None:
        self.loop, self.steps, self.values = loop, steps, values
        self.chain = row
        self.run: Callable[..., Any] = self.again

    def again(self, *given: Any) -> None:
        """The steps by NumPy, which warns of what it meets."""
        loads, results = _parted(self.values, len(self.loop.arrays) + len(self.loop.numbers))
        held = {v: as_strided(x, v.shape, v.strides) if v.shape else x for v, x in zip(loads, given)}
        by_numpy(self.steps, held)
        for value, out in zip(results, given[len(loads)]):
            np.copyto(out, held[value])

    def compile(self) -> bool:
        """Put the machine code in; False if it does not give the bits of NumPy on this machine."""
        if self.loop not in _compiled:
            try:
                code = _machine_code(self.loop)
                _compiled[self.loop] = code if agrees(code, self.loop, self.steps, self.values) else None
            except Exception:  # whatever a compiler does not know to do, NumPy does
                _compiled[self.loop] = None
        self.run = _compiled[self.loop] or self.again
        return not is_refused(self.loop)


def is_there() -> bool:
    """Whether numba is installed, and knows the flags of this processor."""
    return platform.machine() in _FLAGS and importlib.util.find_spec("numba") is not None


def is_refused(loop: Loop) -> bool:
    """Whether the loop was compiled, and does not give the bits of NumPy."""
    return loop in _compiled and _compiled[loop] is None


def is_kept(loop: Loop) -> bool:
    """Whether the loop was compiled before, by this process or another."""
    return loop in _compiled or _file_of(loop).exists()


@cache
def folder() -> Path:
    """Where loops are kept."""
    if named := os.environ.get("NTB_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ntb" / "loops"


def _file_of(loop: Loop) -> Path:
    digest = hashlib.sha256(repr(loop).encode()).hexdigest()[:32]
    return folder() / f"loop_{digest}.py"


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
    of_flags = types.int32(types.int32)
    space: dict[str, Any] = {
        "__name__": __name__, "sqrt": np.sqrt, "as_strided": as_strided, "inf": np.inf, "nan": np.nan, **_TYPES,
        "clear_flags": types.ExternalFunction("feclearexcept", of_flags),
        "raised_flags": types.ExternalFunction("fetestexcept", of_flags),
        "FLAGS": _FLAGS[platform.machine()],
    }  # fmt: skip
    file = _written(loop)
    exec(compile(loop.source, str(file or "<loop>"), "exec"), space)
    settings: dict[str, Any] = {"error_model": "numpy", "nogil": True, "fastmath": False, "cache": file is not None}
    compiled: Any = numba.njit(signature, **settings)(space["loop"]).overloads[signature]
    return compiled.entry_point


def _written(loop: Loop) -> Path | None:
    """The file of a loop, written if it is not there; None where nothing can be written."""
    file = _file_of(loop)
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".tmp", delete=False) as new:
                new.write(loop.source)
            os.replace(new.name, file)  # at once, as another process may read it
            _drop_oldest(file.parent)
        for code in _parts_of(file):
            code.touch()
    except OSError:
        return None
    return file


def _drop_oldest(kept: Path) -> None:
    """Remove the loops that were not used for longest, with their machine code."""
    files = list(kept.glob("loop_*.py"))
    if len(files) > MOST_KEPT:
        used = {file: max(part.stat().st_mtime for part in [file, *_parts_of(file)]) for file in files}
        for file in sorted(files, key=used.__getitem__)[:-MOST_KEPT]:
            for part in [*_parts_of(file), file]:
                part.unlink(missing_ok=True)


def _parts_of(file: Path) -> Iterator[Path]:
    """What numba wrote for a loop: an index by processors, and the machine code for each."""
    return file.parent.glob(f"__pycache__/{file.stem}.*")


# --- whether a loop gives what NumPy gives

_ROUNDS, _LENGTH = 3, 1031  # a prime, so that what remains after whole vectors is computed, too
_SPECIAL = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan)


def agrees(run: Callable[..., int], loop: Loop, steps: Sequence[Step], values: Sequence[Value]) -> bool:
    """Whether the loop gives the bits of its steps by NumPy, for random numbers of all magnitudes and special ones."""
    rng = np.random.default_rng(0)
    loads, results = _parted(values, len(loop.arrays) + len(loop.numbers))
    arrays, numbers = _parted(loads, len(loop.arrays))
    for _ in range(_ROUNDS):
        shape = (*map(int, rng.integers(1, 4, loop.depth - 1)), _LENGTH)
        held: dict[Any, Any] = {value: _drawn(rng, value.dtype, ()) for value in numbers}
        for value, inner in zip(arrays, loop.inner):
            held[value] = np.broadcast_to(_drawn(rng, value.dtype, (*shape[:-1], 1) if inner == 0 else shape), shape)
        out = [np.empty(shape, value.dtype) for value in results]
        every = [*(held[value] for value in arrays), *out]
        strides = [n for x, inner in zip(every, loop.inner) for n in (x.strides if inner is None else x.strides[:-1])]
        given = [x.reshape((1,) * (n - 1) + (-1,)) for x, (_, n) in zip(_memory(every), loop.arrays + loop.results)]
        run(*given[: len(arrays)], *(held[value] for value in numbers), tuple(given[len(arrays) :]), *shape, *strides)
        with np.errstate(all="ignore"):
            by_numpy(steps, held)
        if not all(_same(found, held[value]) for found, value in zip(out, results)):
            return False
    return True


def by_numpy(steps: Sequence[Step], held: dict[Any, Any]) -> None:
    """Take the steps on arrays and numbers, to which their results are added."""
    for step in steps:
        operands = [held[a] if isinstance(a, Value) else a for a in step.args]
        held[step.result] = step.function(*[np.asarray(x).astype(step.dtype, copy=False) for x in operands])


def _parted(values: Sequence[Value], count: int) -> tuple[Sequence[Value], Sequence[Value]]:
    return values[:count], values[count:]


def _memory(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What lies under views that are broadcast."""
    return [x if x.base is None else x.base for x in arrays]


def _drawn(rng: np.random.Generator, dtype: Any, shape: tuple[int, ...]) -> Any:
    """Numbers of all magnitudes, of which every fifth is a special one; or bools."""
    if dtype.kind == "b":
        return np.asarray(rng.random(shape) < 0.5)
    info = np.finfo(dtype)
    numbers = rng.standard_normal(shape) * 10.0 ** rng.uniform(-12, 12, shape)
    special = rng.choice([*_SPECIAL, info.tiny, -info.smallest_subnormal, info.max], shape)
    with np.errstate(all="ignore"):
        return np.asarray(np.where(rng.random(shape) < 0.2, special, numbers).astype(dtype))


def _same(a: np.ndarray, b: Any) -> bool:
    """Whether two arrays agree to the last bit; one NaN is as good as another."""
    b = np.broadcast_to(b, a.shape)
    equal = (a == b) & (np.signbit(a) == np.signbit(b)) | np.isnan(a) & np.isnan(b) if a.dtype.kind == "f" else a == b
    return bool(equal.all())
