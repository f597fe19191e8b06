"""Runs of training that the tests compare: of a small network that draws, with running statistics."""

import numpy as np

import ntb
from ntb import nn, optim
from ntb.distributed.shards import divided
from ntb.distributed.summing import add, total
from ntb.distributed.work import Recipe, Work
from ntb.training import Trainer

ROWS, SIZE, SHARDS = 44, 8, 4  # the last batch has 4 rows


def data():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS, 1, 6, 6)).astype(np.float32)
    return x, (x.mean(axis=(1, 2, 3)) > 0).astype(int)


def drawing(seed=0):
    """A network with dropout, by ntb's default generator and one of its own, and batch normalisation."""
    rng = ntb.random.generator(seed)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, rng=rng), nn.BatchNorm(3), nn.relu, nn.Dropout(0.3), nn.Flatten(),
        nn.Linear(48, 5, rng=rng), np.tanh, nn.Dropout(0.2, rng=rng), nn.Linear(5, 2, rng=rng),
    )  # fmt: skip


def still(seed=0):
    """One that neither draws nor has statistics."""
    rng = ntb.random.generator(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 5, rng=rng), np.tanh, nn.Linear(5, 2, rng=rng))


def trainer(strategy=None, model=drawing, **options):
    options = {"metrics": {"accuracy": nn.accuracy}, "seed": 3, "progress": False, **options}
    return Trainer(model(), nn.cross_entropy, optim.Adam(0.01), strategy=strategy, **options)


def fitted(strategy=None, epochs=2, **options):
    made = trainer(strategy, **options)
    made.fit(*data(), epochs=epochs, batch_size=SIZE)
    return made


def numbers(made):
    """All that a run gives, to compare bit by bit."""
    history = {name: values for name, values in made.history.items() if name != "seconds"}
    return history, {name: x.tobytes() for name, x in ntb.state.snapshot(made.state).items()}


def assert_same(found, expected):
    history, values = numbers(found)
    others, other_values = numbers(expected)
    assert history == others
    assert [name for name in values if values[name] != other_values[name]] == []
    assert values.keys() == other_values.keys()


class Serial:
    """The strategy that computes all shards one after the other, in this process: the numbers that others must give."""

    def __init__(self, shards=SHARDS):
        self.shards = shards

    def begin(self, trainer):
        self.trainer = trainer
        self.work = Work(Recipe(trainer.model, trainer.loss, trainer.optimizer, {}, [], True, trainer.traced))

    def step(self, *batch):
        source, needed, weights = divided(batch, self.shards)
        seed, step, nodes, predictions = self.trainer.seed, self.trainer.steps, {}, []
        for shard, what in enumerate(needed):
            rows = source.made(what, shard) if source else what
            made = self.work.shard((seed, step), shard, rows, weights[shard])
            add(nodes, (0, shard), made.vectors, len(weights))
            predictions.append(made.predictions)
        report = self.work.update((seed, step + 1), made.changed, total(nodes))
        outputs, targets = zip(*predictions)
        return {**report, "predictions": np.concatenate(outputs), "target": np.concatenate(targets)}

    def collect(self):
        pass


def made_of(epoch, step, shard):
    """A shard, by its place alone."""
    rng = np.random.default_rng([1, epoch, step, shard])
    x = rng.standard_normal((4, 1, 6, 6))
    return x, (x.mean(axis=(1, 2, 3)) > 0).astype(int)


class Fragile:
    """What can be pickled and not unpickled."""

    def __call__(self, *place):
        raise NotImplementedError

    def __setstate__(self, state):
        raise FileNotFoundError("no file weights.npz")

    def __getstate__(self):
        return {"path": "weights.npz"}


def missing(name):
    """What importing is where a package is missing."""
    raise ModuleNotFoundError(f"No module named {name.partition('.')[0]!r}")
