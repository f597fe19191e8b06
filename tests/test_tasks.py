"""Tasks that people bring along, in tests/tasks.txt: each program runs, and is no longer than in other libraries."""

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import ntb
from ntb import metrics, nn, optim
from ntb.distributions import Bernoulli, Normal, kl_divergence
from ntb.training import Trainer, callbacks


class Task(NamedTuple):
    """A task: what is there before, the program, and conditions that hold in the end, of which the last is a value."""

    title: str
    most_lines: int
    given: str
    program: str
    holds: str


def _task(text):
    title, most_lines = re.match(r"(.*), (\d+) lines?$", text, re.M).groups()
    parts = dict(re.findall(r"^(\w+):\n((?:    .*\n)+)", text, re.M))
    return Task(title, int(most_lines), *[textwrap.dedent(parts.get(name, "")) for name in Task._fields[2:]])


TASKS = [_task(text) for text in Path(__file__).with_name("tasks.txt").read_text(encoding="utf-8").split("\n= ")[1:]]


def learns(model, x, labels):
    """Whether a few steps make the loss of a classifier smaller."""
    optimizer = optim.Adam(0.05)
    losses = [optimizer.minimize(lambda: nn.cross_entropy(model(x, train=True), labels), model) for _ in range(15)]
    return losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.title)
def test_a_task_is_done_in_few_lines(task, tmp_path, monkeypatch):
    if "vis" in task.program:
        pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib")
    names = {"np": np, "ntb": ntb, "nn": nn, "optim": optim, "metrics": metrics, "learns": learns,
             "Bernoulli": Bernoulli, "Normal": Normal, "kl_divergence": kl_divergence, "Trainer": Trainer,
             "callbacks": callbacks}  # fmt: skip
    monkeypatch.chdir(tmp_path)
    ntb.random.seed(0)
    exec(task.given, names)
    exec(task.program, names)
    for line in task.holds.splitlines():
        try:
            condition = compile(line, task.title, "eval")
        except SyntaxError:
            exec(line, names)
        else:
            held = eval(condition, names)
            assert held is None or held, line


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.title)
def test_its_lines_are_no_more_than_those_of_others(task):
    lines = [line for line in task.program.splitlines() if line.strip()]
    assert 0 < len(lines) <= task.most_lines
    assert all(len(line) <= 120 and ";" not in line for line in lines)


def test_there_are_many():
    assert len(TASKS) > 25 and len({task.title for task in TASKS}) == len(TASKS)
