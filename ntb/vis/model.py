"""The graph of a model in which each layer is a box that opens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import InputError, describe
from ..markup.document import document
from ..markup.dot import dot
from ..markup.graph import Box, drawn, shown_numbers, shown_shape, shown_types
from ..markup.pieces import folded, titled
from ..nn.calls import Call, Calls
from ..nn.module import Module
from ..nn.outline import parts_of
from ..nn.summary import example_of, shapes_of
from ..tape.listener import Listener
from ..tape.tensor import Tensor
from ..tree import leaves
from ..variable import Variable
from .graph import with_graphviz

_MOST = 200
"""Boxes of a picture."""
_STYLE = """
details { margin: .3rem 0 .3rem 1rem; border-left: 2px solid #2f6db5; padding-left: .8rem }
summary { cursor: pointer } svg { max-width: 100%; height: auto }
"""


class _Step(NamedTuple):
    """An operation of the forward pass.

    Attributes:
        within: the calls of the parts that it belongs to, the outermost first.
        title: its name, and the numbers among its arguments.
        given, results: tensors and arrays.
    """

    within: tuple[Call, ...]
    title: str
    given: list[Any]
    results: list[Tensor]


class _Part(NamedTuple):
    """A call of a part of the model: what it is called, the boxes of its graph, and the parts that are boxes of it."""

    title: str
    boxes: list[Box]
    parts: list[_Part]

    def all(self) -> Iterator[_Part]:
        """This part, and all within it."""
        yield self
        for part in self.parts:
            yield from part.all()


class Layers:
    """The graph of a model, in which each layer is a box that opens. A notebook shows it; `save` writes it.

    Attributes:
        html: it, as a piece of HTML.
        graphs: for each call of a part its title, and the boxes of its graph; the model itself comes first.
    """

    def __init__(self, model: _Part) -> None:
        parts = list(model.all())
        pictures = iter(_pictures([part.boxes for part in parts]))
        self.graphs = [(part.title, part.boxes) for part in parts]
        self.title = model.title
        self.html = titled(model.title, next(pictures), *[_opened(part, pictures) for part in model.parts])

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"<layers of {self.title}>"

    def save(self, path: Any) -> None:
        """Write a page that loads no other file."""
        Path(path).write_text(document(self.title, self.html, _STYLE), encoding="utf-8")


def layers(model: Any, x: Any, *args: Any, title: str = "", **options: Any) -> Layers:
    """The graph of a model's forward pass. Each layer is one box of it; below is a list of them, and each opens to show
    its own graph, of operations and of the layers within.

    Args:
        model: a Module, which is called once.
        x: what it takes; or its shape, a tuple, for zeros of float32.
        args, options: further arguments of the call.
        title: stands above; by itself the class of the model.

    Returns:
        What notebooks show, and `.save("model.html")` writes as a page. Graphviz draws it where it is installed, else
        ntb; the boxes are the same. A graph of more than 200 boxes, as of a recurrent layer and many steps, is told in
        numbers.

    Raises:
        InputError: no model, or one that computes nothing on tensors.

    >>> from ntb import nn
    >>> found = layers(nn.Sequential(nn.Linear(4, 3), nn.relu, nn.Linear(3, 2)), (5, 4))
    >>> for title, boxes in found.graphs:
    ...     print(title, [box.lines[0] for box in boxes])
    Sequential ['x', 'layers.0 Linear', 'relu', 'layers.2 Linear']
    layers.0 Linear (5, 3) ['x', 'weight', 'bias', 'affine']
    layers.2 Linear (5, 2) ['goes in', 'weight', 'bias', 'affine']
    """
    if not isinstance(model, Module):
        met = f"the layers of a model are drawn, which is a Module, not {describe(model)}"
        raise InputError(f"{met}; vis.graph draws programs and tapes")
    x = example_of(x)
    shapes: dict[Call, str] = {}
    calls = Calls(Module, lambda call, result: shapes.update({call: shapes_of(result)}))
    flow = _Flow(calls)
    with flow, calls:
        model(x, *args, **options)
    if not flow.steps:
        raise InputError(f"this {type(model).__name__} computes nothing on tensors, so there is nothing to draw")
    names = {id(part): name for name, _, part in parts_of(model, Module)}
    model.named_variables()  # which gives them names
    known = {id(y): "goes in" for step in flow.steps for y in step.results}
    known.update((id(a), "x") for a in leaves((x, args)))
    variables = {id(value): str(v.name).rpartition(".")[2] for v, value in flow.variables}
    return Layers(_Reader(names, known, variables, shapes).part(title or type(model).__name__, flow.steps, 1))


class _Flow(Listener):
    """Writes down each operation, with the parts of the model that are being called."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.steps: list[_Step] = []
        self.variables: list[tuple[Variable, Tensor]] = []  # that were read, with what they held

    def read(self, variable: Variable) -> None:
        self.variables.append((variable, variable.get()))

    def write(self, operation: Any, args: tuple, kwargs: dict, result: Any) -> None:
        given = [a for a in leaves((args, kwargs)) if isinstance(a, (Tensor, np.ndarray)) and a.shape]
        title = " ".join([operation.name.removeprefix("np."), *shown_numbers(args)])
        results = [y for y in leaves(result) if isinstance(y, Tensor)]
        self.steps.append(_Step(tuple(self.calls.running), title, given, results))


class _Reader(NamedTuple):
    """Makes boxes of operations.

    Attributes:
        names: of parts, as the part around calls them.
        known: what values are called that are inputs of the model, or were computed; variables: those of Variables.
        shapes: of what each call gave.
    """

    names: dict[int, str]
    known: dict[int, str]
    variables: dict[int, str]
    shapes: dict[Call, str]

    def part(self, title: str, steps: Sequence[_Step], depth: int) -> _Part:
        """A part's graph: a box for each operation of its own, and for each part at this depth that it calls."""
        boxes: list[Box] = []
        parts: list[_Part] = []
        made: dict[int, int] = {}  # by the `id()` of a value, the number of its box
        for call, inner in _grouped(steps, depth):
            given, results = _ends(inner)
            if call is not None:
                name, kind = self.names.get(id(call.part), ""), type(call.part).__name__
                lines = [f"{name} {kind}".strip(), self.shapes.get(call, "")]
                path = ".".join(self.names.get(id(outer.part), "") for outer in inner[0].within[1 : depth + 1])
                parts.append(self.part(f"{path} {kind} {lines[1]}", inner, depth + 1))
                given = {key: a for key, a in given.items() if key in self.known}  # what else it reads is its own
            else:
                lines = [inner[0].title, *shown_shape(inner[0].results[0].shape if inner[0].results else ())]
            for key, a in given.items():
                if key not in made:
                    made[key] = len(boxes)
                    told = self.variables.get(key) or self.known.get(key, "array")
                    boxes.append(Box([told, *shown_shape(a.shape)], "input", value=shown_types([a])))
            inputs = list(dict.fromkeys(made[key] for key in given))
            made.update(dict.fromkeys(results, len(boxes)))
            boxes.append(Box(lines, "forward", inputs, value=shown_types(inner[-1].results)))
        return _Part(title, boxes, parts)


def _grouped(steps: Sequence[_Step], depth: int) -> Iterator[tuple[Call | None, list[_Step]]]:
    """Operations one by one; those of a call at this depth together, with the call."""
    for call, group in groupby(steps, key=lambda step: step.within[depth] if len(step.within) > depth else None):
        inner = list(group)
        if call is None:
            yield from ((None, [step]) for step in inner)
        else:
            yield call, inner


def _ends(steps: Sequence[_Step]) -> tuple[dict[int, Any], set[int]]:
    """What goes into some operations from elsewhere, and what they make, by `id()`."""
    given: dict[int, Any] = {}
    made: set[int] = set()
    for step in steps:
        given.update((id(a), a) for a in step.given if id(a) not in made)
        made.update(map(id, step.results))
    return given, made


def _pictures(graphs: Sequence[list[Box]]) -> list[str]:
    """Each graph as SVG: by Graphviz, which is called once for all, where it is installed."""
    few = [boxes if len(boxes) <= _MOST else [Box([f"{len(boxes)} boxes, too many to be drawn"])] for boxes in graphs]
    graphviz = with_graphviz()
    if graphviz is None:
        return [drawn(boxes) for boxes in few]
    found = graphviz.Source("".join(map(dot, few))).pipe(format="svg", encoding="utf-8")
    return ["<svg" + piece.split("</svg>")[0] + "</svg>" for piece in found.split("<svg")[1:]]


def _opened(part: _Part, pictures: Iterator[str]) -> str:
    """A part as HTML that opens."""
    picture = next(pictures)
    inner: Iterable[str] = [_opened(child, pictures) for child in part.parts]
    return folded(part.title, "".join([picture, *inner]))
