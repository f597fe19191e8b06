"""The command line and the demos, a few steps each."""

import builtins
import gzip
import pickle
import re
import runpy
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ntb
from ntb import compat
from ntb.__main__ import main
from ntb.data import batches
from ntb.demos import DEMOS, demo, log
from ntb.demos.epochs import Epochs
from ntb.demos.memory import Memory
from ntb.demos.styles import adopt, agreement, new_graph
from ntb.io import read
from ntb.replay.function import Function
from ntb.vis import plot
from reliability.kills import differences

ROOT = Path(__file__).parent.parent
PICTURES = {
    "linear": {"history.png", "fit.png", "program.png"},
    "mnist": {"history.png", "filters.png", "confusion.png"},
    "convnet": {"history.png", "filters.png", "confusion.png"},
    "cifar": {"history.png", "filters.png", "confusion.png"},
    "text": {"history.png"},
}
OTHERS = {"linear": {"program.py", "program.npz"}, "text": {"samples.txt"}}


@pytest.fixture
def run(tmp_path, capsys):
    """Run the command line in an empty folder; gives what it printed, and where it wrote.

    Without pictures, which would take most of the time, but where they are asked for.
    """

    def run(name, *options, command="demo", out="out", status=0, pictures=False):
        folder = tmp_path / out
        np.random.seed(0)  # from which a new graph draws
        with pytest.MonkeyPatch.context() as patch:
            if not pictures:
                patch.setattr(demo.Demo, "picture", lambda *_, **__: None)
            found = main([command, name, "--out", str(folder), *options])
        printed = capsys.readouterr()
        assert found == status, printed.err
        return printed, folder

    return run


@pytest.fixture
def song(tmp_path):
    """A short text, so that an epoch is a step."""
    path = tmp_path / "song.txt"
    path.write_text("la la la, di dum di dum\n" * 20)
    return path


@pytest.mark.uncounted
@pytest.mark.parametrize("name", DEMOS)
def test_replayed_and_eager_runs_are_the_same(name, run):
    pytest.importorskip("matplotlib", reason="the pictures that a demo writes need matplotlib")
    printed, replayed = run(name, "--steps", "3", "--seed", "5", out="replayed", pictures=True)
    assert "replayed from a trace" in printed.out
    also_printed, eager = run(name, "--steps", "3", "--seed", "5", "--no-replay", out="eager")
    assert "run eagerly" in also_printed.out
    (arrays, metadata), (eager_arrays, eager_metadata) = (read(folder / "model.npz") for folder in (replayed, eager))
    for history in (metadata["history"], eager_metadata["history"]):
        history.pop("seconds", None)
        assert len(history["loss"]) >= 1
    assert metadata == eager_metadata
    assert arrays.keys() == eager_arrays.keys()
    for key, value in arrays.items():
        assert value.dtype == eager_arrays[key].dtype, key
        np.testing.assert_array_equal(value, eager_arrays[key], err_msg=key)
    if name == "text":
        assert (replayed / "samples.txt").read_text() == (eager / "samples.txt").read_text()
    expected = {"model.npz", "checkpoint.npz", *PICTURES[name], *OTHERS.get(name, ())}
    assert {path.name for path in replayed.iterdir()} == expected
    assert all((replayed / name).read_bytes().startswith(b"\x89PNG") for name in PICTURES[name])


@pytest.mark.parametrize("name", DEMOS)
def test_both_styles_have_the_same_losses(name, run):
    """Losses, checkpoints and what is written with the network are the same to the last bit."""
    printed, folder = run(name, "--steps", "5", "--seed", "3", "--style", "both")
    assert printed.out.endswith("\ngraph style: the same 5 losses, to the last bit\n")
    assert "each step is replayed" in printed.out and "each run of the graph is replayed" in printed.out
    (arrays, metadata), (graph_arrays, graph_metadata) = (read(at / "model.npz") for at in (folder, folder / "graph"))
    assert arrays.keys() - {"optimizer.lr"} == graph_arrays.keys()  # which a graph is fed with
    for key, value in graph_arrays.items():
        assert value.dtype == arrays[key].dtype, key
        np.testing.assert_array_equal(value, arrays[key], err_msg=key)
    history, graph_history = metadata["history"], graph_metadata["history"]
    assert history.keys() == graph_history.keys() and history["loss"] == graph_history["loss"]
    for key in history.keys() - {"seconds"}:
        np.testing.assert_allclose(graph_history[key], history[key], rtol=1e-6, err_msg=key)
    if name == "text":
        assert (folder / "samples.txt").read_text() == (folder / "graph" / "samples.txt").read_text()


