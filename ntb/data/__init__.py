"""Feeding data to training: batches of arrays, sequences, files and tables; augmentation; reading ahead; splits.

Whatever gives batches here gives them epoch by epoch, and any of them again: `epoch(number, start)` follows from a seed
and the epoch's number, so training goes on in the middle of an epoch as if it had not stopped.
"""

from typing import TYPE_CHECKING

from ..later import later, names_of
from .batching import batches
from .epochs import from_function
from .prefetching import prefetch
from .splitting import split

if TYPE_CHECKING:
    from . import augment as augment
    from .augmenting import augmented as augmented
    from .bucketing import bucketed as bucketed
    from .sharding import shards as shards
    from .tables import columns as columns

_FILES = {
    "augment": "",
    "augmenting": "augmented",
    "bucketing": "bucketed",
    "sharding": "shards",
    "tables": "columns",
}
"""The names in files that are imported when one of them is first asked for."""

__all__ = ["batches", "from_function", "prefetch", "split", *names_of(_FILES)]
__getattr__, __dir__ = later(__name__, _FILES, __all__)
