"""ntb, the neural toy box: automatic differentiation and deep learning on NumPy.

This file is the index: every public name, written out.
"""

from . import compiled as _compiled
from . import data, nn, onnx, ops, optim, random, standard, training, tuned
from .check import check_gradients, numerical_gradient
from .errors import (
    ConvergenceError,
    ConversionError,
    GradientError,
    InputError,
    MutationError,
    NonFiniteError,
    NtbError,
    TapeError,
)
from .explain import method
from .foreign import arrays
from .habits import no_attribute
from .io import load, save
from .replay.crowded import BusyWarning
from .replay.function import Function, function
from .replay.kept import RetraceWarning
from .replay.spot_check import StaleReplayWarning
from .tape.record import Record
from .tape.tape import Tape
from .tape.tensor import Tensor
from .transforms import custom_gradient, grad, numpy_function, stop_gradient, tape_jacobian, value_and_grad, vjp
from .transforms.gradients import gradient
from .values import Methods
from .values.creation import tensor
from .variable import Variable

_GIVEN = (Methods, _compiled, arrays, method, standard, tape_jacobian)
"""Imported for what they give to tensors and tapes: methods, and the acquaintance with arrays of other libraries."""

__all__ = [
    "BusyWarning",
    "ConvergenceError",
    "ConversionError",
    "Function",
    "GradientError",
    "InputError",
    "MutationError",
    "NonFiniteError",
    "NtbError",
    "Program",
    "Record",
    "RetraceWarning",
    "StaleReplayWarning",
    "Tape",
    "TapeError",
    "Tensor",
    "Variable",
    "array_api",
    "check_gradients",
    "checkpoint",
    "custom_gradient",
    "data",
    "datasets",
    "debug_nans",
    "distributions",
    "eval_shape",
    "fixed_point",
    "function",
    "grad",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linearize",
    "load",
    "metrics",
    "nn",
    "numerical_gradient",
    "numpy_function",
    "onnx",
    "ops",
    "optim",
    "random",
    "root",
    "save",
    "scan",
    "scipy",
    "sklearn",
    "stop_gradient",
    "tensor",
    "training",
    "tuned",
    "value_and_grad",
    "vis",
    "vjp",
]


__version__ = "1.0.0.dev0"

_LATER = {
    "Program": "replay.program",
    "checkpoint": "transforms.checkpoint",
    "debug_nans": "debug",
    "eval_shape": "shapes",
    "fixed_point": "transforms.implicit",
    "hessian": "transforms.jacobians",
    "hvp": "transforms.jacobians",
    "jacobian": "transforms.jacobians",
    "jvp": "transforms.forward",
    "linearize": "transforms.forward",
    "root": "transforms.implicit",
    "scan": "transforms.scan",
}


def __getattr__(name):
    """What is imported when it is first asked for, since many programs do without it."""
    from importlib import import_module

    if name in ("array_api", "compat", "datasets", "distributions", "metrics", "scipy", "sklearn", "vis"):
        return import_module(f"{__name__}.{name}")
    if name in _LATER:
        found = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        return found
    if name in import_module(f"{__name__}.compat").__all__:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}, which is of the graph style: import ntb.compat as ntb, "
            "and leave out what makes `ntb` this package again, such as import ntb.vis"
        )
    raise no_attribute("ntb", "ntb", name, __all__)


def __dir__():
    """All public names, also those of what is not imported yet."""
    return sorted([*__all__, "compat", "__version__"])
