"""Functions with a gradient of their own: custom_gradient, and numpy_function for code on plain arrays."""

from __future__ import annotations

import functools
import inspect
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
from ..tape.record import within
from ..tape.rules import derivative
from ..tape.tensor import Tensor, settle, value_of
from ..tree import BRANCHES, children, is_branch, leaves, rebuild, tree_map
from ..values.conversions import read_only
from ..values.creation import tensor
from ..values.in_kind import to_array, to_arrays, wants_arrays
from .structures import check_leaf, checked_result, fill_but_none, filled, fresh, paired


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function a gradient of its own.

    Args:
        f: returns its result and a function from the result's gradient to the gradients of its positional arguments,
            however they were given: one for each, None where there is none; defaults at the end may be left out.
            Arguments and results may be lists, tuples, dicts and dataclasses; their gradients have the same structure.
            The gradients of a tuple are as many arguments of the gradient function.

    The gradient function is itself made of operations, so that it can be differentiated again. Forward mode transposes
    it, and it must be linear in the gradient that it is given, which is tried. A variable that `f` uses has a gradient
    only if it is passed as an argument. The gradient function reads the numbers and arrays around it when a gradient is
    asked for: do not change them before.

    Raises:
        InputError: the gradient function returns the wrong number of gradients, or one of a wrong shape or structure.
        GradientError: an argument with a gradient is given by keyword only; forward mode meets a gradient function that
            is not linear.

    >>> @custom_gradient
    ... def clipped_exp(x):
    ...     y = np.exp(x)
    ...     return y, lambda g: g * np.minimum(y, 10.0)
    >>> import ntb
    >>> ntb.grad(clipped_exp)(5.0)
    np.float64(10.0)
    """

    named, parameters = namesake(f), _parameters(f)

    @functools.wraps(f)
    def with_custom_gradient(*args: Any, **kwargs: Any) -> Any:
        given, kwargs, needed = _positional(parameters, args, kwargs)
        xs = tree_map(lambda a: settle(tensor(a) if isinstance(a, np.ndarray | float) else a), given)
        for x in leaves(xs):
            check_leaf(x, "an argument of a function with a custom gradient")
        tapes = [listener for listener in listeners.get() if not listener.replays]
        _refuse_tracked(kwargs, tapes)
        with _lenient(tapes):
            result, backward = _both(f(*xs, **kwargs))
        with _heard_by(*traces()):
            outputs = tree_map(lambda y: None if y is None else fresh(tensor(y)), checked_result(result))
        flat, results = leaves(xs), filled(outputs)
        needed += len(_tracked_behind(xs, needed, tapes))
        ask = functools.partial(_gradients, backward, _form_of(outputs), _form_of(xs), needed)
        rule = functools.partial(_pull, ask, [describe(x) for x in flat])
        derivative = Derivative((rule,), names=("arguments",), keep=(False,))
        operation = CustomGradient(named, derivative=derivative)
        for tape in tapes:
            tape.write(operation, (flat,), {}, tuple(results) if is_branch(outputs) else outputs)
        return to_arrays(outputs) if wants_arrays(args, kwargs) else outputs

    return with_custom_gradient


class CustomGradient(Operation):
    """The operation that tapes see in the place of a function with a gradient of its own."""

    def check_linear(self, y: Any, args: tuple) -> None:
        """Complain of a gradient function that is not linear in the gradient that it is given: it has no transpose.

        It is tried with gradients of several sizes and of both signs: what clips them is linear where they are small.

        Raises:
            GradientError: it is not linear.
        """
        results = y if type(y) is tuple else (y,)
        rng = np.random.default_rng(5)
        gs = [rng.uniform(0.5, 1.5, y.shape).astype(y.dtype) if y.dtype.kind in "fc" else y.zeros() for y in results]
        floats = [i for i, x in enumerate(args[0]) if hasattr(x, "dtype") and x.dtype.kind in "fc"]
        size = max([float(np.finfo(g.dtype).max) for g in gs if g.dtype.kind in "fc"], default=1.0) ** 0.125

        def answers(scale: float) -> list[np.ndarray]:
            scaled = [Tensor((g * scale).astype(g.dtype)) for g in gs]
            piece = self.rule(0)(tuple(scaled) if type(y) is tuple else scaled[0], y, *args)
            return [np.asarray(value_of(piece(i))) for i in floats]

        with _heard_by(), np.errstate(all="ignore"):
            expected = answers(1.0)
            for scale in (size, -size, 1 / size):
                for one, other in zip(answers(scale), expected, strict=True):
                    bound = np.max(np.abs(other), initial=0) * np.finfo(other.dtype).eps ** 0.5
                    if not np.all(np.abs(one / scale - other) <= bound) and np.all(np.isfinite(other)):
                        raise GradientError(
                            f"the custom gradient of {self.name} is not linear in the gradient that it is given (it "
                            "clips it, or takes its sign), and forward mode needs its transpose, which only a linear "
                            "function has; use reverse mode (ntb.grad, ntb.vjp)"
                        )


def _form_of(tree: Any) -> Any:
    """The structure alone: a record must not keep the arrays."""
    return tree_map(lambda x: None if x is None else 0, tree)


def _parameters(f: Callable[..., Any]) -> inspect.Signature | None:
    """The signature of a function; None of those in C that do not tell it."""
    try:
        return inspect.signature(f)
    except (TypeError, ValueError):
        return None


def _positional(parameters: inspect.Signature | None, args: tuple, kwargs: dict) -> tuple[tuple, dict, int]:
    """The arguments by position, also those that were given by keyword or are defaults; the others by keyword.

    The third is the number of those that were given by position.
    """
    if parameters is None:
        return args, kwargs, len(args)
    bound = parameters.bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args, bound.kwargs, len(args)


def _tracked_behind(xs: tuple, needed: int, tapes: list[Any]) -> list[Any]:
    """The arguments behind so many, up to the last one that a tape tracks."""
    tracked = [any(within(x, tape.tracked) for tape in tapes if hasattr(tape, "tracked")) for x in xs[needed:]]
    return tracked[: len(tracked) - tracked[::-1].index(True)] if any(tracked) else []


def _refuse_tracked(kwargs: dict, tapes: list[Any]) -> None:
    """Complain of an argument that can be given by keyword only: the gradient function has no place for it."""
    for name, x in kwargs.items():
        if any(within(settle(x), tape.tracked) for tape in tapes if hasattr(tape, "tracked")):
            raise GradientError(
                f"the argument {name!r} has a gradient, and can be given by keyword only; a custom gradient has one "
                "for each positional parameter: move it before the * in the function's parameters"
            )


def _both(answer: Any) -> tuple[Any, Callable[..., Any]]:
    """The result and the gradient function, if that is what a function returned."""
    if not isinstance(answer, tuple) or len(answer) != 2 or not callable(answer[1]):
        raise InputError(
            f"a function with a custom gradient returns its result and its gradient function, not {describe(answer)}; "
            "write `return y, lambda g: g * slope`"
        )
    return answer


def _gradients(backward: Callable[..., Any], outputs: Any, xs: tuple, needed: int, g: Any) -> list[Any]:
    """The gradients of the leaves of all arguments, as the user's function gives them for those of the results."""
    gs = fill_but_none(outputs, map(conjugated, g)) if is_branch(outputs) else conjugated(g)
    answers = backward(*gs) if isinstance(outputs, tuple) else backward(gs)
    alone = type(answers) is tuple and len(answers) == 1 and (answers[0] is None or is_branch(answers[0]))
    if len(xs) == 1 and is_branch(xs[0]) and not alone:
        answers = (answers,)  # the gradient of one structure, which may be a tuple itself
    answers = answers if isinstance(answers, tuple | list) else (answers,)
    if not needed <= len(answers) <= len(xs):
        raise InputError(
            f"the custom gradient returned {len(answers)} gradients for {needed} arguments; return one for each, None "
            "where there is none"
        )
    answers = [*answers, *[None] * (len(xs) - len(answers))]
    pairs = [paired(answer, x, "the custom gradient") for answer, x in zip(answers, xs, strict=True)]
    return [answer for of_argument in pairs for answer, _ in of_argument]


