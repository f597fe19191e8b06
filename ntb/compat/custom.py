"""Nodes of a user's own, which compute on plain arrays: `forw_eval` and `back_eval` as operations of the tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .. import random
from ..tape.listener import listeners, traces
from ..tape.tensor import Tensor
from ..transforms.custom import numpy_function
from ..transforms.gradients import vjp
from .current import GraphError, found

if TYPE_CHECKING:
    from .node import Node


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

    def forward(_tick: Any, *xs: Any) -> Any:
        node = found(of)
        with _inside(node, xs):
            answer = node.forw_eval(*xs)
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise GraphError(
                f"forw_eval of {node} returns its value and a cache for back_eval, a tuple of two, not {answer!r:.60}; "
                "the cache may be None"
            )
        return answer

    def backward(g: Any, cache: Any, wanted: tuple[bool, ...], *shapes: Any) -> Any:
        node = found(of)
        with _inside(node, (g,)):
            gradients = node.back_eval(g, cache, list(wanted[1:]))
        gradients = gradients if isinstance(gradients, tuple | list) else (gradients,)
        if len(gradients) != len(shapes) - 1:
            raise node.error(
                ValueError(
                    f"back_eval returned {len(gradients)} gradients for {len(shapes) - 1} inputs; return one for each"
                ),
                (g,),
            )
        return (None, *gradients)

    return numpy_function(forward, backward)


@contextmanager
def _inside(node: Node, inputs: Sequence[Any]) -> Any:
    """A block of a user's code, whose errors name the node. It is a single operation for all listeners."""
    before = listeners.set(())
    try:
        yield
    except GraphError:  # which names its node already
        raise
    except Exception as error:
        raise node.error(error, inputs) from error
    finally:
        listeners.reset(before)


def recorded(compute: Callable[..., Any], inputs: Sequence[Any]) -> tuple[Any, Recorded]:
    """The value of a function of arrays, and what its gradients are found from."""
    value, pull = vjp(compute, *map(np.asarray, inputs))
    return value, Recorded(pull, np.asarray(value))


class Recorded:
    """What the `forw_eval` of a node of this package returns beside the value. Only its own `back_eval` can read it."""

    def __init__(self, pull: Callable[..., Any], value: np.ndarray) -> None:
        self.pull, self.shape, self.dtype = pull, value.shape, value.dtype

    def gradients(self, Dout: Any) -> tuple[Any, ...]:
        """The gradients of the inputs; 0 for integers."""
        weights = np.broadcast_to(np.asarray(Dout, self.dtype), self.shape)
        return tuple([0 if g is None else g for g in self.pull(weights)])

    __array_ufunc__ = None

    def _refuse(self, *_: Any) -> Any:
        raise GraphError(
            "the cache of a node of ntb is not an array, and only the back_eval of its class can read it; override "
            "forw_eval too, and let it return what your back_eval needs"
        )


_UNARY = ("array", "iter", "len", "bool", "float", "neg", "abs", "invert")
_BINARY = ("add", "sub", "mul", "truediv", "pow", "matmul", "and", "or")
_OTHERS = ("getitem", "lt", "le", "gt", "ge")
for _name in (*_UNARY, *_OTHERS, *_BINARY, *[f"r{_name}" for _name in _BINARY]):
    setattr(Recorded, f"__{_name}__", Recorded._refuse)


def plain(x: Any) -> Any:
    """The array of a tensor; anything else as it is."""
    return x.value if isinstance(x, Tensor) else x
