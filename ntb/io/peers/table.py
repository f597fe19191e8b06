"""The table: for each kind of layer the arrays in which PyTorch and Keras have the numbers of its Variables.

A line is our name, theirs, and the change between them; several names stand side by side where one array of the one has
what several of the other have. A layer's lines are a list, or a function of the layer where they depend on its options.
Lines of Keras are in the order of its lists of weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ...errors import InputError
from ...nn.activations.layers import PReLU
from ...nn.attention.feed_forward import FeedForward
from ...nn.attention.layers import MultiHeadAttention
from ...nn.attention.positions import LearnedPositions
from ...nn.attention.transformer import TransformerDecoderLayer, TransformerEncoderLayer
from ...nn.convolution.layers import Conv1d, Conv2d, Conv3d
from ...nn.convolution.separable import SeparableConv2d
from ...nn.convolution.transposed_layers import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from ...nn.embeddings.layers import Embedding, EmbeddingBag
from ...nn.layers import Linear
from ...nn.normalization.example_layers import GroupNorm, InstanceNorm, RMSNorm
from ...nn.normalization.layers import BatchNorm, LayerNorm
from ...nn.recurrent.layers import GRU, LSTM, RNN
from ...nn.sequential import Sequential
from .changes import CHANNELS_FIRST, ROWS, SAME, SIDE_BY_SIDE, SUM, TRANSPOSED, Change, gates, reshaped, then


class Line(NamedTuple):
    """Variables of ours and arrays of theirs that hold the same numbers."""

    ours: str
    theirs: str
    change: Change = SAME


_Lines = list[Line] | Callable[[Any], list[Line]]


class Peer(NamedTuple):
    """What is known of a library.

    Attributes:
        name: as errors call it.
        lines: by the class of our layer.
        parts: of a layer that is made of layers, their names there for those here; "" where theirs has no such level.
    """

    name: str
    lines: Mapping[type, _Lines]
    parts: Mapping[type, Mapping[str, str]]


# --- PyTorch

_FILTERS = [Line("weight", "weight"), Line("bias", "bias")]
_SCALE_AND_SHIFT = [Line("gamma", "weight"), Line("beta", "bias")]


def _named(names: str, before: str = "", after: str = "") -> str:
    """Each of some names with something before and after it."""
    return " ".join(before + name + after for name in names.split())


def _sides(layer: Any) -> Iterator[tuple[str, str]]:
    """For each layer and direction the path to its weights, and how their names end in PyTorch."""
    for number in range(1 + len(layer.above)):
        path = f"above.{number - 1}." if number else ""
        yield path, f"_l{number}"
        if layer.reverse:
            yield f"{path}reverse.", f"_l{number}_reverse"


def _torch_recurrent(*lines: Line) -> Callable[[Any], list[Line]]:
    return lambda layer: [
        Line(_named(ours, before=path), _named(theirs, after=end), change)
        for path, end in _sides(layer)
        for ours, theirs, change in lines
    ]


def _torch_attention(layer: MultiHeadAttention) -> list[Line]:
    if layer.kv_heads != layer.heads:
        raise InputError(
            f"PyTorch's MultiheadAttention has as many heads of keys as of queries, and this one has {layer.kv_heads} "
            f"and {layer.heads}; load its parts one by one"
        )
    three = "query key value"
    if layer.key.weight.shape == layer.query.weight.shape:
        projections = [Line(_named(three, after=".weight"), "in_proj_weight", then(TRANSPOSED, SIDE_BY_SIDE))]
    else:
        projections = [Line(f"{name}.weight", f"{name[0]}_proj_weight", TRANSPOSED) for name in three.split()]
    return [
        *projections,
        Line(_named(three, after=".bias"), "in_proj_bias", SIDE_BY_SIDE),
        Line("output.weight", "out_proj.weight", TRANSPOSED),
        Line("output.bias", "out_proj.bias"),
    ]


_LSTM_OF_TORCH = gates(0, 1, 3, 2)  # input, forget, candidate, output

TORCH = Peer(
    "PyTorch",
    {
        Linear: [Line("weight", "weight", TRANSPOSED), Line("bias", "bias")],
        Conv1d: _FILTERS,
        Conv2d: _FILTERS,
        Conv3d: _FILTERS,
        ConvTranspose1d: _FILTERS,
        ConvTranspose2d: _FILTERS,
        ConvTranspose3d: _FILTERS,
        BatchNorm: [
            *_SCALE_AND_SHIFT,
            Line("running_mean", "running_mean"),
            Line("running_var", "running_var"),
        ],
        LayerNorm: _SCALE_AND_SHIFT,
        GroupNorm: _SCALE_AND_SHIFT,
        InstanceNorm: _SCALE_AND_SHIFT,
        RMSNorm: [Line("gamma", "weight")],
        PReLU: [Line("weight", "weight")],
        Embedding: [Line("weight", "weight")],
        EmbeddingBag: [Line("weight", "weight")],
        LearnedPositions: [Line("weight", "weight")],
        RNN: _torch_recurrent(
            Line("wx", "weight_ih", TRANSPOSED),
            Line("wh", "weight_hh", TRANSPOSED),
            Line("b", "bias_ih bias_hh", SUM),
        ),
        LSTM: _torch_recurrent(
            Line("wx", "weight_ih", then(TRANSPOSED, _LSTM_OF_TORCH)),
            Line("wh", "weight_hh", then(TRANSPOSED, _LSTM_OF_TORCH)),
            Line("b", "bias_ih bias_hh", then(SUM, _LSTM_OF_TORCH)),
        ),
        GRU: _torch_recurrent(
            Line("wx", "weight_ih", TRANSPOSED),
            Line("wh", "weight_hh", TRANSPOSED),
            Line("bx", "bias_ih"),
            Line("bh", "bias_hh"),
        ),
        MultiHeadAttention: _torch_attention,
    },
    {
        Sequential: {"layers": ""},
        FeedForward: {"up": "linear1", "down": "linear2"},
        TransformerEncoderLayer: {
            "attention_norm": "norm1",
            "attention": "self_attn",
            "network_norm": "norm2",
            "network": "",
        },
        TransformerDecoderLayer: {
            "attention_norm": "norm1",
            "attention": "self_attn",
            "context_norm": "norm2",
            "context_attention": "multihead_attn",
            "network_norm": "norm3",
            "network": "",
        },
    },
)

# --- Keras

_KERNEL = [Line("weight", "kernel", CHANNELS_FIRST), Line("bias", "bias")]
_GAMMA_AND_BETA = [Line("gamma", "gamma"), Line("beta", "beta")]


def _keras_recurrent(*lines: Line) -> Callable[[Any], list[Line]]:
    """Lines for what are several layers in a row in Keras, Bidirectional or not."""
    return lambda layer: [
        Line(_named(ours, before=path), theirs, change) for path, _ in _sides(layer) for ours, theirs, change in lines
    ]


def _keras_attention(layer: MultiHeadAttention) -> list[Line]:
    def lines(part: str, heads: int) -> Iterator[Line]:
        inputs, outputs = getattr(layer, part).weight.shape
        per_head = (heads, outputs // heads)
        yield Line(f"{part}.weight", f"{part}/kernel", reshaped((inputs, outputs), (inputs, *per_head)))
        yield Line(f"{part}.bias", f"{part}/bias", reshaped((outputs,), per_head))

    inputs, outputs = layer.output.weight.shape
    merged = reshaped((inputs, outputs), (layer.heads, layer.head_size, outputs))
    return [
        *lines("query", layer.heads),
        *lines("key", layer.kv_heads),
        *lines("value", layer.kv_heads),
        Line("output.weight", "attention_output/kernel", merged),
        Line("output.bias", "attention_output/bias"),
    ]


def _keras_separable(layer: SeparableConv2d) -> list[Line]:
    total, _, *kernel = layer.depthwise.weight.shape
    channels = layer.depthwise.options["groups"]
    apart = Change(lambda a: a.transpose(2, 3, 0, 1), lambda a: a.transpose(2, 3, 0, 1))  # (*kernel, C, M) first
    joined = reshaped((total, 1, *kernel), (channels, total // channels, *kernel))
    return [
        Line("depthwise.weight", "depthwise_kernel", then(apart, joined)),
        Line("pointwise.weight", "pointwise_kernel", CHANNELS_FIRST),
        Line("pointwise.bias", "bias"),
    ]


_LSTM_OF_KERAS = gates(0, 1, 3, 2)  # input, forget, candidate, output
_GRU_OF_KERAS = gates(1, 0, 2)  # update, reset, candidate

KERAS = Peer(
    "Keras",
    {
        Linear: [Line("weight", "kernel"), Line("bias", "bias")],
        Conv1d: _KERNEL,
        Conv2d: _KERNEL,
        Conv3d: _KERNEL,
        ConvTranspose1d: _KERNEL,
        ConvTranspose2d: _KERNEL,
        ConvTranspose3d: _KERNEL,
        SeparableConv2d: _keras_separable,
        BatchNorm: [
            *_GAMMA_AND_BETA,
            Line("running_mean", "moving_mean"),
            Line("running_var", "moving_variance"),
        ],
        LayerNorm: _GAMMA_AND_BETA,
        GroupNorm: _GAMMA_AND_BETA,
        InstanceNorm: _GAMMA_AND_BETA,
        RMSNorm: [Line("gamma", "scale")],
        Embedding: [Line("weight", "embeddings")],
        LearnedPositions: [Line("weight", "embeddings")],
        RNN: _keras_recurrent(Line("wx", "kernel"), Line("wh", "recurrent_kernel"), Line("b", "bias")),
        LSTM: _keras_recurrent(
            Line("wx", "kernel", _LSTM_OF_KERAS),
            Line("wh", "recurrent_kernel", _LSTM_OF_KERAS),
            Line("b", "bias", _LSTM_OF_KERAS),
        ),
        GRU: _keras_recurrent(
            Line("wx", "kernel", _GRU_OF_KERAS),
            Line("wh", "recurrent_kernel", _GRU_OF_KERAS),
            Line("bx bh", "bias", then(_GRU_OF_KERAS, ROWS)),
        ),
        MultiHeadAttention: _keras_attention,
    },
    {},
)
