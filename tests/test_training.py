"""The Solver: history, the best state, interrupts, resuming."""

import io as text
import random

import numpy as np
import pytest

import ntb
from ntb.data import batches
from ntb.progress import Progress
from ntb.training import Solver


def counting(values, **options):
    """A solver whose evaluation reports the given values, and whose state counts its steps."""
    count = ntb.Variable(0, trainable=False)
    reports = iter(values)

    def step(x):
        count.assign_add(1)
        return {"loss": float(np.mean(x))}

    options = {"state": {"count": count}, "best": "score", "progress": False, **options}
    return Solver(step, [np.ones(2), np.ones(2)], evaluate=lambda: {"score": next(reports)}, **options), count


@pytest.mark.parametrize(("mode", "best"), [("max", 2), ("min", 3)])
def test_the_best_state_is_kept_and_given_back_when_asked(mode, best):
    solver, count = counting([1.0, 5.0, 0.0, 2.0], mode=mode)
    history = solver.train(epochs=4)
    assert history["score"] == [1, 5, 0, 2] and history["epoch"] == [1, 2, 3, 4]
    assert solver.best["epoch"] == best
    assert count.value == 8
    solver.restore_best()
    assert count.value == 2 * best
    with pytest.raises(ntb.InputError, match="no best state is kept"):
        counting([1.0], best=None)[0].restore_best()


def test_training_goes_on_where_it_was():
    solver, _ = counting([1.0, 2.0, 3.0])
    solver.train(epochs=1)
    solver.train(epochs=2)
    assert solver.history["epoch"] == [1, 2, 3] and solver.best["epoch"] == 3


def test_not_a_number_is_never_better():
    solver, _ = counting([np.nan, 1.0, np.nan])
    solver.train(epochs=3)
    assert solver.best["epoch"] == 2


def test_batches_count_by_their_rows():
    solver = Solver(np.mean, [np.ones(3), np.zeros(1)], progress=False)
    assert solver.train(epochs=1)["loss"] == [0.75]


def test_each_epoch_asks_for_its_batches():
    x = np.arange(6.0)
    rng, seen = np.random.default_rng(0), []
    feed = lambda: batches(x, x, size=4, shuffle=rng)
    Solver(lambda a, b: seen.append(a) or np.sum(a - b), feed, progress=False).train(epochs=2)
    assert [len(a) for a in seen] == [4, 2, 4, 2]
    assert not np.array_equal(seen[0], seen[2])
    with pytest.raises(ntb.InputError, match="no batches"):
        Solver(np.sum, iter([]), progress=False).train(epochs=1)


def test_an_interrupt_keeps_the_finished_epochs():
    solver, count = counting([1.0, 0.0])
    solver.train(epochs=1)
    step, calls = solver.train_step, []

    def interrupted(x):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return step(x)

    solver.train_step = interrupted
    with pytest.raises(KeyboardInterrupt):
        solver.train(epochs=5)
    assert solver.history["score"] == [1, 0] and solver.best["epoch"] == 1
    assert count.value == 5  # nothing was put back
    solver.restore_best()
    assert count.value == 2


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_resuming_from_a_file(tmp_path, suffix):
    solver, _ = counting([3.0, 1.0])
    solver.train(epochs=2)
    solver.save(tmp_path / f"solver{suffix}")
    again, count = counting([2.0, 4.0])
    again.load(tmp_path / f"solver{suffix}")
    assert count.value == 4 and again.history == solver.history
    again.restore_best()
    assert count.value == 2
    again.train(epochs=1)
    assert again.history["epoch"] == [1, 2, 3] and again.best["epoch"] == 1
    again.train(epochs=1)
    assert again.best["epoch"] == 4


def test_a_checkpoint_holds_the_best_state(tmp_path):
    path = tmp_path / "best.npz"
    solver, count = counting([1.0, 3.0, 2.0], checkpoint=path)
    solver.train(epochs=3)
    count.assign(0)
    assert ntb.load(path, {"count": count})["score"] == 3
    assert count.value == 4
    again, count = counting([5.0])
    again.load(path)
    assert count.value == 4 and again.history["score"] == [1, 3] and again.best["score"] == 3
    again.train(epochs=1)
    again.restore_best()
    assert count.value == 6
    ntb.save(path, {"count": count})
    with pytest.raises(ntb.InputError, match=r"best\.npz: it was not written by Solver\.save"):
        solver.load(path)


