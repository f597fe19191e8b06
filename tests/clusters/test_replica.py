"""A replica alone, told what to do in an order that a network may make of it."""

import asyncio
from types import SimpleNamespace

import pytest
from distributed.protocol import pickle

from ntb.distributed.orders import Order
from ntb.distributed.replica import Replica
from ntb.distributed.work import Recipe
from ntb.state import snapshot
from tests.clusters.runs import data, still, trainer


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
