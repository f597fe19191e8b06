"""Tensor: an array that is watched. Its operators, methods and NumPy's own functions run at once and are recorded.

`apply` is the way of every operation: unwrap the tensors, call NumPy, wrap the result, and show it to the open tapes.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import operator
import sys
from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any

import numpy as np
from numpy import ndarray

from .at import At
from .conversions import Conversions, open_tapes
from .elsewhere import admitted, apply_elsewhere
from .errors import GradientError, InputError, MutationError
from .foreign import FAMILIAR, first_foreign, is_foreign, to_numpy
from .rules import Operation, definition_of, derivative, first_traceable, operation_of, primitive
from .text import explain, show
from .token import Shaped

on_tensors: Any = np  # NumPy's functions as called on tensors, of which its type stubs do not know
GETITEM = operation_of(operator.getitem)
new = object.__new__
NO_KEYWORDS: dict[str, Any] = {}


# --- applying an operation


def apply(operation: Operation, args: tuple, kwargs: dict[str, Any] = NO_KEYWORDS) -> Any:
    """Run an operation on the values of its tensors and show it to the open tapes."""
    values: Any = []
    two, familiar = len(args) == 2 and not kwargs, True
    for a in args:
        if type(a) is Tensor:
            value = a.value
            if type(value) is not ndarray and type(value) not in FAMILIAR:
                familiar = False
            values.append(value)
        elif type(a) in SIMPLE:
            values.append(a)
        elif type(a) is tuple and FAMILIAR.issuperset(map(type, a)):  # an index, a shape
            values.append(a)
            two = False
        else:
            args = settle(args)
            if isinstance(operation.function, np.ufunc):
                args = tuple([assembled(a) for a in args])
            values, two, familiar = value_of(args), False, False
            break
    if kwargs:
        kwargs = settle(kwargs)
        if first_traceable(kwargs) is not None or not operation.hidden.isdisjoint(kwargs):
            args, kwargs = operation.bind(args, kwargs)
            values, familiar = value_of(args), False
    try:
        if not familiar and (array := first_foreign(values)) is not None:
            return apply_elsewhere(operation, args, kwargs, array)
        value = operation.call(*values, **value_of(kwargs)) if kwargs else operation.call(*values)
    except Exception as error:
        explain(error, operation.name, args)
        raise
    return recorded(operation, args, None if two else kwargs, value)


def recorded(operation: Operation, args: tuple, kwargs: dict[str, Any] | None, value: Any) -> Any:
    """The tensor of a result, which was shown to the open tapes."""
    result = Tensor(value) if type(value) is ndarray else wrap(value, operation)
    for tape in open_tapes.get():
        tape.write(operation, args, kwargs, result)
    return result


def settle(x: Any) -> Any:
    """Read the variables at any depth of lists, tuples and dicts, so that what is recorded cannot change later."""
    if isinstance(x, ArrayLike):
        return x.read()
    return map_tree(settle, x)


def assembled(x: Any) -> Any:
    """Nested lists as one array, with tensors in them as one tensor; anything else as it is."""
    if type(x) not in (tuple, list):
        return x
    if first_traceable(x) is None:
        return np.asarray(x)
    return on_tensors.stack([assembled(part) for part in x])


def value_of(x: Any) -> Any:
    """Unwrap the tensors at any depth of lists, tuples and dicts."""
    kind = type(x)
    if kind is Tensor:
        return x.value
    return map_tree(value_of, x) if kind in NESTED else x


def map_tree(function: Callable[[Any], Any], x: Any) -> Any:
    """Apply a function to the items of a list, tuple (named or not) or dict; anything else is returned as it is."""
    kind = type(x)
    if kind is tuple or kind is list:
        return kind([function(item) for item in x])
    if kind is dict:
        return {key: function(item) for key, item in x.items()}
    return kind(*map(function, x)) if isinstance(x, tuple) and hasattr(kind, "_fields") else x


def wrap(value: Any, operation: Operation | None = None) -> Any:
    """Make tensors of the arrays that a NumPy function returned; of a number that Python's own operators made, too."""
    if isinstance(value, np.ndarray | np.generic):
        return Tensor(value)
    if isinstance(value, tuple | list):
        return tuple([wrap(item) for item in value])
    if isinstance(value, bool | int | float | complex):
        python = operation is not None and getattr(operation.function, "__module__", "") == "_operator"
        return Tensor(value if python else np.asarray(value)[()])
    return Tensor(admitted(value)) if is_foreign(value) else value


