"""Losses, as PyTorch computes them."""

from ntb import nn

from .base import reference

SHAPES = [(3, 4), (3, 4)]

reference("mse", "torch", SHAPES, nn.mse, lambda torch, x, y: torch.nn.functional.mse_loss(x, y))
reference("mae", "torch", SHAPES, nn.mae, lambda torch, x, y: torch.nn.functional.l1_loss(x, y))
