"""The graph style of the earlier ntb, on the tape: `import ntb.compat as ntb`.

A graph only describes; `g.run` is a traced function of the eager building blocks, replayed from then on.
"""

# ruff: noqa: F401, I001  # all that is imported is public; the many nodes of the table are imported in rows

from ..datasets.pickles import read as load_legacy
from ..habits import of_package as _of_package
from . import datasets, graph, initializers, layers, misc, nodes, solver, solver as model
from .current import GraphError, default_graph
from .datasets import vis
from .graph import ComputationGraph
from .initializers import const_init, normal_init, xavier_init
from .layers import affine_layer, batchnorm_layer, conv_layer, max_pool_layer, spatial_batchnorm_layer
from .misc import default_result_shape, fix_ds, shape_matches, sum_to_match
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
from .solver import Model, Solver

_OF_THE_PACKAGE = {"current", "custom", "names", "node", "numeric", "run", "session"}  # modules that Python puts here
__all__ = sorted(name for name in vars() if not name.startswith("_") and name not in _OF_THE_PACKAGE)
__getattr__, __dir__ = _of_package(__name__, __all__)
