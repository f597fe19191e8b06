"""A profile as one HTML page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from ..markup.document import document
from .costs import Work
from .quantities import TOP, quantity, rates, time_text

if TYPE_CHECKING:
    from .profile import Profile, Row

_STYLE = """
.wide { overflow-x: auto }
table { border-collapse: collapse; font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace }
th { color: var(--faint); font-weight: normal; text-align: right; border-bottom: 1px solid var(--faint) }
th, td { padding: 0 .7em; white-space: pre; text-align: right; font-variant-numeric: tabular-nums }
th:last-child, td:last-child { text-align: left }
tr.heading td { background: var(--band); font-weight: bold }
tr:hover td { background: var(--band) }
td.share { min-width: 9em; text-align: left }
td.share i { display: inline-block; height: .8em; margin-left: .5em; background: var(--bar) }
td.place { color: var(--faint) }
"""
_BAR = 90  # pixels for a share of 100 %
_COLUMNS = ("share", "time", "calls", "flop", "read", "written", "Gflop/s", "GB/s")


def page(profile: Profile) -> str:
    """The text of the page."""
    title, *facts = map(escape, profile.summary())
    head = profile.lines[: -len(profile.body)]
    parts = [
        f"<h1>{title}</h1>",
        *(f"<p>{fact}</p>" for fact in facts),
        _table(("line", "source"), (_source_row(profile, line) for line in profile.body)),
        "<h2>Most expensive lines</h2>",
        _table(("line", "source"), (_source_row(profile, line) for line in profile.top())),
        "<h2>Most expensive operations</h2>",
        _table(("operation",), (_operation_row(profile, *item) for item in list(profile.operations.items())[:TOP])),
        *_chains(profile),
        "<h2>Sections</h2>",
        _table(("section",), (_operation_row(profile, *item) for item in profile.sections.items())),
        f"<details><summary>What stands before the function ({len(head)} lines)</summary>",
        f"<pre>{escape(chr(10).join(line.text for line in head))}</pre></details>",
    ]
    return document(f"profile of {profile.name}", "\n".join(parts), _STYLE)


def _chains(profile: Profile) -> list[str]:
    if not profile.chains:
        return []
    rows = (
        f"<tr>{_cells(profile, work)}<td>{profile.of_copy(work):.0%}</td><td>{escape(name)}</td></tr>"
        for name, work in list(profile.chains.items())[:TOP]
    )
    title = f"<h2>Most expensive chains</h2><p>A copy moves {quantity(profile.bandwidth)}B/s.</p>"
    return [title, _table(("of copy", "operations"), rows)]


def _table(last: Iterable[str], rows: Iterable[str]) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in (*_COLUMNS, *last))
    return "\n".join(['<div class="wide"><table>', f"<tr>{heads}</tr>", *rows, "</table></div>"])


def _source_row(profile: Profile, line: Row) -> str:
    kind = ' class="heading"' if line.heading else ""
    place = f' title="{escape(":".join(map(str, line.user)))}"' if line.user else ""
    return (
        f"<tr{kind}>{_cells(profile, line.work)}"
        f'<td class="place"{place}>{escape(line.place)}</td><td>{escape(line.text)}</td></tr>'
    )


def _operation_row(profile: Profile, name: str, work: Work) -> str:
    return f"<tr>{_cells(profile, work)}<td>{escape(name)}</td></tr>"


def _cells(profile: Profile, work: Work) -> str:
    """A bar and the numbers; nothing where nothing was called."""
    if not work.calls:
        return '<td class="share"></td>' + "<td></td>" * (len(_COLUMNS) - 1)
    share = profile.share(work)
    flops, transfer = rates(work)
    numbers = [
        time_text(work.seconds), f"{work.calls}", quantity(work.flops), f"{quantity(work.read)}B",
        f"{quantity(work.written)}B", f"{flops:.3g}", f"{transfer:.3g}",
    ]  # fmt: skip
    return f'<td class="share">{share:6.1%}<i style="width:{_BAR * share:.1f}px"></i></td>' + "".join(
        f"<td>{number}</td>" for number in numbers
    )
