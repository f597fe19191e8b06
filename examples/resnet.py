"""A residual network that tells ten shapes apart: python examples/resnet.py. A minute.

He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016; branches are left out at random as in
Huang, Sun, Liu, Sedra and Weinberger, "Deep networks with stochastic depth", 2016.
"""

import numpy as np

import ntb
from ntb import nn
from ntb.datasets import shapes32
from ntb.training import Trainer


class Block(nn.Module):
    """Two convolutions, and a shortcut around them."""

    def __init__(self, inputs, outputs, stride=1, drop=0.1):
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm(outputs), nn.relu,
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm(outputs), nn.DropPath(drop),
        )  # fmt: skip
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Sequential() if same else nn.Conv2d(inputs, outputs, 1, stride=stride)

    def __call__(self, x, train=False):
        return nn.relu(self.shortcut(x) + self.branch(x, train=train))


def resnet(classes, widths=(16, 32, 64)):
    return nn.Sequential(
        nn.Conv2d(3, widths[0], 3, padding=1, bias=False), nn.BatchNorm(widths[0]), nn.relu,
        *[Block(a, b, stride=1 if a == b else 2) for a, b in zip((widths[0], *widths), widths)],
        nn.GlobalAvgPool(), nn.Linear(widths[-1], classes),
    )  # fmt: skip


def main(epochs=12, images=2000):
    ntb.random.seed(0)
    data = shapes32.load(n_train=images, n_val=images // 4)
    x_train, x_val = [(x / np.float32(128) - 1).astype(np.float32) for x in (data.x_train, data.x_val)]
    trainer = Trainer(resnet(10), nn.cross_entropy, ntb.optim.Adam(2e-3), metrics={"accuracy": nn.accuracy})
    trainer.fit(x_train, data.y_train, epochs=epochs, batch_size=50, validation=(x_val, data.y_val))
    return trainer.history["loss"]


if __name__ == "__main__":
    main()
