"""Building blocks: functions of arrays, and layers that own the Variables that those functions take.

Arrays are channels-first, (N, C, H, W); sequences are (N, T, D); dense weights are (inputs, outputs).
"""

from ..habits import of_package
from ..ops.scores import log_softmax, logsumexp, softmax
from ..ops.special import log_sigmoid, relu, sigmoid, softplus
from . import initializers
from .activations.along_axis import glu, gumbel_softmax, maxout, softmin, sparsemax
from .activations.layers import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Activation,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Maxout,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from .activations.piecewise import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    prelu,
    relu6,
    rrelu,
    softshrink,
    threshold,
)
from .activations.smooth import celu, elu, gelu, mish, selu, silu, softsign, squareplus, tanhshrink
from .attention.attention import additive_attention, multi_head_attention, scaled_dot_product_attention
from .attention.cache import KeyValueCache
from .attention.feed_forward import FeedForward
from .attention.layers import MultiHeadAttention
from .attention.positions import LearnedPositions, SinusoidalPositions, rotary, sinusoidal_positions
from .attention.transformer import TransformerDecoderLayer, TransformerEncoderLayer
from .containers import MLP, Residual
from .convolution.conv import conv1d, conv2d, conv3d, conv_transpose2d
from .convolution.layers import Conv1d, Conv2d, Conv3d
from .dropout import dropout
from .embedding.embedding import embedding, embedding_bag, one_hot
from .embedding.layers import Embedding, EmbeddingBag
from .layers import Dropout, Flatten, Linear
from .linear import linear
from .losses.cross_entropy import binary_cross_entropy_with_logits, cross_entropy, nll
from .losses.regression import huber, l1, l2, mae, mse
from .metrics import accuracy
from .module import Module
from .normalization.layers import BatchNorm, LayerNorm
from .normalization.normalize import batch_norm, layer_norm
from .pooling.layers import AvgPool2d, MaxPool2d
from .pooling.pool import avg_pool2d, global_avg_pool, global_max_pool, max_pool2d
from .precision import cast
from .recurrent.conv_lstm import ConvLSTM2d, conv_lstm_cell
from .recurrent.gru import gru, gru_cell
from .recurrent.last import Last
from .recurrent.layer_norm_lstm import LayerNormLSTM, layer_norm_lstm
from .recurrent.layers import GRU, LSTM, RNN
from .recurrent.lengths import length_mask, pad_sequences
from .recurrent.lstm import lstm, lstm_cell
from .recurrent.rnn import rnn, rnn_cell
from .recurrent.time_distributed import TimeDistributed
from .sampling import sample
from .sequential import Sequential

__all__ = [
    "cast",
    "FeedForward", "KeyValueCache", "LearnedPositions", "MLP", "MultiHeadAttention", "Residual",
    "SinusoidalPositions", "TransformerDecoderLayer", "TransformerEncoderLayer", "additive_attention", "rotary",
    "sample", "sinusoidal_positions",
    "Activation", "CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU",
    "LogSigmoid", "LogSoftmax", "Maxout", "Mish", "PReLU", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid",
    "Softmax", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold", "celu", "glu",
    "gumbel_softmax", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "mish", "prelu", "relu6", "rrelu",
    "softmin", "softshrink", "softsign", "sparsemax", "squareplus", "tanhshrink", "threshold",
    "AvgPool2d", "BatchNorm", "Conv1d", "Conv2d", "Conv3d", "Dropout", "Embedding", "Flatten", "GRU", "LSTM",
    "LayerNorm", "Linear", "MaxPool2d", "Module", "RNN", "Sequential", "accuracy", "avg_pool2d", "batch_norm",
    "binary_cross_entropy_with_logits", "conv1d", "conv2d", "conv3d", "conv_transpose2d", "cross_entropy", "dropout",
    "elu", "embedding", "gelu", "global_avg_pool", "global_max_pool", "gru", "gru_cell", "huber", "initializers", "l1",
    "l2", "layer_norm", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "logsumexp", "lstm", "lstm_cell", "mae",
    "max_pool2d", "maxout", "mse", "multi_head_attention", "nll", "one_hot", "relu", "rnn", "rnn_cell",
    "scaled_dot_product_attention", "selu", "sigmoid", "silu", "softmax", "softplus",
    "ConvLSTM2d", "EmbeddingBag", "Last", "LayerNormLSTM", "TimeDistributed", "conv_lstm_cell", "embedding_bag",
    "layer_norm_lstm", "length_mask", "pad_sequences",
]  # fmt: skip

__getattr__, __dir__ = of_package(__name__, __all__)
