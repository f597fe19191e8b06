"""Workspaces: the programs of a traced function share their memory, and the numbers are those of the eager run."""

import gc
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

import ntb
from ntb import nn
from tests.replay.parity import same_bits


def network():
    """A training step of a small network, and its parameters."""
    ntb.random.seed(0)
    model, optimizer = nn.Sequential(nn.Linear(50, 40), np.tanh, nn.Linear(40, 10)), ntb.optim.Adam(0.01)
    parameters = model.trainable_variables()
    optimizer.build(parameters)

    def step(x, labels):
        with ntb.Tape() as tape:
            loss = nn.cross_entropy(model(x), labels)
        optimizer.apply(tape.gradient(loss, parameters), parameters)
        return loss

    return step, parameters


def batch(size):
    rng = np.random.default_rng(size)
    return rng.normal(size=(size, 50)).astype(np.float32), rng.integers(0, 10, size)


def workspaces(f):
    return f.programs[0].executable.workspaces


def kept_after(sizes):
    """The bytes of all NumPy arrays that a traced step keeps after batches of these sizes."""
    step = ntb.function(network()[0])
    gc.collect()
    tracemalloc.start()
    for size in [*sizes, *sizes]:
        step(*batch(size))
    arrays = tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain)
    kept = sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([arrays]).traces)
    tracemalloc.stop()
    return kept, step


@pytest.mark.uncounted
@pytest.mark.filterwarnings("ignore::ntb.RetraceWarning")
def test_forty_shapes_keep_no_more_than_the_largest():
    alone, _ = kept_after([405])
    kept, step = kept_after(range(15, 415, 10))
    arenas = [program.stats["memory"] for program in step.programs]
    assert len(arenas) == 40 and sum(arenas) > 10 * max(arenas) > 5 * alone
    assert kept < 1.5 * alone  # each program has small constants of its own


def test_a_larger_program_gets_a_new_arena_and_the_old_one_is_let_go():
    step = ntb.function(network()[0])
    for size in (10, 10):
        step(*batch(size))
    (workspace,) = workspaces(step)
    old = weakref.ref(workspace._arena)
    gc.disable()
    for size in (100, 100):
        step(*batch(size))
    assert old() is None
    gc.enable()
    larger = workspace._arena
    for size in (10, 100, 10):
        step(*batch(size))
    assert workspaces(step) == [workspace] and workspace._arena is larger


def test_the_memory_of_a_program_that_is_dropped_is_let_go():
    step = ntb.function(network()[0], max_traces=2)
    for size in (100, 100, 10, 10):
        step(*batch(size))
    (workspace,), bound = workspaces(step), weakref.ref(step.programs[0].executable.routine)
    large = workspace._arena.nbytes
    gc.disable()
    step(*batch(20))
    assert bound() is None
    gc.enable()
    step(*batch(20))
    assert workspace._arena.nbytes < large / 2


def test_a_program_that_is_dropped_last_is_let_go_at_once():
    step = ntb.function(network()[0], max_traces=1)
    for size in (10, 10):
        step(*batch(size))
    (workspace,) = workspaces(step)
    end = weakref.ref(workspace.latest())
    gc.disable()
    step(*batch(20))
    assert end() is None and workspace.latest() is None
    gc.enable()


def test_a_program_made_by_trace_has_memory_of_its_own():
    step = ntb.function(network()[0])
    step(*batch(10)), step(*batch(10))
    program = step.trace(*batch(10))
    program(*batch(10))
    assert program.executable.workspaces is not workspaces(step)


class Cells:
    """A step that changes one or more of three variables, in programs of different shapes and different updates."""

    def __init__(self, traced):
        self.w, self.b = ntb.Variable(np.ones((4, 3))), ntb.Variable(np.zeros(3))
        self.total = ntb.Variable(0.0, trainable=False)
        self.step = ntb.function(self.change, max_traces=20) if traced else self.change

    def change(self, x, what):
        with ntb.Tape() as tape:
            loss = np.sum(np.tanh(x @ self.w + self.b)) / len(x)
        dw, db = tape.gradient(loss, [self.w, self.b])
        if "w" in what:
            self.w.assign_sub(0.1 * dw)
        if "b" in what:
            self.b.assign_sub(0.1 * db)
        if "t" in what:
            self.total.assign_add(loss)
        if "r" in what:  # it is returned, so that its new value has no place
            self.w.assign(self.w * 0.5)
            return self.w.read()
        if "g" in what and loss > 0:
            return loss * 2.0
        return loss

    def variables(self):
        return self.w, self.b, self.total


