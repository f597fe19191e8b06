"""Sequential: a model of parts, each of which takes what the one before it gives."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..errors import InputError
from ..habits import knows_habits
from .module import Module
from .recurrent.last import Last


class Sequential(Module):
    """One part after the other.

    Args:
        layers: the parts: Modules, which are told whether this is training, or functions of one array.

    Shapes:
        What the first part takes -> what the last one gives, in any shape. Layers convert what they are given to the
        type of their Variables; a layer that gives a tuple of arrays, as a recurrent one does, is followed by
        `Last`, or a function that picks one of them.

    Raises:
        InputError: a part that cannot be called; called, a tuple for a layer that takes one array; and whatever the
            parts raise.

    Parts are counted, and found by their numbers: `len(model)`, `model[0]`, `model[:-1]`.

    >>> from ntb import nn
    >>> nn.Sequential(nn.Linear(784, 50), nn.relu, nn.Dropout(0.2), nn.Linear(50, 10))
    Sequential()
      layers.0: Linear(weight[784, 50], bias[50])
      layers.1: relu
      layers.2: Dropout(p=0.2)
      layers.3: Linear(weight[50, 10], bias[10])
    """

    def __init__(self, *layers: Callable[..., Any]) -> None:
        for i, layer in enumerate(layers):
            if not callable(layer):
                raise InputError(
                    f"Sequential takes layers and functions one by one, Sequential(a, b, c); number {i} is a "
                    f"{type(layer).__name__} (of a list: Sequential(*layers))"
                )
            checked_part(layer, f"number {i} of a Sequential")
        self.layers = list(layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, index: int | slice) -> Any:
        """A part by its number; for a slice a Sequential of the same parts, which it shares."""
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]

    @knows_habits
    def __call__(self, x: Any, train: bool = False) -> Any:
        """What the last part makes of x; `train` is passed on to the Modules among the parts."""
        for i, layer in enumerate(self.layers):
            if isinstance(x, tuple) and _takes_one_array(layer):
                giver = f"layer {i - 1} ({_name(self.layers[i - 1])})" if i else "what is before this Sequential"
                raise InputError(
                    f"{giver} gave a tuple of {len(x)}, and layer {i} ({_name(layer)}) "
                    "takes one array. A recurrent layer gives all states and the last: put lambda out: out[0] between "
                    "them for the states, or say return_state=False; put nn.Last() for the state after the last step"
                )
            x = layer(x, train=train) if isinstance(layer, Module) else layer(x)
        return x


def checked_part(part: Any, place: str) -> Any:
    """What may stand between layers, a Module or a function; neither a class of layers, nor a name."""
    if isinstance(part, type) and issubclass(part, Module):
        raise InputError(f"{place} is the class {part.__name__}, not a layer; call it to make one: {part.__name__}()")
    if not callable(part):
        raise InputError(f"{place} is a layer or a function, such as nn.relu, not {part!r}")
    return part


def _takes_one_array(layer: Any) -> bool:
    """Whether it is of ntb's own, nearly all of which do; a Sequential takes what its first layer does."""
    if isinstance(layer, (Sequential, Last)):
        return False
    home = getattr(layer if inspect.isfunction(layer) else type(layer), "__module__", "")
    return home.startswith("ntb.")


def _name(layer: Any) -> str:
    return getattr(layer, "__name__", type(layer).__name__)
