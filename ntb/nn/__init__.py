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
from .convolution.conv import conv1d, conv2d, conv3d
from .convolution.folding import fold, unfold
from .convolution.layers import Conv1d, Conv2d, Conv3d
from .convolution.separable import SeparableConv2d
from .convolution.transposed import conv_transpose1d, conv_transpose2d, conv_transpose3d
from .convolution.transposed_layers import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .dropout import dropout
from .embedding.embedding import embedding, embedding_bag, one_hot
from .embedding.layers import Embedding, EmbeddingBag
from .layers import Dropout, Flatten, Linear
from .linear import linear
from .losses.binary import binary_cross_entropy, binary_cross_entropy_with_logits, binary_focal
from .losses.cross_entropy import categorical_cross_entropy, cross_entropy, focal, nll
from .losses.ctc import ctc
from .losses.likelihood import gaussian_nll, kl_div, poisson_nll
from .losses.margins import (
    hinge,
    margin_ranking,
    multi_margin,
    multiclass_hinge,
    multilabel_margin,
    soft_margin,
    squared_hinge,
)
from .losses.overlap import dice, tversky
from .losses.pairs import contrastive, cosine_embedding, cosine_similarity, triplet_margin
from .losses.penalties import elastic, l1, l2, orthogonal_penalty
from .losses.regression import huber, log_cosh, mae, mse, smooth_l1
from .metrics import accuracy
from .module import Module
from .noise.dropping import Dropout1d, Dropout2d, Dropout3d, DropPath
from .noise.layers import AlphaDropout, GaussianDropout, GaussianNoise
from .noise.noise import alpha_dropout, gaussian_dropout, gaussian_noise
from .normalization.example_layers import GroupNorm, InstanceNorm, LocalResponseNorm, RMSNorm, UnitNorm
from .normalization.from_data import Normalize
from .normalization.groups import group_norm, instance_norm
from .normalization.layers import BatchNorm, LayerNorm
from .normalization.normalize import batch_norm, layer_norm
from .normalization.scaling import local_response_norm, rms_norm, unit_norm
from .normalization.weights import SpectralNorm, WeightNorm
from .pooling.adaptive import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    global_avg_pool,
    global_max_pool,
)
from .pooling.adaptive_layers import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    GlobalAvgPool,
    GlobalMaxPool,
)
from .pooling.average import avg_pool1d, avg_pool2d, avg_pool3d, lp_pool1d, lp_pool2d
from .pooling.average_layers import AvgPool1d, AvgPool2d, AvgPool3d, LPPool1d, LPPool2d
from .pooling.layers import MaxPool1d, MaxPool2d, MaxPool3d
from .pooling.pool import max_pool1d, max_pool2d, max_pool3d
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
from .resizing.interpolate import interpolate
from .resizing.layers import Pad, PixelShuffle, PixelUnshuffle, Upsample
from .resizing.pixels import pixel_shuffle, pixel_unshuffle
from .sampling import sample
from .sequential import Sequential

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d", "AlphaDropout", "AvgPool1d", "AvgPool3d", "ConvTranspose1d", "ConvTranspose2d",
    "ConvTranspose3d", "DropPath", "Dropout1d", "Dropout2d", "Dropout3d", "GaussianDropout", "GaussianNoise",
    "GlobalAvgPool", "GlobalMaxPool", "GroupNorm", "InstanceNorm", "LPPool1d", "LPPool2d", "LocalResponseNorm",
    "MaxPool1d", "MaxPool3d", "Normalize", "Pad", "PixelShuffle", "PixelUnshuffle", "RMSNorm", "SeparableConv2d",
    "SpectralNorm", "UnitNorm", "Upsample", "WeightNorm", "adaptive_avg_pool1d", "adaptive_avg_pool2d",
    "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d", "alpha_dropout",
    "avg_pool1d", "avg_pool3d", "conv_transpose1d", "conv_transpose3d", "fold", "gaussian_dropout", "gaussian_noise",
    "group_norm", "instance_norm", "interpolate", "local_response_norm", "lp_pool1d", "lp_pool2d", "max_pool1d",
    "max_pool3d", "pixel_shuffle", "pixel_unshuffle", "rms_norm", "unfold", "unit_norm",
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
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "binary_focal", "categorical_cross_entropy",
    "contrastive", "conv1d", "conv2d", "conv3d", "conv_transpose2d", "cosine_embedding", "cosine_similarity",
    "cross_entropy", "ctc", "dice", "dropout", "elastic", "elu", "embedding", "focal", "gaussian_nll", "gelu",
    "global_avg_pool", "global_max_pool", "gru", "gru_cell", "hinge", "huber", "initializers", "kl_div", "l1", "l2",
    "layer_norm", "leaky_relu", "linear", "log_cosh", "log_sigmoid", "log_softmax", "logsumexp", "lstm",
    "lstm_cell", "mae", "margin_ranking", "max_pool2d", "maxout", "mse", "multi_head_attention", "multi_margin",
    "multiclass_hinge", "multilabel_margin", "nll", "one_hot", "orthogonal_penalty", "poisson_nll", "relu", "rnn",
    "rnn_cell", "scaled_dot_product_attention", "selu", "sigmoid", "silu", "smooth_l1", "soft_margin", "softmax",
    "softplus", "squared_hinge", "triplet_margin", "tversky",
    "ConvLSTM2d", "EmbeddingBag", "Last", "LayerNormLSTM", "TimeDistributed", "conv_lstm_cell", "embedding_bag",
    "layer_norm_lstm", "length_mask", "pad_sequences",
]  # fmt: skip

__getattr__, __dir__ = of_package(__name__, __all__)
