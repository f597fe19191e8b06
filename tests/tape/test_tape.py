"""Tapes: what they record, what gradients they give, and that they leave nothing behind."""

import contextvars
import operator
import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import ntb
from ntb import GradientError, InputError, Tape, TapeError, Tensor, Variable
from ntb.primitive import primitive
from ntb.tape.listener import listeners
from ntb.tape.rules import derivative


def watched(*values, **options):
    tape = Tape(**options)
    with tape:
        xs = [tape.watch(v) for v in values]
    return (tape, *xs)


# --- watching


@pytest.mark.parametrize(
    "x", [2.0, [1.0, 2.0], np.ones((2, 2)), np.float32(3), ntb.tensor([1.0]), Variable([1.0, 3.0])]
)
def test_watch_takes_numbers_arrays_tensors_and_variables(x):
    with Tape() as tape:
        t = tape.watch(x)
        y = np.sum(t * t)
    assert_array_equal(tape.gradient(y, t).numpy(), 2 * np.asarray(t.numpy() if isinstance(t, Tensor) else t.value))


def test_watch_returns_tensors_and_variables_themselves():
    t, v = ntb.tensor(1.0), Variable(1.0)
    tape = Tape()
    assert tape.watch(t) is t
    assert tape.watch(v) is v


@pytest.mark.parametrize("x", [1, True, np.arange(3), np.ones(2, bool), ntb.tensor([1, 2]), Variable([1, 2])])
def test_integers_and_bools_cannot_be_watched(x):
    with pytest.raises(GradientError, match="dtype (int64|bool)"):
        Tape().watch(x)


def test_what_ran_before_watch_is_not_recorded():
    x = ntb.tensor(3.0)
    with Tape() as tape:
        early = x * x
        tape.watch(x)
        late = x * x
    assert len(tape) == 1
    assert tape.gradient(late, x).item() == 6.0
    with Tape() as tape:
        early = x * x
        tape.watch(x)
    assert tape.gradient(early, x) is None


def test_variables_are_watched_unless_told_otherwise():
    v, slot = Variable(2.0), Variable(2.0, trainable=False)
    with Tape(persistent=True) as tape:
        y = v * v + slot * slot
    assert tape.gradient(y, v).item() == 4.0
    assert tape.gradient(y, slot) is None
    with Tape(watch_variables=False) as tape:
        y = v * v
    assert len(tape) == 0
    with Tape(watch_variables=False) as tape:
        tape.watch(v)
        y = v * v
    assert tape.gradient(y, v).item() == 4.0


def test_untracked_values_are_not_recorded():
    with Tape() as tape:
        _ = ntb.tensor(1.0) + 1.0
    assert len(tape) == 0


# --- asking


def test_a_tape_is_used_up_by_its_first_gradient():
    tape, x = watched(2.0)
    with tape:
        y = x**3
    tape.gradient(y, x)
    with pytest.raises(TapeError, match="persistent=True"):
        tape.gradient(y, x)
    assert len(tape) == 0


def test_a_persistent_tape_answers_the_same_twice():
    tape, x = watched([1.0, 2.0], persistent=True)
    with tape:
        y = np.sum(np.sin(x) * x)
        z = np.sum(y * x)
    first, second = tape.gradient(z, [x, y]), tape.gradient(z, [x, y])
    for a, b in zip(first, second, strict=True):
        assert_array_equal(a.numpy(), b.numpy())
        assert not np.shares_memory(a.value, b.value)


def test_errors_of_asking():
    tape, x = watched([1.0, 2.0], persistent=True)
    with tape:
        y = x * 2.0
    with pytest.raises(InputError, match=r"shape \(2,\).*seed="):
        tape.gradient(y, x)
    with pytest.raises(InputError, match=r"seed has shape \(3,\).*the target \(2,\)"):
        tape.gradient(y, x, seed=np.ones(3))
    with pytest.raises(InputError, match="unconnected"):
        tape.gradient(y, x, seed=np.ones(2), unconnected="zeros")
    with pytest.raises(TapeError, match=r"target is a float.*inside the tape's block"):
        tape.gradient(3.0, x)
    with pytest.raises(TapeError, match="watch it first"):
        tape.gradient(y, np.ones(2), seed=np.ones(2))
    assert tape.gradient(y, x, seed=[1.0, 10.0]).tolist() == [2.0, 20.0]


