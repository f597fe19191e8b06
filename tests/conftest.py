"""What all tests share: hypothesis is quiet, and no test may leave a tape open."""

import sys

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "ntb",
    deadline=None,
    max_examples=50,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.differing_executors],
)
hypothesis.settings.load_profile("ntb")


@pytest.fixture(autouse=True)
def no_tape_stays_open():
    from ntb.tape.listener import listeners, pulling  # here, as coverage is not yet measured when this file is read

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
