"""Element types, sizes and containers: what the public functions of nn, optim, data and training make of them.

python -m tests.nn.survey          prints the cases that are neither right nor refused
python -m tests.nn.survey --all    the same, with a trace of every case

A call states the axes of its arguments by letters, such as "NCHW". Every argument is then given in each element type,
container and size, a length of 0 and of 1 for each letter. The outcome must be the value and the gradient that the same
numbers have in double precision, within what the type can hold, and in that type; or an error of ntb. `table.py` lists
the calls, and `mistakes` in it what must be refused.
"""

from __future__ import annotations

import argparse
import inspect
import itertools
import os
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import ntb
from ntb.errors import NtbError

from .table import CALLS, NOT_CALLED, PACKAGES, SIZES, Call

TOLERANCE = {2: 2e-2, 4: 2e-4, 8: 1e-9, 16: 1e-9}
"""By the bytes of a real number: how far a result may be off, relative to the largest."""

HALF, SINGLE, DOUBLE = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)
REAL = ["f2", "f4", "f8", ">f2", ">f4", ">f8"]
WHOLE = ["u1", "i1", "u2", "i4", "i8", "u8", "?"]
COMPLEX = ["c8", "c16"]


class Case(NamedTuple):
    """A call with some arguments, and what they stand for in double precision."""

    call: Call
    label: str
    given: tuple
    plain: tuple
    kind: str = ""  # of element type that is expected of the result; "" where any will do
    trace: bool = False

    @property
    def name(self) -> str:
        return f"{self.call.name:40} {self.label}"


# --- arguments


def numbers(call: Call, sizes: dict[str, int], draw: str = "f") -> list[np.ndarray]:
    """The arguments of a call: numbers with few digits, so that every element type holds them."""
    rng = np.random.default_rng(3)
    found = []
    for kind, axes, most in call.arguments:
        shape = tuple(sizes[letter] for letter in axes)
        if kind == "i":
            found.append(rng.integers(0, max(min(most, sizes.get("K", most)), 1), shape))
        elif kind == "b":
            found.append(rng.random(shape) < 0.7)
        elif kind == "p":
            found.append(rng.integers(0, 5, shape) / 4)
        elif draw == "c":
            found.append((rng.integers(-8, 9, shape) + 1j * rng.integers(-8, 9, shape)) / 8)
        elif draw == "w":
            found.append(rng.integers(0, 17, shape).astype(float))
        elif draw == "b":
            found.append(rng.integers(0, 2, shape).astype(float))
        else:
            found.append(rng.integers(-16, 17, shape) / 8)
    return [np.asarray(a) for a in found]


def in_type(call: Call, arrays: list, dtype: Any, only: int | None = None) -> tuple:
    """The arguments with the floating ones, or one of them, in another element type."""
    places = [i for i, (kind, *_) in enumerate(call.arguments) if kind in "fp" and only in (None, i)]
    return tuple(np.asarray(a).astype(dtype) if i in places else a for i, a in enumerate(arrays))


def in_double(call: Call, arrays: tuple) -> tuple:
    """The same numbers in double precision; labels and masks as they are."""
    found = []
    for (kind, *_), a in zip(call.arguments, map(np.asarray, arrays)):
        found.append(a.astype(complex if a.dtype.kind == "c" else float) if kind in "fp" else a)
    return tuple(found)


