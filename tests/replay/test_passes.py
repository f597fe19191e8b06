"""Every pass keeps the numbers, bit for bit, and does what it is for; a program can be built without any of them."""

import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import ntb
from ntb import Tape, Variable, blockwise
from ntb.chapters import open_chapters
from ntb.functions import name_of
from ntb.primitive import primitive
from ntb.replay import arena, blocks, memory
from ntb.replay.passes import LOWERING, SIMPLIFYING, without
from ntb.tape.rules import operations
from tests import oldest
from tests.replay.parity import assert_same, check, layouts
from tests.replay.steps import STEPS

PASSES = [step.__name__ for step in (*SIMPLIFYING, *LOWERING)]
ONE = np.ones(3)


def lowered(f, *args):
    """The code as it is executed."""
    return f.trace(*args).executable.routine.code


def calls(code):
    return [getattr(i.function, "__name__", "") for i in code.instructions]


def training_step(seed, n, dtype, chosen):
    rng = np.random.default_rng(seed)
    w = Variable(rng.normal(size=(n, n)).astype(dtype), name="w")
    velocity = Variable(np.zeros((n, n), dtype), trainable=False, name="velocity")
    generator = ntb.random.generator(3)

    def step(x, y, lr):
        surroundings = {"w": w, "lr": lr, "const": x, "rng": generator}
        with Tape() as tape:
            h = [x * 1.0, y - 0.5]
            for f in chosen:
                h.append(f(h, surroundings))
            loss = np.mean(h[-1] ** 2) + np.sum(np.tanh(h[-1] * w)) * 0.1
        velocity.assign(0.9 * velocity - lr * tape.gradient(loss, w, unconnected="zero"))
        w.assign_add(velocity)
        return loss, h[-1], w * 1.0

    data = [
        (layouts(rng.normal(size=(n, n)).astype(dtype), kind), rng.normal(size=(n, n)).astype(dtype), 0.01)
        for kind in ("C", "F", "backwards")
    ]
    return step, data, [w, velocity, generator]


@pytest.mark.uncounted
@pytest.mark.parametrize("left_out", [*PASSES, "all"])
@settings(max_examples=12)
@given(st.data())
def test_programs_without_a_pass_give_the_same_numbers(left_out, data):
    chosen = [STEPS[i] for i in data.draw(st.lists(st.integers(0, len(STEPS) - 1), min_size=1, max_size=6))]
    dtype, n = data.draw(st.sampled_from([np.float32, np.float64])), data.draw(st.sampled_from([1, 3, 40]))
    step, inputs, state = training_step(data.draw(st.integers(0, 9)), n, dtype, chosen)
    with np.errstate(all="ignore"), without(*(PASSES if left_out == "all" else [left_out])):
        check(step, inputs, state, sources=False)


@settings(max_examples=30)
@given(st.data())
def test_all_sizes_are_large(data):
    """What depends on size, as blocks and writing over operands, happens to small arrays too."""
    chosen = [STEPS[i] for i in data.draw(st.lists(st.integers(0, len(STEPS) - 1), min_size=1, max_size=8))]
    dtype, n = data.draw(st.sampled_from([np.float32, np.float64])), data.draw(st.sampled_from([1, 2, 5]))
    step, inputs, state = training_step(data.draw(st.integers(0, 9)), n, dtype, chosen)
    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        size = data.draw(st.sampled_from([8, 24, 64]))
        patch.setattr(blocks, "BLOCK", size)
        patch.setattr(blockwise, "BLOCK", size)
        patch.setattr(memory, "SMALL", 0)
        check(step, inputs, state, sources=False)


def test_equal_calls_are_merged():
    f = ntb.function(lambda x: np.sin(x * 2.0) + np.cos(x * 2.0))
    with without("merge"):
        apart = lowered(f, ONE)
    together = lowered(f, ONE)
    assert calls(apart).count("multiply") == 2
    assert calls(together).count("multiply") == 1


@pytest.mark.parametrize("other", [lambda x: x * 2, lambda x: x * 2.0 + 0.0, lambda x: x * -0.0])
def test_merging_tells_numbers_apart_by_type_and_sign(other):
    check(lambda x: (x * 2.0, other(x), x * 0.0), [(np.array([1, -2]),), (ONE,)])


