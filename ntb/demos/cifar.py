"""small colour pictures with a convolutional network: drawn shapes, or CIFAR-10"""

from ntb import nn
from ntb.datasets import cifar10, shapes32

from .convnet import train
from .demo import Demo

TIME = "15 s"
DATA = "a folder with the files of CIFAR-10 (python or binary version), in place of the drawn shapes"


def run(demo: Demo) -> None:
    data = demo.load(lambda folder: cifar10.load(folder) if folder else shapes32.load()).scaled()
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
    train(demo, data, model, rate=0.01)
