"""Several threads at once, each with the numbers that it gets alone. The long form: `python -m reliability threads`."""

import contextvars
import gc
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from types import FunctionType

import numpy as np
import pytest

import ntb
import ntb.compat as graphs
from ntb.foreign import running as elsewhere
from ntb.replay.constants import Same
from ntb.replay.names import assigned_names, names_of_variables
from ntb.tape import rules
from ntb.tape.value_id import ValueId
from reliability.threads import READERS, at_once, compare, crowd, meet, quick_switches, watch
from reliability.trainers import Convnet, Graph, Lstm, Mlp


@pytest.fixture(autouse=True)
def switches():
    with quick_switches():
        yield


@pytest.mark.uncounted
@pytest.mark.parametrize("kind", [Mlp, Convnet, Lstm, Graph])
def test_training_at_once_gives_the_numbers_of_training_alone(kind):
    """Eagerly, replayed, and with one traced function for all."""
    compare(kind, steps=3)


@pytest.mark.parametrize("how", READERS)
def test_who_reads_while_another_trains_sees_whole_values(how):
    assert watch(300, how) > 0


def test_many_signatures_in_many_threads():
    assert crowd(800) == 800


@pytest.mark.parametrize("seed", [1, 4])
def test_functions_met_for_the_first_time_at_once(seed):
    meet(seed)


# --- one traced function, the switch of threads at the worst moment


def test_another_signature_between_two_steps_of_a_call(monkeypatch):
    """Else the program of the other thread would run on the arguments of this one."""

    def compare(one, another):
        if meanwhile:
            meanwhile.pop()()
        return equal(one, another)

    f = ntb.function(lambda v, x: x * v)
    x, two, three = np.ones(3), ntb.Variable(2.0), ntb.Variable(3.0)
    assert f(two, x).tolist() == [2.0] * 3 and f(three, x).tolist() == [3.0] * 3
    other, equal = [], Same.__eq__
    meanwhile = [lambda: other.extend(at_once([lambda: f(two, x).tolist()]))]
    monkeypatch.setattr(Same, "__eq__", compare)
    assert f(three, x).tolist() == [3.0] * 3
    assert other == [[2.0] * 3]


def test_a_first_call_in_several_threads_at_once():
    """Each may trace, for itself; what remains is right, and is replayed."""
    variables = [ntb.Variable(float(n)) for n in range(6)]

    @ntb.function
    def f(v, x):
        v.assign_add(x)
        return v * 2.0

    for rounds in (1, 2, 3):
        found = at_once([lambda v=v: f(v, 1.0).item() for v in variables])
        assert found == [2.0 * (n + rounds) for n in range(6)]
    assert len(f.programs) == 6


def test_the_same_first_call_in_several_threads_at_once():
    f = ntb.function(lambda x: np.sum(np.tanh(x)))
    x = np.linspace(0, 1, 50)
    expected = np.sum(np.tanh(x)).item()
    assert at_once([lambda: f(x).item()] * 6) == [expected] * 6
    assert 1 <= len(f.programs) <= 6
    assert f(x).item() == expected


def test_inference_with_shared_parameters():
    trainer = Mlp(0)
    batches = [trainer.batch()[0] for _ in range(6)]
    predict = ntb.function(lambda x: trainer.model(x))
    expected = [trainer.model(x).numpy().tobytes() for x in batches]
    for f in (trainer.model, predict):
        jobs = [lambda f=f: [np.asarray(f(x)).tobytes() for x in batches] for _ in range(6)]
        assert at_once(jobs) == [expected] * 6


def test_a_tensor_that_several_threads_watch_has_one_token(monkeypatch):
    """Else the one that came first would record nothing of it, and find no gradient."""

    make = ValueId.__init__

    def slowly(token, value):
        time.sleep(0.01)
        make(token, value)

    monkeypatch.setattr(ValueId, "__init__", slowly)

    def slope(n):
        with ntb.Tape() as tape:
            tape.watch(x)
            ready.wait()
            y = np.sum(x * float(n))
        return tape.gradient(y, x).tolist()

    for _ in range(3):
        x, ready = ntb.tensor([1.0, 2.0]), threading.Barrier(6)
        assert at_once([lambda n=n: slope(n) for n in range(6)]) == [[float(n)] * 2 for n in range(6)]


def test_a_tensor_that_was_read_stays_what_it_was():
    """The array that a reader in another thread holds is not written into by later steps."""
    v = ntb.Variable(np.zeros(2000))
    step = ntb.function(lambda: v.assign(v + 1.0))
    step(), step()
    kept = at_once([lambda: v.read(), lambda: v.numpy(), lambda: ntb.function(lambda: v)()])
    before = [np.array(x) for x in kept]
    for _ in range(4):
        step()
    for x, expected in zip(kept, before, strict=True):
        np.testing.assert_array_equal(np.array(x), expected)


