"""Every row of the samples with its arguments in the forms in which users have them.

Three laws, each of which says: what NumPy answers for plain arrays is what ntb answers, with the gradient right; or it
refuses with an error of its own.

1. *Operands.* An argument that is not differentiated may be a list, a table, an array of fractions, of integers, of
   another class, ...: value and gradients of the others are those for the array that NumPy makes of it.
2. *Sources.* What is differentiated may be of any floating-point dtype and lie in memory in any way: its gradient is
   that of the double-precision array, and has its dtype.
3. *Spellings.* Every argument by position and by keyword, and every default written out, is the same call.

`tests/ops/test_inputs.py` tries them on one shape, eagerly, to first order. Here all shapes are tried, eagerly and
traced, to first and second order:

    python -m reliability inputs
"""

from __future__ import annotations

import array
import contextlib
import inspect
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

import ntb
from ntb.tape.tensor import ArrayLike, value_of
from ntb.tree import tree_map
from tests.samples import SAMPLES

# --- forms of operands: each makes of an array what a user may have in its place, or None where it has no such form


class Subclass(np.ndarray):
    """An array of a user's class that computes as any other."""


class Ruled(np.ndarray):
    """An array of a class that computes by rules of its own, as arrays with units do."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*map(np.asarray, inputs), **kwargs)


class Convertible:
    """An object that NumPy can make an array of, and nothing else: an array of many other libraries."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype)


def of_objects(x: np.ndarray, make: Callable[[Any], Any]) -> np.ndarray:
    found = np.empty(x.shape, object)
    found[...] = np.frompyfunc(make, 1, 1)(x) if x.size else found
    return found


def mapped(x: np.ndarray) -> np.ndarray:
    """An array in a file, of the other order of bytes, locked."""
    with tempfile.TemporaryFile() as opened:
        file = np.memmap(opened, x.dtype.newbyteorder(), "w+", shape=x.shape)
    file[...] = x
    file.flags.writeable = False
    return file


def table(x: np.ndarray) -> Any:
    import pandas

    return pandas.Series(x, index=range(len(x))[::-1]) if x.ndim == 1 else pandas.DataFrame(x) if x.ndim == 2 else None


def in_single(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32 if x.dtype.kind == "f" else np.complex64)


OPERANDS: dict[str, Callable[[np.ndarray], Any]] = {
    "list": lambda x: x.tolist(),
    "list of arrays": lambda x: list(x) if x.ndim > 1 else None,
    "fractions": lambda x: of_objects(x, Fraction) if x.dtype.kind == "f" else None,
    "list of decimals": lambda x: of_objects(x, Decimal).tolist() if x.dtype.kind == "f" and x.ndim else None,
    "objects": lambda x: x.astype(object),
    "scalar": lambda x: x[()] if x.ndim == 0 else None,
    "table": table,
    "matrix": lambda x: np.matrix(x) if x.ndim == 2 else None,
    "subclass": lambda x: x.view(Subclass),
    "file": lambda x: mapped(x) if x.size else None,
    "convertible": Convertible,
    "buffer": lambda x: memoryview(np.ascontiguousarray(x)),
    "array.array": lambda x: array.array("d", x.tolist()) if x.dtype.kind == "f" and x.ndim == 1 else None,
    "single": in_single,
    "integers": lambda x: np.rint(x).astype(int) if x.dtype.kind == "f" else None,
    "small integers": lambda x: np.abs(np.rint(x)).astype(np.uint8) if x.dtype.kind == "f" else None,
    "bools": lambda x: x > 0 if x.dtype.kind == "f" else None,
    "masked": lambda x: np.ma.array(x, mask=np.zeros(x.shape, bool)) if x.ndim else None,
    "rules of its own": lambda x: x.view(Ruled) if x.ndim else None,
}
REFUSED = ("masked", "rules of its own")
LISTS = ("list", "list of arrays", "list of decimals")
OBJECTS = ("fractions", "objects")

# --- forms of sources

SOURCES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "half": lambda x: x.astype(np.float16) if x.dtype.kind == "f" else x,
    "single": in_single,
    "extended": lambda x: x.astype(np.longdouble if x.dtype.kind == "f" else np.clongdouble),
    "backwards": lambda x: x[..., ::-1].copy()[..., ::-1] if x.ndim else x,
    "spaced": lambda x: np.repeat(x, 2, -1)[..., ::2] if x.ndim else x,
    "by columns": lambda x: np.array(x, order="F"),
}
TOLERANCES = {"half": 0.1, "single": 1e-2}

