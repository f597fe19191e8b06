"""Transformations: they make the function of a function's derivatives, or give a function other derivatives.

Here is what most programs use. `ntb` imports the other files when their functions are first used.
"""

from .custom import call_backward, call_forward, custom_gradient, numpy_function
from .gradients import grad, stop_gradient, value_and_grad, vjp
from .structures import fresh

__all__ = [
    "call_backward", "call_forward", "custom_gradient", "fresh", "grad", "numpy_function", "stop_gradient",
    "value_and_grad", "vjp",
]  # fmt: skip
