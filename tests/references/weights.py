"""Models of PyTorch and Keras, and ours with their weights: the same outputs.

A case has a model's input and its weights, by PyTorch's names or in Keras's order. They are loaded there by the library
itself, which takes no others, and here by `load_torch` and `load_keras`.
"""

import functools

import numpy as np

from ntb import nn
from ntb.io import load_keras, load_torch

from .base import reference

F64 = {"dtype": np.float64}


def positive(*shape):
    """Variances."""
    return lambda rng: rng.uniform(0.5, 2.0, shape)


def ids(*shape, below=7):
    return lambda rng: rng.integers(0, below, shape)


# --- PyTorch


def with_torch_weights(name, inputs, weights, model, net):
    """Enter a model: the shapes of its inputs, those of the weights by name, and what makes ours and theirs."""

    def ours(*arrays):
        made = model()
        load_torch(dict(zip(weights, arrays[len(inputs) :])), made)
        return made(*arrays[: len(inputs)])

    def theirs(torch, *arrays):
        made = net(torch).double().eval()
        made.load_state_dict(dict(zip(weights, arrays[len(inputs) :])))
        with torch.no_grad():
            found = made(*arrays[: len(inputs)])
        return found[0] if isinstance(found, tuple) else found

    reference(name, "torch", [*inputs, *weights.values()], ours, theirs, gradients=False)


def under(prefix, weights):
    return {f"{prefix}.{name}": shape for name, shape in weights.items()}


def dense(inputs, outputs):
    return {"weight": (outputs, inputs), "bias": (outputs,)}


def vectors(size):
    return {"weight": (size,), "bias": (size,)}


def batch_norm(size):
    return {**vectors(size), "running_mean": (size,), "running_var": positive(size)}


with_torch_weights(
    "MLP", [(4, 3)], {**under("0", dense(3, 5)), **under("2", dense(5, 2))},
    lambda: nn.MLP(3, 5, 2, **F64),
    lambda torch: torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2)),
)  # fmt: skip

with_torch_weights(
    "convnet with batch norm",
    [(2, 2, 6, 6)],
    {
        **under("0", {"weight": (4, 2, 3, 3), "bias": (4,)}),
        **under("1", batch_norm(4)),
        **under("4", {"weight": (4, 2, 3, 3), "bias": (4,)}),
        **under("6", dense(36, 3)),
    },
    lambda: nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, **F64), nn.BatchNorm(4, **F64), nn.relu, nn.MaxPool2d(2),
        nn.Conv2d(4, 4, 3, padding=1, groups=2, **F64), nn.Flatten(), nn.Linear(36, 3, **F64),
    ),
    lambda torch: torch.nn.Sequential(
        torch.nn.Conv2d(2, 4, 3, padding=1), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(4, 4, 3, padding=1, groups=2), torch.nn.Flatten(), torch.nn.Linear(36, 3),
    ),
)  # fmt: skip

for dims in (1, 2, 3):
    kernel, space = (2, 3, 2)[:dims], (4, 5, 4)[:dims]
    with_torch_weights(
        f"Conv{dims}d", [(2, 2, *space)], {"weight": (3, 2, *kernel), "bias": (3,)},
        lambda dims=dims, kernel=kernel: getattr(nn, f"Conv{dims}d")(2, 3, kernel if dims > 1 else 2, **F64),
        lambda torch, dims=dims, kernel=kernel: getattr(torch.nn, f"Conv{dims}d")(2, 3, kernel),
    )  # fmt: skip
    with_torch_weights(
        f"ConvTranspose{dims}d", [(2, 2, *space)], {"weight": (2, 3, *kernel), "bias": (3,)},
        lambda dims=dims, kernel=kernel: getattr(nn, f"ConvTranspose{dims}d")(
            2, 3, kernel if dims > 1 else 2, stride=2, **F64
        ),
        lambda torch, dims=dims, kernel=kernel: getattr(torch.nn, f"ConvTranspose{dims}d")(2, 3, kernel, stride=2),
    )  # fmt: skip


