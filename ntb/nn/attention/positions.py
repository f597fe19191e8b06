"""Where in a sequence a vector stands, which attention by itself does not know: sinusoids and learned vectors that are
added, and rotations of queries and keys.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import random
from ...errors import InputError
from ...values.creation import in_type
from ...variable import Variable
from ..checks import as_array, floating_type, following, real_floating, real_numbers, whole_number, widened
from ..initializers import Initializer, normal
from ..module import Module


def sinusoidal_positions(positions: Any, size: int, *, base: float = 10_000.0, dtype: Any = np.float32) -> Any:
    """Vectors that tell positions: sines in the even columns and cosines in the odd ones, of wavelengths from 2 pi to
    2 pi base (Vaswani et al., "Attention is all you need", 2017).

    Args:
        positions: (T,), real numbers; or one whole number T, for 0 … T - 1.
        size: of a vector.
        base: of the longest wavelength.
        dtype: of the result.

    Returns:
        (T, size).

    >>> sinusoidal_positions(2, 4)
    array([[0.        , 1.        , 0.        , 1.        ],
           [0.84147096, 0.5403023 , 0.00999983, 0.99995   ]], dtype=float32)
    """
    size, dtype = whole_number(size, "the size of vectors", 0), floating_type(dtype)
    angles = _angles(positions, (size + 1) // 2, base)
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
    return in_type(np.reshape(waves, (angles.shape[0], 2 * angles.shape[1]))[:, :size], dtype)


def rotary(x: Any, positions: Any = None, *, base: float = 10_000.0) -> Any:
    """Queries or keys turned by angles that grow with their positions, so that the product of two depends on how far
    they are apart (Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021).

    The two numbers of a pair, which are turned together, are D / 2 apart: the i-th of either half.

    Args:
        x: (..., T, D) with an even D; real numbers of any precision, which the result keeps.
        positions: (T,), real numbers; 0 … T - 1 by default.
        base: of the angles: the i-th pair is turned by `position / base^(2i / D)`.

    Raises:
        InputError: an odd D; positions of another number.

    >>> np.round(rotary(np.array([[1.0, 0.0], [1.0, 0.0]])), 3)
    array([[1.   , 0.   ],
           [0.54 , 0.841]])
    """
    x = real_floating(x, "queries and keys")
    if x.ndim < 2 or x.shape[-1] % 2:
        raise InputError(f"rotary takes queries or keys (..., T, D) with an even D, not {x.shape}")
    angles = _angles(x.shape[-2] if positions is None else positions, x.shape[-1] // 2, base)
    if angles.shape[0] != x.shape[-2]:
        raise InputError(f"rotary takes {x.shape[-2]} positions for x of shape {x.shape}, not {angles.shape[0]}")
    wide = widened(x)
    sin, cos = in_type(np.sin(angles), wide.dtype), in_type(np.cos(angles), wide.dtype)
    first, second = np.split(wide, 2, axis=-1)
    return in_type(np.concatenate([first * cos - second * sin, first * sin + second * cos], axis=-1), x.dtype)


def _angles(positions: Any, count: int, base: float) -> Any:
    """Each position times each of `count` frequencies: (T, count), in double precision."""
    if not base > 0:
        raise InputError(f"the base of wavelengths is positive, not {base}")
    positions = (
        np.arange(positions)
        if isinstance(positions, int)
        else real_numbers(as_array(positions, "positions"), "positions")
    )
    if positions.ndim != 1:
        raise InputError(f"positions are numbers (T,), or how many there are, not of shape {positions.shape}")
    return np.expand_dims(in_type(positions, np.dtype(float)), -1) / base ** (np.arange(count) / max(count, 1))


class LearnedPositions(Module):
    """A vector for each position, learned, and added to what stands there. For sequences of a known greatest length.

    Args:
        length: of the longest sequence.
        size: of a vector.
        init: makes the first weight, from its shape; by default normal with standard deviation 0.02, as in GPT-2.
        dtype: of the Variable, a floating-point type; the layer computes in it.
        rng: the generator that `init` draws from.

    Shapes:
        (..., T, size) with T up to `length`, which stays.

    Variables:
        weight: (length, size).

    Raises:
        InputError: a dtype of integers; called, a sequence that is too long, or vectors of another size.

    >>> LearnedPositions(64, 128)
    LearnedPositions(weight[64, 128])
    """

    def __init__(
        self,
        length: int,
        size: int,
        *,
        init: Initializer | None = None,
        dtype: Any = np.float32,
        rng: random.Generator | None = None,
    ) -> None:
        shape, dtype = (length, size), floating_type(dtype)
        weight = normal(shape, std=0.02, rng=rng, dtype=dtype) if init is None else init(shape, rng=rng, dtype=dtype)
        self.weight = Variable(weight)

    def __call__(self, x: Any, train: bool = False, *, start: Any = 0) -> Any:
        """x plus the vectors of its positions, which begin at `start`. `train` makes no difference."""
        x = following(x, self.weight)
        length, size = self.weight.shape
        if x.ndim < 2 or x.shape[-1] != size or x.shape[-2] > length:
            raise InputError(f"these positions are for sequences (..., T, {size}) with T up to {length}, not {x.shape}")
        return x + np.take(self.weight, start + np.arange(x.shape[-2]), axis=0)


class SinusoidalPositions(Module):
    """`ntb.nn.sinusoidal_positions` added to a sequence; nothing is learned, and any length will do.

    Args:
        base: of the longest wavelength.

    Shapes:
        (..., T, D), which stays: floating-point numbers, whose type the result has.

    Raises:
        InputError: a base that is not positive; called, with complex numbers, or less than two axes.

    >>> SinusoidalPositions()(np.zeros((1, 1, 4)))
    array([[[0., 1., 0., 1.]]])
    """

    def __init__(self, *, base: float = 10_000.0) -> None:
        if not base > 0:
            raise InputError(f"the base of wavelengths is positive, not {base}")
        self.base = base

    def __call__(self, x: Any, train: bool = False, *, start: Any = 0) -> Any:
        """x plus the vectors of its positions, which begin at `start`. `train` makes no difference."""
        x = real_floating(x, "sequences")
        if x.ndim < 2:
            raise InputError(f"positions are added to sequences (..., T, D), not to an array of shape {x.shape}")
        return x + sinusoidal_positions(start + np.arange(x.shape[-2]), x.shape[-1], base=self.base, dtype=x.dtype)
