"""Time a step of PyTorch's DistributedDataParallel (gloo) on two processes of one thread, and the same step alone:

    PYTHON scripts/measure_ddp.py        where PYTHON has torch

What DDP adds is told for the network of `scripts/measure_cluster.py` with a million parameters. It imports torch alone.
"""

from __future__ import annotations

import os
import statistics
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel

STEPS = 100


def timed(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Milliseconds of a step, the median."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    times = []
    for _ in range(STEPS):
        began = time.perf_counter()
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times[10:])


def worker(rank: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29511"}
    dist.init_process_group("gloo", rank=rank, world_size=2)
    x, y = torch.randn(8, 1000), torch.randn(8, 1000)
    model = torch.nn.Linear(1000, 1000)
    alone = timed(model, x, y)
    dist.barrier()
    together = timed(DistributedDataParallel(model), x, y)
    if rank == 0:
        print(
            f"DistributedDataParallel: a step {together:.1f} ms, alone {alone:.1f} ms, added {together - alone:.1f} ms"
        )
    dist.destroy_process_group()


if __name__ == "__main__":
    mp.spawn(worker, nprocs=2)
