"""handwritten digits with a convolutional network, more than 97.5 % right"""

import numpy as np

import ntb
from ntb import nn, vis
from ntb.datasets import mnist
from ntb.datasets.dataset import Dataset
from ntb.optim.schedules import cosine, warmup

from .demo import Demo, predict

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
    train(demo, data, model, rate=0.02)


def train(demo: Demo, data: Dataset, model: nn.Sequential, rate: float) -> None:
    """Ten epochs of Adam; the learning rate rises to `rate` in the first, then falls to zero."""
    parameters = model.trainable_variables()
    epochs = demo.epochs(data.x_train, data.y_train, size=100, epochs=10)
    rising = epochs.steps // 10
    optimizer = ntb.optim.Adam(lr=warmup(rising, cosine(rate, epochs.steps - rising)))

    @demo.function
    def train_step(x, y):
        with ntb.Tape() as tape:
            scores = model(x, train=True)
            loss = nn.cross_entropy(scores, y)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return {"loss": loss, "accuracy": nn.accuracy(scores, y)}

    solver = ntb.training.Solver(
        train_step,
        epochs,
        evaluate=lambda: {"val_accuracy": np.mean(predict(model, data.x_val) == data.y_val)},
        state={"model": model, "optimizer": optimizer},
        best="val_accuracy",
    )
    demo.history = solver.history
    demo.introduce(data, model, f"{sum(p.size for p in parameters)} parameters")
    with demo.training():
        solver.train(len(epochs))  # and puts the state of the best epoch back
    if solver.best and not demo.interrupted:
        print(f"epoch {solver.best['epoch']} was the best and is kept")

    answers = predict(model, data.x_val)
    print(f"{100 * np.mean(answers == data.y_val):.1f} % of {len(answers)} images that it never saw are recognised")
    demo.save(solver.state)
    demo.curves("a convolutional network")
    demo.picture("filters.png", vis.filters, parameters[0], title="filters of the first layer")
    demo.picture("confusion.png", vis.confusion, data.y_val, answers, data.classes, data.x_val)
    demo.finish()