def test_structures_of_sources_are_mirrored():
    tape, a, b = watched(2.0, [1.0, 3.0])
    with tape:
        y = a * np.sum(b)
    g = tape.gradient(y, {"a": a, "rest": [b, (a, a)]})
    assert set(g) == {"a", "rest"}
    assert type(g["rest"][1]) is tuple
    assert g["a"].item() == 4.0
    assert g["rest"][0].tolist() == [2.0, 2.0]
    parts = [g["a"], *g["rest"][1]]
    assert not any(np.shares_memory(p.value, q.value) for i, p in enumerate(parts) for q in parts[:i])


def test_unconnected_sources():
    tape, a, b = watched(2.0, np.ones((2, 3), np.float32), persistent=True)
    with tape:
        y = a * a
    assert tape.gradient(y, b) is None
    zero = tape.gradient(y, b, unconnected="zero")
    assert (zero.shape, zero.dtype) == ((2, 3), np.float32)
    assert tape.gradient(y, [a, b])[1] is None


def test_source_is_target_and_source_is_an_intermediate():
    tape, x = watched(2.0, persistent=True)
    with tape:
        y = x * x
        z = y * y
    assert tape.gradient(x, x).item() == 1.0
    assert tape.gradient(z, z).item() == 1.0
    gx, gy, gz = tape.gradient(z, [x, y, z])
    assert (gx.item(), gy.item(), gz.item()) == (32.0, 8.0, 1.0)
    assert tape.gradient(y, z) is None  # the source is computed from the target


def test_rules_are_called_only_between_the_sources_and_the_target():
    tape, a, b = watched([1.5, 2.0], [3.0, 4.0], persistent=True)
    with tape:
        c = a * b
        y = np.sum(np.copysign(c, b) + np.ldexp(a, 1) * b)  # no derivative by the sign
    with pytest.raises(GradientError, match="'sign'|number 1"):
        tape.gradient(y, b)
    with pytest.raises(GradientError, match="'sign'|number 1"):
        tape.gradient(y, [a, b])
    assert tape.gradient(y, a).tolist() == tape.gradient(y, [a, c])[0].tolist() == [9.0, 12.0]
    assert tape.gradient(y, c).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("order", [1, 2])
def test_two_operands_of_every_kind(order):
    """Operators write shorter records; they agree with the functions, whose keywords make them take the long way."""
    x, v = ntb.tensor([1.5, 2.0]), Variable([3.0, 0.5])
    others = [v, x, 2.5, 3, np.array([[1.0], [2.0]]), np.float64(1.5), ntb.tensor(2.0)]
    pairs = [(a, b) for other in others for a, b in ((x, other), (v, other), (other, x), (other, v))]
    methods = {
        np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
        np.power: operator.pow,
    }  # fmt: skip

    def gradients(call, *operands, **keywords):
        with Tape(persistent=True) as tape:
            tape.watch(x)
            y = call(*operands, **keywords)
            for _ in range(order):
                g = tape.gradient(np.sum(y), [x, v], unconnected="zero")
                y = np.sum(g[0]) + np.sum(g[1])
        return [d.numpy() for d in g]

    for function, method in methods.items():
        for a, b in pairs:
            short, long = gradients(method, a, b), gradients(function, a, b, casting="same_kind")
            assert_array_equal(short, long)


def test_the_same_tensor_twice():
    tape, x = watched([1.0, 2.0], persistent=True)
    with tape:
        product, joined = np.sum(x * x), np.sum(np.concatenate([x, x, 3 * x]))
        difference = np.sum(x - x)
    assert tape.gradient(product, x).tolist() == [2.0, 4.0]
    assert tape.gradient(joined, x).tolist() == [5.0, 5.0]
    assert tape.gradient(difference, x).tolist() == [0.0, 0.0]


def test_unused_results_of_an_operation_with_several():
    tape, x = watched([1.5, -2.25], persistent=True)
    with tape:
        fraction, whole = np.modf(x)
        y = np.sum(fraction * 3)
        left, right = np.split(x * x, 2)
    assert tape.gradient(y, x).tolist() == [3.0, 3.0]
    assert tape.gradient(np.sum(whole), x) is None  # computed after the block
    assert tape.gradient(right, x, seed=[1.0]).tolist() == [0.0, -4.5]
    assert tape.gradient(left, x, seed=[1.0]).tolist() == [3.0, 0.0]


