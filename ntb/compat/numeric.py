"""Numerical gradients, by their old names. `ntb.check_gradients` is the stricter check of new programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..check import numerical_gradient
from .node import Node
from .nodes.leaves import Placeholder
from .nodes.table import Grad

num_grad = numerical_gradient


def num_grad_sparse_error(
    f: Callable[[np.ndarray], Any], x: Any, analytic_grad: Any, num_samples: int = 10, dx_scale: float = 1e-3,
    dx: float = 2e-5, eps: float = 1e-9,
) -> tuple[float, float, float]:  # fmt: skip
    """Compare a gradient with differences at random entries: the mean relative error, the mean absolute error, and the
    dx that was used. At each entry the best of forward, backward and central differences counts, lenient at kinks."""
    x = np.array(x, dtype=float)
    if x.size == 0:
        return 0.0, 0.0, dx
    dx = min(dx, dx_scale * float(np.mean(np.abs(x)))) or dx
    chosen = np.random.randint(x.size, size=num_samples)
    analytic, middle = np.ravel(analytic_grad)[chosen], float(f(x))
    units = [np.reshape(np.arange(x.size) == i, x.shape) for i in chosen]
    above, below = [np.array([float(f(x + step * unit)) for unit in units]) for step in (dx, -dx)]
    slopes = np.stack([(above - middle) / dx, (middle - below) / dx, (above - below) / (2 * dx)])
    absolute = np.abs(slopes - analytic)
    relative = absolute / (np.abs(slopes) + np.abs(analytic) + eps)
    best = np.argmin(absolute, axis=0), np.arange(num_samples)
    return float(np.mean(relative[best])), float(np.mean(absolute[best])), dx


def test_num_grads(
    loss_node: Node, assign_dict: Mapping[Any, Any], dx_scale: float = 1e-3, dx: float = 2e-5, num_samples: int = 10,
    exclude: Sequence[Node] = (),
) -> tuple[dict, dict, dict]:  # fmt: skip
    """Check the gradients of a loss by every array that its backward pass visits: values, gradients, and the errors of
    `num_grad_sparse_error`, each as a dict by node. Of values that are assigned to these only placeholders' count."""
    graph = loss_node.graph
    nodes = [n for n in graph.bp_subtree[loss_node] if n.shape != () and n not in exclude]
    nodes.sort(key=graph.order.__getitem__)
    feed = {node: x for node, x in assign_dict.items() if node not in nodes or isinstance(node, Placeholder)}
    values = dict(zip(nodes, graph.run(nodes, feed)))
    grads = dict(zip(nodes, graph.run([Grad(loss_node, node) for node in nodes], feed)))

    def error(node: Node) -> tuple[float, float, float]:
        loss_at = lambda x: graph.run([loss_node], {**feed, node: x})[0]
        return num_grad_sparse_error(loss_at, values[node], grads[node], num_samples, dx_scale, dx)

    return values, grads, {node: error(node) for node in nodes}


test_num_grads.__test__ = False  # type: ignore[attr-defined]  # its name makes test runners collect it
