"""Crowded cores are told of once, and only where threads of matrix products wait for each other."""

import warnings

import numpy as np
import pytest

import ntb
from ntb.replay import crowded, warm


class Day:
    """A second passes between two looks, in which the thread ran for a part of it."""

    def __init__(self, share, slower):
        self.share, self.slower, self.now, self.tries = share, slower, 0.0, 0

    def clocks(self):
        self.now += 1.0
        return self.now, self.share * self.now

    def slowness(self):
        self.tries += 1
        return self.slower


def lookout(monkeypatch, day):
    found = crowded.Lookout(day.clocks, day.slowness)
    monkeypatch.setattr(warm, "when_warm", [found.look])
    return found


def call(times):
    traced, x = ntb.function(lambda x: x @ x), np.ones((2, 2))
    for _ in range(times):
        traced(x)


def test_threads_that_wait_for_each_other_are_told_once(monkeypatch):
    day = Day(share=0.5, slower=30.0)
    found = lookout(monkeypatch, day)
    with pytest.warns(ntb.BusyWarning, match="take 30 times as long as on one thread.*OPENBLAS_NUM_THREADS=1") as told:
        call(4)  # the clocks are looked at in the 2nd and the 4th call
    assert told[0].filename == __file__ and found.done
    call(8)
    assert day.tries == 1


def test_the_line_is_that_of_the_users_program_which_calls_a_trainer(monkeypatch):
    lookout(monkeypatch, Day(share=0.5, slower=30.0))
    trainer = ntb.training.Trainer(ntb.nn.Linear(2, 1), ntb.nn.mse, ntb.optim.SGD(0.1), progress=False)
    with pytest.warns(ntb.BusyWarning) as told:
        trainer.fit(np.ones((2, 2)), np.ones((2, 1)), epochs=4)
    assert told[0].filename == __file__


@pytest.mark.parametrize("share, slower, tries", [(1.0, 30.0, 0), (0.5, 1.2, 2)])
def test_nothing_is_said_of_a_thread_that_runs_or_of_products_that_do_not_wait(share, slower, tries, monkeypatch):
    day = Day(share, slower)
    lookout(monkeypatch, day)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call(16)
    assert day.tries == tries  # it looks less often, having found nothing


def test_one_thread_does_not_wait_for_others(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(crowded, "_time_of_products", lambda count, size: size)  # as if the large one took long
    assert crowded.slowness() == 1.0


def test_a_notice_that_is_an_error_leaves_all_as_it_was(monkeypatch):
    lookout(monkeypatch, Day(share=0.5, slower=30.0))
    count = ntb.Variable(0.0)
    step = ntb.function(lambda: count.assign(count + 1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for expected in (1.0, 2.0, 3.0):
            step()
            assert count.numpy() == expected
        with pytest.raises(ntb.BusyWarning):
            step()
    assert count.numpy() == 3.0
    step()
    assert count.numpy() == 4.0


def test_products_and_clocks_are_measured():
    assert crowded.slowness() > 0
    assert len(crowded.clocks()) == 2
