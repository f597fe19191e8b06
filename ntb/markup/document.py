"""A whole page of HTML that loads no other file, light or dark as the reader's system is."""

from __future__ import annotations

from html import escape

_STYLE = """
:root { color-scheme: light dark; --text: #1c2126; --faint: #5f6871; --back: #ffffff; --band: #eff2f5; --bar: #f0a868 }
@media (prefers-color-scheme: dark) {
  :root { --text: #dde3e9; --faint: #9aa4ae; --back: #14181c; --band: #20262c; --bar: #9a5a20 }
}
body { margin: 2rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 1.4rem; overflow-wrap: anywhere } h2 { font-size: 1.1rem; margin-top: 2rem }
pre, code, kbd { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
pre { font-size: 13px; line-height: 1.5; overflow-x: auto }
"""


def document(title: str, body: str, style: str = "", script: str = "") -> str:
    """The text of a page, with style and script of its own beside what all pages have.

    >>> page = document("a < b", "<p>text</p>")
    >>> page[:15], "<title>a &lt; b</title>" in page
    ('<!DOCTYPE html>', True)
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}{style}</style>\n</head>\n<body>\n{body}\n"
        + (f"<script>\n{script}</script>\n" if script else "")
        + "</body>\n</html>\n"
    )
