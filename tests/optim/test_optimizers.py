"""Optimizers against steps written out by hand, in Python's own numbers."""

import math

import numpy as np
import pytest

import ntb
from ntb.optim import SGD, Adam, AdamW, RMSProp, clip_by_global_norm, schedules

GRADS = [0.5, -1.0, 2.0, 0.0]


def by_hand(rule, w=1.0):
    """The values of one weight over the steps; the rule is a generator: it is sent (w, g) and yields the new w."""
    steps = rule()
    next(steps)
    values = []
    for g in GRADS:
        w = steps.send((w, g))
        values.append(w)
    return values


def sgd(lr, momentum=0.0, nesterov=False, decay=0.0):
    def rule():
        v, w = 0.0, None
        while True:
            w, g = yield w
            g += decay * w
            v = momentum * v + g
            w -= lr * (g + momentum * v if nesterov else v)

    return rule


def rmsprop(lr, decay, eps):
    def rule():
        s, w = 0.0, None
        while True:
            w, g = yield w
            s = decay * s + (1 - decay) * g * g
            w -= lr * g / (math.sqrt(s) + eps)

    return rule


def adam(lr, b1, b2, eps, coupled=0.0, decoupled=0.0):
    def rule():
        m = v = 0.0
        w, t = None, 0
        while True:
            w, g = yield w
            t += 1
            g += coupled * w
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            w -= lr * decoupled * w
            w -= lr * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + eps)

    return rule


CASES = {
    "sgd": (lambda lr: SGD(lr), lambda lr: sgd(lr)),
    "momentum": (lambda lr: SGD(lr, momentum=0.9), lambda lr: sgd(lr, 0.9)),
    "nesterov": (lambda lr: SGD(lr, 0.9, nesterov=True), lambda lr: sgd(lr, 0.9, True)),
    "decay": (lambda lr: SGD(lr, 0.5, weight_decay=0.1), lambda lr: sgd(lr, 0.5, decay=0.1)),
    "lr in velocity": (lambda lr: SGD(lr, 0.9, lr_in_velocity=True), lambda lr: sgd(lr, 0.9)),
    "lr in velocity, nesterov": (
        lambda lr: SGD(lr, 0.9, nesterov=True, lr_in_velocity=True),
        lambda lr: sgd(lr, 0.9, True),
    ),
    "rmsprop": (lambda lr: RMSProp(lr, decay=0.9, eps=1e-3), lambda lr: rmsprop(lr, 0.9, 1e-3)),
    "adam": (lambda lr: Adam(lr, 0.8, 0.95, eps=1e-3), lambda lr: adam(lr, 0.8, 0.95, 1e-3)),
    "adam, decay": (lambda lr: Adam(lr, weight_decay=0.1), lambda lr: adam(lr, 0.9, 0.999, 1e-8, coupled=0.1)),
    "adamw": (lambda lr: AdamW(lr, weight_decay=0.1), lambda lr: adam(lr, 0.9, 0.999, 1e-8, decoupled=0.1)),
}
RATES = {
    "number": lambda: 0.1,
    "variable": lambda: ntb.Variable(0.1, trainable=False),
    "schedule": lambda: schedules.constant(0.1),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("decorate", [lambda f: f, ntb.function], ids=["eager", "replayed"])
def test_steps_are_those_made_by_hand(case, rate, decorate):
    make, rule = CASES[case]
    optimizer = make(RATES[rate]())
    w, other = ntb.Variable(1.0), ntb.Variable(np.full((2, 3), 1.0))

    @decorate
    def step(g):
        optimizer.apply([g, g * np.ones((2, 3))], [w, other])

    for g, expected in zip(GRADS, by_hand(rule(0.1)), strict=True):
        step(np.array(g))
        np.testing.assert_allclose(w.value, expected, rtol=1e-12)
        np.testing.assert_allclose(other.value, np.full((2, 3), expected), rtol=1e-12)
    assert optimizer.step.value == len(GRADS)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rate", RATES)
def test_float32_stays_float32(case, rate):
    optimizer = CASES[case][0](RATES[rate]())
    w = ntb.Variable(np.ones(3, np.float32))
    seen = []
    update = optimizer.update
    optimizer.update = lambda *args: seen.append(update(*args)) or seen[-1]
    for _ in range(2):
        optimizer.apply([np.ones(3, np.float32)], [w])
    assert {new.dtype for result in seen for new in result} == {np.dtype(np.float32)}
    assert {slot.dtype for slots in optimizer.slots.values() for slot in slots} <= {np.dtype(np.float32)}


@pytest.mark.parametrize("case", CASES)
def test_training_comes_down(case):
    optimizer = CASES[case][0](0.05)
    w = ntb.Variable([3.0, -2.0])
    losses = [optimizer.minimize(lambda: np.sum(w * w), [w]).item() for _ in range(100)]
    assert losses[0] == 13
    assert losses[-1] < 1


def test_schedules_replay():
    optimizer = SGD(schedules.warmup(2, schedules.step_decay(1.0, every=2, factor=0.5)))
    w = ntb.Variable(0.0)
    step = ntb.function(lambda g: optimizer.apply([g], [w]))
    rates = []
    for _ in range(7):
        before = w.value.item()
        step(np.array(-1.0))
        rates.append(w.value.item() - before)
    np.testing.assert_allclose(rates, [1 / 3, 2 / 3, 1, 1, 0.5, 0.5, 0.25])


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (schedules.constant(2.0), [2, 2, 2, 2]),
        (schedules.step_decay(1.0, 2), [1, 1, 0.1, 0.1]),
        (schedules.exponential(1.0, 0.5, every=2), [1, 0.5**0.5, 0.5, 0.5**1.5]),
        (schedules.cosine(1.0, 2, final=0.5), [1, 0.75, 0.5, 0.5]),
        (schedules.warmup(0, 3.0), [3, 3, 3, 3]),
        (schedules.warmup(1, schedules.exponential(1.0, 0.5)), [0.5, 1, 0.5, 0.25]),
    ],
)
def test_schedules(schedule, expected):
    np.testing.assert_allclose([float(schedule(t)) for t in range(4)], expected)
    np.testing.assert_allclose([float(schedule(ntb.tensor(t))) for t in range(4)], expected)