# --- one call


def flat(result: Any) -> list[Any]:
    """The parts of a result at any depth."""
    return [y for part in result for y in flat(part)] if isinstance(result, tuple | list) else [result]


def weighted(values: list[Any]) -> Any:
    """A real number that depends on each element of each value."""
    weights = [np.cos(1.0 + np.arange(y.size)).reshape(y.shape).astype(y.dtype) for y in values]
    return sum(np.sum(np.real(y * w)) for y, w in zip(values, weights, strict=True))


def answers(call: Any, given: list[Any], sources: list[int], order: int = 1, traced: bool = False) -> list[np.ndarray]:
    """The values of a call, and the gradients of their weighted sum by the arguments at `sources`; or, to second order,
    the gradients of the weighted sum of these. Nothing if there are none."""

    def run(*arrays: Any) -> Any:
        arguments = list(given)
        with ntb.Tape(persistent=order == 2) as tape:
            watched = [tape.watch(x) for x in arrays]
            for i, x in zip(sources, watched, strict=True):
                arguments[i] = x
            values = [y for y in flat(call(*arguments)) if getattr(y, "dtype", np.dtype("U")).kind in "fc"]
            total = weighted(values)
            if order == 2 and isinstance(total, ntb.Tensor):
                total = weighted(tape.gradient(total, watched, unconnected="zero"))
        if not isinstance(total, ntb.Tensor):  # it depends on none of them
            return []
        return [*values, *tape.gradient(total, watched, unconnected="zero")]

    found = (ntb.function(run) if traced else run)(*[given[i] for i in sources])
    return [np.asarray(y) for y in found]


def difference(found: list[np.ndarray], expected: list[np.ndarray], rtol: float = 1e-9) -> str:
    """What is not the same in two answers; nothing if all is."""
    if len(found) != len(expected):
        return f"{len(found)} results, not {len(expected)}"
    for y, e in zip(found, expected, strict=True):
        if y.shape != e.shape:
            return f"the shape {y.shape}, not {e.shape}"
        size = np.max(np.abs(e), initial=1.0, where=np.isfinite(e))
        if not np.allclose(y, e, rtol=rtol, atol=rtol * size, equal_nan=True):
            return f"{y.ravel()[:3]}, not {e.ravel()[:3]}"
    return ""


def is_of_numpy(sample: Any) -> bool:
    """Whether the row is of a function that users call, which takes lists."""
    module = str(getattr(sample.operation, "__module__", ""))
    return isinstance(sample.operation, np.ufunc) or module.startswith(("numpy", "_operator"))


def drawn(sample: Any, number: int = -1) -> list[np.ndarray]:
    number %= len(sample.shapes)
    return sample.arrays(np.random.default_rng([number, len(sample.name)]), sample.shapes[number])


# --- the laws: each yields the cases of a sample, with what is wrong there, or with ""

Cases = Iterator[tuple[str, str]]


def operands(sample: Any, number: int = -1, order: int = 1, traced: bool = False) -> Cases:
    """An argument that is not differentiated, in each form."""
    arrays = drawn(sample, number)
    for k, x in enumerate(arrays if len(arrays) > 1 else []):
        sources = [i for i in range(len(arrays)) if i != k]
        for form, make in OPERANDS.items():
            operand = make(x)
            if operand is None or not _is_case(sample, form):
                continue
            plain = np.asarray(x) if form in REFUSED else np.asarray(operand)
            before, after = arrays[:k], arrays[k + 1 :]
            try:
                plain = plain.astype(x.dtype) if plain.dtype == object else plain
                expected = answers(sample.call, [*before, plain, *after], sources, order, traced)
            except (TypeError, ValueError, ArithmeticError, np.linalg.LinAlgError):
                continue  # it takes no such numbers
            if not any(np.any(d) for d in expected[len(expected) - len(sources) :]):
                continue  # nothing depends on what is differentiated, or is computed with it
            try:
                found = answers(sample.call, [*before, operand, *after], sources, order, traced)
            except Exception as error:
                # Products of tables, and SciPy's functions of them, go by rules of pandas, which makes NumPy's arrays.
                named = form in (*REFUSED, "table") and isinstance(error, ntb.NtbError)
                refused = named or _is_refused_by_numpy(sample.call, [*before, operand, *after])
                yield f"argument {k}: {form}", "" if refused else f"{type(error).__name__}: {error}"
            else:
                yield f"argument {k}: {form}", _fault_of_operand(form, expected, found)


