"""A replica alone, told what to do in an order that a network may make of it."""

import asyncio
from types import SimpleNamespace

from distributed.protocol import pickle

from ntb.distributed.orders import Order
from ntb.distributed.replica import Replica
from ntb.distributed.work import Recipe
from ntb.state import snapshot
from tests.clusters.runs import data, still, trainer


def test_an_order_that_comes_late_is_not_obeyed(monkeypatch):
    """Neither after a later order, nor after the client has turned back, which may be with other rows for the step."""
    monkeypatch.setattr("ntb.distributed.replica.get_worker", lambda: SimpleNamespace(address="here"))
    made, (x, y) = trainer(model=still), data()
    recipe = Recipe(made.model, made.loss, made.optimizer, {}, [], True, True)

    def order(round, step, rows):
        return Order(round, step, 3, {0: (x[:rows], y[:rows])}, [1.0], [("here", "me")], 0)

    async def run():
        replica = Replica()
        assert await replica.build(pickle.dumps(recipe)) is None
        assert await replica.assign(0, snapshot({"model": made.model, "optimizer": made.optimizer}), 1)
        return [(await replica.run(order(*what))).step for what in [(1, 0, 8), (3, 0, 8), (2, 1, 4), (4, 1, 8)]]

    assert asyncio.run(run()) == [0, 1, 1, 2]
