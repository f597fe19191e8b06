"""A replica: a worker's copy of the model, as an actor of Dask.

Its methods are coroutines, which run on the worker's event loop, so that it answers while it computes; what computes
runs in a thread of its own. Replicas ask each other for sums by the connections that their workers have.

A round goes like this:

1. Each replica asks all others for their sums, and computes its shards, one after the other.
2. It adds up its own sums and those of the others, along the tree (`summing.py`). Two replicas add up everything, each
   for itself. Where there are more, each adds up a piece, and gets the other pieces from those who added them up: so
   what travels to a replica does not grow with their number.
3. It makes the step.
4. Where workers make the shards (`Shards`), it begins with those of the next step before the order comes, in the middle
   of an epoch: gradients of parameters that it has. They count if that order comes, and nothing has changed by then.

What was lost on the way leaves a replica where it was, before the step. So each stands before the step or after it, and
those after it have the right numbers, whatever became of the others.
"""

from __future__ import annotations

import asyncio
import traceback
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from distributed import get_worker
from distributed.protocol import pickle

from ..errors import add_note
from ..state import State
from .board import Board
from .memory import keep_freed_memory
from .orders import Address, Answer, Order
from .shards import Batch, Place, Shards
from .summing import Nodes, add, pieces, total
from .work import Work


class _Made(NamedTuple):
    """What replicas tell each other of their shards.

    Attributes:
        changed: as in `Work.shard`; None from who had no shards.
        nodes: the sums, or pieces of them.
        predictions: by shard.
        rows: how many there were.
        seconds: how long it took.
    """

    changed: tuple[int, ...] | None
    nodes: Nodes
    predictions: dict[int, Any]
    rows: int
    seconds: float


class _GivenUp(Exception):
    """The round cannot be finished here: another replica was lost, or has failed, or is a step ahead."""


