"""Recurrent networks, as PyTorch (in layers, both directions, packed by length) and Keras (with masks) compute them."""

import numpy as np

from ntb import nn

from .base import reference

N, T, D, H = 3, 4, 2, 2
MASK = np.array([[True, True, False, True], [False, True, True, False], [False] * 4])
LENGTHS = np.array([4, 1, 2])
KINDS = {"RNN": (1, ["b"]), "LSTM": (4, ["b"]), "GRU": (3, ["bx", "bh"])}
ORDER = {"LSTM": [0, 1, 3, 2], "GRU": [0, 1, 2], "RNN": [0]}
"""Where PyTorch and Keras have our blocks: their LSTM has the candidate before the output gate,"""
KERAS = {**ORDER, "GRU": [1, 0, 2]}
"""and Keras's GRU has the update gate first."""


def weights_of(kind, layers, directions):
    """The shapes of the weights, for each layer and direction in the order of `sides`."""
    gates, biases = KINDS[kind]
    inputs = [D, *[directions * H] * (layers - 1)]
    return [
        shape
        for d in inputs
        for _ in range(directions)
        for shape in [(d, gates * H), (H, gates * H)] + [(gates * H,)] * len(biases)
    ]


def ours(kind, layers, directions, **steps):
    """Our layer with the weights that are given, as arrays or variables."""
    names = ["wx", "wh", *KINDS[kind][1]]

    def call(x, *weights):
        layer = getattr(nn, kind)(D, H, layers=layers, bidirectional=directions == 2, dtype=np.float64)
        for i, side in enumerate(layer.sides()):
            for j, name in enumerate(names):
                object.__setattr__(side, name, weights[len(names) * i + j])
        outputs, last = layer(x, **steps)
        return [outputs, *(last if isinstance(last, tuple) else [last])]

    return call


def theirs(kind, layers, directions, lengths=None):
    """PyTorch's, called without its class, so that the weights are those that are given."""
    names = ["wx", "wh", *KINDS[kind][1]]

    def blocks(torch, w):
        """Our weights, gate by gate in PyTorch's order, transposed."""
        parts = torch.split(w, H, -1)
        return torch.cat([parts[i] for i in ORDER[kind]], -1).movedim(0, -1)

    def call(torch, x, *weights):
        flat = []
        for i in range(layers * directions):
            wx, wh, *biases = weights[len(names) * i : len(names) * (i + 1)]
            bx = blocks(torch, biases[0])
            bh = blocks(torch, biases[1]) if len(biases) == 2 else torch.zeros_like(bx)
            flat += [blocks(torch, wx), blocks(torch, wh), bx, bh]
        zeros = torch.zeros((layers * directions, len(x), H), dtype=x.dtype)
        first = (zeros, zeros) if kind == "LSTM" else zeros
        function = {"RNN": torch._VF.rnn_tanh, "LSTM": torch._VF.lstm, "GRU": torch._VF.gru}[kind]
        if lengths is None:
            outputs, *last = function(x, first, flat, True, layers, 0.0, False, directions == 2, True)
        else:
            rnn = torch.nn.utils.rnn
            packed = rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
            data, *last = function(
                packed.data, packed.batch_sizes, first, flat, True, layers, 0.0, False, directions == 2
            )
            data = packed._replace(data=data)
            outputs, _ = rnn.pad_packed_sequence(data, batch_first=True, total_length=T)
            last = [h.index_select(1, packed.unsorted_indices) for h in last]
        return [outputs, *[h[0] if len(h) == 1 else h for h in last]]

    return call


for kind in KINDS:
    for layers, directions in ((1, 1), (1, 2), (2, 1), (2, 2)):
        for lengths in (None, LENGTHS):
            reference(
                f"{kind}, {layers} layers, {directions} directions, {'packed' if lengths is not None else 'all steps'}",
                "torch",
                [(N, T, D), *weights_of(kind, layers, directions)],
                ours(kind, layers, directions, lengths=lengths),
                theirs(kind, layers, directions, lengths),
            )


