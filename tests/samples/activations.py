"""Samples of the activation functions."""

import numpy as np

from ntb import nn
from ntb.nn.losses import binary
from ntb.ops import special
from ntb.tuned import gated, relu, sigmoid
from ntb.tuned.binary import losses_of_logits_pull

from .base import ONE, form_of, row

for f in (special.softplus, special.log_sigmoid):
    row(f, shapes=ONE)
for activation in (nn.sigmoid, nn.relu, nn.gelu, nn.silu):
    row(form_of(activation), lambda x, f=activation: f(x), ONE)

SAME = [(shape, shape) for shape in ONE]
row(relu.relu_pull, lambda g: relu.relu_pull(g, np.cos(np.arange(g.size)).reshape(g.shape)), ONE)
row(sigmoid.sigmoid_pull, special.sigmoid_pull, SAME)
row(gated.gelu_gated, lambda x: gated.gelu_gated(x, gated.gelu_gate(x)), ONE)
row(gated.silu_gated, lambda x: gated.silu_gated(x, gated.silu_gate(x)), ONE)
row(gated.gelu_pull, lambda g, x: gated.gelu_pull(g, x, gated.gelu_gate(x)), SAME)
row(gated.silu_pull, lambda g, x: gated.silu_pull(g, x, gated.silu_gate(x)), SAME)
row(form_of(binary.losses_of_logits), lambda x, t: binary.losses_of_logits(x, t), SAME)
row(losses_of_logits_pull, shapes=[(shape,) * 3 for shape in ONE])
