"""Averages, groups, and what stands around an optimizer."""

import numpy as np
import pytest

import ntb
from ntb import nn, optim
from ntb.optim import SGD, AdamW, schedules

ONE = np.ones(())


def test_groups_differ_in_their_settings_and_share_the_rate():
    model = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3), nn.Linear(3, 1))
    optimizer = optim.Groups(SGD(0.1, weight_decay=1.0), {"vectors": {"weight_decay": 0.0}, "2.*": {"lr": 0.5}})
    variables = model.trainable_variables()
    before = {v.name: v.value for v in variables}
    optimizer.apply([np.ones(v.shape) for v in variables], variables)
    for v in variables:
        vector, last = v.value.ndim < 2, v.name.startswith("layers.2")
        rate, decay = (0.1, 0) if vector else (0.5, 1) if last else (0.1, 1)
        np.testing.assert_allclose(v.value, before[v.name] - rate * (1 + decay * before[v.name]), rtol=1e-6)
    for rate in (0.25, schedules.constant(0.25), 0.25):
        optimizer.lr = rate
        assert [group.lr_now for group in (optimizer, *optimizer.groups)] == [0.25, 0.25, 0.5]
    optimizer.lr = 0.125
    assert [group.lr_now for group in optimizer.groups] == [0.125, 0.5] and optimizer.step.value == 1


def test_a_group_may_have_another_optimizer_and_be_chosen_by_a_function():
    w, b = ntb.Variable(np.eye(2), name="w"), ntb.Variable(np.zeros(2), name="b")
    optimizer = optim.Groups(SGD(0.5), {lambda v: v.name == "w": optim.Muon(0.1)})
    optimizer.apply([np.eye(2), np.ones(2)], [w, b])
    assert b.value.tolist() == [-0.5, -0.5] and list(optimizer.groups[0].slots) == ["m"]


def test_an_error_in_one_group_changes_none():
    w, b = ntb.Variable(np.ones((2, 2)), name="w"), ntb.Variable(np.ones(2), name="b")
    optimizer = optim.Groups(optim.Muon(0.1), {"w": SGD(0.1)})
    with pytest.raises(ntb.InputError, match="Muon"):
        optimizer.apply([np.ones((2, 2)), np.ones(2)], [w, b])
    assert w.value.all() and (w.value == 1).all() and optimizer.groups[0].step.value == 0


def test_steps_that_are_not_finite_are_left_out_in_a_trace_too():
    for decorate in (lambda f: f, ntb.function):
        w, optimizer = ntb.Variable(0.0), optim.ApplyIfFinite(SGD(schedules.step_decay(1.0, every=2)))
        step = decorate(lambda g, optimizer=optimizer, w=w: optimizer.apply([g], [w]))
        for g in (-1.0, np.nan, np.inf, -1.0, -1.0):
            step(np.array(g))
        assert w.value == pytest.approx(2.1) and optimizer.skipped.value == 2 and optimizer.step.value == 3


def test_sam_takes_the_gradient_of_a_neighbour_and_leaves_an_error_in_it_without_a_trace():
    a, b = ntb.Variable(3.0), ntb.Variable([4.0])
    optimizer = optim.SAM(SGD(0.1), rho=0.5)
    loss = optimizer.minimize(lambda: (a**2 + np.sum(b**2)) / 2, [a, b])  # the gradient is (3, 4), of norm 5
    assert loss.item() == 12.5
    np.testing.assert_allclose([a.value, b.value[0]], [3 - 0.1 * 3.3, 4 - 0.1 * 4.4])
    calls = []

    def failing():
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return a**2

    before = a.value
    with pytest.raises(KeyboardInterrupt):
        optimizer.minimize(failing, [a])
    assert a.value == before


def test_averages_in_traced_steps_are_saved_and_leave_the_model_alone():
    model = nn.Linear(2, 1)
    ema, optimizer = optim.EMA(model, 0.5), AdamW(0.1)
    step = ntb.function(
        lambda: (optimizer.minimize(lambda: nn.l2(model(np.ones((1, 2)))), model.variables()), ema.update())
    )
    values = []
    for _ in range(3):
        step()
        values.append(model.weight.value)
    expected = (values[0] / 2 + values[1] / 2) / 2 + values[2] / 2
    with ema.averaged():
        np.testing.assert_allclose(model.weight.value, expected, rtol=1e-6)
    assert np.array_equal(model.weight.value, values[2]) and ema.count.value == 3
    other = optim.EMA(nn.Linear(2, 1), 0.5)
    ntb.state.restore(other, ntb.state.snapshot(ema))
    np.testing.assert_allclose(other.averages["weight"].value, expected, rtol=1e-6)


