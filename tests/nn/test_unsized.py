"""Layers whose first size is left out and comes from the first call."""

import copy
import pickle

import numpy as np
import pytest

import ntb
import ntb.state
from ntb import nn

CASES = {
    "Linear": (lambda n, **o: nn.Linear(n, 4, **o), (2, 3), 3),
    "Conv1d": (lambda n, **o: nn.Conv1d(n, 4, 3, **o), (2, 3, 7), 3),
    "Conv2d": (lambda n, **o: nn.Conv2d(n, 4, 3, **o), (2, 3, 7, 8), 3),
    "Conv3d": (lambda n, **o: nn.Conv3d(n, 4, 3, **o), (2, 3, 7, 8, 5), 3),
    "BatchNorm": (nn.BatchNorm, (2, 3, 7), 3),
    "BatchNorm axis=-1": (lambda n, **o: nn.BatchNorm(n, axis=-1, **o), (2, 3, 7), 7),
    "LayerNorm": (nn.LayerNorm, (2, 3, 7), 7),
    "RNN": (lambda n, **o: nn.RNN(n, 4, **o), (2, 3, 7), 7),
    "LSTM": (lambda n, **o: nn.LSTM(n, 4, **o), (2, 3, 7), 7),
    "GRU": (lambda n, **o: nn.GRU(n, 4, **o), (2, 3, 7), 7),
    "LSTM both ways": (lambda n, **o: nn.LSTM(n, 4, layers=2, bidirectional=True, **o), (2, 3, 7), 7),
    "ConvLSTM2d": (lambda n, **o: nn.ConvLSTM2d(n, 4, 3, **o), (2, 3, 5, 4, 4), 5),
    "ConvTranspose2d": (lambda n, **o: nn.ConvTranspose2d(n, 4, 3, **o), (2, 3, 7, 8), 3),
    "SeparableConv2d": (lambda n, **o: nn.SeparableConv2d(n, 4, 3, **o), (2, 3, 7, 8), 3),
    "InstanceNorm": (nn.InstanceNorm, (2, 3, 7), 3),
    "RMSNorm": (nn.RMSNorm, (2, 3, 7), 7),
    "Linear by name": (lambda n, **o: nn.Linear(outputs=4, inputs=n, **o), (2, 3), 3),
}


def drawn(make, size, **options):
    ntb.random.seed(0)
    return make(size, **options)


def numbers(*shape):
    return np.asarray(np.random.default_rng(0).normal(size=shape), np.float32)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.replace(" ", "-"))
def test_the_first_call_makes_the_layer_that_a_stated_size_makes(case):
    make, shape, size = CASES[case]
    stated, left_out = drawn(make, size), make(None)
    assert "None" in repr(left_out) and type(left_out).__name__ == type(stated).__name__
    x = numbers(*shape)
    ntb.random.seed(0)
    first = left_out(x, train=True)
    expected = stated(x, train=True)
    assert repr(left_out) == repr(stated)
    for mine, theirs in zip(*[y if isinstance(y, tuple) else (y,) for y in (first, expected)], strict=True):
        for a, b in zip(*[y if isinstance(y, tuple) else (y,) for y in (mine, theirs)], strict=True):
            assert np.array_equal(a, b)
    assert type(left_out) is type(stated)
    assert list(left_out.named_variables()) == list(stated.named_variables())


def model():
    return nn.Sequential(nn.Linear(None, 8, init=lambda *a, **o: nn.initializers.normal(*a, **o)), nn.relu,
                         nn.Linear(None, 2))  # fmt: skip


@pytest.mark.parametrize("move", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_it_may_be_moved_before_and_after_its_first_call(move):
    layer = move(nn.Linear(None, 8))
    assert repr(layer) == "Linear(None, 8)"
    y = layer(numbers(2, 3))
    again = move(layer)
    assert np.array_equal(again(numbers(2, 3)), y)
    assert pickle.loads(pickle.dumps(again)).weight.shape == (3, 8)


def test_the_variables_are_asked_for_too_early():
    for ask in (nn.Module.variables, nn.Module.named_variables, ntb.state.snapshot):
        with pytest.raises(ntb.InputError, match=r"layers.0, Linear\(None, 8, init=.*call the model once"):
            ask(model())


@pytest.mark.parametrize("trace", [True, False])
def test_the_first_call_may_be_that_of_a_training_step(trace):
    net, opt, x = model(), ntb.optim.Adam(0.1), numbers(5, 3)
    step = lambda x: opt.minimize(lambda: np.mean(net(x, train=True) ** 2), net)
    step = ntb.function(step) if trace else step
    losses = [float(step(x)) for _ in range(20)]
    assert losses[-1] < 0.1 * losses[0]
    net = model()
    f = ntb.function(lambda x: np.sum(net(x)))
    found = [float(f(x)) for _ in range(3)]
    assert found == [found[0]] * 3 and found[0] == float(np.sum(net(x)))


def test_a_gradient_flows_through_the_first_call():
    layer = nn.Linear(None, 2)
    with ntb.Tape() as tape:
        loss = np.sum(layer(numbers(5, 3)))
    np.testing.assert_allclose(tape.gradient(loss, layer.bias), [5, 5])


def test_a_subclass_of_a_users_own():
    class Scaled(nn.Linear):
        def __call__(self, x, train=False):
            return 2 * super().__call__(x)

    layer = Scaled(None, 2)
    assert repr(layer) == "Scaled(None, 2)"
    assert layer(numbers(5, 3)).shape == (5, 2) and type(layer) is Scaled


def test_what_has_no_such_axis_is_refused():
    layer = nn.Conv2d(None, 4, 3)
    with pytest.raises(ntb.InputError, match=r"Conv2d\(None, 4, 3\) takes its size from axis 1"):
        layer(np.ones(3))
    with pytest.raises(ntb.InputError, match="smaller kernel"):
        layer(np.ones((1, 2, 2, 2)))
    assert layer(np.ones((1, 2, 5, 5))).shape == (1, 4, 3, 3)


def test_a_model_passes_it_on():
    net = nn.MLP(None, 4, 2)
    assert net(numbers(5, 3)).shape == (5, 2) and net[0].weight.shape == (3, 4)
