"""ntb, the neural toy box: automatic differentiation and deep learning on NumPy.

This file is the index: every public name, written out.
"""

from . import nn, ops, optim, random, training
from .check import check_gradients
from .io import load, save
from .replay.function import Function, RetraceWarning, function
from .replay.program import Program
from .tape.errors import ConversionError, GradientError, InputError, MutationError, NtbError, TapeError
from .tape.tape import Record, Tape, gradient, stop_gradient
from .tape.tensor import Tensor, tensor
from .tape.variable import Variable
from .transforms import custom_gradient, grad, numpy_function, value_and_grad

__all__ = [
    "ConversionError",
    "Function",
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
    "check_gradients",
    "custom_gradient",
    "function",
    "grad",
    "gradient",
    "load",
    "nn",
    "numpy_function",
    "ops",
    "optim",
    "random",
    "save",
    "stop_gradient",
    "tensor",
    "training",
    "value_and_grad",
]
