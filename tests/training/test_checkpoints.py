"""Files of a Trainer: what does not fit, is forged or damaged changes nothing; and what a file tells of its making."""

import numpy as np
import pytest

import ntb
from ntb import nn, optim
from ntb.training import Callback, Trainer, about
from ntb.training.callbacks import Best, EarlyStopping
from tests.training.runs import SIZE, X, Y, mlp, outcome, trainer_of

WATCHERS = lambda _: [EarlyStopping("val_accuracy"), Best("val_loss")]


def run(epochs=2, **options):
    ntb.random.seed(0)
    trainer = trainer_of(callbacks=WATCHERS, traced=False, **options)
    trainer.fit(X, Y, epochs=epochs, batch_size=SIZE, validation=(X, Y))
    return trainer


def everything(trainer):
    """What may not change where a file is refused; as text, since NaN is not itself."""
    kept = [callback.state() for callback in trainer.callbacks]
    return repr((outcome(trainer), kept, trainer.means.totals, trainer.epoch_began, trainer.seed, trainer.waiting))


def refused(path, trainer, message):
    before = everything(trainer)
    with pytest.raises(ntb.InputError, match=message):
        trainer.load(path)
    assert everything(trainer) == before


FORGED = {
    "epoch": [-1, 1, 1.0, "2", None, True], "step": [-1, 3], "steps": ["8"], "seed": [None], "seconds": ["long"],
    "stopped": [0], "means": [[], {"loss": 1.0}, {"loss": [1.0]}, {"loss": [1.0, -1]}, {"loss": ["a", 1]}],
    "history": [[], {"loss": 1.0}, {"loss": [1.0]}, {"loss": ["a", "b"]}], "random": [[], 3],
    "random_of_batches": [[], {"a": 1}, {"a": [-1]}], "epoch_began": [3, {}, {"own": {"a": ["b"]}}],
    "callbacks": [{}, [3], [{"name": "a"}], [{"name": 1, "plain": {}, "states": []}],
                  [{"name": "a", "plain": {}, "states": [1]}]],
    "made_by": [[], {"ntb": 1}], "version": [None, "1", 2],
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_book_is_refused(name, tmp_path):
    trainer = run()
    trainer.save(tmp_path / "a.npz")
    arrays, metadata = ntb.io.read(tmp_path / "a.npz")
    for wrong in (*FORGED[name], "missing"):
        book = {**metadata["trainer"], name: wrong}
        if wrong == "missing":
            del book[name]
        ntb.io.write(tmp_path / "b.npz", arrays, {"trainer": book})
        refused(tmp_path / "b.npz", trainer, r"b\.npz")


@pytest.mark.parametrize("name", ["python", "numpy", "ntb"])
@pytest.mark.parametrize("entry", ["random", "epoch_began"])
def test_forged_generators_are_refused(name, entry, tmp_path):
    trainer = trainer_of(callbacks=lambda _: [lambda t, _: t.save(tmp_path / "a.npz")])
    trainer.fit(X, Y)
    arrays, metadata = ntb.io.read(tmp_path / "a.npz")
    whole = metadata["trainer"]["random"]
    for wrong in ([1, 2], [1], [2**70] * 6, None, "words", {}, ["a"] * 626, [0] * 625 + ["gauss"], KeyError):
        states = {key: x for key, x in {**whole, name: wrong}.items() if x is not KeyError}
        ntb.io.write(tmp_path / "b.npz", arrays, {"trainer": {**metadata["trainer"], entry: states}})
        refused(tmp_path / "b.npz", trainer, "states of generators that are none")


def test_arrays_that_do_not_fit_are_refused(tmp_path):
    trainer = run()
    trainer.save(tmp_path / "a.npz")
    arrays, metadata = ntb.io.read(tmp_path / "a.npz")
    first = next(name for name in arrays if name.startswith("state.model"))
    kept = next(name for name in arrays if name.startswith("callbacks.0.kept.model"))
    for name, value, message in [
        (first, None, "missing"), (first, np.zeros(3), "is float64"), (kept, np.zeros(3), "is float64"),
        (kept, None, "missing"), ("metrics.accuracy.total", None, "has the names"), ("other", np.zeros(3), "Trainer"),
        ("state.other", np.zeros(3), "unexpected"),
    ]:  # fmt: skip
        changed = {key: x for key, x in {**arrays, name: value}.items() if x is not None}
        ntb.io.write(tmp_path / "b.npz", changed, metadata)
        refused(tmp_path / "b.npz", trainer, message)
    ntb.save(tmp_path / "b.npz", trainer.model)
    refused(tmp_path / "b.npz", trainer, "not written by a Trainer")
    ntb.io.write(tmp_path / "b.npz", arrays, {})
    refused(tmp_path / "b.npz", trainer, "not written by a Trainer")
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "b.npz").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "b.npz", trainer, "damaged")


