"""Activations, as PyTorch and JAX compute them."""

import numpy as np

from ntb import nn

from .base import reference


def numbers(rng):
    """On both sides of all the places where a piece ends."""
    return np.concatenate([rng.uniform(-8, 8, 20), [-1000.0, -30.0, 30.0, 1000.0]])


for name in (
    "celu", "elu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "mish", "relu", "relu6", "selu",
    "sigmoid", "silu", "softplus", "softshrink", "softsign", "tanhshrink",
):  # fmt: skip
    theirs = lambda torch, x, f=name: getattr(torch.nn.functional, f)(x)
    tolerance = 1e-7 if name.startswith("hards") else 1e-10  # PyTorch multiplies by 1/6 in single precision
    reference(name, "torch", [numbers], getattr(nn, name), theirs, tolerance=tolerance)

reference("celu of alpha 2", "torch", [numbers], lambda x: nn.celu(x, 2.0), lambda torch, x: torch.celu(x, 2.0))
reference(
    "hardtanh between -2 and 3", "torch", [numbers],
    lambda x: nn.hardtanh(x, -2, 3), lambda torch, x: torch.nn.functional.hardtanh(x, -2, 3),
)  # fmt: skip
reference(
    "threshold", "torch", [numbers],
    lambda x: nn.threshold(x, 0.5, 20), lambda torch, x: torch.nn.functional.threshold(x, 0.5, 20),
)  # fmt: skip
for approximate in ("tanh", "none"):
    reference(
        f"gelu {approximate}", "torch", [numbers], lambda x, how=approximate: nn.gelu(x, how),
        lambda torch, x, how=approximate: torch.nn.functional.gelu(x, approximate=how),
    )  # fmt: skip
for shapes in ([(3, 4), (4,)], [(3, 4), (1,)], [(2, 3, 4), (3,)], [(5,), (1,)]):
    reference(f"prelu {shapes}", "torch", shapes, nn.prelu, lambda torch, x, w: torch.nn.functional.prelu(x, w))
reference(
    "rrelu",
    "torch",
    [numbers],
    lambda x: nn.rrelu(x, 0.1, 0.4),
    lambda torch, x: torch.nn.functional.rrelu(x, 0.1, 0.4),
)
for axis in (-1, 0):
    reference(
        f"glu {axis}", "torch", [(4, 6)],
        lambda x, axis=axis: nn.glu(x, axis), lambda torch, x, axis=axis: torch.nn.functional.glu(x, axis),
    )  # fmt: skip
    reference(
        f"softmin {axis}", "torch", [(4, 6)],
        lambda x, axis=axis: nn.softmin(x, axis), lambda torch, x, axis=axis: torch.nn.functional.softmin(x, axis),
    )  # fmt: skip
reference("squareplus", "jax", [numbers], nn.squareplus, lambda jax, x: jax.nn.squareplus(x))


def sparsemax_by_search(numpy, x):
    """The tau of each row by halving an interval, with NumPy alone."""
    low, high = x.max(-1, keepdims=True) - 1, x.max(-1, keepdims=True)
    for _ in range(80):
        middle = (low + high) / 2
        above = numpy.maximum(x - middle, 0).sum(-1, keepdims=True) > 1
        low, high = numpy.where(above, middle, low), numpy.where(above, high, middle)
    return numpy.maximum(x - low, 0)


reference("sparsemax", "numpy", [(7, 5)], nn.sparsemax, sparsemax_by_search, gradients=False)
