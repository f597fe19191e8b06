"""The examples, each with few steps: they begin to learn. (Dask's is tried in tests/arrays/test_cluster.py.)"""

import contextlib
import runpy
import sys
import types
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "examples"

SMALL = {
    "bidirectional_lstm": {"steps": 60},
    "gpt": {"steps": 30, "length": 16, "size": 32, "layers": 1},
    "resnet": {"epochs": 8, "images": 50},
    "u_net": {"steps": 8},
    "vae": {"steps": 30},
}
"""The arguments of each that returns its losses."""


def run(name, **options):
    """What an example's `main` returns, and what it showed."""
    shown = []
    shows = {} if name == "resnet" else {"show": shown.append}  # of which a Trainer tells
    return runpy.run_path(str(FOLDER / f"{name}.py"))["main"](**options, **shows), shown


@pytest.mark.parametrize("name", SMALL)
def test_an_example_learns(name):
    result, _ = run(name, **SMALL[name])
    losses = result[0] if name == "vae" else result  # the VAE draws images, too
    assert len(losses) == next(iter(SMALL[name].values())) and np.mean(losses[-2:]) < 0.8 * losses[0]


def test_the_maker_of_the_gan_comes_nearer_to_the_spiral():
    distances, _ = run("gan", steps=150)
    assert distances[-1] < 0.3 * distances[0]


def falls(names, to):
    """Whether the losses of a script end below a share of the first."""
    return np.mean(names["losses"][-2:]) < to * names["losses"][0]


SCRIPTS = {
    "onnx_export": ("--steps 4 --repeats 1 --largest 1", lambda n: n["same"] == 1000 and n["difference"] < 1e-3),
    "pytorch_checkpoint": (
        "--steps 20 --images 100",
        lambda n: n["difference"] < 1e-4 and n["tuned"][-1] > max(n["before"], n["scratch"][-1]),
    ),
    "sklearn_pipeline": (
        "--epochs 20 --widest 1 --folds 2",
        lambda n: n["scores"].mean() > 0.8 and n["search"].score(n["x_test"], n["y_test"]) > 0.8,
    ),
}
"""Of each script in cells: the options of a short run, and what holds of the names that it leaves."""


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_does_what_it_says(name, tmp_path, monkeypatch, capsys):
    options, holds = SCRIPTS[name]
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setattr(sys, "argv", [f"{name}.py", *options.split(), "--out", str(tmp_path)])
    assert holds(runpy.run_path(str(FOLDER / f"{name}.py")))
    assert list(tmp_path.glob("*.png")) and "wrote" in capsys.readouterr().out


def test_every_example_is_tried():
    assert {path.stem for path in FOLDER.glob("*.py")} == {*SMALL, *SCRIPTS, "gan", "dask_training"}


SCRIPT = '''"""A line

Drawn.
"""

# %%
from matplotlib import pyplot as plt

from ntb.demos.example import Example

example = Example(__doc__, steps=(5, "of training"), learning_rate=(0.5, "of the line"))

# %% [markdown]
# A picture of it.

# %%
figure, axes = plt.subplots()
axes.plot([0, example.steps * example.learning_rate])
print(example.steps * example.learning_rate)
example.show(figure, "line")
'''


@pytest.mark.parametrize(
    "options, printed",
    [
        ("", f"2.5\nwrote {Path('out/line/line.png')}\n"),
        ("--steps 3 --out there", f"1.5\nwrote {Path('there/line.png')}\n"),
        ("--step 3", "unrecognized arguments: --step 3"),
        ("--steps x", "invalid int value: 'x'"),
        ("--help", "--learning-rate LEARNING_RATE\n                        of the line (default: 0.5)\n"),
    ],
)
def test_options(options, printed, tmp_path, monkeypatch, capsys):
    (tmp_path / "line.py").write_text(SCRIPT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "argv", ["line.py", *options.split()])
    with contextlib.suppress(SystemExit):
        runpy.run_path("line.py")
    assert printed in "".join(capsys.readouterr())
    assert "wrote" not in printed or Path(printed.split()[-1]).exists()


def test_a_notebook_has_the_defaults_and_shows_its_picture(tmp_path, monkeypatch, capsys):
    (tmp_path / "line.py").write_text(SCRIPT, encoding="utf-8")
    shown = []
    for name, of in [("ipykernel", {}), ("IPython", {}), ("IPython.display", {"display": shown.append})]:
        monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(**of))
    monkeypatch.setattr(sys, "argv", ["ipykernel_launcher.py", "-f", "kernel.json"])
    names = runpy.run_path(str(tmp_path / "line.py"))
    assert shown == [names["figure"]] and capsys.readouterr().out == "2.5\n"
