"""Feeding data to training: batches, parts of a data set, and reading ahead."""

from ..habits import of_package
from .batching import batches
from .prefetching import prefetch
from .splitting import split

__all__ = ["batches", "prefetch", "split"]
__getattr__, __dir__ = of_package(__name__, __all__)
