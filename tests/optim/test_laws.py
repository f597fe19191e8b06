"""What holds for every optimizer: element types, shapes, freezing, saved state, and a traced step is an eager one."""

import copy
import pickle

import numpy as np
import pytest

import ntb
from ntb import optim

from .makers import MAKERS

ALL = [pytest.param(make, id=name) for name, make in MAKERS.items()]
LEFT_OUT = {"Optimizer", "EMA", "SWA", "minimize", "schedules", "clip_by_value", "clip_by_norm", "clip_by_global_norm"}


def test_every_optimizer_is_tried():
    assert {type(make()).__name__ for make in MAKERS.values()} == set(optim.__all__) - LEFT_OUT


def parameters(make, dtype="f8"):
    rng = np.random.default_rng(0)
    shapes = [(2, 3)] if isinstance(make(), optim.Muon) else [(2, 3), (4,), ()]
    values = [rng.normal(size=shape) + (1j * rng.normal(size=shape) if dtype[0] == "c" else 0) for shape in shapes]
    return [ntb.Variable(x.astype(dtype), name=f"w{i}") for i, x in enumerate(values)]


def loss_of(variables):
    """A parabola of other curvatures for all elements, which has its minimum at 1; its value is real."""
    curved = [np.arange(1, v.read().size + 1).reshape(v.shape).astype(v.dtype) for v in variables]
    return sum(np.sum(np.abs(v - 1) ** 2 * np.abs(c)) for v, c in zip(variables, curved)) / 10


def train(optimizer, variables, steps, decorate=lambda f: f):
    step = decorate(lambda: optimizer.minimize(lambda: loss_of(variables), variables))
    return [float(step()) for _ in range(steps)]


def state(optimizer, variables):
    return ntb.state.snapshot({"optimizer": optimizer, "variables": {v.name: v for v in variables}})


def assert_equal(one, other):
    assert list(one) == list(other)
    for name in one:
        assert one[name].dtype == other[name].dtype, name
        assert one[name].tobytes() == other[name].tobytes(), name


@pytest.mark.uncounted
@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("dtype", ["f4", "c16"])
def test_a_traced_step_is_an_eager_one_bit_for_bit(make, dtype):
    ends = []
    for decorate in (lambda f: f, ntb.function):
        variables, optimizer = parameters(make, dtype), make()
        train(optimizer, variables, 6, decorate)
        ends.append(state(optimizer, variables))
    assert_equal(*ends)


@pytest.mark.parametrize("make", ALL)
def test_it_comes_down(make):
    losses = train(make(), parameters(make, "c8"), 60)
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("make", ALL)
def test_a_loss_turned_in_the_plane_makes_steps_turned(make):
    """Complex numbers are points of the plane, in which no direction is special."""
    turn, ends = np.exp(0.7j), []
    for by in (1.0, turn):
        variables, optimizer = parameters(make, "c16"), make()
        for v in variables:
            v.assign(v * by)
        for _ in range(4):
            optimizer.minimize(lambda variables=variables, by=by: loss_of([v / by for v in variables]), variables)
        ends.append([v.value / by for v in variables])
    for one, other in zip(*ends):
        np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("make", ALL)
def test_float16_has_slots_of_float32_and_the_numbers_of_float32_rounded(make):
    ends = []
    for dtype in ("f2", "f4"):
        variables, optimizer = parameters(make, dtype), make()
        if dtype == "f4":
            for v, half in zip(variables, parameters(make, "f2")):
                v.assign(half)
        for i in range(3):
            grads = [np.full(v.shape, (i - 1.5) / 4, dtype) for v in variables]
            apply = optimizer.optimizer.apply if isinstance(optimizer, optim.SAM) else optimizer.apply
            apply(grads, variables)
        ends.append([v.value for v in variables])
        slots = [x for name, x in state(optimizer, variables).items() if "slots." in name]
        assert {x.dtype for x in slots} <= {np.dtype(np.float32)}
    for half, single in zip(*ends):
        np.testing.assert_allclose(half, single, rtol=4e-3, atol=4e-3)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("size", [0, 1])
def test_no_element_and_one(make, size):
    for shape in [(size, 3), (3, size), (size, size)]:
        w, optimizer = ntb.Variable(np.ones(shape)), make()
        for _ in range(2):
            optimizer.minimize(lambda w=w: np.sum(w**2), [w])
        assert np.isfinite(w.value).all() and w.shape == shape


@pytest.mark.parametrize("make", ALL)
def test_what_is_frozen_stays_and_a_step_changes_no_array(make):
    first, second = ntb.Variable(np.ones((2, 3)), name="a"), ntb.Variable(np.ones((2, 3)), name="b")
    optimizer, kept = make(), first.value
    for frozen in (False, True):
        second.trainable = not frozen
        before = second.value.copy()
        for _ in range(2):
            optimizer.minimize(lambda: np.sum(first**2), [first]) if frozen else optimizer.minimize(
                lambda: np.sum(first**2 + second**2), [first, second]
            )
        assert np.array_equal(second.value, before) is frozen
    assert (kept == 1).all() and not np.array_equal(first.value, kept)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("how", ["saved", "pickled", "copied"])
def test_training_goes_on_after_a_move(make, how):
    if how == "pickled" and isinstance(make(), optim.Chain):
        how = "copied"  # its function is a lambda
    variables, optimizer = parameters(make), make()
    train(optimizer, variables, 3)
    if how == "saved":
        kept = state(optimizer, variables)
        again, other = parameters(make), make()
        ntb.state.restore({"optimizer": other, "variables": {v.name: v for v in again}}, kept)
    else:
        move = (lambda x: pickle.loads(pickle.dumps(x))) if how == "pickled" else copy.deepcopy
        other, again = move((optimizer, variables))
    train(optimizer, variables, 3)
    train(other, again, 3)
    assert_equal(state(optimizer, variables), state(other, again))


@pytest.mark.parametrize("make", ALL)
def test_it_shows_its_settings_and_its_rate(make):
    optimizer = make()
    assert repr(optimizer).startswith(f"{type(optimizer).__name__}(") and "\n" not in repr(optimizer).split("Groups")[0]
    assert optimizer.lr_now > 0
    optimizer.lr = 0.25
    assert optimizer.lr_now == 0.25