class Replica:
    """The model on a worker. It stands before a step, and goes to the next one as a whole or not at all.

    Args:
        module: this one, which a worker can import if it comes so far.
    """

    def __init__(self, module: Any = None) -> None:
        keep_freed_memory()
        self._worker = get_worker()
        self._computing = ThreadPoolExecutor(1, "ntb-computing")
        self._reading = ThreadPoolExecutor(1, "ntb-reading")
        self._ahead: dict[tuple[Place, int], Future[Batch]] = {}
        self._source: Shards | None = None
        self._begun: tuple[Any, Future[_Made]] | None = None
        self._made, self._summed = Board(), Board()
        self._going: asyncio.Task[Answer] | None = None
        self._last = Answer(-1)

    # --- for the client

    async def build(self, recipe: bytes) -> Exception | None:
        """Make the model from what the trainer has, a pickled `Recipe`; returns the error of what users wrote."""
        return await self._in_thread(_error_of, self._build, recipe)

    async def hold(self, source: bytes) -> Exception | None:
        """Take a source of shards, pickled; returns the error of what users wrote."""
        return await self._in_thread(_error_of, self._hold, source)

    async def assign(self, step: int, values: State, round: int) -> bool:
        """Stand before a step, with these values; rounds up to this one are over. Returns whether it can: before its
        first step an optimizer has no slots, and after one, or the attempt, it cannot be without them."""
        self._made.begin(round)
        self._stop()
        return await self._in_thread(self._assign, step, values)

    async def copy(self, other: Address) -> bool:
        """Stand where another replica stands; returns whether that could be learned."""
        self._stop()
        found = await self._ask(other, "state")
        return found is not None and await self._in_thread(self._assign, *found)

    async def state(self) -> tuple[int, State]:
        """The number of the step that comes next, and all that training changes, by name."""
        return await self._in_thread(lambda: (self._last.step, self._work.state()))

    async def digest(self) -> int:
        """A number that tells whether two replicas have the same bits."""
        _, values = await self.state()
        return await self._in_thread(_digest, values)

    async def has_computed(self, round: int) -> bool:
        """Whether the sums over its own shards are there."""
        return self._made.has(round)

    async def answer(self) -> Answer:
        """What it answered last, with all predictions."""
        return self._last

    async def run(self, order: Order) -> Answer:
        """Try to make a step. Only the first of the replicas tells the predictions."""
        if not self._made.begin(order.round):  # it has come late, by another connection than later orders
            return self._last
        self._stop()
        self._summed.begin(order.round)
        self._going = asyncio.ensure_future(self._tried(order))
        try:
            answer = await self._going
        except asyncio.CancelledError:  # another round has begun
            answer = self._last
        return answer if order.me == 0 else answer._replace(predictions={})

    # --- for other replicas

    async def made(self, round: int, number: int, count: int) -> _Made | None:
        """One of `count` pieces of the sums over its own shards; None if there will be none."""
        made = await self._made.read(round)
        if made is None:
            return None
        return made._replace(nodes={node: pieces(vectors, number, count) for node, vectors in made.nodes.items()})

    async def summed(self, round: int) -> list[np.ndarray] | None:
        """The piece of the sums over all shards that it has added up; None if there will be none."""
        return await self._summed.read(round)

    # --- a round, on the event loop

    def _stop(self) -> None:
        """Give up the round that is going on, if it has not begun to make the step."""
        if self._going:
            self._going.cancel()

    async def _tried(self, order: Order) -> Answer:
        count = 1 if len(order.replicas) < 3 else len(order.replicas)  # of pieces
        piece = order.me if count > 1 else 0
        others = [replica for i, replica in enumerate(order.replicas) if i != order.me]
        asked = [asyncio.ensure_future(self._ask(other, "made", order.round, piece, count)) for other in others]
        try:
            own = await self._own(order)
            self._made.put(order.round, own)
            made = [await self.made(order.round, piece, count), *await _all(asked)]
            vectors = await self._in_thread(_added, made, len(order.weights))
            if count > 1:
                self._summed.put(order.round, vectors)
                parts = await _all([self._ask(other, "summed", order.round) for other in others])
                parts.insert(order.me, vectors)
                vectors = list(map(np.concatenate, zip(*parts)))
            await self._in_thread(self._update, order, made, vectors, own)
            self._begin(order)
        except _GivenUp:
            pass
        except Exception as error:
            add_note(error, f"on the worker {self._worker.address}:\n{traceback.format_exc()}")
            return self._last._replace(error=_sendable(error))
        finally:
            for call in asked:
                call.cancel()
            self._made.put(order.round, None)
            self._summed.put(order.round, None)
        return self._last

    def _begin(self, order: Order) -> None:
        """Compute the shards that the next order will name, if it is in the same epoch, before it comes."""
        following = self._following(order.shards)
        shards = {shard: place for shard, place in following.items() if place.epoch == order.shards[shard].epoch}
        if shards:
            coming = order._replace(step=order.step + 1, shards=shards)
            self._begun = _task(coming), self._computing.submit(self._compute, coming)

    async def _own(self, order: Order) -> _Made:
        """The sums over its own shards."""
        begun, self._begun = self._begun, None
        if begun and begun[0] == _task(order):
            return await asyncio.wrap_future(begun[1])
        return await self._in_thread(self._compute, order)

    async def _ask(self, other: Address, method: str, *args: int) -> Any:
        """Call a method of another replica, as actors of Dask do. None if it is gone."""
        address, name = other
        rpc = self._worker.rpc(address)
        try:
            answer = await rpc.actor_execute(actor=name, function=method, args=args)
        except Exception:  # of the connection, an OSError; of a worker that has no such actor, a KeyError; …
            return None
        return answer["result"] if answer["status"] == "OK" else None

    async def _in_thread(self, f: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._computing, f, *args)

    # --- in the thread

    def _build(self, recipe: bytes) -> None:
        self._work = Work(pickle.loads(recipe))

    def _hold(self, source: bytes) -> None:
        self._source, self._ahead, self._begun = pickle.loads(source), {}, None

    # --- a round, in the thread

    def _compute(self, order: Order) -> _Made:
        if self._last.step != order.step:  # it made the step in a round that others did not finish
            raise _GivenUp
        began = perf_counter()
        batches = self._batches(order.shards)
        nodes: Nodes = {}
        changed, predictions, rows = None, {}, 0
        for shard, batch in batches.items():
            made = self._work.shard((order.seed, order.step), shard, batch.result(), order.weights[shard])
            add(nodes, (0, shard), made.vectors, len(order.weights))
            changed = made.changed
            predictions[shard] = made.predictions
            rows += made.rows
        return _Made(changed, nodes, predictions, rows, perf_counter() - began)

    def _batches(self, needed: dict[int, Any]) -> dict[int, Future[Batch]]:
        """The batches of shards, read in another thread if they are places, and after them those of the next step."""
        found: dict[int, Future[Batch]] = {}
        for shard, what in needed.items():
            found[shard] = self._read(what, shard) if isinstance(what, Place) else _done(what)
        following = self._following(needed).items()
        self._ahead = {(place, shard): self._read(place, shard) for shard, place in following}
        return found

    def _following(self, needed: dict[int, Any]) -> dict[int, Place]:
        """The places of shards in the next step, of those that are made here."""
        source: Any = self._source
        return {shard: source.following(x) for shard, x in needed.items() if isinstance(x, Place)}

    def _read(self, place: Place, shard: int) -> Future[Batch]:
        source: Any = self._source
        return self._ahead.get((place, shard)) or self._reading.submit(source.made, place, shard)

    def _update(self, order: Order, made: list[_Made], vectors: list[np.ndarray], own: _Made) -> None:
        began = perf_counter()
        changed = next(m.changed for m in made if m.changed is not None)
        report = self._work.update((order.seed, order.step + 1), changed, vectors)
        predictions = {shard: x for m in made for shard, x in m.predictions.items()}
        self._last = Answer(order.step + 1, report, predictions, own.seconds + perf_counter() - began, own.rows)

    def _assign(self, step: int, values: State) -> bool:
        if values.keys() < self._work.state().keys():
            return False
        self._work.restore(values)
        self._last, self._begun = Answer(step), None
        return True


def _task(order: Order) -> tuple[Any, ...]:
    """What decides the sums over an order's shards, beside the state and the source; of rows, nothing is told."""
    places = {shard: x for shard, x in order.shards.items() if isinstance(x, Place)}
    return order.seed, order.step, order.weights, places


async def _all(calls: list[Any]) -> list[Any]:
    """What several calls give.

    Raises:
        _GivenUp: one of them gives nothing.
    """
    found = await asyncio.gather(*calls)
    if any(x is None for x in found):
        raise _GivenUp
    return list(found)


def _added(made: list[_Made], count: int) -> list[np.ndarray]:
    """The sums over all shards."""
    nodes: Nodes = {}
    for part in made:
        for node, vectors in part.nodes.items():
            add(nodes, node, vectors, count)
    return total(nodes)


def _error_of(f: Callable[..., None], *args: Any) -> Exception | None:
    """What a call raises, if it does."""
    try:
        f(*args)
    except Exception as error:
        return _sendable(error)
    return None


def _sendable(error: Exception) -> Exception:
    """An error that can travel: itself, or one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
        return error
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")


def _digest(values: State) -> int:
    number = 0
    for x in values.values():
        number = zlib.crc32(x.tobytes(), number)
    return number


def _done(batch: Batch) -> Future[Batch]:
    """A batch that need not be read."""
    future: Future[Batch] = Future()
    future.set_result(batch)
    return future
