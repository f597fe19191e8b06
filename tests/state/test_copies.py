"""Whatever a user may copy or pickle can be, and does the same afterwards; or the error says why not."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import ntb
from ntb import compat, nn, optim, training
from ntb.optim import schedules
from ntb.progress import Progress

SCALE = 2.0
WAYS = {"copy": copy.copy, "deep copy": copy.deepcopy, "pickle": lambda x: pickle.loads(pickle.dumps(x))}
X = np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32)


@ntb.function
def scaled(x):
    return np.tanh(x) * SCALE


def plain(x):
    return x * SCALE


class Trainer:
    """A traced method, and a traced function that is an attribute."""

    def __init__(self):
        self.w = ntb.Variable(2.0)
        self.step = ntb.function(self.double)

    def double(self, x):
        self.w.assign(self.w * 2.0)
        return self.w * x

    @ntb.function
    def product(self, x):
        return self.w * x


LAYERS = {
    "Linear": (lambda: nn.Linear(3, 2), X),
    "Conv1d": (lambda: nn.Conv1d(4, 2, 3), X),
    "Conv2d": (lambda: nn.Conv2d(2, 2, 2), X[None]),
    "Conv3d": (lambda: nn.Conv3d(1, 2, 2), X[None, None]),
    "Embedding": (lambda: nn.Embedding(5, 3), np.array([[1, 4]])),
    "BatchNorm": (lambda: nn.BatchNorm(4), X),
    "LayerNorm": (lambda: nn.LayerNorm(3), X),
    "Dropout": (lambda: nn.Dropout(0.5, rng=ntb.random.generator(0)), X),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), X[None]),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), X[None]),
    "Flatten": (nn.Flatten, X),
    "RNN": (lambda: nn.RNN(3, 2), X),
    "LSTM": (lambda: nn.LSTM(3, 2), X),
    "GRU": (lambda: nn.GRU(3, 2), X),
    "LayerNormLSTM": (lambda: nn.LayerNormLSTM(3, 2, layers=2, bidirectional=True), X),
    "ConvLSTM2d": (lambda: nn.ConvLSTM2d(2, 2, 2), X[None, None]),
    "Last": (nn.Last, X),
    "TimeDistributed": (lambda: nn.TimeDistributed(nn.Linear(3, 2)), X),
    "EmbeddingBag": (lambda: nn.EmbeddingBag(5, 3), np.array([[1, 4]])),
    "Sequential": (lambda: nn.Sequential(nn.Linear(3, 2), nn.relu, np.tanh, nn.Linear(2, 1)), X),
    "SeparableConv2d": (lambda: nn.SeparableConv2d(2, 3, 2), X[None]),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), X),
    "InstanceNorm": (lambda: nn.InstanceNorm(4), X),
    "RMSNorm": (lambda: nn.RMSNorm(3), X),
    "UnitNorm": (nn.UnitNorm, X),
    "LocalResponseNorm": (lambda: nn.LocalResponseNorm(3), X),
    "Normalize": (lambda: nn.Normalize(3).adapt(X), X),
    "WeightNorm": (lambda: nn.WeightNorm(nn.Linear(3, 2)), X),
    "SpectralNorm": (lambda: nn.SpectralNorm(nn.Linear(3, 2)), X),
    "DropPath": (lambda: nn.DropPath(rng=ntb.random.generator(0)), X),
    "AlphaDropout": (lambda: nn.AlphaDropout(rng=ntb.random.generator(0)), X),
    "GaussianDropout": (lambda: nn.GaussianDropout(rng=ntb.random.generator(0)), X),
    "GaussianNoise": (lambda: nn.GaussianNoise(0.5, rng=ntb.random.generator(0)), X),
    "GlobalAvgPool": (nn.GlobalAvgPool, X),
    "GlobalMaxPool": (nn.GlobalMaxPool, X),
    "LPPool1d": (lambda: nn.LPPool1d(2, 2), X),
    "LPPool2d": (lambda: nn.LPPool2d(2, 2), X[None]),
    "Upsample": (lambda: nn.Upsample(2), X),
    "PixelShuffle": (lambda: nn.PixelShuffle(2), np.ones((2, 4, 3, 2))),
    "PixelUnshuffle": (lambda: nn.PixelUnshuffle(2), np.ones((2, 1, 4, 2))),
    "Pad": (lambda: nn.Pad(1), X),
    "Residual": (lambda: nn.Residual(nn.Linear(3, 3), nn.relu), X),
    "ChannelsLast": (lambda: nn.ChannelsLast(nn.Conv2d(3, 2, 1)), X[None]),
    "MLP": (lambda: nn.MLP(3, 4, 2), X),
    "PReLU": (lambda: nn.PReLU(), X),
    "RReLU": (lambda: nn.RReLU(rng=ntb.random.generator(0)), X),
    "MultiHeadAttention": (lambda: nn.MultiHeadAttention(3, 3, causal=True), X),
    "FeedForward": (lambda: nn.FeedForward(3), X),
    "TransformerEncoderLayer": (lambda: nn.TransformerEncoderLayer(3, 1, norm_first=False), X),
    "TransformerDecoderLayer": (lambda: _Decoding(nn.TransformerDecoderLayer(3, 3)), X),
    "LearnedPositions": (lambda: nn.LearnedPositions(9, 3), X),
    "SinusoidalPositions": (nn.SinusoidalPositions, X),
} | {
    kind.__name__: (lambda kind=kind: kind(*[0.5, 1.0][: 2 * (kind is nn.Threshold)]), X[..., :2])
    for kind in nn.Activation.__subclasses__() if kind is not nn.RReLU
}  # fmt: skip
for dims, x in ((1, X), (2, X[None]), (3, X[None, None])):
    for name, arguments in {
        "ConvTranspose": (x.shape[1], 2, 3), "MaxPool": (2,), "AvgPool": (2,), "AdaptiveAvgPool": (2,),
        "AdaptiveMaxPool": (2,),
    }.items():  # fmt: skip
        LAYERS[f"{name}{dims}d"] = (lambda name=f"{name}{dims}d", a=arguments: getattr(nn, name)(*a)), x
    LAYERS[f"Dropout{dims}d"] = (lambda name=f"Dropout{dims}d": getattr(nn, name)(rng=ntb.random.generator(0))), x


class _Decoding(nn.Module):
    """A decoder layer with its own input as the context."""

    def __init__(self, layer):
        self.layer = layer

    def __call__(self, x, train=False):
        return self.layer(x, train, context=x)


def test_every_layer_is_tried():
    layers = {name for name in nn.__all__ if inspect.isclass(x := getattr(nn, name)) and issubclass(x, nn.Module)}
    assert layers - {"Module", "Activation", "KeyValueCache"} == set(LAYERS)


def bits(x):
    return [np.asarray(part).tobytes() for part in ntb.tree.leaves(x)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, way):
    make, x = LAYERS[name]
    layer = make()
    copied = WAYS[way](layer)
    if way == "copy":  # which has the same Variables and generators, as copies of Python's objects have
        assert all(a is b for a, b in zip(layer.variables(), copied.variables()))
        layer = copy.deepcopy(layer)
    for train in (True, False):
        assert bits(copied(x, train=train)) == bits(layer(x, train=train))
    assert repr(copied) == repr(layer) and list(copied.named_variables()) == list(layer.named_variables())
    for a, b in zip(layer.variables(), copied.variables()):
        assert a is not b and a.name == b.name and a.trainable == b.trainable and np.array_equal(a.value, b.value)


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_of_a_variable_is_another_variable(way):
    w = ntb.Variable([1.0, 2.0], name="w")
    v = WAYS[way](w)
    with ntb.Tape() as tape:
        y = np.sum(w * w) + 10.0 * np.sum(v * v)
    assert [g.numpy().tolist() for g in tape.gradient(y, [w, v])] == [[2.0, 4.0], [20.0, 40.0]]
    v.assign([5.0, 6.0])
    assert w.value.tolist() == [1.0, 2.0] and v.name == "w"
    assert WAYS[way](v).value.tolist() == [5.0, 6.0]


class Bounded(ntb.Variable):
    """A user's kind of Variable, which is made in another way and has more attributes."""

    __slots__ = ("__dict__", "low")

    def __init__(self, low, high):
        super().__init__((low + high) / 2, name="middle")
        self.low, self.high = low, high


