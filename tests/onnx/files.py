"""Files that are written and run: what ntb gives, and what onnxruntime makes of the file."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

import ntb


def exported(function: Any, inputs: Any, batch: bool = True) -> bytes:
    """The bytes of a file."""
    with io.BytesIO() as file:
        ntb.onnx.export(function, inputs, file, batch=batch)
        return file.getvalue()


def loaded(file: bytes) -> Any:
    """What stands in a file."""
    import onnx

    return onnx.load_from_string(file)


def session(file: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def run(file: bytes, *inputs: Any, needed: bool = True) -> Any:
    """The outputs of a file for these inputs, in order; None where onnxruntime has an operator for other element types
    alone, unless it is needed."""
    try:
        running = session(file)
        return running.run(None, dict(zip([x.name for x in running.get_inputs()], inputs, strict=True)))
    except Exception as error:  # of its own classes
        if needed or not ("NOT_IMPLEMENTED" in str(error) or "does not support double" in str(error)):
            raise


def close(found: list, expected: Any, dtype: Any) -> None:
    """Whether outputs are what ntb gives, up to rounding: 1e-5 in single and 1e-12 in double precision."""
    expected = [np.asarray(x) for x in ntb.tree.leaves(expected)]
    assert [x.shape for x in found] == [x.shape for x in expected]
    assert [x.dtype for x in found] == [x.dtype for x in expected]
    tolerance = 1e-12 if np.dtype(dtype) == np.float64 else 1e-5
    for x, y in zip(found, expected):
        np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)
