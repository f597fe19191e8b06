"""Print the line and the branch coverage of ntb that the last test run measured; fail if one is below the goal.

    python scripts/check_coverage.py

Files with less than the goal are named, with the lines that no test runs.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from coverage import Coverage

GOAL = 95.0


def measured() -> dict[str, Any]:
    """What `coverage json` says of the data in .coverage."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        coverage = Coverage()
        coverage.load()
        coverage.json_report(outfile=str(path))
        return json.loads(path.read_text())


def main() -> int:
    report = measured()
    for name, file in report["files"].items():
        if file["summary"]["percent_covered"] < GOAL:
            missing = ", ".join(map(str, file["missing_lines"]))
            print(f"{name}: {file['summary']['percent_covered']:.1f} %, lines {missing}")
    totals = report["totals"]
    lines = 100 * totals["covered_lines"] / totals["num_statements"]
    branches = 100 * totals["covered_branches"] / totals["num_branches"]
    print(f"coverage of ntb: {lines:.1f} % of the lines, {branches:.1f} % of the branches (goal: {GOAL:.0f} %)")
    return int(min(lines, branches) < GOAL)


if __name__ == "__main__":
    sys.exit(main())