def test_integer_results_carry_no_gradient():
    tape, x = watched([1.0, 3.0, 2.0])
    with tape:
        i = np.argmax(x)
        y = x[i] * 2 + np.count_nonzero(x > 1)
    assert i.item() == 1
    assert tape.gradient(y, x).tolist() == [0.0, 2.0, 0.0]


def test_an_operation_without_a_rule_fails_at_the_call():
    tape, x = watched([1.0, 2.0, 4.0])
    with tape:
        edges = np.histogram_bin_edges
        for call in (
            lambda: edges(x),
            lambda: edges(a=x),
            lambda: np.histogramdd(x),
            lambda: edges(x, range=(0, x[0])),
        ):
            with pytest.raises(GradientError, match="has no derivative rule: counts jump"):
                call()
    assert_array_equal(edges(x, 3).numpy(), [1.0, 2.0, 3.0, 4.0])  # nobody listens


def test_tensors_in_lists_of_lists_are_found_or_refused_not_detached():
    tape, x = watched(1.0)
    with tape:
        y = np.concatenate([ntb.tensor([1.0]), [x, x * x]])
        with pytest.raises((GradientError, ntb.ConversionError)):
            np.unwrap([[x, x]])
    assert_array_equal(tape.gradient(y, x, seed=np.ones(3)).numpy(), 3.0)


def test_asking_after_more_operations_and_after_the_block():
    tape, x = watched(3.0, persistent=True)
    with tape:
        y = x * x
        _ = y * x
    z = y * x
    assert tape.gradient(y, x).item() == 6.0
    assert tape.gradient(z, x) is None
    with tape:
        w = y * 2.0
    assert tape.gradient(w, x).item() == 12.0


def test_a_used_up_tape_says_so_when_reentered():
    tape, x = watched(3.0)
    with tape:
        y = x * x
    tape.gradient(y, x)
    with tape:
        z = x * x
    with pytest.raises(TapeError, match="used up"):
        tape.gradient(z, x)


def test_seeds_and_gradients_are_not_aliased():
    tape, a, b = watched([1.0, 2.0], [3.0, 4.0], persistent=True)
    with tape:
        y = a + b
        z = np.reshape(a, (2, 1))
    for seed in (np.array([1.0, 5.0]), ntb.tensor([1.0, 5.0])):
        array = seed if isinstance(seed, np.ndarray) else seed.value
        g = tape.gradient(y, [a, b, y], seed=seed)
        for i, p in enumerate(g):
            assert p.tolist() == [1.0, 5.0]
            assert not np.shares_memory(p.value, array)
            assert not any(np.shares_memory(p.value, q.value) for q in g[:i])
    column = np.ones((2, 1))
    assert not np.shares_memory(tape.gradient(z, a, seed=column).value, column)


def test_a_gradient_is_writable_for_no_one():
    tape, x = watched([1.0, 2.0])
    with tape:
        y = np.sum(x * x)
    with pytest.raises(ValueError, match="read-only"):
        tape.gradient(y, x).numpy()[0] = 1


def test_innermost_open_tape():
    with Tape() as outer:
        x = outer.watch(2.0)
        with Tape():
            with pytest.raises(TapeError), Tape() as closed:
                raise TapeError("left by an error")
            del closed
        y = x**3
        assert ntb.gradient(y, x).item() == 12.0
    with pytest.raises(TapeError, match="no tape is open"):
        ntb.gradient(y, x)


# --- order two and more


@pytest.mark.parametrize("persistent", [False, True])
def test_nested_tapes_to_order_three(persistent):
    with Tape(persistent) as first:
        x = first.watch(2.0)
        with Tape(persistent) as second:
            second.watch(x)
            with Tape(persistent) as third:
                third.watch(x)
                y = x**4
            dy = third.gradient(y, x)
        ddy = second.gradient(dy, x)
    assert [t.item() for t in (dy, ddy, first.gradient(ddy, x))] == [32.0, 48.0, 48.0]


def test_an_open_persistent_tape_records_its_own_walk():
    with Tape(persistent=True) as tape:
        x = tape.watch([1.0, 2.0])
        y = np.sum(np.exp(x) * x)
        dy = tape.gradient(y, x)
        ddy = tape.gradient(np.sum(dy), x)
        dddy = tape.gradient(np.sum(ddy), x)
    e = np.exp([1.0, 2.0])
    assert_allclose(dddy.numpy(), e * (np.array([1.0, 2.0]) + 3), rtol=1e-14)


