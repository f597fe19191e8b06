"""Layer functions: each returns its output node, followed by the Variables that it made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from .current import GraphError
from .initializers import const_init, xavier_init
from .misc import Shape, whole
from .names import parts
from .node import Node
from .nodes.batchnorm import Batchnorm, SpatialBatchnorm
from .nodes.conv import Conv2d, MaxPool, get_pad
from .nodes.leaves import Variable
from .nodes.table import Affine, BatchFlatten


def affine_layer(x: Node, output_dim: int) -> tuple[Node, ...]:
    """x @ w + b, with w (D, output_dim) by Xavier and b zero; more than two axes are flattened first."""
    columns = math.prod(_sizes(x, "affine_layer", "(N, ...) whose sizes after N"))
    output_dim = whole("output_dim", output_dim)
    x = BatchFlatten(x) if len(x.shape) > 2 else x
    return _layer(Affine, x, w=xavier_init((columns, output_dim)), b=const_init(0.0, (output_dim,)))


def conv_layer(x: Node, F: int, HH: int, WW: int, stride: int = 1, padding: str = "same") -> tuple[Node, ...]:
    """Convolution with F filters of (HH, WW), w by Xavier and b 0.1; padding "same" or "minimal", see `get_pad`."""
    channels, height, width = _sizes(x, "conv_layer", "(N, C, H, W) whose C, H and W", rank=4)
    F = whole("F", F)
    options = {"stride": stride, "pad": get_pad(height, width, HH, WW, stride, padding)}
    return _layer(Conv2d, x, w=xavier_init((F, channels, HH, WW)), b=const_init(0.1, (F,)), options=options)


def max_pool_layer(x: Node, HH: int, WW: int, stride: int | None = None) -> Node:
    """The maximum of windows (HH, WW), with minimal padding; the stride is by itself WW."""
    _, height, width = _sizes(x, "max_pool_layer", "(N, C, H, W) whose C, H and W", rank=4)
    stride = WW if stride is None else stride
    return MaxPool(x, pool_size=(HH, WW), pad=get_pad(height, width, HH, WW, stride), stride=stride)


def batchnorm_layer(x: Node, train: Any) -> tuple[Node, ...]:
    """Batch normalisation of each element of x (N, ...), with gamma one and beta zero."""
    shape = _sizes(x, "batchnorm_layer", "(N, ...) whose sizes after N")
    return _layer(Batchnorm, x, train, gamma=const_init(1.0, shape), beta=const_init(0.0, shape))


def spatial_batchnorm_layer(x: Node, train: Any) -> tuple[Node, ...]:
    """Batch normalisation of each channel of x (N, C, H, W), with gamma one and beta zero."""
    shape = _sizes(x, "spatial_batchnorm_layer", "(N, C, H, W) whose C", slice(1, 2))
    return _layer(SpatialBatchnorm, x, train, gamma=const_init(1.0, shape), beta=const_init(0.0, shape))


def _sizes(x: Any, caller: str, wanted: str, part: slice = slice(1, None), rank: int | None = None) -> Shape:
    """A part of the sizes of a node, which must be known."""
    if not isinstance(x, Node) or -1 in x.shape[part] or rank not in (None, len(x.shape)):
        met = f"one of shape {x.shape}" if isinstance(x, Node) else f"{x!r:.60}"
        raise GraphError(f"{caller} takes a node {wanted} are known, not {met}")
    return x.shape[part]


def _layer(
    kind: Any, x: Node, *others: Any, options: Mapping[str, Any] = {}, **initializers: Callable[[], Any]
) -> tuple[Node, ...]:
    """A node of x and of Variables that are made for it, and these."""
    made = {role: Variable(initializer, graph=x.graph) for role, initializer in initializers.items()}
    return parts(kind(x, *made.values(), *others, **options), **made)
