"""Transposed convolution: the adjoint of convolution in the image, which makes small images large.

It is what takes gradients back through a convolution (`conv.py`), used as a layer of its own (Zeiler, Krishnan, Taylor
and Fergus, "Deconvolutional networks", 2010). It inverts the shapes of a convolution, not its numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import floating
from .conv import transposed, with_bias
from .windowing import Size, check_filters, transposed_grid

Borders = int | Sequence[Any]


def conv_transpose1d(
    x: Any, weight: Any, bias: Any = None,
    stride: Size = 1, padding: Borders = 0, output_padding: Size = 0, *, dilation: Size = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Transposed convolution of sequences: x (N, C, W), weight (C, F/groups, K). Options as in `conv_transpose2d`.

    Numbers are real or complex of any precision, as in `conv2d`.

    >>> conv_transpose1d(np.array([[[1.0, 2.0]]]), np.array([[[1.0, 1.0, 1.0]]]), stride=2)
    array([[[1., 1., 3., 2., 2.]]])
    """
    return _conv_transpose(1, x, weight, bias, stride, padding, output_padding, dilation, groups)


def conv_transpose2d(
    x: Any, weight: Any, bias: Any = None,
    stride: Size = 1, padding: Borders = 0, output_padding: Size = 0, *, dilation: Size = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Transposed convolution: each pixel of x adds its multiple of the filter to the output (the adjoint of `conv2d`).

    Args:
        x: (N, C, H, W), of numbers as in `conv2d`.
        weight: (C, F/groups, KH, KW).
        bias: (F,), or None.
        stride, padding, dilation, groups: those of the convolution whose adjoint this is.
        output_padding: a convolution with a stride has the same output size for several input sizes; this many rows and
            columns are added to the smallest of them. First they give back what `padding` cut off after the image; what
            is beyond the last pixel's filter is 0.

    Returns:
        (N, F, (H-1) * stride - before - after + dilation * (KH-1) + 1 + output_padding, likewise across), of the
        inputs' common floating type.

    Raises:
        InputError: shapes that do not fit, or padding that would cut off more than there is.

    >>> conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)))
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    return _conv_transpose(2, x, weight, bias, stride, padding, output_padding, dilation, groups)


def conv_transpose3d(
    x: Any, weight: Any, bias: Any = None,
    stride: Size = 1, padding: Borders = 0, output_padding: Size = 0, *, dilation: Size = 1, groups: int = 1,
) -> Any:  # fmt: skip
    """Transposed convolution of volumes: x (N, C, D, H, W), weight (C, F/groups, KD, KH, KW). Options as in
    `conv_transpose2d`.

    Numbers are real or complex of any precision, as in `conv2d`.

    >>> conv_transpose3d(np.ones((1, 1, 1, 1, 1)), np.ones((1, 1, 2, 2, 2)), padding=((0, 1), 0, 0)).shape
    (1, 1, 1, 2, 2)
    """
    return _conv_transpose(3, x, weight, bias, stride, padding, output_padding, dilation, groups)


def _conv_transpose(
    dims: int, x: Any, weight: Any, bias: Any,
    stride: Size, padding: Borders, output_padding: Size, dilation: Size, groups: int,
) -> Any:  # fmt: skip
    x, weight, bias = floating(x, weight, optional=(bias,))
    check_filters(dims, x, weight, 1, groups)
    grid, space, empty = transposed_grid(x.shape[2:], weight.shape[2:], stride, padding, output_padding, dilation)
    y = transposed(x, weight, space, grid, groups)
    if any(empty):
        y = np.pad(y, ((0, 0), (0, 0), *[(0, rows) for rows in empty]))
    return with_bias(y, bias)
