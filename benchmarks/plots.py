"""Pictures of the results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

from .libraries import LIBRARIES

MARKS = dict(zip(LIBRARIES, "oosP*^v<>Dd"))
COLOURS = dict(zip(LIBRARIES, [f"C{i}" for i in range(10)] + ["black"]))


def compare(results: dict[str, Any], path: Path) -> None:
    """For each dtype, the times of all libraries relative to ntb's replayed step."""
    cells = [cell for cell in results["cells"] if "ms" in cell]
    base = {(c["workload"], c["dtype"]): c["ms"] for c in cells if c["library"] == "ntb-replay"}
    dtypes = list(dict.fromkeys(dtype for _, dtype in base))
    figure, panels = plt.subplots(1, max(1, len(dtypes)), figsize=(13, 5), sharey=True, squeeze=False)
    for panel, dtype in zip(panels[0], dtypes):
        rows = [workload for workload, of in base if of == dtype]
        for library in LIBRARIES:
            points = [
                (rows.index(c["workload"]), c["ms"] / base[c["workload"], dtype])
                for c in cells
                if c["library"] == library and c["dtype"] == dtype and c["workload"] in rows
            ]
            if points:
                options = {"marker": MARKS[library], "color": COLOURS[library], "linestyle": ""}
                panel.plot(*zip(*points), label=LIBRARIES[library].title, alpha=0.8, **options)
        panel.set(title=dtype, yscale="log", ylabel="time of a step / that of ntb's replayed step")
        panel.set_xticks(range(len(rows)), rows)
        panel.axhline(1.0, color="black", linewidth=0.5)
        panel.grid(axis="y", alpha=0.3)
    if dtypes:
        panels[0][-1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def growth(series: dict[str, Any], path: Path) -> None:
    """A panel for what grows: times against sizes, and a line of slope one."""
    figure, panels = plt.subplots(1, len(series), figsize=(5 * len(series), 4.5), squeeze=False)
    for panel, (title, rows) in zip(panels[0], series.items()):
        sizes = [row["size"] for row in rows]
        for name in ("trace", "eager", "replay"):
            panel.plot(sizes, [row[name] for row in rows], marker="o", label=name)
        first = rows[-1]
        line = [first["eager"] * size / first["size"] for size in sizes]
        panel.plot(sizes, line, color="gray", linestyle=":", label="linear")
        panel.set(title=title, xscale="log", yscale="log", xlabel=title, ylabel="ms")
        panel.legend()
        panel.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)
