"""The bar of progress: by tqdm, in plain text, or a line for each epoch."""

import io
import sys
import types

import pytest

from ntb import progress
from ntb.progress import Progress
from tests.training.runs import SIZE, X, Y, trainer_of


class Terminal(io.StringIO):
    def isatty(self):
        return True


def terminal(monkeypatch):
    """Let the standard output be a terminal; pytest puts its own in the place of one that a fixture sets."""
    monkeypatch.setattr(sys, "stdout", Terminal())
    return sys.stdout


def test_a_line_for_each_epoch_elsewhere(capsys):
    trainer = trainer_of(progress=True)
    trainer.fit(X, Y, epochs=2, batch_size=SIZE, validation=(X, Y))
    trainer.fit(X, Y, epochs=1, batch_size=SIZE)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2", "epoch 3/3"]
    assert [part.split()[0] for part in lines[0].split("  ")[1:]] == ["loss", "accuracy", "val_loss", "val_accuracy"]


def without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)


def test_a_bar_in_plain_text(monkeypatch):
    output = terminal(monkeypatch)
    without_tqdm(monkeypatch)
    now = iter([0.0, 2.0, 2.01, 4.0, 4.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    bar = Progress("epoch 1", total=4, begin=1)
    bar.update(2, {"loss": 1.0})
    bar.update(3, {"loss": 0.75})  # too soon
    bar.update(4, lambda: {"loss": 0.5})
    bar.done({"loss": 0.25})
    first = "epoch 1 [##########..........] 2/4  loss 1  0.5 steps/s  0:04 left"
    second = "epoch 1 [####################] 4/4  loss 0.5  0.75 steps/s  0:00 left"
    wiped = lambda text: f"\r{' ' * len(text)}\r"
    assert output.getvalue() == f"\r{first}{wiped(first)}{second}{wiped(second)}epoch 1  loss 0.25\n"


def test_a_bar_without_a_total(monkeypatch):
    output = terminal(monkeypatch)
    without_tqdm(monkeypatch)
    bar = Progress("epoch 1")
    bar.update(1, {})
    assert output.getvalue().startswith("\repoch 1 step 1")
    bar.close()
    assert output.getvalue().endswith("\r")


def test_a_bar_by_tqdm(monkeypatch):
    output = terminal(monkeypatch)
    pytest.importorskip("tqdm", reason="it draws the bar")
    trainer = trainer_of(progress=True)
    trainer.fit(X, Y, epochs=1, batch_size=SIZE)
    drawn, _, line = output.getvalue().rpartition("\r")
    assert "epoch 1/1" in drawn and "3/3" in drawn and "loss" in drawn and "step/s" in drawn.replace("s/step", "step/s")
    assert line.startswith("epoch 1/1  loss ") and line.endswith("\n")


def test_a_bar_that_cannot_be_drawn_is_none(monkeypatch):
    output = terminal(monkeypatch)

    def fail(*_, **__):
        raise OSError("no display")

    monkeypatch.setitem(sys.modules, "tqdm.auto", types.SimpleNamespace(tqdm=fail))
    bar = Progress("epoch 1", total=2)
    bar.update(1, {"loss": 1.0})
    bar.done({"loss": 1.0})
    assert output.getvalue().startswith("\repoch 1 [##########..........] 1/2  loss 1")
    assert output.getvalue().endswith("\repoch 1  loss 1\n")


def test_a_notebook_that_can_show_a_bar(monkeypatch):
    made = []

    class Widget:
        start_t = 0.0

        def __init__(self, **options):
            made.append(options)

        set_description_str = set_postfix_str = refresh = close = lambda self, *_, **__: None

    monkeypatch.setitem(sys.modules, "ipykernel", types.SimpleNamespace())
    monkeypatch.setattr(progress.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "tqdm.auto", types.SimpleNamespace(tqdm=Widget))
    bar = Progress("epoch 1", total=2)
    bar.update(1, {})
    assert made and made[0]["total"] == 2
    monkeypatch.setattr(progress.importlib.util, "find_spec", lambda name: None)
    assert not Progress("epoch 1").live
