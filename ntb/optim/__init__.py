"""Optimizers, learning rate schedules and gradient clipping: each in a file of its own, in the lines of its paper.

Which one? `AdamW` trains most networks; `SGD` with momentum those of images, if its rate is found. `Muon` for the inner
matrices is often faster; `Adafactor` and `Lion` need less memory; `LAMB` and `LARS` are for very large batches,
`Adagrad` and `Ftrl` for sparse features, `LBFGS`, `Rprop` and `minimize` (SciPy's) for all data at once.

What is changed about an optimizer stands around it: `Groups` of parameters, `Accumulate`, `Lookahead`, `ScheduleFree`,
`Chain`, `ApplyIfFinite`, `SAM`. `EMA` and `SWA` keep averages of a model. To read: `optimizer.py` is what optimizers
share, `adam.py` the shape of each.
"""

from importlib import import_module
from typing import Any

from ..habits import of_package
from . import adam, rmsprop, sgd
from .adam import Adam, AdamW
from .clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from .optimizer import Optimizer
from .rmsprop import RMSProp
from .sgd import SGD

_LATER = {
    "AMSGrad": "amsgrad",
    "ASGD": "asgd",
    "Accumulate": "accumulate",
    "Adadelta": "adadelta",
    "Adafactor": "adafactor",
    "Adagrad": "adagrad",
    "Adamax": "adamax",
    "ApplyIfFinite": "if_finite",
    "Chain": "chain",
    "EMA": "averages",
    "Ftrl": "ftrl",
    "Groups": "groups",
    "LAMB": "lamb",
    "LARS": "lars",
    "LBFGS": "lbfgs",
    "Lion": "lion",
    "Lookahead": "lookahead",
    "Muon": "muon",
    "NAdam": "nadam",
    "RAdam": "radam",
    "Rprop": "rprop",
    "SAM": "sam",
    "SWA": "averages",
    "ScheduleFree": "schedule_free",
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
    if name == "schedules":
        return import_module(f"{__name__}.schedules")
    if name not in _LATER:
        return _missing(name)
    file = import_module(f"{__name__}.{_LATER[name]}")
    globals().pop(_LATER[name], None)
    found = globals()[name] = getattr(file, name)
    return found
