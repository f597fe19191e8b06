"""Layers of noise: something else in training, and the identity otherwise."""

from __future__ import annotations

from typing import Any

from ... import random
from ..module import Module
from .dropping import Dropping
from .noise import alpha_dropout, gaussian_dropout, gaussian_noise


class AlphaDropout(Dropping):
    """`ntb.nn.alpha_dropout` in training, the identity otherwise: for networks of `ntb.nn.selu`.

    Args:
        p: the probability of dropping an element, in [0, 1].
        rng: the generator that draws the elements; by default the one that `ntb.random.seed` seeds.

    Shapes:
        Any shape, which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: a p outside of [0, 1]; called in training, with numbers of another kind.

    >>> AlphaDropout(0.1)
    AlphaDropout(p=0.1)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x itself, or if `train` with some of its elements set to the least value of `selu`, scaled and shifted."""
        return alpha_dropout(x, self.p, rng=self.rng) if train else x


class GaussianDropout(Dropping):
    """`ntb.nn.gaussian_dropout` in training, the identity otherwise: noise that grows with the numbers.

    Args:
        p: the probability of the dropout that it stands for, in [0, 1).
        rng: the generator that draws; by default the one that `ntb.random.seed` seeds.

    Shapes:
        Any shape, which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: a p outside of [0, 1]; called in training, with p=1, or numbers of another kind.

    >>> GaussianDropout(0.1)
    GaussianDropout(p=0.1)
    """

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x itself, or if `train` times numbers around 1."""
        return gaussian_dropout(x, self.p, rng=self.rng) if train else x


class GaussianNoise(Module):
    """`ntb.nn.gaussian_noise` in training, the identity otherwise: on the data, so that none is seen twice.

    Args:
        std: the standard deviation of what is added, not negative.
        rng: the generator that draws; by default the one that `ntb.random.seed` seeds.

    Shapes:
        Any shape, which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: called in training, with numbers of another kind, or a std that is negative.

    >>> GaussianNoise(0.1)
    GaussianNoise(std=0.1)
    """

    def __init__(self, std: float, *, rng: random.Generator | None = None) -> None:
        self.std, self.rng = std, rng

    def __call__(self, x: Any, train: bool = False) -> Any:
        """x itself, or if `train` with numbers around 0 added to it."""
        return gaussian_noise(x, self.std, rng=self.rng) if train else x

    def describe(self) -> str:
        return f"std={self.std}"
