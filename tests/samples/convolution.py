"""Samples of convolutions and their transpose, and of what stands beside them in a layer."""

from ntb.nn.convolution import conv
from ntb.ops import layout
from ntb.ops.stopping import stop_gradient
from ntb.ops.windows import Grid
from ntb.tuned.convolution import (
    channel_sums,
    convolution,
    convolve,
    like_channels,
    transposed_convolution,
    unfold,
    weight_gradient,
)
from ntb.tuned.depthwise import depthwise, depthwise_weight_gradient, transposed_depthwise, with_batch_last
from ntb.tuned.layout import unflatten
from ntb.tuned.winograd import tiled_convolution, tiled_weight_gradient

from .base import form_of, row
from .windows import GRID, LINE

CUBE = Grid((1, 2, 1), (1, 1, 2), ((0, 1), (0, 0), (1, 0)), (1, 1, 1))
IMAGE_AND_FILTERS = [((1, 1, 2, 3), (2, 1, 2, 2)), ((0, 1, 2, 3), (1, 1, 2, 2))]
row(convolve, lambda x, w: conv.convolve(x, w, GRID, 1), IMAGE_AND_FILTERS)
row(convolve, lambda x, w: conv.convolve(x, w, GRID, 2), [((2, 4, 2, 3), (2, 2, 2, 2))], label="groups")
row(convolve, lambda x, w: conv.convolve(x, w, LINE, 1), [((2, 2, 3), (3, 2, 2))], label="line")
row(convolve, lambda x, w: conv.convolve(x, w, CUBE, 1), [((1, 2, 1, 3, 2), (2, 2, 1, 2, 1))], label="cube")
row(convolution, lambda x, w: convolve(x, w, GRID, 1), IMAGE_AND_FILTERS)
row(
    transposed_convolution,
    lambda g, w: conv.transposed(g, w, (2, 3), GRID, 1),
    [((1, 2, 1, 2), (2, 1, 2, 2)), ((0, 1, 1, 2), (1, 1, 2, 2))],
)
row(
    transposed_convolution,
    lambda g, w: conv.transposed(g, w, (2, 3), GRID, 2),
    [((2, 2, 1, 2), (2, 2, 2, 2))],
    label="groups",
)
row(
    weight_gradient,
    lambda x, g: weight_gradient(x, unfold(stop_gradient(x), GRID), g, GRID, 1),
    [((1, 1, 2, 3), (1, 2, 1, 2))],
)
row(form_of(conv.add_channels), lambda x, b: conv.add_channels(x, b), [((2, 3, 2), (3,)), ((1, 2, 2, 1), (2,))])
row(channel_sums, shapes=[(2, 3, 2), (1, 2, 2, 1)])
row(like_channels, lambda sums: like_channels(sums, (2, 3, 2)), [(3,)])
row(form_of(layout.flatten), lambda x: layout.flatten(x), [(2,), (2, 3), (2, 1, 3, 2)])
row(unflatten, lambda rows: unflatten(rows, (2, 1, 3, 2)), [(2, 6)])
AROUND = ((1, 1), (0, 2))
row(
    tiled_convolution,
    lambda x, w: tiled_convolution(x, w, AROUND),
    [((2, 1, 3, 2), (2, 1, 3, 3)), ((0, 1, 2, 3), (1, 1, 3, 3))],
)
row(tiled_weight_gradient, lambda x, g: tiled_weight_gradient(x, g, AROUND), [((1, 2, 2, 3), (1, 1, 2, 3))])
SPARSE = Grid((2, 2), (2, 1), ((1, 0), (0, 1)), (1, 2))
WINDOWS_AND_FILTERS = [((2, 2, 3, 4), (2, 1, 2, 2)), ((0, 2, 3, 4), (2, 1, 2, 2))]
row(with_batch_last, shapes=[(2, 2, 1, 3)])
row(depthwise, lambda x, w: conv.convolve(x, w, SPARSE, 2), WINDOWS_AND_FILTERS)
row(
    transposed_depthwise,
    lambda g, w: transposed_depthwise(g, w, (3, 4), SPARSE),
    [((2, 2, 2, 3), (2, 1, 2, 2)), ((0, 2, 2, 3), (2, 1, 2, 2))],
)
row(depthwise_weight_gradient, lambda x, g: depthwise_weight_gradient(x, g, SPARSE), [((2, 2, 3, 4), (2, 2, 2, 3))])
