"""Steps of random programs of square matrices: each makes a matrix of those so far and of the surroundings.

NumPy is all that is imported, so that they run on an earlier ntb as well (`benchmarks.compare_bits`).
"""

import numpy as np

INDEX = np.array([2, 0, 0, 1])

STEPS = [
    lambda h, e: np.tanh(h[-1]),
    lambda h, e: np.exp(-h[-1] * h[-1]),
    lambda h, e: h[-1] + h[0],
    lambda h, e: h[-1] - h[len(h) // 2],
    lambda h, e: h[-1] * h[0],
    lambda h, e: h[-1] / (np.abs(h[0]) + 1.5),
    lambda h, e: h[-1] @ h[0] * 0.2,
    lambda h, e: h[-1] @ h[-1].T * 0.1,
    lambda h, e: h[-1].T,
    lambda h, e: h[-1][::-1],
    lambda h, e: h[-1][:, ::-1] * 1.5,
    lambda h, e: np.roll(h[-1], 1, axis=0),
    lambda h, e: h[-1][INDEX % h[-1].shape[0]][: h[-1].shape[0]] if h[-1].shape[0] == 4 else h[-1],
    lambda h, e: np.sort(h[-1], axis=1),
    lambda h, e: h[-1] - np.mean(h[-1], axis=0, keepdims=True),
    lambda h, e: np.cumsum(h[-1], axis=1) * 0.3,
    lambda h, e: np.sum(h[-1]) * h[0] * 0.01,
    lambda h, e: np.where(h[-1] > 0, h[-1], h[0]),
    lambda h, e: np.maximum(h[-1], 0.0),
    lambda h, e: h[-1] + e["w"],
    lambda h, e: e["w"] @ h[-1] * 0.3,
    lambda h, e: h[-1] * e["lr"] + h[0] * (1 - e["lr"]),
    lambda h, e: h[-1] * e["const"],
    lambda h, e: np.einsum("ij,jk->ki", h[-1], h[0]) * 0.2,
    lambda h, e: np.concatenate([h[-1][1:], h[0][:1]]),
    lambda h, e: np.transpose(np.reshape(np.ravel(h[-1]), h[-1].shape)),
    lambda h, e: np.var(h[-1], axis=1)[:, None] + h[-1],
    lambda h, e: np.broadcast_to(np.max(h[-1], axis=0), h[-1].shape) + h[-1],
    lambda h, e: h[-1] + e["rng"].normal(0.0, 0.1, h[-1].shape),
    lambda h, e: h[-1] * (e["rng"].random(h[-1].shape) < 0.8),
    lambda h, e: h[-1] * np.linalg.norm(h[0]) * 0.1,
    lambda h, e: h[-1] + np.arange(h[-1].shape[0]) * 0.1,
    lambda h, e: h[-1] ** 2 * 0.5,
    lambda h, e: 1.0 / (1.0 + np.exp(-h[-1])),
    lambda h, e: np.clip(h[-1], -1.0, 1.0) + 0.1 * h[-1],
    lambda h, e: h[-1] * h[-1][0, 0],
    lambda h, e: h[-1] * 2 if h[-1][0, 0] > 0 else h[-1] * 3,
    lambda h, e: np.stack([h[-1], h[0]]).mean(axis=0),
    lambda h, e: h[-1] + np.take(h[0], [0], axis=1),
    lambda h, e: h[-1].astype(np.float32),
    lambda h, e: np.swapaxes(h[-1], 0, 1)[:, :],
]
