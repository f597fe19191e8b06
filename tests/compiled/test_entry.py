"""Entries: machine code is called with arguments of its kinds, and refuses others."""

import numpy as np
import pytest

from ntb.compiled import kernels
from ntb.compiled.compiler import machine_code
from ntb.compiled.entry import ArrayKind, Task, function_of

pytestmark = pytest.mark.skipif(not kernels.is_there(), reason="numba is not installed (the extra `fast`)")

SOURCE = """
def loop(matrix, row, flag, count, single, double, pairs):
    if count < 0:
        raise ValueError("no such count")
    clear_flags(FLAGS)
    (above, below), out = pairs
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            out[i, j] = matrix[i, j] * single + row[j] * double + (count if flag else above - below)
    return raised_flags(FLAGS)
"""
OUT = np.zeros((2, 3))
GIVEN = (np.ones((2, 3)), np.arange(3, dtype=np.float32), np.True_, 7, np.float32(0.5), np.array(2.0), ((9, 5), OUT))


@pytest.fixture(scope="module")
def call():
    kinds = (
        ArrayKind("f8", 2, True), ArrayKind("f4", 1, False), "b1", "i8", "f4", "f8",
        (("i8", "i8"), ArrayKind("f8", 2, True)),
    )  # fmt: skip
    return function_of(machine_code(Task(SOURCE, "loop", kinds)))


def given(**others):
    """The arguments, with others in the places of some."""
    return [others.get(f"at{i}", x) for i, x in enumerate(GIVEN)]


def test_all_kinds_of_arguments(call):
    assert call(*GIVEN) == 0
    np.testing.assert_array_equal(OUT, [[7.5, 9.5, 11.5]] * 2)
    assert call(*given(at2=np.array(False), at5=1.0)) == 0
    np.testing.assert_array_equal(OUT, [[4.5, 5.5, 6.5]] * 2)
    assert call(*given(at1=np.arange(6, dtype=np.float32)[::2])) == 0
    assert OUT[0, 2] == 0.5 + 8 + 7
    assert call(*given(at1=np.arange(3, dtype=np.dtype(np.float32).newbyteorder("=")))) == 0, "a dtype that equals it"


@pytest.mark.parametrize(
    "others",
    [
        {"at0": np.ones((2, 3), np.float32)}, {"at0": np.ones((2, 3), ">f8")}, {"at0": np.ones(3)},
        {"at0": np.ones((3, 2)).T}, {"at0": [[1.0] * 3] * 2}, {"at0": None}, {"at0": np.ones((2, 3), np.int64)},
        {"at3": 7.0}, {"at3": np.int64(7)}, {"at3": True}, {"at6": [(9, 5), OUT]}, {"at6": ((9, 5, 1), OUT)},
        {"at6": ((9, 5.0), OUT)}, {"at6": ((9, 5), OUT[0])}, {"at3": -1},
    ],
    ids=lambda others: str(others).replace("\n", ""),
)  # fmt: skip
def test_other_arguments_are_refused(call, others):
    assert call(*given(**others)) == -1


def test_flags(call):
    assert call(*given(at0=np.full((2, 3), 1e308), at4=np.float32(100))) > 0
    assert call(*GIVEN) == 0
