"""Activations, as PyTorch computes them."""

from ntb import nn

from .base import reference

for name in ("relu", "elu", "selu", "silu", "softplus", "sigmoid"):
    reference(name, "torch", [(3, 4)], getattr(nn, name), lambda torch, x, f=name: getattr(torch.nn.functional, f)(x))
