"""Two networks against each other: one draws points of a spiral, the other tells them from true ones.

python examples/gan.py; a few seconds. Goodfellow et al., "Generative adversarial networks", 2014.
"""

import numpy as np

import ntb
from ntb import nn


def spiral(rng, count):
    t = np.sqrt(rng.random((count, 1))) * 3 * np.pi
    return (np.concatenate([np.cos(t), np.sin(t)], axis=1) * t / 10 + 0.02 * rng.normal(size=(count, 2))).astype("f4")


def main(steps=3000, show=print):
    ntb.random.seed(0)
    rng = ntb.random.generator(1)
    maker, judge = nn.MLP(8, 64, 64, 2), nn.MLP(2, 64, 64, 1, activation=nn.leaky_relu)
    maker_optimizer, judge_optimizer = (ntb.optim.Adam(1e-3, beta1=0.5) for _ in range(2))
    right = lambda scores: nn.binary_cross_entropy_with_logits(scores, np.ones(scores.shape))
    wrong = lambda scores: nn.binary_cross_entropy_with_logits(scores, np.zeros(scores.shape))

    @ntb.function
    def step(true, noise):
        with ntb.Tape() as tape:
            judged = right(judge(true)) + wrong(judge(ntb.stop_gradient(maker(noise))))
        judge_optimizer.apply(tape.gradient(judged, judge.variables()), judge.variables())
        with ntb.Tape() as tape:
            fooled = right(judge(maker(noise)))
        maker_optimizer.apply(tape.gradient(fooled, maker.variables()), maker.variables())
        return judged, fooled

    for i in range(1, steps + 1):
        judged, fooled = step(spiral(rng, 256), rng.normal(size=(256, 8), dtype=np.float32))
        if i % 500 == 0:
            show(f"step {i}: loss of the judge {float(judged):.3f}, of the maker {float(fooled):.3f}")
    made = np.asarray(maker(rng.normal(size=(500, 8), dtype=np.float32)))
    return np.mean(np.min(np.linalg.norm(made[:, None] - spiral(rng, 2000)[None], axis=-1), axis=1))


if __name__ == "__main__":
    print(f"mean distance of a drawn point from the spiral: {main():.3f}")
