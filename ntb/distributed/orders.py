"""What the client tells replicas to do, and what they answer."""

from __future__ import annotations

from typing import Any, NamedTuple

Address = tuple[str, str]
"""Where a replica is: the address of its worker, and the name of the actor."""


class Order(NamedTuple):
    """What a replica is to do in a round, which is an attempt at a step.

    Attributes:
        round: the number of the attempt.
        step: the number of the step, from the beginning of training.
        seed: of all that is drawn.
        shards: what is needed for each of the replica's own shards, by number: the rows, or the place in the source.
        weights: of all shards of the step.
        replicas: where all replicas are, in order.
        me: the number of this one.
    """

    round: int
    step: int
    seed: int
    shards: dict[int, Any]
    weights: list[float]
    replicas: list[Address]
    me: int


class Answer(NamedTuple):
    """Where a replica stands after a round.

    Attributes:
        step: the number of the step that comes next: if the round has failed, that of the order.
        report: of the step before, for all shards.
        predictions: by shard predictions and targets, if the trainer has metrics.
        seconds: how long it computed.
        rows: how many its own shards had.
        error: what the user's code raised in this round.
    """

    step: int
    report: dict[str, float] = {}
    predictions: dict[int, Any] = {}
    seconds: float = 0.0
    rows: int = 0
    error: Exception | None = None