def torch_sides(gates, inputs, units):
    """The weights of two layers in both directions."""
    return {
        f"{name}_l{layer}{end}": shape
        for layer in (0, 1)
        for end in ("", "_reverse")
        for name, shape in {
            "weight_ih": (gates * units, 2 * units if layer else inputs),
            "weight_hh": (gates * units, units),
            "bias_ih": (gates * units,),
            "bias_hh": (gates * units,),
        }.items()
    }


for kind, gates in (("RNN", 1), ("LSTM", 4), ("GRU", 3)):
    with_torch_weights(
        f"{kind} of two layers in both directions", [(2, 4, 3)], torch_sides(gates, 3, 2),
        lambda kind=kind: getattr(nn, kind)(3, 2, layers=2, bidirectional=True, return_state=False, **F64),
        lambda torch, kind=kind: getattr(torch.nn, kind)(3, 2, 2, bidirectional=True, batch_first=True),
    )  # fmt: skip

norms = {
    "GroupNorm": (lambda: nn.GroupNorm(2, 4, **F64), lambda torch: torch.nn.GroupNorm(2, 4), vectors(4)),
    "InstanceNorm": (
        lambda: nn.InstanceNorm(4, **F64),
        lambda torch: torch.nn.InstanceNorm1d(4, affine=True),
        vectors(4),
    ),
    "LayerNorm": (
        lambda: nn.LayerNorm((4, 5), **F64),
        lambda torch: torch.nn.LayerNorm((4, 5)),
        {"weight": (4, 5), "bias": (4, 5)},
    ),
    "RMSNorm": (
        lambda: nn.RMSNorm(5, **F64),
        lambda torch: torch.nn.RMSNorm(5, eps=1e-6),
        {"weight": (5,)},
    ),
    "PReLU": (lambda: nn.PReLU(4, **F64), lambda torch: torch.nn.PReLU(4), {"weight": (4,)}),
}
for name, (model, net, weights) in norms.items():
    with_torch_weights(name, [(3, 4, 5)], weights, model, net)

with_torch_weights(
    "Embedding", [ids(2, 3)], {"weight": (7, 4)},
    lambda: nn.Embedding(7, 4, **F64), lambda torch: torch.nn.Embedding(7, 4),
)  # fmt: skip
with_torch_weights(
    "EmbeddingBag", [ids(2, 3)], {"weight": (7, 4)},
    lambda: nn.EmbeddingBag(7, 4, **F64), lambda torch: torch.nn.EmbeddingBag(7, 4),
)  # fmt: skip


def attention(size, keys=None):
    if keys is None:
        projections = {"in_proj_weight": (3 * size, size)}
    else:
        projections = {"q_proj_weight": (size, size), "k_proj_weight": (size, keys), "v_proj_weight": (size, keys)}
    return {**projections, "in_proj_bias": (3 * size,), **under("out_proj", dense(size, size))}


def encoder_layer(size, hidden):
    return {
        **under("self_attn", attention(size)),
        **under("linear1", dense(size, hidden)),
        **under("linear2", dense(hidden, size)),
        **under("norm1", vectors(size)),
        **under("norm2", vectors(size)),
    }


class Crossing(nn.Module):
    """Attention from one sequence to another."""

    def __init__(self):
        self.attend = nn.MultiHeadAttention(4, 2, context_size=3, **F64)

    def __call__(self, x, context):
        return self.attend(x, context=context)


def torch_crossing(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.attend = torch.nn.MultiheadAttention(4, 2, kdim=3, vdim=3, batch_first=True)

        def forward(self, x, context):
            return self.attend(x, context, context, need_weights=False)[0]

    return Net()


with_torch_weights(
    "attention to another sequence", [(2, 3, 4), (2, 5, 3)], under("attend", attention(4, 3)), Crossing, torch_crossing
)
with_torch_weights(
    "TransformerEncoderLayer", [(2, 3, 4)], encoder_layer(4, 8),
    lambda: nn.TransformerEncoderLayer(4, 2, 8, activation=nn.relu, norm_first=False, **F64),
    lambda torch: torch.nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True),
)  # fmt: skip


class Decoding(nn.Module):
    def __init__(self):
        self.layer = nn.TransformerDecoderLayer(4, 2, 8, activation=nn.relu, **F64)

    def __call__(self, x, context):
        return self.layer(x, context=context)


