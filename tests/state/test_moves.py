"""What an optimizer remembers moves with its parameters, however they are moved; or the move raises and says why.

The law: three steps, a move, and three steps more give what six steps give without it, to the last bit.
"""

import copy
import pickle

import numpy as np
import pytest

import ntb
from ntb import nn, optim
from ntb.optim import schedules


class Signed(optim.Optimizer):
    """An optimizer of a user's, with a slot and a Variable of its own."""

    slot_names = ("last",)

    def __init__(self, lr):
        super().__init__(lr)
        self.calls = ntb.Variable(0.5, trainable=False, name="calls")

    def update(self, w, g, lr, t, *slots):
        (last,) = slots
        return w - lr * np.sign(g + last) * self.calls, 0.5 * last + g


MAKERS = {
    "sgd": lambda: optim.SGD(0.1),
    "momentum": lambda: optim.SGD(0.1, momentum=0.9),
    "nesterov": lambda: optim.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "velocity": lambda: optim.SGD(0.1, momentum=0.9, lr_in_velocity=True),
    "rmsprop": lambda: optim.RMSProp(0.01),
    "adam": lambda: optim.Adam(0.01),
    "adamw": lambda: optim.AdamW(schedules.warmup(2, schedules.cosine(0.01, 10))),
    "adafactor": lambda: optim.Adafactor(0.01),
    "lookahead": lambda: optim.Lookahead(optim.NAdam(schedules.linear(0.01, 9)), 2),
    "signed": lambda: Signed(schedules.step_decay(0.01, 2)),
}


def net(seed=0):
    rng = ntb.random.generator(seed)
    linear = lambda n: nn.Linear(3, n, dtype=np.float64, rng=rng)
    return nn.Sequential(linear(3), np.tanh, linear(3), np.tanh, linear(1))  # with parameters of one name and shape


X = np.random.default_rng(1).normal(size=(8, 3))
Y = np.sin(X.sum(axis=1, keepdims=True))


def train(model, optimizer, steps, decorate=lambda f: f, order=list):
    @decorate
    def step(x, y):
        variables = order(model.trainable_variables())
        with ntb.Tape() as tape:
            loss = nn.mse(model(x), y)
        optimizer.apply(tape.gradient(loss, variables), variables)

    for _ in range(steps):
        step(X, Y)


def values(model, optimizer):
    """All numbers there are, in the order of the model."""
    kept = [optimizer.step.value.tobytes()]
    return kept + [v.value.tobytes() for v in model.variables()]


def pickled(x):
    return pickle.loads(pickle.dumps(x))


def turned(variables):
    return list(variables)[::-1]


def in_files(model, optimizer, path, build=None, seed=1, maker=None, apart=False, mirrored=False):
    trees = lambda m, o: [{"m": m}, {"o": o}] if apart else [{"o": o, "m": m}] if mirrored else [{"m": m, "o": o}]
    for i, tree in enumerate(trees(model, optimizer)):
        ntb.save(path.with_stem(f"{path.stem}{i}"), tree)
    fresh = net(seed), maker()
    if build:
        fresh[1].build(build(fresh[0].variables()))
    for i, tree in enumerate(trees(*fresh)):
        ntb.load(path.with_stem(f"{path.stem}{i}"), tree)
    return fresh


def in_memory(model, optimizer, maker, build=None):
    kept = ntb.state.snapshot([model, optimizer])
    fresh = net(2), maker()
    if build:
        fresh[1].build(build(fresh[0].variables()))
    ntb.state.restore([fresh[0], fresh[1]], kept)
    return fresh


