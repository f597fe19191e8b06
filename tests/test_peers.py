"""Weights of PyTorch and Keras: back and forth without loss, all or nothing. The outputs are in tests/references."""

from pathlib import Path

import numpy as np
import pytest

import ntb
from ntb import io, nn
from ntb.io.peers.table import KERAS, TORCH

ROOT = Path(ntb.__file__).parent.parent

RECURRENT = [
    (kind, lambda kind=kind, **options: kind(3, 2, **options), options)
    for kind in (nn.RNN, nn.LSTM, nn.GRU)
    for options in ({}, {"layers": 3}, {"bidirectional": True}, {"layers": 2, "bidirectional": True})
]
LAYERS = {
    "Linear": lambda: nn.Linear(3, 2),
    "Linear without bias": lambda: nn.Linear(3, 2, bias=False),
    "Conv1d": lambda: nn.Conv1d(2, 4, 3),
    "Conv2d": lambda: nn.Conv2d(2, 4, (3, 2), groups=2, bias=False),
    "Conv3d": lambda: nn.Conv3d(2, 4, 3),
    "ConvTranspose1d": lambda: nn.ConvTranspose1d(4, 2, 3),
    "ConvTranspose2d": lambda: nn.ConvTranspose2d(4, 2, (3, 2)),
    "ConvTranspose3d": lambda: nn.ConvTranspose3d(4, 2, 3),
    "SeparableConv2d": lambda: nn.SeparableConv2d(2, 4, (3, 2), multiplier=3),
    "BatchNorm": lambda: nn.BatchNorm(4),
    "LayerNorm": lambda: nn.LayerNorm((2, 3)),
    "GroupNorm": lambda: nn.GroupNorm(2, 4),
    "InstanceNorm": lambda: nn.InstanceNorm(4),
    "RMSNorm": lambda: nn.RMSNorm(4),
    "PReLU": lambda: nn.PReLU(4),
    "Embedding": lambda: nn.Embedding(5, 4),
    "EmbeddingBag": lambda: nn.EmbeddingBag(5, 4),
    "LearnedPositions": lambda: nn.LearnedPositions(5, 4),
    "MultiHeadAttention": lambda: nn.MultiHeadAttention(4, 2),
    "attention without biases": lambda: nn.MultiHeadAttention(4, 2, bias=False),
    "attention to a context": lambda: nn.MultiHeadAttention(4, 2, context_size=3),
    "attention in groups": lambda: nn.MultiHeadAttention(8, 4, kv_heads=2),
    "TransformerEncoderLayer": lambda: nn.TransformerEncoderLayer(4, 2),
    "TransformerDecoderLayer": lambda: nn.TransformerDecoderLayer(4, 2),
    "a model": lambda: nn.Sequential(nn.Linear(3, 4), nn.relu, nn.Residual(nn.Linear(4, 4)), nn.Linear(4, 2)),
    **{f"{kind.__name__} {options}": lambda make=make, options=options: make(**options)
       for kind, make, options in RECURRENT},
}  # fmt: skip
NOT_IN_TORCH = {"attention in groups"}
NOT_IN_KERAS = {"PReLU", "EmbeddingBag"}


def filled(model):
    """A model whose numbers all differ."""
    rng = np.random.default_rng(0)
    for v in model.variables():
        v.assign(rng.normal(size=v.shape))
    return model


def same(one, other):
    for (name, v), w in zip(one.named_variables().items(), other.variables()):
        np.testing.assert_array_equal(v.value, w.value, err_msg=name)


@pytest.mark.parametrize("name", sorted(set(LAYERS) - NOT_IN_TORCH))
def test_to_pytorch_and_back(name):
    model, other = filled(LAYERS[name]()), LAYERS[name]()
    state = io.torch_state(model)
    report = io.load_torch(state, other)
    assert report.fitted == list(state) and all(a.flags.c_contiguous for a in state.values())
    same(model, other)


@pytest.mark.parametrize("name", sorted(set(LAYERS) - NOT_IN_KERAS))
def test_to_keras_and_back(name):
    model, other = filled(LAYERS[name]()), LAYERS[name]()
    io.load_keras(io.keras_weights(model), other)
    same(model, other)


def test_from_a_file_in_keras_order(tmp_path):
    """With more than ten arrays, whose names the alphabet would put in another order."""
    sizes = [2] * 8
    model, other = filled(nn.MLP(*sizes)), nn.MLP(*sizes)
    np.savez(tmp_path / "net.npz", *io.keras_weights(model))
    assert len(io.load_keras(tmp_path / "net.npz", other).fitted) == 14
    same(model, other)