def test_schedules_refuse_nonsense():
    for make in (lambda: schedules.step_decay(1, 0), lambda: schedules.cosine(1, 0), lambda: schedules.warmup(-1, 1)):
        with pytest.raises(ntb.InputError):
            make()


def test_a_traced_step_sees_another_rate():
    w, optimizer = ntb.Variable(0.0), SGD(1.0)
    step = ntb.function(lambda g: optimizer.apply([g], [w]))
    values = []
    for rate in (1.0, 1.0, 0.5):
        optimizer.lr = rate
        step(np.array(-1.0))
        values.append(w.value.item())
    assert values == [1, 2, 2.5]
    optimizer.lr = schedules.constant(0.25)
    assert optimizer.lr(0) == 0.25


def test_a_rate_in_the_velocity_changes_only_new_steps():
    optimizer, w = SGD(1.0, momentum=0.5, lr_in_velocity=True), ntb.Variable(0.0)
    optimizer.apply([np.array(-1.0)], [w])
    optimizer.apply([np.array(-1.0)], [w], lr=0.0)
    assert w.value == 1.5


def test_a_rate_for_one_step():
    optimizer, w = SGD(0.1), ntb.Variable(0.0)
    optimizer.apply([np.array(1.0)], [w], lr=5.0)
    assert w.value == -5


def test_mistakes_are_explained_and_change_nothing():
    optimizer = Adam()
    w, v = ntb.Variable(1.0, name="w"), ntb.Variable([1.0, 2.0], name="v")
    one = np.array(1.0)
    for grads, variables, message in [
        ([one, None], [w, v], "'v' .* has no gradient"),
        ([one, one], [w, w], "'w' .* twice"),
        ([one], [w, v], "1 gradients for 2"),
        ([one, one], [w, v], "'v' .* has shape"),
        ([one], [ntb.tensor(1.0)], "Tensor"),
    ]:
        with pytest.raises(ntb.InputError, match=message):
            optimizer.apply(grads, variables)
    assert optimizer.step.value == 0 and w.value == 1
    with pytest.raises(ntb.InputError, match="momentum"):
        SGD(nesterov=True)


