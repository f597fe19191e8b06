"""The examples, each with few steps: they begin to learn. (Dask's is tried in tests/arrays/test_cluster.py.)"""

import runpy
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


def test_every_example_is_tried():
    assert {path.stem for path in FOLDER.glob("*.py")} == {*SMALL, "gan", "dask_training"}
