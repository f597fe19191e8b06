"""A replica alone, told what to do in an order that a network may make of it."""

import asyncio
from types import SimpleNamespace

import pytest
from distributed.protocol import pickle

from ntb.distributed import Shards
from ntb.distributed.orders import Order
from ntb.distributed.replica import Replica
from ntb.distributed.shards import Place
from ntb.distributed.work import Recipe
from ntb.state import snapshot
from tests.clusters.runs import data, drawing, made_of, still, trainer


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr("ntb.distributed.replica.get_worker", lambda: SimpleNamespace(address="here"))
    return trainer(model=still)


async def built(made):
    """A replica that stands before step 0, and the values that it has there."""
    replica, first = Replica(), snapshot({"model": made.model, "optimizer": made.optimizer})
    recipe = Recipe(made.model, made.loss, made.optimizer, {}, [], True, True)
    assert await replica.build(pickle.dumps(recipe)) is None
    assert await replica.assign(0, first, 1)
    return replica, first


def test_an_order_that_comes_late_is_not_obeyed(made):
    """Neither after a later order, nor after the client has turned back, which may be with other rows for the step."""
    x, y = data()

    def order(round, step, rows):
        return Order(round, step, 3, {0: (x[:rows], y[:rows])}, [1.0], [("here", "me")], 0)

    async def run():
        replica, _ = await built(made)
        return [(await replica.run(order(*what))).step for what in [(1, 0, 8), (3, 0, 8), (2, 1, 4), (4, 1, 8)]]

    assert asyncio.run(run()) == [0, 1, 1, 2]


def test_who_has_slots_cannot_stand_before_the_first_step(made):
    """Nor if that step failed after it had made them."""

    async def run():
        replica, first = await built(made)
        work = replica._work
        work.tree["optimizer"].build(work.parameters)
        return await replica.assign(0, first, 2)

    assert asyncio.run(run()) is False


def other_rows(epoch, step, shard):
    x, y = made_of(epoch, step, shard)
    return 1 - x, y


def halved(values):
    return {name: x / 2 if x.dtype.kind == "f" else x for name, x in values.items()}


async def copied(replica, values):
    async def ask(*_):
        return 1, halved(values)

    replica._ask = ask
    assert await replica.copy(("there", "other"))


BETWEEN = {
    "nothing": lambda replica, values: replica.state(),
    "values": lambda replica, values: replica.assign(1, halved(values), 2),
    "another replica's": copied,
    "rows": lambda replica, values: replica.hold(pickle.dumps(Shards(other_rows, steps=3))),
}  # fmt: skip


@pytest.mark.parametrize("between", BETWEEN)
def test_shards_that_were_begun_count_only_if_nothing_has_changed(made, monkeypatch, between):
    """What it computes before the order comes is not to be seen, in states (of generators, too) or in later steps."""

    async def run():
        replica, _ = await built(trainer(model=drawing))
        await replica.hold(pickle.dumps(Shards(made_of, steps=3)))
        found = []
        for step in range(3):
            order = Order(step + 2, step, 3, {0: Place(0, step)}, [1.0], [("here", "me")], 0)
            assert (await replica.run(order)).error is None
            found.append(await replica.state())
            if step == 0:
                await BETWEEN[between](replica, found[0][1])
        return [(step, {name: x.tobytes() for name, x in values.items()}) for step, values in found]

    early = asyncio.run(run())
    monkeypatch.setattr(Replica, "_begin", lambda self, order: None)
    assert asyncio.run(run()) == early
    assert [step for step, _ in early] == [1, 2, 3]


def test_shards_are_begun_within_an_epoch(made):
    async def run():
        replica, _ = await built(made)
        await replica.hold(pickle.dumps(Shards(made_of, steps=2)))
        begun = []
        for step in range(3):
            await replica.run(Order(step + 2, step, 3, {0: Place(*divmod(step, 2))}, [1.0], [("here", "me")], 0))
            begun.append(replica._begun is not None)
        return begun

    assert asyncio.run(run()) == [True, False, True]
