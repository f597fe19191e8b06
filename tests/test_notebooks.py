"""The notebooks run, and are stored as they ran."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NAMES = ["how_it_works.ipynb"]


def code_cells(name):
    notebook = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_every_notebook_is_tested():
    assert sorted(path.name for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_code_runs(name, monkeypatch):
    pytest.importorskip("matplotlib", reason="the notebook draws pictures, which need matplotlib")
    monkeypatch.setenv("MPLBACKEND", "agg")
    space = {"__name__": "__main__"}
    for i, cell in enumerate(code_cells(name)):
        exec(compile("".join(cell["source"]), f"{name}, code cell {i}", "exec"), space)


@pytest.mark.parametrize("name", NAMES)
def test_stored_executed_without_errors(name):
    cells = code_cells(name)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert "error" not in {output["output_type"] for output in outputs}
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("name", NAMES)
def test_no_machine_paths(name):
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert not [root for root in ("/home/", "/work/", "/tmp/", "/Users/", "C:\\\\") if root in text]
