"""Embeddings, as PyTorch computes them."""

import numpy as np

from ntb import nn

from .base import reference

IDS = np.array([[0, 3, 1], [2, 2, 4], [0, 4, 3]])
WEIGHT = [(5, 2)]


def with_zeros(torch, w, padding_idx):
    """PyTorch gives whatever the padding row holds, and only its layer begins with zeros there; ours gives zeros."""
    return torch.cat([w[:padding_idx], 0 * w[padding_idx : padding_idx + 1], w[padding_idx + 1 :]])


reference(
    "embedding with padding_idx", "torch", WEIGHT, lambda w: nn.embedding(IDS, w, padding_idx=2),
    lambda torch, w: torch.nn.functional.embedding(torch.tensor(IDS), with_zeros(torch, w, 2), padding_idx=2),
)  # fmt: skip
for mode in ("mean", "sum", "max"):
    for padding_idx in (None, 2, 4):
        reference(
            f"embedding_bag {mode}, padding_idx {padding_idx}", "torch", WEIGHT,
            lambda w, mode=mode, padding_idx=padding_idx: nn.embedding_bag(IDS, w, mode=mode, padding_idx=padding_idx),
            lambda torch, w, mode=mode, padding_idx=padding_idx: torch.nn.functional.embedding_bag(
                torch.tensor(IDS), w, mode=mode, padding_idx=padding_idx
            ),
        )  # fmt: skip
