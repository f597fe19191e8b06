"""Parts of data sets, and batches that are read ahead."""

import threading

import numpy as np
import pandas as pd
import pytest

import ntb
from ntb import data, nn, training


@pytest.mark.parametrize("shuffle", [None, 0, True])
@pytest.mark.parametrize(("rows", "aside", "second"), [(10, 0.2, 2), (7, 0.5, 4), (5, 0, 0), (5, 1, 5), (0, 0.5, 0)])
def test_each_row_is_in_one_part(rows, aside, second, shuffle):
    x, y = np.arange(rows * 2).reshape(rows, 2), list(range(rows))
    (a, b), (c, d) = data.split(x, y, aside=aside, shuffle=shuffle)
    assert len(c) == len(d) == second and sorted([*b, *d]) == y
    assert np.array_equal(a, x[b.astype(int)]) and np.array_equal(c, x[d.astype(int)])
    if shuffle is None:
        assert list(d) == y[rows - second :]


def test_a_seed_and_a_generator():
    x = np.arange(50)
    assert np.array_equal(data.split(x, shuffle=3)[1][0], data.split(x, shuffle=3)[1][0])
    rng = np.random.default_rng(3)
    assert not np.array_equal(data.split(x, shuffle=rng)[1][0], data.split(x, shuffle=rng)[1][0])


def test_each_label_has_its_share():
    labels = np.repeat(["a", "b", "c"], [50, 20, 10])
    (_, first), (_, second) = data.split(np.arange(80), labels, aside=0.3, shuffle=1, by=labels)
    assert [np.sum(second == label) for label in "abc"] == [15, 6, 3] and len(first) == 56
    frame = pd.DataFrame({"x": np.arange(80), "label": labels}, index=np.arange(80)[::-1])
    (table,), _ = data.split(frame, by=frame["label"], aside=0.5, shuffle=0)
    assert len(table) == 40


def test_items_arrive_in_order_and_so_do_errors():
    batches = data.batches(np.arange(10), size=3)
    assert [x.tolist() for (x,) in data.prefetch(batches, ahead=1)] == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]

    def broken():
        yield 1
        raise OSError("the disk is gone")

    items = iter(data.prefetch(broken()))
    assert next(items) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(items)


def test_a_reader_that_is_not_asked_for_more_ends():
    taken = []

    def endless():
        while True:
            taken.append(len(taken))
            yield taken[-1]

    items = iter(data.prefetch(endless(), ahead=2))
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    thread = next(t for t in threading.enumerate() if t.name == "ntb-prefetch")
    items.close()
    thread.join()
    assert len(taken) <= 3 + 2 + 2


def test_nothing_is_read_before_it_is_asked_for():
    read = []
    items = data.prefetch(map(read.append, range(3)))
    assert read == []
    assert list(items) == [None] * 3


def test_a_history_is_a_table(tmp_path):
    training.write_csv({"epoch": [1, 2], "loss": [0.1, 1e-300], "what, else": [3, float("nan")]}, tmp_path / "h.csv")
    table = pd.read_csv(tmp_path / "h.csv")
    assert list(table) == ["epoch", "loss", "what, else"] and table["loss"].tolist() == [0.1, 1e-300]


def test_channels_may_come_last():
    inner = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm(4), nn.relu)
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype(np.float32)
    found = nn.ChannelsLast(inner)(x, train=True)
    np.testing.assert_allclose(np.moveaxis(found, -1, 1), inner(np.moveaxis(x, -1, 1), train=True), atol=1e-6)
    assert nn.ChannelsLast(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(None, 2))(x).shape == (2, 2)
    assert isinstance(ntb.grad(lambda x: np.sum(nn.ChannelsLast(inner)(x)))(x), np.ndarray)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "ntb-prefetch"]


def test_no_thread_is_left_when_training_stops():
    """Whether the loop is left, the reader fails, or batches are read ahead in two places."""
    source = data.batches(np.arange(100), size=1)
    for batches in (data.prefetch(source), data.prefetch(data.prefetch(source, ahead=1), ahead=5)):
        for _ in batches:
            break
        for _ in range(2):
            list(batches)
        assert len(batches) == 100

    def broken(x, rng):
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(data.prefetch(data.augmented(source, broken)))
    for thread in threads():
        thread.join(5)
    assert threads() == []


def test_no_thread_is_left_when_a_callback_stops_training():
    source = data.prefetch(data.batches(np.ones((100, 2)), np.ones((100, 1)), size=1))

    class Stop(training.Callback):
        def after_step(self, trainer, report):
            trainer.stop("enough")

    trainer = training.Trainer(nn.Linear(2, 1), nn.mse, ntb.optim.SGD(0.1), callbacks=[Stop()], progress=False)
    trainer.fit(source)
    assert trainer.step == 1
    for thread in threads():
        thread.join(5)
    assert threads() == []
