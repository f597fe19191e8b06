"""Section 8: optimizers."""

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError


def sgd(w, g, s, lr, momentum=0.9):
    s["v"] = momentum * s.get("v", 0.0) - lr * g
    return w + s["v"]


def rmsprop(w, g, s, lr, decay_rate=0.99, epsilon=1e-8):
    s["c"] = decay_rate * s.get("c", 0.0) + (1 - decay_rate) * g**2
    return w - lr * g / (np.sqrt(s["c"]) + epsilon)


def adam(w, g, s, lr, beta1=0.9, beta2=0.999, epsilon=1e-8):
    s["t"] = s.get("t", 0) + 1
    s["m"] = beta1 * s.get("m", 0.0) + (1 - beta1) * g
    s["v"] = beta2 * s.get("v", 0.0) + (1 - beta2) * g**2
    return w - lr * (s["m"] / (1 - beta1 ** s["t"])) / (np.sqrt(s["v"] / (1 - beta2 ** s["t"])) + epsilon)


CASES = [
    ("sgd", sgd, {}), ("sgd", sgd, {"momentum": 0.5}), ("sgd", sgd, {"momentum": 0.0}), ("rmsprop", rmsprop, {}),
    ("rmsprop", rmsprop, {"decay_rate": 0.9, "epsilon": 1e-3}), ("adam", adam, {}),
    ("adam", adam, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-4}),
]  # fmt: skip


@pytest.mark.parametrize("rule, step, config", CASES)
def test_rules(g, rule, step, config):
    w, lr = ntb.Variable(value=np.array([1.0, -2.0])), ntb.Placeholder()
    l = (w**2).sum() * 0.5 + w.sum()
    opt = ntb.Optim(l, lr=lr, update_rule=rule, config=config)
    expected, state = w.value.copy(), {}
    for i in range(6):
        rate = 0.1 / (i + 1)
        expected = step(expected, expected + 1, state, rate, **config)
        assert g.run([opt], {lr: rate}) == (True,)
        np.testing.assert_allclose(w.value, expected, rtol=1e-12)


def test_form(g):
    w = ntb.Variable(value=1.0)
    opt = ntb.Optim(w**2)
    assert opt.shape == () and opt.disruptive and opt.mutable and not opt.differentiable
    assert g.run([opt]) == (True,) and w.value == pytest.approx(1 - 1e-4 * 2)


def test_errors(g):
    w = ntb.Variable(value=np.ones(2))
    for loss in (w, 3.0, w * 1):
        with pytest.raises(GraphError, match="Not a valid loss node"):
            ntb.Optim(loss)
    for rule in ("sgdd", "reset", "init", "adam "):
        with pytest.raises(GraphError, match=f'Invalid update_rule "{rule}"'):
            ntb.Optim(w.sum(), update_rule=rule)
    with pytest.raises(GraphError, match="none of sgd's"):
        ntb.Optim(w.sum(), config={"beta1": 0.9})


def test_a_failed_constructor_leaves_the_graph_as_it_was(g):
    w = ntb.Variable(value=1.0)
    l = w**2
    before = len(g.nodes)
    with pytest.raises(GraphError):
        ntb.Optim(l, lr=0.1, update_rule="none")
    assert len(g.nodes) == before and len(g.save()) == 1


def test_parameters_are_fixed_at_construction(g):
    a = ntb.Variable(value=1.0)
    frozen = ntb.Variable(value=1.0, learnable=False)
    l = a * frozen
    opt = ntb.Optim(l, lr=0.1)
    b = ntb.Variable(value=1.0)
    g.run([opt, l * b])
    assert a.value < 1 and frozen.value == 1.0 and b.value == 1.0
    assert len(opt.configs) == 1


def test_a_parameter_without_gradient_goes_on_by_its_momentum(g):
    w, x = ntb.Variable(value=1.0), ntb.Placeholder()
    h = w * x
    l = h**2
    opt = ntb.Optim(l, lr=0.1)
    g.run([opt], {x: 1.0})
    before = float(w.value)
    g.run([opt], {h: 1.0})
    assert w.value == pytest.approx(before + 0.9 * -0.2)


def test_an_overridden_parameter(g):
    w = ntb.Variable(value=1.0)
    opt = ntb.Optim(w**2, lr=0.1)
    for _ in range(2):
        g.reset()
        g.run([opt], {w: 5.0})
        assert w.value == pytest.approx(1.0 - 0.1 * 10)


def test_several_optimizers_share_variables(g):
    w = ntb.Variable(value=1.0)
    a, b = ntb.Optim(w * 1, lr=0.1), ntb.Optim(w * 2, lr=0.1)
    g.run([a, b, a])
    assert w.value == pytest.approx(1 - 0.1 - 0.2 - (0.09 + 0.1))


KEYS = {
    "sgd": {"momentum", "velocity"},
    "rmsprop": {"decay_rate", "epsilon", "cache"},
    "adam": {"beta1", "beta2", "epsilon", "m", "v", "t"},
}


@pytest.mark.parametrize("rule, keys", KEYS.items())
def test_state_is_saved_under_its_old_keys(g, rule, keys):
    w = ntb.Variable(value=np.array([1.0, 2.0]))
    u = ntb.Variable(value=3.0)
    opt = ntb.Optim((w * u).sum(), lr=0.1, update_rule=rule)
    for _ in range(3):
        g.run([opt])
    saved = opt.save_attributes()
    assert len(saved) == 2 and all(set(entry) == keys for entry in saved)
    assert rule != "adam" or saved[0]["t"] == 3
    state = g.save()
    g.run([opt])
    expected = w.value.copy()
    g.load(state)
    g.run([opt])
    np.testing.assert_array_equal(w.value, expected)
    opt.reset()
    assert all(np.all(entry[k] == 0) for entry in opt.configs for k in keys & {"velocity", "cache", "m", "v", "t"})
    assert opt.configs[0].keys() == keys


def test_a_rate_may_be_any_scalar_node(g):
    w, rate = ntb.Variable(value=1.0), ntb.Variable(value=0.5, learnable=False)
    opt = ntb.Optim(w * 1, lr=rate * 0.5, config={"momentum": 0.0})
    g.run([opt])
    assert w.value == 0.75
    rate.value = 0.1
    g.run([opt])
    assert w.value == pytest.approx(0.7)


def test_penalties_and_losses_are_trained_together(g):
    x, y = ntb.Placeholder([-1, 2]), ntb.Placeholder([-1])
    out, w, _b = ntb.affine_layer(x, 3)
    l = ntb.CrossEntropyLogits(out, y)
    total = l + 0.01 * ntb.weight_decay(l)
    opt = ntb.Optim(total, lr=0.1)
    feed = {x: np.eye(2), y: [0, 2]}
    losses = [g.run([total, opt], feed)[0] for _ in range(100)]
    assert losses[-1] < 0.3 * losses[0] and np.isfinite(w.value).all()
