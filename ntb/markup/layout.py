"""Places for the boxes of a directed graph without cycles, in layers from top to bottom.

The method of Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system structures", 1981):
boxes are put on layers, edges that cross layers get a bend on each, every layer is ordered by where its neighbours
stand, and places are found that keep this order and bring neighbours close.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

_BEND = 0.12  # the width that an edge needs where it passes a layer
_SWEEPS = 24


def layered(
    widths: Sequence[float], edges: Sequence[tuple[int, int]], gap: float = 0.2
) -> tuple[list[float], list[int], list[list[tuple[float, int]]]]:
    """Lay a graph out.

    Args:
        widths: of each box.
        edges: pairs (from, to) of boxes, where from comes before to in `widths`.
        gap: the distance that boxes keep.

    Returns:
        The centre of each box on its layer; the layer of each, 0 on top; and for each edge the bends (x, layer)
        between its ends.

    >>> x, layer, bends = layered([1.0, 1.0, 1.0], [(0, 1), (1, 2), (0, 2)])
    >>> layer, [len(b) for b in bends]
    ([0, 1, 2], [0, 0, 1])
    """
    layer = layers_of(len(widths), edges)
    chains, level = _bent(layer, edges)
    size = [*widths, *[_BEND] * (len(level) - len(widths))]
    x = _arranged(size, level, chains, gap)
    bends = [[(float(x[i]), level[i]) for i in chain[1:-1]] for chain in chains]
    return [float(v) for v in x[: len(widths)]], layer, bends


def _bent(layer: Sequence[int], edges: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[int]]:
    """Edges as chains from layer to layer, over bends that are numbered after the boxes; and the layer of each."""
    level = list(layer)
    chains = []
    for start, end in edges:
        passed = range(layer[start] + 1, layer[end])
        chains.append([start, *range(len(level), len(level) + len(passed)), end])
        level += passed
    return chains, level


def _arranged(size: Sequence[float], level: Sequence[int], chains: list[list[int]], gap: float) -> np.ndarray:
    """The centres of boxes and bends, found by going over the layers down and up, each drawn to the one before."""
    above, below = _neighbours(len(size), chains)
    rows: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
    for i, depth in enumerate(level):
        rows[depth].append(i)
    x = np.zeros(len(size))
    for row in rows:
        x[row] = np.arange(len(row)) - len(row) / 2
    for sweep in range(_SWEEPS):
        near, order = (above, rows) if sweep % 2 == 0 else (below, rows[::-1])
        for row in order:
            wanted = [_mean(x, near[i], 0.8 * x[i]) for i in row]
            if sweep < _SWEEPS // 2:  # the first sweeps may still change the order
                row[:] = [row[i] for i in np.argsort(wanted, kind="stable")]
                wanted.sort()
            x[row] = positions(wanted, [size[i] for i in row], gap)
    for row in rows:
        wanted = [_mean(x, above[i] + below[i], x[i]) for i in row]
        x[row] = positions(wanted, [size[i] for i in row], gap)
    return x


def _neighbours(count: int, chains: list[list[int]]) -> tuple[list[list[int]], list[list[int]]]:
    """For each box and bend, what it is connected with on the layer above and on the one below."""
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for chain in chains:
        for upper, lower in pairwise(chain):
            above[lower].append(upper)
            below[upper].append(lower)
    return above, below


def layers_of(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Each box below all that lead to it; what nothing leads to stands right above what it leads to."""
    layer = [0] * count
    for start, end in sorted(edges, key=lambda edge: edge[1]):
        layer[end] = max(layer[end], layer[start] + 1)
    entered = {end for _, end in edges}
    for i in range(count):
        if i not in entered:
            layer[i] = min((layer[end] - 1 for start, end in edges if start == i), default=0)
    return layer


def positions(wanted: Sequence[float], widths: Sequence[float], gap: float) -> np.ndarray:
    """The places nearest to the wanted ones (least squares) at which boxes in this order do not overlap.

    Less the room that the boxes before it take, each place need only be no smaller than the one before: an isotonic
    regression, solved by pooling neighbours that violate the order (Ayer et al., 1955).

    >>> positions([0.0, 0.0], [1.0, 1.0], gap=1.0).tolist()
    [-1.0, 1.0]
    """
    w = np.asarray(widths)
    room = np.concatenate([[0.0], np.cumsum((w[:-1] + w[1:]) / 2 + gap)])
    pools: list[tuple[float, int]] = []  # mean and count
    for target in np.asarray(wanted) - room:
        mean, count = float(target), 1
        while pools and pools[-1][0] > mean:
            before, n = pools.pop()
            mean, count = (before * n + mean * count) / (n + count), n + count
        pools.append((mean, count))
    return np.repeat([mean for mean, _ in pools], [count for _, count in pools]) + room


def _mean(x: np.ndarray, neighbours: Sequence[int], otherwise: float) -> float:
    return float(np.mean(x[list(neighbours)])) if neighbours else float(otherwise)
