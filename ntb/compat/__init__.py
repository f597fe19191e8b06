"""The graph style of the earlier ntb, on the tape: `import ntb.compat as ntb`.

A graph only describes; `g.run` is a traced function of the eager building blocks, replayed from then on.
"""

from . import datasets, initializers, layers, vis
from .graph import ComputationGraph, GraphError, default_graph
from .images import as_strided, col2im, get_pad, im2col, im2col_aux, pad_4d, sum_to_match, unpad_4d
from .initializers import const_init, normal_init, xavier_init
from .layers import affine_layer, batchnorm_layer, conv_layer, max_pool_layer, spatial_batchnorm_layer
from .legacy import load_legacy
from .node import Node
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
    Placeholder,
    Reshape,
    Sub,
    Subscript,
    Sum,
    Variable,
)
from .nodes.network import Batchnorm, Conv2d, Dropout, MaxPool, SpatialBatchnorm, TemporalBatchnorm
from .nodes.nonlinear import (
    L1,
    L2,
    ClassAccuracy,
    CrossEntropy,
    CrossEntropyLogits,
    Maxout,
    Relu,
    Sample,
    Sigmoid,
    Softmax,
    Tanh,
    TemporalCE,
    sigmoid,
    weight_decay,
)
from .nodes.optim import Grad, Optim
from .nodes.recurrent import (
    Embed,
    Lstm,
    LstmCell_Raw,
    Projection,
    Rnn,
    RnnCell,
    TemporalAffine,
    TemporalDot,
    VanillaRnnCell,
)
from .numeric import num_grad, num_grad_sparse_error, test_num_grads
from .operators import install
from .shapes import default_result_shape, shape_matches
from .solver import Model, Solver

install()

__all__ = [
    "Add",
    "Affine",
    "Argmax",
    "BatchFlatten",
    "Batchnorm",
    "ClassAccuracy",
    "ComputationGraph",
    "Conv2d",
    "CrossEntropy",
    "CrossEntropyLogits",
    "Div",
    "Dot",
    "Dropout",
    "Embed",
    "Equals",
    "Function1d",
    "Grad",
    "GraphError",
    "L1",
    "L2",
    "Lstm",
    "LstmCell_Raw",
    "MaxPool",
    "Maxout",
    "Mean",
    "Model",
    "Mult",
    "Node",
    "Optim",
    "Placeholder",
    "Projection",
    "Relu",
    "Reshape",
    "Rnn",
    "RnnCell",
    "Sample",
    "Sigmoid",
    "Softmax",
    "Solver",
    "SpatialBatchnorm",
    "Sub",
    "Subscript",
    "Sum",
    "Tanh",
    "TemporalAffine",
    "TemporalBatchnorm",
    "TemporalCE",
    "TemporalDot",
    "VanillaRnnCell",
    "Variable",
    "affine_layer",
    "as_strided",
    "batchnorm_layer",
    "col2im",
    "const_init",
    "conv_layer",
    "datasets",
    "default_graph",
    "default_result_shape",
    "get_pad",
    "im2col",
    "im2col_aux",
    "initializers",
    "layers",
    "load_legacy",
    "max_pool_layer",
    "normal_init",
    "num_grad",
    "num_grad_sparse_error",
    "pad_4d",
    "shape_matches",
    "sigmoid",
    "spatial_batchnorm_layer",
    "sum_to_match",
    "test_num_grads",
    "unpad_4d",
    "vis",
    "weight_decay",
    "xavier_init",
]
