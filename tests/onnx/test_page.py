"""docs/onnx.md: its examples print what it says."""

from pathlib import Path

import numpy as np

from tests.fences import run

PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"


def test_examples_print_what_the_page_says(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    space = {}
    assert run(PAGE.read_text(encoding="utf-8"), tmp_path, space=space) == 2
    module = {"__name__": "convnet", "__file__": str(tmp_path / "convnet.py")}
    exec((tmp_path / "convnet.py").read_text(), module)
    images = space["images"]
    assert np.array_equal(module["predict"](images, **module["variables"]), space["predict"](images))