def torch_decoding(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.TransformerDecoderLayer(4, 2, 8, dropout=0.0, batch_first=True, norm_first=True)

        def forward(self, x, context):
            mask = torch.nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype)
            return self.layer(x, context, tgt_mask=mask)

    return Net()


with_torch_weights(
    "TransformerDecoderLayer",
    [(2, 3, 4), (2, 5, 4)],
    under(
        "layer",
        {
            **encoder_layer(4, 8),
            **under("multihead_attn", attention(4)),
            **under("norm3", vectors(4)),
        },
    ),
    Decoding,
    torch_decoding,
)


class GPT(nn.Module):
    """A small one: 7 symbols, 5 positions, two blocks."""

    def __init__(self):
        self.tokens = nn.Embedding(7, 8, **F64)
        self.positions = nn.LearnedPositions(5, 8, **F64)
        self.blocks = [nn.TransformerEncoderLayer(8, 2, 16, causal=True, **F64) for _ in range(2)]
        self.norm = nn.LayerNorm(8, **F64)
        self.head = nn.Linear(8, 7, bias=False, **F64)

    def __call__(self, ids):
        x = self.positions(self.tokens(ids))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def torch_gpt(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens = torch.nn.Embedding(7, 8)
            self.positions = torch.nn.Embedding(5, 8)
            gelu = functools.partial(torch.nn.functional.gelu, approximate="tanh")
            options = {"dropout": 0.0, "activation": gelu, "batch_first": True, "norm_first": True}
            self.blocks = torch.nn.ModuleList([torch.nn.TransformerEncoderLayer(8, 2, 16, **options) for _ in range(2)])
            self.norm = torch.nn.LayerNorm(8)
            self.head = torch.nn.Linear(8, 7, bias=False)

        def forward(self, ids):
            x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))
            mask = torch.nn.Transformer.generate_square_subsequent_mask(ids.shape[1], dtype=x.dtype)
            for block in self.blocks:
                x = block(x, src_mask=mask)
            return self.head(self.norm(x))

    return Net()


with_torch_weights(
    "GPT",
    [ids(2, 5)],
    {
        "tokens.weight": (7, 8),
        "positions.weight": (5, 8),
        **under("blocks.0", encoder_layer(8, 16)),
        **under("blocks.1", encoder_layer(8, 16)),
        **under("norm", vectors(8)),
        "head.weight": (7, 8),
    },
    GPT,
    torch_gpt,
)


# --- Keras


def with_keras_weights(name, inputs, weights, model, layers, tolerance=1e-10):
    """Enter a model: the shape of its input, those of the weights in order, and what makes ours and their layers."""

    def ours(x, *arrays):
        made = model()
        load_keras(arrays, made)
        return made(x)

    def theirs(keras, x, *arrays):
        given = keras.Input(tuple(x.shape[1:]), dtype=keras.backend.standardize_dtype(x.dtype))
        y = given
        for layer in layers(keras):
            y = layer(y)
        net = keras.Model(given, y)
        net.set_weights([keras.ops.convert_to_numpy(a) for a in arrays])
        return net(x)

    reference(name, "keras", [inputs, *weights], ours, theirs, gradients=False, tolerance=tolerance)


with_keras_weights(
    "MLP", (4, 3), [(3, 5), (5,), (5, 2), (2,)],
    lambda: nn.MLP(3, 5, 2, **F64),
    lambda keras: [keras.layers.Dense(5, "relu"), keras.layers.Dense(2)],
)  # fmt: skip

with_keras_weights(
    "convnet with batch norm",
    (2, 6, 6, 2),
    [(3, 3, 2, 4), (4,), (4,), (4,), (4,), positive(4), (36, 3), (3,)],
    lambda: nn.Sequential(
        nn.ChannelsLast(
            nn.Conv2d(2, 4, 3, padding="same", **F64), nn.BatchNorm(4, eps=1e-3, **F64), nn.relu, nn.MaxPool2d(2)
        ),
        nn.Flatten(), nn.Linear(36, 3, **F64),
    ),
    lambda keras: [
        keras.layers.Conv2D(4, 3, padding="same"), keras.layers.BatchNormalization(), keras.layers.ReLU(),
        keras.layers.MaxPooling2D(), keras.layers.Flatten(), keras.layers.Dense(3),
    ],
)  # fmt: skip