@pytest.mark.parametrize("way", WAYS)
def test_a_kind_of_variable_of_ones_own(way):
    w = Bounded(1.0, 3.0)
    w.trainable = False
    v = WAYS[way](w)
    assert type(v) is Bounded and (v.low, v.high, v.name, v.item(), v.trainable) == (1.0, 3.0, "middle", 2.0, False)
    v.trainable = True
    assert not w.trainable and v.id is not w.id and v.id is v.read().id


@pytest.mark.parametrize("way", WAYS)
def test_tensors(way):
    with ntb.Tape() as tape:
        x = tape.watch([1.0, 2.0])
        if way == "pickle":
            with pytest.raises(ntb.ConversionError, match="pickling would cut the gradient"):
                pickle.dumps(x * x)
            return
        y = WAYS[way](x * x)
        copied = WAYS[way](x)
        z = np.sum(y)
    assert copied.numpy().tolist() == [1.0, 2.0] and z == 5.0
    assert tape.gradient(z, x).numpy().tolist() == [2.0, 4.0]
    number = WAYS[way](ntb.function(lambda x: x * 2.0)(3.0))
    assert float(number) == 6.0


@pytest.mark.parametrize("way", WAYS)
def test_no_value_is_frozen_into_a_trace(way):
    w = ntb.Variable(2.0)
    for leaving in (lambda x: WAYS[way](w) * x, lambda x: pickle.loads(pickle.dumps(x * 1.0))):
        with pytest.raises(ntb.ConversionError):
            ntb.function(leaving)(3.0)


