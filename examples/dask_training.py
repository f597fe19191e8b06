"""Training on a Dask cluster

Dask cuts arrays into chunks and lets many processes work on them, on one machine or on hundreds. There are two ways to
train with it. In the first the *data* are Dask's: an operation on them is planned, not computed, and one pass over all
chunks gives the loss and its gradients. In the second the *training* is spread: each worker has a replica of the
network, takes its share of every batch, and the gradients are added up. Both give the numbers of one process.

Without an address two worker processes are started on this machine; `--address tcp://scheduler:8786` takes a cluster
that runs somewhere, where ntb must be installed on the workers.

Sources: M. Rocklin, "Dask: parallel computation with blocked algorithms and task scheduling" (2015); J. Dean and
others, "Large scale distributed deep networks" (2012).
"""

# %%
import time

import dask.array as da
import matplotlib.pyplot as plt
import numpy as np
from distributed import Client, SubprocessCluster

import ntb
from ntb import nn, optim
from ntb.dask import compute
from ntb.demos.example import Example
from ntb.distributed import DataParallel, collections
from ntb.training import Trainer

example = Example(
    __doc__,
    address=("", "of a scheduler; without it workers are started on this machine"),
    workers=(2, "that are started"),
    rows=(120_000, "of the data"),
    chunk=(10_000, "rows in a chunk"),
    passes=(12, "over the data, each way"),
    seed=(0, "of data and weights"),
)

# %% [markdown]
# ## A cluster
#
# The client is our connection to the cluster. Everything below would be the same if the workers were on other
# machines; `docs/clusters.md` lists ways to start them. Here each worker is a process that computes with one thread.
# (It is a program of its own, so that this script needs no `if __name__ == "__main__"`, as `LocalCluster` does.)

# %%
if example.address:
    client = Client(example.address)
else:
    client = Client(SubprocessCluster(n_workers=example.workers, threads_per_worker=1, dashboard_address=":0"))
    client.wait_for_workers(example.workers)
print(f"{len(client.scheduler_info(n_workers=-1)['workers'])} workers")

# %% [markdown]
# ## Data that nobody has yet
#
# Rows of 20 numbers, and a class that follows from them by a function that the network shall find. These arrays are
# *descriptions*: how each chunk is made. No process ever has to hold all of them.

# %%
FEATURES, CLASSES = 20, 3
rng = np.random.default_rng(example.seed)
inner, outer = rng.standard_normal((FEATURES, 8)), rng.standard_normal((8, CLASSES))

x = da.random.default_rng(example.seed).standard_normal((example.rows, FEATURES), chunks=(example.chunk, FEATURES))
y = da.argmax(da.tanh(x @ inner) @ outer, axis=1)
print(f"{example.rows:,} rows, {(x.nbytes + y.nbytes) / 1e6:,.0f} MB in {x.npartitions} chunks")


def network():
    ntb.random.seed(example.seed)
    return nn.MLP(FEATURES, 32, CLASSES, dtype=np.float64)


# %% [markdown]
# ## First way: tensors of Dask arrays
#
# A tensor can hold a Dask array, and the loop is the usual one. Until `compute` everything is lazy, the gradients as
# well: `tape.gradient` adds the backward pass to the plan. Then the workers go through the chunks once, and what
# travels back is as small as the parameters. `persist` lets them keep the chunks, so that these are made only once.

# %%
kept_x, kept_y = client.persist([x, y])
model, optimizer = network(), optim.Adam(0.02)
variables = model.trainable_variables()
inputs, targets = ntb.tensor(kept_x), ntb.tensor(kept_y)

losses = []
began = time.perf_counter()
for step in range(example.passes):
    with ntb.Tape() as tape:
        loss = nn.cross_entropy(model(inputs), targets)
    loss, gradients = compute(loss, tape.gradient(loss, variables))  # the one pass over the data
    optimizer.apply(gradients, variables)
    losses.append(loss.item())
    if (step + 1) % 4 == 0:
        print(f"pass {step + 1}: loss {losses[-1]:.4f}")
print(f"{(time.perf_counter() - began) / example.passes:.2f} s a pass, one step each")

# %% [markdown]
# Are these the numbers of NumPy? We bring the first chunks here and compute loss and gradient in this process,
# without Dask.

# %%
few = kept_x[: 2 * example.chunk], kept_y[: 2 * example.chunk]
here = client.compute(list(few), sync=True)
loss_of = lambda x, y: nn.cross_entropy(model(x), y)
with ntb.Tape(persistent=True) as tape:
    on_cluster, in_numpy = loss_of(*map(ntb.tensor, few)), loss_of(*here)
theirs = compute(tape.gradient(on_cluster, variables))
ours = tape.gradient(in_numpy, variables)
difference = max(np.abs(a.numpy() - b.numpy()).max() for a, b in zip(theirs, ours))
print(f"greatest difference of a gradient: {difference:.1e}")

# %% [markdown]
# ## Second way: data-parallel training
#
# A pass over all data for one step is much work for little. With `DataParallel` a `Trainer` makes a step of four
# chunks, the *shards* of the batch: each worker computes loss and gradients of its shards by a replay, the sums
# travel between the workers, and each makes the same update. `collections` says that a shard is a chunk of a Dask
# array, made by the worker that needs it. Seed and number of shards decide every bit of the outcome; who computes
# does not.

# %%
strategy = DataParallel(client, shards=4)
trainer = Trainer(network(), nn.cross_entropy, optim.Adam(0.02), strategy=strategy, seed=example.seed, progress=False)
began = time.perf_counter()
trainer.fit(collections(x, y, shards=4, shuffle=example.seed), epochs=example.passes)
seconds = time.perf_counter() - began
print(f"loss of the last pass {trainer.history['loss'][-1]:.4f}, {trainer.steps // example.passes} steps each")
print(f"{seconds / example.passes:.2f} s a pass")

# %% [markdown]
# Where did the time go? A worker computes, waits for the slower ones, or has its sums on the way.

# %%
times = strategy.times
print(times)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained", width_ratios=[3, 2])
figure.suptitle("Training on a cluster")
passes = np.arange(1, example.passes + 1)
left.plot(passes, losses, "o-", label="tensors of Dask arrays: a step a pass")
left.plot(passes, trainer.history["loss"], "s-", label=f"DataParallel: {trainer.steps // example.passes} steps a pass")
left.set(xlabel="pass over the data", ylabel="loss", ylim=(0, None))
left.grid(alpha=0.3)
left.legend()

names = [f"worker {i + 1}" for i in range(len(times.computing))]
computing, waiting = (np.array(list(part.values())) for part in (times.computing, times.waiting))
before = np.zeros(len(names))
for label, part in [
    ("computing", computing),
    ("waiting", waiting),
    ("travelling", times.seconds - computing - waiting),
]:
    right.barh(names, part, left=before, label=label)
    before = before + part
right.set(xlabel="seconds")
right.legend(loc="upper center", bbox_to_anchor=(0.5, 1.15), ncols=3, fontsize=8)
example.show(figure, "training")

# %%
cluster = client.cluster
client.close()
if cluster is not None:
    cluster.close()

# %% [markdown]
# ## Try it
#
# - Start it with `--workers 1`. Which bits of the second way's loss change?
# - While it trains, end one of the workers by hand. What does `strategy.lost` say in the end?
# - Double `--chunk`. What becomes of the time a pass, and why?
