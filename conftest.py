"""What all tests and examples share: they draw the same numbers in every run, and none may leave a tape open.

`make search` draws others: with `--hypothesis-profile=search` properties are tried by `--hypothesis-seed`.
"""

import gc
import importlib
import os
import pkgutil
import random
import sys

import hypothesis
import numpy as np
import pytest
from hypothesis.internal.conjecture import providers

os.environ.setdefault("NTB_COMPILE", "0")  # loops are the subject of tests/compiled; another value tries all with them

hypothesis.settings.register_profile(
    "ntb",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.differing_executors],
)
hypothesis.settings.register_profile(
    "search", hypothesis.settings.get_profile("ntb"), derandomize=False, print_blob=True
)
hypothesis.settings.load_profile("ntb")

# Hypothesis mixes constants of the modules that are loaded into what it draws. That would make examples depend on which
# tests ran before, and on the folder of the checkout.
providers._get_local_constants = providers.Constants


class Shared:
    """ntb's default generator, and those of the present module of tests, in the form that hypothesis knows.

    Who draws from a generator that others draw from gets numbers that depend on what ran before. So these begin anew
    with each test, and with each example of hypothesis, which does the same to `random` and `np.random`.
    """

    def __init__(self):
        self.generators, self.starts = [], {}

    def enter(self, module):
        from ntb import random as ntb_random  # here, as coverage is not yet measured when this file is read

        numpys = [x for x in vars(module).values() if isinstance(x, np.random.Generator)] if module else []
        self.generators = [ntb_random.default().numpy, *numpys]
        for generator in numpys:
            self.starts.setdefault(generator, generator.bit_generator.state)

    def seed(self, seed):
        for generator in self.generators:
            generator.bit_generator.state = self.starts.get(generator) or np.random.PCG64(seed).state

    def getstate(self):
        return [(generator, generator.bit_generator.state) for generator in self.generators]

    def setstate(self, states):
        for generator, state in states:
            generator.bit_generator.state = state


shared = Shared()
hypothesis.register_random(shared)


@pytest.fixture(autouse=True)
def generators_begin_anew(request):
    shared.enter(getattr(request.node, "module", None))
    random.seed(0), np.random.seed(0), shared.seed(0)


@pytest.fixture(autouse=True)
def no_tape_stays_open():
    from ntb.tape.listener import listeners, pulling

    assert listeners.get() == ()
    yield
    left, _ = listeners.get(), listeners.set(())
    assert left == (), "the test left a tape open"
    assert pulling.get() is None, "the test left a derivative behind that is no longer computed"


@pytest.fixture
def threads_begin_anew():
    """For tests of what a new thread sees, which Python 3.14 can let inherit the context of its maker."""
    if getattr(sys.flags, "thread_inherit_context", 0):
        pytest.skip("threads inherit the context, and with it open tapes: run Python with -X thread_inherit_context=0")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session):
    """Twenty thousand tests are there to the end: the collector need not look at them again and again."""
    if counter(session.config):
        count_imports()
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


# --- lines are counted in tests alone


def counter(config):
    """What counts the lines of ntb that run, with `--cov`; None without, and where they are counted test by test."""
    plugin = config.pluginmanager.getplugin("_cov")
    return plugin.cov_controller if plugin and not config.getoption("cov_context") else None


def count_imports():
    """Lines are counted while modules are imported, which is now, and in the calls of tests.

    While lines are counted Python takes twice the time, whatever it runs. So they are counted neither while tests are
    collected, set up and handed out, nor in tests that are `uncounted`: laws of many cases, which run again and again
    the lines that other tests run.
    """
    import coverage

    import ntb

    for module in pkgutil.walk_packages(ntb.__path__, "ntb."):
        importlib.import_module(module.name)
    while running := coverage.Coverage.current():  # a process that is handed tests has two
        running.stop()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    counts = counter(item.config)
    if counts is None or item.get_closest_marker("uncounted"):
        return (yield)
    counts.resume()
    try:
        return (yield)
    finally:
        counts.pause()