def _is_case(sample: Any, form: str) -> bool:
    if getattr(sample.operation, "__module__", "") == "ntb.tuned.optimizers":
        return False  # a step is given what Variables hold, arrays of NumPy's own
    if form in LISTS:
        return is_of_numpy(sample) and sample.operation is not np.block  # whose lists have a meaning of their own
    if form in REFUSED:
        return sample.call is sample.operation  # else the row may compute with it before
    return form not in OBJECTS or sample.operation not in CREATORS  # whose rows take the dtype from the operand


def _is_refused_by_numpy(call: Any, given: list[Any]) -> bool:
    try:
        call(*given)
    except Exception:
        return True
    return False


def _fault_of_operand(form: str, expected: list[np.ndarray], found: list[np.ndarray]) -> str:
    if form in REFUSED and any(y.size for y in found):
        return "not refused"
    wrong = [y.dtype for y, e in zip(found, expected, strict=False) if y.dtype != e.dtype and e.size]
    return difference(found, expected) or (f"the dtypes {wrong}" if wrong else "")


def sources(sample: Any, number: int = -1, order: int = 1, traced: bool = False) -> Cases:
    """All arguments in each form."""
    arrays = drawn(sample, number)
    everywhere = list(range(len(arrays)))
    if order > sample.order:
        return
    exact = answers(sample.call, arrays, everywhere, order, traced)
    for form, make in SOURCES.items():
        given = [make(x) for x in arrays]
        if form == "extended" and (sample.operation is np.partition or not is_of_numpy(sample)):
            continue  # the order of a partition is left open; SciPy's functions, and LAPACK's, know double at most
        if form == "half" and order == 2 and sample.operation is np.nanstd:
            continue  # NumPy computes it in half precision throughout, and terms of the size 1 / std cancel
        try:
            plain = [np.asarray(y) for y in flat(sample.call(*given))]
        except (TypeError, ValueError):
            continue  # NumPy's function does not take it
        try:
            found = answers(sample.call, given, everywhere, order, traced)
        except Exception as error:
            yield form, f"{type(error).__name__}: {error}"
            continue
        plain = [y for y in plain if y.dtype.kind in "fc"]
        if not all([np.all(np.isfinite(y)) for y in plain]):
            continue  # too large for half precision
        if [y.shape for y in plain] != [y.shape for y in exact[: len(plain)]]:
            continue  # rounding decides how long NumPy's own result is, such as the remainder of np.polydiv
        kinds = [*[y.dtype for y in plain], *[x.dtype for x in given]][: len(found)]
        wrong = [f"{y.dtype}, not {kind}" for y, kind in zip(found, kinds, strict=True) if y.dtype != kind]
        yield form, difference(found, exact, TOLERANCES.get(form, 1e-9)) or ("the dtype " + wrong[0] if wrong else "")


def spellings(sample: Any, number: int = -1) -> Cases:
    """The call of the row's operation, spelled in every way."""
    function = sample.operation
    if not is_of_numpy(sample) or function in CREATORS:
        return
    arrays = drawn(sample, number)
    everywhere = list(range(len(arrays)))
    expected = answers(sample.call, arrays, everywhere)
    count = 0
    while True:
        with respelled(function, count) as used:
            try:
                wrong = difference(answers(sample.call, arrays, everywhere), expected)
            except _NoFurtherSpelling:
                return
            except Exception as error:
                refused = not used or _is_refused_by_numpy(lambda: function(*used[1], **used[2]), [])
                wrong = "" if refused else f"{type(error).__name__}: {error}"
        if not used:
            return
        yield used[0], wrong
        count += 1


CREATORS = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require, np.full)
CREATORS += (np.fromiter,)
"""They reach tensors by `like=` alone, which the call that arrives here has no more."""


class _NoFurtherSpelling(Exception):
    """All ways to spell the call were tried."""


