"""a network that learns to write, character by character: two LSTM layers on the Constitution"""

import textwrap
from collections.abc import Callable

import numpy as np

from ntb import compat, nn, optim, random
from ntb.data import batches
from ntb.datasets import textdata
from ntb.optim.schedules import Schedule, cosine
from ntb.progress import say
from ntb.training import Trainer
from ntb.values.creation import tensor

from .demo import Demo
from .epochs import Epochs
from .styles import adopt, new_graph

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


def cross_entropy(found, y):
    scores, _ = found
    return nn.cross_entropy(scores, y)


def run(demo: Demo) -> None:
    data = demo.load(lambda path: textdata.load(path or "us_constitution.txt", seq_length=30, stride=10))
    model = Writer(len(data.characters))
    rows = batches(
        data.x_train, data.y_train, size=min(25, len(data.x_train)), shuffle=demo.seed, drop_last=True
    )  # all of one size, so that there is one trace
    steps = demo.steps(12 * len(rows))
    epochs = Epochs(rows, steps)
    schedule = cosine(0.005, steps, final=0.0005)

    def sample(length: int, temperature: float) -> str:
        character, state, text = data.x_train[:1, :1], start, data.x_train[0, :1].tolist()
        for _ in range(length):
            character, state = write(character, state, temperature)
            text.append(character.item())
        return textwrap.indent(data.decode(text), "    | ", lambda line: True)

    def show(trainer, report):
        if trainer.epoch % 3 == 0 and trainer.epoch < epochs.count:
            say(f"\n{sample(150, temperature=0.7)}\n")

    make = graph if demo.style == "graph" else eager
    trainer, write, start = make(demo, model, schedule, [show, *demo.callbacks])
    demo.introduce(data, model, state=trainer.state)
    with demo.training(trainer):
        trainer.fit(epochs, until=epochs.count, validation=(data.x_val, data.y_val))

    samples = [f"at temperature {t}:\n{sample(400, temperature=t)}\n" for t in (0.4, 0.7, 1.0)]
    demo.path("samples.txt").write_text("\n".join(samples), encoding="utf-8")
    say("\n".join(samples))
    demo.curves("loss per character, in nats")
    demo.finish()


Made = tuple[Trainer, Callable, tuple]
"""What trains the network; what writes: from a character (1, 1), the state of the cells and a temperature to the next
character and state; and the state before the first character."""


def eager(demo: Demo, model: Writer, schedule: Schedule, callbacks: list) -> Made:
    @demo.function
    def write(character, state, temperature):
        scores, state = model(character, state=state)
        return tensor(random.default().categorical(nn.softmax(scores / temperature))), state

    start = ((model.lower.zeros(1),) * 2, (model.upper.zeros(1),) * 2)
    trainer = Trainer(
        model, cross_entropy, optim.Adam(schedule), callbacks=callbacks, traced=demo.replay, strategy=demo.strategy
    )
    return trainer, write, start


def graph(demo: Demo, model: Writer, schedule: Schedule, callbacks: list) -> Made:
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

    def start(rows):
        return lower.get_zero_state(rows), upper.get_zero_state(rows)

    def fed(rows, state):
        return {x: rows, first_lower: state[0], first_upper: state[1]}

    def train_step(rows, labels):
        value, _ = g.run([loss, step], {**fed(rows, start(len(rows))), y: labels, rate: schedule(demo.made)})
        return value

    def evaluate(rows):
        found, *state = g.run([scores, last_lower, last_upper], fed(rows, start(len(rows))))
        return np.reshape(found, (*rows.shape, -1)), state

    def write(character, state, t):
        found, *state = g.run([drawn, last_lower, last_upper], {**fed(character, state), temperature: t})
        return np.reshape(found, (1, 1)), state

    state = adopt(g, {"model": model})
    trainer = Trainer(evaluate, cross_entropy, step=train_step, state=state, callbacks=callbacks, traced=False)
    return trainer, write, start(1)
