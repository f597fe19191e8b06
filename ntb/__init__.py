"""ntb, the neural toy box: automatic differentiation and deep learning on NumPy.

This file is the index: every public name, written out.
"""

from . import random
from .replay.function import RetraceWarning, function
from .replay.program import Program
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
    "Program",
    "Record",
    "RetraceWarning",
    "Tape",
    "TapeError",
    "Tensor",
    "Variable",
    "function",
    "gradient",
    "random",
    "stop_gradient",
    "tensor",
]
