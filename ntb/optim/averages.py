"""Averages of parameters over the steps, and how a model computes with them for a while.

An average of the weights of late steps lies nearer to the minimum than the last of them, which the noise of batches has
moved about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..atomic import assign_all
from ..errors import InputError, describe
from ..values.creation import in_type
from ..variable import Variable
from .checks import fraction
from .precision import computing_type


@contextmanager
def put_in(variables: Sequence[Variable], values: Sequence[Any]) -> Iterator[None]:
    """A block in which variables hold other values; at its end they hold their own again."""
    own = [v.read() for v in variables]
    assign_all(variables, values)
    try:
        yield
    finally:
        assign_all(variables, own)


class _Average:
    """The averages of a model's trainable Variables, of any shape and any floating-point or complex type; those of
    float16 are kept in float32.

    Args:
        model: a model, a dict of Variables, or a list of them.

    Attributes:
        averages: by the path of each Variable the one that holds its average.
        count: how many values were taken in.
    """

    def __init__(self, model: Any) -> None:
        self._variables = _named(model)
        self.averages = {
            name: Variable(np.zeros(v.shape, computing_type(v.dtype)), trainable=False, name=f"average.{name}")
            for name, v in self._variables.items()
        }
        self.count = Variable(0, trainable=False, name="count")

    def _weight(self, count: Any) -> Any:
        """The weight of a value after `count` others, in the average."""
        raise NotImplementedError

    def update(self) -> None:
        """Take in the present values: after each step, or after each epoch."""
        new = np.where(np.equal(self.count, 0), 1.0, self._weight(self.count))  # the first one is the average by itself
        values = [
            average + in_type(new, np.finfo(average.dtype).dtype) * (in_type(v.read(), average.dtype) - average)
            for average, v in zip(self.averages.values(), self._variables.values())
        ]
        assign_all([self.count, *self.averages.values()], [self.count + 1, *values])

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """A block in which the model has the averages as its parameters, to be evaluated or saved.

        Raises:
            InputError: there is no average yet.
        """
        if not int(self.count):
            raise InputError("there is no average yet; call `update()` after each step")
        with put_in(list(self._variables.values()), list(self.averages.values())):
            yield

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.averages)} averages of {int(self.count)} values)"


class EMA(_Average):
    """Exponential moving averages of a model's parameters (Polyak and Juditsky, 1992; Tarvainen and Valpola, 2017).

        average = average + (1 - decay) * (w - average)                       (the first: average = w)

    For the model that is kept in the end, where training goes on with its own parameters, of any type and shape.

    Args:
        model: a model, a dict of Variables, or a list of them.
        decay: which part of the average stays at a step: 0.999 averages over some 1,000 steps.

    >>> w = Variable(0.0)
    >>> ema = EMA([w], decay=0.5)
    >>> for value in (1.0, 2.0):
    ...     w.assign(value)
    ...     ema.update()
    >>> with ema.averaged():
    ...     print(w)
    Variable(1.5)
    >>> w
    Variable(2.)
    """

    def __init__(self, model: Any, decay: float = 0.999) -> None:
        super().__init__(model)
        self.decay = fraction("decay", decay)

    def _weight(self, count: Any) -> Any:
        return 1 - self.decay


class SWA(_Average):
    """Means of a model's parameters, all values alike: stochastic weight averaging (Izmailov et al., 2018).

        average = average + (w - average) / (count + 1)

    For the last quarter of a training with a constant or cyclic rate, one value an epoch; of any floating type. A model
    with batch normalisation needs its running statistics anew: put all data through it with `train=True`, inside of
    `averaged()`.

    Args:
        model: a model, a dict of Variables, or a list of them.

    >>> w = Variable(0.0)
    >>> swa = SWA({"w": w})
    >>> for value in (1.0, 2.0, 6.0):
    ...     w.assign(value)
    ...     swa.update()
    >>> with swa.averaged():
    ...     print(w)
    Variable(3.)
    """

    def _weight(self, count: Any) -> Any:
        return 1 / (count + 1)


def _named(model: Any) -> dict[str, Variable]:
    """The trainable Variables of what was given."""
    if hasattr(model, "named_variables"):
        model = model.named_variables()
    elif isinstance(model, list | tuple):
        model = {str(i): v for i, v in enumerate(model)}
    if not isinstance(model, dict) or not all(isinstance(v, Variable) for v in model.values()):
        raise InputError(f"averages are of a model, or of a dict or list of Variables, not of {describe(model)}")
    return {name: v for name, v in model.items() if v.trainable}
