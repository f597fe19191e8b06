"""Compare the speed of eager operations now with that of an earlier commit: `python -m benchmarks.compare_states`.

Both states have a process each, which measure by turns. A round is before, now, now, before; its ratio is that of the
sums, and that of a line the median of its rounds. A line that is slower is measured again, twice at most.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .__main__ import say, some_of
from .report import number_text, table_of
from .state_lines import LINES
from .states import BASE, Ask, processes

SLOWER = 1.1
"""The ratio from which on a line counts as slower."""
TO_BE_FASTER = ("tanh", "negative", "item", "tanh-back", "negative-back", "item-back")
"""The lines that `--check` wants faster than before: operations on one operand."""
TRIES = 3


@dataclass(frozen=True)
class Result:
    """Times of a line before and now, in the line's unit, and what is wrong if it could not be measured."""

    name: str
    before: float = float("nan")
    now: float = float("nan")
    ratio: float = float("nan")
    error: str = ""

    @property
    def slower(self) -> bool:
        """Also where the present state fails."""
        return self.ratio > SLOWER or self.error.startswith("now")

    @property
    def not_faster(self) -> bool:
        return self.name in TO_BE_FASTER and not self.ratio < 1.0


def measure(name: str, before: Ask, now: Ask, rounds: int, seconds: float) -> Result:
    """Measure a line in so many rounds."""
    times: dict[str, list[float]] = {"before": [], "now": []}
    for _ in range(rounds):
        for state, ask in (("before", before), ("now", now), ("now", now), ("before", before)):
            found = ask(f"{name} {seconds}")
            if "error" in found:
                return Result(name, error=f"{state}: {found['error']}")
            times[state].append(found["time"])
    pairs = [[sum(found[i : i + 2]) for i in range(0, 2 * rounds, 2)] for found in times.values()]
    ratio = statistics.median(b / a for a, b in zip(*pairs))
    return Result(name, statistics.median(times["before"]), statistics.median(times["now"]), ratio)


def compare(
    names: Sequence[str], before: Ask, now: Ask, rounds: int, seconds: float, check: bool, say: Callable[[str], None]
) -> list[Result]:
    """Measure lines; those that fail, in twice and four times as many rounds again."""
    results = []
    for i, name in enumerate(names, start=1):
        for attempt in range(TRIES):
            found = measure(name, before, now, rounds * 2**attempt, seconds)
            again = "" if attempt == 0 else f", measured again in {rounds * 2**attempt} rounds"
            say(f"[{i}/{len(names)}] {name}: {found.error or f'ratio {found.ratio:.2f}'}{again}")
            if found.error or not (found.slower or (check and found.not_faster)):
                break
        results.append(found)
    return results


def table(results: Sequence[Result]) -> str:
    """A row for each line."""
    return table_of(["line", "", "", "before", "now", "", "ratio", ""], [row(found) for found in results])


def row(found: Result) -> list[str]:
    line = LINES[found.name]
    kind = {"forward": "forward", "backward": "backward"}.get(line.make.__name__, "")
    start = [found.name, kind, line.title]
    if found.error:
        return [*start, "–", "–", line.unit, "–", found.error]
    note = "slower" if found.slower else ""
    return [*start, number_text(found.before), number_text(found.now), line.unit, f"{found.ratio:.2f}", note]


def verdict(results: Sequence[Result], check: bool) -> tuple[str, bool]:
    """The closing words, and whether all is well."""
    slower = [found.name for found in results if found.slower]
    lines = [f"slower than {SLOWER}x: {', '.join(slower) or 'none'} of {len(results)} lines"]
    not_faster = [found.name for found in results if check and found.not_faster]
    if check:
        lines.append(f"to be faster, but not: {', '.join(not_faster) or 'none'}")
    return "\n".join(lines), not slower and not not_faster


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare_states", description=__doc__)
    parser.add_argument("commit", nargs="?", default=BASE, help="the earlier state (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="for each line (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.02, help="of a measurement, of which a round has four")
    parser.add_argument("--only", metavar="NAME,...", type=some_of(LINES), default=list(LINES), help=", ".join(LINES))
    parser.add_argument(
        "--check", action="store_true",
        help=f"exit with status 1 if a line is slower than {SLOWER}x, or {', '.join(TO_BE_FASTER)} are not faster",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    with processes(options.commit, "state_lines") as (before, now):
        results = compare(options.only, before, now, options.rounds, options.seconds, options.check, say)
    words, well = verdict(results, options.check)
    print(f"\nbefore: {options.commit}\n\n{table(results)}\n\n{words}")
    return 1 if options.check and not well else 0


if __name__ == "__main__":
    sys.exit(main())
