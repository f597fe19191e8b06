"""Nodes of a user's own, which compute on plain arrays: `forw_eval` and `back_eval` as an operation of the tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .. import random
from ..tape.listener import traces
from ..tape.tensor import Tensor
from ..transforms.custom import numpy_function
from ..transforms.gradients import vjp
from .current import GraphError, found

if TYPE_CHECKING:
    from .node import Node


ONLY_OURS = "; the cache that ntb's own forw_eval returns is for ntb's own back_eval; override forw_eval too"


def call_user_node(node: Node, inputs: tuple[Any, ...]) -> Any:
    """The value of a node that defines `forw_eval(*inputs) -> (value, cache)` and `back_eval(Dout, cache, bp_mask)`."""
    for trace in traces():
        for generator in {random.of_numpy(), node.graph.rng}:
            trace.draw(generator)  # it may, and does so anew in each replay
    if node._on_arrays is None:
        node._on_arrays = _on_arrays(ref(node))
    # The variable makes it a call that is not a constant of the program, whatever its inputs are.
    return node._on_arrays(node.graph.session.tick, *inputs)


def _on_arrays(of: ref[Node]) -> Callable[..., Any]:
    """The operation of a node, made once, which does not keep the node."""

    def forw_eval(_tick: Any, *xs: Any) -> Any:
        return found(of).forw_eval(*xs)

    def back_eval(g: Any, cache: Any, wanted: tuple[bool, ...], *shapes: Any) -> Any:
        node, count = found(of), len(shapes) - 1
        try:
            gradients = node.back_eval(g, cache, list(wanted[1:]))
            gradients = gradients if isinstance(gradients, tuple | list) else (gradients,)
            if len(gradients) != count:
                raise ValueError(f"back_eval returned {len(gradients)} gradients for {count} inputs; return one each")
        except GraphError:  # which names its node already
            raise
        except Exception as error:
            raise node.error(error, (g,), ONLY_OURS if isinstance(cache, Recorded) else "") from error
        return (None, *gradients)

    return numpy_function(forw_eval, back_eval)


def recorded(compute: Callable[..., Any], inputs: Sequence[Any]) -> tuple[Any, Recorded]:
    """The value of a function of arrays, and what its gradients are found from."""
    value, pull = vjp(compute, *map(np.asarray, inputs))
    return value, Recorded(pull, np.asarray(value))


class Recorded:
    """What the `forw_eval` of a node of this package returns beside the value. Only its own `back_eval` can read it."""

    __array_ufunc__ = None

    def __init__(self, pull: Callable[..., Any], value: np.ndarray) -> None:
        self.pull, self.shape, self.dtype = pull, value.shape, value.dtype

    def gradients(self, Dout: Any) -> tuple[Any, ...]:
        """The gradients of the inputs; 0 for integers."""
        weights = np.broadcast_to(np.asarray(Dout, self.dtype), self.shape)
        return tuple([0 if g is None else g for g in self.pull(weights)])


def plain(x: Any) -> Any:
    """The array of a tensor; anything else as it is."""
    return x.value if isinstance(x, Tensor) else x
