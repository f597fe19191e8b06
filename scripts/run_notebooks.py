"""Execute notebooks: quickly, with few steps, into a folder of their own; or in full, to be stored as they ran.

    python scripts/run_notebooks.py                        all, with few steps, into out/notebooks
    python scripts/run_notebooks.py linear_fit --full      one, with its own number of steps, in place

The cell tagged "parameters" of a notebook says how many steps it makes, and is replaced for a quick run.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
TENSORFLOW = "textdata_tensorflow"


def main() -> int:
    examples = {path.stem for path in (ROOT / "examples").glob("*.py")}  # whose notebooks are made from the scripts
    names = sorted({path.stem for path in FOLDER.glob("*.ipynb")} - examples)
    parser = argparse.ArgumentParser(description="Execute notebooks with few steps, or in full.")
    parser.add_argument("names", nargs="*", help="which; all that need only ntb if none is named")
    parser.add_argument("--steps", type=int, default=5, help="of training, in place of the notebook's own number")
    parser.add_argument("--full", action="store_true", help="make all steps, and store the notebook as it ran")
    parser.add_argument("--out", type=Path, default=Path("out/notebooks"), help="the folder for quick runs")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"there is no notebook {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if TENSORFLOW in options.names and importlib.util.find_spec("tensorflow") is None:
        print(
            f"{TENSORFLOW} was not executed, since TensorFlow is not installed in this environment; "
            f"it comes with the extra: {sys.executable} -m pip install -e '.[tensorflow]'"
        )
        return 1
    folder, steps = (FOLDER, None) if options.full else (options.out, options.steps)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = options.names or [name for name in names if name != TENSORFLOW]
    return max(execute(name, read(name, steps), folder) for name in chosen)


def read(name: str, steps: int | None) -> NotebookNode:
    """A notebook, with another number of steps if there is one."""
    notebook: NotebookNode = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if steps is not None and "parameters" in cell.metadata.get("tags", ()):
            cell.source = f"steps = {steps}"
    return notebook


def execute(name: str, notebook: NotebookNode, folder: Path) -> int:
    """Run a notebook, write it to `folder` and say how it went in a line; 1 if a cell failed."""
    began = time.perf_counter()
    client = NotebookClient(
        notebook,
        timeout=None,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(ROOT)}},
        # What libraries in C++ say goes to the terminal, not into the notebook; the kernel need not warn of its socket.
        extra_arguments=["--IPKernelApp.capture_fd_output=False", "--log-level=ERROR"],
    )
    try:
        client.execute()
    except CellExecutionError as error:
        print(f"{name}: failed\n{error}", flush=True)
        return 1
    nbformat.write(notebook, folder / f"{name}.ipynb")
    print(f"{name}: executed in {time.perf_counter() - began:.1f} s, written to {folder}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
