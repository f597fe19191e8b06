"""Freezing: `trainable = False`, of a Variable or of a layer, and nothing else; everywhere, and at any time."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest

import ntb
from ntb import compat, nn, optim
from ntb.tuned.flat import ENOUGH

MAKERS = {
    "sgd": lambda: optim.SGD(0.1),
    "momentum": lambda: optim.SGD(0.1, momentum=0.9, weight_decay=0.1),
    "rmsprop": lambda: optim.RMSProp(0.1),
    "adam": lambda: optim.Adam(0.1),
    "adamw": lambda: optim.AdamW(0.1),
}
STYLES = {"eager": lambda f: f, "traced": ntb.function}
X = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)


def net():
    ntb.random.seed(0)
    return nn.Sequential(nn.Linear(3, 3), nn.BatchNorm(3), np.tanh, nn.Linear(3, 2), nn.Linear(2, 2))


def values(model):
    return [v.value.copy() for v in model.variables()]


def stepper(model, optimizer, style, listed):
    """A step that asks anew which Variables are trainable, or has a list from the beginning."""
    fixed = model.trainable_variables()

    @STYLES[style]
    def step(x):
        variables = fixed if listed else model.trainable_variables()
        with ntb.Tape() as tape:
            loss = np.mean(model(x, train=True) ** 2) + sum(np.sum((v - 0.7) ** 2) for v in model.variables())
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step


def whole(model):
    model.trainable = False


def one_layer(model):
    model.layers[0].trainable = False


def one_variable(model):
    model.layers[3].bias.trainable = False


@pytest.mark.uncounted
@pytest.mark.parametrize("freeze", [whole, one_layer, one_variable])
@pytest.mark.parametrize("listed", [False, True], ids=["asked", "listed"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_frozen_stays_and_the_rest_goes_on(kind, style, listed, freeze):
    model, optimizer = net(), MAKERS[kind]()
    step = stepper(model, optimizer, style, listed)
    flags = [v.trainable for v in model.variables()]
    step(X), step(X)
    freeze(model)
    assert any(v.frozen for v in model.variables())
    before = values(model)
    step(X), step(X)
    for v, x in zip(model.variables(), before):
        assert np.array_equal(v.value, x) == v.frozen
    model.trainable = True
    assert [v.trainable for v in model.variables()] == flags
    before = values(model)
    step(X)
    assert all(not np.array_equal(a, b) for a, b, flag in zip(before, values(model), flags) if flag)


@pytest.mark.parametrize("kind", MAKERS)
def test_eager_and_traced_steps_freeze_alike(kind):
    """With so many small parameters that a traced step updates them as one array."""
    ends = []
    for style in STYLES:
        parameters = [ntb.Variable(np.full(2, float(i + 1)), name=f"w{i}") for i in range(ENOUGH + 2)]
        optimizer = MAKERS[kind]()

        @STYLES[style]
        def step(parameters=parameters, optimizer=optimizer):
            with ntb.Tape() as tape:
                loss = sum(np.sum(w**2) for w in parameters)
            optimizer.apply(tape.gradient(loss, parameters), parameters)

        for frozen in ([], [0], [1, 5], range(3), range(ENOUGH + 2), [2]):
            for i, w in enumerate(parameters):
                w.trainable = i not in frozen
            step(), step()
        ends.append([x.value.tobytes() for x in (*parameters, *optimizer.variables())])
    assert ends[0] == ends[1]


def test_in_a_graph():
    g = compat.ComputationGraph()
    with compat.default_graph(g):
        w, v = compat.Variable(value=2.0), compat.Variable(value=3.0)
        loss = w * w + v * v
        step = compat.Optim(loss, lr=0.1)
    g.run([step])
    w.cell.trainable = False
    before = w.value.item(), v.value.item()
    g.run([step])
    assert w.value == before[0] and v.value != before[1]
    w.cell.trainable = True
    g.run([step])
    assert w.value != before[0]


def test_a_gradient_that_is_given_does_not_move_what_is_frozen():
    w, v, statistic = ntb.Variable(1.0), ntb.Variable(1.0), ntb.Variable(1.0, trainable=False)
    w.trainable = False
    optimizer = optim.Adam(0.1)
    optimizer.apply([np.array(1.0), np.array(1.0), np.array(1.0)], [w, v, statistic])
    assert (
        w.value == 1 and v.value != 1 and statistic.value != 1
    )  # the last one was never a parameter, and is asked for
    optimizer.apply([None, np.array(1.0)], [w, v])
    assert optimizer.step.value == 2 and len(optimizer.slots["m"]) == 2
    with pytest.raises(ntb.InputError, match="has no gradient"):
        optimizer.apply([None], [v])


def test_a_layer_says_whether_it_is_trained():
    model = net()
    assert model.trainable and model.layers[1].trainable
    model.layers[1].trainable = False
    assert model.trainable and not model.layers[1].trainable
    model.layers[1].trainable = True
    assert [v.trainable for v in model.layers[1].variables()] == [True, True, False, False]
    nn.Dropout().trainable = False  # as in a loop over layers
    v = ntb.Variable(1.0, trainable=False)
    v.trainable = True  # made trainable by itself
    layer = nn.Sequential(nn.Linear(2, 2))
    layer.extra = v
    layer.trainable = False
    layer.trainable = True
    assert v.trainable


@pytest.mark.parametrize("move", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_keep_what_is_frozen(move):
    model = net()
    model.layers[0].trainable = False
    copied = move(model)
    assert [v.trainable for v in copied.variables()] == [v.trainable for v in model.variables()]
    copied.trainable = True
    assert copied.layers[0].weight.trainable and not copied.layers[1].running_mean.trainable


def test_a_snapshot_keeps_what_is_frozen():
    model = net()
    model.layers[0].weight.trainable = False
    kept = ntb.state.snapshot(model)
    model.trainable = True
    model.layers[3].trainable = False
    ntb.state.restore(model, kept)
    assert [v.name for v in model.variables() if v.frozen] == ["layers.0.weight"] and not model.layers[
        0
    ].weight.trainable
    model.layers[3].trainable = False
    ntb.state.restore(model, dict(kept))  # values alone
    assert not model.layers[3].trainable


SPELLINGS = (
    "requires_grad", "requires_grads", "frozen", "freeze", "is_frozen", "unfrozen", "learnable", "is_trainable",
    "trainble", "trainabel", "Trainable", "traniable", "training", "train", "eval", "stop_gradient",
    "requiresGrad", "is_training",
)  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_other_spellings_raise(name):
    for model in (nn.Linear(2, 2), net(), nn.Dropout()):
        for value in (False, True, np.bool_(False)):
            with pytest.raises(ntb.InputError, match=r"layer\.trainable = False"):
                setattr(model, name, value)
    for cell in (ntb.Variable(1.0), ntb.tensor(1.0)):
        with pytest.raises(AttributeError):
            setattr(cell, name, False)


def test_what_is_no_spelling_of_it():
    model = nn.Linear(2, 2)
    for name, value in {
        "causal": True,
        "pretrained": False,
        "train_loss": 0.5,
        "training": "no flag",
        "tied": True,
    }.items():
        setattr(model, name, value)

    class Own(nn.Module):
        training: bool

        def __init__(self):
            self.training = True

    @dataclasses.dataclass
    class Data(nn.Module):
        frozen: bool = False

    assert Own().training and not Data().frozen


def test_nonsense_is_refused():
    class Early(nn.Module):
        def __init__(self):
            self.trainable = False
            self.w = ntb.Variable(1.0)

    with pytest.raises(ntb.InputError, match="has no parts yet"):
        Early()
    for value in ("no", None, 0):
        with pytest.raises(ntb.InputError, match="True or False"):
            nn.Linear(2, 2).trainable = value
