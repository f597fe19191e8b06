"""Generators: reproducible, of the asked shape and dtype, with a state that can be saved and restored."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import ntb
from ntb import InputError, Tape, Tensor, function

DRAWS = {
    "random": lambda r: r.random((2, 3)),
    "number": lambda r: r.random(),
    "float32": lambda r: r.random(3, dtype=np.float32),
    "normal": lambda r: r.normal(1.0, 2.0, (4,)),
    "uniform": lambda r: r.uniform(-1.0, 1.0, (2, 2)),
    "integers": lambda r: r.integers(2, 9, 5),
    "below": lambda r: r.integers(4),
    "permutation": lambda r: r.permutation(6),
    "choice": lambda r: r.choice(5, (2, 2)),
    "weighted": lambda r: r.choice(3, 4, p=np.array([0.2, 0.3, 0.5])),
    "categorical": lambda r: r.categorical(np.full((4, 3), 1.0)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_same_seed_gives_the_same_numbers_also_in_replays(name):
    draw = DRAWS[name]
    results = []
    for how in (draw, function(lambda r: draw(r))):
        rng = ntb.random.generator(5)
        results.append([np.array(how(rng)) for _ in range(3)])
    for a, b in zip(*results, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_array_equal(a, b)


@given(st.lists(st.sampled_from(sorted(DRAWS)), max_size=5), st.integers(0, 2**40))
def test_the_state_can_be_saved_and_restored(names, seed):
    rng = ntb.random.generator(seed)
    for name in names:
        DRAWS[name](rng)
    state = rng.value
    assert (state.shape, state.dtype) == (rng.shape, rng.dtype) == ((6,), np.uint64)
    first = [DRAWS[name](rng) for name in DRAWS]
    other = ntb.random.generator()
    for r in (rng, other):
        r.assign(state)
        np.testing.assert_array_equal(r.value, state)
        for a, name in zip(first, DRAWS, strict=True):
            np.testing.assert_array_equal(a, DRAWS[name](r))
    rng.random()
    assert not np.array_equal(rng.value, state)


def test_a_state_that_is_none():
    rng = ntb.random.generator(0)
    for wrong in (np.zeros(6), np.zeros(5, np.uint64), 3):
        with pytest.raises(InputError, match=r"uint64 array of shape \(6,\)"):
            rng.assign(wrong)


def test_the_default_generator_is_seeded():
    ntb.random.seed(1)
    a = ntb.random.default().random(3)
    ntb.random.seed(1)
    assert np.array_equal(ntb.random.default().random(3), a)
    assert np.array_equal(ntb.random.generator(1).random(3), a)
    assert not np.array_equal(ntb.random.generator().random(3), ntb.random.generator().random(3))


def test_draws_are_arrays_outside_and_tensors_inside_of_traces():
    rng, kinds = ntb.random.generator(0), []
    function(lambda: kinds.append(type(rng.random(3))))()
    with Tape():
        kinds.append(type(rng.random(3)))
    assert kinds == [Tensor, np.ndarray]


def test_dtypes_and_ranges():
    rng = ntb.random.generator(0)
    assert rng.random(3, dtype=np.float32).dtype == rng.normal(size=3, dtype=np.float32).dtype == np.float32
    assert rng.uniform(-1.0, 2.0, 3, dtype=np.float32).dtype == np.float32
    u = rng.uniform(-1.0, 2.0, 10_000)
    assert -1 <= u.min() < -0.99 and 1.99 < u.max() < 2
    assert set(rng.integers(2, 5, 100).tolist()) == {2, 3, 4}
    assert sorted(rng.permutation(5).tolist()) == list(range(5))
    n = rng.normal(3.0, 0.5, 40_000)
    assert abs(n.mean() - 3) < 0.02 and abs(n.std() - 0.5) < 0.02


def test_gradients_flow_to_location_and_scale():
    rng, copy = ntb.random.generator(0), ntb.random.generator(0)
    with Tape() as tape:
        loc, scale = tape.watch(1.0), tape.watch(2.0)
        y = np.sum(rng.normal(loc, scale, (5,)))
    dl, ds = tape.gradient(y, [loc, scale])
    assert dl.item() == 5.0
    np.testing.assert_allclose(ds.item(), copy.normal(size=5).sum())


def test_categorical_follows_its_probabilities_at_their_ends_too():
    rng = ntb.random.generator(0)
    p = np.array([0.0, 0.5, 0.0, 0.25, 0.25, 0.0])
    counts = np.bincount(rng.categorical(np.broadcast_to(p, (20_000, 6))), minlength=6)
    assert counts[[0, 2, 5]].tolist() == [0, 0, 0]
    np.testing.assert_allclose(counts / 20_000, p, atol=0.02)
    assert rng.categorical(np.full(3, 1e-30, np.float32)) in (0, 1, 2)  # scaled to sum to one
    assert rng.categorical(np.ones((2, 0, 4))).shape == (2, 0)


@given(st.integers(0, 2**32 - 1), st.integers(0, 5))
def test_the_state_of_numpys_generator_is_kept_to_the_last_bit(seed, draws):
    """Also the second of two normal numbers, which NumPy keeps for the next draw."""
    generator, outside = ntb.random.of_numpy(), np.random.get_state()
    try:
        np.random.seed(seed)
        np.random.normal(size=draws)
        before, state = generator.value, np.random.get_state()
        np.random.normal(size=3)
        generator.assign(before)
        after = np.random.get_state()
        assert np.array_equal(state[1], after[1]) and state[2:] == after[2:]
    finally:
        np.random.set_state(outside)
