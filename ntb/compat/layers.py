"""Layer functions: each returns its output node, followed by the Variables that it made."""

from __future__ import annotations

from typing import Any

import numpy as np

from .current import GraphError
from .initializers import const_init, xavier_init
from .misc import whole
from .names import parts
from .node import Node
from .nodes.batchnorm import Batchnorm, SpatialBatchnorm
from .nodes.conv import Conv2d, MaxPool, get_pad
from .nodes.leaves import Variable
from .nodes.table import Affine, BatchFlatten


def affine_layer(x: Node, output_dim: int) -> tuple[Node, ...]:
    """x @ w + b, with w (D, output_dim) by Xavier and b zero; more than two axes are flattened first."""
    if not isinstance(x, Node) or len(x.shape) < 2 or -1 in x.shape[1:]:
        raise GraphError(f"affine_layer takes a node (N, ...) whose sizes after N are known, not {named(x)}")
    output_dim = whole("output_dim", output_dim)
    if len(x.shape) > 2:
        x = BatchFlatten(x)
    w = Variable(xavier_init((x.shape[1], output_dim)), graph=x.graph)
    b = Variable(const_init(0.0, (output_dim,)), graph=x.graph)
    return parts(Affine(x, w, b), w=w, b=b)


def conv_layer(x: Node, F: int, HH: int, WW: int, stride: int = 1, padding: str = "same") -> tuple[Node, ...]:
    """Convolution with F filters of (HH, WW), w by Xavier and b 0.1; padding "same" or "minimal", see `get_pad`."""
    channels, height, width = image_sizes(x, "conv_layer")
    F = whole("F", F)
    pad = get_pad(height, width, HH, WW, stride, padding)
    w = Variable(xavier_init((F, channels, HH, WW)), graph=x.graph)
    b = Variable(const_init(0.1, (F,)), graph=x.graph)
    return parts(Conv2d(x, w, b, stride=stride, pad=pad), w=w, b=b)


def max_pool_layer(x: Node, HH: int, WW: int, stride: int | None = None) -> Node:
    """The maximum of windows (HH, WW), with minimal padding; the stride is by itself WW."""
    stride = WW if stride is None else stride
    _, height, width = image_sizes(x, "max_pool_layer")
    pad = get_pad(height, width, HH, WW, stride)
    return MaxPool(x, pool_size=(HH, WW), pad=pad, stride=stride)


def batchnorm_layer(x: Node, train: Any) -> tuple[Node, ...]:
    """Batch normalisation of each element of x (N, ...), with gamma one and beta zero."""
    return _normalised(Batchnorm, x, train, x.shape[1:])


def spatial_batchnorm_layer(x: Node, train: Any) -> tuple[Node, ...]:
    """Batch normalisation of each channel of x (N, C, H, W), with gamma one and beta zero."""
    return _normalised(SpatialBatchnorm, x, train, x.shape[1:2])


def image_sizes(x: Node, layer: str) -> tuple[int, ...]:
    """Channels, height and width of images, which must be known."""
    if not isinstance(x, Node) or len(x.shape) != 4 or -1 in x.shape[1:]:
        raise GraphError(f"{layer} takes a node of images, (N, C, H, W) with C, H and W known, not {named(x)}")
    return x.shape[1:]


def named(x: Any) -> str:
    """A node's shape, or what there is in its place."""
    return f"one of shape {x.shape}" if isinstance(x, Node) else f"{x!r:.60}"


def _normalised(kind: type[Node], x: Node, train: Any, shape: Any) -> tuple[Node, ...]:
    if -1 in shape:
        raise GraphError(f"{kind.__name__} has a gamma for each channel, so their number must be known, not {named(x)}")
    gamma = Variable(value=np.ones(shape), graph=x.graph)
    beta = Variable(value=np.zeros(shape), graph=x.graph)
    return parts(kind(x, gamma, beta, train), gamma=gamma, beta=beta)
