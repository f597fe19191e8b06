"""What no trace can see, which the page on replays lists: a spot check finds it, warns and goes on without replays."""

import datetime
import decimal
import functools
import importlib
import logging
import os
import pickle
import re
import tempfile
import time
import types
import uuid

import numpy as np
import pytest

import ntb
from ntb.replay.spot_check import StaleReplayWarning

from .worlds import Worlds, module, traced

SCALE = 1.0
missed = Worlds(__name__)


@missed
def elements_of_an_array():
    table = np.ones(2)
    yield (f := lambda x: x * table)
    table[0] = 2.0
    yield f


@missed
def array_that_the_function_writes():
    count = np.zeros(2)

    def f(x):
        count[0] += 1.0
        return x * count

    yield f


@missed
def file_that_is_opened_inside():
    path = os.path.join(tempfile.mkdtemp(), "rate")

    def f(x):
        with open(path) as file:
            return x * float(file.read())

    for rate in ("1.0", "2.0"):
        with open(path, "w") as file:
            file.write(rate)
        yield f
    os.remove(path)


@missed
def times():
    yield lambda x: x * (time.time_ns() % 1000003)


@missed
def dates():
    yield lambda x: x * (datetime.datetime.now().microsecond + 1)


@missed
def names_from_the_system():
    yield lambda x: x * (uuid.uuid4().int % 1000003) * (os.urandom(7)[0] + 1)


@missed
def class_of_an_object():
    class A:
        lr = 1.0

    class B:
        lr = 2.0

    c = A()
    yield (f := lambda x: x * c.lr)
    c.__class__ = B
    yield f


@missed
def cache_that_is_cleared():
    c = types.SimpleNamespace(a=1.0)
    a = functools.cache(lambda: c.a)
    a()
    yield (f := lambda x: x * a())
    c.a = 2.0
    a.cache_clear()
    yield f


@missed
def module_imported_by_a_computed_name():
    yield (f := lambda x: x * importlib.import_module("settings_of_a_test").scale)
    module.scale = 2.0
    yield f


@missed
def iterator_over_a_function_in_c():
    found = re.finditer("[0-9]", "123456789")
    yield lambda x: x * float(next(found).group())


@missed
def settings_that_c_code_holds():
    before = decimal.getcontext().prec
    decimal.getcontext().prec = 3
    yield (f := lambda x: x * float(decimal.Decimal(1) / decimal.Decimal(3)))
    decimal.getcontext().prec = 9
    yield f
    decimal.getcontext().prec = before


@missed
def settings_in_the_library():
    log = logging.getLogger("ntb.test")
    log.setLevel(logging.INFO)
    yield (f := lambda x: x * 2.0 if log.isEnabledFor(logging.DEBUG) else x)
    log.setLevel(logging.DEBUG)
    yield f


@missed
def attributes_that_c_code_reads():
    c = types.SimpleNamespace(name="a")
    yield (f := lambda x: x * len(pickle.dumps(c)))
    c.name = "a longer name"
    yield f


@missed
def function_of_numpy_that_is_replaced():
    before = np.tanh
    yield (f := lambda x: np.tanh(x))
    np.tanh = np.cosh
    yield f
    np.tanh = before


@missed.each
def test_what_a_trace_cannot_see_is_found_by_a_check(world):
    before = np.tanh
    try:
        with pytest.warns(StaleReplayWarning, match="does not do in a replay what it does by itself"):
            missed.fresh(world, traced("always"))
    finally:
        np.tanh = before


def test_after_the_warning_the_function_runs_as_it_is():
    table = np.ones(2)
    f = ntb.function(lambda x: x * table, check="always")
    f(1.0)
    table[0] = 2.0
    with pytest.warns(StaleReplayWarning):
        assert f(1.0)[0].item() == 2.0
    table[0] = 3.0
    assert f(1.0)[0].item() == 3.0
    assert not f.programs


def test_without_checks_the_numbers_of_the_trace_stay():
    table = np.ones(2)
    f = ntb.function(lambda x: x * table, check="never")
    f(1.0)
    table[0] = 2.0
    assert f(1.0)[0].item() == 1.0
