"""Pieces of HTML: tables, listings, parts that are folded.

Every text is escaped, so that no name breaks the page, and cut where it is long, so that no object fills it. Styles
only add to what can be read without them, as some viewers take them away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import Any

_LONG = 200
"""Characters of a text."""
_MANY = 100
"""Rows of a table, and lines of a listing."""
_MONO = "font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px; line-height: 1.4"
_CELL = "text-align: left; vertical-align: top; white-space: pre; padding: 0 1.5em 0 0"


def _text(x: Any) -> str:
    """What an object prints itself as, escaped; of a long text the beginning.

    >>> _text("a < b"), len(_text("x" * 300))
    ('a &lt; b', 201)
    """
    shown = str(x)
    return escape(shown if len(shown) <= _LONG else shown[:_LONG] + "…")


def titled(title: Any, *parts: str, facts: Iterable[Any] = ()) -> str:
    """A heading with facts beside it, and parts of HTML below.

    >>> titled("Tensor", "<p>1.0</p>", facts=["float32", "8 bytes"])
    '<div><p><b>Tensor</b> float32, 8 bytes</p><p>1.0</p></div>'
    """
    beside = ", ".join(map(_text, facts))
    return f"<div><p><b>{_text(title)}</b>{' ' * bool(beside)}{beside}</p>{''.join(parts)}</div>"


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """A table of texts. Of many rows the first hundred are shown.

    >>> table(["name", "size"], [["w", 3]]).count("<td")
    2
    """
    first = list(islice(rows, _MANY + 1))
    lines = [_row("td", row) for row in first[:_MANY]] + ["<tr><td>…</td></tr>"] * (len(first) > _MANY)
    top = _row("th", head) if head else ""
    return f'<table style="{_MONO}">{top}{"".join(lines)}</table>'


def listing(lines: Iterable[Any]) -> str:
    """Lines of text as they are, in letters of equal width. Of many the first hundred are shown.

    >>> "a &lt; b" in listing(["a < b"])
    True
    """
    first = list(islice(lines, _MANY + 1))
    return preformatted("\n".join([*map(_text, first[:_MANY]), *["…"] * (len(first) > _MANY)]))


def preformatted(markup: str) -> str:
    """HTML whose spaces and line breaks count."""
    return f'<pre style="{_MONO}; overflow-x: auto">{markup}</pre>'


def folded(summary: Any, markup: str) -> str:
    """HTML that is shown when its summary is clicked."""
    return f"<details><summary>{_text(summary)}</summary>{markup}</details>"


def _row(kind: str, cells: Iterable[Any]) -> str:
    found = [f'<{kind} style="{_CELL}">{_text(x)}</{kind}>' for x in cells]
    return f"<tr>{''.join(found)}</tr>"
