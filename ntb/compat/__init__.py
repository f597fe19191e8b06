"""The graph style of the earlier ntb, on the tape: `import ntb.compat as ntb`.

A graph only describes; `g.run` is a traced function of the eager building blocks, replayed from then on.
"""

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
from .nodes import conv, grad, loss, nonlinearities, optim, reg, rnn
from .nodes.arithmetic import (
    Add,
    Affine,
    Argmax,
    BatchFlatten,
    Div,
    Dot,
    Equals,
    Function1d,
    Mean,
    Mult,
    Reshape,
    Sub,
    Subscript,
    Sum,
)  # fmt: skip
from .nodes.batchnorm import Batchnorm, SpatialBatchnorm, TemporalBatchnorm
from .nodes.conv import Conv2d, MaxPool, as_strided, col2im, get_pad, im2col, im2col_aux, pad_4d, unpad_4d
from .nodes.grad import Grad
from .nodes.leaves import Placeholder, Variable
from .nodes.loss import ClassAccuracy, CrossEntropy, CrossEntropyLogits, TemporalCE
from .nodes.nonlinearities import Maxout, Relu, Sample, Sigmoid, Softmax, Tanh, sigmoid
from .nodes.optim import Optim
from .nodes.reg import L1, L2, Dropout, weight_decay
from .nodes.rnn import (
    Embed,
    Lstm,
    LstmCell_Raw,
    Projection,
    Rnn,
    RnnCell,
    TemporalAffine,
    TemporalDot,
    VanillaRnnCell,
)  # fmt: skip
from .numeric import num_grad, num_grad_sparse_error, test_num_grads
from .operators import install
from .solver import Solver

install()


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
    "Add", "Affine", "Argmax", "BatchFlatten", "Batchnorm", "ClassAccuracy", "ComputationGraph", "Conv2d",
    "CrossEntropy", "CrossEntropyLogits", "Div", "Dot", "Dropout", "Embed", "Equals", "Function1d", "Grad",
    "GraphError", "L1", "L2", "Lstm", "LstmCell_Raw", "MaxPool", "Maxout", "Mean", "Model", "Mult", "Node", "Optim",
    "Placeholder", "Projection", "Relu", "Reshape", "Rnn", "RnnCell", "Sample", "Sigmoid", "Softmax", "Solver",
    "SpatialBatchnorm", "Sub", "Subscript", "Sum", "Tanh", "TemporalAffine", "TemporalBatchnorm", "TemporalCE",
    "TemporalDot", "VanillaRnnCell", "Variable", "affine_layer", "as_strided", "batchnorm_layer", "col2im",
    "const_init", "conv", "conv_layer", "datasets", "default_graph", "default_result_shape", "fix_ds", "get_pad",
    "grad", "graph", "im2col", "im2col_aux", "initializers", "layers", "load_legacy", "loss", "max_pool_layer",
    "misc", "model", "nodes", "nonlinearities", "normal_init", "num_grad", "num_grad_sparse_error", "optim", "pad_4d",
    "reg", "rnn", "shape_matches", "sigmoid", "solver", "spatial_batchnorm_layer", "sum_to_match", "test_num_grads",
    "unpad_4d", "vis", "weight_decay", "xavier_init",
]  # fmt: skip
