"""The law of epochs, for all that gives batches: an epoch is the same again, from any batch on, and training that was
killed in its middle goes on as if it had not been."""

import numpy as np
import pandas as pd
import pytest

import ntb
from ntb import data, nn, optim
from ntb.training import Callback, Trainer

from .tables import Rows

N = 23
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 4)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(int)
SEQUENCES = [RNG.normal(size=(n, 4)).astype(np.float32) for n in RNG.integers(1, 9, N)]


def noisy(x, y, rng):
    return x + rng.normal(0, 0.1, x.shape).astype(x.dtype), y


def drawn(number):
    rng = np.random.default_rng([5, number])
    for _ in range(4):
        x = rng.normal(size=(6, 4)).astype(np.float32)
        yield x, (x.sum(axis=1) > 0).astype(int)


def mapped(folder):
    np.save(folder / "x.npy", X)
    return np.load(folder / "x.npy", mmap_mode="r")


def files(folder, **options):
    for i, rows in enumerate(np.split(np.arange(N), [4, 5, 16])):
        np.savez(folder / f"{i}.npz", x=X[rows], y=Y[rows])
    load = lambda path: data.columns(np.load(path), "x", "y")
    return data.shards([folder / f"{i}.npz" for i in range(4)], size=6, load=load, **options)


def batches(**options):
    return data.batches(X, Y, size=6, **options)


SOURCES = {
    "in order": lambda folder: batches(),
    "shuffled": lambda folder: batches(shuffle=1),
    "without the last": lambda folder: batches(shuffle=1, drop_last=True),
    "with replacement": lambda folder: batches(shuffle=2, replace=True),
    "of a memory-mapped array": lambda folder: data.batches(mapped(folder), Y, size=6, shuffle=1),
    "of pandas": lambda folder: data.batches(pd.DataFrame(X), pd.Series(Y), size=6, shuffle=1),
    "of rows that are read": lambda folder: data.batches(
        *data.columns(Rows({"x": list(X), "y": Y.tolist()}), "x", "y"), size=6, shuffle=1
    ),
    "bucketed": lambda folder: data.bucketed(SEQUENCES, Y, size=6, shuffle=3, buckets=3),
    "bucketed in order": lambda folder: data.bucketed(SEQUENCES, Y, size=6, buckets=[4, 8]),
    "of files": lambda folder: files(folder, rows=[4, 1, 11, 7], shuffle=4),
    "of files in order": lambda folder: files(folder, rows=[4, 1, 11, 7], drop_last=True),
    "of files of unknown lengths": lambda folder: files(folder, shuffle=4),
    "of a function": lambda folder: data.from_function(drawn, length=4),
    "augmented": lambda folder: data.augmented(batches(shuffle=1), noisy, seed=1),
    "read ahead": lambda folder: data.prefetch(data.augmented(batches(shuffle=1), noisy, seed=1)),
    "augmented ahead": lambda folder: data.augmented(data.prefetch(batches(shuffle=1), ahead=1), noisy, seed=1),
    "of a list, augmented": lambda folder: data.augmented(list(batches()), noisy),
    "of a function of nothing, read ahead": lambda folder: data.prefetch(lambda: drawn(0)),
}
UNKNOWN = {"of files of unknown lengths", "of a function of nothing, read ahead"}
"""Those of which it is not known how many there are, before they were read."""


def plain(found):
    return [[np.asarray(part).tolist() for part in batch] for batch in found]


@pytest.mark.parametrize("name", SOURCES)
def test_an_epoch_is_the_same_again_from_any_batch_on(name, tmp_path):
    source = SOURCES[name](tmp_path)
    if name in UNKNOWN:
        with pytest.raises(TypeError, match="not known before they are read"):
            len(source)
    for number in (0, 1, 7):
        whole = plain(source.epoch(number))
        assert plain(SOURCES[name](tmp_path).epoch(number)) == whole and len(whole) > 2
        for start in range(len(whole) + 1):
            assert plain(SOURCES[name](tmp_path).epoch(number, start)) == whole[start:]
            assert plain(source.epoch(number, start=start)) == whole[start:]
        if name != "of a function of nothing, read ahead":
            assert len(source) == len(whole)


@pytest.mark.parametrize("name", SOURCES)
def test_to_iterate_is_one_epoch_after_the_other(name, tmp_path):
    source, again = (SOURCES[name](tmp_path) for _ in range(2))
    for number in range(2):
        assert plain(source) == plain(again.epoch(number))


class Model(nn.Module):
    def __init__(self):
        self.linear = nn.Linear(4, 2)

    def __call__(self, x, lengths=None, train=False):
        scores = self.linear(x)
        return scores if lengths is None else np.sum(scores * nn.length_mask(lengths, x.shape[1])[..., None], axis=1)


class Killed(Callback):
    def __init__(self, path, step):
        self.path, self.step = path, step

    def after_step(self, trainer, report):
        if trainer.steps == self.step:
            trainer.save(self.path)
            raise RuntimeError("killed")


def trainer(*callbacks):
    ntb.random.seed(3)
    return Trainer(Model(), nn.cross_entropy, optim.Adam(0.05), callbacks=callbacks, progress=False, traced=False)


def outcome(trainer):
    history = {name: values for name, values in trainer.history.items() if name != "seconds"}
    return history, [x.tobytes() for x in ntb.state.snapshot(trainer.state).values()]


@pytest.mark.parametrize("name", [*SOURCES, "shuffled by the default generator"])
def test_training_that_was_killed_goes_on_bit_for_bit(name, tmp_path):
    make = SOURCES.get(name, lambda folder: batches(shuffle=True))
    at_once = trainer()
    at_once.fit(make(tmp_path), epochs=3)
    killed = trainer(Killed(tmp_path / "state.npz", step=6))
    with pytest.raises(RuntimeError, match="killed"):
        killed.fit(make(tmp_path), epochs=3)
    resumed = trainer()
    ntb.random.default().random(5)  # a program that does something else before
    resumed.load(tmp_path / "state.npz")
    assert resumed.step > 0
    resumed.fit(make(tmp_path), until=3)
    assert outcome(resumed) == outcome(at_once)


def test_a_traced_step_meets_few_lengths():
    ntb.random.seed(3)
    lengths = np.random.default_rng(1).integers(1, 60, 90)
    source = data.bucketed([np.ones((n, 4), np.float32) for n in lengths], lengths % 2, size=10, shuffle=0, buckets=3)
    seen = {x.shape[1] for number in range(4) for x, *_ in source.epoch(number)}
    assert len(seen) == 3 and max(seen) == lengths.max()
    traced = Trainer(Model(), nn.cross_entropy, optim.Adam(0.05), progress=False)
    traced.fit(source, epochs=2)
    assert len(traced._train.programs) == 3


def test_what_gives_no_batches_is_refused():
    for function in (data.prefetch, lambda x: data.augmented(x, noisy)):
        with pytest.raises(ntb.InputError, match="takes batches: an iterable"):
            function(3)
    with pytest.raises(TypeError, match="a function of the epoch's number, not 3"):
        data.from_function(3)
    with pytest.raises(TypeError, match="not known before"):
        len(data.from_function(drawn))
