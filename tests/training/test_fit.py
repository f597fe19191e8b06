"""What is given to a Trainer, and what it gives: data in all forms, metrics, steps of one's own, predictions."""

import copy
import pickle
from functools import partial

import numpy as np
import pytest

import ntb
from ntb import metrics, nn, optim
from ntb.training import Trainer
from ntb.training.callbacks import GradientNorms
from tests.training.runs import TwoInputs, X, Y, trainer_of

SIZE = 7
"""Of batches; the last one of an epoch is short."""


def trained(*given, **options):
    """The Variables after an epoch."""
    ntb.random.seed(0)
    trainer = trainer_of(lambda: nn.Sequential(nn.Linear(4, 2)), seed=1, traced=False)
    trainer.fit(*given, batch_size=SIZE, **options)
    return np.concatenate([v.value.ravel() for v in trainer.model.variables()]), trainer


def test_data_in_all_forms_train_alike():
    expected = trained(X, Y)[0]
    feed = lambda: ntb.data.batches(X, Y, size=SIZE, shuffle=1)
    forms = [(X.tolist(), Y.tolist()), (feed(),), (feed,), (list(feed()),), (map(list, feed()),), ((X,), Y)]
    for given in forms:
        assert np.array_equal(trained(*given)[0], expected)
    in_order = trained(X, Y, shuffle=False)[0]
    assert np.array_equal(in_order, trained(X, Y, shuffle=None)[0]) and not np.array_equal(in_order, expected)


def test_tables_of_pandas():
    pandas = pytest.importorskip("pandas", reason="its tables are what is tried")
    expected, trainer = trained(X, Y)
    table, labels = pandas.DataFrame(X, index=np.arange(len(X))[::-1]), pandas.Series(Y)
    found, of_tables = trained(table, labels, validation=(table, labels))
    assert np.array_equal(found, expected)
    assert of_tables.evaluate(table, labels) == trainer.evaluate(X, Y)
    assert np.array_equal(of_tables.predict(table), trainer.predict(X))
    assert list(of_tables.history.frame().columns) == list(of_tables.history)


def test_validation_in_all_forms():
    expected = trained(X, Y, validation=(X, Y))[1].history["val_loss"]
    batches = ntb.data.batches(X, Y, size=SIZE)
    for validation in ([X, Y], batches, list(batches), lambda: iter(batches), (X.tolist(), Y.tolist()), [[X, Y]]):
        assert np.allclose(trained(X, Y, validation=validation)[1].history["val_loss"], expected, rtol=1e-6)
    trainer = trainer_of(TwoInputs)
    trainer.fit((X, X), Y, validation=((X, X), Y))
    assert trainer.history["val_loss"] == [trainer.evaluate((X, X), Y, batch_size=32)["loss"]]


def test_a_column_is_no_row():
    """The losses tell (N, 1) from (N,); training does not hide it."""
    trainer = Trainer(nn.Linear(4, 1), nn.mse, optim.SGD(0.1), progress=False)
    with pytest.raises(ntb.InputError, match=r"must be \(18, 1\)"):
        trainer.fit(X, X[:, 0])
    assert trainer.steps == 0
    trainer.fit(X, X[:, :1])


def test_no_more_than_two_traces():
    trainer = trainer_of()
    trainer.fit(X, Y, epochs=4, batch_size=SIZE, validation=(X, Y))
    trainer.fit(X, Y, epochs=1, batch_size=SIZE)
    assert len(trainer._train.programs) <= 2 and len(trainer._evaluation._predict.programs) <= 2


def test_means_count_by_rows():
    trainer = Trainer(ntb.Variable(0.0), step=lambda x: np.mean(x), progress=False)
    history = trainer.fit(np.array([1.0, 1.0, 1.0, 5.0]), batch_size=3, shuffle=False)
    assert history["loss"] == [2.0]


# --- metrics


