"""Memory of worker processes."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of malloc.h
_KEPT = 2**28


def keep_freed_memory() -> None:
    """Let this process keep up to 256 MiB of memory that it frees, for the arrays of the next step.

    Dask's nanny has malloc give memory back to the system at once (MALLOC_TRIM_THRESHOLD_). Then each page of a new
    array is a fault: 2 ms for a million float32, where to add up two such arrays takes 0.2 ms. Elsewhere than on Linux
    with its usual C library nothing is done.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _KEPT)
