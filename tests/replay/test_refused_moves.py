"""Functions that move an iterator, or draw numbers that are not ntb's, are refused in the first call."""

import contextlib
import csv
import io
import itertools
import os
import queue
import random
import re
import secrets
import time
import types
import uuid

import numpy as np
import pytest

import ntb
from ntb import ConversionError, TapeError

from .worlds import every_check, programs_of, refused

ONE = np.ones(2)


def endless():
    while True:
        yield 2.0


class Counting:
    def __init__(self):
        self.i = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.i += 1
        return float(self.i)


class Numbers:
    def __iter__(self):
        yield from (1.0, 2.0, 3.0)


def file():
    return io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"1\n2\n3\n")))


ITERATORS = {
    "list": lambda: iter([1.0, 2.0, 3.0]),
    "dict": lambda: iter({1.0: 0, 2.0: 0, 3.0: 0}),
    "set": lambda: iter({1.0, 2.0}),
    "values": lambda: iter({"a": 1.0, "b": 2.0}.values()),
    "tuple": lambda: iter((1.0, 2.0, 3.0)),
    "range": lambda: iter(range(9)),
    "reversed": lambda: reversed([1.0, 2.0]),
    "bytes": lambda: iter(b"123"),
    "zip": lambda: map(sum, zip([1.0, 2.0], [1.0, 2.0])),
    "enumerate": lambda: (x for _, x in enumerate([1.0, 2.0])),
    "map": lambda: map(float, "123"),
    "filter": lambda: filter(None, [1.0, 2.0, 3.0]),
    "generator": endless,
    "expression": lambda: (x for x in [1.0, 2.0, 3.0]),
    "count": itertools.count,
    "repeat": lambda: itertools.repeat(2.0, 9),
    "cycle": lambda: itertools.cycle([1.0, 2.0]),
    "chain": lambda: itertools.chain([1.0], [2.0]),
    "islice": lambda: itertools.islice(endless(), 9),
    "accumulate": lambda: itertools.accumulate([1.0, 2.0, 3.0]),
    "starmap": lambda: itertools.starmap(max, [(1.0, 2.0)] * 3),
    "own class": Counting,
    "own __iter__": lambda: iter(Numbers()),
    "tee": lambda: itertools.tee([1.0, 2.0, 3.0])[0],
    "callable": lambda: iter(Counting().__next__, 9.0),
    "pairwise": lambda: map(sum, itertools.pairwise([1.0, 2.0, 3.0])),
    "product": lambda: map(sum, itertools.product([1, 2], [3, 4])),
    "flat": lambda: np.arange(3.0).flat,
    "batches": lambda: map(len, iter(ntb.data.batches(np.ones((9, 2)), size=2))),
    "lines": file,
    "csv": lambda: map(" ".join, csv.reader(["1", "2", "3"])),
}


@every_check
@pytest.mark.parametrize("kind", ITERATORS)
def test_iterators_that_a_function_moves_are_refused(kind, check):
    def within():
        held = ITERATORS[kind]()
        return lambda x: x * float(next(held))

    def in_a_loop():
        held = [ITERATORS[kind]()]

        def f(x):
            for y in held[0]:
                return x * float(y)
            return x

        return f

    assert refused(TapeError, within, check)
    assert refused(TapeError, in_a_loop, check)


def test_an_iterator_that_is_an_argument_is_refused():
    f = ntb.function(lambda x, it: x * next(it))
    it = iter([1.0, 2.0, 3.0])
    with pytest.raises(TapeError, match="'it', a list_iterator"):
        f(ONE, it)


