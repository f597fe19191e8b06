"""Training in pieces is training at once, bit for bit: in one process, from a file of any step, after any error."""

import signal

import numpy as np
import pytest

import ntb
from ntb import nn
from ntb.training import Callback, Trainer
from tests.training.runs import EPOCHS, RUNS, SIZE, STEPS, Saving, X, Y, begun, of_generators, outcome, same, trainer_of

EVERYWHERE = ("a function that draws", "watchers")
"""The runs that are gone on from every step; the others from the second one."""


@pytest.mark.uncounted
@pytest.mark.parametrize("name", RUNS)
def test_pieces_are_the_whole(name, tmp_path):
    trainer, fit = begun(name, Saving(tmp_path))
    fit(EPOCHS)
    expected = outcome(trainer)
    assert trainer.steps == EPOCHS * STEPS and trainer.history.epochs == EPOCHS
    files = sorted(tmp_path.iterdir())
    assert len(files) == EPOCHS * (STEPS + 1)
    for file in files if name in EVERYWHERE else files[1:2]:
        trainer, fit = begun(name)
        if name == "unsized":
            trainer.model(X[:1])
        ntb.random.default().random(3), np.random.random(3)
        trainer.load(file)
        fit(EPOCHS)
        assert same(outcome(trainer), expected), file.name
    trainer, fit = begun(name)
    for until in range(EPOCHS + 1):
        fit(until)
    assert same(outcome(trainer), expected)


def test_epochs_are_as_many_more():
    trainer, fit = begun("SAM")
    fit(2)
    expected = outcome(trainer)
    trainer, _ = begun("SAM")
    for epochs in (1, None):
        trainer.fit(X, Y, epochs=epochs, batch_size=SIZE, validation=(X, Y))
    assert same(outcome(trainer), expected)


# --- errors


class Failing(Callback):
    """Raises in one of its methods, the first time that so many steps are made."""

    def __init__(self, event, steps, error=RuntimeError):
        self.event, self.steps, self.error = event, steps, error

    def __getattribute__(self, name):
        if name in ("begin", "before_step", "after_step", "after_epoch", "end") and name == self.event:
            return self.fail
        return super().__getattribute__(name)

    def fail(self, trainer, *_):
        if trainer.steps == self.steps:
            self.steps = -1
            raise self.error(f"in {self.event}")


@pytest.mark.parametrize("name", ["a function that draws", "watchers"])
@pytest.mark.parametrize("event", ["begin", "before_step", "after_step", "after_epoch", "end"])
def test_after_an_error_in_a_callback(name, event):
    at_once, fit = begun(name)
    fit(EPOCHS)
    expected = outcome(at_once)
    for steps in {"begin": (0,), "end": (6,), "after_epoch": (3,)}.get(event, (2, 3)):
        trainer, fit = begun(name)
        failing = Failing(event, steps)
        trainer.callbacks = (failing, *trainer.callbacks)  # it is asked first, and keeps no other from being told
        with pytest.raises(RuntimeError, match=f"in {event}"):
            fit(EPOCHS)
        trainer.callbacks = trainer.callbacks[1:]
        fit(EPOCHS)
        assert same(outcome(trainer), expected), steps


def test_after_an_error_of_the_data():
    at_once, fit = begun("a function that draws")
    fit(EPOCHS)
    expected = outcome(at_once)
    for steps in (0, 2, 4):
        trainer, fit = begun("a function that draws")

        def feed(trainer=trainer, steps=steps):
            for batch in of_generators():
                if trainer.steps == steps:
                    raise OSError("the disk is gone")
                yield batch

        with pytest.raises(OSError, match="gone"):
            trainer.fit(feed, until=EPOCHS, batch_size=SIZE, validation=(X, Y))
        fit(EPOCHS)
        assert same(outcome(trainer), expected)


