"""handwritten digits with a convolutional network, more than 97.5 % right"""

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import numpy as np

from ntb import compat, nn, optim, random, vis
from ntb.data import batches
from ntb.datasets import mnist
from ntb.datasets.dataset import Dataset
from ntb.optim.schedules import Schedule, cosine, warmup
from ntb.progress import say
from ntb.state import named_variables
from ntb.tape.tape import Tape
from ntb.training import Solver

from .demo import Demo
from .styles import Network, adopt, new_graph, without_draws

TIME = "10 s"
DATA = "a folder with the four files of MNIST, for all 60,000 images"


def run(demo: Demo) -> None:
    data = demo.load(mnist.load).scaled()
    model = nn.Sequential(
        nn.Conv2d(1, 24, 5, stride=2, padding=((0, 1), (0, 1))),  # (N, 24, 13, 13)
        nn.MaxPool2d(2, padding="same"),  # (N, 24, 7, 7)
        nn.BatchNorm(24),
        nn.relu,
        nn.Dropout(0.21),
        nn.Conv2d(24, 14, 4),  # (N, 14, 4, 4)
        nn.BatchNorm(14),
        nn.relu,
        nn.Dropout(0.21),
        nn.Flatten(),
        nn.Linear(14 * 4 * 4, 32),
        nn.relu,
        nn.Linear(32, 10),
    )
    train(demo, data, model, layers, rate=0.02, dropped=0.21)


def layers(x: compat.Node, training: compat.Node, kept: compat.Node) -> compat.Node:
    """The same network as a graph: the scores of images x."""
    h, *_ = compat.conv_layer(x, 24, 5, 5, stride=2, padding="minimal")
    h = compat.max_pool_layer(h, 2, 2)
    h, *_ = compat.spatial_batchnorm_layer(h, training)
    h = compat.Dropout(compat.Relu(h), kept)
    h, *_ = compat.conv_layer(h, 14, 4, 4, padding="minimal")
    h, *_ = compat.spatial_batchnorm_layer(h, training)
    h = compat.Dropout(compat.Relu(h), kept)
    h, *_ = compat.affine_layer(h, 32)
    scores, *_ = compat.affine_layer(compat.Relu(h), 10)
    return scores


Layers = Callable[[compat.Node, compat.Node, compat.Node], compat.Node]


def train(demo: Demo, data: Dataset, model: nn.Sequential, layers: Layers, rate: float, dropped: float) -> None:
    """Ten epochs of Adam; the learning rate rises to `rate` in the first, then falls to zero."""
    images = min(100, len(data.x_train))  # in a batch
    steps = demo.steps(10 * (len(data.x_train) // images))
    epochs = Epochs(data.x_train, data.y_train, size=images, steps=steps)
    schedule = warmup(steps // 10, cosine(rate, steps - steps // 10))
    if demo.style == "graph":
        network = graph(model, schedule, layers, data.x_train.shape[1:], dropped)
    else:
        network = eager(demo, model, schedule)

    solver = Solver(  # for x, y in epochs: train_step(x, y), then evaluate(), and so on
        demo.recorded(network.train_step),
        epochs,
        evaluate=lambda: {"val_accuracy": np.mean(predict(network.evaluate, data.x_val) == data.y_val)},
        state=network.state,
        best="val_accuracy",
    )
    demo.history = solver.history
    demo.introduce(data, network)
    with demo.saving(network.state):
        solver.train(epochs.count)
        solver.restore_best()
    if solver.best and not demo.interrupted:
        say(f"epoch {solver.best['epoch']} was the best and is kept")

    answers = predict(network.evaluate, data.x_val)
    say(f"{100 * np.mean(answers == data.y_val):.1f} % of {len(answers)} images that it never saw are recognised")
    demo.curves("a convolutional network")
    first, *_ = named_variables(network.state).values()
    demo.picture("filters.png", vis.filters, first, title="filters of the first layer")
    demo.picture("confusion.png", vis.confusion, data.y_val, answers, data.classes, data.x_val)
    demo.finish()


class Epochs:
    """The batches of the next epoch, each time it is iterated: in a new order, all of one size, so that there is one
    trace. There are as many epochs as make `steps` steps; the last may be a short one.

    Attributes:
        count: how many epochs there are.
    """

    def __init__(self, *arrays: Any, size: int, steps: int) -> None:
        self.arrays = arrays
        self.size = size
        self.whole = len(arrays[0]) // size
        self.count = -(-steps // self.whole)
        self.steps = steps

    def __len__(self) -> int:
        return min(self.whole, self.steps)

    def __iter__(self) -> Iterator[tuple]:
        steps = len(self)
        self.steps -= steps
        return islice(batches(*self.arrays, size=self.size, shuffle=random.default(), drop_last=True), steps)


def predict(evaluate: Callable[[Any], Any], x: Any) -> np.ndarray:
    """The class that has the greatest score, for each of the images (N, …): integers (N,)."""
    return np.concatenate([np.argmax(np.asarray(evaluate(rows)), axis=-1) for (rows,) in batches(x, size=500)])


def eager(demo: Demo, model: nn.Sequential, schedule: Schedule) -> Network:
    parameters = model.trainable_variables()
    optimizer = optim.Adam(lr=schedule)

    @demo.function
    def train_step(x, y):
        with Tape() as tape:
            scores = model(x, train=True)
            loss = nn.cross_entropy(scores, y)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return {"loss": loss, "accuracy": nn.accuracy(scores, y)}

    return Network(model, train_step, model, {"model": model, "optimizer": optimizer})


def graph(model: nn.Sequential, schedule: Schedule, layers: Layers, image: tuple, dropped: float) -> Network:
    g = new_graph()
    with compat.default_graph(g):
        x = compat.Placeholder((-1, *image))
        y = compat.Placeholder((-1,))
        training = compat.Placeholder()
        kept = compat.Placeholder()
        rate = compat.Placeholder()
        scores = layers(x, training, kept)
        loss = compat.CrossEntropyLogits(scores, y)
        accuracy = compat.Equals(compat.Argmax(scores, axis=1), y).mean(axis=0)
        step = compat.Optim(loss, lr=rate, update_rule="adam")
    rates = map(schedule, count())

    def train_step(images, labels):
        fed = {x: images, y: labels, training: True, kept: 1 - dropped, rate: next(rates)}
        *report, _ = g.run([loss, accuracy, step], fed)
        return dict(zip(("loss", "accuracy"), report))

    def evaluate(images):
        with without_draws(g):
            return g.run([scores], {x: images, training: False, kept: 1.0})[0]

    return Network(g, train_step, evaluate, adopt(g, {"model": model}))
