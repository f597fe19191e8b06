"""A U-Net that says of each pixel whether it is of a disc, a square or the ground: python examples/u_net.py. A minute.

Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation", 2015.
"""

from itertools import pairwise

import numpy as np

import ntb
from ntb import nn

CLASSES = ("ground", "disc", "square")


def block(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(2, outputs), nn.silu,
        nn.Conv2d(outputs, outputs, 3, padding=1), nn.GroupNorm(2, outputs), nn.silu,
    )  # fmt: skip


class UNet(nn.Module):
    """On the way down images get smaller and have more channels. On the way up each level sees what it was before."""

    def __init__(self, channels, classes, widths=(8, 16, 32)):
        self.down = [block(a, b) for a, b in zip((channels, *widths), widths)]
        self.up = [nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairwise(widths)]
        self.join = [block(2 * width, width) for width in widths[:-1]]
        self.scores = nn.Conv2d(widths[0], classes, 1)

    def __call__(self, x, train=False):
        """Images (N, channels, H, W) -> scores (N, classes, H, W)."""
        levels = []
        for down in self.down[:-1]:
            levels.append(down(x, train=train))
            x = nn.max_pool2d(levels[-1], 2)
        x = self.down[-1](x, train=train)
        for up, join, level in zip(self.up[::-1], self.join[::-1], levels[::-1]):
            x = join(np.concatenate([up(x), level], axis=1), train=train)
        return self.scores(x)


def pictures(count, rng, size=32):
    """A disc and a square in noise, (N, 1, size, size), and the class of each pixel, (N, size, size)."""
    y, x = np.mgrid[:size, :size]
    labels = np.zeros((count, size, size), np.int64)
    for picture in labels:
        for shape in (1, 2):
            radius = rng.integers(4, 8)
            dy, dx = np.abs(y - rng.integers(radius, size - radius)), np.abs(x - rng.integers(radius, size - radius))
            picture[dy * dy + dx * dx <= radius**2 if shape == 1 else np.maximum(dy, dx) <= radius] = shape
    noise = rng.normal(size=labels.shape)
    return ((labels > 0) + 0.5 * noise)[:, None].astype(np.float32), labels


def main(steps=400, show=print):
    ntb.random.seed(0)
    rng = np.random.default_rng(0)
    model, optimizer = UNet(1, len(CLASSES)), ntb.optim.Adam(3e-3)

    @ntb.function
    def step(x, labels):
        loss = lambda: nn.cross_entropy(model(x, train=True), labels, axis=1)
        return optimizer.minimize(loss, model)

    losses = []
    for i in range(steps):
        losses.append(float(step(*pictures(16, rng))))
        if i % 50 == 49:
            x, labels = pictures(50, np.random.default_rng(1))
            found = np.argmax(model(x).numpy(), axis=1)
            parts = [np.sum((found == i) & (labels == i)) / np.sum((found == i) | (labels == i)) for i in range(3)]
            overlaps = ", ".join(f"{name} {part:.2f}" for name, part in zip(CLASSES, parts))
            show(f"step {i + 1}: loss {np.mean(losses[-50:]):.3f}; overlap of {overlaps}")
    return losses


if __name__ == "__main__":
    main()