def test_merging_keeps_the_operands_of_products_apart():
    """A product of an array with itself takes another path through BLAS than one with an equal array."""
    f = ntb.function(lambda x: (x + 1.0) @ (x + 1.0).T)
    code = lowered(f, np.ones((3, 3)))
    assert calls(code).count("add") == 2


WIDE = np.random.default_rng(1).normal(size=(100, 1000))


@pytest.mark.parametrize(
    "product",
    [
        ntb.numpy_function(lambda a, b: (a @ b.T, None), lambda g, cache, wanted, *shapes: [None, None]),
        primitive(lambda a, b: a @ b.T),
        primitive(lambda a, b: np.einsum("ij,kj->ik", a, b, optimize=True)),
        lambda a, b: np.inner(a, b),
        lambda a, b: np.tensordot(a, b, (1, 1)),
        lambda a, b: np.linalg.multi_dot([a, b.T]),
    ],
)
def test_merging_keeps_the_operands_of_unknown_products_apart(product):
    """A user's function may multiply matrices, and then the last bits depend on whether two operands are one array."""
    f = lambda x: product(np.tanh(x), np.tanh(x))
    expected = f(ntb.tensor(WIDE)).numpy()
    traced = ntb.function(f)
    for _ in range(3):
        assert_same(traced(WIDE), expected, "replayed")


def depends_on_identity(function):
    """Whether the last bits of a function of two arrays depend on whether they share memory.

    NumPy hands ``x @ x.T`` to a kernel for symmetric products, and ``x @ y.T`` of equal numbers to the general one.
    """
    x = np.random.default_rng(1).normal(size=(16, 50))
    for turned in (lambda a: a, np.transpose):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                one, other = function(x, turned(x)), function(x, turned(x.copy()))
            except (TypeError, ValueError, IndexError, np.linalg.LinAlgError):
                continue
        if isinstance(one, np.ndarray) and one.dtype.kind == "f" and one.tobytes() != other.tobytes():
            return True
    return False


def test_what_depends_on_the_identity_of_operands_is_declared_a_product():
    open_chapters()
    two = [o for o in operations() if len(o.derivative.rules) > 1]
    functions = {o.function: o for o in two if name_of(o.function).startswith("np.")}
    assert len(functions) > 40
    found = {name_of(f) for f in functions if depends_on_identity(f)}
    if not found:
        pytest.skip("this machine's BLAS gives the same bits for x @ x.T whether or not the operands share memory")
    silent = {name for f, o in functions.items() if (name := name_of(f)) in found and not o.traits.product}
    assert not silent


def test_what_is_known_to_multiply_nothing_reads_merged_values():
    known = primitive(lambda a, b: a + b, product=False, pure=True)
    for add, times in ((np.add, 1), (known, 1), (primitive(lambda a, b: a + b), 2)):
        code = lowered(ntb.function(lambda x, add=add: add(np.tanh(x), np.tanh(x))), ONE)
        assert calls(code).count("tanh") == times


def test_returned_arrays_are_not_merged():
    a, b = ntb.function(lambda x: (x + 1.0, x + 1.0))(ONE)
    assert a is not b


def test_constants_are_folded_and_what_nobody_needs_is_pruned():
    def f(x):
        np.sin(x)
        return x + np.sqrt(ntb.tensor(4.0))

    assert calls(lowered(ntb.function(f), ONE)) == ["add"]


def test_reductions_are_called_without_their_wrappers():
    f = ntb.function(lambda x: np.exp(np.sum(x) + np.mean(x * x) + np.max(np.exp(x))))
    code = lowered(f, ONE)
    assert {"sum", "mean", "max"}.isdisjoint(calls(code))
    assert calls(code).count("reduce") == 3


def test_numbers_in_arithmetic_are_arrays_of_the_dtype():
    code = lowered(ntb.function(lambda x: x * 0.5 + 1), np.ones(3, np.float32))
    numbers = [a for i in code.instructions for a in i.args if isinstance(a, np.ndarray)]
    assert [n.dtype for n in numbers] == [np.float32, np.float32]


