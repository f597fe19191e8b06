"""Samples of dense layers."""

from ntb import nn
from ntb.nn.linear import affine
from ntb.tuned import linear

from .base import form_of, row

MAPS = [((2, 3), (3, 2), (2,)), ((0, 2), (2, 1), (1,))]
row(linear.product, shapes=[shapes[:2] for shapes in MAPS])
row(linear.affine, shapes=MAPS)
row(form_of(affine), nn.linear, [*MAPS, ((2, 1, 3), (3, 2), ()), ((3,), (3, 2), (1,))])
row(form_of(affine), lambda x, w: nn.linear(x, w), [((2, 3), (3, 2)), ((2, 0, 3), (3, 2))], label="no bias")