def test_metrics_of_batches_are_those_of_all_rows():
    trainer = trainer_of(metrics={})
    given = [nn.accuracy, metrics.accuracy, metrics.Accuracy(), metrics.F1, partial(metrics.f1, average="macro"),
             partial(metrics.top_k_accuracy, k=1), metrics.perplexity]  # fmt: skip
    scores = trainer.predict(X)
    for metric in given:
        trainer = Trainer(trainer.model, nn.cross_entropy, optim.SGD(0.0), metrics=[metric], progress=False)
        (name,) = trainer.metrics
        function = getattr(metrics, name)
        options = metric.keywords if isinstance(metric, partial) else {}
        expected = function(scores, Y, **options)
        assert np.isclose(trainer.evaluate(X, Y, batch_size=SIZE)[name], expected), name
    model = nn.Linear(4, 1)
    given = [metrics.mse, metrics.rmse, metrics.mae, metrics.r2]
    trainer = Trainer(model, nn.mse, optim.SGD(0.0), metrics=given, progress=False)
    found = trainer.evaluate(X, X[:, :1], batch_size=SIZE)
    assert list(found) == ["loss", "mse", "rmse", "mae", "r2"]
    for function in given:
        assert np.isclose(found[function.__name__], function(model(X), X[:, :1]))
    trainer = Trainer(lambda x: x[:, 0], nn.mse, metrics=[metrics.roc_auc], step=lambda x, y: 0.0, state={})
    assert np.isclose(trainer.evaluate(X, Y, batch_size=SIZE)["roc_auc"], metrics.roc_auc(X[:, 0], Y))


def test_metrics_are_those_of_the_steps():
    """In training they are measured on the predictions of each step, before it."""
    trainer = trainer_of(lambda: nn.Linear(4, 2), optimizer=lambda: optim.SGD(0.0), metrics=[metrics.F1])
    before = metrics.f1(trainer.predict(X), Y)
    history = trainer.fit(X, Y, epochs=2, batch_size=SIZE, validation=(X, Y))
    assert np.allclose([history["f1"], history["val_f1"]], before)


def test_a_metric_of_ones_own():
    class Largest(metrics.Metric):
        def first(self):
            return {"value": np.array(-np.inf)}

        def update(self, predictions, targets):
            self.sums["value"] = np.maximum(self.sums["value"], np.max(predictions))

        def result(self):
            return float(self.sums["value"])

    trainer = trainer_of(metrics=[Largest])
    assert trainer.evaluate(X, Y, batch_size=SIZE)["largest"] == np.max(trainer.predict(X))


# --- steps and models


def test_a_step_of_ones_own_reports_what_it_wants():
    model, optimizer = nn.Linear(4, 2), optim.SGD(0.1)

    def step(x, y, weights):
        made = []

        def loss():
            made[:] = [model(x, train=True)]
            return nn.cross_entropy(made[0], y, weights=weights)

        return {
            "loss": optimizer.minimize(loss, model),
            "size": nn.l2(model.weight),
            "predictions": made[0],
            "target": y,
        }

    weights = np.where(Y, 2.0, 1.0)
    for given in (step, ntb.function(step)):
        trainer = Trainer(model, step=given, metrics=[nn.accuracy], state={"optimizer": optimizer}, progress=False)
        history = trainer.fit(ntb.data.batches(X, Y, weights, size=SIZE), epochs=2, validation=(X, Y))
        assert list(history) == ["epoch", "seconds", "loss", "size", "accuracy", "val_accuracy"]
        assert history["loss"][1] < history["loss"][0]


def test_models_that_are_functions_predict():
    trainer = Trainer(lambda x: (x[:, 0], {"all": x}), step=lambda x: 0.0)
    first, others = trainer.predict(X, batch_size=SIZE)
    assert np.array_equal(first, X[:, 0]) and np.array_equal(others["all"], X)
    assert np.array_equal(trainer.predict(X[:2].tolist())[0], X[:2, 0])
    assert np.array_equal(trainer.predict(b[0] for b in ntb.data.batches(X, size=3))[0], X[:, 0])


