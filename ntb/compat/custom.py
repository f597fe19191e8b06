"""Nodes of a user's own, which compute on plain arrays: `forw_eval` and `back_eval` as operations of the tape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import random
from ..tape.listener import traces
from ..transforms.custom import numpy_function
from .current import GraphError

if TYPE_CHECKING:
    from .node import Node


def call_user_node(node: Node, inputs: tuple[Any, ...]) -> Any:
    """The value of a node that defines `forw_eval(*inputs) -> (value, cache)` and `back_eval(Dout, cache, bp_mask)`."""
    user: Any = node

    def forward(_tick: Any, *xs: Any) -> Any:
        return user.forw_eval(*xs)

    def backward(g: Any, cache: Any, wanted: tuple[bool, ...], *_shapes: Any) -> Any:
        try:
            gradients = user.back_eval(g, cache, list(wanted[1:]))
        except GraphError:  # which names its node already
            raise
        except Exception as error:
            raise node.error(error, (g,)) from error
        gradients = gradients if isinstance(gradients, tuple | list) else (gradients,)
        if len(gradients) != len(inputs):
            raise node.error(
                ValueError(
                    f"back_eval returned {len(gradients)} gradients for {len(inputs)} inputs; return one for each"
                ),
                (g,),
            )
        return (None, *gradients)

    for trace in traces():
        trace.draw(random.of_numpy())  # it may, and does so anew in each replay
    # The variable makes it a call that is not a constant of the program, whatever its inputs are.
    return numpy_function(forward, backward)(node.graph.session.tick, *inputs)
