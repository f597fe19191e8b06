"""The notebooks run, with few steps, and are stored as they ran with all."""

import ast
import json
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
TENSORFLOW = "textdata_tensorflow.ipynb"
TRAINING = [
    "shapes_convnet.ipynb",
    "linear_fit.ipynb",
    "minimal_mnist.ipynb",
    "mnist_convnet.ipynb",
    "textdata_rnn.ipynb",
]
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py") if "# %%" in path.read_text(encoding="utf-8"))
WITHOUT = ["how_it_works.ipynb", *TRAINING]
"""Those that run without TensorFlow."""
NAMES = sorted([*WITHOUT, TENSORFLOW, *(f"{name}.ipynb" for name in EXAMPLES)])


def code_cells(name):
    notebook = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def is_parameters(cell):
    return "parameters" in cell["metadata"].get("tags", ())


def execute(name, steps=3):
    """Run the code, with the cell of parameters replaced; the names it leaves."""
    space = {"__name__": "__main__"}
    for i, cell in enumerate(code_cells(name)):
        source = f"steps = {steps}" if is_parameters(cell) else "".join(cell["source"])
        exec(compile(source, f"{name}, code cell {i}", "exec"), space)
    return space


def test_every_notebook_is_tested():
    assert sorted(path.name for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.uncounted
@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_code_runs(name, monkeypatch):
    pytest.importorskip("matplotlib", reason="the notebook draws pictures, which need matplotlib")
    monkeypatch.setenv("MPLBACKEND", "agg")
    execute(name)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_its_script(name):
    pytest.importorskip("jupytext", reason="jupytext reads the scripts' cells")
    cells = runpy.run_path(str(ROOT / "scripts" / "make_notebooks.py"))["made"](name).cells
    stored = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert [(cell.cell_type, cell.source) for cell in cells] == [
        (cell["cell_type"], "".join(cell["source"])) for cell in stored
    ]


@pytest.mark.parametrize("name", TRAINING)
def test_both_styles_are_compared(name):
    source = "\n".join("".join(cell["source"]) for cell in code_cells(name))
    assert "import ntb as eager" in source
    assert "import ntb.compat as ntb" in source
    assert "assert np.array_equal(graph_losses, eager_losses)" in source


def test_tensorflow_runs(tmp_path):
    if find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed; it comes with the extra: pip install -e '.[tensorflow]'")
    command = [
        sys.executable,
        "scripts/run_notebooks.py",
        "textdata_tensorflow",
        "--steps",
        "12",
        "--out",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", [*TRAINING, TENSORFLOW])
def test_parameters_are_a_number_of_steps(name):
    (cell,) = (cell for cell in code_cells(name) if is_parameters(cell))
    (assignment,) = ast.parse("".join(cell["source"])).body
    assert ast.unparse(assignment.targets[0]) == "steps"
    assert ast.literal_eval(assignment.value) >= 100, "stored with few steps; run scripts/run_notebooks.py --full"


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
