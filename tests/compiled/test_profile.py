"""Profiles of programs with loops: what ran, and what it moved."""

import numpy as np
import pytest

import ntb
from ntb.compiled import kernels
from tests.compiled.test_loops import program_of

pytestmark = [
    pytest.mark.skipif(not kernels.is_there(), reason="numba is not installed (the extra `fast`)"),
    pytest.mark.usefixtures("at_once"),
]

X, ROW = np.linspace(0, 1, 6000).reshape(60, 100), np.ones(100)
LOOP = "loop: np.multiply, np.add, np.multiply"


def chain(x, row):
    return np.tanh((x * row + 1.5) * x)


def test_a_loop_moves_what_it_reads_and_writes():
    program = program_of(ntb.function(chain), X, ROW)
    profile = program.profile(X, ROW, repeat=2)
    (name, work), = profile.chains.items()  # fmt: skip
    assert name == LOOP
    assert (work.calls, work.flops) == (1, 3 * X.size)
    assert (work.read, work.written) == (X.nbytes + ROW.nbytes, X.nbytes), "what it passes on is in no memory"
    assert 0 < work.seconds <= profile.total.seconds
    assert profile.of_copy(work) == pytest.approx((work.read + work.written) / work.seconds / profile.bandwidth)
    assert [key.partition(": ")[2] for key in program.kernels] == [LOOP.partition(": ")[2]]


def test_equal_loops_are_one_line():
    program = program_of(ntb.function(lambda x, y, row: (chain(x, row), chain(y, row))), X, X + 1, ROW)
    profile = program.profile(X, X + 1, ROW, repeat=2)
    assert profile.chains[LOOP].calls == 2


def test_without_loops_it_says_blocks():
    x = np.ones((300, 400))
    program = ntb.function(chain, compile=False).trace(x, x[0])
    assert list(program.profile(x, x[0], repeat=1).chains) == ["blocks: np.add, np.multiply"]


def test_text_and_page():
    program = program_of(ntb.function(chain), X, ROW)
    profile = program.profile(X, ROW, repeat=2)
    assert "most expensive chains (a copy moves " in str(profile) and LOOP in str(profile)
    assert "of copy" in profile.to_html() and LOOP in profile.to_html()
    plain = ntb.function(np.sum).trace(X).profile(X, repeat=1)
    assert "chains" not in str(plain) and "of copy" not in plain.to_html()
