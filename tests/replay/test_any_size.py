"""Arguments of many sizes, and one program for any, found from traces of three: the same bits as a run."""

import numpy as np
import pytest

import ntb
from ntb.replay import many_sizes
from ntb.replay.many_sizes import ManySizes
from ntb.replay.spot_check import StaleReplayWarning
from ntb.tree import leaves

w = ntb.Variable(np.linspace(-1.0, 1.0, 4), name="w")
TABLE = np.arange(500.0)


def gradient(loss):
    """A function of x and the gradient of its loss by x and w."""

    def step(x):
        x = ntb.tensor(x)
        with ntb.Tape() as tape:
            tape.watch(x)
            value = loss(x)
        return value, tape.gradient(value, [x, w], unconnected="zero")

    return step


FOUND = {
    "itself": lambda x: np.reshape(x, (len(x) * 4,)),
    "multiple": lambda x: np.sum(x) / (3 * len(x)),
    "reciprocal": lambda x: np.sum(x * (1.0 / len(x))),
    "float": lambda x: np.sum(x) * float(len(x)),
    "ones": lambda x: np.sum(np.ones(len(x)) * np.sum(x, axis=1)),
    "slice": lambda x: np.concatenate([x, x])[: len(x)],
    "dict": lambda x: {"mean": np.mean(x), "parts": [x, (len(x) * w,)]},
    "gradient": gradient(lambda x: np.mean((x @ w - 1) ** 2)),
    "rows": gradient(lambda x: np.sum(np.max(x, axis=1) / np.std(x, axis=1))),
    "softmax": gradient(lambda x: ntb.nn.cross_entropy(x, np.zeros(len(x), int))),
}
NOT_FOUND = {
    "half": lambda x: x[: len(x) // 2],
    "less": lambda x: x[: len(x) - 1],
    "decision": lambda x: np.exp(x) if len(x) > 6 else np.sin(x),
    "more calls": lambda x: np.exp(np.exp(x)) if len(x) > 6 else np.sin(x),
    "text": lambda x: np.einsum("ij->i" if len(x) > 6 else "ij->j", x),
    "other numbers": lambda x: x * TABLE[: len(x), None],
    "one more key": lambda x: {"x": x, **({"y": x} if len(x) > 6 else {})},
    "wiring": lambda x: np.subtract(*((x, w) if len(x) > 6 else (w, x))),
    "dtype": lambda x: x.astype(np.float32 if len(x) > 6 else np.float64),
    "square": lambda x: np.sum(x) * float(len(x) ** 2),
    "square root": lambda x: np.sum(x) * len(x) ** 0.5,
}
SIZES = [5, 6, 9, 7, 2, 4, 3, 12, 30]


def runs(f, sizes=SIZES):
    """The program for any size that was found; and for each size, of which the first has its own, two answers."""
    function = ManySizes(f, uniform=True)
    function(x=np.random.default_rng(8).normal(size=(8, 4)))
    answers = []
    for n in sizes:
        x = np.random.default_rng(n).normal(size=(n, 4))
        answers.append((function(x=x), function.plain(x=x)))
    assert len(function.programs) == 1
    return function.any_size, answers


def equal(a, b):
    a, b = arrays_of(a), arrays_of(b)
    return len(a) == len(b) and all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip(a, b))


def arrays_of(x):
    return [np.asarray(part.numpy() if isinstance(part, ntb.Tensor) else part) for part in leaves(x)]


@pytest.mark.parametrize("name", FOUND)
def test_one_program_gives_the_bits_of_all_sizes(name):
    program, answers = runs(FOUND[name])
    assert program is not None and all(equal(got, expected) for got, expected in answers)


@pytest.mark.parametrize("name", NOT_FOUND)
def test_what_differs_in_more_than_sizes_has_no_program(name):
    program, answers = runs(NOT_FOUND[name])
    assert program is None and all(equal(got, expected) for got, expected in answers)


def served(function, **arrays):
    """What a function answers, and how often the program for any size was asked for it."""
    before = function.any_size.until_check
    return function(**arrays), before - function.any_size.until_check


def uniform(f, *shapes):
    """A function after calls with arrays of these shapes, of which the first has a program of its own."""
    function = ManySizes(f, uniform=True)
    for shape in shapes:
        function(**{name: np.ones(shape) for name in f.__code__.co_varnames})
    return function


def test_sizes_of_one_and_none_and_other_arguments_are_not_taken(monkeypatch):
    monkeypatch.setenv("NTB_CHECK", "never")
    function = uniform(lambda x: np.sum(x), (3, 4), (5, 4), (6, 4), (9, 4))
    function.any_size.until_check = 100
    for shape, dtype in [((1, 4), float), ((0, 4), float), ((7, 3), float), ((7, 4), np.float32), ((7,), float)]:
        assert served(function, x=np.ones(shape, dtype)) == (np.prod(shape), 0)
    assert served(function, x=np.ones((7, 4))) == (28, 1)


def test_two_sizes_that_were_equal_must_stay_so(monkeypatch):
    monkeypatch.setenv("NTB_CHECK", "never")
    function = uniform(lambda x, y: np.sum(x) + np.sum(y), (3,), (5,), (6,), (9,))
    function.any_size.until_check = 100
    assert served(function, x=np.ones(7), y=np.ones(7)) == (14, 1)
    assert served(function, x=np.ones(7), y=np.ones(8)) == (15, 0)


def test_a_decision_beyond_the_sizes_that_were_traced_is_found_by_a_spot_check():
    """Whoever asks for one program promises that there is none; the checks stand behind the promise."""
    function = uniform(lambda x: np.sum(x) if len(x) < 20 else np.sum(x) + 1, (3, 4))
    with pytest.warns(StaleReplayWarning, match="the result is 121"):
        answers = [function(x=np.ones((n, 4))) for n in (5, 6, 9, 7, 8, 30, 30)]
    assert answers == [20, 24, 36, 28, 32, 121, 121]
    assert function.programs == [] and function.any_size is None


def test_frequent_sizes_have_programs_of_their_own(monkeypatch):
    """What a program is for that serves any size is no reason to trace, nor are sizes to warn of."""
    monkeypatch.setattr(many_sizes, "_RUNS_FOR_A_TRACE", 5)
    for uniform in (True, False):
        function = ManySizes(lambda x: x * 2.0, uniform)
        for n in [3, *range(4, 8), *range(4, 24)] * 5:
            assert function(x=np.ones(n)).tolist() == [2.0] * n
        assert len(function.programs) == 21 and (function.any_size is not None) == uniform


def test_other_forms_have_programs_of_their_own():
    function = uniform(lambda x: ntb.nn.softmax(x), (3, 4), (5, 4), (6, 4), (9, 4))
    with ntb.tuned.off():
        assert np.allclose(function(x=np.ones((7, 4))), 0.25)
    assert len(function.programs) == 1 and function.any_size is not None
