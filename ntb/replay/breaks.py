"""Breaks: a line of a printed program that is too long becomes several."""

from __future__ import annotations

LINE = 110
"""What is longer is broken."""


def broken(text: str) -> list[str]:
    """A line, broken at the commas of its widest brackets if it is too long."""
    begin, end, commas = _widest(text) if len(text) > LINE else (0, 0, [])
    if not commas:
        return [text]
    indent = " " * (len(text) - len(text.lstrip()))
    parts = [text[a:b].strip() for a, b in zip([begin, *(c + 1 for c in commas)], [*(c + 1 for c in commas), end])]
    lines = [""]
    for part in filter(None, parts):
        if lines[-1] and len(indent) + 5 + len(lines[-1]) + len(part) > LINE:
            lines.append("")
        lines[-1] += f" {part}" if lines[-1] else part
    return [text[:begin], *(f"{indent}    {line}" for line in lines), indent + text[end:]]


def _widest(text: str) -> tuple[int, int, list[int]]:
    """Begin, end and commas of the longest pair of brackets that has commas; strings are skipped."""
    found: tuple[int, int, list[int]] = (0, 0, [])
    stack: list[tuple[int, list[int]]] = []
    quote = ""
    for at, c in enumerate(text):
        if quote or c in "'\"":
            quote = "" if quote == c else quote or c
        elif c in "([{":
            stack.append((at + 1, []))
        elif c == "," and stack:
            stack[-1][1].append(at)
        elif c in ")]}":
            begin, commas = stack.pop()
            if commas and at - begin >= found[1] - found[0]:
                found = begin, at, commas
        elif c == "#":
            break
    return found
