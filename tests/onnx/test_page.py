"""docs/onnx.md: its examples print what it says."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np

PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"


def test_examples_print_what_the_page_says(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    space, printed, compared = {"__name__": "page"}, None, 0
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    for i, (kind, text) in enumerate(blocks):
        if kind == "python":
            file = tmp_path / f"example_{i}.py"
            file.write_text(text)
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(text, str(file), "exec"), space)
            printed = out.getvalue()
        else:
            assert printed.strip() == text.strip()
            compared += 1
    assert compared == 2
    module = {"__name__": "convnet", "__file__": str(tmp_path / "convnet.py")}
    exec((tmp_path / "convnet.py").read_text(), module)
    images = space["images"]
    assert np.array_equal(module["predict"](images, **module["variables"]), space["predict"](images))
