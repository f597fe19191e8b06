"""A bidirectional LSTM reads sequences of unequal lengths, and says of each which of two marks stands first in it.

python examples/bidirectional_lstm.py; a few seconds.

The sequences are made of five symbols; 1 and 2 are the marks, and 0 fills up the shorter ones. The mask that their
lengths make keeps the filling out of the states, so that the way back begins at the end of each sequence.
"""

import numpy as np

import ntb
from ntb import nn


def sequences(count, seed):
    """Sequences padded to one array (N, T), their lengths, and whether mark 1 stands before mark 2."""
    rng = np.random.default_rng(seed)
    found, first = [], rng.integers(0, 2, count)
    for one_first in first:
        symbols = rng.integers(3, 6, rng.integers(4, 13))
        places = np.sort(rng.choice(len(symbols), 2, replace=False))
        symbols[places] = [1, 2] if one_first else [2, 1]
        found.append(symbols)
    return *nn.pad_sequences(found), first


class Reader(nn.Module):
    """Symbols to vectors, both directions, and a decision from what each knows at its end."""

    def __init__(self, symbols, size):
        self.embedding = nn.Embedding(symbols, size, padding_idx=0)
        self.lstm = nn.LSTM(size, size, bidirectional=True)
        self.decision = nn.Sequential(nn.Last(), nn.Linear(2 * size, 2))

    def __call__(self, x, train=False, lengths=None):
        return self.decision(self.lstm(self.embedding(x), lengths=lengths))


def main(steps=300, show=print):
    ntb.random.seed(0)
    words, lengths, labels = sequences(64, seed=0)
    model, optimizer = Reader(6, 8), ntb.optim.Adam(0.02)

    @ntb.function
    def step(words, lengths, labels):
        loss = lambda: nn.cross_entropy(model(words, train=True, lengths=lengths), labels)
        return optimizer.minimize(loss, model)

    losses = [float(step(words, lengths, labels)) for _ in range(steps)]
    words, lengths, labels = sequences(500, seed=1)
    right = nn.accuracy(model(words, lengths=lengths), labels)
    show(f"loss from {losses[0]:.3f} to {losses[-1]:.3f}, right of 500 new ones {float(right):.3f}")
    return losses


if __name__ == "__main__":
    main()
