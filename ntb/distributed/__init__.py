"""Data-parallel training on a Dask cluster: `DataParallel`, the strategy of a Trainer, and where its data come from.

Read `summing.py` (sums in a fixed order), `work.py` (what a replica computes), `replica.py` (a round, on the workers),
`data_parallel.py` (a step, here), `members.py` (workers come and go), `shards.py` (data). `docs/scale.md` shows how to
use it. The extra `dask` installs what it needs.
"""

from ..habits import of_package
from .data_parallel import DataParallel
from .shards import Shards, collections, parts, rows
from .times import Times

__all__ = ["DataParallel", "Shards", "Times", "collections", "parts", "rows"]
__getattr__, __dir__ = of_package(__name__, __all__)
