"""Operation: a function that tapes can record; how it is differentiated, and what else is known of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..arguments import are_plain, first_traceable
from ..functions import name_of
from ..messages import no_rule, tensor_by_keyword, unknown_arguments
from ..traits import traits_of


class Derivative(NamedTuple):
    """How an operation is differentiated. Made by `derivative` (`rules.py`).

    Attributes:
        rules: for each argument a function of `(g, y, *args, **kwargs)`, or None; empty where none is known.
        names: of the parameters; defaults: theirs.
        keep: for each parameter, whether some rule needs its array.
        keep_result: whether some rule needs the array of the result.
        hidden: the names of the parameters that the rules write with an underscore, so that they must go by position.
        options: the names of the keyword arguments that the rules know; None if any will do.
        variadic: whether the last parameter is `*arguments`.
    """

    rules: tuple[Callable[..., Any] | None, ...] = ()
    names: tuple[str, ...] = ()
    defaults: tuple = ()
    keep: tuple[bool, ...] = ()
    keep_result: bool = False
    hidden: frozenset[str] = frozenset()
    options: frozenset[str] | None = None
    variadic: bool = False

    def for_more(self, count: int) -> tuple[bool, ...]:
        """`keep` for so many arguments, more than parameters: what the last parameter says holds for the rest."""
        return self.keep + (self.keep or (False,))[-1:] * (count - len(self.keep))


UNKNOWN = Derivative()


class Operation:
    """A function that tapes can record.

    Attributes:
        function: what programs call, and what identifies the operation (`np.tanh`).
        call: what runs on arrays; differs from `function` for primitives, whose `function` also takes tensors.
        refusal: why it has no derivative here, where there is a reason to tell.
        settled: whether it is known how it is differentiated, or that it is not; else a module imported later may say.
        shortcut: does for it all that the rest of the loop in `backpropagate` does, only faster (`quick.py`), or None.
    """

    shortcut: Any = None

    def __init__(self, function: Callable[..., Any], call: Any = None, derivative: Derivative = UNKNOWN) -> None:
        self.function, self.call = function, call or function
        self.derivative, self.traits = derivative, traits_of(function)
        self.refusal, self.settled = "", bool(derivative.rules)

    @property
    def name(self) -> str:
        """The name as a program would write it: `np.tanh`, `np.linalg.solve`, `conv2d`."""
        return name_of(self.function)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def rule(self, position: int) -> Callable[..., Any]:
        """The derivative rule of an argument."""
        rules = self.derivative.rules
        rule = rules[position] if position < len(rules) else None
        if rule is None:
            raise no_rule(self, position)
        return rule

    def known(self, kwargs: dict) -> dict:
        """The keyword arguments as the rules take them; one that they do not know could change the derivative."""
        options = self.derivative.options
        if options is None or options.issuperset(kwargs):
            return kwargs
        if isinstance(self.function, np.ufunc):  # how the result is stored is not the rules' business
            kwargs = {name: x for name, x in kwargs.items() if name not in ("dtype", "casting", "order", "subok")}
        if unknown := kwargs.keys() - options:
            raise unknown_arguments(self, unknown)
        return kwargs

    def takes_as_they_are(self, kwargs: dict) -> bool:
        """Whether keyword arguments hold no tensor and are not wanted by position."""
        return are_plain(kwargs.values()) and self.derivative.hidden.isdisjoint(kwargs)

    def bind(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Move what the rules want by position there, so that `np.clip(a=x, a_min=0)` finds its rule."""
        rules, names, defaults, *_ = self.derivative
        tensors = {name: first_traceable(x) for name, x in kwargs.items()}
        wanted = [
            i for i, name in enumerate(names)
            if tensors.get(name) is not None or (name in kwargs and name in self.derivative.hidden)
        ]  # fmt: skip
        moved, kwargs = list(args), dict(kwargs)
        for i in range(len(args), max(wanted, default=-1) + 1):
            moved.append(kwargs.pop(names[i], defaults[i]))
        for name in kwargs if rules and not self.traits.constant else ():
            if tensors[name] is not None and tensors[name].dtype.kind in "fc":
                raise tensor_by_keyword(self, name)
        return tuple(moved), kwargs