@pytest.mark.uncounted
def test_a_dict_that_another_thread_fills_while_variables_are_named():
    space = {f"w{i}": ntb.Variable(float(i)) for i in range(2000)}
    done = threading.Event()

    def fill():
        while not done.is_set():
            for i in range(100):
                space[f"more{i}"] = i
            for i in range(100):
                del space[f"more{i}"]

    def name():
        try:
            for _ in range(200):
                assert len(dict(names_of_variables(lambda: space))) == 2000
        finally:
            done.set()

    at_once([fill, name])


def test_source_that_several_threads_read():
    """With Python code that runs in the middle, as the callbacks of the garbage collector: threads switch there."""
    threshold, callback = gc.get_threshold(), lambda *_: sum(range(300))
    gc.callbacks.append(callback)
    gc.set_threshold(100)
    try:
        jobs = [lambda: [assigned_names(at_once) for _ in range(20)] for _ in range(6)]
        assert all(names for found in at_once(jobs) for names in found)
    finally:
        gc.callbacks.remove(callback)
        gc.set_threshold(*threshold)


def test_a_check_that_another_thread_disturbs_is_none():
    """It is one whenever between the replay and the run a variable is assigned, or a generator draws."""
    v, rng, box = ntb.Variable(1.0), ntb.random.generator(0), np.empty((), object)
    box[()] = lambda: None

    def f(x):
        box[()]()
        return v * x + rng.random()

    for disturb in (lambda: v.set(ntb.tensor(7.0).held(v.id)), lambda: rng.numpy.random()):
        box[()] = lambda: None
        traced = ntb.function(f, check="always")
        traced(1.0), traced(1.0)
        box[()] = disturb  # as another thread would, whose work is not told to the run
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            traced(1.0)
        box[()] = lambda: None
        assert len(traced.programs) == 1


def test_declarations_are_complete_when_they_are_found():
    """An operation enters the table with its rules; what another thread imports is waited for."""
    seen = {}

    class Watched(dict):
        def setdefault(self, function, operation):
            seen.setdefault(function, (operation.derivative.rules, operation.traits, operation.refusal))
            return super().setdefault(function, operation)

    @ntb.primitive.primitive
    def cube(x):
        return x * x * x

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "table", Watched(rules.table))
        rules.derivative(cube, lambda g, _y, x: 3 * g * x * x)
        rules.declare(np.busday_count, constant=True)
        rules.declare(np.busday_offset, refusal="so")
    assert len(seen[cube][0]) == 1
    assert seen[np.busday_count][1].constant
    assert seen[np.busday_offset][2] == "so"


def test_a_rebound_body_is_found_when_it_is_complete():
    """The body of a primitive with another library under the name np, and so the functions that it calls."""

    class Library:
        pass

    class Watched(dict):
        def __setitem__(self, key, body):
            assert isinstance(body.__globals__["np"], elsewhere.Namespace)
            for name in elsewhere.global_names(body.__code__):
                called = body.__globals__.get(name)
                if isinstance(called, FunctionType) and called.__module__.startswith("ntb.ops"):
                    assert isinstance(called.__globals__["np"], elsewhere.Namespace), name
            super().__setitem__(key, body)

        def update(self, made):
            for key, body in made.items():
                self[key] = body

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elsewhere, "bodies", Watched())
        body = elsewhere.body_on(Library, ntb.nn.conv2d)
        assert elsewhere.body_on(Library, ntb.nn.conv2d) is body
        assert len(elsewhere.bodies) > 1


# --- what threads see of each other


def test_a_pool_inside_a_tape_records_nothing(threads_begin_anew):
    with ntb.Tape() as tape:
        x = tape.watch(2.0)
        with ThreadPoolExecutor(2) as pool:
            y = pool.submit(lambda: x * x).result()
            z = pool.submit(contextvars.copy_context().run, lambda: x * 3.0).result()
        assert [record.operation.name for record in tape] == ["np.multiply"]
    assert y.item() == 4.0 and tape.gradient(z, x).item() == 3.0


def test_a_graph_for_each_thread():
    def work(n):
        with graphs.default_graph(graphs.ComputationGraph()) as g:
            w = graphs.Variable(value=float(n))
            return g.run([w * w])[0], len(g.nodes)

    assert at_once([lambda n=n: work(n) for n in range(6)]) == [(float(n * n), 2) for n in range(6)]


def test_default_generators_are_shared_and_own_ones_are_not():
    """Each draw is whole; which thread gets which numbers of a shared generator is not said."""
    rng = ntb.random.generator(0)
    found = at_once([lambda: [rng.random() for _ in range(200)]] * 4)
    rng.seed(0)
    assert sorted(x for part in found for x in part) == sorted(rng.random(800).tolist())
    own = at_once([lambda n=n: ntb.random.generator(n).random(5).tolist() for n in range(4)])
    assert own == [ntb.random.generator(n).random(5).tolist() for n in range(4)]