def masked(kind):
    """Keras's layer with a mask, and its outputs 0 where that is False, as ours are."""

    def call(keras, x, wx, wh, *biases):
        ops = keras.ops

        def blocks(w):
            parts = ops.split(w, KINDS[kind][0], axis=-1)
            return ops.concatenate([parts[i] for i in KERAS[kind]], axis=-1)

        bias = ops.stack([blocks(b) for b in biases]) if kind == "GRU" else blocks(biases[0])
        cls = {"RNN": keras.layers.SimpleRNN, "LSTM": keras.layers.LSTM, "GRU": keras.layers.GRU}[kind]
        layer = cls(H, return_sequences=True, return_state=True, dtype="float64")
        layer.build(x.shape)
        values = [blocks(wx), blocks(wh), bias]
        state = [v.value for v in layer.non_trainable_variables]
        (outputs, *last), _ = layer.stateless_call(values, state, x, mask=ops.convert_to_tensor(MASK))
        return [outputs * MASK[..., None], *last]

    return call


for kind in KINDS:
    shapes = [(N, T, D), *weights_of(kind, 1, 1)]
    reference(f"{kind}, with a mask of holes", "keras", shapes, ours(kind, 1, 1, mask=MASK), masked(kind))


def conv_lstm(x, wx, wh, b):
    layer = nn.ConvLSTM2d(2, 1, (3, 2), dtype=np.float64)
    for name, value in (("wx", wx), ("wh", wh), ("b", b)):
        object.__setattr__(layer, name, value)
    outputs, last = layer(x)
    return [outputs, *last]


def keras_conv_lstm(keras, x, wx, wh, b):
    ops = keras.ops
    layer = keras.layers.ConvLSTM2D(
        1,
        (3, 2),
        padding="same",
        return_sequences=True,
        return_state=True,
        dtype="float64",
        data_format="channels_last",
    )
    last_channel = ops.transpose(x, (0, 1, 3, 4, 2))
    layer.build(last_channel.shape)
    blocks = lambda w: ops.stack([w[i] for i in ORDER["LSTM"]])
    values = [ops.transpose(blocks(wx), (2, 3, 1, 0)), ops.transpose(blocks(wh), (2, 3, 1, 0)), blocks(b)]
    state = [v.value for v in layer.non_trainable_variables]
    (outputs, *last), _ = layer.stateless_call(values, state, last_channel)
    return [ops.transpose(outputs, (0, 1, 4, 2, 3)), *[ops.transpose(h, (0, 3, 1, 2)) for h in last]]


reference("ConvLSTM2d", "keras", [(2, 3, 2, 4, 3), (4, 2, 3, 2), (4, 1, 3, 2), (4,)], conv_lstm, keras_conv_lstm)


def torch_layer_norm_lstm(torch, x, wx, wh, b, gain_x, gain_h, gain_c, shift_c):
    """The paper's equations, with PyTorch's layer_norm."""
    norm = torch.nn.functional.layer_norm
    h = c = torch.zeros((len(x), H), dtype=x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        z = norm(x[:, t] @ wx, [4 * H], gain_x) + norm(h @ wh, [4 * H], gain_h) + b
        i, f, o, g = torch.split(z, H, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(norm(c, [H], gain_c, shift_c))
        outputs.append(h)
    return [torch.stack(outputs, 1), h, c]


def layer_norm_lstm(x, *weights):
    outputs, last = nn.layer_norm_lstm(x, None, *weights)
    return [outputs, *last]


reference(
    "layer_norm_lstm", "torch", [(N, T, D), *weights_of("LSTM", 1, 1), (4 * H,), (4 * H,), (H,), (H,)],
    layer_norm_lstm, torch_layer_norm_lstm,
)  # fmt: skip