def test_a_callback_that_fails_to_go_on_leaves_all_as_it_was(tmp_path):
    class Picky(Callback):
        saved = ("count",)
        count = 0

        def restore(self, state):
            super().restore(state)
            if self.count == 1:
                raise ntb.InputError("one is too many")

    picky = Picky()
    trainer = trainer_of(callbacks=lambda _: [*WATCHERS(_), picky])
    picky.count = 1
    trainer.fit(X, Y, validation=(X, Y))
    trainer.save(tmp_path / "a.npz")
    picky.count = 2
    trainer.fit(X, Y, validation=(X, Y))
    refused(tmp_path / "a.npz", trainer, "one is too many")


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_a_file_tells_what_made_it(suffix, tmp_path):
    trainer = run()
    trainer.save(tmp_path / f"a{suffix}")
    made = about(tmp_path / f"a{suffix}")
    assert (made["ntb"], made["numpy"], made["epochs"], made["steps"]) == (ntb.__version__, np.__version__, 2, 6)
    assert made["model"] == repr(trainer.model) and made["optimizer"] == repr(trainer.optimizer)
    other = Trainer(nn.Linear(4, 2), nn.cross_entropy, optim.SGD(0.1), progress=False)
    with pytest.raises(ntb.InputError) as caught:
        other.load(tmp_path / f"a{suffix}")
    text = str(caught.value)
    assert f"made by ntb {ntb.__version__}, after 2 epochs, with the optimizer Adam(lr=0.05" in text
    assert repr(trainer.model) in text and "layers.0.weight" in text


def test_callbacks_are_found_again_by_what_they_are(tmp_path):
    class Counter(Callback):
        saved = ("count",)

        def __init__(self):
            self.count = 0

        def after_epoch(self, trainer, report):
            self.count += 1

    def with_callbacks(*callbacks):
        ntb.random.seed(0)
        return trainer_of(callbacks=lambda _: callbacks)

    one, two, best = Counter(), Counter(), Best("val_loss")
    two.count = 10
    trainer = with_callbacks(one, EarlyStopping("val_loss", 5), two, best)
    trainer.fit(X, Y, epochs=2, validation=(X, Y))
    trainer.save(tmp_path / "a.npz")
    new = Best("val_loss"), EarlyStopping("val_accuracy"), Counter(), Counter(), Counter()
    other = with_callbacks(*new)
    other.load(tmp_path / "a.npz")
    assert new[0].report == best.report and list(new[0].kept) == list(best.kept)
    assert new[1].best is None  # it watches something else
    assert [counter.count for counter in new[2:]] == [2, 12, 0]
    trainer.callbacks[-1].restore_best(trainer)
    new[0].restore_best(other)
    assert np.array_equal(other.model.layers[0].weight.value, trainer.model.layers[0].weight.value)


def test_what_a_callback_keeps_must_fit_into_a_file(tmp_path):
    class Keeping(Callback):
        saved = ("what",)
        what = np.zeros(3)

    with pytest.raises(ntb.InputError, match=r"its attribute 'what' holds float64\[3\]"):
        trainer_of(callbacks=lambda _: [Keeping()]).save(tmp_path / "a.npz")
    assert not list(tmp_path.iterdir())


def test_what_was_frozen_is_so_again(tmp_path):
    trainer = run(epochs=1)
    trainer.model.layers[0].trainable = False
    trainer.save(tmp_path / "a.npz")
    other = run(epochs=1)
    other.load(tmp_path / "a.npz")
    assert not other.model.layers[0].trainable and other.model.layers[3].trainable


def test_another_set_of_metrics_goes_on(tmp_path):
    trainer = run(epochs=1)
    trainer.save(tmp_path / "a.npz")
    other = trainer_of(mlp, metrics=[ntb.metrics.F1], callbacks=WATCHERS)
    other.load(tmp_path / "a.npz")
    assert other.history["accuracy"] == trainer.history["accuracy"]
