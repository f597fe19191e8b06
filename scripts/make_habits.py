"""Write docs/coming_from.md: habits of other libraries, and ntb's way, from the table in ntb/habits.txt.

python scripts/make_habits.py
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from ntb.habits import Habit, table

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "coming_from.md"

NAMES = """
import numpy as np
import ntb
import ntb.compat as graph
from ntb import nn, optim

f = lambda a: np.sum(a**2)
v = np.ones(3)
x, labels = np.ones((4, 2), np.float32), np.array([0, 1, 2, 0])
model = nn.Sequential(nn.Linear(2, 8), nn.relu, nn.Linear(8, 3))
params = model.trainable_variables()
opt = optim.Adam(lr=0.01)
t, w = ntb.tensor([[1.0, 2.0], [3.0, 4.0]]), ntb.Variable([1.0, 2.0])
with ntb.Tape(persistent=True) as tape:
    loss = nn.cross_entropy(model(x), labels)
grads = tape.gradient(loss, params)
step = ntb.function(lambda a, b: opt.minimize(lambda: nn.cross_entropy(model(a), b), params))
trainer = ntb.training.Trainer(model, nn.cross_entropy, opt)
history = ntb.training.History(epoch=[1, 2], loss=[0.5, 0.25])
callback = ntb.training.Callback()
traced = ntb.function(f)
metric, distribution = ntb.metrics.Accuracy(), ntb.distributions.Normal(0.0, 1.0)
g = graph.ComputationGraph()
node = graph.Placeholder([3], graph=g)
"""
"""What the codes of the table speak of."""

_TITLES = {
    "ntb": "Functions of the package",
    "nn": "Layers, activations and losses",
    "nn.initializers": "First values",
    "optim": "Optimizers",
    "optim.schedules": "Learning rates",
    "ntb.metrics": "Metrics",
    "metric": "A metric",
    "distribution": "A distribution",
    "ntb.distributions": "Distributions",
    "ntb.data": "Data",
    "ntb.random": "Random numbers",
    "ntb.training": "Training",
    "ntb.training.callbacks": "Callbacks",
    "t": "Tensors and Variables",
    "model": "Models",
    "opt": "An optimizer",
    "tape": "A tape",
    "trainer": "A Trainer",
    "history": "A history",
    "callback": "A callback",
    "traced": "A traced function",
    "node": "A node of the graph style",
    "": "Calls",
}

_BEGINNING = """# All habits of other libraries

Whoever writes `opt.zero_grad()` or `nn.Dense(3)` here gets an error that names ntb's way. This page has all that these
errors know; [Coming from](coming/index.md) is shorter, and has whole programs side by side. This page is made of the
table in `ntb/habits.txt` by `python scripts/make_habits.py`; the tests run each row.

In the tables these names mean:

```python{names}```
"""


def page() -> str:
    """The text of the page."""
    parts = [_BEGINNING.format(names=NAMES)]
    for owner, rows in groupby(table().values(), _owner):
        parts.append(f"## {_TITLES[owner]}\n\n{_table_of(rows)}")
    return "\n".join(parts)


def _owner(row: Habit) -> str:
    return "" if set("([") & set(row.code) else row.code.rpartition(".")[0]


def _table_of(rows: Iterable[Habit]) -> str:
    lines = ["| by habit | from | in ntb | |", "|---|---|---|---|"]
    lines += [f"| `{row.code}` | {row.library} | {row.answer} | `{row.example}` |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}: {len(table())} habits")