@pytest.mark.parametrize(
    "held",
    [
        iter([1.0]), iter({1.0}), iter({"a": 1}.items()), map(abs, [1]), zip([1], [2]), filter(None, [1]), endless(),
        enumerate([1]), itertools.count(), itertools.cycle([1]), itertools.chain([1], [2]), itertools.tee([1])[0],
        itertools.islice(endless(), 3), itertools.groupby([1]), re.finditer("a", "a"), np.nditer(np.ones(2)), ONE.flat,
        csv.reader(["1"]), iter(endless().__next__, 0), reversed([1]), (x for x in [1]), random.Random(0),
        np.random.default_rng(0), np.random.RandomState(0), queue.SimpleQueue(), queue.Queue(), io.StringIO("a"),
        iter(range(3)), iter("abc"), itertools.product([1], [2]), os.scandir("."),
    ],
    ids=lambda held: type(held).__name__,
)  # fmt: skip
def test_what_could_move_but_is_left_alone(held):
    model = types.SimpleNamespace(held=held, scale=2.0)

    def f(x):
        return x * model.scale if model.held is not None and held is not None else x

    assert programs_of(f, ONE, check="always") == (1, 1)


def open_file(tmp_path):
    (tmp_path / "numbers").write_text("1\n2\n3\n")
    return (tmp_path / "numbers").open()


@pytest.mark.parametrize("read", [lambda held: held.readline(), lambda held: next(held), lambda held: held.read(2)])
def test_files_that_a_function_reads_on_are_refused(read, tmp_path):
    with open_file(tmp_path) as held:
        f = ntb.function(lambda x: x * float(read(held)))
        with pytest.raises(TapeError, match="'held', a TextIOWrapper"):
            f(ONE)


def test_queues_in_c_are_refused():
    held = queue.SimpleQueue()
    held.put(1.0)
    with pytest.raises(TapeError, match="a SimpleQueue"):
        ntb.function(lambda x: x * held.get())(ONE)


# --- random numbers


def mine():
    held = np.random.default_rng(0)
    return lambda x: x * held.normal()


def mine_in_a_model():
    held = types.SimpleNamespace(rng=np.random.default_rng(0))
    return lambda x: x * held.rng.integers(9)


def state():
    held = np.random.RandomState(0)
    return lambda x: x * held.rand()


def own_random():
    held = random.Random(0)
    return lambda x: x * held.random()


def shuffled():
    held = np.random.default_rng(0)
    return lambda x: x[held.permutation(2)]


DRAWING = {
    "random": lambda: lambda x: x * random.random(),
    "randint": lambda: lambda x: x * random.randint(1, 9),
    "choice": lambda: lambda x: x * random.choice([1.0, 2.0]),
    "gauss": lambda: lambda x: x * random.gauss(0.0, 1.0),
    "np.random": lambda: lambda x: x * np.random.rand(),
    "np.choice": lambda: lambda x: x * np.random.choice([1.0, 2.0]),
    "default_rng()": lambda: lambda x: x * np.random.default_rng().normal(),
    "mine": mine,
    "in a model": mine_in_a_model,
    "RandomState": state,
    "Random": own_random,
    "permutation": shuffled,
    "SystemRandom": lambda: lambda x: x * random.SystemRandom().random(),
    "secrets": lambda: lambda x: x * secrets.randbelow(9),
}


@every_check
@pytest.mark.parametrize("kind", DRAWING)
def test_random_numbers_that_are_not_ntbs_are_refused(kind, check):
    assert refused(ConversionError, DRAWING[kind], check)


def test_generators_made_inside_are_refused():
    with pytest.raises(TapeError, match="a generator is made inside"):
        ntb.function(lambda x: x * ntb.random.generator(0).normal())(ONE)


# --- times, and what the system says


SAYS = {
    "time": time.time, "time_ns": time.time_ns, "monotonic": time.monotonic, "perf_counter": time.perf_counter,
    "uuid4": lambda: uuid.uuid4().int % 97, "uuid1": lambda: uuid.uuid1().int % 97, "urandom": lambda: os.urandom(1)[0],
    "token": lambda: secrets.token_bytes(1)[0],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::ntb.replay.spot_check.StaleReplayWarning")
@pytest.mark.parametrize("kind", SAYS)
def test_what_the_system_says_is_seen_by_the_next_check(kind):
    say = SAYS[kind]
    f = ntb.function(lambda x: x * (say() % 1000), check="always")
    with contextlib.suppress(ConversionError):
        assert len({float(np.sum(f(ONE))) for _ in range(6)}) >= 3
