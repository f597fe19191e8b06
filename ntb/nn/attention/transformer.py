"""The blocks of transformers: attention and a small network at each position, each beside a way round it.

Whatever the type of the data, they compute in that of their Variables (see `ntb/nn/layers.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ..activations.smooth import gelu
from ..layers import Dropout
from ..module import Module
from ..normalization.layers import LayerNorm
from .cache import KeyValueCache
from .feed_forward import FeedForward
from .layers import MultiHeadAttention


class TransformerEncoderLayer(Module):
    """A block of a transformer: self-attention, then a small network, each added to what comes in (Vaswani et al.,
    2017). With `causal=True` it is a block of a GPT.

    Args:
        size: of the vectors that come in and go out.
        heads: of the attention; it divides `size`.
        hidden: of the network; four times the size by default.
        dropout: the probability that a number is dropped in training: of attention's weights, in the network, and of
            what either adds.
        activation: of the network.
        norm_first: whether layer norm is before attention and network, which deep stacks train better with (Xiong et
            al., 2020), or after each sum, as in the paper.
        causal, rotary, kv_heads: as in `MultiHeadAttention`.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that weights and dropout are drawn from.

    Shapes:
        (N, T, size), which stays.

    Raises:
        InputError: as for `MultiHeadAttention`.

    >>> TransformerEncoderLayer(32, 4)(np.ones((2, 5, 32))).shape
    (2, 5, 32)
    """

    def __init__(
        self,
        size: int,
        heads: int,
        hidden: int | None = None,
        *,
        dropout: float = 0.0,
        activation: Callable[[Any], Any] = gelu,
        norm_first: bool = True,
        causal: bool = False,
        rotary: bool = False,
        kv_heads: int | None = None,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        options: dict[str, Any] = {"dropout": dropout, "dtype": dtype, "rng": rng}
        self.norm_first = norm_first
        self.attention_norm = LayerNorm(size, dtype=dtype)
        self.attention = MultiHeadAttention(size, heads, causal=causal, rotary=rotary, kv_heads=kv_heads, **options)
        self.network_norm = LayerNorm(size, dtype=dtype)
        self.network = FeedForward(size, hidden, activation=activation, **options)
        self.dropout = Dropout(dropout, rng=rng)

    def __call__(
        self,
        x: Any,
        train: bool = False,
        *,
        mask: Any = None,
        key_mask: Any = None,
        cache: KeyValueCache | None = None,
    ) -> Any:
        """(N, T, size) -> (N, T, size); masks and cache as in `MultiHeadAttention`. `train` is for the dropout."""
        see = {"mask": mask, "key_mask": key_mask, "cache": cache}
        x = _beside(x, self.attention_norm, lambda x: self.attention(x, train, **see), self, train)
        return _beside(x, self.network_norm, lambda x: self.network(x, train), self, train)


class TransformerDecoderLayer(Module):
    """A block of a transformer that translates: causal self-attention, attention to a context, then a small network,
    each added to what comes in (Vaswani et al., 2017).

    Args:
        size, heads, hidden, dropout, activation, norm_first: as in `TransformerEncoderLayer`.
        context_size: of the vectors of the context; `size` by default.
        dtype, rng: as in `TransformerEncoderLayer`.

    Shapes:
        (N, T, size), which stays; and a context (N, S, context_size).

    Raises:
        InputError: as for `MultiHeadAttention`.

    >>> TransformerDecoderLayer(32, 4)(np.ones((2, 5, 32)), context=np.ones((2, 7, 32))).shape
    (2, 5, 32)
    """

    def __init__(
        self,
        size: int,
        heads: int,
        hidden: int | None = None,
        *,
        dropout: float = 0.0,
        activation: Callable[[Any], Any] = gelu,
        norm_first: bool = True,
        context_size: int | None = None,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        options: dict[str, Any] = {"dropout": dropout, "dtype": dtype, "rng": rng}
        self.norm_first = norm_first
        self.attention_norm = LayerNorm(size, dtype=dtype)
        self.attention = MultiHeadAttention(size, heads, causal=True, **options)
        self.context_norm = LayerNorm(size, dtype=dtype)
        self.context_attention = MultiHeadAttention(size, heads, context_size=context_size, **options)
        self.network_norm = LayerNorm(size, dtype=dtype)
        self.network = FeedForward(size, hidden, activation=activation, **options)
        self.dropout = Dropout(dropout, rng=rng)

    def __call__(
        self,
        x: Any,
        train: bool = False,
        *,
        context: Any = None,
        key_mask: Any = None,
        context_mask: Any = None,
        cache: KeyValueCache | None = None,
    ) -> Any:
        """(N, T, size) -> (N, T, size). `train` is for the dropout.

        Args:
            context: (N, S, context_size), what the encoder gave; to be given.
            key_mask: bools (N, T), False for padding of x; context_mask: (N, S), of the context.
            cache: of the self-attention, as in `MultiHeadAttention`.
        """
        if context is None:
            raise InputError("a decoder layer attends to a context: layer(x, context=what the encoder gave)")
        own: dict[str, Any] = {"key_mask": key_mask, "cache": cache}
        other: dict[str, Any] = {"context": context, "key_mask": context_mask}
        x = _beside(x, self.attention_norm, lambda x: self.attention(x, train, **own), self, train)
        x = _beside(x, self.context_norm, lambda x: self.context_attention(x, train, **other), self, train)
        return _beside(x, self.network_norm, lambda x: self.network(x, train), self, train)


def _beside(x: Any, norm: LayerNorm, part: Callable[[Any], Any], block: Any, train: bool) -> Any:
    """x plus what a part of a block makes of it, normalised before or after."""
    if block.norm_first:
        return x + block.dropout(part(norm(x)), train=train)
    return norm(x + block.dropout(part(x), train=train))
