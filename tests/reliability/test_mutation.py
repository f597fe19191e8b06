"""What the user holds may change at any moment: it raises, or no value and no gradient changes (see reliability/)."""

from collections import Counter

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_array_equal

import ntb
from ntb import MutationError, Tape, Variable, datasets, optim
from ntb.state import restore, snapshot
from reliability import mutation

seeds, steps = st.integers(0, 2**31), st.lists(st.integers(0, 2**16), min_size=1, max_size=4)


@pytest.mark.uncounted
@pytest.mark.parametrize("run", mutation.RUNS, ids=lambda run: run.__name__)
@settings(max_examples=60)
@given(steps=steps, seed=seeds, hurt=seeds)
def test_random_changes_of_all_that_the_user_holds(run, steps, seed, hurt):
    mutation.try_case(run, steps, seed, hurt, Counter())


@pytest.mark.uncounted
@pytest.mark.parametrize("step", range(len(mutation.STEPS + mutation.EAGER)))
def test_every_kind_of_step(step):
    runs = (mutation.on_a_tape, mutation.traced) if step < len(mutation.STEPS) else (mutation.on_a_tape,)
    for run in runs:
        figures = Counter()
        for seed in range(4):
            mutation.try_case(run, [step], seed, seed, figures)
        assert figures["changes"] > 4


@pytest.mark.uncounted
def test_the_long_form():
    figures = mutation.measure(0.002, lambda line: None)
    assert figures["programs"] == 40
    assert figures["changes"] > 100


def test_it_finds_what_is_not_protected():
    """A tape that keeps the user's own arrays is found out."""

    def careless(steps, seed, changes):
        u = mutation.Hands(seed)
        x, factor = ntb.tensor(u.floats(3)), ntb.Tensor(u.floats(3))
        with Tape() as tape:
            y = tape.watch(x) * factor
        changes(u.handles, 1)
        yield [tape.gradient(y, x, seed=np.ones(3)).value]

    with pytest.raises(AssertionError, match=r"careless.*in part 0: "):
        for seed in range(5):
            mutation.try_case(careless, [], seed, seed, Counter())


def gradient_after(change, function, *arrays):
    """The gradient by a tensor of ones, for which a change is made between the run and the walk."""
    with Tape() as tape:
        x = tape.watch(np.ones(2))
        y = np.sum(function(x))
    change()
    return tape.gradient(y, x).tolist()


def test_an_array_that_is_locked_can_be_changed_all_the_same():
    array = np.array([2.0, 3.0])
    view = array[:]
    array.flags.writeable = False
    assert gradient_after(lambda: view.fill(0), lambda x: x * array) == [2.0, 3.0]


def test_memory_mapped_arrays(tmp_path):
    array = np.memmap(tmp_path / "x", float, "w+", shape=(2,))
    array[:] = 2, 3
    assert gradient_after(lambda: array.fill(0), lambda x: x * array) == [2.0, 3.0]
    f = ntb.function(lambda x: x * array, check="never")
    array[:] = 2, 3
    f(np.ones(2))
    array[:] = 0
    assert f(np.ones(2)).tolist() == [2.0, 3.0]


@pytest.mark.parametrize("again", [ntb.checkpoint, mutation.repeated, mutation.settled])
def test_what_is_run_again_must_find_the_same(again):
    array, number = np.full((3, 3), 0.5), [2.0]

    def gradient(change):
        with Tape() as tape:
            x = tape.watch(np.full((3, 3), 0.4))
            y = np.sum(again(lambda x: np.sin(x * array) * number[-1] * 0.4)(x))
        change()
        return tape.gradient(y, x).numpy()

    assert_array_equal(gradient(lambda: None), gradient(lambda: None))
    for change in (lambda: array.__imul__(1.1), lambda: array.__setitem__((0, 0), -1.0), lambda: number.append(3.0)):
        with pytest.raises(MutationError, match=r"runs again.*or a number replaced\. Pass it as an argument"):
            gradient(change)


def test_functions_on_plain_arrays_get_them_locked():
    def into_argument(x):
        x *= 2
        return x, None

    def into_cache(g, cache, wanted, shape):
        cache[0] *= g
        return cache

    def into_gradient(g, cache, wanted, shape):
        g *= 2
        return [g]

    pairs = [(into_argument, into_gradient), (lambda x: (x + 0, [x + 1]), into_cache), (np.modf, into_gradient)]
    for forward, backward in pairs:
        with pytest.raises(ValueError, match="read-only"), Tape() as tape:
            x = tape.watch(np.ones(2))
            tape.gradient(np.sum(ntb.numpy_function(forward, backward)(x)), x)


def test_what_the_optimizer_and_the_state_were_given():
    v, g = Variable([1.0, 2.0]), np.ones(2)
    opt = optim.SGD(0.1, momentum=0.9)
    for _ in range(2):
        opt.apply([g], [v])
        g[:] = 5
    after = v.numpy().copy()
    saved = snapshot({"v": v, "opt": opt})
    restore({"v": v, "opt": opt}, saved)
    for array in (g, *saved.values()):
        array[...] = 0
    assert_array_equal(v.numpy(), after)
    assert snapshot(opt)["step"] == 2
    with pytest.raises(ValueError, match="read-only"):
        v.value[0] = 1


def test_datasets_are_made_anew():
    first = datasets.shapes32.load(4, 2)
    kept = first.x_train.copy()
    first.x_train[...] = 0
    assert_array_equal(datasets.shapes32.load(4, 2).x_train, kept)
