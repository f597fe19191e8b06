"""Building blocks: functions of arrays, and layers that own the Variables that those functions take.

Arrays are channels-first, (N, C, H, W); sequences are (N, T, D); dense weights are (inputs, outputs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..later import later, names_of
from ..ops.scores import log_softmax, logsumexp, softmax
from ..ops.special import log_sigmoid, relu, sigmoid, softplus
from .activations.smooth import celu, elu, gelu, mish, selu, silu, softsign, squareplus, tanhshrink
from .convolution.conv import conv1d, conv2d, conv3d
from .dropout import dropout
from .linear import linear
from .losses.ctc import ctc
from .normalization.normalize import batch_norm, layer_norm
from .pooling.pool import max_pool1d, max_pool2d, max_pool3d
from .recurrent.gru import gru, gru_cell
from .recurrent.lstm import lstm, lstm_cell
from .recurrent.rnn import rnn, rnn_cell

if TYPE_CHECKING:
    # fmt: off
    from . import initializers
    from .activations.along_axis import glu, gumbel_softmax, maxout, softmin, sparsemax
    from .activations.layers import (
        CELU, ELU, GELU, GLU, SELU, Activation, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, LeakyReLU,
        LogSigmoid, LogSoftmax, Maxout, Mish, PReLU, ReLU, ReLU6, RReLU, Sigmoid, SiLU, Softmax, Softmin,
        Softplus, Softshrink, Softsign, Tanh, Tanhshrink, Threshold,
    )
    from .activations.piecewise import (
        hardshrink, hardsigmoid, hardswish, hardtanh, leaky_relu, prelu, relu6, rrelu, softshrink, threshold,
    )
    from .attention.attention import additive_attention, multi_head_attention, scaled_dot_product_attention
    from .attention.cache import KeyValueCache
    from .attention.feed_forward import FeedForward
    from .attention.layers import MultiHeadAttention
    from .attention.positions import LearnedPositions, SinusoidalPositions, rotary, sinusoidal_positions
    from .attention.transformer import TransformerDecoderLayer, TransformerEncoderLayer
    from .containers import MLP, Residual
    from .convolution.folding import fold, unfold
    from .convolution.channels_last import ChannelsLast
    from .convolution.layers import Conv1d, Conv2d, Conv3d
    from .convolution.separable import SeparableConv2d
    from .convolution.transposed import conv_transpose1d, conv_transpose2d, conv_transpose3d
    from .convolution.transposed_layers import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
    from .embeddings.embedding import embedding, embedding_bag, one_hot
    from .embeddings.layers import Embedding, EmbeddingBag
    from .layers import Dropout, Flatten, Linear
    from .losses.binary import binary_cross_entropy, binary_cross_entropy_with_logits, binary_focal
    from .losses.cross_entropy import categorical_cross_entropy, cross_entropy, focal, nll
    from .losses.likelihood import gaussian_nll, kl_div, poisson_nll
    from .losses.margins import (
        hinge, margin_ranking, multi_margin, multiclass_hinge, multilabel_margin, soft_margin, squared_hinge,
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
    from .normalization.scaling import local_response_norm, rms_norm, unit_norm
    from .normalization.weights import SpectralNorm, WeightNorm
    from .pooling.adaptive import (
        adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, adaptive_max_pool1d, adaptive_max_pool2d,
        adaptive_max_pool3d, global_avg_pool, global_max_pool,
    )
    from .pooling.adaptive_layers import (
        AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d,
        AdaptiveMaxPool3d, GlobalAvgPool, GlobalMaxPool,
    )
    from .pooling.average import avg_pool1d, avg_pool2d, avg_pool3d, lp_pool1d, lp_pool2d
    from .pooling.average_layers import AvgPool1d, AvgPool2d, AvgPool3d, LPPool1d, LPPool2d
    from .pooling.layers import MaxPool1d, MaxPool2d, MaxPool3d
    from .precision import cast
    from .recurrent.conv_lstm import ConvLSTM2d, conv_lstm_cell
    from .recurrent.last import Last
    from .recurrent.layer_norm_lstm import LayerNormLSTM, layer_norm_lstm
    from .recurrent.layers import GRU, LSTM, RNN
    from .recurrent.lengths import length_mask, pad_sequences
    from .recurrent.time_distributed import TimeDistributed
    from .resizing.interpolate import interpolate
    from .resizing.layers import Pad, PixelShuffle, PixelUnshuffle, Upsample
    from .resizing.pixels import pixel_shuffle, pixel_unshuffle
    from .sampling import sample
    from .sequential import Sequential
    # fmt: on

_FILES = {
    "initializers": "",
    "activations.along_axis": "glu gumbel_softmax maxout softmin sparsemax",
    "activations.layers": (
        "Activation CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax "
        "Maxout Mish PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmin Softplus Softshrink Softsign Tanh "
        "Tanhshrink Threshold"
    ),
    "activations.piecewise": (
        "hardshrink hardsigmoid hardswish hardtanh leaky_relu prelu relu6 rrelu softshrink threshold"
    ),
    "attention.attention": "additive_attention multi_head_attention scaled_dot_product_attention",
    "attention.cache": "KeyValueCache",
    "attention.feed_forward": "FeedForward",
    "attention.layers": "MultiHeadAttention",
    "attention.positions": "LearnedPositions SinusoidalPositions rotary sinusoidal_positions",
    "attention.transformer": "TransformerDecoderLayer TransformerEncoderLayer",
    "containers": "MLP Residual",
    "convolution.folding": "fold unfold",
    "convolution.channels_last": "ChannelsLast",
    "convolution.layers": "Conv1d Conv2d Conv3d",
    "convolution.separable": "SeparableConv2d",
    "convolution.transposed": "conv_transpose1d conv_transpose2d conv_transpose3d",
    "convolution.transposed_layers": "ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "embeddings.embedding": "embedding embedding_bag one_hot",
    "embeddings.layers": "Embedding EmbeddingBag",
    "layers": "Dropout Flatten Linear",
    "losses.binary": "binary_cross_entropy binary_cross_entropy_with_logits binary_focal",
    "losses.cross_entropy": "categorical_cross_entropy cross_entropy focal nll",
    "losses.likelihood": "gaussian_nll kl_div poisson_nll",
    "losses.margins": "hinge margin_ranking multi_margin multiclass_hinge multilabel_margin soft_margin squared_hinge",
    "losses.overlap": "dice tversky",
    "losses.pairs": "contrastive cosine_embedding cosine_similarity triplet_margin",
    "losses.penalties": "elastic l1 l2 orthogonal_penalty",
    "losses.regression": "huber log_cosh mae mse smooth_l1",
    "metrics": "accuracy",
    "module": "Module",
    "noise.dropping": "DropPath Dropout1d Dropout2d Dropout3d",
    "noise.layers": "AlphaDropout GaussianDropout GaussianNoise",
    "noise.noise": "alpha_dropout gaussian_dropout gaussian_noise",
    "normalization.example_layers": "GroupNorm InstanceNorm LocalResponseNorm RMSNorm UnitNorm",
    "normalization.from_data": "Normalize",
    "normalization.groups": "group_norm instance_norm",
    "normalization.layers": "BatchNorm LayerNorm",
    "normalization.scaling": "local_response_norm rms_norm unit_norm",
    "normalization.weights": "SpectralNorm WeightNorm",
    "pooling.adaptive": (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d "
        "adaptive_max_pool3d global_avg_pool global_max_pool"
    ),
    "pooling.adaptive_layers": (
        "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d "
        "AdaptiveMaxPool3d GlobalAvgPool GlobalMaxPool"
    ),
    "pooling.average": "avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d",
    "pooling.average_layers": "AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d",
    "pooling.layers": "MaxPool1d MaxPool2d MaxPool3d",
    "precision": "cast",
    "recurrent.conv_lstm": "ConvLSTM2d conv_lstm_cell",
    "recurrent.last": "Last",
    "recurrent.layer_norm_lstm": "LayerNormLSTM layer_norm_lstm",
    "recurrent.layers": "GRU LSTM RNN",
    "recurrent.lengths": "length_mask pad_sequences",
    "recurrent.time_distributed": "TimeDistributed",
    "resizing.interpolate": "interpolate",
    "resizing.layers": "Pad PixelShuffle PixelUnshuffle Upsample",
    "resizing.pixels": "pixel_shuffle pixel_unshuffle",
    "sampling": "sample",
    "sequential": "Sequential",
}
"""The names in files that are imported when one of them is first asked for, as programs use a few of them."""

__all__ = [
    "batch_norm", "celu", "conv1d", "conv2d", "conv3d", "ctc", "dropout", "elu", "gelu", "gru", "gru_cell",
    "layer_norm", "linear", "log_sigmoid", "log_softmax", "logsumexp", "lstm", "lstm_cell", "max_pool1d",
    "max_pool2d", "max_pool3d", "mish", "relu", "rnn", "rnn_cell", "selu", "sigmoid", "silu", "softmax", "softplus",
    "softsign", "squareplus", "tanhshrink", *names_of(_FILES),
]  # fmt: skip

__getattr__, __dir__ = later(__name__, _FILES, __all__)
