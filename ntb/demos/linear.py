"""a line through 75 points: y = a x + b, by gradient descent with momentum"""

from collections.abc import Callable

import numpy as np

from ntb import compat, nn, optim, random, vis
from ntb.progress import say
from ntb.tape.tape import Tape
from ntb.training import Trainer
from ntb.variable import Variable

from .demo import Demo
from .styles import adopt, new_graph

TIME = "1 s"
DATA = ""
SLOPE, OFFSET = 2.5, -1.0
RATE = 0.05


def run(demo: Demo) -> None:
    x = random.default().uniform(-1.0, 1.0, size=75)
    y = SLOPE * x + OFFSET + 0.3 * random.default().normal(size=75)

    a = Variable(0.0, name="a")
    b = Variable(0.0, name="b")
    step, traced, state = graph(a, b) if demo.style == "graph" else eager(demo, a, b)
    program = traced(x, y)
    if demo.strategy:
        step = shared(demo, **state)
    a, b = state["a"], state["b"]

    train_step = demo.watched(step)
    steps = demo.steps(200)
    log = demo.log(steps, state)
    demo.introduce(f"75 points near {line(SLOPE, OFFSET)}")
    with demo.training(log):
        for i in range(log.step + 1, steps + 1):
            log.add(train_step(x, y))
            if i == 1 or i % 50 == 0 or i == steps:
                log.line()

    found = line(a.item(), b.item())
    say(f"found {found}; the best line there is, by NumPy's polyfit: {line(*np.polyfit(x, y, 1))}")
    program.save_source(demo.path("program.py"))
    say(f"\nThe step that was traced, written out (program.py):\n\n{program.source}")
    demo.curves("a line through 75 points")
    demo.picture("fit.png", vis.fit, x, y, a.value * x + b.value, title=found)
    demo.picture("program.png", vis.graph, program, title="one step of training")
    demo.finish()


def eager(demo: Demo, a: Variable, b: Variable) -> tuple:
    optimizer = optim.SGD(lr=RATE, momentum=0.9, lr_in_velocity=True)

    @demo.function
    def train_step(x, y):
        with Tape() as tape:
            error = a * x + b - y
            loss = np.mean(error**2)
        optimizer.apply(tape.gradient(loss, [a, b]), [a, b])
        return loss

    return train_step, lambda x, y: demo.program(train_step, x, y), {"a": a, "b": b, "optimizer": optimizer}


class Line(nn.Module):
    """The line as a model, which can travel to the workers of a cluster."""

    def __init__(self, a: Variable, b: Variable) -> None:
        self.a, self.b = a, b

    def __call__(self, x, train=False):
        return self.a * x + self.b


def shared(demo: Demo, a: Variable, b: Variable, optimizer: optim.SGD) -> Callable[..., float]:
    """The eager step on a cluster, each worker with its share of the points. A Trainer makes it, as an epoch of one
    step, after which a and b have their values here, too."""
    trainer = Trainer(
        Line(a, b), nn.mse, optimizer, strategy=demo.strategy, seed=demo.seed, traced=demo.replay, progress=False
    )
    return lambda x, y: trainer.fit(x, y, batch_size=len(x), shuffle=False)["loss"][-1]


def graph(a: Variable, b: Variable) -> tuple:
    g = new_graph(np.float64)
    with compat.default_graph(g):
        x = compat.Placeholder([-1])
        y = compat.Placeholder([-1])
        slope = compat.Variable(value=0.0)
        offset = compat.Variable(value=0.0)
        rate = compat.Placeholder()
        error = slope * x + offset - y
        loss = (error**2).mean()
        step = compat.Optim(loss, lr=rate)

    def train_step(xs, ys):
        value, _ = g.run([loss, step], {x: xs, y: ys, rate: RATE})
        return value

    def traced(xs, ys):
        return g.program([loss, step], {x: xs, y: ys, rate: RATE})

    return train_step, traced, adopt(g, {"a": a, "b": b})


def line(slope: float, offset: float) -> str:
    return f"y = {slope:.4f} x {'-' if offset < 0 else '+'} {abs(offset):.4f}"
