"""What the docstrings of layers say is so: arguments, shapes of their Variables, and whether `train` matters."""

import ast
import inspect
import re
import textwrap

import numpy as np
import pytest

import ntb
from ntb import nn

LAYERS = {
    nn.Linear: {"inputs": 3, "outputs": 5},
    nn.Embedding: {"count": 7, "size": 3},
    nn.Conv1d: {"channels": 4, "filters": 6, "kernel": 3, "groups": 2},
    nn.Conv2d: {"channels": 4, "filters": 6, "kernel": (2, 3), "groups": 2},
    nn.Conv3d: {"channels": 4, "filters": 6, "kernel": (1, 2, 3), "groups": 2},
    nn.BatchNorm: {"channels": 4},
    nn.LayerNorm: {"shape": (4, 5)},
    nn.PReLU: {"channels": 4},
    nn.RReLU: {},
    nn.RNN: {"inputs": 3, "units": 5},
    nn.LSTM: {"inputs": 3, "units": 5},
    nn.GRU: {"inputs": 3, "units": 5},
    nn.LayerNormLSTM: {"inputs": 3, "units": 5},
    nn.ConvLSTM2d: {"channels": 3, "filters": 5, "kernel": (2, 4)},
    nn.Last: {},
    nn.TimeDistributed: {"layer": nn.relu},
    nn.EmbeddingBag: {"count": 7, "size": 3},
    nn.Dropout: {},
    nn.MaxPool2d: {"kernel": 2},
    nn.AvgPool2d: {"kernel": 2},
    nn.Flatten: {},
    nn.Sequential: {},
    nn.ConvTranspose1d: {"channels": 4, "filters": 6, "kernel": 3, "groups": 2},
    nn.ConvTranspose2d: {"channels": 4, "filters": 6, "kernel": (2, 3), "groups": 2},
    nn.ConvTranspose3d: {"channels": 4, "filters": 6, "kernel": (1, 2, 3), "groups": 2},
    nn.SeparableConv2d: {"channels": 4, "filters": 6, "kernel": (2, 3), "multiplier": 2},
    nn.MaxPool1d: {"kernel": 2}, nn.MaxPool3d: {"kernel": 2}, nn.AvgPool1d: {"kernel": 2}, nn.AvgPool3d: {"kernel": 2},
    nn.LPPool1d: {"p": 2, "kernel": 2}, nn.LPPool2d: {"p": 2, "kernel": 2},
    nn.AdaptiveAvgPool1d: {"size": 3}, nn.AdaptiveAvgPool2d: {"size": 3}, nn.AdaptiveAvgPool3d: {"size": 3},
    nn.AdaptiveMaxPool1d: {"size": 3}, nn.AdaptiveMaxPool2d: {"size": 3}, nn.AdaptiveMaxPool3d: {"size": 3},
    nn.GlobalAvgPool: {}, nn.GlobalMaxPool: {},
    nn.GroupNorm: {"groups": 2, "channels": 4}, nn.InstanceNorm: {"channels": 4}, nn.RMSNorm: {"shape": (4, 5)},
    nn.UnitNorm: {}, nn.LocalResponseNorm: {"size": 3}, nn.Normalize: {"features": 5},
    nn.WeightNorm: {"layer": nn.Linear(3, 5)}, nn.SpectralNorm: {"layer": nn.Linear(3, 5)},
    nn.Dropout1d: {}, nn.Dropout2d: {}, nn.Dropout3d: {}, nn.DropPath: {}, nn.AlphaDropout: {}, nn.GaussianDropout: {},
    nn.GaussianNoise: {"std": 0.1},
    nn.Upsample: {"scale": 2}, nn.PixelShuffle: {"factor": 2}, nn.PixelUnshuffle: {"factor": 2}, nn.Pad: {"padding": 1},
    nn.Residual: {},
    nn.ChannelsLast: {},
    nn.MLP: {},
    nn.MultiHeadAttention: {"size": 8, "heads": 4, "kv_heads": 2, "context_size": 8},
    nn.FeedForward: {"size": 8, "hidden": 5},
    nn.TransformerEncoderLayer: {"size": 8, "heads": 2},
    nn.TransformerDecoderLayer: {"size": 8, "heads": 2},
    nn.LearnedPositions: {"length": 6, "size": 8},
    nn.SinusoidalPositions: {},
}  # fmt: skip
"""Each layer, with arguments whose sizes are all different."""

