"""Two networks against each other: one draws points of a spiral, the other tells them from true ones.

python examples/gan.py; a few seconds. Goodfellow et al., "Generative adversarial networks", 2014; the judge learns
faster than the maker, as in Heusel et al., "GANs trained by a two time-scale update rule", 2017.
"""

import numpy as np

import ntb
from ntb import nn


def spiral(rng, count):
    t = np.sqrt(rng.random((count, 1))) * 3 * np.pi
    return (np.concatenate([np.cos(t), np.sin(t)], axis=1) * t / 10 + 0.02 * rng.normal(size=(count, 2))).astype("f4")


def energy_distance(x, y):
    """How far two clouds of points are from each other (Székely and Rizzo, 2013): 0 if both are drawn alike."""
    between = lambda a, b: np.mean(np.linalg.norm(a[:, None] - b, axis=-1))
    return 2 * between(x, y) - between(x, x) - between(y, y)


def main(steps=3000, show=print):
    ntb.random.seed(0)
    rng = ntb.random.generator(1)
    noise = lambda count: rng.normal(size=(count, 8), dtype=np.float32)
    maker, judge = nn.MLP(8, 64, 64, 2), nn.MLP(2, 64, 64, 1, activation=nn.leaky_relu)
    maker_optimizer, judge_optimizer = ntb.optim.Adam(1e-3, beta1=0.5), ntb.optim.Adam(3e-3, beta1=0.5)
    right = lambda scores: nn.binary_cross_entropy_with_logits(scores, np.ones(scores.shape))
    wrong = lambda scores: nn.binary_cross_entropy_with_logits(scores, np.zeros(scores.shape))

    @ntb.function
    def step(true, noise):
        judge_optimizer.minimize(lambda: right(judge(true)) + wrong(judge(maker(noise))), judge)
        maker_optimizer.minimize(lambda: right(judge(maker(noise))), maker)

    distances = []
    for i in range(steps + 1):
        if i % 500 == 0 or i == steps:
            distances.append(energy_distance(maker(noise(500)).numpy(), spiral(rng, 500)))
            show(f"step {i}: drawn points are {distances[-1]:.4f} from true ones")
        step(spiral(rng, 256), noise(256))
    return distances


if __name__ == "__main__":
    main()
