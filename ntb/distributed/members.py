"""Who takes part: replicas on the workers of a cluster, which come and go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import uuid4

from distributed import Actor
from distributed.protocol import pickle

from ..errors import InputError, NtbError
from .orders import Address
from .replica import Replica
from .shards import Shards
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
        self._recipe = _pickled(recipe, "model, loss and optimizer travel")
        self._coming: list[Member] = []
        self._looked = -_LOOK

    def look(self) -> None:
        """Begin replicas on workers that have none; those that are built are waiting from then on. It does not wait.

        Raises:
            InputError: a worker cannot import ntb or build the model; the client is closed.
        """
        if time.monotonic() - self._looked >= _LOOK:
            self._looked = time.monotonic()
            workers = self._workers()
            for member in [m for m in self._coming if m.worker not in workers]:
                self.lose(member)
            self._begin(workers)
        for member in list(self._coming):
            self._follow(member)

    def _follow(self, member: Member) -> None:
        """See how far one has come that is not ready yet."""
        status = member.future.status
        if status in ("error", "lost", "cancelled"):
            self.lose(member)
            if status == "error" and isinstance(error := member.future.exception(), ImportError):
                raise _lacking("ntb cannot be imported", member, error) from error
        elif status == "finished" and member.actor is None:
            with self._client.as_current():  # or the actor would belong to the client that was opened last
                member.actor = Actor(Replica, *member.address)
            member.built = member.actor.build(self._recipe)
        elif member.built is not None and member.built.done():
            for error in self.answers({member: member.built}, patience=1.0)[0].values():
                self._coming.remove(member)
                if error:
                    raise _lacking("the model cannot be built", member, error) from error
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

    def hold(self, source: Shards, patience: float) -> None:
        """Give those that are ready a source of shards, if they have another one or none.

        Raises:
            InputError: it cannot be pickled, or not unpickled on a worker.
        """
        lacking = [member for member in self.ready if member.source is not source]
        if not lacking:
            return
        found = self.ask(lacking, "hold", _pickled(source, "what makes shards travels"), patience=patience)
        for member, error in found.items():
            if error:
                raise _lacking("the shards cannot be made", member, error) from error
            member.source = source

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

    def _workers(self) -> Iterable[str]:
        """The addresses of all workers that the scheduler has."""
        if self._client.status == "closed":
            raise InputError(
                "the client is closed, or its scheduler has gone; make another, with a strategy and a trainer of its "
                "own, which go on from a checkpoint: trainer.resume(path)"
            )
        return self._client.scheduler_info(n_workers=-1).get("workers", {})

    def _begin(self, workers: Iterable[str]) -> None:
        busy = {_process(m.worker) for m in (*self.ready, *self.waiting, *self._coming)}
        for worker in workers:
            if _process(worker) not in busy:
                busy.add(_process(worker))
                number = uuid4().hex
                there: dict[str, Any] = {"workers": [worker], "allow_other_workers": False, "pure": False}
                # A worker that cannot unpickle a class of ntb would end, and nobody would know why.
                module = self._client.submit(import_module, Replica.__module__, key=f"ntb-import-{number}", **there)
                name = f"ntb-replica-{number}"
                future = self._client.submit(Replica, module, actor=True, key=name, **there)
                self._coming.append(Member(worker, name, future))


def _process(worker: str) -> str:
    """The process of a worker; several of Dask's `inproc` workers share one."""
    return worker.rpartition("/")[0] if worker.startswith("inproc://") else worker


def _pickled(x: Any, what: str) -> bytes:
    """Something that a user wrote, pickled here and not by Dask, for which an error in this is a broken connection."""
    try:
        return pickle.dumps(x)
    except Exception as error:
        raise InputError(
            f"{what} to workers pickled, and cannot be: {error!r}; what holds a file, a lock or a generator must be "
            "made anew when it is unpickled"
        ) from error


def _lacking(what: str, member: Member, error: Any) -> InputError:
    return InputError(
        f"{what} on the worker {member.worker}, which needs the same packages and files as this process: {error!r}"
    )
