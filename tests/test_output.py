"""Whatever the output is, training goes on, what was learned is saved, and nothing is raised."""

import errno
import importlib.util
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ntb
from ntb.__main__ import main
from ntb.demos import demo
from ntb.progress import Progress, say
from ntb.training import Trainer
from ntb.training.callbacks import Checkpoint

ROOT = Path(ntb.__file__).parent.parent


class Writer:
    """An output that has only what print() needs."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


class Flushing(Writer):
    def flush(self):
        pass


class Failing(Flushing):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, text):
        raise self.error


class WithoutWrite:
    pass


def encoded(encoding):
    return io.TextIOWrapper(io.BytesIO(), encoding)


def closed():
    file = io.StringIO()
    file.close()
    return file


OUTPUTS = {
    "none": lambda: None,
    "write only": Writer,
    "write and flush": Flushing,
    "ascii": lambda: encoded("ascii"),
    "cp1252": lambda: encoded("cp1252"),
    "closed": closed,
    "a pipe without a reader": lambda: Failing(BrokenPipeError(errno.EPIPE, "Broken pipe")),
    "a full disk": lambda: Failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
    "bytes only": io.BytesIO,
    "nothing": WithoutWrite,
}


@pytest.mark.parametrize("make", OUTPUTS.values(), ids=OUTPUTS)
def test_a_trainer_trains_and_saves(make, tmp_path, monkeypatch):
    output = make()
    monkeypatch.setattr(sys, "stdout", output)
    w = ntb.Variable(8.0)

    def step(x):
        w.assign(w * 0.5)
        return {"überschuß Ω": float(w.value)}

    trainer = Trainer(w, step=step, traced=False, callbacks=[Checkpoint(tmp_path / "last.npz")])
    trainer.fit([1.0], epochs=2)
    w.assign(0.0)
    trainer.load(tmp_path / "last.npz")
    assert w.value == 2 and trainer.history["epoch"] == [1, 2]
    if isinstance(output, Writer) and not isinstance(output, Failing):
        assert output.text == "epoch 1/2  überschuß Ω 4\nepoch 2/2  überschuß Ω 2\n"


@pytest.mark.parametrize(
    ("name", "kind"),
    [*[("linear", kind) for kind in OUTPUTS], *[("text", kind) for kind in ("none", "ascii", "cp1252")]],
)
def test_a_demo_trains_and_saves(name, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdout", OUTPUTS[kind]())
    monkeypatch.setattr(demo.Demo, "picture", lambda *_, **__: None)
    song = tmp_path / "song.txt"
    song.write_text("süß — Ω π la la la\n" * 20, encoding="utf-8")
    options = ["--data", str(song)] if name == "text" else []
    assert main(["demo", name, "--steps", "1", "--out", str(tmp_path / "out"), *options]) == 0
    assert (tmp_path / "out" / "model.npz").exists()
    if name == "text":
        assert set((tmp_path / "out" / "samples.txt").read_text(encoding="utf-8")) & set("süß—Ωπ")


def test_what_an_encoding_lacks_is_escaped():
    for encoding, expected in (("ascii", "\\xfc \\u03a9\n"), ("cp1252", "ü \\u03a9\n"), ("utf-8", "ü Ω\n")):
        file = encoded(encoding)
        say("ü Ω", file=file)
        assert file.buffer.getvalue().decode(encoding) == expected


def test_the_output_is_the_one_there_is_when_something_is_said(monkeypatch):
    bar = Progress("epoch 1")
    monkeypatch.setattr(sys, "stdout", Writer())
    bar.update(1, {})
    bar.done({"loss": 0.5})
    assert sys.stdout.text == "epoch 1  loss 0.5\n"


@pytest.mark.parametrize("argv", [[], ["demo"], ["demo", "tetris"]])
@pytest.mark.parametrize("kind", OUTPUTS)
def test_the_command_line_says_what_it_can(argv, kind, monkeypatch):
    monkeypatch.setattr(sys, "stdout", OUTPUTS[kind]())
    monkeypatch.setattr(sys, "stderr", None)
    assert main(argv) == (2 if "tetris" in argv else 0)


@pytest.mark.parametrize("argv", [["--help"], ["demo", "--help"]])
def test_help_needs_no_encoding(argv, monkeypatch):
    for make in OUTPUTS.values():
        output = make()
        monkeypatch.setattr(sys, "stdout", output)
        with pytest.raises(SystemExit):
            main(argv)
        assert not isinstance(output, io.TextIOWrapper) or b"demo" in output.buffer.getvalue()


def test_the_network_is_saved_before_anything_is_printed_or_drawn(tmp_path, monkeypatch):
    """All that is said or drawn after the training finds the checkpoint there."""
    seen = []
    note = lambda *args, **_: seen.append((args[:1], (tmp_path / "model.npz").exists()))
    for module in ("demo", "linear"):
        monkeypatch.setattr(sys.modules[f"ntb.demos.{module}"], "say", note)
    monkeypatch.setattr(demo.Demo, "picture", lambda self, name, *_, **__: note(name))
    assert main(["demo", "linear", "--steps", "1", "--out", str(tmp_path)]) == 0
    before = [there for _, there in seen]
    assert len(seen) > 6 and before == sorted(before) and before.count(False) == 2  # its introduction


def test_a_picture_that_fails_costs_nothing_else(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib", reason="it fails while it draws")

    def fail(*_, **__):
        raise RuntimeError("no display")

    monkeypatch.setattr(ntb.vis, "history", fail)
    assert main(["demo", "linear", "--steps", "1", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "no picture history.png: RuntimeError: no display" in printed
    assert "written to" in printed and "history.png," not in printed.split("written to")[1]
    assert (tmp_path / "fit.png").exists()


@pytest.mark.parametrize(
    ("environment", "pictures"),
    [
        ({"MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYTHONIOENCODING": "ascii"}, True),
        ({"MPLBACKEND": "nonsense", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, False),
    ],
    ids=["a notebook's backend, ascii", "no backend, the C locale"],
)
def test_a_demo_in_another_environment(tmp_path, environment, pictures):
    pytest.importorskip("matplotlib", reason="its backend is what is wrong")
    pictures = pictures and importlib.util.find_spec("matplotlib_inline") is not None
    (tmp_path / "song.txt").write_text("süß — Ω π la la la\n" * 20, encoding="utf-8")
    command = [sys.executable, "-m", "ntb", "demo", "text", "--data", tmp_path / "song.txt", "--steps", "1"]
    done = subprocess.run(
        [*command, "--out", tmp_path / "out"], cwd=ROOT, capture_output=True, env={**os.environ, **environment}
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (b"no pictures: matplotlib does not start" in done.stdout) == (not pictures)
    assert (tmp_path / "out" / "history.png").exists() == pictures
    arrays, _ = ntb.io.read(tmp_path / "out" / "model.npz")
    assert all(np.isfinite(x).all() for x in arrays.values())
