"""Convolution and pooling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..ops.windows import positions_of
from ..tuned import convolution, depthwise, pooling, windows, winograd
from .table import body_of, composes, writes


def _where(kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> dict[str, Any]:
    """Where windows lie, as attributes; of the padding, all that is before comes first."""
    pads = [before for before, _ in padding] + [after for _, after in padding]
    return {"kernel_shape": kernel, "strides": stride, "pads": pads, "dilations": dilation}


@composes(convolution.unfold)
def _unfold(*_: Any) -> None:
    """What Conv does by itself."""


@writes(convolution.convolution)
def _convolution(graph: Any, x: Any, _unfolded: Any, weight: Any, grid: Any, groups: int) -> Any:
    return graph.node("Conv", *graph.alike(x, weight), group=groups, **_where(*grid))


@writes(winograd.tiled_convolution)
def _tiled_convolution(graph: Any, x: Any, weight: Any, padding: tuple) -> Any:
    return graph.node("Conv", *graph.alike(x, weight), **_where((3, 3), (1, 1), padding, (1, 1)))


@writes(depthwise.depthwise)
def _depthwise(graph: Any, x: Any, weight: Any, grid: Any) -> Any:
    return graph.node("Conv", *graph.alike(x, weight), group=x.length(1), **_where(*grid))


@writes(convolution.transposed_convolution)
def _transposed_convolution(graph: Any, g: Any, weight: Any, space: tuple, grid: Any, groups: int) -> Any:
    positions = [g.length(i) for i in range(2, g.ndim)]
    g, weight = graph.alike(g, weight)
    return _transposed(graph, g, weight, space, positions, grid, groups)


def _transposed(graph: Any, g: Any, weight: Any, space: tuple, positions: Any, grid: tuple, groups: int) -> Any:
    """ConvTranspose, with as many rows after the last window as the image had."""
    sizes = zip(space, positions, *grid)
    extra = [n - ((count - 1) * s + d * (k - 1) + 1 - sum(border)) for n, count, k, s, border, d in sizes]
    return graph.node("ConvTranspose", g, weight, group=groups, output_padding=extra, **_where(*grid))


@writes(convolution.add_channels)
def _add_channels(graph: Any, x: Any, bias: Any) -> Any:
    """Of a convolution it is a part: its node is written once more, with the bias."""
    x, bias = graph.alike(x, bias)
    node = x.node
    if node is not None and node.op in ("Conv", "ConvTranspose") and len(node.inputs) == 2:
        return graph.node(node.op, *node.inputs, bias, **node.attributes)
    return x + np.reshape(bias, (-1, *[1] * (x.ndim - 2)))


@writes(pooling.window_max)
def _window_max(graph: Any, x: Any, grid: Any, ties: str = "split") -> Any:
    return graph.node("MaxPool", x, **_where(*grid))


# --- windows laid out, for what has no node of its own: a filter for each element of a window picks it


def _picking(graph: Any, channels: int, kernel: tuple, dtype: Any) -> Any:
    """The filters, of which each has a single 1: (channels * elements, 1, *kernel)."""
    elements = math.prod(kernel)
    one_each = np.reshape(np.eye(elements, dtype=dtype), (elements, 1, *kernel))
    return graph.value(np.concatenate([one_each] * channels))


@writes(windows.windows)
def _windows(graph: Any, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, fill: float = 0.0) -> Any:
    """(N, C, *space) -> (C, *kernel, *positions, N)."""
    channels, space = x.length(1), tuple([x.length(i) for i in range(2, x.ndim)])
    positions, batch = positions_of(space, kernel, stride, padding, dilation), x.shape[0]
    if fill:
        x = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=fill)
        padding = ((0, 0),) * len(kernel)
    where = _where(kernel, stride, padding, dilation)
    columns = graph.node("Conv", x, _picking(graph, channels, kernel, x.dtype), group=channels, **where)
    columns = np.reshape(columns, (batch if type(batch) is int else -1, channels, *kernel, *positions))
    return np.transpose(columns, (*range(1, 2 + 2 * len(kernel)), 0))


@writes(windows.unwindows)
def _unwindows(graph: Any, columns: Any, space: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """(C, *kernel, *positions, N) -> (N, C, *space)."""
    channels, batch = columns.length(0), columns.shape[-1]
    positions = [columns.length(i) for i in range(1 + len(kernel), columns.ndim - 1)]
    first = np.transpose(columns, (columns.ndim - 1, *range(columns.ndim - 1)))
    rows = (batch if type(batch) is int else -1, channels * math.prod(kernel), *positions)
    filters, grid = _picking(graph, channels, kernel, columns.dtype), (kernel, stride, padding, dilation)
    return _transposed(graph, np.reshape(first, rows), filters, space, positions, grid, channels)


def mean_of_windows(graph: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """The mean of each window, if that is what is asked for: (C, elements, *positions, N) -> (C, *positions, N)."""
    function, args = graph.maker(a)
    if function is not np.reshape or axis != 1 or keepdims:
        return None
    layout, laid = graph.maker(args[0])
    if layout is not body_of(windows.windows) or len(laid) != 5:
        return None
    where = {name: x for name, x in _where(*laid[1:]).items() if name != "dilations"}
    means = graph.node("AveragePool", laid[0], count_include_pad=1, **where)
    return np.transpose(means, (*range(1, laid[0].ndim), 0))