def test_every_line_of_the_tables_is_tried():
    for peer, left_out in ((TORCH, NOT_IN_TORCH), (KERAS, NOT_IN_KERAS)):
        tried = {type(LAYERS[name]()) for name in set(LAYERS) - left_out}
        assert set(peer.lines) <= tried


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_from_a_file_under_other_names(tmp_path, suffix):
    model, other = filled(nn.MLP(3, 4, 2)), nn.MLP(3, 4, 2)
    state = {f"net.{name}": a for name, a in io.torch_state(model).items()}
    io.write(tmp_path / f"torch{suffix}", {**state, "net.1.num_batches_tracked": np.array(7)})
    with pytest.raises(ntb.InputError, match=r"0\.weight: missing; expected float32\[4, 3\]"):
        io.load_torch(tmp_path / f"torch{suffix}", other)
    io.load_torch(tmp_path / f"torch{suffix}", other, rename={"net": ""})
    same(model, other)


def test_attributes_lists_dicts_and_variables_have_pytorchs_names():
    class Net(nn.Module):
        def __init__(self):
            self.scale = ntb.Variable(1.0)
            self.blocks = [nn.Sequential(nn.Linear(2, 2)), nn.LayerNorm(2)]
            self.heads = {"a": nn.Linear(2, 1, bias=False)}
            self.parent = self

    assert list(io.torch_state(Net())) == [
        "scale", "blocks.0.0.weight", "blocks.0.0.bias", "blocks.1.weight", "blocks.1.bias", "heads.a.weight"
    ]  # fmt: skip
    assert "net.scale" in io.torch_state({"net": Net()})


def test_a_weight_that_two_layers_share_is_there_twice():
    class Tied(nn.Module):
        def __init__(self):
            self.one = nn.Linear(2, 2, bias=False)
            self.other = nn.Linear(2, 2, bias=False)
            self.other.weight = self.one.weight

    state = io.torch_state(filled(Tied()))
    assert list(state) == ["one.weight", "other.weight"]
    model = Tied()
    io.load_torch(state, model)
    np.testing.assert_array_equal(model.one.weight.value, state["one.weight"].T)


def test_what_does_not_fit_changes_nothing():
    model = nn.Sequential(nn.Linear(3, 2), nn.LSTM(2, 2))
    before = [v.numpy() for v in model.variables()]
    state = io.torch_state(filled(nn.Sequential(nn.Linear(3, 2), nn.LSTM(2, 2))))
    wrong = {**state, "0.weight": np.zeros((3, 2)), "head": np.zeros(1)}
    with pytest.raises(ntb.InputError, match="head: unexpected") as error:
        io.load_torch(wrong, model)
    assert "0.weight: is float64[3, 2]; expected float32[2, 3]" in str(error.value)
    with pytest.raises(ntb.InputError, match="missing"):
        io.load_keras(io.keras_weights(model)[:-1], model)
    with pytest.raises(ntb.InputError, match="number 5 of the list: unexpected"):
        io.load_keras([*io.keras_weights(model), np.zeros(1)], model)
    assert all(np.array_equal(v.value, old) for v, old in zip(model.variables(), before))


def test_a_part_is_loaded_where_it_is_whole():
    model = nn.Sequential(nn.Linear(3, 2), nn.LSTM(2, 2))
    bias = model[1].b.numpy()
    state = io.torch_state(filled(nn.Sequential(nn.Linear(3, 2), nn.LSTM(2, 2))))
    del state["1.bias_hh_l0"]
    report = io.load_torch({**state, "more": np.zeros(1)}, model, strict=False)
    assert report.fitted == ["0.weight", "0.bias", "1.weight_ih_l0", "1.weight_hh_l0"]
    assert list(report.missing) == ["1.bias_hh_l0", "1.bias_ih_l0"] and list(report.unexpected) == ["more"]
    np.testing.assert_array_equal(model[1].b.value, bias)
    np.testing.assert_array_equal(model[0].weight.value, state["0.weight"].T)


class LikeTorch:
    """A tensor as PyTorch's state_dict has it: an array, and no class of NumPy's."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.array, dtype)


def test_tensors_of_pytorch_are_taken_as_they_are():
    model, other = filled(nn.Linear(3, 2)), nn.Linear(3, 2)
    io.load_torch({name: LikeTorch(a) for name, a in io.torch_state(model).items()}, other)
    same(model, other)


def test_layers_without_a_counterpart_are_named():
    model = nn.Sequential(nn.Linear(2, 2), nn.LayerNormLSTM(2, 2))
    for load in (io.torch_state, io.keras_weights):
        with pytest.raises(ntb.InputError, match=r"layers\.1\.wx, .*load the other layers one by one"):
            load(model)