def types(call: Call) -> Iterator[Case]:
    """Each element type for all arguments, and for each argument alone among others of single precision."""
    floats = [i for i, (kind, *_) in enumerate(call.arguments) if kind in "fp"]
    for letters, draw in ((REAL, "f"), (WHOLE, "w"), (COMPLEX, "c")):
        for letter in letters:
            arrays = numbers(call, SIZES, "b" if letter == "?" else draw)
            if letter == "i1" and call.signed:
                arrays = [np.clip(a, 0, 11) * 11.0 if np.asarray(a).dtype.kind == "f" else a for a in arrays]
            elif letter in ("u1", "u2") and call.signed:
                arrays = [a * 15.0 if np.asarray(a).dtype.kind == "f" else a for a in arrays]
            given = in_type(call, arrays, letter)
            kind = np.dtype(letter).newbyteorder("=").str if letter in REAL else ""
            kind = kind if call.typed else ""
            yield Case(call, f"{letter}", given, in_double(call, given), kind, trace=letter in ("f2", "u1", "c16"))
            for i in floats if len(floats) > 1 and letter in ("f2", "f8", "u1", "i8", "?", "c8") else ():
                single = in_type(call, [a.real for a in arrays], np.float32)
                mixed = in_type(call, list(single), letter, only=i)
                if letter == "c8":
                    mixed = tuple(arrays[j].astype(letter) if j == i else a for j, a in enumerate(single))
                kind = "data" if i in call.data and call.typed else ""
                yield Case(call, f"argument {i} {letter}, others f4", mixed, in_double(call, mixed), kind)
    for i, (kind, *_) in enumerate(call.arguments):
        if kind == "i":
            arrays = numbers(call, SIZES)
            for letter in ("u1", "i4", ">i8", "u8", "f8", "?", "c16", "U1", "O")[: None if i in call.tried else 4]:
                given = list(arrays)
                given[i] = arrays[i].astype(letter)
                whole = list(arrays)
                whole[i] = np.asarray(np.real(given[i])).astype(np.int64)
                yield Case(call, f"labels {i} {letter}", tuple(given), tuple(whole), trace=letter == "u1")
            for label, wrong in (("negative", -1), ("too large", 1000)):
                given = list(arrays)
                given[i] = np.full_like(arrays[i], wrong)
                yield Case(call, f"labels {i} {label}", tuple(given), None if call.ranged else tuple(given))
        if kind == "b":
            arrays = numbers(call, SIZES)
            for letter in ("u1", "i8", "f8", "O"):
                given = list(arrays)
                given[i] = arrays[i].astype(letter)
                yield Case(call, f"mask {i} {letter}", tuple(given), tuple(given) if letter == "f8" else None)


def sizes(call: Call) -> Iterator[Case]:
    """A length of 0 and of 1 for each letter."""
    letters = sorted({letter for _, axes, _ in call.arguments for letter in axes} - {"1"})
    for letter in letters:
        for n in (0, 1):
            arrays = numbers(call, {**SIZES, letter: n})
            yield Case(call, f"{letter} = {n}", tuple(arrays), tuple(arrays), "<f8" if call.typed else "", trace=True)
        single = in_type(call, numbers(call, {**SIZES, letter: 0}), np.float32)
        yield Case(call, f"{letter} = 0, f4", single, numbers(call, {**SIZES, letter: 0}), "<f4" if call.typed else "")


def mapped(array: np.ndarray) -> np.ndarray:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        array.tofile(file)
    found = np.memmap(file.name, array.dtype, "c", shape=array.shape) if array.size else array
    os.unlink(file.name)
    return found


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


def reversed_twice(array: np.ndarray) -> np.ndarray:
    """The same numbers with negative strides."""
    every = (slice(None, None, -1),) * array.ndim
    return array[every].copy()[every]


def matrix(array: np.ndarray) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy advises against them
        return np.asmatrix(array)


def pandas(array: np.ndarray) -> Any:
    import pandas as pd

    index = range(len(array), 0, -1) if array.ndim else None
    return pd.Series(array, index=index) if array.ndim == 1 else pd.DataFrame(array, index=index)


CONTAINERS: dict[str, Callable[[np.ndarray], Any]] = {
    "list": lambda a: a.tolist(),
    "tuple": lambda a: tuple(a.tolist()) if a.ndim else a.item(),
    "read-only": read_only,
    "memory-mapped": mapped,
    "by columns": lambda a: np.array(a, order="F"),
    "negative strides": reversed_twice,
    "pandas": pandas,
    "matrix": matrix,
    "masked, nothing masked": np.ma.array,
    "tensor": ntb.tensor,
    "variable": ntb.Variable,
}


