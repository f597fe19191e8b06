"""Graphs in the DOT language, which Graphviz draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .graph import EDGE, FILL, INK, Box

_HEAD = [
    # The limits of Graphviz's search are lowered: some graphs of 500 boxes took it minutes without.
    'labelloc="t", fontname="sans-serif", nodesep=0.2, ranksep=0.3, mclimit=0.3, nslimit=2, bgcolor="transparent"];',
    '  node [shape=box, style=filled, fontname="sans-serif", fontsize=8, margin="0.08,0.04", height=0, '
    f'fontcolor="{INK}"];',
    "  edge [arrowsize=0.5, penwidth=0.8];",
]


def dot(boxes: Iterable[Sequence[Any]], name: str = "", title: str = "") -> str:
    """A graph in the DOT language, in the colours that all its pictures have.

    Args:
        boxes: `Box`es, or the tuples of what they are made of.
        name: of the graph; title: what stands above it.

    >>> graph = dot([Box(["x", "(3,)"], "input", value="float64[3]"), Box(["exp"], inputs=[0])])
    >>> print("\\n".join(graph.splitlines()[4:]))
      n0 [label="x\\n(3,)", fillcolor="#ffffff", color="#888888", style="filled,rounded"];
      n1 [label="exp", fillcolor="#dbe8f6", color="#2f6db5"];
      n0 -> n1 [color="#2f6db5", tooltip="float64[3]"];
    }
    """
    head = f"digraph {_quoted(name)} {{" if name else "digraph {"
    lines = [head, f"  graph [label={_quoted(title)}, {_HEAD[0]}", *_HEAD[1:]]
    known: list[Box] = []
    for number, box in enumerate(Box(*parts) for parts in boxes):
        known.append(box)
        look = f'fillcolor="{FILL[box.kind]}", color="{EDGE[box.kind]}"' + ", penwidth=2.2" * box.result
        look += ', style="filled,rounded"' * (box.kind == "input")
        text = "\n".join(box.lines)
        lines.append(f"  n{number} [label={_quoted(text)}, {look}];")
        for start in box.inputs:
            hint = f", tooltip={_quoted(known[start].value)}" if known[start].value else ""
            lines.append(f'  n{start} -> n{number} [color="{EDGE[box.kind]}"{hint}];')
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    """A string of the language."""
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        text = text.replace(sign, written)
    return f'"{text}"'
