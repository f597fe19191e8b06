"""What the tests of ONNX files share."""

import pytest


@pytest.fixture(autouse=True)
def libraries():
    """The libraries that write and run the files; without them there is nothing to test."""
    pytest.importorskip("onnx", reason="onnx, of the extra onnx, writes ONNX files")
    pytest.importorskip("onnxruntime", reason="onnxruntime, of the extra test, runs ONNX files")
