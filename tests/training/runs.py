"""Runs of training to compare: makers of trainers that begin alike, and what comes of them, bit by bit."""

import random
from functools import partial

import numpy as np

import ntb
from ntb import nn, optim
from ntb.training import Callback, Trainer
from ntb.training.callbacks import EarlyStopping, GradientNorms, Rate, ScheduleBy
from ntb.training.generators import all_states

ROWS, SIZE, EPOCHS = 18, 6, 2
STEPS = 3
"""In an epoch."""

X = np.random.default_rng(0).normal(size=(ROWS, 4)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(int)
SEQUENCES = np.random.default_rng(1).normal(size=(ROWS, 3, 4)).astype(np.float32)


class TwoInputs(nn.Module):
    def __init__(self):
        self.one, self.two = nn.Linear(4, 5), nn.Linear(4, 5)
        self.out = nn.Linear(5, 2)

    def __call__(self, x, z, train=False):
        return self.out(np.tanh(self.one(x) + self.two(z)))


def mlp():
    return nn.Sequential(nn.Linear(4, 6), nn.relu, nn.Dropout(0.2), nn.Linear(6, 2))


class Averaged(Callback):
    """Takes the parameters into an average after each step."""

    def __init__(self, average):
        self.average = average

    def after_step(self, trainer, report):
        self.average.update()


def trainer_of(model=mlp, optimizer=lambda: optim.Adam(0.05), callbacks=lambda model: [], **options):
    model = model()
    options = {"metrics": {"accuracy": nn.accuracy}, "progress": False, **options}
    return Trainer(model, nn.cross_entropy, optimizer(), callbacks=callbacks(model), **options)


def averaged(kind):
    """A trainer with an average of the model's parameters, which is part of its state."""
    model = mlp()
    average = kind(model)
    return trainer_of(lambda: model, callbacks=lambda _: [Averaged(average)], state={"average": average})


def of_generators():
    """Batches that are drawn from all default generators, one by one."""
    for x, y in ntb.data.batches(X, Y, size=SIZE, shuffle=True):
        sign = np.float32(random.choice([1, -1]))
        yield x + sign * np.random.normal(0, 0.1, x.shape).astype(np.float32), y


def with_own_generator():
    """A trainer and batches that are drawn from a generator of the trainer's state, which also decides what comes."""
    rng = np.random.default_rng(3)

    def feed():
        rows = []
        for _ in range(STEPS):
            rows = [*rows[-3:], *rng.integers(ROWS, size=SIZE)]
            yield X[rows], Y[rows]

    return trainer_of(state={"rng": rng}), (feed,)


def adversaries():
    """Two models, two optimizers, noise: a step of one's own."""
    maker = nn.Sequential(nn.Linear(2, 5), np.tanh, nn.Linear(5, 4))
    judge = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm(5), np.tanh, nn.Linear(5, 1))
    noise = ntb.random.generator(3)
    optimizers = optim.Adam(0.02), optim.SGD(0.05, momentum=0.5)

    def step(x):
        z = noise.normal(size=(x.shape[0], 2), dtype=np.float32)
        real = lambda: np.mean(nn.softplus(-judge(x, train=True)))
        lost = lambda: np.mean(nn.softplus(-judge(maker(z), train=True)))
        judged = optimizers[1].minimize(lambda: real() + np.mean(nn.softplus(judge(maker(z), train=True))), judge)
        return {"judge": judged, "maker": optimizers[0].minimize(lost, maker)}

    state = {"optimizers": optimizers, "noise": noise}
    return Trainer({"maker": maker, "judge": judge}, step=step, state=state, progress=False), (X,)


def _unsized():
    return nn.Sequential(nn.Linear(None, 6), nn.BatchNorm(None), np.tanh, nn.Linear(None, 2))


def _recurrent():
    return nn.Sequential(nn.LSTM(4, 5), nn.Last(), nn.Linear(5, 2))


def _plateau():
    return optim.SGD(optim.schedules.ReduceOnPlateau(0.3, patience=0, threshold=0.5))


