"""Random numbers that replay: a trace records that a generator draws, not the numbers that came out.

    ntb.random.seed(0)                          # the default generator, used where none is given
    rng = ntb.random.generator(0)               # one of your own
    mask = rng.random((3, 4)) < 0.5

Every other distribution is composed of the few kinds of draws in `Generator.draw`, so that gradients flow through
location and scale (the reparameterisation of Kingma and Welling, "Auto-Encoding Variational Bayes", 2014).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .errors import InputError, TapeError
from .habits import of_package
from .tape.listener import listeners, traces
from .tape.tensor import Tensor, value_of

__all__ = ["Generator", "default", "generator", "of_numpy", "seed"]
__getattr__, __dir__ = of_package(__name__, __all__)


class Generator:
    """A source of random numbers with a state that can be saved and restored like a Variable's value.

    Args:
        seed: an int for reproducible numbers; None takes entropy from the system.

    Methods return plain NumPy arrays; inside a traced function, tensors, since each replay draws anew.

    >>> rng = Generator(0)
    >>> state = rng.value
    >>> first = rng.random(3)
    >>> rng.assign(state)
    >>> bool(np.all(rng.random(3) == first))
    True
    """

    trainable = False
    name = None
    shape = (6,)
    dtype = np.dtype(np.uint64)

    def __init__(self, seed: int | None = None) -> None:
        refuse_in_traces("made")
        self.numpy = np.random.Generator(np.random.PCG64(seed))

    @classmethod
    def around(cls, numpy: np.random.Generator) -> Generator:
        """The generator that draws from one of NumPy's, of the kind that `np.random.default_rng` makes."""
        found = object.__new__(cls)
        found.numpy = numpy
        return found

    def seed(self, seed: int | None) -> None:
        """Restart from a seed."""
        refuse_in_traces("seeded")
        self.numpy.bit_generator.state = np.random.PCG64(seed).state

    @property
    def value(self) -> np.ndarray:
        """The state as an array: uint64 of shape (6,)."""
        refuse_in_traces("read")
        state = self.numpy.bit_generator.state
        words = [state["state"]["state"], state["state"]["inc"]]
        halves = [part for word in words for part in (word >> 64, word & (2**64 - 1))]
        return np.array([*halves, state["has_uint32"], state["uinteger"]], dtype=np.uint64)

    def assign(self, value: Any) -> None:
        """Restore a state that `value` gave."""
        refuse_in_traces("restored")
        self.restoring(value)()

    def restoring(self, value: Any) -> partial:
        """A call that restores a state that `value` gave. It is a single call into C, and does not fail.

        Raises:
            InputError: the value is not the state of a generator.
        """
        array = np.asarray(value)
        if array.shape != self.shape or array.dtype != self.dtype:
            raise InputError(
                f"the state of a generator is a {self.dtype} array of shape {self.shape}, not "
                f"{array.dtype}{list(array.shape)}; take it from generator.value"
            )
        return self._restoring([int(word) for word in array])

    def _restoring(self, words: list[int]) -> partial:
        high, low, inc_high, inc_low, has_uint32, uinteger = words
        if has_uint32 > 1 or uinteger >= 2**32 or not inc_low % 2:
            raise InputError(f"{words} is the state of no generator of this kind (PCG64); take it from generator.value")
        state = {
            "bit_generator": "PCG64",
            "state": {"state": high << 64 | low, "inc": inc_high << 64 | inc_low},
            "has_uint32": has_uint32,
            "uinteger": uinteger,
        }
        return partial(setattr, self.numpy.bit_generator, "state", state)

    def remembered(self) -> partial:
        """A single call into C that restores the present state."""
        return partial(setattr, self.numpy.bit_generator, "state", self.numpy.bit_generator.state)

    def draw(self, kind: str, *args: Any, **kwargs: Any) -> Any:
        """Draw by a method of `numpy.random.Generator`: random, standard_normal, integers, permutation, …"""
        for listener in listeners.get():
            again = listener.draw(self)
            if again is not None:
                return again
        value = _draw(self, kind, *args, **kwargs)
        if not traces():
            return value
        result = Tensor(value)
        for trace in traces():
            trace.note(_draw, (self, kind, *args), kwargs, result, effect="draw")
        return result

    def random(self, size: Any = None, dtype: Any = float) -> Any:
        """Uniform on [0, 1), of shape `size`, float64 or float32."""
        return self.draw("random", size, dtype=np.dtype(dtype))

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None, dtype: Any = float) -> Any:
        """Uniform on [low, high)."""
        return low + (high - low) * self.random(size, dtype)

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, dtype: Any = float) -> Any:
        """Normal with mean `loc` and standard deviation `scale`; gradients flow to both."""
        return loc + scale * self.draw("standard_normal", size, dtype=np.dtype(dtype))

    def integers(self, low: int, high: int | None = None, size: Any = None) -> Any:
        """Integers from low to high, high excluded (from 0 to low where no high is given)."""
        return self.draw("integers", low, high, size)

    def permutation(self, n: int) -> Any:
        """The numbers 0 … n-1 in random order."""
        return self.draw("permutation", n)

    def choice(self, n: int, size: Any = None, p: Any = None) -> Any:
        """Indices from 0 to n-1, drawn with replacement, with probabilities `p` of shape (n,) if given."""
        if p is None:
            return self.integers(0, n, size)
        shape = () if size is None else (size,) if isinstance(size, int) else tuple(size)
        return self.categorical(np.broadcast_to(p, (*shape, n)))

    def categorical(self, probabilities: Any) -> Any:
        """One index along the last axis per row of probabilities, which are scaled to sum to one.

        >>> Generator(0).categorical(np.array([[0.0, 1.0], [1.0, 0.0]]))
        array([1, 0])
        """
        heights = np.cumsum(probabilities, axis=-1)
        u = self.random((*heights.shape[:-1], 1), dtype=np.float64) * heights[..., -1:]
        return np.minimum(np.sum(heights <= u, axis=-1), heights.shape[-1] - 1)


