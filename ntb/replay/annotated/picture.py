"""The graph of a program in parts that fold: one for each layer of the model, with a box for each line.

Lines of the forward pass belong to the layer that was being called; those that go back through them, and those that
update what they read, belong there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...functions import name_of
from ...markup.graph import Box, drawn, shown_shape
from ..code import Code, Instruction, Ref
from ..source import Source
from .partners import Line

_MOST = 60
"""Boxes of a picture; with more, most of it are arrows that run side by side."""
_LETTERS = 44
_BESIDE, _RATES = "outside of layers", "counts, rates, checks"


class Layer(NamedTuple):
    """A part of the model: its name, the numbers of its lines, and its picture as SVG if it has few boxes."""

    name: str
    lines: list[int]
    picture: str


def layers_of(code: Code, source: Source, lines: Sequence[Line]) -> list[Layer]:
    """The layers in the order in which they are called; what belongs to none comes last."""
    found: dict[str, list[int]] = {}
    for n, name in enumerate(_names(lines)):
        if lines[n].section != "return":
            found.setdefault(name, []).append(n)
    if len(found) == 1:
        found = dict(zip([code.name], found.values()))
    return [Layer(name, own, _picture(_boxes(source, lines, own))) for name, own in found.items()]


def overview(source: Source, lines: Sequence[Line], layers: Sequence[Layer]) -> str:
    """The picture of the layers as boxes; nothing if there is one layer, or too many."""
    if len(layers) < 2:
        return ""
    home = {n: k for k, layer in enumerate(layers) for n in layer.lines}
    boxes: list[Box] = []
    box_of: dict[int, int] = {}
    for k, layer in enumerate(layers):
        forward = [n for n in layer.lines if lines[n].section == "forward"]
        if not forward:
            continue
        into = {home[m] for n in forward for m in lines[n].uses if m in home and lines[m].section == "forward"}
        inputs = sorted(box_of[m] for m in into if m in box_of)
        box_of[k] = len(boxes)
        boxes.append(Box([layer.name[-60:], *_shape(source, lines[forward[-1]])], "forward", inputs, False, forward[0]))
    return _picture(boxes)


def _names(lines: Sequence[Line]) -> list[str]:
    """The layer of each line: that of its call; or of the lines that it goes back through, or updates the parameters
    of. What a whole does between its parts has a name for each place: "relu (Sequential, line 12)"."""
    own = [next((i.layer for i in line.calls if i.layer), ()) for line in lines]
    wholes = {name[:-1] for name in own if name}
    found = [" › ".join(name[1:] or name) for name in own]
    begin = 0
    for n, line in enumerate(lines):
        if own[n] != own[begin] or line.section != lines[begin].section:
            begin = n
        if line.section == "forward" and (not own[n] or own[n] in wholes):
            found[n] = found[begin] if n > begin else _named_by_place(found[n] or _BESIDE, n, lines, own)
        elif not found[n]:
            before = (found[k] for k in (*sorted(line.through), *sorted(line.updates)) if k < n and found[k])
            found[n] = next(before, _RATES)
    return found


def _named_by_place(name: str, n: int, lines: Sequence[Line], own: Sequence[tuple[str, ...]]) -> str:
    """A name for the lines from this one on that belong to the same whole: what they call, and where."""
    calls: list[str] = []
    for k in range(n, len(lines)):
        if own[k] != own[n] or lines[k].section != "forward":
            break
        calls += [_operation(i) for i in lines[k].statement.calls]
    names = list(dict.fromkeys(calls))
    return f"{', '.join(names[:2])}{', …' if len(names) > 2 else ''} ({name}, line {lines[n].number})"


def _boxes(source: Source, lines: Sequence[Line], own: Sequence[int]) -> list[Box]:
    """A box for each line, and one for each value that comes from elsewhere; none if there are too many."""
    if len(own) > _MOST:
        return []
    boxes: list[Box] = []
    made: dict[Ref, int] = {}
    for n in own:
        calls = lines[n].statement.calls
        written = {ref for i in calls for ref in i.writes()}
        read = [ref for ref in dict.fromkeys(ref for i in calls for ref in i.reads()) if ref not in written]
        for ref in read:
            if ref not in made and ref in source.names:
                made[ref] = len(boxes)
                boxes.append(Box([source.names[ref][:_LETTERS], *shown_shape(source.code.specs[ref].shape)], "input"))
        inputs = [made[ref] for ref in read if ref in made]
        names = ", ".join(source.names[ref] for ref in lines[n].results if ref in source.names)
        operations = " ".join(dict.fromkeys(_operation(i) for i in calls))
        texts = [names[:_LETTERS] or "assert", operations[:_LETTERS], *_shape(source, lines[n])]
        made.update(dict.fromkeys(written, len(boxes)))
        boxes.append(Box(texts, lines[n].section, inputs, line=n))
    return boxes


def _operation(i: Instruction) -> str:
    return str(i.args[1]) if i.effect == "draw" else name_of(i.function).removeprefix("np.").removesuffix("_decide")


def _shape(source: Source, line: Line) -> list[str]:
    return shown_shape(source.code.specs[line.results[0]].shape) if line.results else []


def _picture(boxes: Sequence[Box]) -> str:
    return drawn(boxes) if 0 < len(boxes) <= 2 * _MOST else ""
