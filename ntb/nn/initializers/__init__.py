"""Initializers: the first values of weights.

Each is called as `initializer(shape, rng=..., dtype=...)` and returns an array. Options are set with
`functools.partial`: `Linear(20, 5, init=functools.partial(normal, std=0.01))`.

A shape is a whole number or a sequence of them, 0 included. The dtype is one of floating-point numbers, of any
precision (of integers too for `constant`); complex arrays have real values.
"""

from ...habits import of_package
from .basic import Initializer as Initializer
from .basic import constant, normal, truncated_normal, uniform
from .scaled import (
    fans,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    variance_scaling,
    xavier_normal,
    xavier_uniform,
)
from .structured import delta_orthogonal, dirac, identity, orthogonal, sparse, stacked

__all__ = [
    "constant", "delta_orthogonal", "dirac", "fans", "he_normal", "he_uniform", "identity", "lecun_normal",
    "lecun_uniform", "normal", "orthogonal", "sparse", "stacked", "truncated_normal", "uniform", "variance_scaling",
    "xavier_normal", "xavier_uniform",
]  # fmt: skip
__getattr__, __dir__ = of_package(__name__, __all__)