def refuse_in_traces(what: str) -> None:
    if traces():
        raise TapeError(
            f"a generator is {what} inside a traced function, which a replay would not do again; do so outside of it"
        )


def _draw(generator: Generator, kind: str, *args: Any, **kwargs: Any) -> Any:
    """A draw as a trace records it: the generator, and what is drawn from it."""
    return getattr(generator.numpy, kind)(*value_of(args), **kwargs)


_default = Generator()


def seed(value: int | None) -> None:
    """Seed the default generator.

    >>> seed(0)
    >>> a = default().random(2)
    >>> seed(0)
    >>> bool(np.all(default().random(2) == a))
    True
    """
    _default.seed(value)


def generator(seed: int | None = None) -> Generator:
    """A generator of your own."""
    return Generator(seed)


def default() -> Generator:
    """The generator that is used where none is given."""
    return _default


class _NumPyGlobal:
    """The functions of `np.random`, with the methods of a `numpy.random.Generator`."""

    @property
    def bit_generator(self) -> Any:
        numpy_random: Any = np.random  # the stubs do not know this function
        return numpy_random.get_bit_generator()

    def random(self, size: Any = None, dtype: Any = float) -> Any:
        return np.asarray(np.random.random_sample(size)).astype(dtype)[()]

    def standard_normal(self, size: Any = None, dtype: Any = float) -> Any:
        return np.asarray(np.random.standard_normal(size)).astype(dtype)[()]

    def integers(self, low: int, high: int | None = None, size: Any = None) -> Any:
        return np.random.randint(low, high, size)

    def permutation(self, n: int) -> Any:
        return np.random.permutation(n)


class _GlobalGenerator(Generator):
    """Draws from NumPy's global generator, whose state NumPy keeps."""

    shape = (627,)

    def __init__(self) -> None:
        self.numpy: Any = _NumPyGlobal()

    def seed(self, seed: int | None) -> None:
        np.random.seed(seed)

    @property
    def value(self) -> np.ndarray:
        _, key, position, has_gauss, gauss = np.random.get_state()
        gauss_bits = np.array([gauss]).view(np.uint64)
        return np.concatenate([key, [position, has_gauss], gauss_bits], dtype=np.uint64, casting="unsafe")

    def _restoring(self, words: list[int]) -> partial:
        *key, position, has_gauss, gauss = words
        if max(key) >= 2**32 or position > len(key) or has_gauss > 1:  # NumPy would read beyond the key
            raise InputError(
                "these numbers are the state of no generator of this kind (MT19937); take it from generator.value"
            )
        number = float(np.array(gauss, np.uint64).view(np.float64))
        return partial(np.random.set_state, ("MT19937", np.array(key, np.uint32), position, has_gauss, number))

    def remembered(self) -> partial:
        return partial(np.random.set_state, np.random.get_state(legacy=False))

    def __reduce__(self) -> tuple:
        return of_numpy, ()


_of_numpy = _GlobalGenerator()


def of_numpy() -> Generator:
    """The generator behind `np.random.seed` and its companions, as one whose draws replay.

    >>> np.random.seed(0)
    >>> a = of_numpy().random(2)
    >>> np.random.seed(0)
    >>> bool(np.all(np.random.random_sample(2) == a))
    True
    """
    return _of_numpy
