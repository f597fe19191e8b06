"""Normalisation of activations and weights, as PyTorch computes it."""

import numpy as np

import ntb
from ntb import nn

from .base import reference


def both(name, inputs, ours, theirs, **options):
    """A case of PyTorch's functional interface."""
    reference(name, "torch", inputs, ours, lambda torch, *a: theirs(torch.nn.functional, *a), **options)


SHAPES = {"vectors": (3, 6), "sequences": (2, 6, 4), "images": (2, 6, 3, 2), "one pixel": (1, 6, 1, 2)}
for name, shape in SHAPES.items():
    for groups in (1, 2, 3):
        both(f"group_norm {groups}, {name}", [shape, (6,), (6,)],
             lambda x, g, b, n=groups: nn.group_norm(x, n, g, b),
             lambda F, x, g, b, n=groups: F.group_norm(x, n, g, b))  # fmt: skip
    if len(shape) > 2:
        both(f"instance_norm {name}", [shape, (6,), (6,)], nn.instance_norm,
             lambda F, x, g, b: F.instance_norm(x, weight=g, bias=b))  # fmt: skip
        both(f"local_response_norm {name}", [shape], lambda x: nn.local_response_norm(x, 4, alpha=0.3, beta=0.6, k=2.0),
             lambda F, x: F.local_response_norm(x, 4, 0.3, 0.6, 2.0))  # fmt: skip
    both(f"unit_norm {name}", [shape], lambda x: nn.unit_norm(x, 1), lambda F, x: F.normalize(x))
both("unit_norm of zeros", [np.zeros((2, 3))], nn.unit_norm, lambda F, x: F.normalize(x))
both("rms_norm", [(3, 5), (5,)], nn.rms_norm, lambda F, x, g: F.rms_norm(x, (5,), g, 1e-6))
both("rms_norm of two axes", [(2, 3, 4), (3, 4)], lambda x, g: nn.rms_norm(x, g, axis=(1, 2), eps=0.1),
     lambda F, x, g: F.rms_norm(x, (3, 4), g, 0.1))  # fmt: skip


def of_wrapped(wrapper, make):
    """A wrapped layer as a function of x, the weight, and the magnitude if there is one."""

    def run(x, *parameters):
        layer = wrapper(make())
        layer.layer.weight = parameters[0]
        if len(parameters) > 1:
            layer.magnitude = parameters[1]
        else:
            layer.u = ntb.Variable(singular(layer.matrix(parameters[0].value)), trainable=False)
        return layer(x)

    return run


def singular(matrix):
    """The left vector of the greatest singular value."""
    return np.linalg.svd(matrix)[0][:, 0]


def normalized(torch, weight, magnitude, axis):
    shape = [-1 if i == axis else 1 for i in range(weight.ndim)]
    return torch._weight_norm(weight, magnitude.reshape(shape), axis)


def linear():
    return nn.Linear(4, 3, bias=False, dtype=float)


def conv():
    return nn.Conv2d(2, 3, 2, bias=False, dtype=float)


reference("weight norm of a dense layer", "torch", [(2, 4), (4, 3), (3,)], of_wrapped(nn.WeightNorm, linear),
          lambda torch, x, v, g: x @ normalized(torch, v, g, 1))  # fmt: skip
reference("weight norm of filters", "torch", [(1, 2, 3, 4), (3, 2, 2, 2), (3,)], of_wrapped(nn.WeightNorm, conv),
          lambda torch, x, v, g: torch.nn.functional.conv2d(x, normalized(torch, v, g, 0)))  # fmt: skip
reference("spectral norm of a dense layer", "torch", [(2, 4), (4, 3)], of_wrapped(nn.SpectralNorm, linear),
          lambda torch, x, w: x @ (w / torch.linalg.matrix_norm(w, 2)), tolerance=1e-7)  # fmt: skip
reference("spectral norm of filters", "torch", [(1, 2, 3, 4), (3, 2, 2, 2)], of_wrapped(nn.SpectralNorm, conv),
          lambda torch, x, w: torch.nn.functional.conv2d(x, w / torch.linalg.matrix_norm(w.reshape(3, -1), 2)),
          tolerance=1e-7)  # fmt: skip