INPUTS = {
    nn.Linear: (2, 3), nn.Embedding: (2, 4), nn.Conv1d: (2, 4, 9), nn.Conv2d: (2, 4, 9, 8), nn.Conv3d: (2, 4, 9, 8, 7),
    nn.PReLU: (2, 4, 9), nn.RReLU: (2, 3),
    nn.BatchNorm: (2, 4, 9), nn.LayerNorm: (2, 4, 5), nn.RNN: (2, 6, 3), nn.LSTM: (2, 6, 3), nn.GRU: (2, 6, 3),
    nn.LayerNormLSTM: (2, 6, 3), nn.ConvLSTM2d: (2, 6, 3, 8, 9), nn.EmbeddingBag: (2, 4),
    nn.Dropout: (2, 3), nn.MaxPool2d: (2, 4, 9, 8), nn.AvgPool2d: (2, 4, 9, 8), nn.Flatten: (2, 3, 4),
    nn.SeparableConv2d: (2, 4, 9, 8), nn.GlobalAvgPool: (2, 4, 9), nn.GlobalMaxPool: (2, 4, 9),
    nn.GroupNorm: (2, 4, 9), nn.InstanceNorm: (2, 4, 9), nn.RMSNorm: (2, 4, 5), nn.UnitNorm: (2, 3),
    nn.LocalResponseNorm: (2, 4, 9), nn.Normalize: (2, 5), nn.DropPath: (2, 3), nn.AlphaDropout: (2, 3),
    nn.GaussianDropout: (2, 3), nn.GaussianNoise: (2, 3), nn.Upsample: (2, 4, 9), nn.PixelShuffle: (2, 4, 9, 8),
    nn.PixelUnshuffle: (2, 4, 8, 6), nn.Pad: (2, 4, 9),
    nn.MultiHeadAttention: (2, 6, 8), nn.FeedForward: (2, 6, 8), nn.TransformerEncoderLayer: (2, 6, 8),
    nn.LearnedPositions: (2, 6, 8), nn.SinusoidalPositions: (2, 6, 8),
}  # fmt: skip
"""The shape of something that it takes,"""

