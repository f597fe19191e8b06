"""Dropout of channels and of whole examples: layers in which several elements share their fate."""

from __future__ import annotations

from typing import Any

from ... import random
from ...errors import InputError
from ..checks import as_array
from ..dropout import dropout, probability
from ..module import Module


class Dropping(Module):
    """What the layers have in common: the probability of dropping, and the generator."""

    def __init__(self, p: float = 0.5, *, rng: random.Generator | None = None) -> None:
        self.p = probability(p)
        self.rng = rng

    def describe(self) -> str:
        return f"p={self.p}"


class _ChannelDropout(Dropping):
    """All elements of a channel share their fate."""

    dims = 0

    def dropped(self, x: Any) -> Any:
        x = as_array(x)
        if x.ndim != self.dims + 2:
            raise InputError(f"{type(self).__name__} takes x of {self.dims + 2} axes, (N, C, ...), not {x.shape}")
        return dropout(x, self.p, shared=tuple(range(2, x.ndim)), rng=self.rng)


class Dropout1d(_ChannelDropout):
    """Dropout of whole channels of sequences (Tompson et al., 2015), for convolutions, as neighbouring elements are too
    alike to be dropped one by one.

    Args:
        p: the probability of dropping a channel, in [0, 1].
        rng: the generator that draws the channels; by default the one that `ntb.random.seed` seeds.

    Shapes:
        (N, C, W), which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: a p outside of [0, 1]; called in training, with numbers of another kind, or an x without channels.

    >>> Dropout1d(0.2)
    Dropout1d(p=0.2)
    """

    dims = 1

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x itself, or if `train` with some of its channels set to 0 and the others enlarged."""
        return self.dropped(x) if train else x


class Dropout2d(_ChannelDropout):
    """Dropout of whole channels of images (Tompson et al., 2015), for convolutions, as neighbouring elements are too
    alike to be dropped one by one.

    Args:
        p: the probability of dropping a channel, in [0, 1].
        rng: the generator that draws the channels; by default the one that `ntb.random.seed` seeds.

    Shapes:
        (N, C, H, W), which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: a p outside of [0, 1]; called in training, with numbers of another kind, or an x without channels.

    >>> Dropout2d(0.2)
    Dropout2d(p=0.2)
    """

    dims = 2

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x itself, or if `train` with some of its channels set to 0 and the others enlarged."""
        return self.dropped(x) if train else x


class Dropout3d(_ChannelDropout):
    """Dropout of whole channels of volumes (Tompson et al., 2015), for convolutions, as neighbouring elements are too
    alike to be dropped one by one.

    Args:
        p: the probability of dropping a channel, in [0, 1].
        rng: the generator that draws the channels; by default the one that `ntb.random.seed` seeds.

    Shapes:
        (N, C, D, H, W), which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: a p outside of [0, 1]; called in training, with numbers of another kind, or an x without channels.

    >>> Dropout3d(0.2)
    Dropout3d(p=0.2)
    """

    dims = 3

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x itself, or if `train` with some of its channels set to 0 and the others enlarged."""
        return self.dropped(x) if train else x


class DropPath(Dropping):
    """Dropout of whole examples, also called stochastic depth (Huang et al., 2016): at the end of the branch beside a
    residual connection, so that an example leaves the branch out.

    Args:
        p: the probability of dropping an example, in [0, 1].
        rng: the generator that draws the examples; by default the one that `ntb.random.seed` seeds.

    Shapes:
        (N, ...), which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: a p outside of [0, 1]; called in training, with numbers of another kind, or a single number.

    >>> import numpy as np
    >>> DropPath(0.5, rng=random.generator(0))(np.ones((4, 2), np.float32), train=True)
    array([[0., 0.],
           [0., 0.],
           [0., 0.],
           [2., 2.]], dtype=float32)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x itself, or if `train` with some of its examples set to 0 and the others enlarged."""
        x = as_array(x)
        if not x.ndim:
            raise InputError("DropPath takes a batch, (N, ...), not a single number")
        return dropout(x, self.p, shared=tuple(range(1, x.ndim)), rng=self.rng) if train else x
