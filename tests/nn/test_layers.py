"""Modules: how they find their variables, and the layers as their functions."""

import copy
import pickle

import numpy as np
import pytest

import ntb
from ntb import nn

RNG = np.random.default_rng(0)


def image_model():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding="same"), nn.BatchNorm(4), nn.relu, nn.MaxPool2d(2), nn.Dropout(0.5),
        nn.Flatten(), nn.Linear(64, 5),
    )  # fmt: skip


class Nested(nn.Module):
    def __init__(self):
        self.first = nn.Linear(2, 3, bias=False)
        self.scale = ntb.Variable(1.0, name="scale")
        self.more = {"a": nn.Linear(3, 1), "b": [self.first, nn.BatchNorm(2)]}
        self.sizes = (1, 2)
        self._hidden = ntb.Variable(0.0)


def test_variables_are_found_in_order_by_name_and_once():
    model = Nested()
    assert list(model.named_variables()) == [
        "first.weight", "scale", "more.a.weight", "more.a.bias",
        "more.b.1.gamma", "more.b.1.beta", "more.b.1.running_mean", "more.b.1.running_var",
    ]  # fmt: skip
    assert len(model.variables()) == 8 and len(model.trainable_variables()) == 6
    assert model.variables()[0] is model.first.weight


def test_repr_shows_the_structure():
    assert repr(Nested()).splitlines() == [
        "Nested(scale[])",
        "  first: Linear(weight[2, 3])",
        "  more.a: Linear(weight[3, 1], bias[1])",
        "  more.b.0: Linear(weight[2, 3])",
        "  more.b.1: BatchNorm(gamma[2], beta[2], running_mean[2], running_var[2])",
    ]


def test_training_is_an_argument_of_the_call():
    model = image_model()
    x = RNG.normal(size=(6, 1, 8, 8)).astype(np.float32)
    before = [v.value for v in model.variables()]
    assert np.array_equal(model(x).numpy(), model(x, train=False).numpy())
    assert all(np.array_equal(a, v.value) for a, v in zip(before, model.variables()))
    assert not np.array_equal(model(x, train=True).numpy(), model(x, train=True).numpy())  # dropout
    assert not np.array_equal(before[4], model.variables()[4].value)  # the running mean


def test_layers_are_their_functions():
    x = RNG.normal(size=(2, 4, 6, 6))
    conv = nn.Conv2d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2, dtype=float)
    expected = nn.conv2d(x, conv.weight, conv.bias, stride=2, padding=1, dilation=2, groups=2)
    assert np.array_equal(conv(x).numpy(), expected.numpy())
    assert conv.weight.shape == (6, 2, 3, 3)
    assert nn.Conv1d(4, 2, 3, dtype=float)(x[..., 0]).shape == (2, 2, 4)
    assert nn.Conv3d(4, 2, (1, 2, 3), dtype=float)(x[..., None] * np.ones(3)).shape == (2, 2, 6, 5, 1)
    assert np.array_equal(nn.MaxPool2d(2, stride=1)(x), nn.max_pool2d(x, 2, stride=1))
    assert np.array_equal(nn.AvgPool2d(3, padding=1)(x), nn.avg_pool2d(x, 3, padding=1))
    assert nn.Flatten()(x).shape == (2, 144)
    assert nn.Flatten()(x[:0]).shape == (0, 144)
    dense = nn.Linear(4, 3, dtype=float)
    np.testing.assert_allclose(dense(x[..., 0, 0]).numpy(), x[..., 0, 0] @ dense.weight.value)
    embedding = nn.Embedding(5, 2)
    assert np.array_equal(embedding([[1, 4]]).numpy(), embedding.weight.value[[[1, 4]]])
    norm = nn.LayerNorm((6, 6), dtype=float)
    np.testing.assert_allclose(norm(x).numpy(), nn.layer_norm(x, axis=(2, 3)))
    with pytest.raises(ntb.InputError, match="groups"):
        nn.Conv2d(3, 4, 3, groups=2)


