"""What callbacks do, one by one."""

import ast
import csv
import inspect
import textwrap

import numpy as np
import pytest

import ntb
from ntb import nn, optim
from ntb.training import Callback, Trainer, callbacks
from ntb.training.callbacks import (
    CSV,
    Best,
    Checkpoint,
    EarlyStopping,
    GradientNorms,
    Rate,
    ScheduleBy,
    StopOnNonFinite,
    TensorBoard,
)  # fmt: skip
from tests.training.runs import SIZE, STEPS, X, Y, mlp, outcome, same, trainer_of


class Reporting(Callback):
    """Reports given numbers, one each epoch, as "score"; the state counts the epochs."""

    def __init__(self, scores):
        self.scores = scores

    def after_epoch(self, trainer, report):
        trainer.model.assign(trainer.epoch)
        trainer.report(score=self.scores[trainer.epoch - 1])


def scored(scores, *others, epochs=None):
    trainer = Trainer(ntb.Variable(0), step=lambda x: 0.0, callbacks=[Reporting(scores), *others], progress=False)
    trainer.fit(np.ones(2), epochs=epochs or len(scores))
    return trainer


@pytest.mark.parametrize("name", [name for name in callbacks.__all__ if name != "Callback"])
def test_a_callback_is_read_in_a_minute(name):
    """Under forty lines, without its docstring and empty lines."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(getattr(callbacks, name)))).body
    docstring = node.body[0]
    lines = inspect.getsource(getattr(callbacks, name)).splitlines()
    code = [line for line in (*lines[: docstring.lineno - 1], *lines[docstring.end_lineno :]) if line.strip()]
    assert len(code) < 40


def test_events_come_in_order():
    told = []

    class Telling(Callback):
        def __getattribute__(self, name):
            if name in ("begin", "before_step", "check_step", "after_step", "after_epoch", "end"):
                return lambda trainer, *what: told.append((name, trainer.epoch, trainer.step, len(what)))
            return super().__getattribute__(name)

    trainer_of(callbacks=lambda _: [Telling()]).fit(X, Y, batch_size=9)
    assert told == [
        ("begin", 0, 0, 0), ("before_step", 0, 0, 1), ("check_step", 0, 0, 1), ("after_step", 0, 1, 1),
        ("before_step", 0, 1, 1), ("check_step", 0, 1, 1), ("after_step", 0, 2, 1), ("after_epoch", 1, 0, 1),
        ("end", 1, 0, 0),
    ]  # fmt: skip


def test_what_callbacks_report_is_in_the_history():
    class Reports(Callback):
        def before_step(self, trainer, batch):
            trainer.report(rows=len(batch[0]))

        def after_step(self, trainer, report):
            trainer.report(twice=2 * report["rows"])
            assert report["twice"] == 2 * report["rows"]

        def after_epoch(self, trainer, report):
            trainer.report(later=trainer.history["twice"][-1])

    trainer = trainer_of(callbacks=lambda _: [Reports(), lambda trainer, report: trainer.report(last=report["later"])])
    history = trainer.fit(X, Y, batch_size=12)
    assert history["rows"] == [(12 * 12 + 6 * 6) / 18]  # each step counts by its rows
    assert history["later"] == history["last"] == history["twice"] == [2 * history["rows"][0]]


# --- stopping


def test_early_stopping_puts_the_best_state_back():
    stopping = EarlyStopping("score", patience=2)
    trainer = scored([1.0, 3.0, 2.0, 3.0, 9.0], stopping)
    assert trainer.epoch == 4 and trainer.history.epochs == 4 and trainer.model.value == 2
    assert trainer.stopped == "score has not become better for 2 epochs; the state is that of epoch 2"
    trainer.callbacks[0].scores += [0.0, 0.0, 0.0]
    trainer.fit(np.ones(2), epochs=4)
    assert trainer.epoch == 7 and stopping.best_epoch == 5
    assert scored([1.0, 0.0], EarlyStopping("score", patience=1, restore=False)).model.value == 2


@pytest.mark.parametrize(
    ("scores", "options", "epochs"),
    [
        ([1.0, 2.0, 3.0], {"mode": "min"}, 2), ([1.0, 1.05, 1.2], {"least": 0.1}, 2), ([1.0, 2.0, 3.0], {}, 3),
        ([np.nan, np.nan, 1.0], {}, 2), ([np.nan, 1.0, np.nan], {}, 3),
    ],
)  # fmt: skip
def test_when_it_is_early(scores, options, epochs):
    assert scored(scores, EarlyStopping("score", patience=1, **options)).epoch == epochs


def test_the_best_state(tmp_path):
    for mode, epoch in (("max", 2), ("min", 3)):
        best = Best("score", mode=mode, path=tmp_path / "folder" / "best.npz")
        trainer = scored([1.0, 5.0, 0.0, 2.0], best)
        assert best.report["epoch"] == epoch and trainer.model.value == 4
        best.restore_best(trainer)
        assert trainer.model.value == epoch
        trainer.model.assign(0)
        assert ntb.load(tmp_path / "folder" / "best.npz", trainer.model)["epoch"] == epoch
        assert trainer.model.value == epoch
    scored([np.nan, 1.0, np.nan], best := Best("score"))
    assert best.report["epoch"] == 2


@pytest.mark.parametrize(
    ("where", "traced", "at"),
    [("loss", True, 1), ("loss", False, 5), ("gradient", True, 5), ("batch", False, 1), ("elsewhere", True, 1)],
)
def test_a_step_that_is_not_finite_is_undone(where, traced, at):
    """The state is that of the step before, so that one can go on with better data; the operation is named."""

    def loss(predictions, y):
        plain = np.mean(np.square(predictions - y))
        if where == "gradient":  # finite, with an infinite slope
            return plain + np.sqrt(np.mean(predictions - predictions) + 1 - np.mean(y))
        return plain + np.log(3 - np.max(y)) if where == "loss" else plain

    def data(bad):
        for i in range(1, 7):
            x, y = X[:6] + i, X[:6, :1]
            if bad and i == at:
                y = y * 0 + {"loss": 4.0, "gradient": 1.0}.get(where, 0.0)
                x = np.where(x > 0, np.nan, x) if where == "batch" else x
            yield x.astype(np.float32), np.clip(y, -1, 0.5).astype(np.float32) if not (bad and i == at) else y

    def begun(*more):
        ntb.random.seed(3), np.random.seed(3)
        model = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.3), nn.Linear(3, 1))
        optimizer = optim.SGD(0.01, momentum=0.9)
        return Trainer(model, loss, optimizer, callbacks=more, metrics=[ntb.metrics.mse], progress=False, traced=traced)

    if where == "elsewhere":
        trainer = begun(StopOnNonFinite())
        calls = []
        trainer._train = lambda *batch: calls.append(1) or {"loss": np.nan, "predictions": batch[1]}
        with pytest.raises(ntb.NonFiniteError, match="made again from the same state it was not"):
            trainer.fit(lambda: data(False))
        return
    expected = begun()
    expected.fit(lambda: data(False))
    expected = outcome(expected)
    trainer = begun(StopOnNonFinite())
    message = {"loss": "np.log", "gradient": "backward pass", "batch": "its batch has NaN"}[where]
    with np.errstate(all="ignore"), pytest.raises(ntb.NonFiniteError, match=message) as caught:
        trainer.fit(lambda: data(True))
    assert f"in step {at} " in str(caught.value)
    assert (trainer.steps, trainer.step, trainer.epoch) == (at - 1, at - 1, 0)
    trainer.fit(lambda: data(False))
    assert same(outcome(trainer), expected)


# --- rates, norms


def test_the_rate_follows_what_is_measured():
    rate = optim.schedules.ReduceOnPlateau(0.5, factor=0.5, patience=0, mode="max")
    watch = [ScheduleBy("score", optimizer=optim.SGD(rate)), Rate(optimizer=optim.SGD(rate))]
    assert scored([1.0, 2.0, 1.0, 1.0], *watch).history["rate"] == [0.5, 0.5, 0.25, 0.125]
    trainer = trainer_of(callbacks=lambda _: [Rate()])
    assert trainer.fit(X, Y)["rate"] == [0.05]


def test_norms_of_gradients():
    ntb.random.seed(0)
    trainer = trainer_of(lambda: nn.Linear(4, 2), callbacks=lambda _: [GradientNorms(each=True)])
    with ntb.Tape() as tape:
        loss = nn.cross_entropy(trainer.model(X), Y)
    expected = [np.linalg.norm(g) for g in tape.gradient(loss, trainer.model.variables())]
    last = trainer.fit(X, Y).last()
    assert np.allclose([last["gradient_norm of weight"], last["gradient_norm of bias"]], expected)
    assert np.isclose(last["gradient_norm"], np.hypot(*expected))


# --- files


def test_rolling_checkpoints(tmp_path):
    ntb.random.seed(0)
    trainer = trainer_of(callbacks=lambda _: [Checkpoint(tmp_path / "run" / "{epoch:02}.npz", keep=2, steps=2)])
    trainer.fit(X, Y, epochs=4, batch_size=SIZE)
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == ["03.npz", "04.npz"]
    again = trainer_of()
    again.load(tmp_path / "run" / "03.npz")
    assert (again.epoch, again.step, again.history.epochs) == (3, 0, 3)
    Checkpoint(tmp_path / "last.safetensors", steps=3).after_step(trainer, {})  # after none
    assert again.resume(tmp_path / "last.safetensors") and again.epoch == 4


def test_the_history_as_a_table(tmp_path):
    trainer = trainer_of(callbacks=lambda _: [CSV(tmp_path / "run.csv"), lambda t, _: t.report(rate=1.0 / t.epoch)])
    history = trainer.fit(X, Y, epochs=2)
    with open(tmp_path / "run.csv", newline="") as file:
        names, *rows = csv.reader(file)
    assert names == list(history) and [tuple(map(float, row)) for row in rows] == list(zip(*history.values()))


def test_event_files(tmp_path):
    pytest.importorskip("tensorboardX", reason="it writes the files")
    from tensorboardX.proto.event_pb2 import Event

    trainer = trainer_of(callbacks=lambda _: [TensorBoard(tmp_path, steps=2)])
    history = trainer.fit(X, Y, epochs=2, batch_size=SIZE)
    trainer.fit(X, Y, epochs=1, batch_size=SIZE)
    found, purged = {}, []
    for file in sorted(tmp_path.iterdir()):
        data, at = file.read_bytes(), 0
        while at < len(data):  # length, its checksum, an event, its checksum
            length = int.from_bytes(data[at : at + 8], "little")
            event = Event.FromString(data[at + 12 : at + 12 + length])
            at += 16 + length
            if event.HasField("session_log"):
                purged.append(event.step)
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    assert [step for step, _ in found["loss"]] == [STEPS, 2 * STEPS, 3 * STEPS]
    assert np.allclose([value for _, value in found["loss"]], history["loss"])
    assert [step for step, _ in found["step/loss"]] == [2, 4, 6, 8]
    assert sorted(set(purged)) == [1, 7]


def test_each_library_that_is_missing_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ntb.InputError, match=r"ntb\[tensorboard\]"):
        TensorBoard("run")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ntb.InputError, match="pip install pandas"):
        ntb.training.History().frame()


def test_the_order_of_calls():
    """What saves the trainer comes last; the others in the order in which they were given."""
    given = [Checkpoint("a.npz"), Rate(), CSV("a.csv"), Best("loss")]
    assert [type(callback).__name__ for callback in trainer_of(mlp, callbacks=lambda _: given).callbacks] == [
        "Rate", "Best", "Checkpoint", "CSV",
    ]  # fmt: skip


def test_a_guard_of_layers_without_a_size():
    model = lambda: nn.Sequential(nn.Linear(None, 3), nn.Linear(3, 2))
    assert trainer_of(model, callbacks=lambda _: [StopOnNonFinite()]).fit(X, Y, epochs=2).epochs == 2
