"""Optimizers, learning rate schedules and gradient clipping."""

from importlib import import_module
from typing import Any

from ..habits import of_package
from . import adam, rmsprop, schedules, sgd
from .adam import Adam, AdamW
from .clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from .optimizer import Optimizer
from .rmsprop import RMSProp
from .sgd import SGD

_LATER = {
    "AMSGrad": "amsgrad",
    "ASGD": "asgd",
    "Accumulate": "around",
    "Adadelta": "adadelta",
    "Adafactor": "adafactor",
    "Adagrad": "adagrad",
    "Adamax": "adamax",
    "ApplyIfFinite": "wrappers",
    "Chain": "wrappers",
    "EMA": "averages",
    "Ftrl": "ftrl",
    "Groups": "groups",
    "LAMB": "lamb",
    "LARS": "lamb",
    "LBFGS": "lbfgs",
    "Lion": "lion",
    "Lookahead": "around",
    "Muon": "muon",
    "NAdam": "nadam",
    "RAdam": "radam",
    "Rprop": "rprop",
    "SAM": "wrappers",
    "SWA": "averages",
    "ScheduleFree": "around",
    "minimize": "scipys",
}
"""The file of each that is imported when it is first asked for, since a program uses one or two of them."""

__all__ = [
    "Adam", "AdamW", "Optimizer", "RMSProp", "SGD", "clip_by_global_norm", "clip_by_norm", "clip_by_value", "schedules",
    *_LATER,
]  # fmt: skip

del adam, rmsprop, sgd  # the files, as these names are functions elsewhere: who asks for one is told of the class
_missing, __dir__ = of_package(__name__, __all__)


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        return _missing(name)
    file = import_module(f"{__name__}.{_LATER[name]}")
    globals().pop(_LATER[name], None)
    found = globals()[name] = getattr(file, name)
    return found
