"""a network that learns to write, character by character: two LSTM layers on the Constitution"""

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from ntb import compat, nn, optim, random
from ntb.data import batches
from ntb.datasets import textdata
from ntb.optim.schedules import Schedule, cosine
from ntb.progress import say
from ntb.tape.tape import Tape
from ntb.values.creation import tensor

from .demo import Demo
from .styles import Network, adopt, new_graph

TIME = "30 s"
DATA = "a text file (UTF-8) to learn from"


class Writer(nn.Module):
    """Scores for the next character at each place of (N, T) characters, and the state behind the last."""

    def __init__(self, characters: int) -> None:
        self.embedding = nn.Embedding(characters, 32)
        self.lower = nn.LSTM(32, 64)
        self.upper = nn.LSTM(64, 64)
        self.scores = nn.Linear(64, characters)

    def __call__(self, x, train=False, state=(None, None)):
        h, lower = self.lower(self.embedding(x), state=state[0])
        h, upper = self.upper(h, state=state[1])
        return self.scores(h), (lower, upper)


@dataclass
class WritingNetwork(Network):
    """A network whose training step and evaluation go from characters and those that follow, (N, T), to the loss.

    Attributes:
        write: from a character (1, 1), the state of the cells and a temperature to the next character and state.
        start: the state before the first character.
    """

    write: Callable
    start: Any


def run(demo: Demo) -> None:
    data = demo.load(lambda path: textdata.load(path or "us_constitution.txt", seq_length=30, stride=10))
    model = Writer(len(data.characters))
    steps = demo.steps(2000)
    schedule = cosine(0.005, steps, final=0.0005)
    network = graph(model, schedule) if demo.style == "graph" else eager(demo, model, schedule)

    def sample(length: int, temperature: float) -> str:
        character, state, text = data.x_train[:1, :1], network.start, data.x_train[0, :1].tolist()
        for _ in range(length):
            character, state = network.write(character, state, temperature)
            text.append(character.item())
        return textwrap.indent(data.decode(text), "    | ", lambda line: True)

    train_step = demo.recorded(network.train_step)
    rows = endless(data.x_train, data.y_train, size=25)
    log = demo.log(steps)
    demo.introduce(data, network)
    with demo.saving(network.state):
        for step in range(1, steps + 1):
            x, y = next(rows)
            log.add(train_step(x, y))
            if step == 1 or step % 100 == 0 or step == steps:
                log.line(val_loss=network.evaluate(data.x_val, data.y_val))
            if step % 500 == 0 and step < steps:
                say(f"\n{sample(150, temperature=0.7)}\n")

    samples = [f"at temperature {t}:\n{sample(400, temperature=t)}\n" for t in (0.4, 0.7, 1.0)]
    demo.path("samples.txt").write_text("\n".join(samples), encoding="utf-8")
    say("\n".join(samples))
    demo.curves("loss per character, in nats")
    demo.finish()


def endless(*arrays: Any, size: int) -> Iterator[tuple]:
    """Batches of one size, epoch after epoch, each in another order."""
    size = min(size, len(arrays[0]))
    while True:
        yield from batches(*arrays, size=size, shuffle=random.default(), drop_last=True)


def eager(demo: Demo, model: Writer, schedule: Schedule) -> WritingNetwork:
    parameters = model.trainable_variables()
    optimizer = optim.Adam(lr=schedule)

    @demo.function
    def train_step(x, y):
        with Tape() as tape:
            loss = nn.cross_entropy(model(x)[0], y)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    @demo.function
    def evaluate(x, y):
        return nn.cross_entropy(model(x)[0], y)

    @demo.function
    def write(character, state, temperature):
        scores, state = model(character, state=state)
        return tensor(random.default().categorical(nn.softmax(scores / temperature))), state

    start = ((model.lower.zeros(1),) * 2, (model.upper.zeros(1),) * 2)
    return WritingNetwork(model, train_step, evaluate, {"model": model, "optimizer": optimizer}, write, start)


def graph(model: Writer, schedule: Schedule) -> WritingNetwork:
    characters = model.embedding.weight.shape[0]
    lower, upper = compat.Lstm(64), compat.Lstm(64)
    g = new_graph()
    with compat.default_graph(g):
        x = compat.Placeholder((-1, -1))
        y = compat.Placeholder((-1, -1))
        first_lower = compat.Placeholder((2, -1, 64))
        first_upper = compat.Placeholder((2, -1, 64))
        temperature = compat.Placeholder()
        rate = compat.Placeholder()
        h, last_lower = lower(compat.Embed(x, compat.Variable(shape=(characters, 32))), first_lower)
        h, last_upper = upper(h, first_upper)
        scores, *_ = compat.affine_layer(compat.Reshape(h, shape=(-1, 64)), characters)
        loss = compat.CrossEntropyLogits(scores, compat.Reshape(y, shape=(-1,)))
        drawn = compat.Sample(compat.Softmax(scores / temperature))
        step = compat.Optim(loss, lr=rate, update_rule="adam")
    rates = map(schedule, count())

    def start(rows: int) -> tuple:
        return lower.get_zero_state(rows), upper.get_zero_state(rows)

    def fed(rows: Any, state: tuple) -> dict:
        return {x: rows, first_lower: state[0], first_upper: state[1]}

    def train_step(rows, labels):
        value, _ = g.run([loss, step], {**fed(rows, start(len(rows))), y: labels, rate: next(rates)})
        return value

    def evaluate(rows, labels):
        return g.run([loss], {**fed(rows, start(len(rows))), y: labels})[0]

    def write(character, state, t):
        found, *state = g.run([drawn, last_lower, last_upper], {**fed(character, state), temperature: t})
        return np.reshape(found, (1, 1)), state

    return WritingNetwork(g, train_step, evaluate, adopt(g, {"model": model}), write, start(1))