def test_a_file_whose_best_state_does_not_fit_changes_nothing(tmp_path):
    solver, count = counting([3.0, 1.0])
    solver.train(epochs=2)
    before = (count.value.copy(), dict(solver.history), solver.best)
    metadata = {"history": {}, "best": None}
    for arrays in (
        {"state.count": np.array(0), "best.count": np.zeros(3)}, {"state.count": np.zeros(3)},
        {"other.count": np.array(0)}, {},
    ):  # fmt: skip
        ntb.io.write(tmp_path / "solver.npz", arrays, metadata)
        with pytest.raises(ntb.InputError, match=r"solver\.npz"):
            solver.load(tmp_path / "solver.npz")
        assert (count.value, solver.history, solver.best) == before


def test_mistakes_are_explained():
    for options, message in [
        ({"mode": "greatest"}, "max"),
        ({"state": None}, "state="),
        ({"best": None, "checkpoint": "a.npz"}, "best="),
    ]:
        with pytest.raises(ntb.InputError, match=message):
            counting([1.0], **options)
    with pytest.raises(ntb.InputError, match="'score'"):
        Solver(np.sum, [np.ones(1)], state=ntb.Variable(1.0), best="score", progress=False).train(epochs=1)
    with pytest.raises(ntb.InputError, match="state="):
        Solver(np.sum, [np.ones(1)]).save("a.npz")


def test_a_model_learns():
    ntb.random.seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    model = ntb.nn.Sequential(ntb.nn.Linear(2, 16), np.tanh, ntb.nn.Linear(16, 2))
    optimizer = ntb.optim.Adam(0.02)

    @ntb.function
    def step(x, y):
        with ntb.Tape() as tape:
            loss = ntb.nn.cross_entropy(model(x, train=True), y)
        optimizer.apply(tape.gradient(loss, model.trainable_variables()), model.trainable_variables())
        return loss

    solver = Solver(
        step,
        lambda: batches(x, y, size=50, shuffle=rng),
        evaluate=lambda: {"accuracy": ntb.nn.accuracy(model(x), y)},
        state={"model": model, "optimizer": optimizer},
        best="accuracy",
        progress=False,
    )
    solver.train(epochs=40)
    solver.restore_best()
    assert solver.best["accuracy"] > 0.95
    assert ntb.nn.accuracy(model(x), y).item() == solver.best["accuracy"]
    assert len(step.programs) == 1


class Terminal(text.StringIO):
    def isatty(self):
        return True


def test_progress_on_a_terminal_and_elsewhere():
    for file, expected in [
        (text.StringIO(), "epoch 1  loss 0.5\n"),
        (Terminal(), "\repoch 1 [##########..........] 1/2  loss 1"),
    ]:
        bar = Progress("epoch 1", total=2, file=file)
        bar.update(1, {"loss": 1.0})
        bar.update(2, {"loss": 0.5})
        bar.done({"loss": 0.5})
        assert file.getvalue().startswith(expected)
        assert file.getvalue().endswith("epoch 1  loss 0.5\n")
    without = Progress("epoch 1", file=Terminal())
    without.update(1, {})
    assert "step 1" in without.file.getvalue()


def learner(**options):
    """A solver that draws from every default generator: dropout, a shuffle, noise of NumPy's, flips of Python's."""
    ntb.random.seed(5)
    np.random.seed(5)
    random.seed(5)
    data = np.random.default_rng(0)
    x = data.normal(size=(12, 3)).astype(np.float32)
    y = (x.sum(axis=1) > 0).astype(int)
    nn = ntb.nn
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(4), np.tanh, nn.Dropout(0.3), nn.Linear(4, 2))
    optimizer = ntb.optim.Adam(ntb.optim.schedules.cosine(0.05, 30))

    @ntb.function
    def step(x, y):
        with ntb.Tape() as tape:
            loss = nn.cross_entropy(model(x, train=True), y)
        variables = model.trainable_variables()
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    def feed():
        for rows, labels in batches(x, y, size=4, shuffle=True):
            sign = np.float32(random.choice([1, -1]))
            yield rows + sign * np.random.normal(0, 0.1, rows.shape).astype(np.float32), labels

    evaluate = lambda: {"accuracy": nn.accuracy(model(x), y)}
    state = {"optimizer": optimizer, "model": model}
    return Solver(step, feed, evaluate=evaluate, state=state, best="accuracy", progress=False, **options)


