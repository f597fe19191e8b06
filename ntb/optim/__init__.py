"""Optimizers, learning rate schedules and gradient clipping: each in a file of its own, in the lines of its paper.

Which one? `AdamW` trains most networks; `SGD` with momentum those of images, if its rate is found. `Muon` for the inner
matrices is often faster; `Adafactor` and `Lion` need less memory; `LAMB` and `LARS` are for very large batches,
`Adagrad` and `Ftrl` for sparse features, `LBFGS`, `Rprop` and `minimize` (SciPy's) for all data at once.

What is changed about an optimizer stands around it: `Groups` of parameters, `Accumulate`, `Lookahead`, `ScheduleFree`,
`Chain`, `ApplyIfFinite`, `SAM`. `EMA` and `SWA` keep averages of a model. To read: `optimizer.py` is what optimizers
share, `adam.py` the shape of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..later import later, names_of
from . import adam, rmsprop, sgd
from .adam import Adam, AdamW
from .clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from .optimizer import Optimizer
from .rmsprop import RMSProp
from .sgd import SGD

if TYPE_CHECKING:
    from . import schedules
    from .accumulate import Accumulate
    from .adadelta import Adadelta
    from .adafactor import Adafactor
    from .adagrad import Adagrad
    from .adamax import Adamax
    from .amsgrad import AMSGrad
    from .asgd import ASGD
    from .averages import EMA, SWA
    from .chain import Chain
    from .ftrl import Ftrl
    from .groups import Groups
    from .if_finite import ApplyIfFinite
    from .lamb import LAMB
    from .lars import LARS
    from .lbfgs import LBFGS
    from .lion import Lion
    from .lookahead import Lookahead
    from .muon import Muon
    from .nadam import NAdam
    from .radam import RAdam
    from .rprop import Rprop
    from .sam import SAM
    from .schedule_free import ScheduleFree
    from .scipys import minimize

_FILES = {
    "accumulate": "Accumulate",
    "adadelta": "Adadelta",
    "adafactor": "Adafactor",
    "adagrad": "Adagrad",
    "adamax": "Adamax",
    "amsgrad": "AMSGrad",
    "asgd": "ASGD",
    "averages": "EMA SWA",
    "chain": "Chain",
    "ftrl": "Ftrl",
    "groups": "Groups",
    "if_finite": "ApplyIfFinite",
    "lamb": "LAMB",
    "lars": "LARS",
    "lbfgs": "LBFGS",
    "lion": "Lion",
    "lookahead": "Lookahead",
    "muon": "Muon",
    "nadam": "NAdam",
    "radam": "RAdam",
    "rprop": "Rprop",
    "sam": "SAM",
    "schedule_free": "ScheduleFree",
    "scipys": "minimize",
    "schedules": "",
}
"""The names in files that are imported when one of them is first asked for, since a program uses one or two of them."""

__all__ = [
    "Adam", "AdamW", "Optimizer", "RMSProp", "SGD", "clip_by_global_norm", "clip_by_norm", "clip_by_value",
    *names_of(_FILES),
]  # fmt: skip

del adam, rmsprop, sgd  # the files, as these names are functions elsewhere: who asks for one is told of the class
__getattr__, __dir__ = later(__name__, _FILES, __all__)
