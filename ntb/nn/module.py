"""Module: a callable object that owns Variables."""

from __future__ import annotations

from typing import Any

from ..random import Generator
from ..state import items_of, named_variables
from ..variable import Variable


class Module:
    """The base of layers and models: attributes that are Variables, Modules, or lists and dicts of them, are its parts.

    A subclass makes its parts in `__init__` and defines `__call__(self, x, train=False)`. `train` is an argument
    of the call, which a model passes on to its layers; it is never a hidden state.

    Of which type the arrays are that go in and out, and of which shape, is the subclass's to say.

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

    def __call__(self, x: Any, train: bool = False) -> Any:
        """The module's output for x. `train` says whether this is a step of training, for dropout and batch norm."""
        raise NotImplementedError(
            f"{type(self).__name__} must define __call__(self, x, train=False), and does not (it is not named forward)"
        )

    def named_variables(self) -> dict[str, Any]:
        """Every Variable, by the path of attributes that leads to it, such as "layers.0.weight"."""
        return {name: v for name, v in named_variables(self).items() if not isinstance(v, Generator)}

    def variables(self) -> list[Variable]:
        """Every Variable, each once, in the order of the attributes."""
        return list(self.named_variables().values())

    def trainable_variables(self) -> list[Variable]:
        """The Variables that an optimizer changes: all but running statistics and the like."""
        return [v for v in self.variables() if v.trainable]

    def describe(self) -> str:
        """What stands in parentheses in the module's repr: by default the shapes of its own Variables."""
        own = [(name, v) for name, v in items_of(self) if isinstance(v, Variable)]
        return ", ".join(f"{name}{list(v.shape)}" for name, v in own)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__}({self.describe()})"]
        stack = [(1, name, child) for name, child in items_of(self)][::-1]
        while stack:
            depth, name, child = stack.pop()
            if isinstance(child, Module):
                lines.append(f"{'  ' * depth}{name}: {type(child).__name__}({child.describe()})")
                stack.extend([(depth + 1, key, below) for key, below in items_of(child)][::-1])
            elif isinstance(child, (list, tuple, dict)):
                stack.extend([(depth, f"{name}.{key}", below) for key, below in items_of(child)][::-1])
            elif callable(child) and not isinstance(child, (Variable, Generator)):
                lines.append(f"{'  ' * depth}{name}: {getattr(child, '__name__', child)}")
        return "\n".join(lines)
