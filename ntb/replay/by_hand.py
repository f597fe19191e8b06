"""By hand: the calls of a program as a person would write them down. The numbers are the same, bit for bit.

    transposed_times(x, d)                    x.T @ d
    np.broadcast_to(0.25, (4, 1)) * error     0.25 * error
    np.power(error, 2)                        error ** 2
    np.reshape(np.reshape(x, (6,)), (2, 3))   np.reshape(x, (2, 3))

Only the printed form of a program is made of these calls; what runs are the quicker ones that stand on the left.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .checks import checks_together, is_array
from .code import Code, Instruction, Ref, Spec, substitute
from .passes import prune

_Rule = Callable[[Code, Instruction], list[Instruction] | Ref | None]
"""What stands for a call: other calls, or a value that is there already; None if it stays as it is."""


def by_hand(code: Code) -> Code:
    """The same code in other calls; those of the given code are their origins."""
    code = code.copy()
    rewriting = _Rewriting(code)
    for i in checks_together(code):
        rewriting.add(i)
    known = rewriting.known
    code.instructions = rewriting.instructions
    code.outputs = substitute(code.outputs, lambda ref: known.get(ref, ref))
    code.assignments = {variable: known.get(ref, ref) for variable, ref in code.assignments.items()}
    variables = code.variables
    prune(code)
    code.variables = variables  # all are parameters
    return code


class _Rewriting:
    """The calls that are written already, and what is known of their values.

    Attributes:
        known: values that go by the name of an equal one.
        turned: what a transposed matrix was made of; reshaped: what an array of another shape was made of.
        made: by value, the call that makes it.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        self.results = set(code.results())
        self.sections = {ref: i.section for i in code.instructions for ref in i.writes()}
        self.known: dict[Any, Ref] = {}
        self.turned: dict[Any, Ref] = {}
        self.reshaped: dict[Any, Ref] = {}
        self.made: dict[Any, Instruction] = {}
        self.instructions: list[Instruction] = []

    def add(self, i: Instruction) -> None:
        """Write the next call of the given code."""
        i = self._reading(i)
        if i.function is np.reshape and i.args and is_array(self.code, i.args[0]):
            first = self.reshaped.get(i.args[0], i.args[0])
            i = i.standing_for(np.reshape, (first, *i.args[1:]), i.kwargs, i.result)
        rule = None if i.effect else _rule_of(i.function)
        found = rule(self.code, i) if rule is not None else None
        if isinstance(found, Ref):
            if self._has_name(found, i):
                self._leave_out(i, found)
                return
            found = [i if i.result in self.results else i.standing_for(same, (found,), {}, i.result)]
        for new in found or [i]:
            self._write(self._reading(new))

    def _write(self, new: Instruction) -> None:
        if new.function in (np.transpose, np.matrix_transpose) and len(new.args) == 1:
            source = self.turned.get((new.function, new.args[0]))
            if source is not None and new.result not in self.results and new.result not in self.code.names:
                self.known[new.result] = source
                return
            self.turned[new.function, new.result] = new.args[0]
        elif new.function is np.reshape and new.result not in self.code.names and _in_c_order(self.code, new.args[0]):
            self.reshaped[new.result] = new.args[0]  # of which all other shapes are views
        self.instructions.append(new)
        self.made.update(dict.fromkeys(new.writes(), new))

    def _leave_out(self, i: Instruction, value: Ref) -> None:
        """Let the value that a call makes go by the name of an equal one."""
        self.known[i.result] = value
        maker = self.made.get(value)
        if maker is not None and i.toward is not None and maker.toward not in self.code.names:
            maker.toward = i.toward  # the gradient of a value that has a name

    def _reading(self, i: Instruction) -> Instruction:
        """The call with equal values in the place of those that are not made any more."""
        args, kwargs = (substitute(x, lambda ref: self.known.get(ref, ref)) for x in (i.args, i.kwargs))
        new = i.standing_for(i.function, args, kwargs, i.result)
        new.toward = self.known.get(i.toward, i.toward)
        return new

    def _has_name(self, value: Ref, i: Instruction) -> bool:
        """Whether the value that a call makes goes by the name of an equal one, which takes its name if it has none."""
        names, results = self.code.names, self.results
        if i.result in results and (value in results or value not in self.sections):
            return False  # each result is an array of its own
        name, own = names.get(i.result), names.get(value)
        if own is None and name is not None and self.sections.get(value) == i.section and value not in results:
            names[value] = own = name
        return name in (None, own) or (own is not None and i.section == "forward")


def same(x: Any) -> Any:
    """The value itself, by another name."""
    return x


def _rule_of(function: Any) -> _Rule | None:
    found = _RULES.get(function) or _RULES_OF_OURS.get(_own_name(function))
    numpys = isinstance(function, np.ufunc) and getattr(np, function.__name__, None) is function
    return _with_number if found is None and numpys and (function.nin, function.nout) == (2, 1) else found


def _own_name(function: Any) -> str:
    """The name of a function of ntb, by which this module knows it: layers are made of more than replays import."""
    return function.__name__ if (getattr(function, "__module__", None) or "").startswith("ntb.") else ""