MOVES = {
    "stays": lambda m, o, p, f: (m, o),
    "copy of both": lambda m, o, p, f: (copy.copy(m), copy.copy(o)),
    "copy of the optimizer": lambda m, o, p, f: (m, copy.copy(o)),
    "copy of a copy": lambda m, o, p, f: (m, copy.copy(copy.copy(o))),
    "deep copy": lambda m, o, p, f: copy.deepcopy((m, o)),
    "deep copy, optimizer first": lambda m, o, p, f: copy.deepcopy((o, m))[::-1],
    "deep copy twice": lambda m, o, p, f: copy.deepcopy(copy.deepcopy((m, o))),
    "deep copy of the optimizer": lambda m, o, p, f: (m, copy.deepcopy(o)),
    "deep copy of the model": lambda m, o, p, f: (copy.deepcopy(m), o),
    "deep copies apart": lambda m, o, p, f: (copy.deepcopy(m), copy.deepcopy(o)),
    "deep copies apart, optimizer first": lambda m, o, p, f: (copy.deepcopy(o), copy.deepcopy(m))[::-1],
    "pickle": lambda m, o, p, f: pickled((m, o)),
    "pickle, optimizer first": lambda m, o, p, f: pickled((o, m))[::-1],
    "pickle of the optimizer": lambda m, o, p, f: (m, pickled(o)),
    "pickle of the model": lambda m, o, p, f: (pickled(m), o),
    "pickles apart": lambda m, o, p, f: (pickled(m), pickled(o)),
    "pickles apart, twice": lambda m, o, p, f: (pickled(pickled(m)), pickled(pickled(o))),
    "npz": lambda m, o, p, f: in_files(m, o, p / "a.npz", maker=f),
    "npz, built": lambda m, o, p, f: in_files(m, o, p / "a.npz", list, maker=f),
    "npz, built in another order": lambda m, o, p, f: in_files(m, o, p / "a.npz", turned, maker=f),
    "npz, mirrored": lambda m, o, p, f: in_files(m, o, p / "a.npz", turned, maker=f, mirrored=True),
    "npz, apart": lambda m, o, p, f: in_files(m, o, p / "a.npz", turned, maker=f, apart=True),
    "safetensors": lambda m, o, p, f: in_files(m, o, p / "a.safetensors", maker=f),
    "safetensors, built in another order": lambda m, o, p, f: in_files(m, o, p / "a.safetensors", turned, maker=f),
    "snapshot": lambda m, o, p, f: in_memory(m, o, f),
    "snapshot, built in another order": lambda m, o, p, f: in_memory(m, o, f, turned),
}
REFUSED = {"npz, apart", "deep copy of the model", "pickle of the model"}
"""The moves that may raise, if the optimizer remembers anything of a parameter: no one can say where it belongs."""


CASES = [(kind, move, "eager", "another order") for kind in ("momentum", "signed") for move in MOVES]
CASES += [("adamw", move, "traced", "another order") for move in MOVES]
CASES += [(kind, "pickles apart", "eager", "same order") for kind in MAKERS]
DECORATE = {"eager": lambda f: f, "traced": ntb.function}
ORDER = {"same order": list, "another order": turned}


@pytest.mark.uncounted
@pytest.mark.parametrize(("kind", "move", "decorate", "order"), CASES)
def test_a_move_changes_nothing(kind, move, decorate, order, tmp_path):
    model, optimizer = net(), MAKERS[kind]()
    train(model, optimizer, 4, DECORATE[decorate])
    expected = values(model, optimizer)

    model, optimizer = net(), MAKERS[kind]()
    train(model, optimizer, 2, DECORATE[decorate])
    try:
        model, optimizer = MOVES[move](model, optimizer, tmp_path, MAKERS[kind])
        train(model, optimizer, 2, DECORATE[decorate], ORDER[order])
    except ntb.InputError as error:
        assert move in REFUSED and len(str(error)) > 30, error
    else:
        assert values(model, optimizer) == expected


def trained(kind="momentum", steps=2):
    model, optimizer = net(), MAKERS[kind]()
    train(model, optimizer, steps)
    return model, optimizer


def test_an_optimizer_without_its_model_does_not_begin_anew_with_another():
    for moved in (pickled, copy.deepcopy):
        optimizer = moved(trained()[1])
        with pytest.raises(ntb.InputError, match="remembers 6 parameters, of which a variable 'layers.0.weight'"):
            train(net(3), optimizer, 1)
        with pytest.raises(ntb.InputError, match="remembers 6 parameters"):
            optimizer.build(net(3).variables())


def test_a_copy_beside_its_original_is_told_from_it():
    model, optimizer = trained()
    other = copy.deepcopy(model)
    with pytest.raises(ntb.InputError, match="is a copy of a parameter that this optimizer has trained"):
        train(other, optimizer, 1)
    optimizer.build(other.variables())
    train(other, optimizer, 1)
    assert len(optimizer.slots["velocity"]) == 12
    fresh, alone = net(), optim.SGD(0.1, momentum=0.9)
    alone.step.assign(3)
    for v, w in zip(fresh.variables(), model.variables()):
        v.assign(w.value)
    train(fresh, alone, 1)
    assert [v.value.tolist() for v in fresh.variables()] == [v.value.tolist() for v in other.variables()]


def test_copies_from_before_the_first_step_are_parameters_of_their_own():
    layer = nn.Linear(3, 3, dtype=np.float64)
    layers = [copy.deepcopy(layer) for _ in range(3)]
    model, optimizer = nn.Sequential(*layers, lambda x: x[:, :1]), optim.Adam()
    train(model, optimizer, 2)
    assert len(optimizer.slots["m"]) == 6
    model, optimizer = nn.Sequential(*pickled(layers), model.layers[-1]), pickled(optimizer)
    train(model, optimizer, 1)
    assert len(optimizer.slots["m"]) == 6


