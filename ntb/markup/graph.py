"""Graphs of operations: boxes and arrows, their places, and the picture as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice, pairwise
from typing import Any, NamedTuple

from .layout import layered
from .pieces import listing, titled

FILL = {"input": "#ffffff", "forward": "#dbe8f6", "backward": "#fbe3cf", "update": "#d9efd9"}
EDGE = {"input": "#888888", "forward": "#2f6db5", "backward": "#d9772b", "update": "#3f9142"}
INK = "#222222"
_CHARACTER, _LINE, _STEP = 0.068, 0.15, 0.68
"""The width of a letter, the height of a line, and the distance of layers, in inches."""
_PIXELS = 96
"""Of an inch."""
_FEW = 40
"""Boxes of a picture that is shown without being asked for."""
_LETTERS = 60
"""Of a line in its boxes."""


class Box(NamedTuple):
    """A value that goes in, or an operation.

    Attributes:
        lines: of text.
        kind: "input", or the section of an operation, "forward", "backward" or "update".
        inputs: the numbers of the boxes that an arrow comes from; all of them come before.
        result: whether a program returns or assigns it.
        line: the number of the line that it stands for, on a page that has the lines.
        value: dtype and shape of what it gives.
    """

    lines: Sequence[str]
    kind: str = "forward"
    inputs: Sequence[int] = ()
    result: bool = False
    line: int | None = None
    value: str = ""

    @property
    def width(self) -> float:
        return 0.16 + _CHARACTER * max(map(len, self.lines))

    @property
    def height(self) -> float:
        return 0.08 + _LINE * len(self.lines)


def shown_shape(shape: Any) -> list[str]:
    """A shape as a line of a box; none for a number."""
    return [str(tuple(shape))] if shape else []


def shown_types(values: Iterable[Any]) -> str:
    """Dtype and shape of each value, as the `value` of a box."""
    return ", ".join(f"{x.dtype}{list(x.shape)}" for x in values)


def shown_numbers(args: Iterable[Any]) -> Iterator[str]:
    """The numbers among the arguments of an operation, which belong into its box."""
    for a in args:
        if type(a) in (int, float):
            yield f"{a:.4g}" if isinstance(a, int) or len(repr(a)) > 6 else repr(a)


class _Places(NamedTuple):
    """Where boxes and arrows lie, in inches, to the right and down.

    Attributes:
        centres: of the boxes.
        routes: for each arrow the points that it passes, from the lower side of a box to the upper side of another.
        kinds: for each arrow the kind of the box that it leads to.
        left, right, top, bottom: the edges of the picture.
    """

    centres: list[tuple[float, float]]
    routes: list[list[tuple[float, float]]]
    kinds: list[str]
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def places(boxes: Sequence[Box]) -> _Places:
    """Lay a graph out."""
    arrows = [(start, end) for end, box in enumerate(boxes) for start in box.inputs]
    x, layer, bends = layered([box.width for box in boxes], arrows)
    y = [row * _STEP for row in layer]
    routes = [
        [(x[start], y[start] + boxes[start].height / 2), *((at, row * _STEP) for at, row in points),
         (x[end], y[end] - boxes[end].height / 2)]
        for (start, end), points in zip(arrows, bends)
    ]  # fmt: skip
    passing = [at for points in bends for at, _ in points]
    left = min([at - box.width / 2 for at, box in zip(x, boxes)] + passing) - 0.1
    right = max([at + box.width / 2 for at, box in zip(x, boxes)] + passing) + 0.1
    kinds = [boxes[end].kind for _, end in arrows]
    return _Places(list(zip(x, y)), routes, kinds, left, right, -_STEP / 2, max(y) + _STEP / 2)


def curve(route: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points of the cubic Bézier curves along a route, which leave and enter boxes vertically."""
    points = [route[0]]
    for (x0, y0), (x1, y1) in pairwise(route):
        middle = (y0 + y1) / 2
        points += [(x0, middle), (x1, middle), (x1, y1)]
    return points


def pictured(title: str, boxes: Iterable[Sequence[Any]], lines: Iterable[str]) -> str:
    """A graph for notebooks: its picture, if there are few boxes, and its listing."""
    return titled(title, picture(boxes), listing(lines))


def picture(boxes: Iterable[Sequence[Any]]) -> str:
    """The picture of a graph if there are few boxes, else nothing."""
    found = [Box([line[:_LETTERS] for line in lines], *rest) for lines, *rest in islice(boxes, _FEW + 1)]
    return drawn(found) if 0 < len(found) <= _FEW else ""


def drawn(boxes: Sequence[Box]) -> str:
    """The picture of a graph with one box or more.

    >>> picture = drawn([Box(["x", "(3,)"], "input"), Box(["a < b"], inputs=[0])])
    >>> picture.count("<rect"), "a &lt; b" in picture
    (2, True)
    """
    found = places(boxes)
    width, height = found.right - found.left, found.height
    parts = [_arrow(route, EDGE[kind]) for route, kind in zip(found.routes, found.kinds)]
    parts += [_box(box, x, y) for box, (x, y) in zip(boxes, found.centres)]
    view = _numbers(found.left, found.top, width, height)
    size = f'width="{width * _PIXELS:.0f}" height="{height * _PIXELS:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{view}">{"".join(parts)}</svg>'


def _box(box: Box, x: float, y: float) -> str:
    left, top, width, height = (n * _PIXELS for n in (x - box.width / 2, y - box.height / 2, box.width, box.height))
    shape = (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'rx="{height / 2 if box.kind == "input" else 4:.1f}" fill="{FILL[box.kind]}" stroke="{EDGE[box.kind]}" '
        f'stroke-width="{2.2 if box.result else 0.8}"/>'
    )
    first = y - (len(box.lines) - 1) * _LINE / 2
    lines = [
        f'<text x="{x * _PIXELS:.1f}" y="{(first + i * _LINE) * _PIXELS:.1f}" text-anchor="middle" '
        f'dominant-baseline="central" font-family="monospace" font-size="10" fill="{INK}">{escape(line)}</text>'
        for i, line in enumerate(box.lines)
    ]
    group = "" if box.line is None else f' data-line="{box.line}"'
    return f"<g{group}>{shape}{''.join(lines)}</g>"


def _arrow(route: Sequence[tuple[float, float]], colour: str) -> str:
    (begin, *points), (x, y) = curve(route), route[-1]
    path = f"M {_numbers(*begin)} C {' '.join(_numbers(*point) for point in points)}"
    head = f"M {_numbers(x - 0.03, y - 0.06)} L {_numbers(x + 0.03, y - 0.06)} L {_numbers(x, y)} Z"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="0.8"/><path d="{head}" fill="{colour}"/>'


def _numbers(*inches: float) -> str:
    return " ".join(f"{n * _PIXELS:.1f}" for n in inches)