def test_the_same_seed_gives_the_same_model():
    ntb.random.seed(5)
    first = [v.value for v in image_model().variables()]
    ntb.random.seed(5)
    assert all(np.array_equal(a, v.value) for a, v in zip(first, image_model().variables()))


class Text(nn.Module):
    def __init__(self):
        self.embedding = nn.Embedding(5, 4)
        self.lstm, self.gru, self.rnn = nn.LSTM(4, 6), nn.GRU(6, 3), nn.RNN(3, 4)
        self.norm = nn.LayerNorm(4)
        self.out = nn.Linear(4, 5)

    def __call__(self, x, train=False):
        x = self.embedding(x)
        for layer in (self.lstm, self.gru, self.rnn):
            x, _ = layer(x)
        return self.out(nn.dropout(self.norm(x), 0.3) if train else self.norm(x))


@pytest.mark.parametrize("kind", ["image", "text"])
@pytest.mark.parametrize("make", [lambda: ntb.optim.Adam(1e-2), lambda: ntb.optim.SGD(0.1, 0.9, nesterov=True)])
def test_a_training_step_replays_as_it_runs_eagerly(kind, make):
    def data(rng):
        if kind == "image":
            return rng.normal(size=(7, 1, 8, 8)).astype(np.float32), rng.integers(0, 5, 7)
        return rng.integers(0, 5, (3, 6)), rng.integers(0, 5, (3, 6))

    def run(decorate):
        ntb.random.seed(0)
        model, optimizer = image_model() if kind == "image" else Text(), make()
        rng = np.random.default_rng(1)

        def step(x, y):
            with ntb.Tape() as tape:
                loss = nn.cross_entropy(model(x, train=True), y)
            optimizer.apply(tape.gradient(loss, model.trainable_variables()), model.trainable_variables())
            return loss

        step = decorate(step)
        losses = [np.asarray(step(*data(rng))) for _ in range(5)]
        return losses + [v.value for v in model.variables() + optimizer.variables()]

    for eager, replayed in zip(run(lambda f: f), run(ntb.function), strict=True):
        assert eager.dtype == replayed.dtype
        assert np.array_equal(eager, replayed)


def test_a_module_without_a_call_says_so():
    with pytest.raises(NotImplementedError, match="Nested must define __call__"):
        Nested()(1.0)


# --- names of variables


def test_variables_are_called_by_their_path():
    model = nn.Sequential(nn.Linear(2, 3), nn.relu, nn.Linear(3, 1))
    first = model.layers[0].weight
    assert first.name == "weight"  # of a layer alone
    assert [v.name for v in model.variables()] == list(model.named_variables())
    assert first.name == "layers.0.weight" and "name='layers.0.weight'" in repr(first)
    model.layers[0].trainable = False  # asks the layer, which is a part only
    assert first.name == "layers.0.weight"
    whole = Nested()
    whole.net = model
    whole.variables()
    assert first.name == "net.layers.0.weight"


def test_a_name_of_ones_own_stays():
    model = Nested()
    model.scale.name = "temperature"
    model.first.weight.name = ""
    own = ntb.Variable(1.0, name="own")
    model.own = own
    assert [*model.named_variables()][:2] == ["first.weight", "scale"]
    assert (model.scale.name, model.first.weight.name, own.name) == ("temperature", "", "own")
    model.scale.name = model.more["a"].bias.name = None  # and is given up so
    model.variables()
    assert (model.scale.name, model.more["a"].bias.name) == ("scale", "more.a.bias")


def test_a_shared_variable_is_called_as_the_first_model_does():
    encoder = nn.Linear(2, 2)
    one, two = nn.Sequential(encoder), Nested()
    two.encoder = encoder
    one.variables(), two.variables(), one.variables()
    assert encoder.weight.name == "layers.0.weight"


def test_copies_are_called_alike_and_grow_apart():
    model = nn.Sequential(nn.Linear(2, 3))
    model.variables()
    for copied in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert [v.name for v in copied.variables()] == ["layers.0.weight", "layers.0.bias"]
        outer = nn.Sequential(copied)
        outer.variables()
        assert copied.layers[0].weight.name == "layers.0.layers.0.weight"
        assert model.layers[0].weight.name == "layers.0.weight"