@pytest.mark.parametrize("way", WAYS)
def test_generators(way):
    rng = ntb.random.generator(3)
    rng.random(5)
    copied = WAYS[way](rng)
    if way != "copy":
        assert np.array_equal(copied.random(3), rng.random(3))
    assert WAYS[way](ntb.random.of_numpy()) is ntb.random.of_numpy()


@pytest.mark.parametrize("way", WAYS)
def test_traced_functions(way):
    for f in (scaled, ntb.function(plain), ntb.function(plain, max_traces=3)):
        f(X)
        copied = WAYS[way](f)
        assert bits(copied(X)) == bits(f(X)) and copied.__name__ == f.__name__
        assert type(copied) is ntb.Function and copied._kept.most == f._kept.most
    assert WAYS[way](scaled) is scaled


@pytest.mark.parametrize("way", ["deep copy", "pickle"])
def test_traced_methods_go_with_their_object(way):
    trainer = Trainer()
    trainer.step(1.0), trainer.product(1.0)
    other = WAYS[way](trainer)
    assert float(other.step(1.0)) == 8.0 and float(other.product(3.0)) == 24.0
    assert trainer.w.value == 4.0
    method = WAYS[way](trainer.product)
    assert float(method(1.0)) == 4.0
    trainer.w.assign(100.0)
    assert float(method(1.0)) == 4.0


def test_a_local_function_cannot_be_pickled_as_none_of_pythons_can():
    f = ntb.function(lambda x: x)
    assert float(copy.deepcopy(f)(2.0)) == 2.0
    with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):
        pickle.dumps(f)


def taped():
    with ntb.Tape(persistent=True) as tape:
        x = tape.watch([1.0, 2.0])
        y = np.sum(x * x)
    return tape, x, y


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_copied_says_why(way):
    tape, _, _ = taped()
    for thing, why in ((tape, "knows values by identity"), (scaled.trace(X), "copy the traced function")):
        with pytest.raises(ntb.TapeError, match=why):
            WAYS[way](thing)


@pytest.mark.parametrize("way", WAYS)
def test_records_and_gradients(way):
    tape, x, y = taped()
    (record, _) = tape.records
    copied = WAYS[way](record)
    assert copied.operation is record.operation and copied.operation.name == "np.multiply"
    assert WAYS[way](tape.gradient(y, x)).numpy().tolist() == [2.0, 4.0]


@pytest.mark.parametrize("way", WAYS)
def test_other_things(way):
    for schedule in (
        schedules.constant(0.1), schedules.step_decay(0.1, 3), schedules.exponential(0.1, 0.5, 2),
        schedules.cosine(0.1, 9),
        schedules.warmup(3, schedules.cosine(0.1, 9)), schedules.warmup(2, 0.5),
    ):  # fmt: skip
        copied = WAYS[way](schedule)
        assert [copied(t) for t in range(12)] == [schedule(t) for t in range(12)] and repr(copied) == repr(schedule)
    assert WAYS[way](Progress("epoch 1", 3)).title == "epoch 1"
    assert str(WAYS[way](ntb.InputError("wrong"))) == "wrong"
    w = ntb.Variable(8.0)
    trainer = training.Trainer(w, step=plain, progress=False)
    trainer.fit([1.0])
    assert WAYS[way](trainer).fit([1.0])["loss"] == [2.0, 2.0]


def public_functions():
    modules = (
        ntb,
        nn,
        ntb.ops,
        optim,
        schedules,
        ntb.data,
        nn.initializers,
        ntb.scipy.special,
        ntb.scipy.linalg,
        compat,
    )
    for module in modules:
        for name in getattr(module, "__all__", dir(module)):
            thing = getattr(module, name, None)
            if callable(thing) and name[0] != "_" and type(thing).__module__ != "collections.abc":
                yield f"{module.__name__}.{name}", thing


def test_public_functions_and_classes_are_pickled_by_their_names():
    tried = dict(public_functions())
    wrong = [name for name, thing in tried.items() if any(way(thing) is not thing for way in WAYS.values())]
    assert len(tried) > 200 and not wrong


def graph():
    g = compat.ComputationGraph()
    with compat.default_graph(g):
        x, w = compat.Placeholder(), compat.Variable(value=2.0)
        y = w * x
    return g, x, y


@pytest.mark.parametrize("way", ["deep copy", "pickle"])
def test_graphs_say_why_not(way):
    g, x, y = graph()
    for thing in (g, y, [g], {"loss": y}):
        with pytest.raises(compat.GraphError, match=r"save\(\)"):
            WAYS[way](thing)
    assert g.run([y], {x: 3.0})[0] == 6
    saved = WAYS[way](g.save())
    other, x, y = graph()
    other.load(saved)
    assert other.run([y], {x: 3.0})[0] == 6
