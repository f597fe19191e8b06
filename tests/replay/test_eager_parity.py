"""Errors, decisions and arguments of a replay are those of the function itself."""

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import ntb
from ntb import ConversionError, Variable

from .worlds import every_check

GOOD, BAD = np.eye(2), -np.eye(2)


# --- errors


@every_check
def test_an_operation_that_failed_and_was_caught_is_refused(check):
    def factor(a):
        try:
            return np.linalg.cholesky(a)
        except np.linalg.LinAlgError:
            return np.linalg.cholesky(a + 3.0 * np.eye(2))

    f = ntb.function(factor, check=check)
    with pytest.raises(ConversionError, match=r"LinAlgError in np\.linalg\.cholesky and went on"):
        f(BAD)
    assert_array_equal(np.asarray(f(GOOD)), GOOD)


@every_check
def test_a_floating_point_error_that_was_caught_is_refused(check):
    def log(x):
        with np.errstate(divide="raise"):
            try:
                return np.log(x)
            except FloatingPointError:
                return x

    f = ntb.function(log, check=check)
    with pytest.raises(ConversionError, match="FloatingPointError"):
        f(np.zeros(2))


@every_check
def test_an_error_of_a_replay_is_that_of_the_function(check):
    f = ntb.function(np.linalg.cholesky, check=check)
    for _ in range(3):
        f(GOOD)
    for _ in range(3):
        with pytest.raises(np.linalg.LinAlgError):
            f(BAD)
        f(GOOD)


@every_check
def test_an_error_of_the_function_changes_nothing(check):
    w = Variable(1.0)

    def step(a):
        w.assign(w + 1.0)
        return np.linalg.cholesky(a) * w

    f = ntb.function(step, check=check)
    for expected in (1.0, 3.0, 5.0):
        with pytest.raises(np.linalg.LinAlgError):
            f(BAD)
        assert w.item() == expected
        f(GOOD)
        f(GOOD)


@every_check
def test_floating_point_errors_are_handled_as_the_function_says(check):
    def log(x):
        with np.errstate(divide="raise"):
            return np.log(x)

    f = ntb.function(log, check=check)
    for _ in range(3):
        f(np.ones(2))
        with pytest.raises(FloatingPointError):
            f(np.zeros(2))


@every_check
def test_python_errors_that_are_caught_are_ordinary(check):
    settings = {}

    def f(x):
        try:
            return x * settings["lr"]
        except KeyError:
            return x / 1.0
        except ZeroDivisionError:
            return x

    f = ntb.function(f, check=check)
    assert [f(2.0), f(2.0)] == [2.0, 2.0]
    settings["lr"] = 3.0
    assert [f(2.0), f(2.0)] == [6.0, 6.0]


# --- decisions, and numbers made into texts


@every_check
def test_arrays_of_strings_are_compared_by_their_elements(check):
    f = ntb.function(lambda x, name: x * 2.0 if np.any(name == "cat") else x, check=check)
    for _ in range(3):
        assert f(1.0, np.array(["cat"])) == 2.0
        assert f(1.0, np.array(["dog"])) == 1.0


@every_check
def test_another_number_of_parts_is_another_program(check):
    f = ntb.function(lambda x, n: np.array_split(x, n), check=check)
    for n in (2, 3, 2, 3):
        assert len(f(np.ones(6), n)) == n


# --- arguments


@every_check
def test_two_equal_models_are_two(check):
    @dataclasses.dataclass(frozen=True)
    class Model:
        name: str
        w: Variable = dataclasses.field(compare=False)

    @ntb.function(check=check)
    def step(model):
        model.w.assign_add(1.0)
        return model.w * 1.0

    a, b = (Model("m", Variable(w)) for w in (0.0, 10.0))
    assert [step(m).item() for m in (a, a, b, b, a)] == [1.0, 2.0, 11.0, 12.0, 3.0]


class Point(NamedTuple):
    x: object
    k: float = 1.0


@every_check
def test_named_tuples_and_mapped_memory_are_fed(check, tmp_path):
    f = ntb.function(lambda p: p.x * p.k, check=check)
    for k in (1.0, 2.0, 3.0, 4.0):
        assert_array_equal(np.asarray(f(Point(np.ones(2), k))), [k, k])
    assert len(f.programs) == 1
    mapped = np.memmap(tmp_path / "m", "float64", "w+", shape=(3,))
    g = ntb.function(np.sum, check=check)
    for i in range(4):
        mapped[:] = i
        assert g(mapped) == 3.0 * i


def test_a_users_product_of_two_equal_values_keeps_its_last_bit():
    """NumPy multiplies a matrix with itself in another way than two equal ones, so they may not become one."""
    product = ntb.numpy_function(lambda a, b: (a @ b.T, None), lambda g, _cache, _wanted, *_shapes: [g, g])
    f = ntb.function(lambda x: product(x + 1.0, x + 1.0))
    x = np.random.default_rng(0).normal(size=(40, 7))
    for _ in range(3):
        np.testing.assert_array_equal(np.asarray(f(x)), product(x + 1.0, x + 1.0))


def test_the_text_of_a_number_is_that_of_this_call():
    f = ntb.function(lambda x: x * len(f"{x:.2f}"))
    assert [f(1.0), f(10.0), f(1.0)] == [4.0, 50.0, 4.0]
