"""What recurrent layers share: weights of one layer or several, one above the other, in one direction or in both.

The weights of the first layer are attributes of the object itself, as `wx` and `wh`. Those for the way back through the
sequences are in `reverse`, and further layers in the list `above`: objects of the same class, each of one layer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from ... import random
from ...errors import InputError
from ...variable import Variable
from ..checks import floating_type, following, training, whole_number
from ..dropout import dropout as dropped
from ..dropout import probability
from ..initializers import Initializer, orthogonal, xavier_uniform
from ..module import Module
from .lengths import mask_of


class Recurrent(Module):
    """The base of recurrent layers.

    Attributes:
        along: of one layer in one direction, the outputs and the parts of the last state, in one tuple; from the
            inputs, the parts of the first state, the weights for the state, and the mask.
        gates: how many blocks of weights lie side by side.
        vectors: those of the Variables that are vectors, with the number of their blocks, and their first value.
    """

    gates = 1
    size_axis = -1
    vectors: ClassVar[dict[str, tuple[int, float]]] = {"b": (1, 0.0)}
    b: Variable
    along: Callable[[Any, tuple, Any, Any], tuple]

    def __init__(
        self,
        inputs: Any,
        units: int,
        *,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_state: bool = True,
        init: Initializer = xavier_uniform,
        recurrent_init: Initializer = orthogonal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype = floating_type(dtype)
        self.units = units
        self.wx = Variable(self._blocks(init, inputs, rng, dtype))
        self.wh = Variable(self._blocks(recurrent_init, units, rng, dtype))
        for name, (blocks, value) in self.vectors.items():
            setattr(self, name, Variable(np.full(blocks * units, value, dtype)))
        self.dropout, self.recurrent_dropout = probability(dropout), probability(recurrent_dropout)
        self.rng = rng if dropout or recurrent_dropout else None
        self.return_state = return_state
        same: dict[str, Any] = {"init": init, "recurrent_init": recurrent_init, "dtype": dtype, "rng": rng}
        self.reverse = type(self)(inputs, units, **same) if bidirectional else None
        self.above = [
            type(self)(2 * units if bidirectional else units, units, bidirectional=bidirectional, **same)
            for _ in range(1, whole_number(layers, "the number of layers"))
        ]

    def _blocks(self, init: Initializer, rows: int, rng: Any, dtype: Any) -> np.ndarray:
        """The weights of the gates, drawn separately and laid side by side."""
        return np.concatenate([init((rows, self.units), rng=rng, dtype=dtype) for _ in range(self.gates)], axis=1)

    def sides(self) -> list[Any]:
        """The object for each layer and direction, in PyTorch's order: the first layer, its way back, the second …"""
        return [side for layer in (self, *self.above) for side in (layer, layer.reverse) if side is not None]

    def zeros(self, batch: int) -> Any:
        """A part of the first state as it is without any, (batch, units), or with an axis for layers and directions."""
        shape, count = (batch, self.units), len(self.sides())
        return np.zeros(shape if count == 1 else (count, *shape), self.wx.dtype)

    def run(self, x: Any, train: bool, state: tuple, mask: Any, lengths: Any) -> tuple[Any, list]:
        """Through all layers, there and back.

        Args:
            state: the parts of the first state, each as it is returned, or None for zeros.

        Returns:
            All outputs (N, T, directions * units), and the parts of the last state: each (N, units), or, if there is
            more than one layer or direction, (layers * directions, N, units).
        """
        train = training(train, "the first state is given by name, layer(x, state=…)")
        x = following(x, self.wx)
        mask = mask_of(x, mask, lengths)
        first = self._apart(state)
        last: list[tuple] = []
        for layer in (self, *self.above):
            if train and self.dropout and layer is not self:
                x = dropped(x, self.dropout, rng=self.rng)
            outputs = []
            for side, turn in (layer, _as_it_is), (layer.reverse, _reversed):
                if side is not None:
                    y, *end = side.along(turn(x), first[len(last)], self._weights(side, train), turn(mask))
                    outputs.append(turn(y))
                    last.append(tuple(end))
            x = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=-1)
        return x, [*last[0]] if len(last) == 1 else [np.stack(parts) for parts in zip(*last)]

    def _weights(self, side: Any, train: bool) -> Any:
        """The weights for the state, in training with some dropped, the same ones at all steps."""
        p = self.recurrent_dropout
        return dropped(side.wh, p, rng=self.rng) if train and p else side.wh

    def _apart(self, state: tuple) -> list[tuple]:
        """The parts of the first state for each layer and direction, in the type of the parameters."""
        count = len(self.sides())
        arrays = [None if part is None else following(part, self.wx) for part in state]
        if count == 1:
            return [tuple(arrays)]
        for a in arrays:
            if a is not None and (a.ndim != 3 or len(a) != count):
                raise InputError(
                    f"the state has shape {a.shape}; with {count} layers and directions together it is "
                    f"({count}, N, {self.units})"
                )
        return [tuple([None if a is None else a[i] for a in arrays]) for i in range(count)]

    def describe(self) -> str:
        drops = {"dropout": self.dropout, "recurrent_dropout": self.recurrent_dropout}
        return ", ".join([super().describe(), *[f"{name}={p}" for name, p in drops.items() if p]])

    def answer(self, outputs: Any, state: Any) -> Any:
        """What a call gives."""
        return (outputs, state) if self.return_state else outputs


def _as_it_is(a: Any) -> Any:
    return a


def _reversed(a: Any) -> Any:
    """Sequences, or a mask, from their end to their beginning."""
    return None if a is None else a[:, ::-1]