def test_an_error_in_the_middle_of_a_step_changes_nothing():
    optimizer = Adam()
    w, v = ntb.Variable(1.0), ntb.Variable(1.0)
    update, calls = optimizer.update, []

    def failing(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return update(*args)

    optimizer.update = failing
    with pytest.raises(KeyboardInterrupt):
        optimizer.apply([np.array(1.0)] * 2, [w, v])
    assert w.value == v.value == 1
    assert not any(slot.value.any() for slot in optimizer.variables()[1:])


def test_slots_are_made_once_and_saved_by_name():
    a, b = ntb.Variable([1.0, 2.0], name="a"), ntb.Variable(3.0, name="b")
    optimizer = Adam(0.1)
    optimizer.build([a, b])
    optimizer.build([b, a])
    names = ["lr", "step", "slots.m.a", "slots.m.b", "slots.v.a", "slots.v.b"]
    assert list(ntb.state.named_variables(optimizer)) == names
    assert len(optimizer.variables()) == 6
    optimizer.apply([np.array(1.0)], [b])
    assert [slot.value.any() for slot in optimizer.slots["m"]] == [False, True]
    assert optimizer.slots["m"][1].name == "b_m"
    assert repr(Adam(0.1, eps=0.5)) == "Adam(lr=0.1, beta1=0.9, beta2=0.999, eps=0.5, weight_decay=0.0)"


@pytest.mark.parametrize("make", [lambda: SGD(0.1, 0.9), lambda: RMSProp(0.1), lambda: Adam(0.1), lambda: AdamW(0.1)])
def test_a_rate_that_is_an_argument_of_a_traced_step(make):
    ends = []
    for decorate in (lambda f: f, ntb.function):
        optimizer, w = make(), ntb.Variable(np.ones(3, np.float32))
        step = decorate(lambda g, lr, optimizer=optimizer, w=w: optimizer.apply([g], [w], lr=lr))
        for i, rate in enumerate((0.1, 0.05, 0.2)):
            step(np.full(3, i - 1.5, np.float32), rate)
        ends.append(w.value)
    assert np.array_equal(*ends)
    assert len(step.programs) == 1


def test_clipping_in_a_traced_step():
    step = ntb.function(lambda g: clip_by_global_norm([g], 1.0))
    for scale in (1.0, 0.1, 10.0):
        g = np.array([3.0, 4.0], np.float32) * np.float32(scale)
        (clipped,), norm = step(g)
        assert np.array_equal(np.asarray(clipped), clip_by_global_norm([g], 1.0)[0][0]) and clipped.dtype == np.float32
        assert norm.item() == pytest.approx(5 * scale)


def test_clipping():
    grads = [np.array([3.0, 0.0], np.float32), None, np.array(4.0)]
    clipped, norm = clip_by_global_norm(grads, 10.0)
    assert norm == 5 and clipped[0].tolist() == [3, 0] and clipped[1] is None
    clipped, norm = clip_by_global_norm(grads, 1.0)
    np.testing.assert_allclose(clipped[0], [0.6, 0], rtol=1e-6)
    assert clipped[0].dtype == np.float32 and clipped[2].dtype == np.float64
    zeros, norm = clip_by_global_norm([np.zeros(2)], 1.0)
    assert norm == 0 and not zeros[0].any()
    big, norm = clip_by_global_norm([np.full(2, 1e30, np.float32)], 1.0)  # whose squares overflow in float32
    np.testing.assert_allclose(big[0], [0.5**0.5] * 2, rtol=1e-6)
    for bad in (np.inf, np.nan):
        clipped, norm = clip_by_global_norm([np.array([1.0, bad])], 1.0)
        assert not np.isfinite(norm) and np.isnan(clipped[0]).all()
    assert clip_by_global_norm([None], 1.0)[1] == 0
    with pytest.raises(ntb.InputError, match="positive"):
        clip_by_global_norm([np.ones(1)], 0)
    tensors, norm = clip_by_global_norm([ntb.tensor([3.0, 4.0])], 1.0)
    np.testing.assert_allclose(tensors[0].numpy(), [0.6, 0.8])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "c8", "c16"])
def test_the_lines_of_the_paper_and_the_tuned_form_agree(case, dtype):
    """Over some steps, to rounding, for parameters and slots; those of a shape of () and of enough to be laid flat."""

    decorate = ntb.function if dtype in ("f4", "c16") else lambda f: f
    turn = np.dtype(dtype).type(np.exp(0.3j) if dtype[0] == "c" else 1)

    def trained():
        rng = np.random.default_rng(0)
        shapes = [(), (2, 3), (4,)] * 3
        optimizer = CASES[case][0](0.1)
        variables = [ntb.Variable(rng.normal(size=shape).astype(dtype)) for shape in shapes]
        step = decorate(lambda *grads: optimizer.apply(grads, variables))
        for _ in range(4):
            step(*[rng.normal(size=shape).astype(dtype) * turn for shape in shapes])
        return [x.value for x in (*variables, *optimizer.variables())]

    found = trained()
    with ntb.tuned.off():
        expected = trained()
    eps = np.finfo(dtype).eps
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype and one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=40 * eps, atol=40 * eps)


@pytest.mark.parametrize("optimizer", [Adam, AdamW])
def test_only_an_update_that_is_not_replaced_has_a_tuned_form(optimizer):
    """A class or an object with an update of its own is asked for it; one that changes settings only is fast."""

    class Own(optimizer):
        def update(self, w, g, lr, t, m, v):
            return w + t, m, v

    class Settings(optimizer):
        def __init__(self):
            super().__init__(lr=0.5)

    w, changed = ntb.Variable(1.0), Settings()
    Own().apply([np.array(1.0)], [w])
    assert w.value == 2
    changed.apply([np.array(1.0)], [w])
    changed.update = lambda w, g, lr, t, *slots: (w * 0, *slots)
    assert w.value != 2
    changed.apply([np.array(1.0)], [w])
    assert w.value == 0


@pytest.mark.parametrize("dtype", ["f2", "c8"])
def test_slots_of_another_type_than_the_parameter_are_restored_into_a_new_optimizer(dtype):
    """Those of float16 are of float32, and squares of complex numbers are real."""
    w, optimizer = ntb.Variable(np.ones(3, dtype)), Adam(0.1)
    optimizer.apply([np.ones(3)], [w])
    again = {"w": ntb.Variable(np.zeros(3, dtype)), "optimizer": Adam(0.2)}
    ntb.state.restore(again, ntb.state.snapshot({"w": w, "optimizer": optimizer}))
    assert np.array_equal(again["optimizer"].slots["v"][0].value, optimizer.slots["v"][0].value)
    assert again["optimizer"].lr_now == 0.1
