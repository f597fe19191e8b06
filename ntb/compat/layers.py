"""Layer functions: each returns its output node, followed by the Variables that it made."""

from __future__ import annotations

from typing import Any

import numpy as np

from .initializers import const_init, xavier_init
from .node import Node
from .nodes.arithmetic import Affine, BatchFlatten
from .nodes.batchnorm import Batchnorm, SpatialBatchnorm
from .nodes.conv import Conv2d, MaxPool, get_pad
from .nodes.leaves import Variable


def affine_layer(x: Node, output_dim: int) -> tuple[Node, Node, Node]:
    """x @ w + b, with w (D, output_dim) by Xavier and b zero; more than two axes are flattened first."""
    if len(x.shape) > 2:
        x = BatchFlatten(x)
    w = Variable(xavier_init((x.shape[1], output_dim)), graph=x.graph)
    b = Variable(const_init(0.0, (output_dim,)), graph=x.graph)
    return Affine(x, w, b), w, b


def conv_layer(x: Node, F: int, HH: int, WW: int, stride: int = 1, padding: str = "same") -> tuple[Node, Node, Node]:
    """Convolution with F filters of (HH, WW), w by Xavier and b 0.1; padding "same" or "minimal", see `get_pad`."""
    _, channels, height, width = x.shape
    w = Variable(xavier_init((F, channels, HH, WW)), graph=x.graph)
    b = Variable(const_init(0.1, (F,)), graph=x.graph)
    pad = get_pad(height, width, HH, WW, stride, padding)
    return Conv2d(x, w, b, stride=stride, pad=pad), w, b


def max_pool_layer(x: Node, HH: int, WW: int, stride: int | None = None) -> Node:
    """The maximum of windows (HH, WW), with minimal padding; the stride is by itself WW."""
    stride = WW if stride is None else stride
    pad = get_pad(x.shape[2], x.shape[3], HH, WW, stride)
    return MaxPool(x, pool_size=(HH, WW), pad=pad, stride=stride)


def batchnorm_layer(x: Node, train: Any) -> tuple[Node, Node, Node]:
    """Batch normalisation of each element of x (N, ...), with gamma one and beta zero."""
    return _normalised(Batchnorm, x, train, x.shape[1:])


def spatial_batchnorm_layer(x: Node, train: Any) -> tuple[Node, Node, Node]:
    """Batch normalisation of each channel of x (N, C, H, W), with gamma one and beta zero."""
    return _normalised(SpatialBatchnorm, x, train, x.shape[1:2])


def _normalised(kind: type[Node], x: Node, train: Any, shape: Any) -> tuple[Node, Node, Node]:
    gamma = Variable(value=np.ones(shape), graph=x.graph)
    beta = Variable(value=np.zeros(shape), graph=x.graph)
    return kind(x, gamma, beta, train), gamma, beta
