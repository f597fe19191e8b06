"""Times: where the time of steps on a cluster goes."""

from __future__ import annotations

from collections.abc import Mapping

from .orders import Answer


class Times:
    """Sums over steps.

    Attributes:
        steps: how many were made.
        seconds: how long they took, from the order to the last answer.
        rows: how many rows they had.
        shares: by worker how many of these were its own.
        computing: by worker the seconds in which it computed.
        waiting: by worker the seconds in which it had its sums, and the slowest had not.

    What is left of a worker's time is travelling: of orders, sums and answers.

    >>> times = Times()
    >>> times.add(1.0, {"a": Answer(1, seconds=0.5, rows=10), "b": Answer(1, seconds=0.75, rows=10)})
    >>> print(times)
    1 steps in 1 s, 20 rows/s
      a: 50 % of the rows; computing 50 %, waiting 25 %, travelling 25 %
      b: 50 % of the rows; computing 75 %, waiting 0 %, travelling 25 %
    """

    def __init__(self) -> None:
        self.steps, self.seconds, self.rows = 0, 0.0, 0
        self.shares: dict[str, int] = {}
        self.computing: dict[str, float] = {}
        self.waiting: dict[str, float] = {}

    def add(self, seconds: float, answers: Mapping[str, Answer]) -> None:
        """Add a step, with the answers of the workers that made it."""
        self.steps += 1
        self.seconds += seconds
        self.rows += sum(answer.rows for answer in answers.values())
        slowest = max(answer.seconds for answer in answers.values())
        for worker, answer in answers.items():
            computing = answer.seconds
            self.shares[worker] = self.shares.get(worker, 0) + answer.rows
            self.computing[worker] = self.computing.get(worker, 0.0) + computing
            self.waiting[worker] = self.waiting.get(worker, 0.0) + slowest - computing

    def __str__(self) -> str:
        lines = [f"{self.steps:,} steps in {self.seconds:.3g} s, {self.rows / max(self.seconds, 1e-9):,.0f} rows/s"]
        for worker in sorted(self.computing):
            shares = [100 * found[worker] / max(self.seconds, 1e-9) for found in (self.computing, self.waiting)]
            computing, waiting, travelling = (*shares, max(100 - sum(shares), 0))
            lines.append(
                f"  {worker}: {100 * self.shares[worker] / max(self.rows, 1):.0f} % of the rows; computing "
                f"{computing:.0f} %, waiting {waiting:.0f} %, travelling {travelling:.0f} %"
            )
        return "\n".join(lines)
