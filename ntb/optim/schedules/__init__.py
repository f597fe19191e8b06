"""Learning rates that change over time: functions of the number of steps made before, 0 at the first step.

They are written in NumPy, so that they replay in a traced training step: `Adam(lr=warmup(100, cosine(1e-3, 1000)))`.
Each is an object, which can be printed, copied and pickled with its optimizer, as a lambda could not. Any other
function of the step is a schedule, too.
The number of steps is a number of any type, or an array or tensor of them.
"""

from ...habits import of_package
from .decays import constant, exponential, inverse_time, linear, multi_step, piecewise, polynomial, step_decay
from .formula import Schedule as Schedule
from .joins import join, warmup
from .plateau import ReduceOnPlateau
from .waves import cosine, cosine_restarts, cyclic, one_cycle

__all__ = [
    "ReduceOnPlateau", "constant", "cosine", "cosine_restarts", "cyclic", "exponential", "inverse_time", "join",
    "linear", "multi_step", "one_cycle", "piecewise", "polynomial", "step_decay", "warmup",
]  # fmt: skip
__getattr__, __dir__ = of_package(__name__, __all__)