def test_clones_of_a_trained_layer_cannot_be_told_apart():
    model, optimizer = trained()
    clones = [copy.deepcopy(model.layers[0]) for _ in range(2)]
    optimizer = pickled(optimizer)
    with pytest.raises(ntb.InputError, match="is a copy"):
        train(nn.Sequential(*clones, nn.Linear(3, 1, dtype=np.float64)), optimizer, 1)


def test_a_subset_and_what_it_leaves_out():
    def steps(move):
        model, optimizer = net(), optim.Adam()
        parts = lambda m: [m.variables()[:2], m.variables()[2:], m.variables()[1:4]]
        for i in range(6):
            if i == 3:
                model, optimizer = move(model, optimizer)
            some = parts(model)[i % 3]
            optimizer.minimize(lambda m=model: nn.mse(m(X), Y), some)
        return values(model, optimizer)

    assert steps(lambda m, o: (pickled(m), pickled(o))) == steps(lambda m, o: (m, o))
    assert steps(lambda m, o: (m, pickled(o))) == steps(lambda m, o: (m, copy.copy(o))) == steps(lambda m, o: (m, o))


def test_a_replaced_layer_begins_anew_and_is_saved(tmp_path):
    ends = []
    for move in (lambda m, o: (m, o), lambda m, o: copy.deepcopy((m, o)), lambda m, o: (pickled(m), pickled(o))):
        model, optimizer = move(*trained("adam"))
        model.layers[-1] = net(9).layers[-1]
        train(model, optimizer, 2)
        ntb.save(tmp_path / "a.npz", {"m": model, "o": optimizer})
        again, other = net(5), optim.Adam(0.01)
        ntb.load(tmp_path / "a.npz", {"m": again, "o": other})
        for m, o in ((model, optimizer), (again, other)):
            train(m, o, 2)
            ends.append(values(m, o))
    assert all(end == ends[0] for end in ends)


def test_renamed_parameters_keep_what_belongs_to_them(tmp_path):
    model, optimizer = trained("adam")
    for i, v in enumerate(model.variables()):
        v.name = f"renamed{i}"
    ntb.save(tmp_path / "a.npz", [model, optimizer])
    train(*trained("adam", 0), 0)
    again = [net(5), optim.Adam(0.01)]
    ntb.load(tmp_path / "a.npz", again)
    train(model, optimizer, 2)
    train(*again, 2)
    assert values(*again) == values(model, optimizer)


def test_a_saved_optimizer_is_named_after_its_parameters():
    model, optimizer = trained()
    tree = {"optimizer": optimizer, "model": model}
    assert list(ntb.state.named_variables(tree))[:4] == [
        "optimizer.lr", "optimizer.step", "optimizer.slots.velocity.model.layers.0.weight",
        "optimizer.slots.velocity.model.layers.0.bias",
    ]  # fmt: skip
    assert list(ntb.state.named_variables(optimizer))[2:4] == [  # by itself, by the paths in their model
        "slots.velocity.layers.0.weight", "slots.velocity.layers.0.bias",
    ]  # fmt: skip
    assert len(optimizer.variables()) == 8
    other = net()  # has the same paths
    train(other, optimizer, 1)
    with pytest.raises(ntb.InputError, match="own names do not tell them from each other"):
        ntb.state.snapshot(optimizer)
    one = optim.Adam()
    one.build([ntb.Variable(1.0)])
    with pytest.raises(ntb.InputError, match="has not met the variables yet"):
        ntb.state.snapshot(pickled(trained()[1]))


def test_what_does_not_fit_makes_no_slots():
    model, optimizer = trained()
    kept = ntb.state.snapshot([model, optimizer])
    fresh = [net(), optim.SGD(0.1, momentum=0.9)]
    with pytest.raises(ntb.InputError, match="unexpected"):
        ntb.state.restore(fresh, {**kept, "more": np.ones(2)})
    with pytest.raises(ntb.InputError, match="unexpected"):
        ntb.state.restore([net(), optim.SGD(0.1)], kept)
    assert not fresh[1].slots["velocity"]


def test_a_copy_of_an_optimizer_has_its_own_step_and_slots():
    model, optimizer = trained()
    other = copy.copy(optimizer)
    other.lr = 0.5
    train(model, other, 1)
    assert (optimizer.step.value, other.step.value, optimizer.lr.value) == (2, 3, 0.1)
    rate = ntb.Variable(0.1, trainable=False)
    given = optim.SGD(rate)
    assert copy.copy(given).lr is rate


@pytest.mark.parametrize("make", MAKERS.values())
def test_optimizers_and_schedules_can_be_pickled_and_printed(make):
    optimizer = make()
    assert repr(pickled(optimizer)) == repr(copy.deepcopy(optimizer)) == repr(optimizer)
    if callable(optimizer.lr):
        assert [pickled(optimizer.lr)(t) for t in range(9)] == [optimizer.lr(t) for t in range(9)]
        assert "lambda" not in repr(optimizer)
