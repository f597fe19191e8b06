"""ntb, the neural toy box: automatic differentiation and deep learning on NumPy.

This file is the index: every public name, written out.
"""

from . import data, nn, ops, optim, random, training
from .check import check_gradients
from .io import load, save
from .replay.function import Function, RetraceWarning, function
from .tape.errors import ConversionError, GradientError, InputError, MutationError, NtbError, TapeError
from .tape.record import Record
from .tape.tape import Tape, gradient, stop_gradient
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
    "array_api",
    "check_gradients",
    "custom_gradient",
    "data",
    "datasets",
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
    "vis",
]


def __getattr__(name):
    """What is imported when it is first asked for, since many programs do without it."""
    from importlib import import_module

    if name in ("array_api", "compat", "datasets", "vis"):
        return import_module(f"{__name__}.{name}")
    if name == "Program":
        return import_module(f"{__name__}.replay.program").Program
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
