"""Functions with a gradient of their own: custom_gradient, and numpy_function for code on plain arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import GradientError, InputError, describe
from ..functions import namesake
from ..primitive import primitive
from ..tape.gradient import conjugated
from ..tape.listener import listeners, traces
from ..tape.operation import Derivative, Operation
from ..tape.rules import derivative
from ..tape.tensor import Tensor, settle
from ..tree import tree_map
from ..values.conversions import read_only
from ..values.creation import tensor
from ..values.in_kind import to_array, to_arrays, wants_arrays
from .structures import fresh


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function a gradient of its own.

    Args:
        f: returns its result and a function from the result's gradient to the gradients of its positional arguments:
            one for each, None where there is none. A result that is a tuple has a tuple of gradients.

    The gradient function is itself made of operations, so that it can be differentiated again, and transposed for
    forward mode. A variable that `f` uses has a gradient only if it is passed as an argument. The gradient function
    reads the numbers and arrays around it when a gradient is asked for: do not change them before.

    Raises:
        InputError: the gradient function returns the wrong number of gradients, or one of a wrong shape.

    >>> @custom_gradient
    ... def clipped_exp(x):
    ...     y = np.exp(x)
    ...     return y, lambda g: g * np.minimum(y, 10.0)
    >>> import ntb
    >>> ntb.grad(clipped_exp)(5.0)
    np.float64(10.0)
    """

    named = namesake(f)

    @functools.wraps(f)
    def with_custom_gradient(*args: Any, **kwargs: Any) -> Any:
        xs = [settle(tensor(a) if isinstance(a, np.ndarray | float) else a) for a in args]
        tapes = [listener for listener in listeners.get() if not listener.replays]
        with _lenient(tapes):
            result, backward = _both(f(*xs, **kwargs))
        with _only_keeping_tapes():
            outputs = tree_map(lambda y: fresh(tensor(y)), result)
        rule = functools.partial(_pull, backward, [describe(x) for x in xs])
        operation = Operation(named, derivative=Derivative((rule,), names=("arguments",), keep=(False,)))
        for tape in tapes:
            tape.write(operation, (xs,), {}, outputs)
        return to_arrays(outputs) if wants_arrays(args, kwargs) else outputs

    return with_custom_gradient


def _both(answer: Any) -> tuple[Any, Callable[..., Any]]:
    """The result and the gradient function, if that is what a function returned."""
    if not isinstance(answer, tuple) or len(answer) != 2 or not callable(answer[1]):
        raise InputError(
            f"a function with a custom gradient returns its result and its gradient function, not {describe(answer)}; "
            "write `return y, lambda g: g * slope`"
        )
    return answer


def _pull(backward: Callable[..., Any], shown: list[str], g: Any, _y: Any, xs: list[Any]) -> Callable[[int], Any]:
    """The rule of a custom gradient: ask once for the gradients of all arguments, check them, hand them out."""
    answers = backward(*map(conjugated, g)) if type(g) is tuple else backward(conjugated(g))
    answers = answers if isinstance(answers, tuple | list) else (answers,)
    if len(answers) != len(xs):
        raise InputError(
            f"the custom gradient returned {len(answers)} gradients for {len(xs)} arguments; return one for each, None "
            "where there is none"
        )

    def piece(i: int) -> Any:
        answer = np.zeros(xs[i].shape, xs[i].dtype) if answers[i] is None else settle(answers[i])
        if np.shape(answer) != xs[i].shape:
            raise InputError(
                f"the custom gradient of argument {i}, {shown[i]}, has the shape {np.shape(answer)}; it must have that "
                f"of the argument, {xs[i].shape}"
            )
        if not isinstance(answer, Tensor):
            return conjugated(np.array(answer))
        return conjugated(answer if listeners.get() else answer.value)

    return piece


