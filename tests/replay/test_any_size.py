"""One program for arguments of any size, found from traces of three: the same bits as a run, or no program."""

import numpy as np
import pytest

import ntb
from ntb.replay.any_size import AnySize
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
    """What `attempt` gives for each size, beside what the function itself does."""
    function = AnySize(f)
    for n in sizes:
        x = np.random.default_rng(n).normal(size=(n, 4))
        fed = {"x": x}
        yield n, function.attempt(((x.shape, x.dtype),), fed), function.run((), fed)[0]


def equal(a, b):
    a, b = arrays_of(a), arrays_of(b)
    return len(a) == len(b) and all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip(a, b))


def arrays_of(x):
    return [np.asarray(part.numpy() if isinstance(part, ntb.Tensor) else part) for part in leaves(x)]


@pytest.mark.parametrize("name", FOUND)
def test_one_program_gives_the_bits_of_all_sizes(name):
    found = list(runs(FOUND[name]))
    assert [n for n, got, _ in found if got is None] == []
    assert all(equal(got, expected) for _, got, expected in found)


@pytest.mark.parametrize("name", NOT_FOUND)
def test_what_differs_in_more_than_sizes_has_no_program(name):
    found = list(runs(NOT_FOUND[name]))
    assert [n for n, got, _ in found if got is None] == SIZES[6:]  # the first six were tried
    assert all(equal(got, expected) for _, got, expected in found if got is not None)


def test_sizes_of_one_and_none_and_other_arguments_are_not_taken():
    function = AnySize(lambda x: np.sum(x))
    for n in (5, 6, 9):
        function.attempt((((n, 4), np.dtype(float)),), {"x": np.ones((n, 4))})
    assert len(function.programs) == 1
    for shape, dtype in [((1, 4), float), ((0, 4), float), ((7, 3), float), ((7, 4), np.float32), ((7,), float)]:
        assert function.attempt(((shape, np.dtype(dtype)),), {"x": np.ones(shape, dtype)}) is None
    assert function.attempt((((7, 4), np.dtype(float)),), {"x": np.ones((7, 4))}) == 28


def test_two_sizes_that_were_equal_must_stay_so():
    function = AnySize(lambda x, y: np.sum(x) + np.sum(y))
    sizes = lambda m, n: (((m,), np.dtype(float)), ((n,), np.dtype(float)))
    for n in (5, 6, 9):
        function.attempt(sizes(n, n), {"x": np.ones(n), "y": np.ones(n)})
    assert function.attempt(sizes(7, 7), {"x": np.ones(7), "y": np.ones(7)}) == 14
    assert function.attempt(sizes(7, 8), {"x": np.ones(7), "y": np.ones(8)}) is None


def test_a_decision_beyond_the_sizes_that_were_traced_is_found_by_a_spot_check():
    """Whoever asks for one program promises that there is none; the checks stand behind the promise."""
    function = AnySize(lambda x: np.sum(x) if len(x) < 20 else np.sum(x) + 1)
    sizes = [5, 6, 9, 7, 8, 30, 30]
    with pytest.warns(StaleReplayWarning, match="the result is 121"):
        answers = [function.attempt((((n, 4), np.dtype(float)),), {"x": np.ones((n, 4))}) for n in sizes]
    assert answers == [20, 24, 36, 28, 32, 121, None]
    assert function.programs == []
