"""Spot checks: when they come, what they compare, what they tell, and that they change nothing."""

import itertools
import subprocess
import sys
import tracemalloc
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import ntb
from ntb import InputError, StaleReplayWarning, Variable
from ntb.replay import spot_check

ONE = np.ones(3)


class Hidden:
    """A number that no trace sees change: it is an element of an array."""

    def __init__(self, value):
        self.array = np.array(value)

    def get(self):
        return float(self.array)

    def add(self, number):
        self.array += number


def quiet(f, *args):
    """The result, and the text of the warning, if there is one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ntb.BusyWarning)  # a machine that others use is no mistake of the tests
        result = f(*args)
    assert len(caught) < 2 and all(w.category is StaleReplayWarning for w in caught)
    return result, "".join(str(w.message) for w in caught)


# --- when


@pytest.mark.parametrize(
    ("check", "checked"),
    [
        ("sometimes", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2024, 3024]),
        ("never", [1]),
        ("always", range(1, 3100)),
    ],
)
def test_which_calls_run_the_function(check, checked, monkeypatch):
    traced, runs = ntb.function(lambda x: x + 1.0, check=check), [1]  # the first is the trace
    run = ntb.Function.run

    def noted(self, *args):
        runs.append(call)
        return run(self, *args)

    monkeypatch.setattr(ntb.Function, "run", noted)
    monkeypatch.setattr(spot_check, "perf_counter", itertools.count().__next__)  # a second for what others do
    for call in range(1, 3100):
        assert traced(float(call)) == call + 1
    assert runs == list(checked)


def test_checks_take_a_hundredth_of_the_time_at_most(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(spot_check, "perf_counter", lambda: now[0])
    schedule = spot_check.Schedule("sometimes")
    while schedule.calls < 10_000:
        gap = schedule.next(seconds=0.05)
        now[0] += gap * 0.001 + 0.05
    assert 4500 < gap < 5100  # where 5 seconds pass between checks of a twentieth


def test_the_environment_chooses_where_the_call_does_not():
    code = "import ntb; print(ntb.function(abs).check, ntb.function(abs, check='sometimes').check)"
    for value, told in (("always", "always sometimes"), ("never", "never sometimes"), (None, "sometimes sometimes")):
        environment = {} if value is None else {"NTB_CHECK": value}
        found = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == told


def test_a_choice_that_is_none():
    with pytest.raises(InputError, match="check='often'.*always.*sometimes.*never"):
        ntb.function(abs, check="often")


def test_a_choice_that_is_none_in_the_environment(monkeypatch):
    monkeypatch.setenv("NTB_CHECK", "often")
    with pytest.raises(InputError, match="the environment variable NTB_CHECK='often'"):
        ntb.function(abs)
    assert ntb.function(abs, check="never").check == "never"


# --- what they find


def test_a_result_that_differs_with_its_line():
    hidden = Hidden(2.0)

    @ntb.function
    def f(x):
        y = x + 1.0
        return np.sum(y * hidden.get())

    assert quiet(f, ONE) == (12.0, "")
    hidden.add(1.0)
    result, text = quiet(f, ONE)
    assert result == 18.0
    for part in (
        "f does not do in a replay what it does by itself: the result is 18.0 in the run, and 12.0 in the replay",
        "the first value that differs is made by np.multiply at", f"{__file__}:",
        "it is 6.0 at [0] in the run, and 4.0 in the replay", "without replays",
    ):  # fmt: skip
        assert part in text
    assert f.programs == []
    hidden.add(1.0)
    assert quiet(f, ONE) == (24.0, "")  # no more replays, and no more warnings


def test_a_line_of_which_the_program_makes_some_calls_once():
    """What was computed again in the run, and not in the program, is no difference."""
    hidden = Hidden(2.0)

    @ntb.function
    def f(x):
        y = sum(np.exp(part) for part in (x, x, 2 * x))
        return np.sum(np.sin(y) * hidden.get())

    quiet(f, ONE)
    hidden.add(1.0)
    _, text = quiet(f, ONE)
    assert "the first value that differs is made by np.multiply at" in text


def test_a_variable_that_differs():
    hidden, v = Hidden(1.0), Variable(0.0, name="v")
    step = ntb.function(lambda: v.assign_add(hidden.get()))
    quiet(step)
    hidden.add(4.0)
    _, text = quiet(step)
    assert "the variable v is 6.0 in the run, and 2.0 in the replay" in text
    assert v.value == 6.0


def test_a_variable_that_only_one_of_them_assigns():
    for first in (0.0, 1.0):
        hidden, v = Hidden(first), Variable(0.0, name="v")

        def step(hidden=hidden, v=v):
            if hidden.get():
                v.assign_add(1.0)

        step = ntb.function(step)
        quiet(step)
        hidden.add(1.0 - 2 * first)
        assert "the variable v" in quiet(step)[1]
        assert v.value == 1.0


def test_a_generator_that_draws_otherwise():
    hidden, rng = Hidden(1.0), ntb.random.generator(0)

    def draw():
        for _ in range(int(hidden.get())):
            rng.random()
        return 0.0

    step = ntb.function(draw)
    quiet(step)
    hidden.add(1.0)
    assert "a generator of random numbers draws otherwise" in quiet(step)[1]
    other = ntb.random.generator(0)
    other.random(3)
    assert_array_equal(rng.value, other.value)  # one draw and two


def test_an_array_that_was_changed_in_place():
    array = np.ones(3)
    f = ntb.function(lambda x: x * array)
    quiet(f, ONE)
    array[:] = 7
    result, text = quiet(f, ONE)
    assert result.tolist() == [7.0] * 3
    assert "an array float64[3] that the function finds around it was changed" in text


def test_other_kinds_and_numbers_of_results():
    for results, part in (
        ([1.0, np.ones(2)], "the result is float64[2] in the run, and 1.0 in the replay"),
        ([(1.0,), (1.0, 2.0)], "the function returned 2 values, the replay 1"),
        ([np.ones(2), np.ones(3)], "the result is float64[3] in the run, and float64[2] in the replay"),
        ([np.ones(2), np.ones(2, np.float32)], "float32[2] in the run"),
        ([{"a": 1.0}, {"b": 1.0}], "the values in another structure"),
        ([np.zeros(1), -np.zeros(1)], "is -0.0 at [0] in the run, and 0.0 in the replay"),
    ):
        hidden = Hidden(0.0)
        f = ntb.function(lambda hidden=hidden, results=results: results[int(hidden.get())])
        quiet(f)
        hidden.add(1.0)
        assert part in quiet(f)[1]


def test_what_is_made_when_it_is_needed_may_be_made_in_a_check():
    hidden, made = Hidden(0.0), {}

    def f(x):
        if hidden.get():
            made.setdefault("zeros", np.zeros(3))
        return x + made.get("zeros", 0.0)

    f = ntb.function(f)
    assert quiet(f, ONE)[1] == ""
    hidden.add(1.0)
    assert [quiet(f, ONE)[1] for _ in range(3)] == [""] * 3
    assert len(f.programs) == 2  # without it, and with it


def test_python_state_that_only_a_checked_run_writes():
    class Box:
        seen = 0

    hidden = Hidden(0.0)

    def f(x):
        if hidden.get():
            Box.seen += 1
        return x * (Box.seen >= 0)

    f = ntb.function(f)
    quiet(f, 1.0)
    hidden.add(1.0)
    result, text = quiet(f, 1.0)
    assert result == 1.0 and "the run changed Python state: 'Box.seen' was 0 and is now 1" in text


# --- what they leave alone


def test_checks_change_no_numbers():
    streams = []
    for check in ("always", "sometimes", "never"):
        v, rng = Variable(np.ones(3)), ntb.random.generator(0)

        def step(x, v=v, rng=rng):
            with ntb.Tape() as tape:
                loss = np.sum((v * x - rng.normal(size=3)) ** 2)
            v.assign_sub(0.1 * tape.gradient(loss, v))
            return loss, v

        step = ntb.function(step, check=check)
        streams.append([[np.array(y) for y in step(np.full(3, float(i % 3)))] for i in range(9)] + [[rng.value]])
    for others in streams[1:]:
        for a, b in zip(streams[0], others):
            for x, y in zip(a, b):
                assert_array_equal(x, y)


def test_the_results_of_checked_calls_are_of_the_same_kinds():
    rng = ntb.random.generator(0)
    for f in (lambda x: rng.integers(5), lambda x: (rng.choice(3), 1, x, np.float64(2.0)), lambda x: {"a": [x * 2.0]}):
        kinds = [ntb.tree.tree_map(type, ntb.function(f, check=check)(1.0)) for check in ("never", "always")]
        traced = ntb.function(f)
        kinds += [ntb.tree.tree_map(type, traced(1.0)) for _ in range(9)]
        assert all(kind == kinds[0] for kind in kinds)


def test_nans_are_like_any_other():
    f = ntb.function(lambda x: (np.log(x), np.log(x) * 1j), check="always")
    with np.errstate(invalid="ignore"):
        for _ in range(3):
            assert quiet(f, -ONE)[1] == ""


def test_what_may_do_more_than_compute_is_not_done_twice():
    calls = []

    def forward(x):
        calls.append(len(calls))
        return x * len(calls), None

    counted = ntb.numpy_function(forward, lambda g, cache, wanted, shape: [g])
    f = ntb.function(lambda x: counted(x), check="always")
    assert [f(1.0).item() for _ in range(4)] == [1.0, 2.0, 3.0, 4.0]


def test_a_decision_that_goes_another_way_in_a_check():
    f = ntb.function(lambda x: x if x > 0 else -x, check="always")
    assert [quiet(f, x) for x in (1.0, -1.0, 2.0, -2.0, 1.0)] == [(1.0, ""), (1.0, ""), (2.0, ""), (2.0, ""), (1.0, "")]
    assert len(f.programs) == 2


# --- errors


def test_the_error_of_a_replay_is_that_of_the_function():
    labels = np.array([0, 1])
    loss = ntb.function(lambda x, labels: ntb.nn.cross_entropy(np.zeros((2, 3)) * x, labels), check="never")
    loss(1.0, labels), loss(1.0, labels)
    with pytest.raises(InputError, match="indices must lie in 0"):
        loss(1.0, np.array([0, 3]))
    assert len(loss.programs) == 1 and loss(1.0, labels).item() == pytest.approx(np.log(3))


def test_an_error_of_the_run_in_a_check_puts_everything_back():
    v = Variable(np.eye(2))

    @ntb.function
    def step(x):
        v.assign_add(np.ones((2, 2)))
        return np.linalg.cholesky(x)

    step(np.eye(2))
    with pytest.raises(np.linalg.LinAlgError):
        step(-np.eye(2))
    assert v.value.tolist() == [[2.0, 1.0], [1.0, 2.0]]


def test_a_replay_that_fails_where_the_function_does_not():
    hidden = Hidden(1.0)

    def f(x):
        return np.linalg.cholesky(np.eye(2) * hidden.get() + x)

    for check in ("never", "always"):
        hidden.array[...] = 1.0
        traced = ntb.function(f, check=check)
        traced(0.0)
        hidden.add(4.0)
        result, text = quiet(traced, -2.0)
        assert_array_equal(np.asarray(result), f(-2.0))
        assert "the replay fails (LinAlgError: Matrix is not positive definite" in text


def test_a_run_that_fails_where_the_replay_does_not():
    hidden = Hidden(1.0)
    f = ntb.function(lambda x: np.linalg.cholesky(np.eye(2) * hidden.get() * x))
    f(1.0)
    hidden.add(-2.0)
    with pytest.raises(np.linalg.LinAlgError):
        f(1.0)


def test_the_warning_as_an_error():
    array = np.ones(3)
    f = ntb.function(lambda x: x * array)
    f(ONE)
    array[:] = 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("error", StaleReplayWarning)
        with pytest.raises(StaleReplayWarning):
            f(ONE)
    assert quiet(f, ONE)[0].tolist() == [2.0] * 3


def test_a_check_does_not_fill_the_memory():
    """It keeps the values of a run to name the first that differs, but not more than it may of a large one."""

    @ntb.function(check="always")
    def chain(x):
        for _ in range(64):
            x = x * 1.5
        return x

    x = np.ones(2**18)  # 2 MiB, of which 64 would be 128 MiB
    chain(x), chain(x)
    tracemalloc.start()
    chain(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20