def test_a_constant_that_repeats_a_number_is_a_number():
    """The gradient of a sum is one, of the shape of what is summed."""
    step, x = ntb.function(ntb.grad(lambda x: np.sum(x * x))), np.arange(6.0).reshape(2, 3)
    code = lowered(step, x)
    assert not [ref for i in code.instructions for ref in i.reads() if ref in code.constants], code.instructions
    assert_same(step(x), 2.0 * x, "by a number")


def test_a_number_too_large_for_the_dtype_warns_in_every_run():
    f = ntb.function(lambda x: x * 1e300)
    for _ in range(3):
        with pytest.warns(RuntimeWarning, match="overflow"):
            f(np.ones(3, np.float32))


def chain(x):
    for _ in range(10):
        x = np.tanh(x) * 1.5
    return x


def test_memory_is_reused():
    x = np.ones(5000)
    with without("reuse", "in_place"):
        apart = lowered(ntb.function(chain), x)
    with without("in_place"):
        shared = lowered(ntb.function(chain), x)
    over = lowered(ntb.function(chain), x)
    assert apart.arena == 19 * arena.rounded(x.nbytes)
    assert shared.arena == 2 * arena.rounded(x.nbytes)
    assert over.arena == arena.rounded(x.nbytes)


def test_signs_are_not_taken_in_place_as_numpy_is_slow_there():
    f = ntb.function(lambda x: np.sum(np.sign(x * 2.0)) + np.sum(np.tanh(x * 3.0)))
    x = np.ones(5000)
    assert lowered(f, x).arena == 2 * arena.rounded(x.nbytes)


def test_the_largest_places_come_first_where_time_wastes_memory():
    """The small value lies behind the middle one, and the gap that this leaves has no room for the large one."""
    middle, small, large = (memory.Storage(n * arena.ALIGNMENT) for n in (10, 5, 15))
    lives = {middle: (0, 1), small: (0, 3), large: (2, 3)}
    assert arena.by_time(lives, 0)[0] == 30 * arena.ALIGNMENT
    assert arena.by_size(lives, 0)[0] == arena.most_alive(lives) == 20 * arena.ALIGNMENT


def test_views_are_made_once():
    f = ntb.function(lambda x: np.sum(np.reshape(np.tanh(x), (2, 3)).T[::-1], axis=0))
    assert calls(lowered(f, np.ones(6))) == ["tanh", "reduce"]
    with without("fix_views"):
        assert len(lowered(f, np.ones(6)).instructions) == 5
    check(lambda x: np.sum(np.reshape(np.tanh(x), (2, 3)).T[::-1], axis=0), [(np.arange(6.0),), (np.ones(6),)])


def test_chains_on_large_arrays_run_block_by_block():
    size = 3 * blocks.BLOCK // 8 + 5
    f = ntb.function(chain)
    code = lowered(f, np.ones(size))
    assert calls(code) == ["run_blocks", "multiply"]  # the last one makes the array that is returned
    scratch = 8 * blockwise.step_of(8 * size, size)
    assert code.arena == arena.rounded(8 * size) + arena.rounded(scratch)  # what leaves the chain, and scratch
    check(chain, [(np.random.default_rng(i).normal(size=size),) for i in range(2)])


@oldest.sums
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [65_537, 300_001, (500, 640)])
def test_a_sum_is_taken_in_the_blocks_of_what_it_sums(dtype, size):
    """In NumPy's order, which adds up halves of halves; what only the sum reads needs the memory of one block."""

    def call(x, w):
        d = (x - w) * 2.0
        return np.sum(d * d) / 3.0, np.sum(np.tanh(d), axis=None) + np.sum(np.abs(x)), w * d

    traced, rng = ntb.function(call), np.random.default_rng(0)
    x, w = [(rng.normal(size=size) * 10.0 ** rng.uniform(-6, 6, size)).astype(dtype) for _ in range(2)]
    x.flat[:3] = np.inf, -0.0, 1e-30
    code = lowered(traced, x, w)
    assert sum(i.function == np.add.reduce for i in code.instructions) == 0, code.instructions
    assert code.arena < x.nbytes + 4 * blockwise.BLOCK  # d alone is whole
    for each in (x, np.minimum(x, 1.0), np.zeros_like(x), np.full_like(x, -0.0)):
        assert_same(traced(each, w), call(each, w), "sums in blocks")
    assert_same(traced(w, w), call(w, w), "zeros")


