"""ntb, the neural toy box: automatic differentiation and deep learning on NumPy.

This file is the index: every public name, written out.
"""

from .tape.errors import ConversionError, GradientError, InputError, MutationError, NtbError, TapeError
from .tape.tape import Record, Tape, gradient, stop_gradient
from .tape.tensor import Tensor, tensor
from .tape.variable import Variable

__all__ = [
    "ConversionError",
    "GradientError",
    "InputError",
    "MutationError",
    "NtbError",
    "Record",
    "Tape",
    "TapeError",
    "Tensor",
    "Variable",
    "gradient",
    "stop_gradient",
    "tensor",
]