def _in_c_order(code: Code, x: Any) -> bool:
    spec = code.specs[x] if is_array(code, x) else Spec(None)
    return spec.strides is not None and spec.dense and list(spec.strides) == sorted(spec.strides, reverse=True)


# --- arithmetic


_EXACT = {
    np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum,
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
}  # fmt: skip
"""What gives the same bits for a number beside an array as for an array of that number."""


def _with_number(code: Code, i: Instruction) -> list[Instruction] | Ref | None:
    """A constant array of one number becomes that number, where the other operand has its dtype and the result's shape.

    If it is one number in memory, it has no say in how the result lies there. Of NumPy's ufuncs only, as SciPy's take
    Python's numbers for doubles.
    """
    if i.kwargs or len(i.args) != 2:
        return None
    for at in (0, 1):
        number, other = _uniform(code, i.args[at]), i.args[1 - at]
        if number is None or not is_array(code, other) or other in code.constants:
            continue
        spec, result = code.specs[other], code.specs[i.result]
        if spec.shape != result.shape or _dtype(code, i.args[at]) != spec.dtype:
            continue
        alone = _is_one_number(code, i.args[at])
        if alone or (i.function in _EXACT and _in_steps(result) == _in_steps(spec)):
            if alone and number == 1 and i.function is np.multiply and result.like(spec):
                return other
            args = (other, number) if at else (number, other)
            return [i.standing_for(i.function, args, {}, i.result)]
    return None


def _weighed(code: Code, i: Instruction) -> list[Instruction] | None:
    """A constant weight that is one number in memory is written as that number, in NumPy's type."""
    if i.kwargs or _uniform(code, i.args[0]) is None or not _is_one_number(code, i.args[0]):
        return None
    weights = code.constants[i.args[0]] if type(i.args[0]) is Ref else i.args[0]
    return [i.standing_for(i.function, (weights.flat[0], *i.args[1:]), {}, i.result)]


def _in_steps(spec: Spec) -> list[float]:
    """The strides, counted in elements."""
    return [stride / spec.dtype.itemsize for stride in spec.strides or ()] if spec.dtype is not None else []


def _is_one_number(code: Code, x: Any) -> bool:
    """Whether a constant is one number in memory: walks back begin with such, and nobody else multiplies by 1."""
    return not any(code.constants[x].strides if type(x) is Ref else x.strides)


def _dtype(code: Code, x: Any) -> Any:
    return code.specs[x].dtype if type(x) is Ref else getattr(x, "dtype", None)


def _uniform(code: Code, x: Any) -> Any:
    """The Python number that all elements of a constant are; None if it is no such constant."""
    value = code.constants.get(x) if type(x) is Ref else x
    if not isinstance(value, np.ndarray | np.generic) or value.dtype not in (np.float64, np.float32, np.int64):
        return None
    return shortest(value.flat[0]) if value.size and is_uniform(value) else None


def is_uniform(value: Any) -> bool:
    """Whether all elements are one number, and zeros have one sign."""
    first = value.flat[0]
    return bool(np.all(value == first) and not np.any(np.signbit(value) != np.signbit(first)))


def shortest(number: Any) -> Any:
    """A number of NumPy's as the Python number with the fewest digits that is converted to it.

    >>> shortest(np.float32(0.1)), np.float32(0.1).item()
    (0.1, 0.10000000149011612)
    """
    if number.dtype == np.float32 and np.isfinite(number):
        short = float(str(number))
        if np.float32(short) == number:
            return short
    return number.item()


_SPREAD = np.linspace(1, 2, 99, dtype=np.float32)
_OTHERWISE = [-1, 0, 0.5, 1] + ([] if np.array_equal(np.power(_SPREAD, 2), _SPREAD**2) else [2])
"""The exponents that NumPy's operator computes in another way than its function; in NumPy 2.0 that is so for 2."""


def _power(code: Code, i: Instruction) -> list[Instruction] | None:
    """`x ** 3`."""
    if len(i.args) != 2 or i.kwargs or not is_array(code, i.args[0]):
        return None
    spec, exponent = code.specs[i.args[0]], i.args[1]
    if spec.shape == () or type(exponent) not in (int, float) or exponent in _OTHERWISE:
        return None
    return [i.standing_for(operator.pow, i.args, {}, i.result)] if spec.dtype in (np.float64, np.float32) else None


def _reduction(code: Code, i: Instruction) -> list[Instruction] | None:
    """One axis is written as a number, and what goes without saying is left out."""
    kwargs = {name: x for name, x in i.kwargs.items() if x is not {"where": True, "keepdims": False}.get(name, i)}
    axis = kwargs.get("axis")
    if type(axis) is tuple and len(axis) == 1:
        kwargs["axis"] = axis[0]
    return [i.standing_for(i.function, i.args, kwargs, i.result)]


def _joined(code: Code, i: Instruction) -> list[Instruction] | None:
    if len(i.args) != 2 or i.kwargs:
        return None
    return [i.standing_for(i.function, i.args[:1], {"axis": i.args[1]}, i.result)]


