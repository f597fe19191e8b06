"""Training demos on a Dask cluster: `--cluster local:2`, or the address of a scheduler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from ntb.progress import say

from .demo import UserError

SHARDS = 4
"""Into which each batch is divided, whatever cluster it is: so that all give the same numbers."""

_SELDOM = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "2s",
}  # fmt: skip


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """Workers of one thread each, on this machine, and a client: that of `distributed.LocalCluster`.

    What Dask does all the time takes Python's lock, which steps need. It looks at its workers' stacks a hundred times a
    second, for a page of its dashboard on which replicas are not to be seen: that is turned off. Whether an event loop
    still runs is asked each second, not fifty times, and what the system does every two seconds.
    """
    import dask
    from distributed import Client, LocalCluster

    with (
        dask.config.set(_SELDOM),
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster,
        Client(cluster, timeout=10, direct_to_workers=True) as client,
    ):
        yield client


@contextmanager
def strategy(where: str | None) -> Iterator[Any]:
    """A block in which a Trainer can train on a cluster; what makes its steps there, None without a cluster.

    Args:
        where: `local:N` starts N workers of one thread on this machine; else the address of a scheduler.

    >>> with strategy(None) as found:
    ...     print(found)
    None
    """
    if where is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise UserError("--cluster needs Dask, which is not installed: pip install ntb[dask]") from None
    from ntb.distributed import DataParallel

    local = re.fullmatch(r"local:([1-9]\d*)", where)
    if not local and "://" not in where:
        raise UserError(f"--cluster is local:N, such as local:2, or an address such as tcp://host:8786, not {where}")
    with ExitStack() as stack:
        try:
            client = stack.enter_context(local_cluster(int(local[1])) if local else Client(where, timeout=10))
        except (OSError, ValueError) as error:  # ValueError of an address without a port, or with another scheme
            raise UserError(f"no scheduler answers at {where}: {error}") from error
        parallel = DataParallel(client, shards=SHARDS)
        count = len(client.scheduler_info(n_workers=-1)["workers"])
        say(f"a cluster of {count} workers so far; each batch is divided into {SHARDS} shards")
        say(f"Dask's dashboard: {client.dashboard_link}\n")
        yield parallel
        say(f"\n{parallel.times}" + (f"\n{parallel.lost} workers were lost on the way" if parallel.lost else ""))
