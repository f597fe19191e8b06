"""Training: a Trainer, what it calls on the way, and what it leaves. docs/training.md shows how it is used.

To read it, begin with trainer.py, loop.py and steps.py.
"""

from ..habits import of_package
from . import callbacks
from .callbacks.callback import Callback
from .checkpoint import about
from .history import History, write_csv
from .solver import Solver
from .trainer import Trainer

__all__ = ["Callback", "History", "Solver", "Trainer", "about", "callbacks", "write_csv"]
__getattr__, __dir__ = of_package(__name__, __all__)