@contextmanager
def _lenient(listening: list[Any]) -> Iterator[None]:
    """A block in which tapes accept operations without a derivative, and complain only when a gradient needs it."""
    tapes = [listener for listener in listening if hasattr(listener, "lenient")]
    before = [tape.lenient for tape in tapes]
    for tape in tapes:
        tape.lenient = True
    try:
        yield
    finally:
        for tape, state in zip(tapes, before, strict=True):
            tape.lenient = state


@contextmanager
def _only_keeping_tapes() -> Iterator[None]:
    """A block that only traces see."""
    before = listeners.set(tuple(traces()))
    try:
        yield
    finally:
        listeners.reset(before)


def numpy_function(forward: Callable[..., Any], backward: Callable[..., Any]) -> Callable[..., Any]:
    """Make an operation from two functions on plain arrays, which may do anything NumPy can.

    In a traced function they are called anew in each replay, while other Python code runs only once. They are given
    read-only arrays, as other code uses these too: to work in place, they must copy an array first.

    Args:
        forward: from arrays to `(value, cache)`; the value is copied. The cache is any object that `backward` needs. It
            is kept as it is (arrays in lists, tuples and dicts there become read-only): let it hold nothing that is
            changed later.
        backward: `backward(g, cache, wanted, *shapes)`, from the gradient of the value to a sequence with the gradient
            of each argument; `wanted` tells which of them are needed, and the rest may be None. `shapes` are the
            shapes of the arguments. It cannot be differentiated again.

    >>> cube = numpy_function(lambda x: (x**3, x), lambda g, x, wanted, shape: [3 * g * x**2])
    >>> import ntb
    >>> ntb.grad(cube)(2.0)
    np.float64(12.0)
    """

    @functools.wraps(forward)
    def operation(*args: Any) -> Any:
        value = call_forward((forward, backward), *[tensor(a) if isinstance(a, float) else a for a in args])[0]
        return to_array(value.value if isinstance(value, Tensor) else value) if wants_arrays(args) else value

    return operation


@primitive(pure=False, product=True, calls_back=True)
def call_forward(functions: Any, *xs: Any) -> Any:
    """The value, and the cache in an array of objects, so that it can travel as a value does."""
    value, cache = functions[0](*map(read_only, xs))
    box = np.empty((), object)
    box[()] = tree_map(read_only, cache)
    return np.array(value), box


@primitive(pure=False, product=True, calls_back=True)
def call_backward(functions: Any, g: Any, box: Any, kinds: Any) -> Any:
    """The gradients of all arguments, in their shapes and dtypes; zeros where there is none."""
    wanted = tuple([dtype.kind in "fc" for _, dtype in kinds])
    answers = functions[1](read_only(conjugated(g)), box[()], wanted, *[shape for shape, _ in kinds])
    answers = answers if isinstance(answers, tuple | list) else (answers,)
    if len(answers) != len(kinds):
        raise ValueError(
            f"the backward function returned {len(answers)} gradients for {len(kinds)} arguments; return one for each, "
            "None where there is none"
        )
    gradients = [np.zeros(shape, dtype) for shape, dtype in kinds]
    for i, (shape, dtype) in enumerate(kinds):
        if wanted[i] and answers[i] is not None:
            if np.shape(answers[i]) not in (shape, ()):
                raise ValueError(
                    f"the gradient of argument {i} has shape {np.shape(answers[i])}; it must have that of the "
                    f"argument, {shape}"
                )
            gradients[i][...] = conjugated(np.asarray(answers[i], dtype))
    return tuple(gradients)


def _call_rule(g: Any, y: Any, functions: Any, *_xs: Any) -> Callable[[int], Any]:
    answers = call_backward(functions, g[0], y[1], tuple([(x.shape, x.dtype) for x in _xs]))
    return lambda i: answers[i]


def _no_second_order(g: Any, _y: Any, _functions: Any, _g: Any, _box: Any, _kinds: Any) -> Any:
    raise GradientError(
        "a function made by ntb.numpy_function has a first derivative only, and a second is asked for; write it with "
        "NumPy functions on tensors, or use ntb.custom_gradient"
    )


derivative(call_forward, None, _call_rule)
derivative(call_backward, None, _no_second_order, _no_second_order)
