"""Arrays of a library that works at once and meets no NumPy array, as CuPy: nothing becomes NumPy's in silence."""

import numpy as np
import pytest

import ntb
from ntb.foreign.arrays import ForeignTensor
from tests import oldest

from . import duck as library
from .duck import Duck, duck
from .programs import PROGRAMS, differentiate


@pytest.mark.parametrize("on_device", [False, True], ids=["NumPy's parameters", "the library's parameters"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_numbers_are_those_of_numpy(name, on_device):
    program = PROGRAMS[name]
    data, parameters = program.arrays()
    expected = differentiate(program, data, [ntb.Variable(p) for p in parameters])
    library.calls.clear()
    found = differentiate(program, map(duck, data), [ntb.Variable(duck(p) if on_device else p) for p in parameters])
    assert library.calls["get"] == 0 and library.calls.total() > 0
    for one, other in zip(found, expected, strict=True):
        assert isinstance(one.value, Duck)
        assert one.shape == other.shape and one.dtype == other.dtype
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-12, atol=1e-12)


def test_long_arrays_are_not_cut_into_blocks():
    x = np.linspace(-3, 3, 100_000)
    for f in (ntb.nn.sigmoid, ntb.nn.relu, ntb.nn.gelu, ntb.nn.silu):
        with ntb.Tape() as tape:
            t = tape.watch(duck(x))
            total = np.sum(f(t))
        np.testing.assert_allclose(tape.gradient(total, t).numpy(), ntb.grad(lambda x, f=f: np.sum(f(x)))(x))


def test_primitives_take_bare_arrays():
    library.calls.clear()
    y = ntb.nn.sigmoid(duck(np.zeros(2)))
    assert isinstance(y, Duck) and library.calls["get"] == 0
    np.testing.assert_array_equal(y.get(), 0.5)


@pytest.mark.parametrize(
    "optimizer", [ntb.optim.SGD(lr=0.1, momentum=0.5), ntb.optim.Adam(lr=0.1)], ids=lambda o: type(o).__name__
)
def test_variables_and_slots_stay_where_their_first_value_lies(optimizer):
    x = np.random.default_rng(0).normal(size=(64, 3))
    y = x @ np.arange(3.0)
    w = ntb.Variable(duck(np.zeros(3)), name="w")
    library.calls.clear()
    for _ in range(200):
        optimizer.minimize(lambda: ntb.nn.mse(ntb.tensor(duck(x)) @ w, ntb.tensor(duck(y))), [w])
    slots = [slot.value for group in optimizer.slots.values() for slot in group]
    assert slots and all(isinstance(value, Duck) for value in [w.value, *slots])
    assert library.calls["get"] == 0
    np.testing.assert_allclose(w.numpy(), np.arange(3.0), atol=0.05)


def test_state_is_saved_and_put_back(tmp_path):
    w = ntb.Variable(duck(np.ones(3)), name="w")
    ntb.save(tmp_path / "state.npz", {"w": w})
    w.assign(np.zeros(3))
    assert isinstance(w.value, Duck) and w.numpy().tolist() == [0, 0, 0]
    ntb.load(tmp_path / "state.npz", {"w": w})
    assert isinstance(w.value, Duck) and w.numpy().tolist() == [1, 1, 1]


def test_a_variable_of_numpy_fetches_what_it_is_assigned():
    w = ntb.Variable(np.ones(2))
    w.assign(ntb.tensor(duck(np.zeros(2))))
    assert type(w.value) is np.ndarray
    w.assign(duck(np.ones(2)))
    assert w.value.tolist() == [1, 1]


def test_tensors_are_copies_and_gradients_share_no_memory():
    x = duck(np.ones(3))
    with ntb.Tape() as tape:
        t = tape.watch(x)
        y = np.sum(t * x)
        x[0] = 5.0
    assert t.numpy().tolist() == [1, 1, 1]
    found = tape.gradient(y, t)
    assert found.numpy().tolist() == [1, 1, 1]
    with ntb.Tape() as tape:
        a, b = tape.watch(duck(np.ones(2))), tape.watch(duck(np.ones(2)))
        y = np.sum(a + b)
    da, db = tape.gradient(y, [a, b])
    assert not np.shares_memory(da.value._inside, db.value._inside)


def test_what_a_tensor_says_of_itself():
    t = ntb.tensor(duck(np.ones((2, 3))))
    assert repr(t) == "Tensor(Duck(float64[2, 3]))"
    assert t.shape == (2, 3) and t.dtype == float and len(t) == 2
    assert type(t.numpy()) is np.ndarray
    s = np.sum(t)
    assert s.item() == 6.0 and float(s) == 6.0 and f"{s:.1f}" == "6.0" and bool(s > 5)
    with pytest.raises(TypeError, match="in silence"):
        np.asarray(t)
    with pytest.raises(ValueError) as error:
        np.matmul(t, t)
    if hasattr(error.value, "__notes__"):
        assert "np.matmul(" in error.value.__notes__[0] and ":float64[2, 3]" in error.value.__notes__[0]


def test_jacobians_and_seeds():
    with ntb.Tape(persistent=True) as tape:
        t = tape.watch(duck(np.array([1.0, 2.0])))
        y = t * t
    np.testing.assert_array_equal(tape.jacobian(y, t).numpy(), [[2, 0], [0, 4]])
    for seed in (np.ones(2), duck(np.ones(2)), ntb.tensor(np.ones(2))):
        found = tape.gradient(y, t, seed=seed)
        assert isinstance(found.value, Duck) and found.numpy().tolist() == [2, 4]


def test_a_traced_function_refuses():
    square = ntb.function(lambda x: x * x)
    for x in (duck(np.ones(2)), ntb.tensor(duck(np.ones(2)))):
        with pytest.raises(ntb.ConversionError, match=r"without ntb\.function"):
            square(x)
    held = ntb.tensor(duck(np.ones(2)))
    with pytest.raises(ntb.ConversionError, match=r"without ntb\.function"):
        ntb.function(lambda x: x * held)(np.ones(2))


@pytest.mark.parametrize("function", [np.max, np.min])
def test_a_mask_without_an_initial_value_is_refused(function):
    t = ntb.tensor(duck(np.array([1.0, 2.0])))
    with pytest.raises(TypeError, match="where|unexpected"):
        function(t, where=duck(np.array([True, False])))
    assert function(t, where=duck(np.array([True, False])), initial=1.5).item() == function([1.0, 1.5])


class Silent(Duck):
    """An array of a library that has no functions of its own and goes over to NumPy."""

    def __array_function__(self, function, types, args, kwargs):
        return function(*library.inside(args), **kwargs)


def test_a_library_that_goes_over_to_numpy_is_found_out():
    with pytest.raises(ntb.ConversionError, match=r"np\.cumsum has no form"):
        np.cumsum(ForeignTensor(Silent(np.ones(2))))


@oldest.clips
def test_an_array_that_is_given_by_name_alone():
    low = duck(np.array([0.5, 3.0]))
    y = np.clip(ntb.tensor([1.0, 2.0]), min=ntb.tensor(low), max=None)
    assert isinstance(y, ForeignTensor) and y.tolist() == [1.0, 3.0]
