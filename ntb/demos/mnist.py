"""handwritten digits with a small network, 784-50-10, all images in each step"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ntb import compat, nn, optim, vis
from ntb.data import batches
from ntb.datasets import mnist
from ntb.progress import say
from ntb.state import named_variables
from ntb.training import Trainer
from ntb.variable import Variable

from .demo import Demo
from .epochs import Epochs
from .styles import adopt, new_graph

TIME = "10 s"
DATA = "a folder with the four files of MNIST, for all 60,000 images"
RATE, PENALTY = 0.2, 1e-2


def run(demo: Demo) -> None:
    data = demo.load(mnist.load).scaled()
    # Large inputs leave the weights small, so that L2 costs little.
    mean, half = data.x_train.mean(), data.x_train.std() / 2
    x, x_val = ((images.reshape(-1, 784) - mean) / half for images in (data.x_train, data.x_val))

    model = nn.Sequential(
        nn.Linear(784, 50, init=nn.initializers.xavier_normal),
        nn.sigmoid,
        nn.Linear(50, 10, init=nn.initializers.xavier_normal),
    )
    epochs = Epochs(one_batch(demo, x, data.y_train), demo.steps(500), passes=50)
    trainer = graph(demo, model) if demo.style == "graph" else eager(demo, model)

    demo.introduce(data, model, state=trainer.state)
    with demo.training(trainer):
        trainer.fit(epochs, until=epochs.count, validation=(x_val, data.y_val))

    answers = np.argmax(trainer.predict(x_val), axis=-1)
    say(f"{100 * np.mean(answers == data.y_val):.1f} % of {len(answers)} images that it never saw are recognised")
    demo.curves("784-50-10 on MNIST")
    units = named_variables(trainer.state)["model.layers.0.weight"].value.T.reshape(50, 28, 28)
    demo.picture("filters.png", vis.filters, units, title="what each hidden unit looks for")
    demo.picture("confusion.png", vis.confusion, answers, data.y_val, data.classes, data.x_val)
    demo.finish()


def one_batch(demo: Demo, x: np.ndarray, y: np.ndarray) -> Any:
    """All images as one batch. To the workers of a cluster they travel once, not in each step."""
    if demo.strategy is None:
        return batches(x, y, size=len(x))
    from ntb.distributed import rows

    return rows(x, y, size=len(x), shards=demo.strategy.shards)


def penalised(*weights: Variable) -> Callable[..., Any]:
    """The loss of scores, with the L2 penalty on weights."""

    def loss(scores, y):
        return nn.cross_entropy(scores, y) + PENALTY * nn.l2(*weights)

    return loss


def eager(demo: Demo, model: nn.Sequential) -> Trainer:
    return Trainer(
        model, penalised(model[0].weight, model[2].weight), optim.SGD(lr=RATE, momentum=0.9, lr_in_velocity=True),
        metrics={"accuracy": nn.accuracy}, callbacks=demo.callbacks, traced=demo.replay, strategy=demo.strategy,
    )  # fmt: skip


def graph(demo: Demo, model: nn.Sequential) -> Trainer:
    g = new_graph()
    with compat.default_graph(g):
        x = compat.Placeholder([-1, 784])
        y = compat.Placeholder([-1])
        rate = compat.Placeholder()
        hidden, w1, _ = compat.affine_layer(x, 50)
        scores, w2, _ = compat.affine_layer(compat.Sigmoid(hidden), 10)
        loss = compat.CrossEntropyLogits(scores, y) + PENALTY * compat.L2(w1, w2)
        step = compat.Optim(loss, lr=rate)

    def train_step(images, labels):
        value, found, _ = g.run([loss, scores, step], {x: images, y: labels, rate: RATE})
        return {"loss": value, "predictions": found}

    def evaluate(images):
        return g.run([scores], {x: images})[0]

    state = adopt(g, {"model": model})
    weights = [state["model.layers.0.weight"], state["model.layers.2.weight"]]
    return Trainer(
        evaluate, penalised(*weights), step=train_step, state=state, traced=False,
        metrics={"accuracy": nn.accuracy}, callbacks=demo.callbacks,
    )  # fmt: skip
