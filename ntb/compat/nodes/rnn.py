"""Recurrent nodes, embeddings, and affine maps of sequences. A state is one array: (2, N, H) for an LSTM, h and c."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ... import nn
from ...errors import InputError
from ...functions import is_ours
from .. import initializers
from ..current import GraphError
from ..misc import Shape, whole
from ..names import parts
from ..node import Node
from .leaves import Variable
from .table import Embed, TemporalAffine, TemporalDot  # noqa: F401  # programs of the earlier ntb find them here


class Projection(Node):
    """The part with the number i of a node whose value is a tuple of n arrays."""

    def init(self, n: int, i: int, shape: Any = None) -> None:
        self.n, self.i = n, i

    def compute(self, parts: Any) -> Any:
        if not isinstance(parts, tuple):
            raise GraphError("an Rnn as a whole cannot be assigned a value; assign its outputs or its last state")
        return parts[self.i]


class RnnCell(Node):
    """The base of cells: x (N, D), state (S, N, H), Wx, Wh, b -> the new state, whose first part is the output.

    `h, state = cell` unpacks. A cell that an Rnn runs along sequences has a classmethod `sequence`, from the same
    inputs with x (N, T, D) to all outputs (N, T, H) and the last state.
    """

    arity = 5

    def infer_shape(self, x: Shape, state: Shape, *weights: Shape) -> Shape:
        return super().infer_shape(x, state, *weights) if self.block else state

    def __iter__(self) -> Iterator[Any]:
        return iter(parts(self[0], self))


class VanillaRnnCell(RnnCell):
    """tanh(x Wx + h Wh + b); the state is (1, N, H)."""

    block = staticmethod(lambda x, state, Wx, Wh, b: np.expand_dims(nn.rnn_cell(x, state[0], Wx, Wh, b), 0))

    @classmethod
    def sequence(cls, x: Any, state: Any, Wx: Any, Wh: Any, b: Any) -> tuple[Any, Any]:
        outputs, h = nn.rnn(x, state[0], Wx, Wh, b)
        return outputs, np.expand_dims(h, 0)


class LstmCell_Raw(RnnCell):
    """A step of an LSTM, gates in the order input, forget, output, candidate; the state is (2, N, H), h and c."""

    block = staticmethod(lambda x, state, Wx, Wh, b: np.stack(nn.lstm_cell(x, (state[0], state[1]), Wx, Wh, b)))

    @classmethod
    def sequence(cls, x: Any, state: Any, Wx: Any, Wh: Any, b: Any) -> tuple[Any, Any]:
        outputs, last = nn.lstm(x, (state[0], state[1]), Wx, Wh, b)
        return outputs, np.stack(last)


class Rnn(Node):
    """A cell along sequences x (N, T, D); `outputs, state = rnn` unpacks (N, T, H) and the last state."""

    def init(self, rnn_cell: type[RnnCell]) -> None:
        known = {"sequence", "block", "compute", "forw_eval", "back_eval"}
        nearest = next((kind for kind in getattr(rnn_cell, "__mro__", ()) if known & vars(kind).keys()), Node)
        if "sequence" not in vars(nearest):
            met = "rnn_cell is a class with the classmethod `sequence(x, state, Wx, Wh, b)`, such as LstmCell_Raw"
            raise GraphError(f"{met}, not {rnn_cell!r:.60}; any cell can be unrolled, one for each x[:, t]")
        self.cell: Any = rnn_cell

    def infer_shape(self, x: Shape, state: Shape, Wx: Shape, Wh: Shape, b: Shape) -> Shape:
        if len(x) != 3:
            raise InputError(f"Rnn: expected x of shape (N, T, D), not {x}")
        self.state_shape = state
        return (*x[:2], Wh[0])

    @property
    def is_uniform(self) -> bool:
        return super().is_uniform and is_ours(self.cell.sequence)

    def compute(self, *inputs: Any) -> Any:
        return self.cell.sequence(*inputs)

    def __iter__(self) -> Iterator[Any]:
        shapes = (self.shape, self.state_shape)
        return iter(parts(*[Projection(self, n=2, i=i, shape=shape) for i, shape in enumerate(shapes)]))


class Lstm:
    """An LSTM layer, whose weights are made at the first call and shared by later ones.

    `h, state = lstm(x, state)` for x (N, D); `outputs, state = lstm(x, state)` for x (N, T, D).
    The bias is zero with ones in its last quarter, as it always was here.
    """

    def __init__(self, num_units: int) -> None:
        self.num_units = whole("num_units", num_units)

    def __call__(self, x: Node, state: Any) -> Any:
        if len(x.shape) not in (2, 3):
            raise GraphError(f"Invalid input shape: an Lstm takes (N, D) or (N, T, D), not {x.shape}")
        if not hasattr(self, "Wx"):
            units, graph = self.num_units, x.graph
            self.Wx = Variable(initializers.xavier_init((x.shape[-1], 4 * units)), graph=graph)
            self.Wh = Variable(initializers.xavier_init((units, 4 * units)), graph=graph)
            self.b = Variable(value=np.repeat([0.0, 0.0, 0.0, 1.0], units), graph=graph)
            self.Wx.role, self.Wh.role, self.b.role = "Wx", "Wh", "b"
        inputs = (x, state, self.Wx, self.Wh, self.b)
        return LstmCell_Raw(*inputs) if len(x.shape) == 2 else Rnn(*inputs, rnn_cell=LstmCell_Raw)

    def get_zero_state(self, batch_size: int, learnable: bool = False, graph: Any = None, as_node: bool = False) -> Any:
        """Zeros of shape (2, batch_size, H): an array, or a Variable that can be fed with another batch size."""
        zeros, shape = np.zeros((2, batch_size, self.num_units)), (2, -1, self.num_units)
        as_node = as_node or learnable
        return Variable(value=zeros, learnable=learnable, shape=shape, graph=graph) if as_node else zeros
