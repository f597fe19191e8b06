"""Ctrl-C between two steps: kept until it is asked for; the second one at once."""

import signal
import threading

import pytest

from ntb.training.interrupts import Interrupts

press = lambda: signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def pythons_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_it_is_kept_until_the_block_ends():
    done = []
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press()
        done.append(1)
    assert done


def test_another_error_comes_first():
    with pytest.raises(ValueError, match="first"), Interrupts():
        press()
        raise ValueError("first")


def test_the_second_one_is_not_kept():
    done = []
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press()
        done.append(1)
        press()
        done.append(2)
    assert done == [1]


def test_a_handler_of_the_programs_own_stays():
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(1))
    with Interrupts() as interrupts:
        press()
        interrupts.check()
    assert pressed == [1]
    signal.signal(signal.SIGINT, before)


def test_in_another_thread_all_stays_as_it_is():
    found = []

    def run():
        with Interrupts():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]