def test_unfrozen_parts_alone_are_trained():
    trainer = trainer_of(lambda: nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)))
    trainer.model.layers[0].trainable = False
    before = trainer.model.layers[0].weight.value
    trainer.fit(X, Y)
    assert trainer.model.layers[0].weight.value is before or np.array_equal(
        trainer.model.layers[0].weight.value, before
    )
    trainer.model.trainable = False
    with pytest.raises(ntb.InputError, match="nothing of the model is trainable"):
        trainer.fit(X, Y)
    assert trainer.steps == 1


def test_a_history_for_notebooks_escapes_names():
    trainer = Trainer(ntb.Variable(0.0), step=lambda x: {"<b>": np.mean(x)}, progress=False)
    assert "&lt;b&gt;" in trainer.fit(X)._repr_html_()
    assert "epoch 1" in repr(trainer)


def test_curves_of_a_trainer():
    pytest.importorskip("matplotlib", reason="it draws the curves")
    trainer = trained(X, Y, validation=(X, Y))[1]
    titles = [axes.get_title() for axes in ntb.vis.history(trainer).axes]
    assert titles == [axes.get_title() for axes in ntb.vis.history(trainer.history).axes] == ["loss", "accuracy"]
    with pytest.raises(ntb.InputError, match="a history is a Trainer"):
        ntb.vis.history(3)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda trainer: pickle.loads(pickle.dumps(trainer))])
def test_a_copy_goes_on_by_itself(way):
    trainer = trainer_of(lambda: nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)), callbacks=lambda _: [GradientNorms()])
    trainer.fit(X, Y)
    other = way(trainer)
    other.fit(X, Y)
    before = trainer.model.layers[0].weight.value
    assert (trainer.epoch, other.epoch) == (1, 2) and not np.array_equal(before, other.model.layers[0].weight.value)
    trainer.fit(X, Y)
    assert np.array_equal(trainer.model.layers[0].weight.value, other.model.layers[0].weight.value)
    assert trainer.history["gradient_norm"] == other.history["gradient_norm"]


def test_callbacks_that_come_later():
    trainer = trainer_of()
    trainer.fit(X, Y)
    trainer.callbacks.append(GradientNorms())
    trainer.callbacks.append(lambda trainer, report: trainer.report(norm=report["gradient_norm"]))
    last = trainer.fit(X, Y).last()
    assert last["norm"] == last["gradient_norm"] and np.isnan(trainer.history["norm"][0])


def test_steps_that_are_made_elsewhere(tmp_path):
    """A strategy makes the steps; it is asked for the state where it is needed."""

    class Elsewhere:
        def begin(self, trainer):
            self.trainer, self.steps, self.asked = trainer, 0, 0

        def step(self, x, y):
            self.steps += 1
            return {"loss": 1.0, "predictions": np.eye(2)[y], "target": y}

        def collect(self):
            self.asked += 1
            self.trainer.model.bias.assign([self.steps, 0.0])

    strategy = Elsewhere()
    trainer = trainer_of(lambda: nn.Linear(4, 2), strategy=strategy)
    assert trainer.fit(X, Y, batch_size=SIZE)["accuracy"] == [1.0]
    assert trainer.model.bias.value[0] == 3 and strategy.asked == 2
    trainer.save(tmp_path / "a.npz")
    assert strategy.asked == 3


def test_models_of_any_class():
    class Plain:
        def __init__(self):
            self.weight = ntb.Variable(np.zeros((4, 2), np.float32))
            self.offset = ntb.Variable(np.zeros(2, np.float32), trainable=False)

        def __call__(self, x):
            return x @ self.weight + self.offset

    trainer = trainer_of(Plain, callbacks=lambda _: [GradientNorms(each=True)])
    history = trainer.fit(X, Y, epochs=2)
    assert history["loss"][1] < history["loss"][0] and "gradient_norm of weight" in history
    assert np.array_equal(Trainer(np.tanh, step=lambda x: 0.0).predict(X), np.tanh(X))
