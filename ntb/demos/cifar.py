"""small colour pictures with a convolutional network: drawn shapes, or CIFAR-10"""

from ntb import compat, nn
from ntb.datasets import cifar10, shapes32
from ntb.datasets.dataset import Dataset
from ntb.progress import say

from .convnet import train
from .demo import Demo

TIME = "15 s"
DATA = "a folder with the files of CIFAR-10 (python or binary version), in place of the drawn shapes"


def run(demo: Demo) -> None:
    data = demo.load(pictures).scaled()
    model = nn.Sequential(
        nn.Conv2d(3, 20, 5, stride=2, padding=((2, 3), (2, 3))),  # (N, 20, 17, 17)
        nn.MaxPool2d(2, padding="same"),  # (N, 20, 9, 9)
        nn.BatchNorm(20),
        nn.relu,
        nn.Conv2d(20, 14, 5),  # (N, 14, 5, 5)
        nn.BatchNorm(14),
        nn.relu,
        nn.Dropout(0.1),
        nn.Flatten(),
        nn.Linear(14 * 5 * 5, 34),
        nn.BatchNorm(34),
        nn.relu,
        nn.Dropout(0.1),
        nn.Linear(34, 16),
        nn.BatchNorm(16),
        nn.relu,
        nn.Linear(16, 10),
    )
    train(demo, data, model, layers, rate=0.01, dropped=0.1)


def pictures(folder: str | None) -> Dataset:
    """CIFAR-10 from its folder; without one the drawn shapes, and a line that says so."""
    if folder:
        return cifar10.load(folder)
    say("this is not CIFAR-10: without --data its place is taken by shapes that are drawn (datasets.shapes32)")
    return shapes32.load()


def layers(x: compat.Node, training: compat.Node, kept: compat.Node) -> compat.Node:
    """The same network as a graph: the scores of images x."""
    h, *_ = compat.conv_layer(x, 20, 5, 5, stride=2, padding="same")
    h = compat.max_pool_layer(h, 2, 2)
    h, *_ = compat.spatial_batchnorm_layer(h, training)
    h, *_ = compat.conv_layer(compat.Relu(h), 14, 5, 5, padding="minimal")
    h, *_ = compat.spatial_batchnorm_layer(h, training)
    h = compat.Dropout(compat.Relu(h), kept)
    h, *_ = compat.affine_layer(h, 34)
    h, *_ = compat.batchnorm_layer(h, training)
    h = compat.Dropout(compat.Relu(h), kept)
    h, *_ = compat.affine_layer(h, 16)
    h, *_ = compat.batchnorm_layer(h, training)
    scores, *_ = compat.affine_layer(compat.Relu(h), 10)
    return scores
