"""The command line: `python -m reliability.fuzz`, or `python -m reliability.fuzz load --runs 1000`."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from . import COUNTS

TARGETS = {
    "load": "checkpoints and pickles: refused with InputError and nothing changed, or read as they are",
    "einsum": "calls of np.einsum on tensors: NumPy's value and the right gradients, or both refuse",
    "index": "index expressions: NumPy's value and the right gradients, or both refuse",
}
LIMITS = ["-seed=1", "-timeout=10", "-rss_limit_mb=2048", "-max_len=4096", "-len_control=0"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m reliability.fuzz", description="Fuzzing; see docs/reliability.md.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--runs", type=int, default=100_000, help="how many inputs each target is given")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"), help="the folder for figures and findings")
    options = parser.parse_args()
    if unknown := [name for name in options.targets if name not in TARGETS]:
        parser.error(f"{', '.join(unknown)}: the targets are {', '.join(TARGETS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    if failed := [name for name in options.targets or TARGETS if not run(name, options)]:
        sys.exit(f"there are findings in {', '.join(failed)}; see {options.out}")


def run(name: str, options: argparse.Namespace) -> bool:
    """Run a target in a process of its own; print its figures and write them to a file."""
    print(f"{name}: {TARGETS[name]}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        command = [sys.executable, "-m", f"{__package__}.{name}", f"-runs={options.runs}", *LIMITS]
        done = subprocess.run(
            [*command, f"-artifact_prefix={options.out}/", str(corpus)], capture_output=True, text=True
        )
        (options.out / f"{name}.log").write_text(done.stdout + done.stderr)
        if done.returncode:
            print(done.stdout[-4000:] + done.stderr[-4000:], flush=True)
            return False
        counts = json.loads((Path(folder) / COUNTS).read_text())
        seconds = re.search(r"in (\d+) second", done.stderr)
        figures = {"inputs": options.runs, **counts, "kept in the corpus": len(list(corpus.iterdir()))}
        figures["seconds"] = int(seconds[1]) if seconds else None
    for what, figure in figures.items():
        print(f"  {what:30}  {figure:,}", flush=True)
    (options.out / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n")
    return True


if __name__ == "__main__":
    main()