# --- operators


def _binary(function: np.ufunc, python: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """The two methods of a binary operator, `x + other` and `other + x`."""
    operation, number = operation_of(function), operation_of(python)

    def method(self: Any, other: Any, swapped: bool = False) -> Any:
        args = (other, self) if swapped else (self, other)
        if type(self) is not Tensor or type(self.value) is not ndarray or type(other) not in OPERANDS:
            if other is None or isinstance(other, str):
                return NotImplemented
            if isinstance(other, list | tuple):
                other = np.asarray(other)
                return method(self, other, swapped)
            if type(self) is not Tensor or (isinstance(other, ArrayLike) and type(other) is not Tensor):  # variables
                return method(self.read(), other.read() if isinstance(other, ArrayLike) else other, swapped)
            numbers = is_number(self) and (is_number(other) or isinstance(other, float | int))
            numbers = numbers or (function is np.multiply and is_complex(self) and is_complex(other))
            return apply(number if numbers else operation, args)
        # Nearly always. What follows is `apply` in the fewest steps.
        x, y = self.value, other.value if type(other) is Tensor else other
        try:
            value = function(y, x) if swapped else function(x, y)
        except Exception as error:
            if is_foreign(y):
                return apply(operation, args)
            explain(error, operation.name, args)
            raise
        if type(value) is not ndarray:
            return recorded(operation, args, None, value)
        result = new(Tensor)  # what Tensor(value) does, in two thirds of its time
        result.value, result.token = value, None
        for tape in open_tapes.get():
            tape.write(operation, args, None, result)
        return result

    def reflected(self: Any, other: Any) -> Any:
        return method(self, other, True)

    return method, reflected


def _unary(function: np.ufunc, python: Callable[[Any], Any]) -> Any:
    operation, number = operation_of(function), operation_of(python)

    def method(self: Any) -> Any:
        return apply(number if is_number(self) else operation, (self,))

    return method


def is_number(x: Any) -> bool:
    """Whether a tensor stands for a Python number: an argument of a traced function that is not to become an array."""
    return type(x) is Tensor and type(x.value) in NUMBERS


def is_complex(x: Any) -> bool:
    """Whether it is a complex number and no array. Python's `*` of two rounds otherwise than `np.multiply`."""
    return isinstance(x.value if type(x) is Tensor else x, complex | np.complexfloating)


class ArrayLike(Conversions, Shaped):
    """Operators, methods and NumPy's protocols; what `Tensor` and `Variable` have in common."""

    __slots__ = ()
    __hash__ = object.__hash__  # `==` is elementwise, so that identity must serve as the key of dicts and sets

    # --- what an array tells of itself

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.read().value)

    @property
    def dtype(self) -> np.dtype:
        return np.result_type(self.read().value)

    @property
    def T(self) -> Tensor:
        """The array with its axes reversed."""
        return on_tensors.transpose(self)

    @property
    def mT(self) -> Tensor:
        """The array with its last two axes exchanged."""
        return on_tensors.swapaxes(self, -1, -2)

    @property
    def real(self) -> Tensor:
        return on_tensors.real(self)

    @property
    def imag(self) -> Tensor:
        return on_tensors.imag(self)

    @property
    def device(self) -> Any:
        """Where the array lies: "cpu", or what another library's array says."""
        return getattr(self.read().value, "device", "cpu")

    def to_device(self, device: Any, /, *, stream: Any = None) -> Tensor:
        """The tensor itself, as it is on that device already; it cannot be moved to another."""
        if device != self.device:
            raise InputError(f"a tensor on {self.device!r} cannot be moved to {device!r}; make one of an array there")
        return self.read()

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        """The functions of the Python array API standard for tensors, `ntb.array_api`."""
        if api_version not in API_VERSIONS:
            raise InputError(f"ntb.array_api follows the standard 2024.12, not {api_version}")
        return importlib.import_module("ntb.array_api")

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a 0-d tensor has no length and no parts to go through; np.atleast_1d makes it a vector")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return show(self.read().value, type(self).__name__)

    def __format__(self, spec: str) -> str:
        value = self.read().value
        return format(to_numpy(value)[()] if np.ndim(value) == 0 else value, spec) if spec else repr(self)

    # --- NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            raise MutationError(
                f"{ufunc.__name__} cannot write into out= (or into an array in place) when a tensor takes part; "
                "write `a = a + t` instead of `a += t`"
            )
        if method == "__call__":
            if kwargs and kwargs.pop("where", True) is not True:
                raise GradientError(
                    f"np.{ufunc.__name__} with where= leaves elements undefined, since tensors take no out=; "
                    f"write np.where(mask, np.{ufunc.__name__}(…), other)"
                )
            return apply(operation_of(ufunc), inputs, kwargs)
        if method == "at":
            raise MutationError(
                f"np.{ufunc.__name__}.at changes an array in place; with tensors use t.at[index].add(x), .multiply(x)"
            )
        definition = definition_of(getattr(np.ufunc, method))
        if definition is None:
            raise GradientError(f"np.{ufunc.__name__}.{method} is not supported on tensors")
        return definition(ufunc, *inputs, **kwargs)

    def __array_function__(self, function: Callable, types: Any, args: tuple, kwargs: dict) -> Any:
        if kwargs.get("out") is not None or (len(args) > 2 and out_among(args, function)):
            raise MutationError(f"{function.__name__} cannot write into out= when a tensor takes part; use its result")
        definition = definition_of(function)
        if definition is not None:
            return definition(*args, **kwargs)
        return apply(operation_of(function), args, kwargs)

    # --- operators

    __add__, __radd__ = _binary(np.add, operator.add)
    __sub__, __rsub__ = _binary(np.subtract, operator.sub)
    __mul__, __rmul__ = _binary(np.multiply, operator.mul)
    __truediv__, __rtruediv__ = _binary(np.divide, operator.truediv)
    __floordiv__, __rfloordiv__ = _binary(np.floor_divide, operator.floordiv)
    __mod__, __rmod__ = _binary(np.remainder, operator.mod)
    __pow__, __rpow__ = _binary(np.power, operator.pow)
    __matmul__, __rmatmul__ = _binary(np.matmul, operator.matmul)
    __and__, __rand__ = _binary(np.bitwise_and, operator.and_)
    __or__, __ror__ = _binary(np.bitwise_or, operator.or_)
    __xor__, __rxor__ = _binary(np.bitwise_xor, operator.xor)
    __lshift__, __rlshift__ = _binary(np.left_shift, operator.lshift)
    __rshift__, __rrshift__ = _binary(np.right_shift, operator.rshift)
    __eq__ = _binary(np.equal, operator.eq)[0]
    __ne__ = _binary(np.not_equal, operator.ne)[0]
    __lt__ = _binary(np.less, operator.lt)[0]
    __le__ = _binary(np.less_equal, operator.le)[0]
    __gt__ = _binary(np.greater, operator.gt)[0]
    __ge__ = _binary(np.greater_equal, operator.ge)[0]
    __neg__ = _unary(np.negative, operator.neg)
    __pos__ = _unary(np.positive, operator.pos)
    __abs__ = _unary(np.absolute, operator.abs)
    __invert__ = _unary(np.invert, operator.invert)

    # --- NumPy's methods: its functions, bound

    all, any = np.all, np.any
    argmax, argmin, argsort = np.argmax, np.argmin, np.argsort
    round = np.round
    cumprod, cumsum = np.cumprod, np.cumsum
    diagonal, trace = np.diagonal, np.trace
    max, min, mean, prod, std, sum, var = np.max, np.min, np.mean, np.prod, np.std, np.sum, np.var
    nonzero, sort = np.nonzero, np.sort
    ravel, repeat, squeeze, swapaxes, take = np.ravel, np.repeat, np.squeeze, np.swapaxes, np.take
    copy = np.copy

    # --- indexing

    def __getitem__(self, index: Any) -> Tensor:
        return apply(GETITEM, (self, index))

    @property
    def at(self) -> At:
        """Names a place for `t.at[index].set(x)`, `.add(x)`, `.multiply(x)` and so on, which give a changed copy."""
        return At(self)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise MutationError("a tensor cannot be changed in place: instead of `t[i] = x` write `t = t.at[i].set(x)`")

    # --- methods that are not simply the NumPy function of the same name

    def reshape(self, *shape: Any, order: str = "C") -> Tensor:
        return on_tensors.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes: Any) -> Tensor:
        return on_tensors.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def astype(self, dtype: Any) -> Tensor:
        return astype(self, np.dtype(dtype))

    def flatten(self) -> Tensor:
        return on_tensors.ravel(self)

    def dot(self, other: Any) -> Tensor:
        return on_tensors.dot(self, other)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        return on_tensors.clip(self, min, max)

    def conj(self) -> Tensor:
        return on_tensors.conjugate(self)