def test_gradients_that_are_equal_are_different_sources():
    with Tape() as outer:
        x, y = outer.watch([1.0, 1.0]), outer.watch([1.0, 1.0])
        with Tape() as inner:
            inner.watch(x)
            inner.watch(y)
            z = np.sum((x + y) ** 2)
        gx, gy = inner.gradient(z, [x, y])
        w = np.sum(gx * 2 + gy * 3)
    assert gx is not gy
    assert outer.gradient(w, [gx, x])[0].tolist() == [2.0, 2.0]


def test_a_seed_can_be_differentiated():
    with Tape() as outer:
        seed = outer.watch([1.0, 2.0])
        with Tape() as inner:
            x = inner.watch([3.0, 4.0])
            y = x * x
        g = inner.gradient(y, x, seed=seed)
    assert outer.gradient(g, seed, seed=[1.0, 1.0]).tolist() == [6.0, 8.0]


def test_jacobian():
    tape, x = watched([[1.0, 2.0], [3.0, 4.0]])
    with tape:
        y = np.sum(x * x, axis=0)
    j = tape.jacobian(y, {"x": x})["x"]
    assert j.shape == (2, 2, 2)
    assert j.tolist() == [[[2.0, 0.0], [6.0, 0.0]], [[0.0, 4.0], [0.0, 8.0]]]
    tape, x = watched(np.ones((0, 2)))
    with tape:
        y = x * 2
    assert tape.jacobian(y, x).shape == (0, 2, 0, 2)
    with pytest.raises(TapeError, match="used up"):
        tape.jacobian(y, x)


# --- parts that are not recorded


def test_stop_recording_stops_this_tape_only():
    with Tape() as outer:
        x = outer.watch(3.0)
        with Tape() as inner:
            inner.watch(x)
            with inner.stop_recording():
                y = x * x
            z = y * x
        assert listeners.get() == (outer,)
    assert inner.gradient(z, x).item() == 9.0
    assert outer.gradient(z, x).item() == 27.0


def test_stop_recording_restores_the_order_after_an_error():
    with Tape() as outer, Tape() as middle, Tape() as inner:
        with pytest.raises(KeyError), middle.stop_recording():
            assert listeners.get() == (outer, inner)
            raise KeyError
        assert listeners.get() == (outer, middle, inner)


def test_stop_gradient():
    with Tape(persistent=True) as tape:
        x = tape.watch([1.0, 2.0])
        y = np.sum(x * ntb.stop_gradient(x) + ntb.stop_gradient(x))
    assert tape.gradient(y, x).tolist() == [1.0, 2.0]
    array = np.ones(2)
    assert ntb.stop_gradient(array) is array


# --- the stack of tapes


def test_an_exception_in_the_block_closes_the_tape():
    with pytest.raises(ZeroDivisionError), Tape() as tape:
        x = tape.watch(1.0)
        y = x * 2.0
        raise ZeroDivisionError
    assert listeners.get() == ()
    assert tape.gradient(y, x).item() == 2.0


def test_a_tape_cannot_be_entered_twice():
    with Tape() as tape:
        with pytest.raises(TapeError, match="already recording"):
            tape.__enter__()
        assert listeners.get() == (tape,)


def test_tapes_left_out_of_order():
    a, b = Tape(), Tape()
    a.__enter__()
    b.__enter__()
    a.__exit__()
    assert listeners.get() == (b,)
    b.__exit__()
    assert listeners.get() == ()


def test_a_generator_suspended_in_the_block():
    def steps():
        with Tape() as tape:
            x = tape.watch(2.0)
            y = x * x
            yield
            yield tape.gradient(y * x, x)

    running = steps()
    next(running)
    with Tape() as mine:
        z = mine.watch(3.0)
        w = z * z
        assert next(running).item() == 12.0
        running.close()
        assert listeners.get() == (mine,)
    assert mine.gradient(w, z).item() == 6.0


