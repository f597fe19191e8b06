"""Python's source with its words in colours."""

from __future__ import annotations

import re
from html import escape
from keyword import kwlist

from .pieces import preformatted

_COLOURS = {"comment": "#6a737d", "string": "#3f9142", "keyword": "#a0459b", "number": "#d9772b"}
"""Of a middle brightness, so that they can be read on white and on black."""
_WORDS = re.compile(
    r"(?P<comment>#.*)"
    r"""|(?P<string>\"{3}[\s\S]*?\"{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    rf"|\b(?P<keyword>{'|'.join(kwlist)})\b"
    r"|(?<![\w.])(?P<number>\d[\w.]*(?:(?<=[eE])[-+]\d+)?)"
)
_MANY = 200
"""Lines; a source that is longer is cut."""


def highlighted(source: str) -> str:
    """A source as HTML.

    >>> highlighted("return 'a' < 2.5e-3  # no").count("<span")
    4
    """
    lines = source.split("\n")
    return preformatted(coloured("\n".join([*lines[:_MANY], *["…"] * (len(lines) > _MANY)])))


def coloured(source: str) -> str:
    """All of a source with its words in colours, to be put where spaces count."""
    parts, at = [], 0
    for word in _WORDS.finditer(source):
        parts.append(escape(source[at : word.start()]))
        parts.append(f'<span style="color: {_COLOURS[word.lastgroup or ""]}">{escape(word[0])}</span>')
        at = word.end()
    return "".join([*parts, escape(source[at:])])