# --- transposed matrices and their products


def _transposed(code: Code, i: Instruction, x: Ref) -> Instruction:
    """The call that transposes a stack of matrices; its result is a value of its own."""
    shape = code.specs[x].shape or ()
    result = Ref(len(code.specs))
    dtype = code.specs[x].dtype
    code.specs[result] = Spec(np.broadcast_to(np.zeros((), dtype), (*shape[:-2], shape[-1], shape[-2])), result)
    return i.standing_for(np.transpose if len(shape) == 2 else np.matrix_transpose, (x,), {}, result)


def _reshape(code: Code, i: Instruction) -> list[Instruction] | Ref | None:
    if i.kwargs not in ({}, {"order": "C"}) or len(i.args) != 2 or not is_array(code, i.args[0]):
        return None
    if code.specs[i.args[0]].like(code.specs[i.result]):
        return i.args[0]
    return [i.standing_for(i.function, i.args, {}, i.result)]


def _split(code: Code, i: Instruction) -> list[Instruction] | None:
    if len(i.args) != 3 or i.kwargs or type(i.args[2]) is not int:
        return None
    return [i.standing_for(i.function, i.args[:2], {"axis": i.args[2]} if i.args[2] else {}, i.result)]


def _transpose(code: Code, i: Instruction) -> list[Instruction] | None:
    """All axes in reverse need not be told."""
    if i.kwargs or len(i.args) != 2 or type(i.args[1]) is not tuple:
        return None
    backwards = tuple(reversed(range(len(i.args[1]))))
    return [i.standing_for(i.function, i.args[:1], {}, i.result)] if i.args[1] == backwards else None


def _swapaxes(code: Code, i: Instruction) -> list[Instruction] | None:
    if i.kwargs or len(i.args) != 3 or not is_array(code, i.args[0]):
        return None
    ndim = len(code.specs[i.args[0]].shape or ())
    axes = {axis % ndim for axis in i.args[1:] if type(axis) is int} if ndim else set()
    if axes != {ndim - 1, ndim - 2}:
        return None
    return [i.standing_for(np.transpose if ndim == 2 else np.matrix_transpose, i.args[:1], {}, i.result)]


def _product_with_transposed(position: int) -> _Rule:
    def rule(code: Code, i: Instruction) -> list[Instruction] | None:
        if i.kwargs or len(i.args) != 2 or not all(is_array(code, a) for a in i.args):
            return None
        turned = _transposed(code, i, i.args[position])
        args = (turned.result, i.args[1]) if position == 0 else (i.args[0], turned.result)
        outer = (code.specs[args[0]].shape or (0,))[-1] == 1
        return [turned, i.standing_for(np.multiply if outer else np.matmul, args, {}, i.result)]

    return rule


def _product(code: Code, i: Instruction) -> list[Instruction] | None:
    """The product of matrices, unless it lies in memory by columns."""
    if i.kwargs or len(i.args) != 2 or not _in_c_order(code, i.result):
        return None
    return [i.standing_for(np.matmul, i.args, {}, i.result)] if all(is_array(code, a, 2) for a in i.args) else None


def _affine(code: Code, i: Instruction) -> list[Instruction] | None:
    if i.kwargs or len(i.args) != 3 or not all(type(a) is Ref for a in i.args):
        return None
    x, weight, bias = i.args
    spec = code.specs[i.result]
    if not _in_c_order(code, i.result) or any(code.specs[a].dtype != spec.dtype for a in i.args):
        return None
    product = Ref(len(code.specs))
    code.specs[product] = spec.of_its_own(product)
    return [
        i.standing_for(np.matmul, (x, weight), {}, product),
        i.standing_for(np.add, (product, bias), {}, i.result),
    ]


# --- methods, and values that are there already


def _astype(code: Code, i: Instruction) -> list[Instruction] | Ref | None:
    if len(i.args) != 2 or i.kwargs or not is_array(code, i.args[0]):
        return None
    x, dtype = i.args
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biufc" or not dtype.isnative:
        return None
    if code.specs[x].dtype == dtype and code.specs[x].like(code.specs[i.result]):
        return x
    return [i.standing_for(np.ndarray.astype, (x, dtype.type), {}, i.result)]


def _same_value(code: Code, i: Instruction) -> Ref | None:
    return i.args[0] if len(i.args) == 1 and is_array(code, i.args[0]) else None


_RULES: dict[Any, _Rule] = {
    **dict.fromkeys((np.sum, np.mean, np.max, np.min, np.prod, np.any, np.all), _reduction),
    np.power: _power,
    np.concatenate: _joined,
    np.reshape: _reshape,
    np.split: _split,
    np.swapaxes: _swapaxes,
    np.transpose: _transpose,
}
_RULES_OF_OURS: dict[str, _Rule] = {
    "label_loss_pull": _weighed,  # whose first argument is broadcast, and multiplied in last
    "transposed_times": _product_with_transposed(0),
    "times_transposed": _product_with_transposed(1),
    "product": _product,
    "affine": _affine,
    "astype": _astype,
    "stop_gradient": _same_value,
    "fresh": _same_value,
}
