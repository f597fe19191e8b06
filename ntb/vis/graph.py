"""A program or a tape as a graph: a box for each operation, an arrow for each value that goes from one to the next."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InputError
from ..markup.dot import dot
from ..markup.graph import EDGE, FILL, INK, Box, curve, places
from ..tape.tape import Tape
from .plot import figure

_MOST = 200  # boxes of a figure; with more, most of it are arrows that run side by side
_MEANING = {"forward": "forward", "backward": "backward", "update": "update of variables"}


def graph(x: Any, *, names: Mapping[str, Any] | None = None, title: str = "") -> Any:
    """Draw a traced program, a tape, or a graph of `ntb.compat`.

    Args:
        x: a Program (of `function.trace(...)`), a Tape before its gradient was taken or a persistent one, or a
            ComputationGraph.
        names: for a tape, what the arrays, tensors and variables are called that go in, and results; a program knows
            its names. Of an array that the tape did not keep there are only shape and dtype left: it has the name of
            the only one given that has these.
        title: stands above; by itself the number of operations.

    Returns:
        A matplotlib Figure; for more than 200 boxes, where Graphviz is installed, a `graphviz.Source`, which a
        notebook shows and `.render(outfile="graph.svg")` writes: 400 boxes take it seconds, a thousand minutes. Rounded
        boxes are inputs and variables; operations are blue forward, orange backward, green in the update of variables;
        what a program returns or assigns has a thick frame. `ntb.vis.layers` folds a model's layers into boxes.

    Raises:
        InputError: something else, or more than 200 boxes without Graphviz.

    >>> import numpy as np
    >>> with Tape() as tape:
    ...     x = tape.watch([1.0, 2.0])
    ...     y = np.tanh(x) * 2.0
    >>> [text.get_text() for text in graph(tape, names={"x": x}).axes[0].texts]
    ['x\\n(2,)', 'tanh\\n(2,)', 'multiply 2.0\\n(2,)']
    """
    if not hasattr(x, "boxes"):
        raise InputError(
            f"a Program or a Tape can be drawn, or a ComputationGraph, not a {type(x).__name__}; function.trace(...) "
            "gives a program, vis.layers(model, x) the graph of a model"
        )
    named = (names or {},) if isinstance(x, Tape) else ()
    boxes = [Box(*box) for box in x.boxes(*named)]
    if not boxes:
        raise InputError("there is nothing to draw; a tape is used up by its first gradient unless it is persistent")
    title = title or f"{sum(box.kind != 'input' for box in boxes)} operations"
    return _draw(boxes, title) if len(boxes) <= _MOST else _draw_large(boxes, title)


def _draw(boxes: Sequence[Box], title: str) -> Any:
    from matplotlib.patches import FancyBboxPatch

    found = places(boxes)
    handles = _legend(boxes)
    width = max(found.right - found.left, 2.8)
    rows = math.ceil(len(handles) / int(width / 1.25))  # of the legend
    columns = math.ceil(len(handles) / rows)
    canvas = figure(width, found.height + 0.35 + 0.22 * rows)
    axes = canvas.add_subplot()
    axes.set_axis_off()
    axes.set_xlim(found.left, found.right)
    axes.set_ylim(found.bottom, found.top)  # down
    axes.set_aspect("equal", adjustable="box")
    for route, kind in zip(found.routes, found.kinds):
        axes.add_patch(_arrow(route, EDGE[kind]))
    for box, (x, y) in zip(boxes, found.centres):
        rounding = min(box.height, box.width) / 2 - 0.001 if box.kind == "input" else 0.04
        axes.add_patch(
            FancyBboxPatch(
                (x - box.width / 2, y - box.height / 2), box.width, box.height, zorder=2,
                boxstyle=f"round,pad=0,rounding_size={rounding}",
                facecolor=FILL[box.kind], edgecolor=EDGE[box.kind], linewidth=2.2 if box.result else 0.8,
            )
        )  # fmt: skip
        axes.text(x, y, "\n".join(box.lines), ha="center", va="center", fontsize=7.5, color=INK, zorder=3)
    canvas.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=7, frameon=False)
    canvas.suptitle(title, fontsize=11)
    return canvas


def _legend(boxes: Sequence[Box]) -> list[Any]:
    """What the colours and frames say that are met."""
    from matplotlib.patches import Patch

    kinds = {box.kind for box in boxes}
    entries = {kind: text for kind, text in _MEANING.items() if kind in kinds}
    handles = [Patch(facecolor="w", edgecolor=EDGE["input"], label="goes in")] if "input" in kinds else []
    handles += [Patch(facecolor=FILL[kind], edgecolor=EDGE[kind], label=text) for kind, text in entries.items()]
    if any(box.result for box in boxes):
        handles.append(Patch(facecolor="w", edgecolor=INK, linewidth=2.2, label="returned or assigned"))
    return handles


def _draw_large(boxes: Sequence[Box], title: str) -> Any:
    """The graph as Graphviz takes it, which keeps arrows short rather than apart, and so stays narrower."""
    graphviz = with_graphviz()
    if graphviz is None:
        raise InputError(
            f"{len(boxes)} boxes cannot be read in a figure, {_MOST} at most; Graphviz draws more: pip install "
            "graphviz, and its program dot from graphviz.org. program.source is the same as text"
        )
    return graphviz.Source(dot(boxes, title=title))


def with_graphviz() -> Any:
    """The package that calls Graphviz, if that is installed; else None."""
    try:
        import graphviz
    except ImportError:
        return None
    return graphviz if shutil.which("dot") else None


def _arrow(route: Sequence[tuple[float, float]], colour: str) -> Any:
    """A curve that leaves and enters boxes, and passes bends, from top to bottom."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    points = curve(route)
    return FancyArrowPatch(
        path=Path(points, [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)]), arrowstyle="-|>", mutation_scale=7,
        linewidth=0.8, color=colour, alpha=0.8, shrinkA=0, shrinkB=0, zorder=1,
    )  # fmt: skip
