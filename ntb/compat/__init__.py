"""The graph style of the earlier ntb, on the tape: `import ntb.compat as ntb`.

A graph only describes; `g.run` is a traced function of the eager building blocks, replayed from then on.
"""

# ruff: noqa: I001  # the many nodes of the table are imported in rows

from difflib import get_close_matches as _get_close_matches
from typing import Any as _Any

from . import datasets, graph, initializers, layers, misc, model, nodes, solver, vis
from .current import GraphError, default_graph
from .graph import ComputationGraph
from .initializers import const_init, normal_init, xavier_init
from .layers import affine_layer, batchnorm_layer, conv_layer, max_pool_layer, spatial_batchnorm_layer
from .legacy import load_legacy
from .misc import default_result_shape, fix_ds, shape_matches, sum_to_match
from .model import Model
from .node import Node
from .nodes import conv, optim, rnn, table as grad, table as loss, table as nonlinearities, table as reg
from .nodes.batchnorm import Batchnorm, SpatialBatchnorm, TemporalBatchnorm
from .nodes.conv import Conv2d, MaxPool, as_strided, col2im, get_pad, im2col, im2col_aux, pad_4d, unpad_4d
from .nodes.leaves import Assign, Placeholder, Variable
from .nodes.optim import Optim
from .nodes.rnn import Lstm, LstmCell_Raw, Projection, Rnn, RnnCell, VanillaRnnCell
from .nodes.table import (
    L1, L2, Add, Affine, Argmax, BatchFlatten, ClassAccuracy, Concat, CrossEntropy, CrossEntropyLogits, Div, Dot,
    Dropout, Embed, Equals, Exp, Function1d, Grad, Log, Maximum, Maxout, Mean, Minimum, Mult, OneHot, Relu, Reshape,
    Sample, Sigmoid, Softmax, Sqrt, Stack, StopGradient, Sub, Subscript, Sum, Tanh, TemporalAffine, TemporalCE,
    TemporalDot, Transpose, Where, sigmoid, weight_decay,
)  # fmt: skip
from .numeric import num_grad, num_grad_sparse_error, test_num_grads
from .solver import Solver


def __getattr__(name: str) -> _Any:
    similar = _get_close_matches(name.lower(), [n.lower() for n in __all__], 1, 0.75)
    meant = next((n for n in __all__ if [n.lower()] == similar), None)
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}; "
        + (
            f"it has {meant}"
            if meant
            else "dir(ntb) lists what it has, and NumPy's functions make nodes too, np.exp(x)"
        )
    )


__all__ = [
    "Add", "Affine", "Argmax", "Assign", "BatchFlatten", "Batchnorm", "ClassAccuracy", "ComputationGraph", "Concat",
    "Conv2d", "CrossEntropy", "CrossEntropyLogits", "Div", "Dot", "Dropout", "Embed", "Equals", "Exp", "Function1d",
    "Grad", "GraphError", "L1", "L2", "Log", "Lstm", "LstmCell_Raw", "MaxPool", "Maximum", "Maxout", "Mean",
    "Minimum", "Model", "Mult", "Node", "OneHot", "Optim", "Placeholder", "Projection", "Relu", "Reshape", "Rnn",
    "RnnCell", "Sample", "Sigmoid", "Softmax", "Solver", "SpatialBatchnorm", "Sqrt", "Stack", "StopGradient", "Sub",
    "Subscript", "Sum", "Tanh", "TemporalAffine", "TemporalBatchnorm", "TemporalCE", "TemporalDot", "Transpose",
    "VanillaRnnCell", "Variable", "Where", "affine_layer", "as_strided", "batchnorm_layer", "col2im", "const_init",
    "conv", "conv_layer", "datasets", "default_graph", "default_result_shape", "fix_ds", "get_pad", "grad", "graph",
    "im2col", "im2col_aux", "initializers", "layers", "load_legacy", "loss", "max_pool_layer", "misc", "model",
    "nodes", "nonlinearities", "normal_init", "num_grad", "num_grad_sparse_error", "optim", "pad_4d", "reg", "rnn",
    "shape_matches", "sigmoid", "solver", "spatial_batchnorm_layer", "sum_to_match", "test_num_grads", "unpad_4d",
    "vis", "weight_decay", "xavier_init",
]  # fmt: skip
