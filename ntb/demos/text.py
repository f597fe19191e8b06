"""a network that learns to write, character by character: two LSTM layers on the Constitution"""

import textwrap

import ntb
from ntb import nn
from ntb.datasets import textdata
from ntb.optim.schedules import cosine

from .demo import Demo, endless

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

    def start(self):
        return ((self.lower.zeros(1),) * 2, (self.upper.zeros(1),) * 2)


def run(demo: Demo) -> None:
    data = demo.load(lambda path: textdata.load(path or "us_constitution.txt", seq_length=30, stride=10))
    model = Writer(len(data.characters))
    parameters = model.trainable_variables()
    steps = demo.steps(2000)
    optimizer = ntb.optim.Adam(lr=cosine(0.005, steps, final=0.0005))

    @demo.function
    def train_step(x, y):
        with ntb.Tape() as tape:
            loss = nn.cross_entropy(model(x)[0], y)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    @demo.function
    def evaluate(x, y):
        return nn.cross_entropy(model(x)[0], y)

    @demo.function
    def write(character, state, temperature):
        scores, state = model(character, state=state)
        return ntb.random.default().categorical(nn.softmax(scores / temperature)), state

    def sample(length: int, temperature: float) -> str:
        character, state, text = data.x_train[:1, :1], model.start(), data.x_train[0, :1].tolist()
        for _ in range(length):
            character, state = write(character, state, temperature)
            character = ntb.tensor(character)
            text.append(character.item())
        return textwrap.indent(data.decode(text), "    | ", lambda line: True)

    demo.introduce(data, model, f"{sum(p.size for p in parameters)} parameters")
    with demo.training():
        loop = demo.loop(steps, every=100)
        rows = endless(data.x_train, data.y_train, size=25)
        for step in loop:
            if step % 500 == 1 and step > 1:
                print(f"\n{sample(150, temperature=0.7)}\n")
            loop.log(loss=train_step(*next(rows)))
            if loop.due:
                loop.log(val_loss=evaluate(data.x_val, data.y_val))

    samples = [f"at temperature {t}:\n{sample(400, temperature=t)}\n" for t in (0.4, 0.7, 1.0)]
    print("\n".join(samples))
    demo.save({"model": model, "optimizer": optimizer})
    demo.path("samples.txt").write_text("\n".join(samples))
    demo.curves("loss per character, in nats")
    demo.finish()
