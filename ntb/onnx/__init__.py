"""ONNX: programs and models as files that other runtimes run, such as onnxruntime, without ntb and without Python.

    export(model, x, "model.onnx")         a model or function, for batches of any size
    program.save_onnx("program.onnx")      a program, for the sizes of just its trace

Both write the forward pass. What is traced is a list of calls of NumPy's functions and ntb's primitives; a table says
of each what it is in ONNX. The file is written by the library onnx (the extra `onnx`). Read in this order:

    table.py     the table: a function is a node of ONNX's, or composed of functions that are
    products.py  a chapter of the table; the others are elementwise, reductions, shaping, indexing, blocks, images and
                 recurrent
    graph.py     the graph that the translations write
    code.py      from a program's code to a graph
    file.py      from a graph to a file
    batches.py   what is traced, so that one file serves batches of all sizes
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..replay.formats import writers

__all__ = ["export"]


def export(function: Any, inputs: Any, path: Any, *, batch: bool | Sequence[str] = True) -> None:
    """Write what a model or function computes as an ONNX file.

    The function is traced, so that what it does is in the file, not how: loops of Python, layers and `with` blocks have
    taken part and are gone. Variables stand in it under their names, such as "layers.0.weight", inputs under those of
    the parameters. docs/onnx.md tells which functions are translated.

    Args:
        function: a model, or a function of arrays that gives arrays: its forward pass, without draws of random numbers
            and without assignments to Variables.
        inputs: examples of what it is called with, whose types and sizes count: an array; a tuple of arguments; or a
            dict of them by name.
        path: of the file, or a file that is open for writing bytes.
        batch: which inputs have a batch on their first axis, of any size when the file is run: all arrays that are as
            long as the first one (True), the inputs of these names, or none (False). The function is then traced three
            times, for batches of other sizes.

    Raises:
        InputError: onnx is not installed; the function does what ONNX cannot, which the error names with its line; or
            it does other things for batches of other sizes.

    >>> import io
    >>> import numpy as np
    >>> from ntb import nn
    >>> model = nn.Sequential(nn.Linear(3, 8), nn.relu, nn.Linear(8, 2))
    >>> with io.BytesIO() as file:
    ...     export(model, np.zeros((1, 3), np.float32), file)
    ...     b"layers.0.weight" in file.getvalue()
    True
    """
    from .batches import traced
    from .code import model_of

    _write(model_of(*traced(function, inputs, batch)), path)


def _save(code: Any, path: Any) -> None:
    from .code import model_of

    _write(model_of(code), path)


def _write(model: Any, path: Any) -> None:
    from .file import library

    library().save(model, path)


writers["onnx"] = _save