def test_an_error_while_averages_are_used_gives_the_parameters_back():
    w = ntb.Variable(1.0)
    swa = optim.SWA([w])
    swa.update()
    w.assign(5.0)
    with pytest.raises(ZeroDivisionError), swa.averaged():
        assert w.value == 1
        _ = 1 / 0
    assert w.value == 5


def test_accumulated_gradients_make_the_step_of_their_mean_and_count_as_one():
    w, v = ntb.Variable(1.0), ntb.Variable(1.0)
    rate = schedules.step_decay(0.1, every=1, factor=0.5)
    several, single = optim.Accumulate(optim.Adam(rate), 3), optim.Adam(rate)
    for i in range(6):
        several.apply([np.array(float(i))], [w])
    for mean in (1.0, 4.0):
        single.apply([np.array(mean)], [v])
    np.testing.assert_allclose(w.value, v.value, rtol=1e-15)


def test_a_schedule_without_one_is_evaluated_at_its_average():
    w, optimizer = ntb.Variable(1.0), optim.ScheduleFree(SGD(1.0), beta=0.5)
    optimizer.apply([ONE], [w])
    optimizer.apply([ONE], [w])  # z is 0, then -1; x their mean
    with optimizer.averaged([w]):
        assert w.value == -0.5
    assert w.value == -0.75


def test_a_plateau_is_seen_by_a_traced_step_and_saved():
    rate = schedules.ReduceOnPlateau(1.0, factor=0.5, patience=0, mode="max")
    w, optimizer = ntb.Variable(0.0), SGD(rate)
    step = ntb.function(lambda: optimizer.apply([-ONE], [w]))
    for accuracy in (0.5, 0.6, 0.6):
        step()
        rate.observe(accuracy)
    step()
    assert w.value == 3.5
    again = SGD(schedules.ReduceOnPlateau(1.0))
    ntb.state.restore(again, ntb.state.snapshot(optimizer))
    assert again.lr_now == 0.5


@pytest.mark.parametrize("name", [n for n in schedules.__all__ if n != "ReduceOnPlateau"])
def test_schedules_are_pickled_and_traced(name):
    import pickle

    settings = {
        "multi_step": (1.0, [2, 4]), "piecewise": ([1.0, 0.5], [3]), "join": ([1.0, 0.5], [3]), "warmup": (2, 1.0),
        "cyclic": (0.1, 1.0, 3), "step_decay": (1.0, 2), "exponential": (1.0, 0.5), "inverse_time": (1.0, 0.5),
        "constant": (1.0,),
    }.get(name, (1.0, 7))  # fmt: skip
    schedule = getattr(schedules, name)(*settings)
    again, traced = pickle.loads(pickle.dumps(schedule)), ntb.function(lambda t: schedule(t) + 0.0)
    assert repr(again) == repr(schedule) and repr(schedule).startswith(f"{name}(")
    counts = np.arange(12)
    expected = [float(schedule(t)) for t in counts]
    assert [float(again(t)) for t in counts] == expected
    assert [float(traced(np.array(t))) for t in counts] == expected
    if name != "constant":
        np.testing.assert_allclose(schedule(counts), expected, rtol=1e-15)


def test_a_model_by_scipy():
    pytest.importorskip("scipy", reason="the bridge to SciPy's minimizers")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 2))
    y = (x @ [1.0, -2.0] + 0.5).astype(np.float32)[:, None]
    model = nn.Linear(2, 1)
    found = optim.minimize(lambda: nn.mse(model(x), y), model, tol=1e-12)
    assert found.success and model.weight.dtype == np.float32
    np.testing.assert_allclose(model.weight.value.ravel(), [1, -2], atol=1e-3)
    encoder, decoder, gain = nn.Linear(2, 1), nn.Linear(1, 2), ntb.Variable(1.0)
    parts = [encoder, decoder, encoder, gain]  # as `Optimizer.minimize` takes them; what comes twice counts once
    found = optim.minimize(lambda: nn.mse(gain * decoder(encoder(x[:, :1] * [1.0, 1.0])), x[:, :1] * [1.0, 2.0]), parts)
    assert found.fun < 1e-6 and len(found.x) == 3 + 4 + 1
    z, before = ntb.Variable(1 + 1j), 1 + 1j
    found = optim.minimize(ntb.function(lambda: np.abs(z - 2j) ** 2), [z], method="BFGS")
    assert found.x.tolist() == pytest.approx([0, 2], abs=1e-6) and z.value == pytest.approx(2j, abs=1e-6)
    z.assign(before)
    with pytest.raises(ZeroDivisionError):
        optim.minimize(lambda: z.assign(9) or 1 / 0, [z])
    assert z.value == before
