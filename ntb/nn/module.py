"""Module: a callable object that owns Variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError
from ..habits import knows_habits, of_class
from ..random import Generator
from ..state import items_of, named_variables
from ..variable import Variable
from .outline import as_html, as_text
from .summary import Summary, summarized
from .unsized import may_be_unsized

_MEANT = ("trainable", "requires_grad", "frozen", "freeze", "learnable", "stop_gradient", "training", "train", "eval")
"""How other libraries spell what is `trainable` here, or an argument of the call."""


class Module:
    """The base of layers and models: attributes that are Variables, Modules, or lists and dicts of them, are its parts.

    A subclass makes its parts in `__init__` and defines `__call__(self, x, train=False)`. `train` is an argument
    of the call, which a model passes on to its layers; it is never a hidden state.

    `layer.trainable = False` freezes all its Variables, `= True` makes its parameters trainable again, and running
    statistics are left alone. So it goes for a single one, `layer.bias.trainable = False`. What is frozen gets no
    gradient by itself, no optimizer changes it, in programs traced before either, and saved state remembers it.

    Of which type the arrays are that go in and out, and of which shape, is the subclass's to say.

    A Variable without a name of its own is called by the path of attributes that leads to it, "layers.0.weight", once
    the model was asked for its variables.

    >>> import ntb
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = ntb.Variable(2.0)
    ...         self.offset = ntb.Variable(1.0)
    ...     def __call__(self, x, train=False):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0)
    Tensor(7.)
    >>> list(line.named_variables())
    ['slope', 'offset']
    """

    __getattr__ = of_class("model")

    size_axis: int | str | None = None
    """Of a layer whose first argument is a size of its input: the axis on which x has it, or the option that says
    which. The size may then be left out, as None."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__init__" in vars(cls) and cls.__module__.startswith("ntb."):
            made = cls.__init__ if cls.size_axis is None else may_be_unsized(cls.__init__)
            cls.__init__ = knows_habits(made)  # type: ignore[method-assign]

    def __call__(self, x: Any, train: bool = False) -> Any:
        """The module's output for x. `train` says whether this is a step of training, for dropout and batch norm."""
        raise NotImplementedError(
            f"{type(self).__name__} must define __call__(self, x, train=False), and does not (it is not named forward)"
        )

    def named_variables(self) -> dict[str, Any]:
        """Every Variable, by the path of attributes that leads to it, such as "layers.0.weight". One without a name of
        its own is called so from then on, in programs and errors."""
        found = {path: v for path, v in named_variables(self).items() if not isinstance(v, Generator)}
        for path, v in found.items():
            v.reached(path)
        return found

    def variables(self) -> list[Variable]:
        """Every Variable, each once, in the order of the attributes."""
        return list(self.named_variables().values())

    def trainable_variables(self) -> list[Variable]:
        """The Variables that an optimizer changes: all but running statistics and the like."""
        return [v for v in self.variables() if v.trainable]

    @property
    def trainable(self) -> bool:
        """Whether any of its Variables is trainable. To set it freezes all, or ends that."""
        return any(v.trainable for v in self.variables())

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if not isinstance(value, (bool, np.bool_)):
            raise InputError(f"trainable is True or False, not {value!r}")
        if not vars(self) and "__init__" in vars(type(self)):
            raise InputError(
                f"this {type(self).__name__} has no parts yet that could be frozen; set trainable when they are made"
            )
        for v in self.variables():
            v.parameter = v.parameter or v.trainable
            v.trainable = bool(value) and v.parameter

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, (bool, np.bool_)) and not hasattr(type(self), name) and _means_freezing(type(self), name):
            raise InputError(
                f"nothing reads {name!r} of a {type(self).__name__}: freeze it by `layer.trainable = False`; whether "
                "this is training is an argument, `model(x, train=True)`. (For a flag of your own of this name, "
                f"declare it in your class: `{name}: bool`)"
            )
        object.__setattr__(self, name, value)
        if isinstance(value, Variable) and not name.startswith("_"):
            value.reached(name)

    @knows_habits
    def summary(self, x: Any, *args: Any, **options: Any) -> Summary:
        """Call the model and tell of each part what it gives, how many parameters it has, and what it costs.

        Args:
            x: what the model takes, of any type; or its shape, a tuple, for zeros of float32.
            args, options: further arguments of the call.

        Returns:
            A table to be printed, whose `rows` have the numbers.

        >>> from ntb import nn
        >>> nn.Sequential(nn.Linear(784, 50), nn.relu, nn.Linear(50, 10)).summary((100, 784))
        part               output     parameters   flop  memory
        -------------------------------------------------------
        Sequential         (100, 10)           0  8.0 M   44 kB
          layers.0 Linear  (100, 50)      39,250  7.8 M   20 kB
          layers.2 Linear  (100, 10)         510  101 k  4.0 kB
        <BLANKLINE>
        39,760 parameters are trained, 0 numbers are not
        """
        return summarized(self, Module, x, args, options)

    def describe(self) -> str:
        """What stands in parentheses in the module's repr: by default the shapes of its own Variables."""
        own = [(name, v) for name, v in items_of(self) if isinstance(v, Variable)]
        return ", ".join(f"{name}{list(v.shape)}" for name, v in own)

    def __repr__(self) -> str:
        return as_text(self, Module)

    def _repr_html_(self) -> str:
        return as_html(self, Module)


def unusual(options: Mapping[str, Any], usual: Mapping[str, Any]) -> list[str]:
    """What a layer shows of its options: those that are not the usual ones."""
    return [f"{name}={options[name]}" for name in options if options[name] != usual[name]]


def _means_freezing(kind: type, name: str) -> bool:
    """Whether a flag that a class does not declare is probably meant to freeze, or to say that this is training."""
    from difflib import get_close_matches

    declared = {name for base in kind.__mro__ for name in vars(base).get("__annotations__", ())}
    close = get_close_matches(name.lower().strip("_").removeprefix("is_"), _MEANT, 1, 0.85)
    return bool(close) and name not in declared
