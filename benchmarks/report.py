"""The results as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from string import ascii_lowercase
from typing import Any

from . import goals, workloads
from .goals import Line
from .libraries import LIBRARIES
from .reasons import reason

HEADINGS = ("goal", "where", "measured", "against", "ratio", "at most", "")


def markdown(runs: Sequence[dict[str, Any]]) -> str:
    """The results of all runs, the one with the most threads first."""
    parts = [
        machine_text(runs[0]),
        "Milliseconds, medians of several rounds in which all libraries of a row were measured by turns, each in a "
        "process of its own; W6: microseconds per operation. Losses of the first steps agree, or there is no time.",
    ]
    for results in runs:
        lines = asked(results)
        on = threads_text(results["threads"])
        parts += [f"### Time of a step, {on}", f"`{results['command']}`", times(results)]
        parts += [f"### Goals, {on}", goal_table(lines, results["threads"]), summary(lines) + "."]
    parts += [f"### First call and memory, {threads_text(runs[0]['threads'])}", rest(runs[0])]
    return "\n\n".join(parts)


def machine_text(results: dict[str, Any]) -> str:
    """On what it was measured."""
    machine = results["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return f"{machine['processor']}, {machine['cores']} cores; Python {machine['python']}, {packages}."


def threads_text(count: int) -> str:
    return f"{count} thread{'s' * (count != 1)}"


def asked(results: dict[str, Any]) -> list[Line]:
    """The goals about the workloads, types and libraries that a run was asked for."""
    cells = results["cells"]
    wanted = {f"{c['workload']} {c['dtype']}" for c in cells}
    everything = {c["library"] for c in cells} == set(LIBRARIES)
    lines = [line for line in goals.evaluate(results) if not line.where or line.where in wanted]
    return [line for line in lines if everything or line.met is not None]


def expect(runs: Sequence[dict[str, Any]]) -> str:
    """What a user may expect: ntb's replayed step in float32 and the best peer's, and their ratio for each run."""
    rows = []
    for workload in workloads.MODULES:
        found = [goals.Results(results) for results in runs]
        own = [f.of(workload, "float32", "ntb-replay") for f in found]
        best = [f.best(workload, "float32") for f in found]
        if own[0] is None or best[0][0] is None or workload == "W6":
            continue
        ratios = [f"{a / b:.2f}" if a and b else "" for a, (b, _) in zip(own, best)]
        title = LIBRARIES[best[0][1]].title
        name = f"{workload}: {workloads.load(workload).TITLE}"
        rows.append([name, number_text(own[0]), f"{number_text(best[0][0])} ({title})", *ratios])
    headings = ["step, float32", "ntb replayed, ms", "best peer, ms"]
    return table_of([*headings, *[f"ratio, {threads_text(r['threads'])}" for r in runs]], rows)


def times(results: dict[str, Any]) -> str:
    """The table of times: a row for a workload and dtype, a column for a library; reasons for dashes as footnotes."""
    cells = {(c["workload"], c["dtype"], c["library"]): c for c in results["cells"]}
    columns = [name for name in LIBRARIES if any(key[2] == name for key in cells)]
    notes: dict[str, int] = {}
    rows = []
    for workload, dtype in dict.fromkeys(key[:2] for key in cells):
        texts = [time_text(cells.get((workload, dtype, name), {}), notes) for name in columns]
        rows.append([f"{workload} {workloads.load(workload).TITLE}", dtype, *texts])
    table = table_of(["workload", "dtype", *[LIBRARIES[name].title for name in columns]], rows)
    return "\n\n".join([table, *[f"[{number}] {reason}" for reason, number in notes.items()]])


def time_text(cell: dict[str, Any], notes: dict[str, int]) -> str:
    """The time, or a dash with the number of a footnote that says why there is none."""
    if "ms" in cell:
        return number_text(1e3 * cell["ms"] if cell["workload"] == "W6" else cell["ms"])
    reason = cell.get("error") or cell.get("cannot")
    if reason is None:
        return ""
    mark = "**error**" if "error" in cell else "–"
    return f"{mark} [{notes.setdefault(reason, len(notes) + 1)}]"


def goal_table(lines: Iterable[Line], threads: int | None = None) -> str:
    """The goals, each with its numbers, and whether it is met; below, what stands between those that are not."""
    notes: dict[str, str] = {}
    table = table_of(HEADINGS, [goal_row(line, notes, threads) for line in lines])
    return "\n\n".join([table, *[f"({letter}) {text}" for text, letter in notes.items()]])


def goal_row(line: Line, notes: dict[str, str], threads: int | None) -> list[str]:
    of = "W6" in line.where and line.unit == "ms" and " call" not in line.goal
    scale, unit = (1e3, "µs") if of else (1.0, line.unit)
    shown = [None if x is None else x * scale for x in (line.value, line.reference)]
    measured, reference = (f"{number_text(x)} {unit}" if x is not None else "–" for x in shown)
    if not line.against:
        return [line.goal, line.where, measured, "", "", f"{line.limit:g} {unit}", verdict(line, notes, threads)]
    ratio = "–" if line.ratio is None else f"{line.ratio:.2f}"
    return [
        line.goal,
        line.where,
        measured,
        f"{reference} {line.against}",
        ratio,
        f"{line.limit:g}",
        verdict(line, notes, threads),
    ]


def verdict(line: Line, notes: dict[str, str], threads: int | None) -> str:
    """Met or not, with the letter of the note that says why not."""
    text = reason(line.goal, line.workload, threads) if line.met is False else ""
    letter = f" ({notes.setdefault(text, ascii_lowercase[len(notes)])})" if text else ""
    return {True: "met", False: "**not met**", None: "not measured"}[line.met] + letter


def summary(lines: Sequence[Line]) -> str:
    """How many goals are met."""
    counts = [sum(line.met is answer for line in lines) for answer in (True, False, None)]
    return f"{counts[0]} of {len(lines)} lines met, {counts[1]} not met, {counts[2]} not measured"


def rest(results: dict[str, Any]) -> str:
    """First calls of all libraries, and the memory of a step of ntb."""
    rows = []
    for cell in results["cells"]:
        if "first" in cell and "ms" in cell and cell["library"] not in ("gemm", "numpy"):
            memory = f"{number_text(cell['memory'] / 2**20)}" if "memory" in cell else ""
            above = f"{1e3 * cell['above']:.1f}" if "above" in cell else ""
            title = LIBRARIES[cell["library"]].title
            rows.append([cell["workload"], cell["dtype"], title, number_text(max(cell["first"])), memory, above])
    headings = ["workload", "dtype", "library", "first call, ms", "memory, MiB", "g.run above its program, µs"]
    return table_of(headings, rows)


def number_text(x: float) -> str:
    """Three significant digits."""
    return f"{x:.0f}" if abs(x) >= 100 else f"{x:#.3g}"


def table_of(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown whose columns also line up as plain text."""
    lines = [list(headings), *[list(row) for row in rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    texts = ["| " + " | ".join(x.ljust(width) for x, width in zip(line, widths)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])
