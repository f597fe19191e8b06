"""Layers that own the vectors of symbols. They compute in the type of their Variables (see `ntb/nn/layers.py`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...variable import Variable
from ..checks import floating_type, following
from ..initializers import Initializer, normal
from ..linear import linear
from ..module import Module
from .embedding import bag_mode, checked_padding, embedding, embedding_bag


class Embedding(Module):
    """A vector for each of some symbols, such as words or characters, which are numbered from 0 on.

    Args:
        count: how many symbols there are.
        size: the length of each vector.
        padding_idx: the id of what only fills up sequences: its vector is 0 and stays so.
        init: makes the first weight, from its shape; by default normally distributed with standard deviation 1.
        dtype: of the Variable, a floating-point type, which is that of the output.
        rng: the generator that `init` draws from.

    Shapes:
        (...) -> (..., size): integers of any type and shape.

    Variables:
        weight: (count, size), one row for each symbol.

    Raises:
        InputError: a dtype of integers, a padding_idx that is no id; called, with a number that is no integer,
            negative, or `count` and more.

    >>> Embedding(70, 32)
    Embedding(weight[70, 32])
    """

    def __init__(
        self,
        count: int,
        size: int,
        *,
        padding_idx: int | None = None,
        init: Initializer = normal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype = floating_type(dtype)
        first = init((count, size), rng=rng, dtype=dtype)
        self.padding_idx = padding_idx
        if padding_idx is not None:
            first[checked_padding(padding_idx, count)] = 0
        self.weight = Variable(first)

    def __call__(self, x: Any, train: bool = False) -> Any:
        """Integers (...) -> vectors (..., size). `train` makes no difference."""
        return embedding(x, self.weight, padding_idx=self.padding_idx)

    def attend(self, x: Any) -> Any:
        """Vectors (..., size) -> scores (..., count), their products with all rows: so the layer that reads symbols may
        also predict them, with the same weights (Press and Wolf, 2017)."""
        return linear(following(x, self.weight), np.transpose(self.weight))


class EmbeddingBag(Module):
    """`ntb.nn.embedding_bag`: a vector for a bag of symbols, such as the words of a text in any order.

    Args:
        count: how many symbols there are.
        size: the length of each vector.
        mode: "mean", "sum" or "max" of the vectors of a bag.
        padding_idx: an id that does not count, to fill up bags; its row is 0 and stays so.
        init, dtype, rng: as in `Embedding`.

    Shapes:
        (..., L) -> (..., size): integers of any type, L of them in each bag.

    Variables:
        weight: (count, size), one row for each symbol.

    Raises:
        InputError: a dtype of integers, an unknown mode, a padding_idx that is no id; called, with a number that is no
            integer, negative, or `count` and more.

    >>> EmbeddingBag(70, 32)([[1, 2, 3], [4, 5, 6]]).shape
    (2, 32)
    """

    def __init__(
        self,
        count: int,
        size: int,
        *,
        mode: str = "mean",
        padding_idx: int | None = None,
        init: Initializer = normal,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        bag_mode(mode)
        self.mode, self.padding_idx = mode, padding_idx
        self.weight = Embedding(count, size, padding_idx=padding_idx, init=init, dtype=dtype, rng=rng).weight

    def __call__(self, x: Any, train: bool = False) -> Any:
        """Integers (..., L) -> vectors (..., size). `train` makes no difference."""
        return embedding_bag(x, self.weight, mode=self.mode, padding_idx=self.padding_idx)