def outcome(solver):
    history = {name: x for name, x in solver.history.items() if name != "seconds"}
    best = {name: x for name, x in solver.best.items() if name != "seconds"}
    values = [x.tobytes() for x in ntb.state.snapshot(solver.state).values()]
    kept = [x.tobytes() for x in solver._best_state.values()]
    return history, best, values, kept, np.random.random(), random.random(), ntb.random.default().random()


def resumed(path, stir=True):
    solver = learner()
    solver.train(1)  # something else, which draws
    solver.load(path)
    return solver


def test_training_in_pieces_is_training_in_one_go(tmp_path):
    """Called twice, saved and loaded, from the file of an epoch, or of the best one: the same to the last bit."""
    at_once = learner(save_each=tmp_path / "{epoch:02}.npz", checkpoint=tmp_path / "best.safetensors")
    at_once.train(5)
    expected = outcome(at_once)
    pieces = learner()
    for epochs in (1, 1, 2, 1):
        pieces.train(epochs)
    assert outcome(pieces) == expected

    saved = learner()
    saved.train(3)
    saved.save(tmp_path / "saved.safetensors")
    best = int(at_once.best["epoch"])
    for path, done in [("saved.safetensors", 3), ("02.npz", 2), ("04.npz", 4), ("best.safetensors", best)]:
        solver = resumed(tmp_path / path)
        assert solver.history["epoch"][-1] == done
        solver.train(5 - done)
        assert outcome(solver) == expected, path
    assert sorted(p.name for p in tmp_path.glob("0*")) == [f"{i:02}.npz" for i in range(1, 6)]


def test_the_last_epoch_can_be_kept_in_one_file(tmp_path):
    solver, _ = counting([3.0, 1.0], save_each=tmp_path / "last.npz")
    solver.train(2)
    again, count = counting([0.0])
    again.load(tmp_path / "last.npz")
    assert count.value == 4 and again.best["epoch"] == 1


def test_a_file_is_there_before_anything_is_printed(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(Progress, "done", lambda self, values: seen.append(sorted(p.name for p in tmp_path.iterdir())))
    files = {"save_each": tmp_path / "{epoch}.npz", "checkpoint": tmp_path / "best.npz"}
    counting([1.0, 2.0], progress=True, **files)[0].train(2)
    assert seen == [["1.npz", "best.npz"], ["1.npz", "2.npz", "best.npz"]]


def test_what_was_frozen_at_the_best_epoch_is_so_again(tmp_path):
    solver, _ = counting([3.0, 1.0])
    w = solver.state["w"] = ntb.Variable(1.0)
    w.trainable = False
    solver.train(1)
    w.trainable = True
    solver.train(1)
    solver.save(tmp_path / "a.npz")
    again, _ = counting([])
    v = again.state["w"] = ntb.Variable(1.0)
    again.load(tmp_path / "a.npz")
    assert v.trainable
    for s, variable in ((again, v), (solver, w)):
        s.restore_best()
        assert not variable.trainable


def test_forged_generators_are_refused(tmp_path):
    solver, _ = counting([1.0])
    solver.train(1)
    solver.save(tmp_path / "a.npz")
    arrays, metadata = ntb.io.read(tmp_path / "a.npz")
    for name, wrong in (("python", [1, 2]), ("numpy", [1]), ("ntb", [2**70] * 6)):
        ntb.io.write(tmp_path / "b.npz", arrays, {**metadata, "random": {**metadata["random"], name: wrong}})
        with pytest.raises(ntb.InputError, match="states of generators that are none"):
            counting([])[0].load(tmp_path / "b.npz")


def test_names_of_files_that_make_no_sense():
    for wrong in ("{}.npz", "{epoch.npz", "{number}.npz", 3):
        with pytest.raises(ntb.InputError, match="epoch"):
            counting([], save_each=wrong)