def containers(call: Call) -> Iterator[Case]:
    arrays = numbers(call, SIZES)
    for label, contain in CONTAINERS.items():
        fits = {"pandas": (1, 2), "matrix": (2,)}.get(label, range(9))
        given = tuple(contain(a) if a.ndim in fits else a for a in arrays)
        if label not in ("pandas", "matrix") or any(a.ndim in fits for a in arrays):
            trace = label in ("list", "pandas", "matrix", "memory-mapped")
            yield Case(call, label, given, tuple(arrays), "", trace)
    for i, a in enumerate(arrays):
        if i not in call.tried:
            continue
        if a.ndim:
            masked = np.ma.array(a, mask=np.arange(a.size).reshape(a.shape) % 2 == 1)
            yield Case(call, f"argument {i} masked", (*arrays[:i], masked, *arrays[i + 1 :]), None)
            ragged = [[1.0, 2.0], [3.0]]
            yield Case(call, f"argument {i} ragged", (*arrays[:i], ragged, *arrays[i + 1 :]), None)
            pair = (a, (a[:1], a[:1]))
            yield Case(call, f"argument {i} a recurrent layer's pair", (*arrays[:i], pair, *arrays[i + 1 :]), None)
        words = np.full(a.shape, "word")
        yield Case(call, f"argument {i} words", (*arrays[:i], words, *arrays[i + 1 :]), None)
    for i, a in enumerate(arrays):
        other = {"one axis more": a[None], "a single number": np.asarray((a.ravel() if a.size else [0])[0])}
        if a.ndim:
            other |= {"one axis less": a[0], "twice as long": np.concatenate([a, a]), "axes swapped": a.T}
        for label, b in other.items() if i in call.tried else ():
            given = (*arrays[:i], b, *arrays[i + 1 :])
            yield Case(call, f"argument {i} {label}", given, given)
    if 0 in call.tried and "clip" not in call.name:
        yield Case(call, "argument 0 None", (None, *arrays[1:]), None)


def cases(call: Call) -> Iterator[Case]:
    yield from types(call)
    yield from sizes(call)
    yield from containers(call)


# --- outcomes


def flat(result: Any) -> list:
    """The arrays in a result."""
    return [leaf for leaf in ntb.tree.leaves(result) if leaf is not None]


def plain(x: Any) -> np.ndarray:
    return np.asarray(x.numpy() if hasattr(x, "numpy") else x)


def value_and_gradients(call: Call, arrays: tuple) -> tuple[list, list]:
    """The results, and the gradients with respect to those arguments that can have one."""
    places = [
        i for i, (kind, *_) in enumerate(call.arguments) if kind in "fp" and np.asarray(arrays[i]).dtype.kind in "fc"
    ]
    with ntb.Tape() as tape:
        inputs = [tape.watch(plain(a)) if i in places else a for i, a in enumerate(arrays)]
        results = [y for y in flat(call.run(*inputs))]
        smooth = [y for y in results if hasattr(y, "id") and np.asarray(y.value).dtype.kind in "fc"]
        smooth = [y for y in smooth if np.isfinite(y.value).all()]
        total = sum(np.sum(np.real(y) * weights(y) + np.real(y * np.conjugate(y)) / 8) for y in smooth)
    gradients = []
    if smooth and places:
        sources = [inputs[i] for i in places]
        gradients = [plain(g) for g in tape.gradient(total, sources, unconnected="zero")]
        for g, s in zip(gradients, sources):
            assert g.shape == s.shape and g.dtype.newbyteorder("=") == s.dtype.newbyteorder("="), (
                f"a gradient {ntb.errors.describe(g)}"
            )
    return [plain(y) for y in results], gradients


def weights(y: Any) -> np.ndarray:
    """Other weights for all elements, so that no sum over them hides an error."""
    return (np.arange(y.size).reshape(y.shape) * 7 % 11 / 8).astype(np.finfo(y.dtype).dtype)


def near(found: np.ndarray, wanted: np.ndarray, bytes_: int, what: str) -> None:
    assert found.shape == wanted.shape, f"{what} has shape {found.shape}, not {wanted.shape}"
    if not wanted.size:
        return
    assert found.dtype.kind != "O", f"{what} is an array of objects"
    scale = max(float(np.max(np.abs(wanted))), 1e-2)
    limit = float(np.finfo(f"f{bytes_}").max) if bytes_ in (2, 4, 8) else np.inf
    if scale > limit / 4:
        return  # beyond the type
    error = np.max(np.abs(found.astype(wanted.dtype) - wanted)) / scale
    assert error <= TOLERANCE[bytes_], f"{what} is {short(found)}, must be {short(wanted)}"


def short(array: np.ndarray) -> str:
    return np.array2string(array.ravel()[:4], precision=4, separator=" ")


def expected_type(case: Case) -> Any:
    if case.kind == "data":
        return SINGLE
    return np.dtype(case.kind) if case.kind else None


def in_double_precision(case: Case, known: dict[tuple, tuple[list, list]]) -> tuple[list, list]:
    """What the numbers of a case give in double precision; `known` keeps it, as many cases have the same numbers."""
    call, arrays = case.call, case.given if case.call.drawn else case.plain
    if any(type(a) is not np.ndarray or a.dtype.hasobject for a in arrays):
        return value_and_gradients(call, arrays)
    key = tuple([(a.dtype.str, a.shape, a.tobytes()) for a in arrays])
    if key not in known:
        known[key] = value_and_gradients(call, arrays)
    return known[key]


