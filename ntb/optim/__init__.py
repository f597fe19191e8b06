"""Optimizers, learning rate schedules and gradient clipping."""

from ..habits import of_package
from . import schedules
from .adam import Adam, AdamW
from .clipping import clip_by_global_norm
from .optimizer import Optimizer
from .rmsprop import RMSProp
from .sgd import SGD

__all__ = ["Adam", "AdamW", "Optimizer", "RMSProp", "SGD", "clip_by_global_norm", "schedules"]

__getattr__, __dir__ = of_package(__name__, __all__)
