"""Numerical gradients, by their old names. `ntb.check_gradients` is the stricter check of new programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .node import Node
from .nodes.leaves import Placeholder
from .nodes.table import Grad


def num_grad(f: Callable[[np.ndarray], Any], x: Any, dx: float = 2e-5) -> np.ndarray:
    """The gradient of a scalar function by central differences; integers are taken as floats, x is left as it is.

    >>> np.round(num_grad(lambda x: np.sum(x**2), np.array([1, 2])), 6)
    array([2., 4.])
    """
    x = np.array(x, dtype=np.result_type(x, np.float64) if np.result_type(x).kind in "biu" else None)
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        gradient[i] = (_moved(f, x, i, dx) - _moved(f, x, i, -dx)) / (2 * dx)
    return gradient


def num_grad_sparse_error(
    f: Callable[[np.ndarray], Any], x: Any, analytic_grad: Any, num_samples: int = 10, dx_scale: float = 1e-3,
    dx: float = 2e-5, eps: float = 1e-9,
) -> tuple[float, float, float]:  # fmt: skip
    """Compare a gradient with differences at random entries.

    At each entry the best of forward, backward and central differences counts, which is lenient at kinks.

    Returns:
        The mean relative error, the mean absolute error, and the dx that was used.
    """
    x, analytic = np.array(x, dtype=float), np.asarray(analytic_grad)
    if x.size == 0:
        return 0.0, 0.0, dx
    dx = min(dx, dx_scale * float(np.mean(np.abs(x)))) or dx
    relative, absolute = [], []
    middle = float(f(x))
    for flat in np.random.randint(x.size, size=num_samples):
        i = np.unravel_index(flat, x.shape)
        above, below = _moved(f, x, i, dx), _moved(f, x, i, -dx)
        slopes = np.array([(above - middle) / dx, (middle - below) / dx, (above - below) / (2 * dx)])
        errors = np.abs(slopes - analytic[i])
        best = int(np.argmin(errors))
        absolute.append(errors[best])
        relative.append(errors[best] / (np.abs(slopes[best]) + np.abs(analytic[i]) + eps))
    return float(np.mean(relative)), float(np.mean(absolute)), dx


def _moved(f: Callable[[np.ndarray], Any], x: np.ndarray, i: Any, dx: float) -> float:
    other = x.copy()
    other[i] += dx
    return float(f(other))


def test_num_grads(
    loss_node: Node, assign_dict: Mapping[Any, Any], dx_scale: float = 1e-3, dx: float = 2e-5, num_samples: int = 10,
    exclude: Sequence[Node] = (),
) -> tuple[dict, dict, dict]:  # fmt: skip
    """Check the gradients of a loss by every array that its backward pass visits.

    Values that `assign_dict` has for these are put aside, except those of placeholders.

    Returns:
        Values, gradients, and the errors of `num_grad_sparse_error`, each as a dict by node.
    """
    graph = loss_node.graph
    nodes = [n for n in graph.bp_subtree[loss_node] if n.shape != () and n not in exclude]
    nodes.sort(key=graph.order.__getitem__)
    feed = {node: x for node, x in assign_dict.items() if node not in nodes or isinstance(node, Placeholder)}
    values = dict(zip(nodes, graph.run(nodes, feed)))
    grads = dict(zip(nodes, graph.run([Grad(loss_node, node) for node in nodes], feed)))

    def loss_at(node: Node) -> Callable[[np.ndarray], Any]:
        return lambda x: graph.run([loss_node], {**feed, node: x})[0]

    options = {"num_samples": num_samples, "dx_scale": dx_scale, "dx": dx}
    errors = {n: num_grad_sparse_error(loss_at(n), values[n], grads[n], **options) for n in nodes}  # type: ignore[arg-type]
    return values, grads, errors


test_num_grads.__test__ = False  # type: ignore[attr-defined]  # its name makes test runners collect it
