"""Transformations: from a function to the function of its derivatives, and what gives a function other derivatives."""

from .custom import call_backward, call_forward, custom_gradient, numpy_function
from .forward import jvp, linearize
from .gradients import grad, value_and_grad, vjp
from .jacobians import hessian, hvp, jacobian
from .structures import fresh

__all__ = [
    "call_backward", "call_forward", "custom_gradient", "fresh", "grad", "hessian", "hvp", "jacobian", "jvp",
    "linearize", "numpy_function", "value_and_grad", "vjp",
]  # fmt: skip
