"""The loss around a point, on a plane through the space of all parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..errors import InputError
from ..tape.tensor import ArrayLike
from ..variable import Variable
from .plot import figure, labelled, scale


def landscape(
    loss: Callable[[], Any],
    parameters: Any,
    *,
    span: float = 1.0,
    points: int = 21,
    seed: int = 0,
    log: bool | None = None,
    title: str = "",
    figsize: tuple[float, float] | None = None,
) -> Any:
    """The loss around the present parameters, along two random directions in which each filter is as long as that of
    the network (Li, Xu, Taylor, Studer and Goldstein, "Visualizing the loss landscape of neural nets", 2018).

    Args:
        loss: called without arguments, it gives the loss with the parameters as they are then. It is called
            points * points times: give it one batch, and a traced function if that is faster.
        parameters: the Variables, or a model. Biases and whatever has one axis only stay as they are, as in the paper.
        span: how far to go, in lengths of the filters.
        points: along each direction; an odd number has the present parameters among them.
        seed: of the directions.
        log: whether colours go by the logarithm; by itself if the losses are positive and span a factor of 30.
        title: stands above.
        figsize: width and height in inches.

    Returns:
        A matplotlib Figure: colours and lines of equal loss, a cross at the present parameters. These are put back,
        whatever happens.

    Raises:
        InputError: no Variable with two axes or more, or fewer than three points.

    >>> w = Variable([[3.0, 4.0]])
    >>> figure = landscape(lambda: np.sum(w * w), [w], points=3)
    >>> float(figure.axes[0].collections[0].get_array()[1, 1]), w.value.tolist()
    (25.0, [[3.0, 4.0]])
    """
    found: Iterable[Any] = parameters.trainable_variables() if hasattr(parameters, "variables") else parameters
    variables = [v for v in found if isinstance(v, Variable) and len(v.shape) > 1]
    if not variables or points < 3:
        raise InputError(
            f"a landscape is along Variables of two axes or more, at 3 points or more; there are {len(variables)} "
            f"Variables and {points} points"
        )
    places = np.linspace(-span, span, points)
    values = _around(loss, variables, places, np.random.default_rng(seed))
    drawing = figure(*(figsize or (5.5, 4.5)))
    axes = labelled(drawing.add_subplot(), "along one direction, in lengths of the filters", "along another")
    finite = values[np.isfinite(values)]
    positive = finite.size > 0 and finite.min() > 0
    log = positive and finite.max() > 30 * finite.min() if log is None else log and positive
    style = {"norm": "log"} if log else {}
    shown = axes.pcolormesh(places, places, values, cmap="viridis", shading="nearest", **style)
    if finite.size and finite.max() > finite.min():
        ends = np.geomspace if log else np.linspace
        lines = ends(finite.min(), finite.max(), 12)[1:-1]
        axes.contour(places, places, values, levels=lines, colors="w", linewidths=0.6, alpha=0.7)
    axes.plot(0, 0, "+", color="w", markersize=10)
    axes.set_aspect("equal")
    axes.tick_params(labelsize=8)
    scale(drawing, shown, axes, "loss")
    drawing.suptitle(title or "the loss around the present parameters", fontsize=11)
    return drawing


def _around(
    loss: Callable[[], Any], variables: list[Variable], places: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The losses on the plane; a row is a place along the second direction."""
    centre = [np.array(v.value) for v in variables]
    one, other = ([_direction(w, rng) for w in centre] for _ in range(2))
    found = np.empty((len(places), len(places)))
    try:
        for i, b in enumerate(places):
            for j, a in enumerate(places):
                for v, w, d, e in zip(variables, centre, one, other):
                    v.assign((w + a * d + b * e).astype(w.dtype))
                y = loss()
                found[i, j] = y.item() if isinstance(y, ArrayLike) else y
    finally:
        for v, w in zip(variables, centre):
            v.assign(w)
    return found


def _direction(w: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random direction in which each filter is as long as that of w: the units of dense layers are columns, (D, K),
    the filters of convolutions lie along the first axis, (F, C, H, W)."""
    drawn = rng.normal(size=w.shape)
    axes = 0 if w.ndim == 2 else tuple(range(1, w.ndim))
    lengths = [np.sqrt(np.sum(a * a, axis=axes, keepdims=True)) for a in (w, drawn)]
    return drawn * lengths[0] / lengths[1]