for dims in (1, 2, 3):
    kernel, space = (2, 3, 2)[:dims], (4, 5, 4)[:dims]
    with_keras_weights(
        f"Conv{dims}d", (2, *space, 2), [(*kernel, 2, 3), (3,)],
        lambda dims=dims, kernel=kernel: nn.ChannelsLast(
            getattr(nn, f"Conv{dims}d")(2, 3, kernel if dims > 1 else 2, **F64)
        ),
        lambda keras, dims=dims, kernel=kernel: [getattr(keras.layers, f"Conv{dims}D")(3, kernel)],
    )  # fmt: skip
    with_keras_weights(
        f"ConvTranspose{dims}d", (2, *space, 2), [(*kernel, 3, 2), (3,)],
        lambda dims=dims, kernel=kernel: nn.ChannelsLast(
            getattr(nn, f"ConvTranspose{dims}d")(2, 3, kernel if dims > 1 else 2, stride=2, **F64)
        ),
        lambda keras, dims=dims, kernel=kernel: [
            getattr(keras.layers, f"Conv{dims}DTranspose")(3, kernel, strides=2)
        ],
    )  # fmt: skip

with_keras_weights(
    "SeparableConv2d", (2, 4, 5, 2), [(3, 2, 2, 3), (1, 1, 6, 4), (4,)],
    lambda: nn.ChannelsLast(nn.SeparableConv2d(2, 4, (3, 2), multiplier=3, **F64)),
    lambda keras: [keras.layers.SeparableConv2D(4, (3, 2), depth_multiplier=3)],
)  # fmt: skip

for kind, gates, biases in (("RNN", 1, ()), ("LSTM", 4, ()), ("GRU", 3, (2,))):
    name = {"RNN": "SimpleRNN"}.get(kind, kind)
    with_keras_weights(
        f"{kind} of two layers in both directions",
        (2, 4, 3),
        [shape for inputs in (3, 3, 4, 4) for shape in ((inputs, gates * 2), (2, gates * 2), (*biases, gates * 2))],
        lambda kind=kind: getattr(nn, kind)(3, 2, layers=2, bidirectional=True, return_state=False, **F64),
        lambda keras, name=name: [
            keras.layers.Bidirectional(getattr(keras.layers, name)(2, return_sequences=True)) for _ in range(2)
        ],
    )


class Attending(nn.Module):
    """A block by hand: embedding, attention and norms, as one writes it in Keras."""

    def __init__(self):
        self.embedding = nn.Embedding(7, 6, **F64)
        self.attention = nn.MultiHeadAttention(6, 2, causal=True, **F64)
        self.norm = nn.LayerNorm(6, eps=1e-3, **F64)
        self.head = nn.Linear(6, 7, **F64)

    def __call__(self, x):
        x = self.embedding(x)
        return self.head(self.norm(x + self.attention(x)))


def keras_attending(keras):
    def block(x):
        attention = keras.layers.MultiHeadAttention(2, 3)
        return keras.layers.LayerNormalization()(x + attention(x, x, use_causal_mask=True))

    return [keras.layers.Embedding(7, 6), block, keras.layers.Dense(7)]


with_keras_weights(
    "transformer",
    ids(2, 5),
    [(7, 6), *[(6, 2, 3), (2, 3)] * 3, (2, 3, 6), (6,), (6,), (6,), (6, 7), (7,)],
    Attending,
    keras_attending,
    tolerance=1e-7,  # its root of the key size is rounded to float32
)

for name, (model, layer, weights) in {
    "GroupNorm": (
        lambda: nn.GroupNorm(2, 4, eps=1e-3, **F64),
        lambda keras: [keras.layers.GroupNormalization(2)],
        [(4,), (4,)],
    ),
    "RMSNorm": (
        lambda: nn.RMSNorm(4, **F64),
        lambda keras: [keras.layers.RMSNormalization()],
        [(4,)],
    ),
}.items():
    with_keras_weights(name, (3, 4), weights, model, layer)
