"""handwritten digits with a small network, 784-50-10, all images in each step"""

import numpy as np

import ntb
from ntb import nn, vis
from ntb.datasets import mnist

from .demo import Demo

TIME = "10 s"
DATA = "a folder with the four files of MNIST, for all 60,000 images"


def run(demo: Demo) -> None:
    data = demo.load(mnist.load).scaled()
    # Large inputs leave the weights small, so that L2 costs little.
    mean, half = data.x_train.mean(), data.x_train.std() / 2
    x, x_val = ((images.reshape(-1, 784) - mean) / half for images in (data.x_train, data.x_val))

    w1 = ntb.Variable(nn.initializers.xavier_normal((784, 50)), name="w1")
    b1 = ntb.Variable(np.zeros(50, np.float32), name="b1")
    w2 = ntb.Variable(nn.initializers.xavier_normal((50, 10)), name="w2")
    b2 = ntb.Variable(np.zeros(10, np.float32), name="b2")
    parameters = [w1, b1, w2, b2]
    optimizer = ntb.optim.SGD(lr=0.2, momentum=0.9)

    def model(x):
        return nn.sigmoid(x @ w1 + b1) @ w2 + b2

    @demo.function
    def train_step(x, y):
        with ntb.Tape() as tape:
            scores = model(x)
            loss = nn.cross_entropy(scores, y) + 1e-2 * nn.l2(w1, w2)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss, nn.accuracy(scores, y)

    demo.introduce(f"{data}", f"784-50-10, sigmoid, {sum(p.size for p in parameters)} parameters")
    with demo.training():
        loop = demo.loop(demo.steps(500), every=50)
        for _ in loop:
            loss, accuracy = train_step(x, data.y_train)
            loop.log(loss=loss, accuracy=accuracy)
            if loop.due:
                loop.log(val_accuracy=nn.accuracy(model(x_val), data.y_val))

    answers = np.argmax(model(x_val).numpy(), axis=-1)
    print(f"{100 * np.mean(answers == data.y_val):.1f} % of {len(answers)} images that it never saw are recognised")
    demo.save({"w1": w1, "b1": b1, "w2": w2, "b2": b2, "optimizer": optimizer})
    demo.curves("784-50-10 on MNIST")
    demo.picture("filters.png", vis.filters, w1.value.T.reshape(50, 28, 28), title="what each hidden unit looks for")
    demo.picture("confusion.png", vis.confusion, data.y_val, answers, data.classes, data.x_val)
    demo.finish()