WHATS = ("wbt", "wb", "bw", "b", "r", "rb", "tg", "wbtg", "")
HOLDS = {
    "tensor": lambda v: v.read(),
    "view": lambda v: v.value,
    "array": lambda v: v.read().value,
    "slice": lambda v: v.value[..., :1] if v.shape else v.value,
    "memory": lambda v: memoryview(v.value),
    "nothing": lambda v: None,
}


@pytest.mark.uncounted
@pytest.mark.filterwarnings("ignore::ntb.RetraceWarning")
@pytest.mark.parametrize("seed", range(6))
def test_what_is_read_and_held_stays_and_all_numbers_are_those_of_the_eager_run(seed):
    rng = np.random.default_rng(seed)
    traced, eager = Cells(True), Cells(False)
    held = []
    for _ in range(400):
        x, what = rng.normal(size=(rng.choice([2, 5, 300]), 4)), WHATS[rng.integers(len(WHATS))]
        got, expected = traced.step(x, what), eager.step(ntb.tensor(x), what)
        assert same_bits(np.asarray(got), np.asarray(expected))
        for v, e in zip(traced.variables(), eager.variables()):
            assert same_bits(v.value, e.value)
            taken = HOLDS[str(rng.choice(list(HOLDS)))](v)
            if taken is not None:
                held.append((taken, bits(taken)))
        held.append((got, bits(got)))
        if rng.random() < 0.1:
            value = rng.normal(size=(4, 3))  # an array of the user's
            for cells in (traced, eager):
                cells.w.assign(value)
        rng.shuffle(held)
        del held[: max(0, len(held) - 20)]
        assert all(bits(x) == before for x, before in held)
    assert len(workspaces(traced.step)) == 1


def bits(x):
    return bytes(x) if isinstance(x, memoryview) else np.asarray(getattr(x, "value", x)).tobytes()


def test_threads_at_the_same_time_have_a_workspace_each():
    f = ntb.function(lambda x: np.sum(np.tanh(np.exp(x) * 0.1) @ np.ones((50, 50)), axis=0))
    data = [np.random.default_rng(n).normal(size=(n, 50)) for n in (3, 40, 200, 500)]
    expected = [f.function(ntb.tensor(x)).numpy() for x in data]
    wrong = []

    def run(seed):
        rng = np.random.default_rng(seed)
        for k in rng.integers(len(data), size=200):
            if not same_bits(f(data[k]), expected[k]):
                wrong.append(k)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and 1 <= len(workspaces(f)) <= 4


def test_a_run_inside_a_run_has_a_workspace_of_its_own():
    def inside(x):
        y = f(x) if len(x) else 0.0
        return getattr(y, "value", y), None

    inner = ntb.numpy_function(inside, print)

    @ntb.function
    def f(x):
        before = np.exp(x) * 2.0
        return np.sum(np.tanh(before) + inner(x[1:]) + before)

    def plain(x):
        before = np.exp(x) * 2.0
        return np.sum(np.tanh(before) + (plain(x[1:]) if len(x) > 1 else 0.0) + before)

    x = np.arange(5.0)
    for _ in range(7):  # each lets one more of them be replayed
        assert f(x).item() == plain(x)
    assert len(workspaces(f)) == 5


def test_a_program_that_diverges_gives_its_workspace_back():
    f = ntb.function(lambda x: np.tanh(x) * 2.0 if np.sum(x) > 0 else np.tanh(x) * 3.0)
    for sign in (1, -1, 1, -1, 1):
        assert f(sign * np.ones(3))[0].item() == np.tanh(sign) * (2.0 if sign > 0 else 3.0)
    assert len(workspaces(f)) == 1


def test_each_part_of_a_long_program_finds_variables_and_next_arrays():
    """A program of several generated functions: variables are read in the first one, and used in all."""

    def made():
        w, v = ntb.Variable(np.ones(3)), ntb.Variable(np.zeros(3))

        def step(x):
            for _ in range(150):
                x = np.sin(x) + 0.01
            w.assign(w * 0.5 + x)
            for _ in range(150):
                x = np.cos(x) * 0.9
            v.assign(v + w * x)
            return np.sum(x * w), v.read()

        return step, (w, v)

    (eager, plain), (traced, variables) = made(), made()
    traced = ntb.function(traced, check="never")
    for n in range(5):
        x = np.linspace(n, n + 1, 3)
        for a, b in zip(eager(x), traced(x)):
            assert same_bits(a, b)
        assert all(same_bits(a.value, b.value) for a, b in zip(plain, variables))
    assert len(traced.programs[0].executable.routine.chunks) == 4
