"""A program or a tape as a graph: a box for each operation, an arrow for each value that goes from one to the next."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ..errors import InputError
from ..functions import name_of
from ..replay.code import Code, refs
from ..replay.program import Program
from ..tape.tape import Tape
from ..tape.tensor import Tensor
from ..variable import Variable
from .layout import layered
from .plot import INK, figure

_FILL = {"input": "#ffffff", "forward": "#dbe8f6", "backward": "#fbe3cf", "update": "#d9efd9"}
_EDGE = {"input": "#888888", "forward": "#2f6db5", "backward": "#d9772b", "update": "#3f9142"}
_CHARACTER, _LINE = 0.068, 0.15  # inches
_MOST = 200  # boxes of a figure; with more, most of it are arrows that run side by side
# For Graphviz, whose limits mclimit and nslimit are lowered: some graphs of 500 boxes took it minutes without.
_DOT = {
    "graph_attr": dict(labelloc="t", fontname="sans-serif", nodesep="0.2", ranksep="0.3", mclimit="0.3", nslimit="2"),
    "node_attr": dict(shape="box", fontname="sans-serif", fontsize="8", fontcolor=INK, margin="0.08,0.04", height="0"),
    "edge_attr": dict(arrowsize="0.5", penwidth="0.8"),
}


@dataclass
class _Box:
    """A value that goes in, or an operation: lines of text, in one of the colours of `_FILL`."""

    lines: list[str]
    kind: str = "forward"
    result: bool = False

    @property
    def width(self) -> float:
        return 0.16 + _CHARACTER * max(map(len, self.lines))


@dataclass
class _Drawing:
    """Boxes and arrows; each arrow leads to a later box."""

    boxes: list[_Box] = field(default_factory=list)
    arrows: list[tuple[int, int]] = field(default_factory=list)

    def add(self, box: _Box) -> int:
        self.boxes.append(box)
        return len(self.boxes) - 1


def graph(x: Any, *, names: Mapping[str, Any] | None = None, title: str = "") -> Any:
    """Draw a traced program, a tape, or a graph of `ntb.compat`.

    Args:
        x: a Program (of `function.trace(...)`), a Tape before its gradient was taken or a persistent one, or a
            ComputationGraph.
        names: for a tape, what the tensors and variables that go in are called; a program knows its names.
        title: stands above.

    Returns:
        A matplotlib Figure; for more than 200 boxes, where Graphviz is installed, a `graphviz.Digraph`, which a
        notebook shows and `.render(outfile="graph.svg")` writes: 400 boxes take it seconds, a thousand minutes. Rounded
        boxes are inputs and variables; operations are blue forward, orange backward, green in the update of variables;
        what a program returns or assigns has a thick frame.

    Raises:
        InputError: something else, or more than 200 boxes without Graphviz.

    >>> import numpy as np
    >>> with Tape() as tape:
    ...     x = tape.watch([1.0, 2.0])
    ...     y = np.tanh(x) * 2.0
    >>> [text.get_text() for text in graph(tape, names={"x": x}).axes[0].texts]
    ['x\\n(2,)', 'tanh\\n(2,)', 'multiply 2.0\\n(2,)']
    """
    if isinstance(x, Program):
        drawing = of_code(x.code)
    elif isinstance(x, Tape):
        drawing = of_tape(x, names or {})
    elif hasattr(x, "boxes"):
        drawing = _of_boxes(x.boxes())
    else:
        raise InputError(
            f"a Program or a Tape can be drawn, or a ComputationGraph, not a {type(x).__name__}; function.trace(...) "
            "gives a program"
        )
    if not drawing.boxes:
        raise InputError("there is nothing to draw; a tape is used up by its first gradient unless it is persistent")
    return _draw(drawing, title) if len(drawing.boxes) <= _MOST else _draw_large(drawing, title)


def of_code(code: Code) -> _Drawing:
    """The boxes and arrows of a program."""
    drawing = _Drawing()
    made: dict[Any, int] = {}
    variables = [(code.names.get(ref, "variable"), ref) for ref in code.variables.values()]
    for name, ref in [*code.inputs, *variables]:
        made[ref] = drawing.add(_Box([name, *_shape_of(code.specs[ref])], "input"))
    leaving = set(code.results())
    for instruction in code.instructions:
        written = list(instruction.writes())
        title = instruction.args[1] if instruction.effect == "draw" else name_of(instruction.function)
        first = [" ".join([title.removeprefix("np."), *_numbers(instruction.args)])]
        names = [code.names[ref] for ref in written if ref in code.names]
        detail = [*names[:1], *(_shape_of(code.specs[written[0]]) if written else [])]
        lines = first + ([" ".join(detail)] if detail else [])
        at = drawing.add(_Box(lines, instruction.section, bool(leaving.intersection(written))))
        drawing.arrows += [(made[ref], at) for ref in dict.fromkeys(instruction.reads()) if ref in made]
        made.update(dict.fromkeys(written, at))
    return _connected(drawing)


def of_tape(tape: Tape, names: Mapping[str, Any]) -> _Drawing:
    """The boxes and arrows of a tape."""
    drawing = _Drawing()
    made: dict[Any, int] = {}
    called = {x.id: name for name, x in names.items() if isinstance(x, Tensor | Variable)}
    for record in tape.records:
        for _, token in record.inputs:
            if token not in made:
                made[token] = drawing.add(_Box([called.get(token, "input"), *_shape_of(token)], "input"))
        lines = [" ".join([record.operation.name.removeprefix("np."), *_numbers(record.args)])]
        at = drawing.add(_Box(lines + _shape_of(record.results()[0])))
        drawing.arrows += [(made[token], at) for token in dict.fromkeys(token for _, token in record.inputs)]
        made.update(dict.fromkeys(record.results(), at))
    return drawing


def _of_boxes(boxes: Iterable[tuple[list[str], str, list[int]]]) -> _Drawing:
    """The drawing of a graph that tells its nodes: lines, section, and the numbers of the inputs."""
    drawing = _Drawing()
    for lines, kind, inputs in boxes:
        at = drawing.add(_Box(lines, kind))
        drawing.arrows += [(i, at) for i in inputs]
    return drawing


def _shape_of(value: Any) -> list[str]:
    """The shape of a value as a line of text; none for a scalar."""
    return [str(tuple(value.shape))] if value.shape else []


def _numbers(args: Any) -> Iterator[str]:
    """Numbers among the arguments, which belong into the box."""
    for a in args:
        if type(a) in (int, float) and next(refs(a), None) is None:
            yield f"{a:.4g}" if isinstance(a, int) or len(repr(a)) > 6 else repr(a)


def _connected(drawing: _Drawing) -> _Drawing:
    """The drawing without values that nothing uses."""
    used = {end for arrow in drawing.arrows for end in arrow}
    kept = [i for i, box in enumerate(drawing.boxes) if box.kind != "input" or i in used]
    place = {old: new for new, old in enumerate(kept)}
    return _Drawing([drawing.boxes[i] for i in kept], [(place[a], place[b]) for a, b in drawing.arrows])


def _draw(drawing: _Drawing, title: str) -> Any:
    from matplotlib.patches import FancyBboxPatch

    boxes = drawing.boxes
    x, layer, bends = layered([box.width for box in boxes], drawing.arrows)
    passing = [at for points in bends for at, _ in points]
    left = min([at - box.width / 2 for at, box in zip(x, boxes)] + passing) - 0.1
    right = max([at + box.width / 2 for at, box in zip(x, boxes)] + passing) + 0.1
    step = 0.68
    canvas = figure(max(right - left, 2.5), (max(layer) + 1) * step + 0.35 * bool(title))
    axes = canvas.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(left, right)
    axes.set_ylim(-max(layer) * step - step / 2, step / 2)
    axes.set_aspect("equal", adjustable="box")
    for (start, end), points in zip(drawing.arrows, bends):
        route = [(x[start], -layer[start] * step - _half(boxes[start])), *((px, -row * step) for px, row in points),
                 (x[end], -layer[end] * step + _half(boxes[end]))]  # fmt: skip
        axes.add_patch(_arrow(route, _EDGE[boxes[end].kind]))
    for box, at, row in zip(boxes, x, layer):
        height = 2 * _half(box)
        corner = (at - box.width / 2, -row * step - height / 2)
        rounding = min(height, box.width) / 2 - 0.001 if box.kind == "input" else 0.04
        axes.add_patch(
            FancyBboxPatch(
                corner, box.width, height, boxstyle=f"round,pad=0,rounding_size={rounding}", zorder=2,
                facecolor=_FILL[box.kind], edgecolor=_EDGE[box.kind], linewidth=2.2 if box.result else 0.8,
            )
        )  # fmt: skip
        axes.text(at, -row * step, "\n".join(box.lines), ha="center", va="center", fontsize=7.5, color=INK, zorder=3)
    if title:
        canvas.suptitle(title, fontsize=11)
    return canvas


def _draw_large(drawing: _Drawing, title: str) -> Any:
    """The drawing as Graphviz takes it, which keeps arrows short rather than apart, and so stays narrower."""
    try:
        import graphviz
    except ImportError:
        graphviz = None
    if graphviz is None or not shutil.which("dot"):
        raise InputError(
            f"{len(drawing.boxes)} boxes cannot be read in a figure, {_MOST} at most; Graphviz draws more: pip install "
            "graphviz, and its program dot from graphviz.org. program.source is the same as text"
        )
    graph = graphviz.Digraph(**_DOT)
    graph.attr(label=graphviz.escape(title))
    for number, box in enumerate(drawing.boxes):
        graph.node(
            str(number), graphviz.escape("\n".join(box.lines)), fillcolor=_FILL[box.kind], color=_EDGE[box.kind],
            style="filled,rounded" if box.kind == "input" else "filled", penwidth="2.2" if box.result else "0.8",
        )  # fmt: skip
    for start, end in drawing.arrows:
        graph.edge(str(start), str(end), color=_EDGE[drawing.boxes[end].kind])
    return graph


def _half(box: _Box) -> float:
    return (0.08 + _LINE * len(box.lines)) / 2


def _arrow(route: list[tuple[float, float]], colour: str) -> Any:
    """A curve that leaves and enters boxes, and passes bends, from top to bottom."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    points, codes = [route[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(route):
        middle = (y0 + y1) / 2
        points += [(x0, middle), (x1, middle), (x1, y1)]
        codes += [Path.CURVE4] * 3
    return FancyArrowPatch(
        path=Path(points, codes), arrowstyle="-|>", mutation_scale=7, linewidth=0.8, color=colour, alpha=0.8,
        shrinkA=0, shrinkB=0, zorder=1,
    )  # fmt: skip