for dims in (1, 2, 3):
    for name in ("ConvTranspose", "MaxPool", "AvgPool", "LPPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "Dropout"):
        if hasattr(nn, f"{name}{dims}d"):
            INPUTS[getattr(nn, f"{name}{dims}d")] = (2, 4, 9, 8, 7)[: dims + 2]
"""of those for sequences, images and volumes with one axis of space, two or three."""

RECURRENT = {nn.RNN, nn.LSTM, nn.GRU, nn.LayerNormLSTM}
"""Those that have dropout in training."""

MISTAKES = {
    nn.Linear: [np.ones((2, 4)), np.ones(()), ["a"]],
    nn.Embedding: [[0.5], [-1], [7]],
    nn.Conv1d: [np.ones((2, 3, 9)), np.ones((2, 4, 2))],
    nn.Conv2d: [np.ones((2, 3, 9, 8)), np.ones((2, 4, 1, 1))],
    nn.Conv3d: [np.ones((2, 3, 9, 8, 7)), np.ones((2, 4, 1, 1, 1))],
    nn.BatchNorm: [np.ones((2, 3)), np.ones((2, 4), complex)],
    nn.LayerNorm: [np.ones((2, 4, 4)), np.ones((2, 4, 5), complex)],
    nn.PReLU: [np.ones((2, 3)), np.ones((2, 4), complex)],
    nn.RReLU: [np.ones((2, 3), complex)],
    nn.RNN: [np.ones((2, 6, 4)), np.ones((2, 0, 3))],
    nn.LSTM: [np.ones((2, 6, 4)), np.ones((2, 0, 3))],
    nn.GRU: [np.ones((2, 6, 4)), np.ones((2, 0, 3))],
    nn.LayerNormLSTM: [np.ones((2, 6, 4)), np.ones((2, 0, 3)), np.ones((2, 6, 3), complex)],
    nn.ConvLSTM2d: [np.ones((2, 6, 4, 8, 9)), np.ones((2, 0, 3, 8, 9))],
    nn.Last: [np.ones((2, 3)), np.ones((2, 0, 3)), (np.ones((2, 4, 3)), None)],
    nn.TimeDistributed: [np.ones(3)],
    nn.EmbeddingBag: [[0.5], [-1], [7]],
    nn.Dropout: [np.ones(3, int), np.ones(3, complex)],
    nn.MaxPool2d: [np.ones((2, 3)), np.ones((2, 4, 1, 1))],
    nn.AvgPool2d: [np.ones((2, 3)), np.ones((2, 4, 1, 1))],
    nn.Flatten: [3.0],
    nn.ConvTranspose1d: [np.ones((2, 3, 9))],
    nn.ConvTranspose2d: [np.ones((2, 3, 9, 8))],
    nn.ConvTranspose3d: [np.ones((2, 3, 9, 8, 7))],
    nn.SeparableConv2d: [np.ones((2, 3, 9, 8)), np.ones((2, 4, 1, 1))],
    nn.MaxPool1d: [np.ones((2, 3)), np.ones((2, 4, 1))],
    nn.MaxPool3d: [np.ones((2, 3)), np.ones((2, 4, 1, 1, 1))],
    nn.AvgPool1d: [np.ones((2, 3)), np.ones((2, 4, 1))],
    nn.AvgPool3d: [np.ones((2, 3)), np.ones((2, 4, 1, 1, 1))],
    nn.LPPool1d: [np.ones((2, 3)), np.ones((2, 4, 1))],
    nn.LPPool2d: [np.ones((2, 3)), np.ones((2, 4, 1, 1))],
    nn.AdaptiveAvgPool1d: [np.ones((2, 3)), np.ones((2, 4, 0))],
    nn.AdaptiveAvgPool2d: [np.ones((2, 3)), np.ones((2, 4, 0, 1))],
    nn.AdaptiveAvgPool3d: [np.ones((2, 3)), np.ones((2, 4, 0, 1, 1))],
    nn.AdaptiveMaxPool1d: [np.ones((2, 3)), np.ones((2, 4, 0))],
    nn.AdaptiveMaxPool2d: [np.ones((2, 3)), np.ones((2, 4, 0, 1))],
    nn.AdaptiveMaxPool3d: [np.ones((2, 3)), np.ones((2, 4, 0, 1, 1))],
    nn.GlobalAvgPool: [np.ones(3), np.ones((2, 4, 0))],
    nn.GlobalMaxPool: [np.ones(3), np.ones((2, 4, 0)), np.ones((2, 4, 3), complex)],
    nn.GroupNorm: [np.ones((2, 3)), np.ones((2, 4), complex)],
    nn.InstanceNorm: [np.ones((2, 3)), np.ones((2, 4), complex)],
    nn.RMSNorm: [np.ones((2, 4, 4)), np.ones((2, 4, 5), complex)],
    nn.UnitNorm: [3.0],
    nn.LocalResponseNorm: [np.ones(3), np.ones((2, 4), complex)],
    nn.Normalize: [np.ones((2, 3)), np.ones((2, 5), complex)],
    nn.WeightNorm: [np.ones((2, 4))],
    nn.SpectralNorm: [np.ones((2, 4))],
    nn.Dropout1d: [np.ones((2, 4, 9), int), np.ones((2, 4))],
    nn.Dropout2d: [np.ones((2, 4, 9, 8), int), np.ones((2, 4))],
    nn.Dropout3d: [np.ones((2, 4, 9, 8, 7), int), np.ones((2, 4))],
    nn.DropPath: [np.ones(3, int), 3.0],
    nn.AlphaDropout: [np.ones(3, int), np.ones(3, complex)],
    nn.GaussianDropout: [np.ones(3, int), np.ones(3, complex)],
    nn.GaussianNoise: [np.ones(3, int), np.ones(3, complex)],
    nn.Upsample: [np.ones((2, 3)), np.ones((2, 4, 0))],
    nn.PixelShuffle: [np.ones((2, 3)), np.ones((2, 3, 9, 8))],
    nn.PixelUnshuffle: [np.ones((2, 3)), np.ones((2, 4, 9, 8))],
    nn.Pad: [np.ones((2, 3))],
    nn.MultiHeadAttention: [np.ones((2, 6, 7)), np.ones((6, 8))],
    nn.FeedForward: [np.ones((2, 7))],
    nn.TransformerEncoderLayer: [np.ones((2, 6, 7)), np.ones((6, 8))],
    nn.LearnedPositions: [np.ones((2, 7, 8)), np.ones((2, 6, 7)), np.ones(8)],
    nn.SinusoidalPositions: [np.ones(8), np.ones((2, 3), complex)],
}
"""What it says that it refuses."""


NOISE = {nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.DropPath, nn.AlphaDropout, nn.GaussianDropout,
         nn.GaussianNoise}  # fmt: skip
"""What does nothing outside of training."""


CONTAINERS = {nn.ChannelsLast: (nn.relu,), nn.Sequential: (), nn.Residual: (nn.relu,), nn.MLP: (3, 5, 2)}
"""Those that take any number of parts or sizes."""
PASSING_ON = {
    *CONTAINERS, nn.MultiHeadAttention, nn.FeedForward, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer,
    nn.WeightNorm, nn.SpectralNorm, nn.TimeDistributed,
}  # fmt: skip
"""Those that tell their parts whether this is training, and refuse what these refuse."""


def made(kind):
    return kind(*CONTAINERS.get(kind, ()), **LAYERS[kind])


OF_FUNCTIONS = {kind for kind in nn.Activation.__subclasses__() if kind is not nn.RReLU}
"""Layers that are made of a function, whose docstring they have."""


def sections(kind):
    """The parts of a class's docstring, by their titles: in each an entry for a name, or a text."""
    found, title = {}, None
    for line in inspect.getdoc(kind).splitlines():
        if re.fullmatch(r"[A-Z]\w+:", line):
            title = line[:-1]
            found[title] = []
        elif not line.startswith("    "):
            title = None
        elif title is not None:
            found[title].append(line[4:])
    return {title: "\n".join(lines) for title, lines in found.items()}


def entries(text):
    """By name what a section says of it; several names may share an entry."""
    found = {}
    for names, said in re.findall(r"^([\w.]+(?:, \w+)*): (.*(?:\n .*)*)", text, re.M):
        found |= dict.fromkeys(names.split(", "), said)
    return found


def test_every_layer_is_looked_at():
    found = {x for name in nn.__all__ if inspect.isclass(x := getattr(nn, name)) and issubclass(x, nn.Module)}
    assert found - {nn.Module, nn.Activation, nn.KeyValueCache, *OF_FUNCTIONS} == set(LAYERS)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_documents_its_arguments_shapes_and_errors(kind):
    said = sections(kind)
    if kind not in CONTAINERS:
        assert list(entries(said.get("Args", ""))) == list(inspect.signature(kind).parameters)
    assert "->" in said["Shapes"] or "which stays" in said["Shapes"]
    assert "InputError: " in said["Raises"]
    assert not any(p.kind is p.VAR_KEYWORD for p in inspect.signature(kind).parameters.values())


@pytest.mark.parametrize("kind", LAYERS)
def test_the_variables_are_those_of_the_docstring(kind):
    layer = made(kind)
    said = entries(sections(kind).get("Variables", ""))
    parts = any("." in name for name in said)  # those of its parts are described, too
    assert list(said) == [name for name in layer.named_variables() if parts or "." not in name]
    sizes = dict(LAYERS[kind])
    if isinstance(sizes.get("layer"), nn.Linear):
        sizes |= dict(zip(("inputs", "outputs"), sizes["layer"].weight.shape))
    if isinstance(sizes.get("kernel"), tuple):
        sizes |= dict(zip(("KD", "KH", "KW")[-len(sizes["kernel"]) :], sizes["kernel"]))
    for name in said:
        variable = layer.named_variables()[name]
        shape = re.match(r"\(.*?\)(?=[.,;])|\w+", said[name])[0]
        assert eval(shape, {}, sizes) == variable.shape, name
        assert variable.trainable != ("not trained" in said[name]), name


def test_what_a_docstring_says_of_first_values_is_so():
    for kind in LAYERS:
        layer = made(kind)
        for name, said in entries(sections(kind).get("Variables", "")).items():
            for word, value in (("zeros at first;", 0), ("zeros at first.", 0), ("ones at first", 1)):
                if word in said:
                    assert np.all(layer.named_variables()[name].value == value), (kind, name)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_call_shows_its_own_signature_and_says_whether_train_matters(kind):
    call = vars(kind)["__call__"]  # not one that it inherits
    layer = made(kind)
    assert list(inspect.signature(layer).parameters)[:2] == ["x", "train"]
    assert inspect.signature(layer.__call__) == inspect.signature(layer)
    assert inspect.signature(layer).parameters["train"].default is False
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(call))).body
    used = any(isinstance(node, ast.Name) and node.id == "train" for node in ast.walk(body))
    text = inspect.getdoc(call)
    assert used != ("`train` makes no difference" in text) and "`train`" in text
    if kind not in PASSING_ON:
        assert used == (kind in (nn.BatchNorm, nn.RReLU, *NOISE, *RECURRENT))


