"""Nodes of a user's own, which compute on plain arrays: `forw_eval` and `back_eval` as operations of the tape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import numpy_function

if TYPE_CHECKING:
    from .node import Node


def call_user_node(node: Node, inputs: tuple[Any, ...]) -> Any:
    """The value of a node that defines `forw_eval(*inputs) -> (value, cache)` and `back_eval(Dout, cache, bp_mask)`."""

    def backward(g: Any, cache: Any, wanted: tuple[bool, ...], *shapes: Any) -> Any:
        return node.back_eval(g, cache, list(wanted))  # type: ignore[attr-defined]

    return numpy_function(node.forw_eval, backward)(*inputs)  # type: ignore[attr-defined]