class Tensor(ArrayLike):
    """An immutable array whose operations are recorded on the open tapes. Made by `ntb.tensor` and by operations.

    `Tensor(array)` itself, which the engine calls, copies nothing: it is for arrays that nobody else changes.

    >>> import ntb
    >>> x = ntb.tensor([1.0, 2.0])
    >>> np.exp(x * 0.0) + x
    Tensor([2., 3.])
    """

    __slots__ = ("__weakref__", "token", "value")

    def __init__(self, value: Any, token: Any = None) -> None:
        self.value = value  # the array itself; read it through .numpy()
        self.token = token  # which value this is, for tapes; None while no tape tracks it

    def read(self) -> Tensor:
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        return getattr(self.value, "shape", ())

    @property
    def dtype(self) -> np.dtype:
        return getattr(self.value, "dtype", None) or np.result_type(self.value)


def tensor(data: Any, dtype: Any = None) -> Tensor:
    """An immutable tensor with a copy of the data.

    Args:
        data: anything `np.asarray` takes, of any shape; a Tensor is returned as it is unless the dtype differs, and an
            array of Dask or CuPy stays one of theirs.
        dtype: the element type; by itself that of NumPy for the data.

    Raises:
        InputError: the data are not numbers.

    >>> tensor([[1, 2], [3, 4]], dtype=np.float32)
    Tensor([[1., 2.],
            [3., 4.]], dtype=float32)
    """
    if isinstance(data, ArrayLike):
        found = data.read()
        return found if dtype is None or found.dtype == np.dtype(dtype) else found.astype(dtype)
    if is_foreign(data):  # another library's array stays where it is
        return Tensor(admitted(data).copy() if dtype is None else admitted(data).astype(dtype))
    try:
        array = np.array(data, dtype=dtype)
    except ValueError as error:
        raise InputError(f"these data are no array: {error} Rows must be equally long; pad the short ones") from error
    return Tensor(numeric(array))


