"""The examples, each with few steps: they begin to learn. (Dask's is tried in tests/arrays/test_cluster.py.)"""

import contextlib
import itertools
import runpy
import sys
import types
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "examples"


def falls(names, to):
    """Whether the losses of a script end below a share of the first."""
    return np.mean(names["losses"][-2:]) < to * names["losses"][0]


def converges_quadratically(names):
    """Whether each error of Newton's method is about a square of the one before, as long as no rounding counts."""
    errors = names["errors"]["Newton"]
    near = [(e, after) for e, after in itertools.pairwise(errors) if 1e-6 < e < 0.2]
    return near and all(after < 10 * e**2 for e, after in near)


SCRIPTS = {
    "bidirectional_tagger": ("--epochs 4 --words 400 --size 16", lambda names: falls(names, 0.85)),
    "diffusion": ("--epochs 3 --images 256 --levels 4 --size 32", lambda names: falls(names, 0.9)),
    "gan": ("--steps 100", lambda names: names["distances"][-1] < 0.6 * names["distances"][0]),
    "gpt": ("--epochs 5 --stride 800 --length 8 --size 32 --layers 1", lambda names: falls(names, 0.8)),
    "resnet": ("--epochs 5 --images 40 --patch 32", lambda names: falls(names, 0.7)),
    "u_net": ("--steps 8 --batch 2", lambda names: falls(names, 0.8)),
    "vae": ("--epochs 3 --images 500", lambda names: falls(names, 0.8)),
    "custom_gradient": (
        "--steps 20 --units 6",
        lambda names: (
            np.isfinite(names["log1pexp"](names["x"])).all()
            and all(np.mean(losses[-2:]) < losses[0] for _, losses in names["results"].values())
        ),
    ),
    "debugging_nans": (
        "--steps 3 --rate 0.2",
        lambda names: (
            [len(norms) for norms in names["runs"].values()] == [2, 3, 3]
            and not np.isfinite(names["runs"]["softmax of the textbook"][-1]).any()
            and np.isfinite(names["places"]).all()
        ),
    ),
    "implicit": (
        "--steps 2 --images 20 --pixels 4 --points 4",
        lambda names: (
            abs(names["slope"] - names["numerical"]) < 1e-6
            and names["history"][-1] < names["history"][0]
            and np.abs(names["implicit"] - names["through_all"]).max() < 1e-10
        ),
    ),
    "neural_ode": ("--steps 10 --seconds 2", lambda names: falls(names, 0.8) and max(names["apart"]) < 1e-3),
    "newton": (
        "--steps 20 --images 20",
        lambda names: (
            converges_quadratically(names)
            and np.allclose(names["exact"], names["by_products"])
            and np.allclose(names["paths"]["natural gradient"][-1], names["best"])
            and names["norms"][-1] < 1e-4 * names["slow"][-1]
        ),
    ),
    "per_example": (
        "--images 200 --epochs 4 --steps 1",
        lambda names: (
            np.allclose(names["short"], names["norms_of"](names["rows"]), rtol=1e-4)
            and np.mean(names["wrong"][names["order"][:10]]) > 3 * np.mean(names["wrong"])
        ),
    ),
    "physics": (
        "--fits 2",
        lambda names: np.all(np.abs(names["fit"].x - names["TRUE"]) < 4 * names["sigma"]),
    ),
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
    assert {path.stem for path in FOLDER.glob("*.py")} == {*SCRIPTS, "dask_training"}


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
