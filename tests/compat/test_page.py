"""docs/earlier_ntb.md: its tables have every name of the earlier ntb, and the code in them runs."""

import re
from pathlib import Path

import numpy as np
import pytest

import ntb.compat as ntb
from tests.compat.test_names import CLASSES, FUNCTIONS
from tests.fences import fences

PAGE = (Path(ntb.__file__).parents[2] / "docs" / "earlier_ntb.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|")]
EVERY_NAME = PAGE.split("## Every name")[1].split("## New")[0]
CODE = re.findall(r"^\| `(.+?)` \|", EVERY_NAME, re.M)


def test_tables_stay_tables():
    assert len(ROWS) > 150 and [row for row in ROWS if row.count("|") != 3] == []


@pytest.mark.parametrize("name", CLASSES + FUNCTIONS)
def test_every_name_is_there(name):
    assert re.search(rf"\bntb\.{name}\b", EVERY_NAME)


@pytest.mark.parametrize("code", CODE)
def test_what_stands_there_runs(g, code):
    x, y, images = ntb.Placeholder([-1, 3]), ntb.Placeholder([-1, 3]), ntb.Placeholder([-1, 3, 8, 8])
    labels, train, sequence = ntb.Placeholder([-1]), ntb.Placeholder(), ntb.Placeholder([-1, 4, 3])
    space = {
        "ntb": ntb, "np": np, "g": g, "x": x, "y": y, "images": images, "labels": labels, "train": train,
        "sequence": sequence, "steps": ntb.Placeholder([-1, 4]), "X": np.ones((2, 3)), "gamma": np.ones(3),
        "filters": np.ones((2, 3, 3, 3)), "biases": np.zeros(2), "array": np.ones((1, 1, 4, 4)),
        "w": ntb.Variable(value=np.ones((3, 2))), "b": ntb.Variable(value=np.zeros(2)),
        "data": {"X_train": np.ones((3, 2)), "y_train": np.ones(3), "X_val": np.ones((3, 2)), "y_val": np.ones(3)},
    }  # fmt: skip
    space["l"] = ntb.L2(space["w"], space["b"])
    eval(code, space)


def test_there_is_a_program_for_a_node_of_ones_own_and_one_for_subclasses():
    (_, first), (_, second) = [fence for fence in fences(PAGE) if fence[0] == "python"]
    assert "class Softplus" in first and "class LeakyRelu" in second