_watchers = lambda model: [ScheduleBy("val_loss"), Rate(), EarlyStopping("val_accuracy", 5), GradientNorms(each=True)]

RUNS = {
    "dropout, a short last batch": lambda: (trainer_of(), (X[:16], Y[:16])),
    "batch norm": lambda: (trainer_of(lambda: nn.Sequential(nn.BatchNorm(4), nn.Linear(4, 2))), (X, Y)),
    "recurrent": lambda: (trainer_of(_recurrent), (SEQUENCES, Y)),
    "unsized": lambda: (trainer_of(_unsized), (X, Y)),
    "two inputs": lambda: (trainer_of(TwoInputs), ((X, X[::-1]), Y)),
    "momentum, cosine": lambda: (
        trainer_of(optimizer=lambda: optim.SGD(optim.schedules.cosine(0.1, 12), momentum=0.9)), (X, Y)
    ),
    "SAM": lambda: (trainer_of(optimizer=lambda: optim.SAM(optim.SGD(0.1, momentum=0.9))), (X, Y)),
    "Lookahead": lambda: (trainer_of(optimizer=lambda: optim.Lookahead(optim.Adam(0.05), every=3)), (X, Y)),
    "EMA": lambda: (averaged(partial(optim.EMA, decay=0.8)), (X, Y)),
    "SWA": lambda: (averaged(optim.SWA), (X, Y)),
    "watchers": lambda: (trainer_of(optimizer=_plateau, callbacks=_watchers), (X, Y)),
    "batches by a seed": lambda: (trainer_of(), (ntb.data.batches(X, Y, size=SIZE, shuffle=4),)),
    "batches by a generator": lambda: (
        trainer_of(), (ntb.data.batches(X, Y, size=SIZE, shuffle=np.random.default_rng(4)),)
    ),
    "batches by the default generator": lambda: (trainer_of(), (ntb.data.batches(X, Y, size=SIZE, shuffle=True),)),
    "a function that draws": lambda: (trainer_of(), (of_generators,)),
    "a function with its generator": with_own_generator,
    "prefetched": lambda: (trainer_of(), (ntb.data.prefetch(ntb.data.batches(X, Y, size=SIZE, shuffle=1)),)),
    "a step of one's own": adversaries,
    "untraced": lambda: (trainer_of(traced=False), (of_generators,)),
}  # fmt: skip
"""By name what makes a trainer, and what its `fit` is given."""


class Saving(Callback):
    """Saves the trainer after each step and each epoch, as DD.npz or DD.safetensors."""

    late = True

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def after_step(self, trainer, report):
        self.count += 1
        trainer.save(self.folder / f"{self.count:02}{('.npz', '.safetensors')[self.count % 2]}")

    def after_epoch(self, trainer, report):
        self.after_step(trainer, report)


def begun(name, *callbacks):
    """A run that has not begun: the trainer, and a function that trains it up to a number of epochs."""
    ntb.random.seed(5)
    np.random.seed(5)
    random.seed(5)
    trainer, given = RUNS[name]()
    trainer.callbacks = (*trainer.callbacks, *callbacks)
    validation = None if trainer.loss is None else given if len(given) == 2 else (X, Y)
    return trainer, lambda until: trainer.fit(*given, until=until, batch_size=SIZE, validation=validation)


def outcome(trainer):
    """All that a run has come to, without the time that it took."""
    history = {name: values for name, values in trainer.history.items() if name != "seconds"}
    state = {name: x.tobytes() for name, x in ntb.state.snapshot(trainer.state).items()}
    callbacks = [
        {name: x for name, x in callback.state().items() if not isinstance(x, ntb.state.State)}
        for callback in trainer.callbacks if callback.saved
    ]  # fmt: skip
    generators = all_states({})
    return repr((history, callbacks, generators, trainer.epoch, trainer.step, trainer.steps, trainer.stopped)), state


def same(one, other):
    """Whether two outcomes are the same, told so that a failure shows where they differ."""
    assert one[0] == other[0]
    assert [name for name in one[1] if one[1][name] != other[1].get(name)] == []
    return True