@pytest.mark.parametrize("traced", [True, False])
def test_after_an_error_of_the_step(traced):
    """A step that fails halfway has changed nothing: no Variable, no generator, no number of steps."""
    w, rng, failing = ntb.Variable(1.0), ntb.random.generator(0), []

    def step(x):
        w.assign(w + rng.random())
        if failing:
            raise ValueError("no more")
        return w * np.mean(x)

    trainer = Trainer(w, step=step, state={"rng": rng}, progress=False, traced=traced)
    trainer.fit(np.ones(4), batch_size=2)
    before = w.value, rng.value.tolist(), trainer.steps, trainer.history.last()["loss"]
    failing.append(1)
    with pytest.raises(ValueError, match="no more"):
        trainer.fit(np.ones(4), batch_size=2)
    assert (w.value, rng.value.tolist(), trainer.steps, trainer.history.last()["loss"]) == before


def test_after_an_error_of_the_validation():
    at_once, fit = begun("SAM")
    fit(EPOCHS)
    expected = outcome(at_once)
    trainer, fit = begun("SAM")
    with pytest.raises(ntb.InputError):
        trainer.fit(X, Y, until=EPOCHS, batch_size=SIZE, validation=(X[:, :3], Y))
    assert (trainer.epoch, trainer.step, trainer.history.epochs) == (0, STEPS, 0)
    fit(EPOCHS)
    assert same(outcome(trainer), expected)


def test_an_error_keeps_no_callback_from_being_told():
    told = []

    class Telling(Callback):
        def after_epoch(self, trainer, report):
            told.append(report["epoch"])

    trainer = trainer_of(callbacks=lambda _: [Failing("after_epoch", 3), Failing("after_epoch", 3, OSError), Telling()])
    with pytest.raises(RuntimeError) as caught:
        trainer.fit(X, Y, batch_size=SIZE)
    assert told == [1] and trainer.history["epoch"] == [1]
    assert any("OSError: in after_epoch" in note for note in getattr(caught.value, "__notes__", [str(caught.value)]))


@pytest.mark.parametrize("when", ["step", "validation"])
def test_ctrl_c_ends_training_after_the_step(when):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        at_once, fit = begun("untraced")
        fit(EPOCHS)
        expected = outcome(at_once)
        trainer, fit = begun("untraced")
        called, loss, pressed = [], trainer.loss, []

        def pressing(predictions, target):
            called.append(1)
            if len(called) == (7 if when == "step" else 5) and not pressed:  # the fourth to sixth are of the validation
                pressed.append(signal.raise_signal(signal.SIGINT))
            return loss(predictions, target)

        interrupted = Trainer(trainer.model, pressing, trainer.optimizer, metrics={"accuracy": nn.accuracy},
                              progress=False, traced=False, seed=trainer.seed)  # fmt: skip
        with pytest.raises(KeyboardInterrupt):
            interrupted.fit(of_generators, until=EPOCHS, batch_size=SIZE, validation=(X, Y))
        assert pressed and (interrupted.epoch, interrupted.step) == ((1, 1) if when == "step" else (1, 0))
        interrupted.fit(of_generators, until=EPOCHS, batch_size=SIZE, validation=(X, Y))
        assert same(outcome(interrupted), expected)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_run_that_was_stopped_stays_so(tmp_path):
    stop = lambda trainer, report: trainer.epoch == 2 and trainer.stop("enough")
    trainer = trainer_of(callbacks=lambda _: [stop])
    trainer.fit(X, Y, epochs=5)
    assert trainer.stopped == "enough" and trainer.epoch == 2
    trainer.save(tmp_path / "a.npz")
    again = trainer_of(callbacks=lambda _: [stop])
    assert again.resume(tmp_path / "a.npz") and not again.resume(tmp_path / "b.npz")
    again.fit(X, Y, until=5)
    assert again.epoch == 2
    again.fit(X, Y, epochs=1)
    assert again.epoch == 3 and not again.stopped


def test_a_stop_within_an_epoch():
    class Halt(Callback):
        def after_step(self, trainer, report):
            if trainer.steps == 4:
                trainer.stop("after four steps")

    at_once, fit = begun("SAM")
    fit(EPOCHS)
    expected = outcome(at_once)
    trainer, fit = begun("SAM", Halt())
    fit(EPOCHS)
    assert (trainer.epoch, trainer.step, trainer.history.epochs) == (1, 1, 1)
    trainer.stopped = ""
    fit(EPOCHS)
    assert same(outcome(trainer), expected)
