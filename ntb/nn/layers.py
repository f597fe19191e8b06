"""Layers: the functional forms with Variables of their own. Here those for vectors; the others stand with their
functions, in `layers.py` of each chapter.

A layer with Variables takes the sizes of its input and output, their `dtype` (by default float32, the usual choice for
training), and `rng`, a generator for their first values (by default the one that `ntb.random.seed` seeds).

A layer computes in the type of its Variables: the data, of any other precision, integers or bools, are converted to it
on the way in, and gradients with respect to them come back in their own. So float64 data do not turn a float32 model
into float64. Complex data stay complex. The functions of `ntb.nn` convert nothing but integers and bools.

Every layer can be called with `train=True`, since a model passes it on to all its parts. Dropout and BatchNorm do
something else then; the others say that it makes no difference.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import random
from ..errors import InputError
from ..habits import knows_habits
from ..ops.layout import flatten
from ..variable import Variable
from .checks import as_array, floating_type, following
from .dropout import dropout, probability
from .initializers import Initializer, xavier_uniform
from .linear import linear
from .module import Module


class Linear(Module):
    """A dense layer, `x @ weight + bias`: each output is a weighted sum of all inputs.

    Args:
        inputs: how many numbers come in; None to take it from the first call.
        outputs: how many go out.
        bias: whether something is added to each sum.
        init: makes the first weight, from its shape.
        dtype: of the Variables, a floating-point type; the layer computes in it.
        rng: the generator that `init` draws from.

    Shapes:
        (..., inputs) -> (..., outputs), with any axes in front.

    Variables:
        weight: (inputs, outputs).
        bias: (outputs,), zeros at first; None without a bias.

    Raises:
        InputError: a dtype of integers, a size that is no whole number; called, an x whose last axis is not `inputs`
            long, or that does not hold numbers.

    >>> Linear(3, 2)
    Linear(weight[3, 2], bias[2])
    """

    size_axis = -1

    def __init__(
        self,
        inputs: int | None,
        outputs: int,
        *,
        bias: bool = True,
        init: Initializer = xavier_uniform,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        dtype = floating_type(dtype)
        self.weight = Variable(init((inputs, outputs), rng=rng, dtype=dtype))
        self.bias = Variable(np.zeros(outputs, dtype)) if bias else None

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(..., inputs) -> (..., outputs). `train` makes no difference."""
        return linear(following(x, self.weight), self.weight, self.bias)


class Dropout(Module):
    """`ntb.nn.dropout` in training, the identity otherwise.

    Args:
        p: the probability of dropping an element, in [0, 1].
        rng: the generator that draws the elements; by default the one that `ntb.random.seed` seeds.

    Shapes:
        Any shape, which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: a p outside of [0, 1]; called in training, with integers or complex numbers.

    >>> Dropout(0.2)
    Dropout(p=0.2)
    """

    def __init__(self, p: float = 0.5, *, rng: random.Generator | None = None) -> None:
        self.p = probability(p)
        self.rng = rng

    @knows_habits
    def __call__(self, x: Any, train: bool = False) -> Any:
        """x itself, or if `train` with some of its elements set to 0 and the others enlarged."""
        return dropout(x, self.p, rng=self.rng) if train else x

    def describe(self) -> str:
        return f"p={self.p}"


class Flatten(Module):
    """All axes but the first made one, as a dense layer takes its input.

    Shapes:
        (N, ...) -> (N, D): numbers of any type, which the result keeps; N may be 0.

    Raises:
        InputError: called with a single number.

    >>> Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """(N, ...) -> (N, D). `train` makes no difference."""
        x = as_array(x)
        if not x.ndim:
            raise InputError("Flatten takes a batch, (N, ...), not a single number; np.reshape(x, (1, 1)) makes one")
        return flatten(x)
