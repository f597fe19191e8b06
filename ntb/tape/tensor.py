"""Tensor: an array that tapes track. Its operators, methods and NumPy's own functions run at once and are recorded.

`apply` is the way of every operation: unwrap the tensors, call NumPy, wrap the result, and tell the open tapes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import messages
from ..arguments import NUMERIC, PLAIN, Traceable, adopted, are_plain, assembled, first_foreign, operand
from ..errors import annotate
from ..functions import without_out
from ..tree import BRANCHES, tree_map
from .listener import listeners
from .operation import Operation
from .rules import as_given, definition_of, operation_of
from .value_id import ValueId

if TYPE_CHECKING:
    from ..values import Methods
else:
    Methods = Traceable  # rooms above the engine give tensors their further methods (`ntb/values`, `ntb/ops/at.py`)

on_tensors: Any = np  # NumPy's functions as called on tensors, of which its type stubs do not know
GETITEM = operation_of(operator.getitem)
NO_KEYWORDS: dict[str, Any] = {}


def apply(operation: Operation, args: tuple, kwargs: dict[str, Any] = NO_KEYWORDS) -> Any:
    """Run an operation on the values of its tensors and tell the open listeners: tapes, and whoever else follows it."""
    values: Any = _plain_values(args, len(operation.derivative.rules))
    options = kwargs
    if values is None or (kwargs and not operation.takes_as_they_are(kwargs)):
        args, kwargs = _settled(operation, args, kwargs)
        values, options = value_of(args), value_of(kwargs)
        if not are_plain([*values, *options.values()]) and (other := first_foreign([args, kwargs])) is not None:
            return other.apply(operation, args, kwargs)
    try:
        value = operation.call(*values, **options) if options else operation.call(*values)
    except Exception as error:
        annotate(error, operation.name, args)
        raise
    result = Tensor(value) if type(value) is np.ndarray else wrap(value, operation)
    for listener in listeners.get():
        listener.write(operation, args, kwargs, result)
    return result


def _plain_values(args: tuple, arrays: int) -> list | None:
    """The values of arguments if each is a tensor or plain; None otherwise. The first ones, so many, are arrays."""
    values: list = []
    for a in args:
        if type(a) is Tensor:
            values.append(a.value)
        elif type(a) in PLAIN or (type(a) is tuple and len(values) >= arrays and PLAIN.issuperset(map(type, a))):
            if type(a) is np.ndarray and a.dtype.char not in NUMERIC:
                return None
            values.append(a)  # (the tuple is an index or a shape)
        else:
            return None
    return values


def _settled(operation: Operation, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """Arguments with variables read, as what is recorded must not change later, and in the places that rules expect."""
    args, kwargs = settle(args), settle(kwargs)
    if kwargs:
        args, kwargs = operation.bind(args, kwargs)
    arrays: Any = operation.derivative.rules if operation.traits.arrays else ()
    arrays = args if isinstance(operation.function, np.ufunc) else arrays
    return tuple([assembled(a) if x is not None else a for a, x in zip_longest(args, arrays[: len(args)])]), kwargs


def settle(tree: Any) -> Any:
    """The tree with the value of each variable at this moment, and with what stands for other objects in operations."""
    if isinstance(tree, ArrayLike):
        return tree.read()
    if type(tree) is list or type(tree) is tuple:
        return type(tree)([x if type(x) is Tensor else settle(x) for x in tree])
    return tree_map(settle, tree) if isinstance(tree, BRANCHES) else operand(tree)


def value_of(tree: Any) -> Any:
    """The tree with arrays in the place of tensors."""
    if type(tree) is tuple:
        return tuple([x.value if type(x) is Tensor else value_of(x) for x in tree])
    if isinstance(tree, Tensor):
        return tree.value
    return tree_map(value_of, tree) if isinstance(tree, BRANCHES) else tree


def wrap(value: Any, operation: Operation | None = None) -> Any:
    """Make tensors of the arrays that a NumPy function returned; of a number that Python's own operators made, too."""
    if isinstance(value, np.ndarray | np.generic):
        return Tensor(value)
    if isinstance(value, tuple | list):
        return tuple([wrap(item) for item in value])
    if isinstance(value, bool | int | float | complex):
        python = operation is not None and getattr(operation.function, "__module__", "") == "_operator"
        return Tensor(value if python else np.asarray(value)[()])
    return adopted(value)


