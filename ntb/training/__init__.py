"""Training: a Trainer, what it calls on the way, and what it leaves."""

from ..habits import of_package
from . import callbacks
from .callbacks.callback import Callback
from .history import History, write_csv
from .trainer import Trainer

__all__ = ["Callback", "History", "Trainer", "callbacks", "write_csv"]
__getattr__, __dir__ = of_package(__name__, __all__)
