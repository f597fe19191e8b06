"""handwritten digits with a small network, 784-50-10, all images in each step"""

import numpy as np

from ntb import compat, nn, optim, vis
from ntb.datasets import mnist
from ntb.progress import say
from ntb.tape.tape import Tape
from ntb.variable import Variable

from .demo import Demo
from .styles import adopt, new_graph

TIME = "10 s"
DATA = "a folder with the four files of MNIST, for all 60,000 images"
RATE, PENALTY = 0.2, 1e-2


def run(demo: Demo) -> None:
    data = demo.load(mnist.load).scaled()
    # Large inputs leave the weights small, so that L2 costs little.
    mean, half = data.x_train.mean(), data.x_train.std() / 2
    x, x_val = ((images.reshape(-1, 784) - mean) / half for images in (data.x_train, data.x_val))

    weights = {
        "w1": Variable(nn.initializers.xavier_normal((784, 50)), name="w1"),
        "b1": Variable(np.zeros(50, np.float32), name="b1"),
        "w2": Variable(nn.initializers.xavier_normal((50, 10)), name="w2"),
        "b2": Variable(np.zeros(10, np.float32), name="b2"),
    }
    step, evaluate, state = graph(weights) if demo.style == "graph" else eager(demo, weights)

    train_step = demo.watched(step)
    steps = demo.steps(500)
    log = demo.log(steps, state)
    demo.introduce(data, "784-50-10, sigmoid", state=state)
    with demo.training(log):
        for i in range(log.step + 1, steps + 1):
            log.add(train_step(x, data.y_train))
            if i == 1 or i % 50 == 0 or i == steps:
                log.line(val_accuracy=nn.accuracy(evaluate(x_val), data.y_val))

    answers = np.argmax(np.asarray(evaluate(x_val)), axis=-1)
    say(f"{100 * np.mean(answers == data.y_val):.1f} % of {len(answers)} images that it never saw are recognised")
    demo.curves("784-50-10 on MNIST")
    units = state["w1"].value.T.reshape(50, 28, 28)
    demo.picture("filters.png", vis.filters, units, title="what each hidden unit looks for")
    demo.picture("confusion.png", vis.confusion, data.y_val, answers, data.classes, data.x_val)
    demo.finish()


def eager(demo: Demo, weights: dict[str, Variable]) -> tuple:
    w1, b1, w2, b2 = parameters = list(weights.values())
    optimizer = optim.SGD(lr=RATE, momentum=0.9, lr_in_velocity=True)

    def model(x):
        return nn.linear(nn.sigmoid(nn.linear(x, w1, b1)), w2, b2)

    @demo.function
    def train_step(x, y):
        with Tape() as tape:
            scores = model(x)
            loss = nn.cross_entropy(scores, y) + PENALTY * nn.l2(w1, w2)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return {"loss": loss, "accuracy": nn.accuracy(scores, y)}

    return train_step, model, {**weights, "optimizer": optimizer}


def graph(weights: dict[str, Variable]) -> tuple:
    g = new_graph()
    with compat.default_graph(g):
        x = compat.Placeholder([-1, 784])
        y = compat.Placeholder([-1])
        rate = compat.Placeholder()
        hidden, w1, _ = compat.affine_layer(x, 50)
        scores, w2, _ = compat.affine_layer(compat.Sigmoid(hidden), 10)
        loss = compat.CrossEntropyLogits(scores, y) + PENALTY * compat.L2(w1, w2)
        accuracy = compat.Equals(compat.Argmax(scores, axis=1), y).mean(axis=0)
        step = compat.Optim(loss, lr=rate)

    def train_step(images, labels):
        *report, _ = g.run([loss, accuracy, step], {x: images, y: labels, rate: RATE})
        return dict(zip(("loss", "accuracy"), report))

    def evaluate(images):
        return g.run([scores], {x: images})[0]

    return train_step, evaluate, adopt(g, weights)
