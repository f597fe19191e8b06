"""Multi-head attention as a layer: among the vectors of a sequence, or from one sequence to another.

Whatever the type of the data, it computes in that of its Variables (see `ntb/nn/layers.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...habits import knows_habits
from ...values.creation import in_type
from ..checks import contained, floating_type, following, training, whole_number
from ..dropout import probability
from ..initializers import Initializer, xavier_uniform
from ..layers import Linear
from ..module import Module, unusual
from ..ranges import checked_mask
from .attention import scaled_dot_product_attention, weights_of_values
from .cache import KeyValueCache
from .positions import rotary


class MultiHeadAttention(Module):
    """Attention by several heads, each with queries, keys and values of its own (Vaswani et al., 2017).

    Self-attention if it is called with x alone; cross-attention if keys and values come from a `context`.

    Args:
        size: of the vectors that come in and go out.
        heads: how many; it divides `size`.
        kv_heads: how many heads the keys and values have; it divides `heads`, whose groups share them (Ainslie et al.,
            "GQA", 2023). As many as heads by default.
        context_size: of the vectors of the context; `size` by default.
        causal: whether a vector sees none that comes after it.
        rotary: whether queries and keys are turned by their positions, `ntb.nn.rotary`.
        dropout: the probability that a weight of a value is dropped in training.
        bias: whether something is added to queries, keys, values and the result.
        init: makes the first weights, each from its own shape.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that `init` and dropout draw from.

    Shapes:
        (N, T, size), and a context (N, S, context_size) if any -> (N, T, size).

    Variables:
        query.weight: (size, size).
        query.bias: (size,), zeros at first; None without a bias.
        key.weight: (context_size, kv_heads * size // heads).
        key.bias: (kv_heads * size // heads,), zeros at first.
        value.weight: (context_size, kv_heads * size // heads).
        value.bias: (kv_heads * size // heads,), zeros at first.
        output.weight: (size, size).
        output.bias: (size,), zeros at first.

    Raises:
        InputError: a dtype of integers; numbers of heads that do not divide what they share out; called, an x or a
            context of another size, or a mask that does not fit.

    >>> attention = MultiHeadAttention(32, 4, causal=True)
    >>> attention(np.ones((2, 5, 32), np.float32)).shape
    (2, 5, 32)
    """

    def __init__(
        self,
        size: int,
        heads: int,
        *,
        kv_heads: int | None = None,
        context_size: int | None = None,
        causal: bool = False,
        rotary: bool = False,
        dropout: float = 0.0,
        bias: bool = True,
        init: Initializer = xavier_uniform,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        self.heads = whole_number(heads, "heads")
        self.kv_heads = self.heads if kv_heads is None else whole_number(kv_heads, "kv_heads")
        if size % self.heads or self.heads % self.kv_heads:
            raise InputError(f"heads={heads} must divide the size {size}, and kv_heads={self.kv_heads} the heads")
        self.causal, self.rotary, self.dropout, self.rng = causal, rotary, probability(dropout), rng
        self.head_size = size // self.heads
        narrow, context_size = self.kv_heads * self.head_size, size if context_size is None else context_size
        options: dict[str, Any] = {"bias": bias, "init": init, "dtype": floating_type(dtype), "rng": rng}
        self.query = Linear(size, size, **options)
        self.key = Linear(context_size, narrow, **options)
        self.value = Linear(context_size, narrow, **options)
        self.output = Linear(size, size, **options)

    @knows_habits
    def __call__(
        self,
        x: Any,
        train: bool = False,
        *,
        context: Any = None,
        mask: Any = None,
        key_mask: Any = None,
        cache: KeyValueCache | None = None,
    ) -> Any:
        """(N, T, size) -> (N, T, size). `train` says whether weights are dropped.

        Args:
            context: (N, S, context_size), where keys and values come from; x itself by default.
            mask: which keys a query sees, bools (or numbers to add to the scores) that broadcast to (N, heads, T, S).
            key_mask: bools (N, S), False for keys that nobody sees, such as padding.
            cache: from `new_cache`, keys and values of the steps before; it takes in those of this call.
        """
        train = training(train, "a context and masks are given by name, attention(x, context=…, mask=…)")
        q, k, v, causal, mask = self._heads(x, context, mask, key_mask, cache)
        mixed = scaled_dot_product_attention(
            q, k, v, causal=causal, mask=mask, dropout=self.dropout if train else 0.0, rng=self.rng
        )
        n, _, t, _ = mixed.shape
        return self.output(np.reshape(np.transpose(mixed, (0, 2, 1, 3)), (n, t, self.heads * self.head_size)))

    def attention_weights(self, x: Any, *, context: Any = None, mask: Any = None, key_mask: Any = None) -> Any:
        """How much each vector takes of each other one, by head, to look at: (N, T, size) -> (N, heads, T, S), rows of
        which sum to 1, or to 0 where a query sees nothing. Nothing is dropped.

        >>> MultiHeadAttention(4, 2, causal=True).attention_weights(np.ones((1, 2, 4)))[0, 0]
        Tensor([[1. , 0. ],
                [0.5, 0.5]], dtype=float32)
        """
        q, k, _, causal, mask = self._heads(x, context, mask, key_mask, None)
        return in_type(weights_of_values(q, k, causal, mask), q.dtype)

    def _heads(self, x: Any, context: Any, mask: Any, key_mask: Any, cache: Any) -> tuple[Any, Any, Any, bool, Any]:
        """Queries, keys and values, (N, heads, T or S, head_size); whether they are causal, and the mask of all."""
        x = following(x, self.query.weight)
        source = x if context is None else following(context, self.key.weight)
        if x.ndim != 3 or source.ndim != 3:
            raise InputError(f"attention takes sequences (N, T, D), not arrays of shapes {x.shape} and {source.shape}")
        q, k, v = self._split(self.query(x)), self._split(self.key(source)), self._split(self.value(source))
        if self.rotary:
            start = 0 if cache is None else cache.filled.read()
            q, k = rotary(q, start + np.arange(x.shape[1])), rotary(k, start + np.arange(source.shape[1]))
        causal, masks = self.causal, [] if mask is None else [mask]
        if cache is not None:
            k, v, sees = cache.extend(k, v)
            causal, masks = False, [*masks, sees]
        if key_mask is not None:
            masks.append(np.expand_dims(checked_mask(key_mask), (1, 2)))
        if self.kv_heads < self.heads:
            k, v = (np.repeat(a, self.heads // self.kv_heads, axis=1) for a in (k, v))
        return q, k, v, causal, _both(masks)

    def new_cache(self, batch: int, length: int) -> KeyValueCache:
        """An empty cache for as many sequences, of up to `length` steps; for causal self-attention."""
        if not self.causal:
            raise InputError("a cache is for causal attention: MultiHeadAttention(..., causal=True)")
        return KeyValueCache(batch, self.kv_heads, length, self.head_size, dtype=self.query.weight.dtype)

    def _split(self, x: Any) -> Any:
        """(N, T, heads * head_size) -> (N, heads, T, head_size)."""
        return np.transpose(np.reshape(x, (*x.shape[:2], x.shape[2] // self.head_size, self.head_size)), (0, 2, 1, 3))

    def describe(self) -> str:
        usual = {"kv_heads": self.heads, "causal": False, "rotary": False, "dropout": 0.0}
        return ", ".join([f"heads={self.heads}", *unusual({name: getattr(self, name) for name in usual}, usual)])


def _both(masks: list[Any]) -> Any:
    """One mask for several, of which the first may hold numbers that are added to the scores."""
    if len(masks) < 2:
        return masks[0] if masks else None
    first, *others = map(contained, masks)
    sees = others[0] if len(others) == 1 else np.logical_and(*others)
    return np.logical_and(first, sees) if first.dtype == bool else np.where(sees, first, -np.inf)
