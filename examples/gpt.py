"""A GPT that learns to write, character by character: python examples/gpt.py. Two minutes, 0.8 million parameters."""

import numpy as np

import ntb
from ntb import nn
from ntb.datasets import textdata


class GPT(nn.Module):
    """Scores for the next character at each place of (N, T) characters."""

    def __init__(self, characters, length, size=128, heads=4, layers=4):
        self.embedding = nn.Embedding(characters, size, init=lambda *a, **o: 0.1 * nn.initializers.normal(*a, **o))
        self.positions = nn.LearnedPositions(length, size)
        self.blocks = [nn.TransformerEncoderLayer(size, heads, causal=True, dropout=0.1) for _ in range(layers)]
        self.norm = nn.LayerNorm(size)
        self.scores = nn.Linear(size, characters)

    def __call__(self, x, train=False, caches=None):
        start = caches[0].filled.read() if caches else 0
        h = self.positions(self.embedding(x), start=start)
        for i, block in enumerate(self.blocks):
            h = block(h, train, cache=caches[i] if caches else None)
        return self.scores(self.norm(h))

    def write(self, text, count, **options):
        """Characters (1, T) and `count` more, each drawn among the likeliest and computed from the last alone."""
        caches = [block.attention.new_cache(1, text.shape[1] + count) for block in self.blocks]
        step = ntb.function(lambda x: nn.sample(self(x, caches=caches)[:, -1:], **options))
        new = step(text)
        for _ in range(count):
            text = np.concatenate([text, new], axis=1)
            new = step(np.asarray(new))
        return text


def main(steps=1000, length=64, size=128, layers=4, show=print):
    ntb.random.seed(0)
    data = textdata.load("us_constitution.txt", seq_length=length, stride=16)
    model = GPT(len(data.characters), 4 * length, size=size, layers=layers)
    optimizer = ntb.optim.AdamW(ntb.optim.schedules.warmup(steps // 10, ntb.optim.schedules.cosine(2e-3, steps)))

    @ntb.function
    def step(x, y):
        return optimizer.minimize(lambda: nn.cross_entropy(model(x, train=True), y), model)

    losses = []
    while len(losses) < steps:
        for x, y in ntb.data.batches(data.x_train, data.y_train, size=16, shuffle=len(losses)):
            losses.append(float(step(x, y)))
            if len(losses) % 100 == 0:
                show(f"step {len(losses)}: loss {np.mean(losses[-100:]):.3f}")
            if len(losses) == steps:
                break
    show(data.decode(model.write(data.x_train[:1, :8], 3 * length, temperature=0.8, top_k=20)[0]))
    return losses


if __name__ == "__main__":
    main()