def numeric(array: np.ndarray) -> np.ndarray:
    """The array, if it holds numbers or bools in NumPy's plain form; else an error that says what it holds."""
    if array.dtype.kind not in "biufc":
        raise InputError(
            f"a tensor holds numbers or bools; these data have dtype {array.dtype} and shape {array.shape}. Turn text "
            "into numbers, and objects (None among them) into arrays first"
        )
    return array


SIMPLE = {Tensor, float, int, bool, np.ndarray, NoneType, str, slice}  # argument types that hold no tensor inside
NUMBERS = {float, int, complex, bool}
OPERANDS = {Tensor, np.ndarray, float, int}
API_VERSIONS = (None, "2021.12", "2022.12", "2023.12", "2024.12")
NESTED = {tuple, list, dict}


def out_among(args: tuple, function: Callable) -> bool:
    """Whether an array to write into is among the positional arguments, as in `np.cumsum(t, 0, None, out)`."""
    place = place_of_out(function)
    return place < len(args) and args[place] is not None


@functools.lru_cache(1000)
def place_of_out(function: Callable) -> int:
    """The position of a function's parameter `out`; beyond all arguments if it has none."""
    try:
        parameters = inspect.signature(function).parameters.values()
        return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD].index("out")
    except ValueError:  # it has none, or it is in C and tells nothing
        return 2 if function in (np.concatenate, np.dot) else sys.maxsize


@primitive(general=True)
def astype(x: Any, dtype: np.dtype, out: Any = None) -> Any:
    """The array in another element type."""
    if out is not None:
        np.copyto(out, x, "unsafe")
        return out
    return x.astype(dtype) if hasattr(x, "astype") else np.asarray(x, dtype)


derivative(astype, lambda g, _y, _x, _dtype: g)  # the walk brings every gradient to its source's dtype