def test_styles_agree_over_epochs(run):
    """Evaluations in between do not disturb what is drawn."""
    printed, _ = run("convnet", "--steps", "65", "--style", "both")
    assert "epoch 2/2" in printed.out and "the same 65 losses" in printed.out


def test_style_of_a_run(run):
    printed, folder = run("linear", "--steps", "2", "--style", "graph")
    assert "run of the graph" in printed.out and "graph style" not in printed.out
    assert (folder / "model.npz").exists() and not (folder / "graph").exists()
    source = (folder / "program.py").read_text()
    assert "slope" in source and "ntb" not in source


def test_interrupt_in_the_first_style_ends_both(run, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(log, "numbers", interrupt)
    printed, folder = run("linear", "--style", "both", status=130)
    assert not (folder / "graph").exists() and "graph style" not in printed.out


def test_losses_that_differ_are_told():
    eager, graph = [3.0, 2.0, 1.0], [3.0, 2.5, 1.25]
    assert agreement(eager, eager) == "graph style: the same 3 losses, to the last bit"
    assert agreement(eager, graph) == ("graph style: 2 of 3 losses differ, by 0.5 at most, the first of them in step 2")


def test_a_graph_of_another_model_is_refused():
    graph = new_graph()
    with compat.default_graph(graph):
        compat.Variable(value=1.0)
    with pytest.raises(ValueError, match="shorter"):
        adopt(graph, {"a": ntb.Variable(0.0), "b": ntb.Variable(0.0)})


def test_parameters_of_the_networks_are_float32(run):
    _, folder = run("text", "--steps", "1")
    arrays, _ = read(folder / "model.npz")
    assert {a.dtype for name, a in arrays.items() if name.startswith("model.")} == {np.dtype(np.float32)}


def test_seeds_differ(run):
    losses = []
    for seed in ("1", "2"):
        _, folder = run("mnist", "--steps", "2", "--seed", seed)
        losses.append(read(folder / "model.npz")[1]["history"]["loss"])
    assert losses[0] != losses[1]


def test_linear_finds_the_line_and_its_program_runs_alone(run):
    printed, folder = run("linear")
    assert printed.out.count("y = 2.4") >= 2
    history = read(folder / "model.npz")[1]["history"]
    assert history["step"] == [1, 50, 100, 150, 200] and history["loss"][-1] < 0.1
    source = (folder / "program.py").read_text()
    assert len(source.splitlines()) < 50 and "ntb" not in source
    module = runpy.run_path(str(folder / "program.py"))
    x = np.linspace(-1, 1, 75)
    variables = dict(module["variables"])
    for _ in range(200):
        loss, variables = module["train_step"](x, 3 * x + 1, **{**module["variables"], **variables})
    assert loss < 1e-3 and abs(variables["a"] - 3) < 0.01


def test_checkpoint_loads_into_the_model(run):
    _, folder = run("linear")
    a, b = ntb.Variable(0.0, name="a"), ntb.Variable(0.0, name="b")
    optimizer = ntb.optim.SGD(lr=0.05, momentum=0.9)
    optimizer.build([a, b])
    metadata = ntb.load(folder / "model.npz", {"a": a, "b": b, "optimizer": optimizer})
    assert metadata["demo"] == "linear" and abs(a.item() - 2.5) < 0.1
    assert optimizer.step.item() == 200


def test_samples_use_the_state(run, song):
    printed, folder = run("text", "--data", str(song), "--steps", "60")
    samples = (folder / "samples.txt").read_text()
    assert samples in printed.out and samples.count("at temperature") == 3
    history = read(folder / "model.npz")[1]["history"]
    assert history["loss"][0] > 2 and history["loss"][-1] < history["loss"][0] - 0.8


def test_interrupt_keeps_what_was_learned(run, monkeypatch):
    calls = iter(range(1000))
    numbers = log.numbers

    def interrupted_in_step_120(report):
        if next(calls) == 120:
            raise KeyboardInterrupt
        return numbers(report)

    monkeypatch.setattr(log, "numbers", interrupted_in_step_120)
    printed, folder = run("linear", status=130)
    assert "interrupted" in printed.out
    assert read(folder / "model.npz")[1]["history"]["step"] == [1, 50, 100]
    assert (folder / "program.py").exists()


def test_interrupt_before_the_first_epoch_ends(run, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo.Demo, "before_step", interrupt)
    printed, folder = run("convnet", status=130, pictures=True)
    assert "interrupted" in printed.out and (folder / "model.npz").exists()
    assert not (folder / "history.png").exists()


def test_interrupt_elsewhere(monkeypatch, tmp_path, capsys):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(DEMOS["mnist"], "run", interrupt)
    assert main(["demo", "mnist", "--out", str(tmp_path)]) == 130
    assert "interrupted" in capsys.readouterr().err


# --- going on


def interrupting(step):
    """A demo's look at its steps, which ends training before one of them."""

    def before_step(self, *_):
        if self.made == step:
            raise KeyboardInterrupt

    return before_step


@pytest.mark.parametrize(
    ("name", "style", "step"),
    [
        ("linear", "eager", 1),
        ("mnist", "eager", 2),
        ("convnet", "eager", 2),
        ("convnet", "graph", 2),
        ("text", "eager", 3),
    ],
)
def test_an_interrupted_run_goes_on_to_the_same_numbers(name, style, step, run, monkeypatch, song):
    """Before the fourth step; `step` is the last one after which a checkpoint is written. An epoch of the text is a
    step."""
    monkeypatch.setattr(demo, "EVERY", 2)
    options = ["--steps", "5", "--style", style, *(["--data", str(song)] if name == "text" else [])]
    _, whole = run(name, *options, out="whole")
    with monkeypatch.context() as patch:
        patch.setattr(demo.Demo, "before_step", interrupting(3))
        printed, torn = run(name, *options, out="torn", status=130)
    assert "--resume goes on from the last checkpoint" in printed.out
    printed, _ = run(name, *options, "--resume", out="torn")
    assert f"training goes on after step {step}\n" in printed.out
    assert differences(whole, torn) == []
    printed, _ = run(name, *options, "--resume", out="torn")
    assert "all 5 steps were made before" in printed.out
    assert differences(whole, torn) == []


def test_both_styles_go_on(run, monkeypatch):
    """The first was finished; the losses of both are compared, of steps before the interrupt, too."""
    monkeypatch.setattr(
        demo.Demo, "before_step", lambda self, *_: interrupting(60)(self) if self.style == "graph" else 0
    )
    run("linear", "--steps", "90", "--style", "both", status=130)
    monkeypatch.undo()
    printed, _ = run("linear", "--steps", "90", "--style", "both", "--resume")
    assert "all 90 steps were made before" in printed.out and "training goes on after step 50" in printed.out
    assert printed.out.endswith("the same 90 losses, to the last bit\n")


def test_a_run_without_a_checkpoint_or_without_resume_begins_anew(run):
    printed, _ = run("linear", "--steps", "60", "--resume")
    assert "there is no checkpoint" in printed.out and "step 1/60" in printed.out
    printed, _ = run("linear", "--steps", "60")
    assert "step 1/60" in printed.out and "goes on" not in printed.out


@pytest.mark.parametrize("name", ["mnist", "text"])
def test_a_cluster_gives_the_numbers_of_one_process(name, run):
    """To rounding, as nothing is drawn in the steps of these demos."""
    printed, there = run(name, "--steps", "6", "--cluster", "local:2", out="there")
    _, here = run(name, "--steps", "6", out="here")
    assert "computing" in printed.out and printed.out.count("tcp://") == 2
    found, expected = (read(folder / "model.npz")[0] for folder in (there, here))
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        if value.dtype.kind == "f":
            np.testing.assert_allclose(found[key], value, rtol=1e-3, atol=1e-5, err_msg=key)


def test_one_worker_gives_the_bits_of_two_and_goes_on_where_it_was(run, monkeypatch):
    monkeypatch.setattr(demo, "EVERY", 2)
    _, two = run("mnist", "--steps", "4", "--cluster", "local:2", out="two")
    with monkeypatch.context() as patch:
        patch.setattr(demo.Demo, "before_step", interrupting(3))
        run("mnist", "--steps", "4", "--cluster", "local:1", out="one", status=130)
    printed, one = run("mnist", "--steps", "4", "--cluster", "local:1", "--resume", out="one")
    assert "training goes on after step 2\n" in printed.out
    assert differences(two, one) == []


def test_a_profile_leaves_the_checkpoint_as_it_is(run):
    _, folder = run("linear", "--steps", "2")
    before = (folder / "checkpoint.npz").read_bytes()
    run("linear", "--repeat", "1", "--steps", "200", command="profile")
    assert (folder / "checkpoint.npz").read_bytes() == before


# --- mistakes, data, options


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["frobnicate"], "frobnicate"),
        (["demo", "tetris"], "linear, mnist, convnet, cifar, text"),
        (["demo", "linear", "--steps", "0"], "whole number from 1 on, not '0'"),
        (["demo", "linear", "--steps", "many"], "whole number from 1 on, not 'many'"),
        (["demo", "linear", "--seed", "-1"], "whole number from 0 on, not '-1'"),
        (["demo", "linear", "--fast"], "--fast"),
        (["demo", "linear", "--style", "lazy"], "--style: invalid choice: 'lazy'"),
        (["demo", "linear", "--style", "graph", "--no-replay"], "a graph is always replayed"),
        (["demo", "linear", "--style", "both", "--no-replay"], "a graph is always replayed"),
        (["demo", "linear", "--data", "x"], "makes its own data"),
        (["demo", "mnist", "--data", "nowhere"], "MNIST is not complete in nowhere"),
        (["demo", "convnet", "--data", "nowhere"], "MNIST is not complete in nowhere"),
        (["demo", "cifar", "--data", "nowhere"], "CIFAR-10 is not complete in nowhere"),
        (["demo", "text", "--data", "nowhere"], "nowhere is neither a file"),
        (["demo", "linear", "--out", "a_file"], "cannot write to a_file"),
        (["profile", "tetris"], "linear, mnist, convnet, cifar, text"),
        (["profile", "linear", "--repeat", "0"], "whole number from 1 on, not '0'"),
        (["profile", "linear", "--steps", "-1"], "whole number from 0 on, not '-1'"),
        (["profile", "linear", "--style", "graph"], "--style"),
        (["profile", "linear", "--data", "x"], "makes its own data"),
        (["profile", "mnist", "--data", "nowhere"], "MNIST is not complete in nowhere"),
        (["profile", "linear", "--out", "a_file"], "cannot write to a_file"),
    ],
)
def test_mistakes_are_one_line(argv, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_file").write_text("in the way")
    assert main(argv) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("ntb: ") and printed.err.count("\n") == 1 and words in printed.err


def test_data_from_a_folder(run, tmp_path):
    """A small set in the files of MNIST, too small for a whole batch."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 40), ("t10k", 20)):
        pixels, labels = rng.integers(0, 256, (count, 28, 28), np.uint8), rng.integers(0, 10, count, np.uint8)
        header = struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28)
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
        with gzip.open(tmp_path / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">4BI", 0, 0, 8, 1, count) + labels.tobytes())
    printed, folder = run("convnet", "--data", str(tmp_path))
    assert "40 for training, 20 for validation" in printed.out
    assert read(folder / "model.npz")[1]["history"]["epoch"] == list(range(1, 11))


def test_cifar_from_a_folder(run, tmp_path):
    rng = np.random.default_rng(0)
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
        batch = {"data": rng.integers(0, 256, (20, 3072), np.uint8), "labels": rng.integers(0, 10, 20).tolist()}
        (tmp_path / name).write_bytes(pickle.dumps(batch, protocol=2))
    (tmp_path / "batches.meta").write_bytes(pickle.dumps({"label_names": list("abcdefghij")}, protocol=2))
    printed, _ = run("cifar", "--data", str(tmp_path), "--steps", "2")
    assert "100 for training, 20 for validation" in printed.out


def test_text_from_a_file(run, song):
    printed, _ = run("text", "--data", str(song), "--steps", "2")
    assert "9 different" in printed.out


def test_without_matplotlib(run, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("matplotlib"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *args, **kwargs)

    plot.picture_class.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    printed, folder = run("linear", "--steps", "2", pictures=True)
    assert printed.out.count("pip install 'ntb[vis]'") == 1
    assert {path.name for path in folder.iterdir()} == {"model.npz", "checkpoint.npz", "program.py", "program.npz"}


@pytest.mark.parametrize("argv", [[], ["demo"], ["explain"], ["--help"], ["demo", "--help"], ["explain", "--help"]])
def test_help_names_every_demo(argv, capsys):
    try:
        status = main(argv)
    except SystemExit as leaving:  # argparse's way after --help
        status = leaving.code
    text = capsys.readouterr().out
    assert status == 0
    for name, module in DEMOS.items():
        assert f"  {name} " in text and module.__doc__ in text and module.TIME in text


@pytest.mark.parametrize("name", DEMOS)
def test_profile(name, run):
    printed, folder = run(name, "--repeat", "1", command="profile")
    assert "train_step(x: " in printed.out and "# backward" in printed.out and "most expensive lines" in printed.out
    assert f"written to {folder}: profile.html" in printed.out
    assert [path.name for path in folder.iterdir()] == ["profile.html"]
    assert (folder / "profile.html").read_text(encoding="utf-8").endswith("</html>\n")


def test_explain(run):
    printed, folder = run("linear", "--repeat", "1", command="explain")
    assert f"written to {folder}: explain.html" in printed.out
    assert [path.name for path in folder.iterdir()] == ["explain.html"]
    text = (folder / "explain.html").read_text(encoding="utf-8")
    assert text.endswith("</html>\n") and "<math>" in text and '"values":' in text


def test_the_first_call_of_a_file_is_explained(run, tmp_path):
    """The file runs as far as that, and no further."""
    (tmp_path / "beside.py").write_text("RATE = 0.1")
    (tmp_path / "train.py").write_text(
        "import sys, ntb\nfrom beside import RATE\n"
        "w = ntb.Variable(1.0, name='w')\n"
        "@ntb.function\n"
        "def step(x, *, y):\n"
        "    with ntb.Tape() as tape:\n"
        "        loss = (w * x - y) ** 2\n"
        "    w.assign_sub(RATE * tape.gradient(loss, w))\n"
        "    return loss\n"
        "if __name__ == '__main__':\n"
        "    assert sys.argv == [__file__]\n"
        "    while True:\n"
        "        step(2.0, y=6.0)\n"
    )
    before = sys.argv, list(sys.path), Function.__call__
    printed, folder = run(str(tmp_path / "train.py"), "--repeat", "1", command="explain", out="pages")
    assert (sys.argv, sys.path, Function.__call__) == before
    assert "step(x: number, y: number), the first traced function" in printed.out
    assert "w = w - 0.1 * d_w" in re.sub("<[^>]*>", "", (folder / "explain.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "steps"), [("linear", 200), ("convnet", 3)])
def test_profile_after_some_steps(name, steps, run):
    """There is always one more step to profile, also after the last one of the demo."""
    printed, _ = run(name, "--repeat", "2", "--steps", str(steps), command="profile")
    assert "the median of 2" in printed.out and ("step 200/201" in printed.out) == (name == "linear")


def test_profile_that_cannot_be_written(run):
    run("linear", command="profile", out="folder")
    _, folder = run("linear", command="profile", out="folder")  # again is no mistake
    (folder / "profile.html").unlink()
    (folder / "profile.html").mkdir()
    printed, _ = run("linear", command="profile", out="folder", status=2)
    assert printed.err.startswith("ntb: cannot write") and printed.err.count("\n") == 1


def test_interrupt_of_a_profile(run, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(ntb.Program, "profile", interrupt)
    printed, folder = run("linear", command="profile", status=130)
    assert "interrupted" in printed.err and list(folder.iterdir()) == []


def test_help_tells_of_the_styles(capsys):
    with pytest.raises(SystemExit):
        main(["demo", "--help"])
    assert "--style {eager,graph,both}" in capsys.readouterr().out


def test_reader_that_has_seen_enough(tmp_path):
    """`python -m ntb demo ... | head -1` ends without a traceback."""
    command = f"{sys.executable} -m ntb demo linear --out '{tmp_path}' | head -1"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == "" and done.stdout.startswith("linear: 75 points")


def test_epochs_make_so_many_steps():
    epochs = Epochs(batches(np.arange(10), size=3, shuffle=0, drop_last=True), steps=7)
    whole = [[rows.tolist() for (rows,) in epochs.epoch(number)] for number in range(4)]
    assert [len(rows) for rows in whole] == [3, 3, 1, 0] and epochs.count == 3 and len(epochs) == 3
    for number, start in [(0, 1), (1, 3), (2, 1), (2, 0)]:
        assert [rows.tolist() for (rows,) in epochs.epoch(number, start)] == whole[number][start:]
    longer = Epochs(batches(np.arange(10), size=3, shuffle=0, drop_last=True), steps=7, passes=2)
    whole = [*whole[0], *whole[1]], whole[2]
    assert longer.count == 2 and len(longer) == 6
    for number, start in [(0, 0), (0, 4), (0, 6), (1, 0), (1, 1)]:
        assert [rows.tolist() for (rows,) in longer.epoch(number, start)] == whole[number][start:]


def test_a_log_tells_means_since_the_line_before(capsys):
    told = log.Log(3, {}, Memory(None, {}))
    for loss in (4.0, 2.0):
        told.add({"loss": loss, "accuracy": loss / 4})
    told.line(val_accuracy=0.5)
    told.add(1.0)
    told.line()
    assert told.history == {"step": [2, 3], "loss": [3.0, 1.0], "accuracy": [0.75], "val_accuracy": [0.5]}
    assert capsys.readouterr().out.splitlines() == [
        "step 2/3  loss 3  accuracy 0.75  val_accuracy 0.5", "step 3/3  loss 1",
    ]  # fmt: skip