def _binary(ufunc: np.ufunc, python: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    """The two methods of a binary operator, `x + other` and `other + x`."""
    operation, on_numbers = operation_of(ufunc), operation_of(python)

    def run(a: Any, b: Any) -> Any:
        if a is None or b is None or isinstance(a, str) or isinstance(b, str):
            if isinstance(b, str) and ufunc in (np.equal, np.not_equal) and not is_number(a):
                raise messages.compared_with_text(a, b)
            return NotImplemented
        a, b = (x.read() if isinstance(x, ArrayLike) else x for x in (a, b))
        numbers = all(is_number(x) or isinstance(x, float | int) for x in (a, b))
        if ufunc is np.multiply:  # it rounds otherwise
            numbers = numbers or all(isinstance(value_of(x), complex | np.complexfloating) for x in (a, b))
        return apply(on_numbers if numbers else operation, (a, b))

    return run, lambda self, other: run(other, self)


def _unary(ufunc: np.ufunc, python: Callable[[Any], Any]) -> Any:
    operation, on_numbers = operation_of(ufunc), operation_of(python)
    return lambda self: apply(on_numbers if is_number(self) else operation, (self,))


def is_number(x: Any) -> bool:
    """Whether a tensor stands for a Python number: an argument of a traced function that is not to become an array."""
    return isinstance(x, Tensor) and type(x.value) in (float, int, complex, bool)


class ArrayLike(Methods):
    """Operators and NumPy's protocols: what `Tensor` and `Variable` have in common."""

    __slots__ = ()
    __hash__ = object.__hash__  # `==` is elementwise, so that identity must serve as the key of dicts and sets

    def read(self) -> Any:
        """The tensor itself; of a variable its value at this moment."""
        raise NotImplementedError

    def __getitem__(self, index: Any) -> Tensor:
        return apply(GETITEM, (self, index))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            raise messages.writes_in_place(ufunc)
        if method == "__call__":
            if kwargs.pop("where", True) is not True:
                raise messages.leaves_undefined(ufunc)
            return apply(operation_of(ufunc), inputs, kwargs)
        definition = definition_of(getattr(np.ufunc, method))
        if definition is None:
            raise messages.unsupported_method(ufunc, method)
        return definition(ufunc, *settle(inputs), **settle(kwargs))

    def __array_function__(self, function: Callable, types: Any, args: tuple, kwargs: dict) -> Any:
        if kwargs or len(args) > 2:
            args, kwargs, out = without_out(function, args, kwargs)
            if out is not None:
                raise messages.writes_into_out(function)
        definition = definition_of(function)
        if definition is not None and function not in as_given:
            args, kwargs = settle(args), kwargs and settle(kwargs)
        return apply(operation_of(function), args, kwargs) if definition is None else definition(*args, **kwargs)

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
    (__eq__, _), (__ne__, _) = _binary(np.equal, operator.eq), _binary(np.not_equal, operator.ne)
    (__lt__, _), (__le__, _) = _binary(np.less, operator.lt), _binary(np.less_equal, operator.le)
    (__gt__, _), (__ge__, _) = _binary(np.greater, operator.gt), _binary(np.greater_equal, operator.ge)
    __neg__, __pos__ = _unary(np.negative, operator.neg), _unary(np.positive, operator.pos)
    __abs__, __invert__ = _unary(np.absolute, operator.abs), _unary(np.invert, operator.invert)


class Tensor(ArrayLike):
    """An immutable array whose operations open tapes record if they track it. Made by `ntb.tensor` and by operations.

    `Tensor(array)` itself, which the engine calls, copies nothing: it is for arrays that nobody else changes.

    >>> x = Tensor(np.array([1.0, 2.0]))
    >>> np.exp(x * 0.0) + x
    Tensor([2., 3.])
    """

    __slots__ = ("__weakref__", "id", "value")
    Id = ValueId

    def __init__(self, value: Any, id: Any = None) -> None:
        if type(value) is list:
            raise messages.not_an_array(value)
        self.value = value  # the array itself; read it through .numpy()
        self.id = id  # which value this is, for tapes; None while no tape tracks it

    def read(self) -> Tensor:
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        return getattr(self.value, "shape", ())

    @property
    def dtype(self) -> np.dtype:
        return getattr(self.value, "dtype", None) or np.result_type(self.value)

    def like(self, other: Tensor) -> Tensor:
        """Another tensor, with an array of the library that this one's array is of."""
        return other if type(other) is Tensor else Tensor(other.fetched())

    def held(self, id: Any) -> Tensor:
        """The value as a variable holds it, whose id is given: an array, with the last axis innermost in memory."""
        return Tensor(np.asarray(self.value, order="C"), id)


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """A tensor or variable's value as it is; of other data a tensor with a copy. See `ntb.tensor`."""
    found = operand(data)
    if isinstance(found, ArrayLike):
        return found.read()
    try:
        array = np.array(found, dtype=dtype)
    except ValueError as error:
        raise messages.no_array(error) from error
    if (array := operand(array)).dtype.kind not in "biufc":
        raise messages.no_numbers(array)
    return Tensor(array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("=")))
