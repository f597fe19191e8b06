"""The file: a graph as the objects of the library onnx, in which each value has a name of its own."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..errors import InputError
from ..naming import TakenNames
from .graph import Graph, Node, Value, of_shape

_OPSET = 20
"""The version of the set of operators; the first with Gelu."""


def proto_of(graph: Graph, outputs: list[tuple[str, Value]]) -> Any:
    """The graph with outputs of these names as onnx.ModelProto, checked. What no output depends on is left out."""
    onnx = library()
    ends: list[Value] = []
    for name, x in outputs:
        taken = x.node is None or any(
            x is other for other in ends
        )  # an output is a result of a node, and of one output
        ends.append(of_shape(x.shape, graph.node("Identity", x)) if taken else x)
        ends[-1].name = name
    nodes, used = _needed(graph, ends)
    initializers = {x: array for x, array in graph.initializers.items() if x in used}
    between = [x for node in nodes for x in node.outputs if not any(x is end for end in ends)]
    names = TakenNames()
    for x in [*graph.inputs, *ends, *initializers, *between]:
        x.name = names.take(x.name)
    opset = onnx.helper.make_opsetid("", _OPSET)
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            [_node(onnx, node) for node in nodes],
            graph.name,
            [_described(onnx, x) for x in graph.inputs],
            [_described(onnx, x) for x in ends],
            [onnx.numpy_helper.from_array(_laid_out(array), x.name) for x, array in initializers.items()],
        ),
        producer_name="ntb",
        producer_version=sys.modules["ntb"].__version__,
        opset_imports=[opset],
        ir_version=onnx.helper.find_min_ir_version_for([opset]),
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def _needed(graph: Graph, ends: list[Value]) -> tuple[list[Node], set[Value]]:
    """The nodes on which outputs depend, in order, and the values that these use."""
    used, kept = set(ends), []
    for node in reversed(graph.all_nodes):
        if not used.isdisjoint(node.outputs):
            used.update(x for x in node.inputs if x is not None)
            kept.append(node)
    return kept[::-1], used


def library() -> Any:
    """The library onnx, or an error that says how to get it."""
    try:
        import onnx
    except ImportError:
        raise InputError('an ONNX file is written by the library onnx: pip install "ntb[onnx]"') from None
    return onnx


def _laid_out(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, array.dtype.newbyteorder("="), order="C")


def _described(onnx: Any, x: Value) -> Any:
    """Name, element type and shape of an input or output."""
    return onnx.helper.make_tensor_value_info(x.name, _element_type(onnx, x.dtype), x.shape)


def _element_type(onnx: Any, dtype: Any) -> Any:
    return onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype).newbyteorder("="))


def _node(onnx: Any, node: Node) -> Any:
    attributes = {name: _element_type(onnx, x) if name == "to" else x for name, x in node.attributes.items()}
    names = ["" if x is None else x.name for x in node.inputs]
    results = [x.name for x in node.outputs]  # the node is called as the first one
    return onnx.helper.make_node(node.op, names, results, name=results[0], doc_string=node.source, **attributes)
