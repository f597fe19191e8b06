"""Section 9: Model and Solver."""

import numpy as np
import pytest

import ntb.compat as ntb

DATA = {
    "X_train": np.arange(25.0)[:, None], "y_train": np.arange(25), "X_val": np.ones((7, 1)), "y_val": np.zeros(7),
    "classes": ["a"],
}  # fmt: skip


class Recorder:
    """A model that counts its steps; its accuracy is given as a list."""

    def __init__(self, accuracies):
        self.accuracies = iter(accuracies)
        self.steps, self.epochs, self.kwargs, self.loaded, self.resets = [], [], [], [], 0
        self.model = ntb.Model(
            self.train, self.epoch, lambda X: X, self.reset, lambda: len(self.steps), self.loaded.append
        )

    def train(self, X, y, **kwargs):
        assert np.array_equal(X[:, 0], y)
        self.steps.append(len(X))
        self.kwargs.append(kwargs)
        return [("loss", 1.23456789)]

    def epoch(self, X, y, X_val, y_val):
        self.epochs.append((len(X), len(X_val)))
        return (pair for pair in [("train", 0.5), ("val", next(self.accuracies))])

    def reset(self):
        self.resets += 1


def test_numbers_of_steps_and_the_history(capsys):
    r = Recorder([0.1, 0.2, 0.3])
    solver = ntb.Solver(DATA, r.model, batch_size=10, train_subsample_size=12, batch_report_every=2)
    assert solver.iterations_per_epoch == 2
    assert solver.train(num_epochs=2, lr=0.1) is None
    assert r.steps == [10] * 5 and r.epochs == [(12, 7)] * 3 and r.kwargs == [{"lr": 0.1}] * 5
    assert solver.history == {"train": [0.5] * 3, "val": [0.1, 0.2, 0.3]}
    assert capsys.readouterr().out.splitlines() == [
        "(Iteration 0/4) loss:1.2346", "(Epoch 0/2) train:0.5, val:0.1",
        "(Iteration 2/4) loss:1.2346", "(Epoch 1/2) train:0.5, val:0.2",
        "(Iteration 4/4) loss:1.2346", "(Epoch 2/2) train:0.5, val:0.3",
    ]  # fmt: skip
    assert r.loaded == [] and solver.best_result is None


def test_the_best_state_is_put_back(capsys):
    r = Recorder([0.2, 0.5, 0.5, 0.3])
    solver = ntb.Solver(DATA, r.model, "val", batch_size=25, verbose=False)
    solver.train(num_epochs=3)
    assert capsys.readouterr().out.splitlines() == [f"Improved val: {v}" for v in (0.2, 0.5, 0.5)]
    assert solver.best_result == {"train": 0.5, "val": 0.5} and solver.best_settings == 3  # a tie is an improvement
    assert r.loaded == [3] and solver.history["val"] == [0.2, 0.5, 0.5, 0.5]


def test_smaller_may_be_better():
    r = Recorder([0.5, 0.2, 0.9])
    solver = ntb.Solver(DATA, r.model, metric="val", bigger_is_better=False, batch_size=100, verbose=False)
    assert solver.iterations_per_epoch == 1
    solver.train(2)
    assert solver.best_result["val"] == 0.2


def test_training_goes_on_and_is_reset():
    r = Recorder([0.1, 0.4, 0.2, 0.3, 0.0, 0.0])
    solver = ntb.Solver(DATA, r.model, "val", batch_size=25, verbose=False)
    solver.train(1)
    solver.train(1)
    assert solver.history["val"] == [0.1, 0.4, 0.2, 0.4] and r.loaded == [2, 2]
    solver.reset()
    assert r.resets == 1 and solver.history == {} and solver.best_result is None
    solver.train(1)
    assert solver.history["val"] == [0.0, 0.0]


def test_batches_are_drawn_with_replacement_from_numpy():
    seen = []
    model = ntb.Model(lambda X, y: seen.append(y) or [], lambda *a: [], None, None, None, None)
    for _ in range(2):
        np.random.seed(0)
        ntb.Solver(DATA, model, batch_size=1000, verbose=False).train(1)
    assert len(seen[0]) == 1000 and np.array_equal(seen[0], seen[2])


def test_errors():
    with pytest.raises(ValueError, match="X_val"):
        ntb.Solver({"X_train": 1, "y_train": 1, "y_val": 1}, None)
    with pytest.raises(ValueError, match="'accuracy'"):
        ntb.Solver(DATA, Recorder([1]).model, metric="accuracy", verbose=False).train(1)


def test_an_interrupted_training_does_not_restore():
    r = Recorder([0.2, 0.1])
    r.model.train_step = lambda X, y: [("loss", 1 / (len(r.epochs) < 2))]
    solver = ntb.Solver(DATA, r.model, "val", batch_size=25, verbose=False)
    with pytest.raises(ZeroDivisionError):
        solver.train(5)
    assert r.loaded == [] and solver.best_result["val"] == 0.2


def test_a_network_with_a_graph(g):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    y = (X[:, 0] > 0).astype(np.uint8)
    data = {"X_train": X[:150], "y_train": y[:150], "X_val": X[150:], "y_val": y[150:]}
    x, labels, train = ntb.Placeholder([-1, 4]), ntb.Placeholder([-1]), ntb.Placeholder()
    h, *_ = ntb.affine_layer(x, 8)
    h = ntb.Relu(ntb.batchnorm_layer(h, train)[0])
    scores, *_ = ntb.affine_layer(ntb.Dropout(h, 1 - 0.1 * train), 2)
    l = ntb.CrossEntropyLogits(scores, labels)
    loss = l + 1e-4 * ntb.weight_decay(l)
    opt = ntb.Optim(loss, lr=0.02, update_rule="adam")
    prediction = ntb.Argmax(scores, axis=1)
    accuracy = ntb.Equals(prediction, labels).mean(axis=0)

    def train_step(X, y):
        value, _ = g.run([loss, opt], {x: X, labels: y, train: 1})
        return [("loss", value)]

    def epoch_step(X, y, X_val, y_val):
        yield "train", g.run([accuracy], {x: X, labels: y, train: 0})[0]
        yield "val", g.run([accuracy], {x: X_val, labels: y_val, train: 0})[0]

    predict = lambda X: g.run([prediction], {x: X, train: 0})[0]
    model = ntb.Model(train_step, epoch_step, predict, g.reset, g.save, g.load)
    solver = ntb.Solver(data, model, "val", batch_size=50, verbose=False)
    np.random.seed(0)
    g.reset()
    solver.train(15)
    assert solver.best_result["val"] >= 0.9
    assert np.mean(predict(data["X_val"]) == data["y_val"]) == solver.best_result["val"]