def test_a_chain_that_nobody_reads_runs_nowhere():
    with without("prune"):
        check(lambda x: (chain(x) * 2.0, x + 1.0)[1], [(np.ones(blocks.BLOCK),)], sources=False)


# --- variables


def momentum():
    w, v = Variable(np.ones(3), name="w"), Variable(np.zeros(3), name="v")

    @ntb.function(check="never")
    def step(x):
        v.assign(0.9 * v + x)
        w.assign_sub(v)
        return np.sum(w)

    return w, step


def test_new_values_are_written_into_the_variables_next_arrays():
    w, step = momentum()
    step(ONE)
    seen = set()
    for _ in range(6):
        step(ONE)
        seen.add(id(w.get().value))
    assert len(seen) == 2


def test_what_was_read_from_a_variable_stays_as_it_was():
    w, step = momentum()
    step(ONE)
    held = []
    for _ in range(6):
        step(ONE)
        held.append((w.read(), w.value, np.array(w.value), w.value[1:]))
    for tensor, view, copy, part in held:
        np.testing.assert_array_equal(tensor.value, copy)
        np.testing.assert_array_equal(view, copy)
        np.testing.assert_array_equal(part, copy[1:])


def test_what_is_returned_is_never_overwritten():
    f = ntb.function(lambda x: (np.tanh(x) * 2.0, (np.tanh(x) * 3.0).T, np.sum(x)))
    results = [[t.copy() for t in f(np.full((2, 2), i))] for i in range(5)]
    kept = [f(np.full((2, 2), i)) for i in range(5)]
    for expected, found in zip(results, kept, strict=True):
        for a, b in zip(expected, found, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_run_inside_a_run_has_memory_of_its_own():
    """An operation of the user's may call the traced function that it is part of."""
    depth = []

    @ntb.primitive.primitive
    def nested(x):
        if len(depth) == 1:
            depth.append(2)
            outer(np.full(3, 7.0))
        return x * 1.0

    @ntb.function
    def outer(x):
        y = np.tanh(x)
        return y + nested(x) * np.exp(y)

    expected = outer(ONE)
    depth.append(1)
    np.testing.assert_array_equal(outer(ONE), expected)
    assert depth == [1, 2]


def test_arrays_that_a_strangers_function_saw_are_left_to_it():
    kept = []

    @ntb.primitive.primitive
    def keeps(x):
        kept.append(x)
        return x * 1.0

    f = ntb.function(lambda x: np.sum(keeps(np.tanh(x))), check="never")
    for i in range(4):
        f(np.full(3, float(i)))
    for i, array in enumerate(kept):
        np.testing.assert_array_equal(array, np.tanh(np.full(3, float(i))))


def test_threads_share_a_program_without_sharing_memory():
    from concurrent.futures import ThreadPoolExecutor

    f = ntb.function(lambda x: np.sum(np.tanh(x @ x) * 2.0))
    inputs = [np.full((60, 60), i / 100) for i in range(40)]
    expected = [f(x).item() for x in inputs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda x: f(x).item(), inputs * 5)) == expected * 5


LIVES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 1000)), max_size=30)


@given(LIVES, st.integers(0, 5))
def test_values_that_live_at_the_same_time_lie_apart(values, most):
    """In both plans of the arena, with all storages placed by size and with few of them."""
    lives = {memory.Storage(size): (birth, birth + length) for birth, length, size in sorted(values)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arena, "LARGEST", most)
        few = arena.by_size(lives, 64)
    for end, offsets in (arena.by_time(lives, 64), arena.by_size(lives, 64), few):
        assert offsets.keys() == lives.keys()
        assert end - 64 >= arena.most_alive(lives)
        stretches = [(lives[s], offsets[s], offsets[s] + arena.rounded(s.nbytes)) for s in lives]
        assert all(begin >= 64 and stop <= end and begin % arena.ALIGNMENT == 0 for _, begin, stop in stretches)
        for i, ((birth, death), begin, stop) in enumerate(stretches):
            for (other_birth, other_death), other_begin, other_stop in stretches[:i]:
                together = birth <= other_death and other_birth <= death
                assert not together or stop <= other_begin or other_stop <= begin