def fits(names, shape, sizes):
    """Whether a shape is as named, such as (N, ..., inputs); every name stands for one size, which `sizes` gathers."""
    names = names.split(", ")
    if "..." in names:
        before = names.index("...")
        after = len(names) - before - 1
        names.remove("...")
        shape = shape[:before] + shape[len(shape) - after :]
    return len(names) == len(shape) and all(sizes.setdefault(name, n) == n for name, n in zip(names, shape))


@pytest.mark.parametrize("kind", INPUTS)
def test_the_shapes_are_those_of_the_docstring(kind):
    dtype = np.int64 if kind in (nn.Embedding, nn.EmbeddingBag) else np.float32
    layer, given = made(kind), np.ones(INPUTS[kind], dtype)
    found = layer(given)
    found = found[0] if isinstance(found, tuple) else found
    said = sections(kind)["Shapes"]
    if "which stays" in said:
        assert found.shape == given.shape
    else:
        first, last = (re.search(r"\((.*?)\)", side)[1] for side in said.split("->"))
        sizes = dict(LAYERS[kind])
        assert fits(first, given.shape, sizes) and fits(last, found.shape, sizes)


def test_the_test_of_shapes_can_fail():
    assert fits("N, ..., inputs", (2, 5, 6, 3), {"inputs": 3}) and fits("...", (1, 2), {})
    assert not fits("N, inputs", (2, 4), {"inputs": 3}) and not fits("N, T", (2, 4, 5), {})
    assert not fits("N, N", (2, 4), {})


@pytest.mark.parametrize("kind", MISTAKES)
def test_what_a_docstring_says_is_refused_is_refused(kind):
    for wrong in MISTAKES[kind]:
        with pytest.raises(ntb.InputError):
            made(kind)(wrong, train=True)
    if "dtype" in inspect.signature(kind).parameters and kind not in PASSING_ON:
        assert re.match(r"InputError: (a dtype of integers|as for `\w+`)", sections(kind)["Raises"])
        with pytest.raises(ntb.InputError, match="floating-point"):
            kind(**LAYERS[kind], dtype=np.int64)


@pytest.mark.parametrize("kind", sorted(OF_FUNCTIONS, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_an_activation_is_its_function_with_options(kind):
    x = np.linspace(-3, 3, 8)
    options = [p for p in inspect.signature(kind).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    given = {p.name: 0.5 if p.default is p.empty else p.default for p in options}
    layer = kind(*given.values())
    assert np.array_equal(layer(x), kind.function(x, **given)) and np.array_equal(layer(x, train=True), layer(x))
    assert repr(layer) == f"{kind.__name__}({', '.join(f'{name}={value!r}' for name, value in given.items())})"
    assert not layer.named_variables()
    with pytest.raises(TypeError):
        kind(surprise=True)
