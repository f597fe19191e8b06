"""Sums over shards in an order that the numbers of the shards fix, not their arrival.

Floating-point addition rounds, so that (a + b) + c and a + (b + c) may differ in their last bits. Here sums are taken
along a binary tree over the shards: 0 with 1, 2 with 3, …, then pairs of these, and so on; what has no partner moves up
alone. Whoever adds two nodes of it, and when, the numbers are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_Node = tuple[int, int]
"""A node of the tree: its level, from 0 for the shards, and its number on that level."""
Nodes = dict[_Node, list[np.ndarray]]
"""Sums by their nodes, each a list of vectors."""


def add(nodes: Nodes, node: _Node, vectors: list[np.ndarray], count: int) -> None:
    """Add what is known of a node. With its partner it becomes the node above, and so on: what is left are the fewest
    nodes that stand for all that was added.

    Args:
        nodes: what is known so far, which is changed.
        node: of the tree over `count` shards.
        vectors: its sums.

    >>> nodes = {}
    >>> for shard in (2, 0, 1):
    ...     add(nodes, (0, shard), [np.array([1.0])], count=3)
    >>> nodes
    {(2, 0): [array([3.])]}
    """
    level, number = node
    while (last := (count - 1) >> level) > 0:
        partner = number ^ 1
        if partner <= last:
            if (level, partner) not in nodes:
                break
            other = nodes.pop((level, partner))
            left, right = (vectors, other) if number < partner else (other, vectors)
            vectors = [a + b for a, b in zip(left, right)]
        level, number = level + 1, number >> 1
    nodes[level, number] = vectors


def total(nodes: Nodes) -> list[np.ndarray]:
    """The sums over all shards, when all were added."""
    ((_, vectors),) = nodes.items()
    return vectors


def packed(arrays: list[Any]) -> list[np.ndarray]:
    """Arrays end to end: one vector for each dtype, in the order of the dtypes' names.

    >>> packed([np.ones((2, 2)), np.zeros(1, np.float32), np.array(3.0)])
    [array([0.], dtype=float32), array([1., 1., 1., 1., 3.])]
    """
    by_type: dict[str, list[np.ndarray]] = {}
    for x in map(np.asarray, arrays):
        by_type.setdefault(x.dtype.str, []).append(x.ravel())
    return [np.concatenate(by_type[name]) for name in sorted(by_type)]


def unpacked(vectors: list[np.ndarray], like: list[Any]) -> list[np.ndarray]:
    """The arrays that `packed` laid end to end, as views.

    Args:
        like: for each something of its shape and dtype.
    """
    left = {vector.dtype.str: vector for vector in vectors}
    found = []
    for x in like:
        name, size = x.dtype.str, int(np.prod(x.shape))
        found.append(left[name][:size].reshape(x.shape))
        left[name] = left[name][size:]
    return found


def pieces(vectors: list[np.ndarray], number: int, count: int) -> list[np.ndarray]:
    """One of `count` nearly equal pieces of each vector, in order.

    >>> [pieces([np.arange(5)], k, 2)[0].tolist() for k in range(2)]
    [[0, 1], [2, 3, 4]]
    """
    return [v[number * v.size // count : (number + 1) * v.size // count] for v in vectors]
