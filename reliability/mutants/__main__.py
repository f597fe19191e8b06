"""The command line: `python -m reliability.mutants`, or with `--only ntb/ops/at.py` for a part of the sample."""

from __future__ import annotations

import argparse
import ast
import json
import os
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from .draw import FOLDERS, Mutant, sample
from .survey import FORK, Coverage, survey
from .trial import Verdict, attempt, copy

ROOT = Path(__file__).parents[2]
GOAL = 0.9
ROUNDS = [(40, 4, 5.0), (1000, 100, 30.0)]
"""How many tests, of how many files, of how many seconds in all, are run at first, and then on what is left."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m reliability.mutants", description="Put faults into the source; the tests should find them."
    )
    parser.add_argument("--each", type=int, default=100, help="mutants of each folder: " + ", ".join(FOLDERS))
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--jobs", type=int, default=1, help="mutants that are tried at a time")
    parser.add_argument("--only", default="", help="try those alone whose file and line contain this")
    parser.add_argument(
        "--again",
        action="store_true",
        help="go on from the last run: try what was not yet tried, or survived without a reason",
    )
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "mutants", help="the folder for survey and results")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.again:
        survey(ROOT, options.out)
    coverage = Coverage(ROOT, options.out)
    mutants = [m for m in sample(ROOT, options.each, options.seed) if options.only in f"{m.file}:{m.line}"]
    results = options.out / "results.json"
    last = json.loads(results.read_text()) if options.again and results.exists() else {}
    verdicts = {name: Verdict(**verdict) for name, verdict in last.items()}
    done = {name for name, verdict in verdicts.items() if verdict.outcome != "survived"} | known_reasons().keys()
    todo = [mutant for mutant in mutants if mutant.name not in done & verdicts.keys()]
    with tempfile.TemporaryDirectory() as scratch:
        sound = copy(ROOT, Path(scratch) / "sound")  # at once, lest the project changes during the run
        work = partial(try_out, sound=sound, known=set(coverage.seconds))
        with ProcessPoolExecutor(options.jobs, FORK) as pool:
            for mutant, verdict in zip(todo, pool.map(work, [(mutant, rounds(mutant, coverage)) for mutant in todo])):
                verdicts[mutant.name] = verdict
                results.write_text(json.dumps({name: asdict(verdict) for name, verdict in verdicts.items()}, indent=1))
                print(f"{verdict.seconds:6.1f} s, {verdict.outcome} by {verdict.by}: {mutant.name}", flush=True)
        confirm({verdicts[mutant.name].by for mutant in todo}, sound, set(coverage.seconds))
    return report(mutants, [verdicts[mutant.name] for mutant in mutants])


def rounds(mutant: Mutant, coverage: Coverage) -> list[tuple[list[str], float]]:
    """The tests for each round, those that run the mutant's own line first; and how long they took in the survey."""
    by_line = coverage.tests_of(mutant.file)
    names: dict[str, None] = {}
    for lines in ([mutant.line], definition(ROOT / mutant.file, mutant.line), [0]):
        found = set().union(*(by_line.get(line, set()) for line in lines))
        names |= dict.fromkeys(coverage.ordered(found - names.keys()))
    return [within(list(names), coverage, *limits) for limits in ROUNDS]


def definition(path: Path, line: int) -> range:
    """The lines of the innermost function or class that a line is in; no other lines if it is in none."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)]
    spans = [range(min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.end_lineno + 1) for node in nodes]
    return min((span for span in spans if line in span), key=len, default=range(0))


def within(names: list[str], coverage: Coverage, most: int, files: int, seconds: float) -> tuple[list[str], float]:
    """As many of the tests, from the first on, as keep to the limits."""
    chosen, opened, total = [], set(), 0.0
    for name in names:
        file, duration = name.partition("::")[0], coverage.seconds[name]
        if total + duration <= seconds and len(opened | {file}) <= files and len(chosen) < most:
            chosen.append(name)
            opened.add(file)
            total += duration
    return chosen, total


def try_out(trial: tuple[Mutant, list[tuple[list[str], float]]], sound: Path, known: set[str]) -> Verdict:
    """One mutant, round after round until a test fails, in the copy that this process of the pool owns."""
    mutant, rounds = trial
    folder = sound.with_name(str(os.getpid()))
    if not folder.exists():
        copy(sound, folder)
    seconds = 0.0
    for names, expected in rounds:
        verdict = attempt(folder, mutant, names, known, limit=15 + 4 * expected)
        seconds += verdict.seconds
        if verdict.outcome != "survived":
            break
    return Verdict(verdict.outcome, verdict.by, seconds)


def confirm(names: set[str], sound: Path, known: set[str]) -> None:
    """The tests that failed pass where there is no mutant; else nothing is known of what they killed."""
    names = {name for name in names if "::" in name}
    verdict = attempt(sound, None, sorted(names), known | names, limit=3600)
    if verdict.outcome != "survived":
        raise SystemExit(f"{verdict.by} fails without a mutant; repair it and begin anew")


def report(mutants: list[Mutant], verdicts: list[Verdict]) -> int:
    """Print the survivors, and a table; 0 if enough were killed and all others have a reason."""
    reasons, unexplained, counts = known_reasons(), 0, Counter()
    for mutant, verdict in zip(mutants, verdicts):
        reason, outcome = reasons.get(mutant.name), verdict.outcome
        if outcome == "survived":
            unexplained += not reason
            outcome = "with a reason" if reason else "without"
            print(f"\nline {mutant.line} of {mutant.name}\n{reason or '(no reason given)'}")
        counts[mutant.file.split("/")[1], outcome] += 1
        counts["all", outcome] += 1
    columns = ("killed", "timed out", "with a reason", "without")
    print("\n" + "".join(f"{word:>15}" for word in ("survived:", *columns)))
    for folder in (*FOLDERS, "all"):
        print("".join(f"{word:>15}" for word in (folder, *(counts[folder, column] for column in columns))))
    killed = 1 - sum(verdict.outcome == "survived" for verdict in verdicts) / max(len(verdicts), 1)
    print(f"\nkilled: {killed:.1%} of {len(verdicts)} (goal: {GOAL:.0%})")
    return int(killed < GOAL or unexplained > 0)


def known_reasons() -> dict[str, str]:
    """The reasons in `reasons.txt`, by the mutants' names."""
    blocks = (Path(__file__).parent / "reasons.txt").read_text(encoding="utf-8").strip().split("\n\n")[1:]
    return {name: reason for name, _, reason in (block.rpartition("\n") for block in blocks)}


if __name__ == "__main__":
    raise SystemExit(main())
