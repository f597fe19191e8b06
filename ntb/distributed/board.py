"""A board, where a replica makes known what it has for a round, to those who ask before and to those who ask after."""

from __future__ import annotations

import asyncio
from typing import Any


class Board:
    """What is known of rounds, by their numbers. A round that is over is known to give nothing.

    >>> async def example():
    ...     board = Board()
    ...     asked = asyncio.ensure_future(board.read(3))
    ...     print(board.begin(3), board.begin(2))
    ...     board.put(3, "sums")
    ...     return await asked, await board.read(3), await board.read(2)
    >>> asyncio.run(example())
    True False
    ('sums', 'sums', None)
    """

    def __init__(self) -> None:
        self._begun = -1
        self._futures: dict[int, asyncio.Future[Any]] = {}

    def begin(self, round: int) -> bool:
        """A round begins, and all before it are over. Returns whether it does: no round begins twice, or after a later
        one."""
        if round <= self._begun:
            return False
        self._begun = round
        for old in [number for number in self._futures if number < round]:
            self.put(old, None)
            del self._futures[old]
        return True

    def put(self, round: int, what: Any) -> None:
        """Make known what there is; the first time counts."""
        future = self._future(round)
        if not future.done():
            future.set_result(what)

    def has(self, round: int) -> bool:
        """Whether something is known of a round."""
        return round in self._futures and self._futures[round].done()

    async def read(self, round: int) -> Any:
        """What there is, as soon as it is known; None if there is nothing, and will be nothing."""
        if round < self._begun:
            return None
        return await asyncio.shield(self._future(round))

    def _future(self, round: int) -> asyncio.Future[Any]:
        if round not in self._futures:
            self._futures[round] = asyncio.get_running_loop().create_future()
        return self._futures[round]
