"""handwritten digits with a convolutional network, more than 97.5 % right"""

from collections.abc import Callable

import numpy as np

from ntb import compat, nn, optim, vis
from ntb.data import batches
from ntb.datasets import mnist
from ntb.datasets.dataset import Dataset
from ntb.optim.schedules import Schedule, cosine, warmup
from ntb.progress import say
from ntb.state import named_variables
from ntb.training import Trainer
from ntb.training.callbacks import Best

from .demo import Demo
from .epochs import Epochs
from .styles import adopt, new_graph, without_draws

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
    images = min(100, len(data.x_train))  # in a batch; all are of one size, so that there is one trace
    rows = batches(data.x_train, data.y_train, size=images, shuffle=demo.seed, drop_last=True)
    steps = demo.steps(10 * len(rows))
    epochs = Epochs(rows, steps)
    schedule = warmup(steps // 10, cosine(rate, steps - steps // 10))
    best = Best("val_accuracy")
    if demo.style == "graph":
        trainer = graph(demo, model, schedule, best, layers, data.x_train.shape[1:], dropped)
    else:
        trainer = eager(demo, model, schedule, best)

    demo.introduce(data, model, state=trainer.state)
    with demo.training(trainer):
        trainer.fit(epochs, until=epochs.count, validation=(data.x_val, data.y_val))
        best.restore_best(trainer)
    if best.report and not demo.interrupted:
        say(f"epoch {best.report['epoch']} was the best and is kept")

    answers = np.argmax(trainer.predict(data.x_val), axis=-1)
    say(f"{100 * np.mean(answers == data.y_val):.1f} % of {len(answers)} images that it never saw are recognised")
    demo.curves("a convolutional network")
    filters = named_variables(trainer.state)["model.layers.0.weight"]
    demo.picture("filters.png", vis.filters, filters, title="filters of the first layer")
    demo.picture("confusion.png", vis.confusion, answers, data.y_val, data.classes, data.x_val)
    demo.finish()


def eager(demo: Demo, model: nn.Sequential, schedule: Schedule, best: Best) -> Trainer:
    return Trainer(
        model, nn.cross_entropy, optim.Adam(schedule), metrics={"accuracy": nn.accuracy},
        callbacks=[best, *demo.callbacks], traced=demo.replay, strategy=demo.strategy,
    )  # fmt: skip


def graph(
    demo: Demo, model: nn.Sequential, schedule: Schedule, best: Best, layers: Layers, image: tuple, dropped: float
) -> Trainer:
    g = new_graph()
    with compat.default_graph(g):
        x = compat.Placeholder((-1, *image))
        y = compat.Placeholder((-1,))
        training = compat.Placeholder()
        kept = compat.Placeholder()
        rate = compat.Placeholder()
        scores = layers(x, training, kept)
        loss = compat.CrossEntropyLogits(scores, y)
        step = compat.Optim(loss, lr=rate, update_rule="adam")

    def train_step(images, labels):
        fed = {x: images, y: labels, training: True, kept: 1 - dropped, rate: schedule(demo.made)}
        value, found, _ = g.run([loss, scores, step], fed)
        return {"loss": value, "predictions": found}

    def evaluate(images):
        with without_draws(g):
            return g.run([scores], {x: images, training: False, kept: 1.0})[0]

    return Trainer(
        evaluate, nn.cross_entropy, step=train_step, state=adopt(g, {"model": model}), traced=False,
        metrics={"accuracy": nn.accuracy}, callbacks=[best, *demo.callbacks],
    )  # fmt: skip
