"""Callbacks: what a Trainer calls between its steps and epochs. Each is a class that one reads in a minute."""

from ...habits import of_package
from .callback import Callback
from .logs import CSV, GradientNorms, TensorBoard
from .rates import Rate, ScheduleBy
from .saving import Best, Checkpoint
from .stopping import EarlyStopping, StopOnNonFinite

__all__ = [
    "Best", "CSV", "Callback", "Checkpoint", "EarlyStopping", "GradientNorms", "Rate", "ScheduleBy",
    "StopOnNonFinite", "TensorBoard",
]  # fmt: skip
__getattr__, __dir__ = of_package(__name__, __all__)