def _pull(ask: Callable[[Any], list[Any]], shown: list[str], g: Any, _y: Any, xs: list[Any]) -> Callable[[int], Any]:
    """The rule of a custom gradient: ask once for the gradients of all arguments, check them, hand them out."""
    answers = ask(g)

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
def _heard_by(*kept: Any) -> Iterator[None]:
    """A block of which only these listeners are told."""
    before = listeners.set(kept)
    try:
        yield
    finally:
        listeners.reset(before)


def numpy_function(forward: Callable[..., Any], backward: Callable[..., Any]) -> Callable[..., Any]:
    """Make an operation from two functions on plain arrays, which may do anything NumPy can.

    In a traced function they are called anew in each replay, while other Python code runs only once. They are given
    read-only arrays, as other code uses these too: to work in place, they must copy an array first. Tapes and traces
    see one operation, and nothing of what these functions do.

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

    functions = _unheard(forward), _unheard(backward)

    @functools.wraps(forward)
    def operation(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            args = inspect.signature(forward).bind(*args, **kwargs).args
        for a in args:
            if is_branch(a):
                raise InputError(
                    f"a function made by ntb.numpy_function takes arrays, not {describe(a)}; give each array as an "
                    "argument of its own"
                )
        value = call_forward(functions, *[tensor(a) if isinstance(a, float) else a for a in args])[0]
        return to_array(value.value if isinstance(value, Tensor) else value) if wants_arrays(args) else value

    return operation


def _unheard(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, of which no listener is told what happens inside."""

    @functools.wraps(function)
    def alone(*args: Any) -> Any:
        before = listeners.set(())
        try:
            return function(*args)
        finally:
            listeners.reset(before)

    return alone


def _locked(x: Any) -> Any:
    """An array, or lists, tuples and dicts of arrays, that cannot be written to."""
    return rebuild(x, [_locked(part) for _, part in children(x)]) if isinstance(x, BRANCHES) else read_only(x)


@primitive(pure=False, product=True, calls_back=True)
def call_forward(functions: Any, *xs: Any) -> Any:
    """The value, and the cache in an array of objects, so that it can travel as a value does."""
    answer = functions[0](*map(read_only, xs))
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise TypeError(
            f"the forward function {functions[0].__name__} returned {answer!r:.60}; return the value and what the "
            "backward function needs, a tuple of two, of which the second may be None"
        )
    value, cache = answer
    box = np.empty((), object)
    box[()] = _locked(cache)
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
