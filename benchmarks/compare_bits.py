"""Compare numbers now with those of an earlier commit, to the last bit: `python -m benchmarks.compare_bits`.

The same demos and random training steps run on both states, in a process each, with one thread of BLAS and the same
seeds. A difference in bits gives status 1; one in the source of a training step is only shown.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .__main__ import say, some_of
from .bits import LENGTHS, RANDOM, names
from .states import BASE, Ask, processes

EVERY = 25
"""Programs after which progress is told."""


@dataclass
class Comparison:
    """What was compared, and what differs.

    Attributes:
        programs, numbers: how many; `failed`: by error, how many programs raise it in both states.
        differences: in bits, a line for each; `sources`: for each program whose source differs, a unified diff.
    """

    programs: int = 0
    numbers: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, before: dict[str, Any], now: dict[str, Any]) -> list[str]:
        """Compare what a program gave before and now; returns the new differences."""
        self.programs += 1
        found = [f"{name}: {text}" for text in self.between(before, now)]
        self.differences += found
        if before.get("source") != now.get("source") and not found_error(before, now):
            texts = [answer["source"].splitlines() for answer in (before, now)]
            self.sources[name] = "\n".join(difflib.unified_diff(*texts, "before", "now", lineterm=""))
        return found

    def between(self, before: dict[str, Any], now: dict[str, Any]) -> list[str]:
        if found_error(before, now):
            first, second = (answer.get("error", "no error") for answer in (before, now))
            if first != second:
                return [f"{first} before, {second} now"]
            self.failed[first] += 1
            return []
        one, other = before["items"], now["items"]
        self.numbers += sum(one[what][0] for what in one.keys() & other.keys())
        missing = [f"{what} is only there {'before' if what in one else 'now'}" for what in one.keys() ^ other.keys()]
        differ = [what for what in one if what in other and list(one[what]) != list(other[what])]
        return [f"{text} ({now['about']})" for text in [*sorted(missing), *[f"{what} differs" for what in differ]]]

    def __str__(self) -> str:
        lines = [f"{name}: source differs\n{text}\n" for name, text in self.sources.items()]
        lines += [f"DIFFERENT {text}" for text in self.differences]
        lines.append(
            f"{self.programs} programs, {self.numbers:,} numbers: {len(self.differences)} results differ in bits, "
            f"{len(self.sources)} sources differ"
        )
        lines += [f"{count} of the programs raise in both states: {error}" for error, count in self.failed.items()]
        return "\n".join(lines)


def found_error(*answers: dict[str, Any]) -> bool:
    return any("error" in answer for answer in answers)


def compare(programs: Sequence[str], before: Ask, now: Ask, say: Callable[[str], None]) -> Comparison:
    """Run programs in both states, and compare."""
    comparison = Comparison()
    for i, name in enumerate(programs, start=1):
        found = comparison.add(name, before(name), now(name))
        if found or i % EVERY == 0 or name.startswith("demo"):
            say(f"[{i}/{len(programs)}] {name}: {f'{len(found)} results DIFFER' if found else 'the same'}")
    return comparison


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare_bits", description=__doc__)
    parser.add_argument("commit", nargs="?", default=BASE, help="the earlier state (default: %(default)s)")
    parser.add_argument("--random", type=int, default=RANDOM, metavar="N", help="training steps (default: %(default)s)")
    parser.add_argument(
        "--demos", type=some_of([*LENGTHS, "none"]), default=list(LENGTHS), metavar="NAME,...",
        help=f"{', '.join(LENGTHS)}, or none",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    programs = names([name for name in options.demos if name != "none"], options.random)
    with processes(options.commit, "bits") as (before, now):
        comparison = compare(programs, before, now, say)
    print(f"\n{comparison}")
    return 1 if comparison.differences else 0


if __name__ == "__main__":
    sys.exit(main())
