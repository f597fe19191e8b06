"""What the theme is told of single pages: their rank in the search, and which need room for columns. A hook of mkdocs.

Front matter could say the same, and would stand as a table on top of each page where the repository is read.
"""

from __future__ import annotations

from typing import Any

_RANKS = {
    "index.md": 2,
    "start/": 2,
    "learn/": 2,
    "guides/": 2,
    "reference/": 1,
    "accuracy.md": 0.3,
    "blocks.md": 0.5,
    "coming_from.md": 0.5,
    "coverage.md": 0.5,
    "earlier_ntb.md": 0.5,
    "design.md": 0.3,
    "errors.md": 0.3,
    "performance_record.md": 0.1,
    "reliability.md": 0.2,
    "replay.md": 0.5,
}
"""By the beginning of a page's path: what its finds in the search are multiplied by, so that lists and pages for
maintainers stand below what a reader looks for."""


def on_page_markdown(markdown: str, page: Any, **others: Any) -> None:
    """Called by mkdocs for each page before it is rendered."""
    path = page.file.src_uri
    page.meta["search"] = {"boost": next((rank for start, rank in _RANKS.items() if path.startswith(start)), 1)}
    if path.startswith("coming/"):
        page.meta["hide"] = ["toc"]