@contextlib.contextmanager
def respelled(function: Any, number: int) -> Iterator[list[Any]]:
    """A block in which the first call of a function on tensors is spelled in another way; the list tells in which, and
    the arguments."""
    used: list[Any] = []
    way = "__array_ufunc__" if isinstance(function, np.ufunc) else "__array_function__"
    before = vars(ArrayLike)[way]

    def change(self: Any, called: Any, second: Any, *rest: Any, **options: Any) -> Any:
        if called is not function or used or (way == "__array_ufunc__" and second != "__call__"):
            return before(self, called, second, *rest, **options)
        args, kwargs = (rest, options) if way == "__array_ufunc__" else rest
        spelled = list(spelled_in_each_way(function, args, kwargs))
        if number >= len(spelled):
            raise _NoFurtherSpelling
        name, args, kwargs = spelled[number]
        used.extend([name, *value_of((args, kwargs))])
        return function(*args, **kwargs)

    setattr(ArrayLike, way, change)
    try:
        yield used
    finally:
        setattr(ArrayLike, way, before)


def spelled_in_each_way(function: Any, args: tuple, kwargs: dict) -> Iterator[tuple[str, tuple, dict]]:
    """The same call by position, by keyword, and with each default written out."""
    if isinstance(function, np.ufunc):
        elementwise = function.signature is None
        options = {"out": None, "dtype": None, "casting": "same_kind", "order": "K", "subok": True}
        for name, x in (options | ({"where": True} if elementwise else {})).items():
            if function.nout == 1:
                yield f"{name}={x}", args, {**kwargs, name: x}
        return
    for name, change in (("integers of NumPy's", _numpys_integers), ("lists", _lists), ("arrays", _arrays)):
        changed = change(args), change(kwargs)
        if repr(changed) != repr((args, kwargs)):
            yield name, *changed
    try:
        signature = inspect.signature(function)
        given = dict(signature.bind(*args, **kwargs).arguments)
    except (ValueError, TypeError):  # some functions in C tell nothing, or too little
        return
    parameters = list(signature.parameters.values())
    kinds = {p.kind for p in parameters}
    if kinds & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD} or function is np.where:
        return
    full = {p.name: given.get(p.name, p.default) for p in parameters}
    by_position = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    alone = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
    named = {name: x for name, x in given.items() if name not in by_position}
    yield "by position", tuple([full[name] for name in by_position]), named
    yield "by keyword", tuple([full[n] for n in alone]), {name: x for name, x in given.items() if name not in alone}
    for p in parameters:
        if p.name not in given and p.default is not p.empty and p.name not in alone:
            yield f"{p.name}={p.default}", args, {**kwargs, p.name: p.default}


def _numpys_integers(x: Any) -> Any:
    """The same with NumPy's integers in the place of Python's."""
    return tree_map(lambda part: np.int64(part) if type(part) is int else part, x)


def _lists(x: Any) -> Any:
    """The same with lists in the place of inner tuples of numbers."""
    return _each_tuple(x, list)


def _arrays(x: Any) -> Any:
    """The same with arrays in the place of inner tuples of numbers."""
    return _each_tuple(x, np.array)


def _each_tuple(x: Any, make: Callable[[Any], Any]) -> Any:
    changed = lambda part: make(part) if type(part) is tuple and part and {*map(type, part)} == {int} else part
    return {name: changed(part) for name, part in x.items()} if isinstance(x, dict) else tuple(map(changed, x))


# --- the long form


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Every row in all its shapes, or a part of the rows; eagerly and traced; to first and to second order."""
    counts: Counter = Counter(dict.fromkeys(("operands", "sources", "spellings", "wrong"), 0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for sample in SAMPLES[:: max(1, round(1 / scale))]:
            for number in range(len(sample.shapes)):
                for law, how, case, fault in _all_cases(sample, number):
                    counts[law] += 1
                    if fault:
                        counts["wrong"] += 1
                        say(f"{sample.name} {sample.shapes[number]}, {how}{case}: {fault}")
    return dict(counts)


def _all_cases(sample: Any, number: int) -> Iterator[tuple[str, str, str, str]]:
    """The cases of all laws for one shape: law, order and way, case, and what is wrong."""
    for order in range(1, min(sample.order, 2) + 1):
        for traced in (False, True):
            how = f"order {order}, {'traced' if traced else 'eager'}, "
            for law in (operands, sources):
                yield from ((law.__name__, how, *case) for case in law(sample, number, order, traced))
    yield from (("spellings", "", *case) for case in spellings(sample, number))
