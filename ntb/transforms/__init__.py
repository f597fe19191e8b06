"""Transformations: from a function to the function of its derivatives, and what gives a function other derivatives."""

from .checkpoint import checkpoint
from .custom import call_backward, call_forward, custom_gradient, numpy_function
from .forward import jvp, linearize
from .gradients import grad, value_and_grad, vjp
from .implicit import fixed_point, root
from .jacobians import hessian, hvp, jacobian
from .scan import scan
from .structures import fresh

__all__ = [
    "call_backward", "call_forward", "checkpoint", "custom_gradient", "fixed_point", "fresh", "grad", "hessian", "hvp",
    "jacobian", "jvp", "linearize", "numpy_function", "root", "scan", "value_and_grad", "vjp",
]  # fmt: skip
