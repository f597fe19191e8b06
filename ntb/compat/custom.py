"""Nodes of a user's own, which compute on plain arrays: `forw_eval` and `back_eval` as an operation of the tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import ref

from .. import random
from ..tape.listener import traces
from ..transforms.custom import numpy_function
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
        node = found(of)
        with _Naming(node, xs):
            return node.forw_eval(*xs)

    def back_eval(g: Any, cache: Any, wanted: tuple[bool, ...], *shapes: Any) -> Any:
        node, inputs = found(of), len(shapes) - 1
        with _Naming(node, (g,), ONLY_OURS if isinstance(cache, Recorded) else ""):
            answer = node.back_eval(g, cache, list(wanted[1:]))
            gradients = answer if isinstance(answer, tuple | list) else (answer,)
            if len(gradients) != inputs:
                raise ValueError(f"back_eval returned {len(gradients)} gradients for {inputs} inputs; return as many")
        return (None, *gradients)

    return numpy_function(forw_eval, back_eval)


class _Naming:
    """A block of a user's code, whose errors name the node. (A generator's frame would keep what is raised.)"""

    def __init__(self, node: Node, inputs: Sequence[Any], hint: str = "") -> None:
        self.told = node, inputs, hint

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, Exception) and not isinstance(error, GraphError):  # which names its node already
            node, inputs, hint = self.told
            raise node.error(error, inputs, hint) from error


@dataclass(eq=False)
class Recorded:
    """What the `forw_eval` of a node of this package returns beside the value. Only its own `back_eval` can read it."""

    gradients: Callable[[Any], Sequence[Any]]
    __array_ufunc__ = None
