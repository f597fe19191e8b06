"""Data-parallel training on a Dask cluster, as the strategy of a Trainer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, describe
from ..state import State, named_variables, restore, snapshot
from ..tree import fill, leaves
from ..variable import Variable
from .orders import Answer, Order
from .shards import Batch, counted, divided
from .times import Times
from .work import Recipe

if TYPE_CHECKING:
    from ..training.trainer import Trainer
    from .members import Member, Members


class DataParallel:
    """Makes the steps of a Trainer on the workers of a Dask cluster.

        trainer = Trainer(model, nn.cross_entropy, optim.Adam(1e-3), strategy=DataParallel(client, shards=4), seed=0)
        trainer.fit(x, y, epochs=10, batch_size=1000)

    Each worker has a replica of the model. A step's batch is divided into shards; a replica computes loss and gradients
    of its own shards, by replay; all gradients are added up, in an order that the numbers of the shards fix; and
    every replica makes the same update. So parameters travel once, to each replica that begins, and back at the end of
    an epoch; gradients travel in each step.

    *The numbers do not depend on the cluster.* Seed, batches and the number of shards decide every bit of losses and
    parameters: not how many workers there are, nor who is lost and who joins on the way. They are those of one process
    to rounding, where nothing is drawn; dropout draws by seed, step and shard. (Machines whose processors round
    differently, or with other numbers of threads for BLAS, may differ in last bits; replicas are compared at the end of
    each epoch.) The loss must be a mean over rows.

    *Batch normalisation is per shard*: each shard is normalised by its own statistics, whoever computes it, and the
    running ones become the mean of what the shards have made of them, weighted by rows.

    *Workers may be lost* at any moment, all of them too, and others may join. A replica that is lost in a step leaves
    the step undone or done, never half: its shards are computed by others.

    In the middle of an epoch the model here is that of its beginning; `trainer.save` asks for the present one.

    Args:
        client: a `distributed.Client`, which is connected to the cluster. With `direct_to_workers=True`, where it can
            reach the workers, a step takes one hop less.
        shards: into how many parts each batch is divided; as many as workers there may be, or a multiple.
        patience: for how many seconds a worker may compute its shards in a step before others take them over. Where
            all take longer it is doubled.
        wait: for how many seconds to wait for workers when there are none.
        backup: after how many steps the parameters are copied to this process, from which training goes on if all
            workers are lost at once.

    Attributes:
        times: where the time went; print it.

    Raises:
        InputError: arguments of other kinds; and in training, if no worker is there.

    >>> from distributed import Client
    >>> import ntb
    >>> x = np.linspace(-1, 1, 32).reshape(-1, 1)
    >>> model = ntb.nn.Sequential(ntb.nn.Linear(1, 1, rng=ntb.random.generator(0)))
    >>> with Client(processes=False, n_workers=1, dashboard_address=":0") as client:
    ...     strategy = DataParallel(client, shards=2)
    ...     trainer = ntb.training.Trainer(model, ntb.nn.mse, ntb.optim.SGD(0.5), strategy=strategy, seed=0)
    ...     history = trainer.fit(x, 3 * x + 1, epochs=3, batch_size=16)
    epoch 1/3  loss 2.04
    epoch 2/3  loss 0.2979
    epoch 3/3  loss 0.05067
    """

    def __init__(
        self, client: Any, *, shards: int, patience: float = 60.0, wait: float = 60.0, backup: int = 20
    ) -> None:
        if not hasattr(client, "submit") or not hasattr(client, "scheduler_info"):
            raise InputError(
                f"a client of Dask is expected, DataParallel(distributed.Client(...)), not {describe(client)}"
            )
        if getattr(client, "asynchronous", False):
            raise InputError("training waits for its steps; give a client without asynchronous=True")
        self.client = client
        self.shards = counted("shards", shards)
        self.patience = patience
        self.wait = wait
        self.backup = counted("backup", backup)
        self.times = Times()
        self._tree: Mapping[str, Any] | None = None
        """What the trainer changes. (The trainer itself has this strategy, and cycles are not freed at once.)"""
        self._watchers: list[Any] = []
        self._round = 0
        self._collected = True
        """Whether the trainer has all that was made so far."""

    @property
    def lost(self) -> int:
        """How many replicas were lost so far."""
        return self._members.lost if self._tree else 0

    # --- for the trainer

    def begin(self, trainer: Trainer) -> None:
        """Training begins, or goes on: replicas are begun on all workers."""
        self._seed, self._shows = trainer.seed, bool(trainer.metrics)
        watchers = _watchers(trainer)
        if trainer.state is not self._tree or watchers != self._watchers:
            from .members import Members

            self._tree, self._watchers = trainer.state, watchers
            self._members: Members = Members(self.client, _recipe(trainer))
            self._start(trainer.steps)
        elif trainer.steps != self._goal:  # a checkpoint was loaded
            self._start(trainer.steps)
        end = time.monotonic() + self.wait
        self._members.look()
        while self._members.coming and time.monotonic() < end:  # all that are there take part from the first step on
            time.sleep(0.01)
            self._members.look()

    def step(self, *batch: Any) -> dict[str, Any]:
        """Make a step; returns its report."""
        self._send_changes()
        self._collected = False
        if len(self._since) == self.backup:
            self._keep()
        self._since.append(batch)
        try:
            answer = self._go_on()
        except BaseException:  # nobody knows who has made it
            self._since.pop()
            self._turn_back()
            raise
        predictions = [answer.predictions[shard] for shard in sorted(answer.predictions)]
        report: dict[str, Any] = dict(answer.report)
        if predictions and predictions[0] is not None:
            columns = [np.concatenate(parts) for parts in zip(*map(leaves, predictions))]
            report["predictions"], report["target"] = fill(predictions[0], columns)
        return report

    def collect(self) -> None:
        """Give the trainer's model and optimizer the values that they have on the workers."""
        if self._collected:
            return
        self._keep()
        digests = self._members.ask(self._members.ready, "digest", patience=self.patience)
        if len(set(digests.values())) > 1:
            raise InputError(
                "the replicas differ in their last bits, as their machines compute differently: "
                f"{', '.join(f'{member.worker}: {digest:08x}' for member, digest in digests.items())}; use machines "
                "with the same processors, libraries and numbers of threads"
            )
        restore(self._tree, self._kept)
        self._see()
        self._collected = True

    # --- steps

    @property
    def _goal(self) -> int:
        """The number of the step before which the trainer stands."""
        return self._kept_at + len(self._since)

    def _start(self, step: int) -> None:
        """Begin before a step, with the values that are here."""
        self._kept: State = snapshot(self._tree)
        self._kept_at = step
        self._since: list[Batch] = []
        self._turn_back()
        self._see()
        self._collected = True

    def _turn_back(self) -> None:
        """Let all replicas begin from what is kept here, and make the steps since then once more."""
        self._members.turn_back()
        self._at = self._kept_at

    def _go_on(self) -> Answer:
        """Make all steps that were asked for; returns the last answer."""
        answer = Answer(self._at)
        while True:
            self._admit()
            if self._at == self._goal:
                return answer
            answer = self._tried(self._since[self._at - self._kept_at]) or answer

    def _admit(self) -> None:
        """Tell those who wait where they stand. If nobody is left, training goes on from what is kept here."""
        members, end = self._members, time.monotonic() + self.wait
        members.look()
        while not members.ready:
            self._at = self._kept_at
            told = members.ask(members.waiting, "assign", self._at, self._kept, self._round, patience=self.patience)
            for member, succeeded in told.items():
                members.move(member, ready=True) if succeeded else members.lose(member)
            if not members.ready:
                if time.monotonic() > end:
                    raise InputError(
                        f"no worker was there for {self.wait:g} s; start some, with `dask worker ADDRESS`, or wait "
                        "longer, wait="
                    )
                time.sleep(0.02)
                members.look()
        if members.waiting:
            self._copy(members.ready[0], members.waiting)

    def _copy(self, one: Member, others: list[Member]) -> None:
        """Let others stand where one stands."""
        copied = self._members.ask(others, "copy", one.address, patience=self.patience)
        for member, succeeded in copied.items():
            self._members.move(member, ready=succeeded)

    def _tried(self, batch: Batch) -> Answer | None:
        """A round: one attempt at a step by all who are there. None if no one has made it."""
        members = self._members
        source, needed, weights = divided(batch, self.shards)
        if source:
            members.hold(source, self.patience)
        self._round += 1
        began = time.perf_counter()
        calls: dict[Member, Any] = {}
        replicas = [member.address for member in members.ready]
        for i, member in enumerate(list(members.ready)):
            own = range(i * len(needed) // len(replicas), (i + 1) * len(needed) // len(replicas))
            shards = {shard: needed[shard] for shard in own}
            order = Order(self._round, self._at, self._seed, shards, weights, replicas, i)
            calls |= members.call([member], "run", order)
        if len(calls) < len(replicas):
            return None
        answers = self._answers(calls)
        made = [member for member, answer in answers.items() if answer.step == self._at + 1]
        told = [member for member in made if answers[member].report]  # others have copied it, which brings no report
        if not told:
            if made:
                self._turn_back()
            return None
        self._copy(told[0], [member for member in members.ready if member not in made])
        self._at += 1
        self.times.add(time.perf_counter() - began, {member.worker: answers[member] for member in told})
        if told[0].address == replicas[0] or not self._shows:
            return answers[told[0]]
        whole = members.ask(told[:1], "answer", patience=self.patience)
        if not whole:  # it is gone with its predictions
            self._turn_back()
        return whole.get(told[0])

    def _answers(self, calls: dict[Member, Any]) -> dict[Member, Answer]:
        """What became of orders. If it takes too long, who has not computed is lost.

        Raises:
            Exception: what the user's code raised.
        """
        found, late = self._members.answers(calls, self.patience, grace=2.0)
        if late:
            computed = self._members.ask(late, "has_computed", self._round, patience=min(self.patience, 5.0))
            for member in [member for member in late if not computed.get(member)] or late[-1:]:
                self._members.lose(member)
            if not found and not any(computed.values()):
                self.patience *= 2
        for member, answer in found.items():
            if answer.error:
                raise answer.error
            if answer.step < self._at:  # Dask has begun it anew, on a worker that came back to its address
                self._members.lose(member)
        return found

    # --- the state here and there

    def _keep(self) -> None:
        """Keep a copy of the present state here."""
        found: dict[Member, Any] = {}
        while not found:
            self._go_on()
            found = self._members.ask(self._members.ready[:1], "state", patience=self.patience)
        ((self._kept_at, self._kept),) = found.values()
        self._since = []

    def _see(self) -> None:
        """Remember what the values here are."""
        found = named_variables(self._tree)
        self._seen = {name: (v, v.get()) for name, v in found.items() if isinstance(v, Variable)}

    def _send_changes(self) -> None:
        """What a callback has changed here since then, such as a learning rate, becomes so on all workers."""
        changed = [name for name, (v, before) in self._seen.items() if v.get() is not before]
        if not changed:
            return
        here = snapshot(self._tree)
        self._keep()
        self._kept |= {name: here[name] for name in changed}
        self._turn_back()
        self._see()


def _watchers(trainer: Trainer) -> list[Any]:
    """The methods of callbacks that watch gradients."""
    return [c.gradients for c in trainer.callbacks if hasattr(c, "gradients")]


def _recipe(trainer: Trainer) -> Recipe:
    rest = {name: x for name, x in trainer.state.items() if name not in ("model", "optimizer")}
    loss: Any = trainer.loss
    return Recipe(
        trainer.model, loss, trainer.optimizer, rest, _watchers(trainer), bool(trainer.metrics), trainer.traced
    )