def test_threads_have_tapes_of_their_own(threads_begin_anew):
    seen, results = [], {}
    v = Variable(2.0)

    def work(n):
        seen.append(listeners.get())
        for _ in range(50):
            with Tape() as tape:
                y = v**n
            results[n] = tape.gradient(y, v).item()

    with Tape() as tape:
        threads = [threading.Thread(target=work, args=(n,)) for n in (2, 3, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == [()] * 3
    assert results == {2: 4.0, 3: 12.0, 4: 32.0}
    assert len(tape) == 0


def test_contexts_have_tapes_of_their_own():
    with Tape() as tape:
        contextvars.copy_context().run(lambda: Tape().__enter__())
        assert listeners.get() == (tape,)


# --- printing


def test_a_tape_prints_as_a_numbered_listing():
    with Tape() as tape:
        assert str(tape) == "(an empty tape)"
        x = tape.watch([[1.0, 2.0]])
        y = np.sum(np.tanh(x @ np.ones((2, 3)) + 1.0), axis=1)
        np.frexp(y)
        np.concatenate([y, y], axis=0)
    lines = str(tape).splitlines()
    assert len(tape) == len(tape.records) == len(lines) == 6
    assert "np.matmul" in lines[0] and "float64[2, 3]" in lines[0]
    assert "np.add(%0, 1.0)" in lines[1]
    assert "axis=1" in lines[3]
    assert "np.concatenate([%3, %3]" in lines[5]
    assert "np.tanh" in repr(tape.records[2])
    assert bool(Tape())


def test_long_tapes_print_and_describe_arguments_shortly():
    with Tape() as tape:
        x = tape.watch(np.ones(1000))
        _ = x * np.arange(1000.0)
    assert len(str(tape)) < 100


# --- keyword arguments


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.clip(x, 1.5, 2.5), lambda x: np.clip(a=x, a_min=1.5, a_max=2.5),
        lambda x: np.clip(x, a_min=1.5, a_max=2.5), lambda x: x.clip(1.5, 2.5),
    ],
)  # fmt: skip
def test_positional_and_keyword_calls_bind_alike(call):
    tape, x = watched([1.0, 2.0, 3.0])
    with tape:
        y = call(x)
    assert y.tolist() == [1.5, 2.0, 2.5]
    assert tape.gradient(y, x, seed=np.ones(3)).tolist() == [0.0, 1.0, 0.0]


def test_tensors_given_by_keyword_are_tracked():
    tape, x = watched([[1.0, 2.0], [3.0, 4.0]], persistent=True)
    with tape:
        total = np.sum(a=x, axis=0)
        taken = np.take(indices=[1], a=x, axis=1)
        moved = np.moveaxis(a=x, source=0, destination=1)
    assert tape.gradient(total, x, seed=[1.0, 2.0]).tolist() == [[1.0, 2.0], [1.0, 2.0]]
    assert tape.gradient(taken, x, seed=[[1.0], [2.0]]).tolist() == [[0.0, 1.0], [0.0, 2.0]]
    assert tape.gradient(moved, x, seed=[[1.0, 2.0], [3.0, 4.0]]).tolist() == [[1.0, 3.0], [2.0, 4.0]]


# --- types


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_gradient_has_the_dtype_of_its_source(dtype):
    tape, x = watched(np.ones(3, dtype), persistent=True)
    with tape:
        y = np.mean(np.sin(x) * 2 + x / 3 - 1.5 + x**2)
        mixed = np.sum(x * np.ones(3))
    assert y.dtype == dtype
    assert tape.gradient(y, x).dtype == dtype
    assert mixed.dtype == np.float64
    assert tape.gradient(mixed, x).dtype == dtype


def test_python_scalars_are_weak():
    x = ntb.tensor([1.0], dtype=np.float32)
    for y in (x + 1, x * 2.5, 1.0 - x, 2 / x, x**2, np.maximum(x, 0.0), np.where(x > 0, x, 0.0), np.clip(x, 0.0, 1.0)):
        assert y.dtype == np.float32
    assert (x * np.float64(2)).dtype == np.float64


def test_an_argument_that_no_rule_uses_may_be_given_by_name():
    @primitive
    def doubled(x, note):
        return x * 2.0

    derivative(doubled, lambda g, _y, _x, _note: g * 2.0)
    with Tape() as tape:
        x = tape.watch(3.0)
        y = doubled(x, note="by name") + doubled(x, "by position")
    assert tape.gradient(y, x).item() == 4.0


def test_what_a_rule_needs_of_any_number_of_arguments_is_kept():
    @primitive
    def product_of(label, *xs):
        return np.prod(np.stack(xs), axis=0)

    def others(g, _y, _label, *xs):
        return lambda i: g * np.prod(np.stack([x for j, x in enumerate(xs) if j != i]), axis=0)

    derivative(product_of, None, others)
    with Tape() as tape:
        xs = [tape.watch(number) for number in (2.0, 3.0, 5.0)]
        y = product_of("numbers", *xs)
    assert [g.item() for g in tape.gradient(y, xs)] == [15.0, 10.0, 6.0]