def check(case: Case, known: dict, traced: bool = False) -> None:
    """Raise AssertionError unless the outcome is right, and what the call raises otherwise."""
    call, given = case.call, case.given
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = [plain(y) for y in flat(call.run(*given))]
    assert case.plain is not None, f"taken, as {short(results[0])}"
    wanted, gradients = in_double_precision(case, known)
    real = [np.asarray(a).dtype for (kind, *_), a in zip(call.arguments, given) if kind in "fp"]
    fine = min((d.itemsize // (2 if d.kind == "c" else 1) for d in real if d.kind in "fc"), default=8)
    for y, w in zip(results, wanted, strict=True):
        near(y, w, fine, "the result")
        assert y.dtype.kind != "f" or np.isfinite(y).all() or not np.isfinite(w).all() or fine == 2, "nan or inf"
        kind = expected_type(case)
        assert kind is None or y.dtype.kind not in "fc" or y.dtype.newbyteorder("=") == kind, (
            f"the result is {y.dtype}, not {kind}"
        )
    if call.differentiable and any(d.kind in "fc" for d in real):
        _, found = value_and_gradients(call, given)
        if len(found) == len(gradients):
            for g, w in zip(found, gradients):
                near(g, w, fine, "the gradient")
    if traced:
        f = ntb.function(call.run)
        for _ in range(2):
            for y, r in zip(flat(f(*given)), results, strict=True):
                r = np.asarray(r)
                y = plain(y)
                assert y.dtype == r.dtype and np.array_equal(y, r, equal_nan=r.dtype.kind in "fc"), "traced otherwise"


def outcome(case: Case, known: dict, every: bool = False) -> str | None:
    """None if the value is right or the refusal clear, else what is neither; `known` is of the cases of its call."""
    try:
        check(case, known, traced=every or case.trace)
    except AssertionError as error:
        if isinstance(error, NtbError):
            return f"{type(error).__name__}: {error}"
        return " ".join(str(error).split())[:110]
    except NtbError as error:
        text = str(error)
        return None if len(text) > 20 else f"says only {text!r}"
    except np.exceptions.AxisError:  # which names the axis, and how many there are
        return None
    except Exception as error:
        if said_by_ntb(error):
            return None
        return f"{type(error).__name__}: {' '.join(str(error).split())}"[:110]
    return None


def said_by_ntb(error: Exception) -> bool:
    """Whether a statement of ntb raised it, and not NumPy."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return "/ntb/" in last.filename and (last.line or "").startswith("raise ")


def public_names() -> dict[str, Any]:
    """By name what users call of these packages."""
    found = {}
    for package in PACKAGES:
        short_name = package.__name__.removeprefix("ntb.")
        for name in getattr(package, "__all__", dir(package)):
            thing = getattr(package, name)
            own = getattr(thing, "__module__", "").startswith("ntb")
            defined = hasattr(package, "__all__") or thing.__module__ == package.__name__ if own else False
            if not name.startswith("_") and callable(thing) and own and defined and not inspect.ismodule(thing):
                if getattr(thing, "_is_protocol", False):
                    continue
                found[f"{short_name}.{name}"] = thing
    return found


def missing() -> list[str]:
    """Public names without a call."""
    called = {call.name.split()[0] for call in CALLS} | set(NOT_CALLED)
    return sorted(set(public_names()) - called)


def survey(calls: list[Call] | None = None, every: bool = False, step: int = 1) -> tuple[int, list[tuple[Case, str]]]:
    """How many cases there are, one in so many, and those that are neither right nor refused."""
    count, found = 0, []
    for call in CALLS if calls is None else calls:
        known: dict = {}
        for case in itertools.islice(cases(call), None, None, step):
            count += 1
            if text := outcome(case, known, every):
                found.append((case, text))
    return count, found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("names", nargs="*", help="calls whose names begin so")
    asked = parser.parse_args()
    chosen = [c for c in CALLS if not asked.names or c.name.startswith(tuple(asked.names))]
    total, faults = survey(chosen, asked.all)
    for case, text in faults:
        print(f"{case.name:75} {text}")
    print(f"{total} cases, {len(faults)} neither right nor refused; names without a call: {missing()}")
