"""small colour pictures with a convolutional network: drawn shapes, or CIFAR-10"""

import numpy as np

import ntb
from ntb import nn, vis
from ntb.datasets import cifar10, shapes32
from ntb.optim.schedules import cosine, warmup

from .demo import Demo, Epochs, predict

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
    parameters = model.trainable_variables()
    epochs = Epochs(data.x_train, data.y_train, size=100, steps=demo.steps(len(data.x_train) // 100 * 10))
    steps = epochs.remaining
    optimizer = ntb.optim.Adam(lr=warmup(steps // 10, cosine(0.01, steps - steps // 10)))

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
        solver.train(len(epochs))

    answers = predict(model, data.x_val)
    print(f"{np.mean(answers == data.y_val):.1%} of {len(answers)} pictures that it never saw are named right")
    demo.save(solver.state)
    demo.curves("convolutional network on small colour pictures")
    demo.picture("filters.png", vis.filters, model.layers[0].weight, title="filters of the first layer")
    demo.picture("confusion.png", vis.confusion, data.y_val, answers, data.classes, data.x_val)
    demo.finish()