def test_lists_that_grow_are_named_when_the_model_is_asked():
    model = Nested()
    model.blocks = []
    model.blocks.append(nn.Linear(2, 2))
    assert model.blocks[0].bias.name == "bias"
    model.trainable_variables()
    assert model.blocks[0].bias.name == "blocks.0.bias"
    assert model._hidden.name is None


def test_programs_errors_and_slots_call_variables_by_their_path():
    model, optimizer = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), ntb.optim.SGD(0.1, momentum=0.9)
    parameters = model.trainable_variables()

    @ntb.function
    def step(x):
        with ntb.Tape() as tape:
            loss = np.mean(model(x) ** 2)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    source = step.trace(np.ones((4, 2), np.float32)).source
    for name in ("layers_0_weight", "layers_1_bias", "d_layers_1_weight", "layers_0_weight_velocity"):
        assert name in source, name
    with pytest.raises(ntb.InputError, match="'layers.1.weight'"):
        optimizer.apply([None] * 2, model.layers[1].variables())
    with pytest.raises(ntb.InputError, match=r"variable 'layers\.0\.bias' has shape \(3,\)"):
        parameters[1].assign(np.ones(2))
    with ntb.Tape() as tape:
        loss = np.mean(model.layers[0](np.ones((1, 2), np.float32)))
    assert "'layers.1.weight'" in str(tape.explain(loss, parameters[2]))
    parameters[0].assign(np.zeros((2, 3), np.float32))
    with ntb.debug_nans(), np.errstate(divide="ignore"), pytest.raises(ntb.errors.NonFiniteError) as caught:
        np.log(parameters[0])
    assert "argument 'x', the variable 'layers.0.weight': float32[2, 3], 0" in str(caught.value)


def test_an_optimizer_alone_is_saved_by_the_paths_in_its_model(tmp_path):
    def trained(steps):
        ntb.random.seed(0)
        model, optimizer = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), ntb.optim.Adam(0.1)
        for _ in range(steps):
            optimizer.minimize(lambda: np.mean(model(np.ones((4, 2), np.float32)) ** 2), model.trainable_variables())
        return model, optimizer

    _, optimizer = trained(2)
    ntb.save(tmp_path / "optimizer.npz", optimizer)
    model, again = trained(0)
    again.build(model.trainable_variables())
    ntb.load(tmp_path / "optimizer.npz", again)
    assert again.step.item() == 2
    for a, b in zip(optimizer.slots["m"], again.slots["m"], strict=True):
        assert a.name == b.name and np.array_equal(a.value, b.value)


def test_a_sequential_is_counted_and_sliced():
    model = nn.Sequential(nn.Linear(3, 4), nn.relu, nn.Linear(4, 2))
    assert len(model) == 3 and model[1] is nn.relu and model[-1] is model.layers[2] and list(model) == model.layers
    head = model[:-1]
    assert isinstance(head, nn.Sequential) and head[0] is model[0] and bool(nn.Sequential())
    x = np.ones((2, 3), np.float32)
    assert np.array_equal(model[2](head(x)), model(x))
    with pytest.raises(IndexError):
        model[3]


def test_a_residual_adds_what_goes_round():
    x = np.ones((2, 3), np.float32)
    block = nn.Residual(nn.Linear(3, 4), nn.Dropout(0.5), shortcut=nn.Linear(3, 4))
    np.testing.assert_allclose(block(x), block.part[0](x) + block.shortcut(x))
    assert not np.array_equal(block(x, train=True), block(x, train=True))
    assert np.array_equal(nn.Residual(np.tanh)(x), x + np.tanh(x))


def test_an_mlp_has_its_activation_between_the_layers_alone():
    model = nn.MLP(3, 5, 4, 2, activation=np.tanh, dropout=0.1)
    kinds = [getattr(layer, "__name__", type(layer).__name__) for layer in model]
    assert kinds == ["Linear", "tanh", "Dropout", "Linear", "tanh", "Dropout", "Linear"]
    assert model[0].weight.shape == (3, 5) and model(np.ones((7, 3))).shape == (7, 2)
