"""The table of operations: which NumPy functions have a derivative, and how a primitive of our own is declared.

    derivative(np.tanh, lambda g, y, _x: g * (1 - y * y))
    derivative(np.multiply, lambda g, _y, _a, b: g * b, lambda g, _y, a, _b: g * a)

One rule for each argument: from the gradient `g` of the result `y`, and the arguments, it computes the gradient of its
argument. Parameters carry NumPy's own names and order, so Python's call binds positional and keyword forms. A leading
underscore says that the rule looks at no more than the *shape and dtype* of that value: the tape keeps no array for it.

An argument that is a sequence of arrays, or a `*arguments` parameter, has a rule that returns a function from the
position to the gradient: `lambda g, _y, _arrays, axis=0: lambda i: piece(g, i)`.

Rules are written in NumPy functions and primitives, so they run on arrays and on tensors alike.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import GradientError

Rule = Callable[..., Any] | None
SEQUENCES = (tuple, list)


class Traceable:
    """What NumPy's functions and our primitives recognise as a tensor or variable."""

    __slots__ = ()


class Operation:
    """A function that tapes can record: how to call it, and its derivative rules.

    Attributes:
        function: what programs call, and what identifies the operation (`np.tanh`).
        call: what runs on arrays; differs from `function` for primitives, whose `function` also takes tensors.
        rules: one derivative rule per differentiable argument, or None where no derivative is known.
        keep: for each parameter, whether some rule needs its array; `keep_result` says so of the result.
        options: the names of the keyword arguments that the rules know; None if any will do.
        hidden: the names of the parameters that the rules write with an underscore, so that they must go by position.
        broadcasts: whether arguments are broadcast against each other, so that the engine must sum gradients back.
        takes_out: whether it can write its result into an array that is given as `out`.
        elementwise: whether it works element by element, so that `out` may be one of its own arguments.
        two: whether it has just two parameters, both with a rule, which tapes write down in fewer steps.
        constant: whether the result carries no gradient by nature (comparisons, argmax).
        sized: whether the shape of the result depends on the data, of which a trace takes notice.
        refusal: why it has no derivative here, where there is a reason to tell.
    """

    __slots__ = (
        "broadcasts", "call", "constant", "elementwise", "function", "hidden", "keep", "keep_result", "names",
        "options", "refusal", "sized", "rules", "takes_out", "two", "variadic",
    )  # fmt: skip

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.call = getattr(function, "on_arrays", function)
        self.rules: tuple[Rule, ...] | None = None
        self.names: tuple[str, ...] = ()
        self.keep: tuple[bool, ...] = ()
        self.keep_result = False
        self.hidden: frozenset[str] = frozenset()
        self.options: frozenset[str] | None = None
        self.variadic = False
        self.two = False
        self.broadcasts = isinstance(function, np.ufunc) and function.signature is None
        single = isinstance(function, np.ufunc) and function.nout == 1
        self.takes_out = single or "out" in getattr(function, "options", ())
        self.elementwise = (single and self.broadcasts) or (self.takes_out and getattr(function, "elementwise", False))
        self.constant = False
        self.sized = False
        self.refusal = ""

    @property
    def name(self) -> str:
        """The name as a program would write it: `np.tanh`, `np.linalg.solve`, `conv2d`."""
        return name_of(self.function)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def rule(self, position: int) -> Callable[..., Any]:
        """The derivative rule of an argument."""
        rule = self.rules[position] if self.rules and position < len(self.rules) else None
        if rule is None:
            reason = f": {self.refusal}" if self.refusal else ""
            raise GradientError(
                f"{self.name} has no derivative with respect to its argument {self.parameter(position)}{reason}; "
                "use stop_gradient on it if it shall count as a constant"
            )
        return rule

    def known(self, kwargs: dict) -> dict:
        """The keyword arguments as the rules take them; one that they do not know could change the derivative."""
        if self.options is None or self.options.issuperset(kwargs):
            return kwargs
        if isinstance(self.function, np.ufunc):  # how the result is stored is not the rules' business
            kwargs = {name: x for name, x in kwargs.items() if name not in ("dtype", "casting", "order", "subok")}
        if unknown := kwargs.keys() - self.options:
            raise GradientError(
                f"the derivative of {self.name} knows no argument {', '.join(sorted(unknown))}=; leave it out"
            )
        return kwargs

    def parameter(self, position: int) -> str:
        return repr(self.names[position]) if position < len(self.names) else f"number {position}"

    def bind(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Move what the rules want by position there, so that `np.clip(a=x, a_min=0)` finds its rule."""
        parameters = inspect.signature(self._a_rule()).parameters.values()
        defaults = [p.default for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)][2:]
        moved, kwargs = list(args), dict(kwargs)
        wanted = [name for name, x in kwargs.items() if name in self.hidden or first_traceable(x) is not None]
        given = [i for i, name in enumerate(self.names) if name in wanted]
        for i in range(len(args), max(given, default=-1) + 1):
            moved.append(kwargs.pop(self.names[i], defaults[i]))
        for name, value in kwargs.items():
            found = first_traceable(value)
            if found is not None and found.dtype.kind in "fc" and not self.constant and self.rules is not None:
                raise GradientError(
                    f"{self.name} takes no tensor as its keyword argument {name!r}; ntb.stop_gradient makes it a "
                    "constant"
                )
        return tuple(moved), kwargs

    def _a_rule(self) -> Callable[..., Any]:
        return next((rule for rule in self.rules or () if rule is not None), lambda g, y: None)


table: dict[Any, Operation] = {}
definitions: dict[Any, Callable[..., Any]] = {}
chapters: dict[str, str] = {}
"""Further parts of the table, each a module of ntb, with the name of the module whose functions it is about."""
arriving: set[str] = set()
"""Modules that entered something and, for all we know, are still being imported: what they enter may need the rest."""
written: dict[Any, str] = {}
"""How programs write the ufuncs that are not NumPy's own: `scipy.special.erf`."""


def open_chapters() -> None:
    """Import the chapters about what the program has imported. They wait for the first function that is not known."""
    for chapter in [chapter for chapter, about in chapters.copy().items() if about in sys.modules]:
        importlib.import_module(chapter)
        chapters.pop(chapter, None)  # not before it is there, so that other threads wait for it in the same way


def await_arrivals() -> None:
    """Wait for modules that another thread is importing; looked up in the middle, their functions would lack rules."""
    for module in list(arriving):
        if module in sys.modules:
            importlib.import_module(module)
        arriving.discard(module)


def definition_of(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """What a function does on tensors, where that is defined by other operations."""
    if function not in table and function not in definitions and chapters:
        open_chapters()
    if arriving:
        await_arrivals()
    return definitions.get(function)


def operation_of(function: Callable[..., Any]) -> Operation:
    """The table's entry for a function; made, without a rule, when there is none yet."""
    operation = table.get(function)
    if operation is None and isinstance(function, np.ufunc) and chapters:
        open_chapters()
        operation = table.get(function)
    if arriving:
        await_arrivals()
    return operation or enter(Operation(function))


def enter(operation: Operation) -> Operation:
    """Put an operation into the table, where other threads find it at once; the entry, should there be one already."""
    table.setdefault(operation.call, operation)
    return table.setdefault(operation.function, operation)


def entry(function: Callable[..., Any]) -> Operation:
    """The table's entry for a function, or a new one to be entered; what declares operations opens no chapters."""
    return table.get(function) or Operation(function)


def operations() -> list[Operation]:
    """All entries of the table that have a derivative."""
    return [operation for operation in dict.fromkeys(table.values()) if operation.rules is not None]


def derivative(function: Callable[..., Any], *rules: Rule, broadcasts: bool | None = None) -> None:
    """Enter the derivative rules of a function, one for each argument; None where an argument has no derivative.

    Args:
        function: a NumPy function or a primitive.
        rules: called as `rule(g, y, *args, **kwargs)`; see the head of this file.
        broadcasts: whether the engine sums gradients over broadcast axes; by itself true for ufuncs only.

    >>> def cube(x): return x * x * x
    >>> cube = primitive(cube)
    >>> derivative(cube, lambda g, _y, x: g * 3 * x * x)
    """
    operation = entry(function)
    signatures = [list(inspect.signature(rule).parameters.values()) for rule in rules if rule is not None]
    longest = max(signatures, key=len)
    operation.rules = rules
    operation.variadic = any(p.kind is p.VAR_POSITIONAL for p in longest)
    if all(p.kind is not p.VAR_KEYWORD for p in longest):
        operation.options = frozenset(p.name for signature in signatures for p in signature[2:])
    positional = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    operation.names = tuple(p.name.lstrip("_") for p in longest if p.kind in positional)[2:]
    operation.hidden = frozenset(p.name[1:] for p in longest[2:] if p.name.startswith("_"))
    count = len(operation.names)
    needed = [{i for i, p in enumerate(signature) if not p.name.startswith("_")} for signature in signatures]
    operation.keep_result = any(1 in indices for indices in needed)
    operation.keep = tuple(any(i + 2 in indices for indices in needed) for i in range(count))
    operation.two = count == 2 == len(signatures) and not operation.variadic and not operation.constant
    if broadcasts is not None:
        operation.broadcasts = broadcasts
    arriving.update(rule.__module__ for rule in rules if rule is not None)
    enter(operation)


def no_gradient(*functions: Callable[..., Any]) -> None:
    """Declare functions whose results carry no gradient: they are flat wherever they are smooth."""
    for function in functions:
        operation = entry(function)
        operation.constant = True
        enter(operation)


def sized_by_data(*functions: Callable[..., Any]) -> None:
    """Declare functions whose result has a shape that depends on the data: another shape is another trace."""
    for function in functions:
        operation = entry(function)
        operation.sized = True
        enter(operation)


def refuse(reason: str, *functions: Callable[..., Any]) -> None:
    """Say why functions have no derivative here; the error that a tracked argument meets shows it.

    Args:
        reason: a sentence that goes on from "np.f has no derivative rule: ".
        functions: of NumPy.
    """
    for function in functions:
        operation = entry(function)
        operation.refusal = reason
        enter(operation)


def define(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Define what a NumPy function does on tensors by a composition of other operations; its derivative follows."""

    def add(definition: Callable[..., Any]) -> Callable[..., Any]:
        arriving.add(definition.__module__)
        definitions[function] = definition
        return definition

    return add


def primitive(
    function: Callable[..., Any] | None = None, *, elementwise: bool = False, general: bool = False
) -> Callable[..., Any]:
    """Make a function of arrays an operation: on arrays it just runs, on tensors it is recorded.

    Its derivative is entered with `derivative`. The function must stand alone (NumPy and other primitives only), since
    a traced program that uses it prints its source. One with a parameter `out=None` writes into the array that is given
    there, and returns it, as NumPy's functions do: a replay then gives its result a fixed place.

    Args:
        function: of arrays.
        elementwise: it works element by element, on arguments that broadcast, and `out` may be one of them.
        general: its body uses what arrays of every library have, so that it runs on them all (`elsewhere.py`).

    >>> @primitive
    ... def double(x):
    ...     return 2 * x
    >>> double(np.ones(2))
    array([2., 2.])
    """
    if function is None:
        return functools.partial(primitive, elementwise=elementwise, general=general)

    @functools.wraps(function)
    def dispatch(*args: Any, **kwargs: Any) -> Any:
        nested, foreign = bool(kwargs), False
        for a in args:
            kind = type(a)
            if kind is np.ndarray:
                continue
            if isinstance(a, Traceable):
                return a.__array_function__(dispatch, (), args, kwargs)  # type: ignore[attr-defined]
            nested = nested or kind in SEQUENCES
            foreign = foreign or hasattr(kind, "__array_function__")
        found = first_traceable((args, kwargs)) if nested else None
        if found is not None:
            return found.__array_function__(dispatch, (), args, kwargs)
        if foreign and not general:
            from .elsewhere import on_bare
            from .foreign import is_foreign

            if any(map(is_foreign, args)):
                return on_bare(dispatch, args, kwargs)
        return function(*args, **kwargs)

    dispatch.on_arrays = function  # type: ignore[attr-defined]
    dispatch.options = frozenset(inspect.signature(function).parameters)  # type: ignore[attr-defined]
    dispatch.elementwise = elementwise  # type: ignore[attr-defined]
    dispatch.general = general  # type: ignore[attr-defined]
    return dispatch


def first_traceable(tree: Any) -> Any:
    """The first tensor or variable at any depth of lists, tuples and dicts; None without one."""
    pending = [tree]
    while pending:
        x = pending.pop()
        if isinstance(x, Traceable):
            return x
        if isinstance(x, SEQUENCES):
            pending.extend(reversed(x))
        elif isinstance(x, dict):
            pending.extend(x.values())
    return None


def name_of(function: Any) -> str:
    """A function's name as a program would write it."""
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__name__", repr(function))
    if isinstance(function, np.ufunc):
        return written.get(function) or f"np.{name}"
    if module.split(".")[0] == "numpy":
        return module.replace("numpy", "np", 1).replace("._core.", ".").removesuffix("._core") + "." + name
    return name
