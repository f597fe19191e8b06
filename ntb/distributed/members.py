"""Who takes part: replicas on the workers of a cluster, which come and go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from distributed import Actor
from distributed.protocol import pickle

from ..errors import InputError, NtbError
from .orders import Address
from .replica import Replica
from .work import Recipe

_LOOK = 2.0
"""After how many seconds the scheduler is asked which workers there are."""
_SLICE = 0.2
"""For how many seconds one call is waited for before it is seen what became of the others."""


@dataclass(eq=False)
class Member:
    """A replica, as the client knows it.

    Attributes:
        worker: the address of its worker.
        name: of the actor.
        future: of the actor; when it is dropped the actor is.
        actor: Dask's, when it is there.
        built: the call that builds its model.
        source: the source of shards that it has.
    """

    worker: str
    name: str
    future: Any
    actor: Any = None
    built: Any = None
    source: Any = None

    @property
    def address(self) -> Address:
        """Where other replicas find it."""
        return self.worker, self.name


class Members:
    """The replicas on the workers of a client's cluster, one in each process.

    Attributes:
        ready: those that stand before the present step, in the order in which they came.
        waiting: those that are built, and are to be told where they stand.
        lost: how many were lost.
    """

    def __init__(self, client: Any, recipe: Recipe) -> None:
        self._client = client
        self.ready: list[Member] = []
        self.waiting: list[Member] = []
        self.lost = 0
        try:
            self._recipe = pickle.dumps(recipe)
        except Exception as error:
            raise InputError(
                f"model, loss and optimizer travel to workers pickled, and cannot be: {error!r}; what holds a file, a "
                "lock or a generator must be made anew when it is unpickled"
            ) from error
        self._coming: list[Member] = []
        self._looked = -_LOOK

    def look(self) -> None:
        """Begin replicas on workers that have none; those that are built are waiting from then on. It does not wait.

        Raises:
            InputError: the model cannot be built on a worker.
        """
        if time.monotonic() - self._looked >= _LOOK:
            self._looked = time.monotonic()
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
            for member in [m for m in self._coming if m.worker not in workers]:
                self.lose(member)
            self._begin(workers)
        for member in list(self._coming):
            if member.actor is None and member.future.status == "finished":
                with self._client.as_current():  # or the actor would belong to the client that was opened last
                    member.actor = Actor(Replica, *member.address)
                member.built = member.actor.build(self._recipe)
            if member.future.status in ("error", "lost", "cancelled"):
                self.lose(member)
            elif member.built is not None and member.built.done():
                self._coming.remove(member)
                try:
                    member.built.result()
                except OSError:  # the worker has gone
                    self.lose(member)
                except Exception as error:
                    raise InputError(
                        f"the model cannot be built on the worker {member.worker}, which needs the same packages and "
                        f"files as this process: {error!r}"
                    ) from error
                else:
                    self.waiting.append(member)

    @property
    def coming(self) -> bool:
        """Whether some are being built."""
        return bool(self._coming)

    def lose(self, member: Member) -> None:
        """Take one out. Its worker, if it is there, gets another."""
        self._looked = -_LOOK
        for those in (self.ready, self.waiting, self._coming):
            if member in those:
                those.remove(member)
                self.lost += 1

    def move(self, member: Member, ready: bool) -> None:
        """Put one among those that are ready, or that wait."""
        for those in (self.ready, self.waiting):
            if member in those:
                those.remove(member)
        (self.ready if ready else self.waiting).append(member)

    def turn_back(self) -> None:
        """Let all wait to be told where they stand."""
        for member in list(self.ready):
            self.move(member, ready=False)

    def ask(self, members: Iterable[Member], method: str, *args: Any, patience: float) -> dict[Member, Any]:
        """Call a method of some replicas, at once; who does not answer in so many seconds is lost."""
        found, late = self.answers(self.call(members, method, *args), patience)
        for member in late:
            self.lose(member)
        return found

    def call(self, members: Iterable[Member], method: str, *args: Any) -> dict[Member, Any]:
        """Call a method of some replicas, and do not wait. Of whom Dask says that it has gone is lost."""
        calls = {}
        for member in list(members):
            try:
                calls[member] = getattr(member.actor, method)(*args)
            except RuntimeError:
                self.lose(member)
        return calls

    def answers(
        self, calls: dict[Member, Any], patience: float, grace: float = float("inf")
    ) -> tuple[dict[Member, Any], list[Member]]:
        """What calls gave, and who did not answer in so many seconds. Of whom Dask says that it has gone is lost.

        Args:
            calls: what `call` gave.
            patience: how long to wait.
            grace: how long to wait for the others once one is lost; they do not count as late.
        """
        found: dict[Member, Any] = {}
        waiting, end, over = dict(calls), time.monotonic() + patience, float("inf")
        while waiting and time.monotonic() < min(end, over):
            for member, call in list(waiting.items()):
                try:
                    found[member] = call.result(timeout=_SLICE)
                except (TimeoutError, asyncio.TimeoutError):
                    continue
                except NtbError:
                    raise
                except Exception:  # of the connection; what a user's code raises comes as an answer
                    self.lose(member)
                    over = min(over, time.monotonic() + grace)
                del waiting[member]
        return found, list(waiting) if time.monotonic() >= end else []

    def _begin(self, workers: Iterable[str]) -> None:
        busy = {_process(m.worker) for m in (*self.ready, *self.waiting, *self._coming)}
        for worker in workers:
            if _process(worker) not in busy:
                busy.add(_process(worker))
                name = f"ntb-replica-{uuid4().hex}"
                future = self._client.submit(
                    Replica, actor=True, key=name, workers=[worker], allow_other_workers=False, pure=False
                )
                self._coming.append(Member(worker, name, future))


def _process(worker: str) -> str:
    """The process of a worker; several of Dask's `inproc` workers share one."""
    return worker.rpartition("/")[0] if worker.startswith("inproc://") else worker
