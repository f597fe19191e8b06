"""Estimators of scikit-learn: its own checks, its tools around them, and what they keep."""

import copy
import functools
import pickle

import numpy as np
import pytest

import ntb
from ntb import nn, optim
from ntb.errors import InputError

pytest.importorskip("sklearn", reason="the estimators are scikit-learn's")

from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from ntb.sklearn import Classifier, Regressor

QUICK = {"epochs": 15, "lr": 0.02, "traced": False}


def checks():
    """Scikit-learn's checks of both, but for one that a variable of the environment switches on: that its array API
    changes nothing for arrays of NumPy."""
    for estimator in (Classifier(**QUICK), Regressor(**QUICK)):
        for each, check in estimator_checks_generator(estimator):
            name = check.func.__name__ + "".join(f"-{key}-{value}" for key, value in check.keywords.items())
            if not name.startswith("check_array_api_input"):
                yield pytest.param(each, check, id=f"{type(each).__name__}-{name}")


@pytest.mark.uncounted
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def iris():
    x, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(x), y


def test_it_works_in_pipelines_searches_and_cross_validation(iris):
    x, y = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), Classifier(random_state=0, **QUICK))
    assert np.mean(cross_val_score(model, x, y, cv=3)) > 0.9
    grid = {
        "classifier__lr": [1e-6, 0.02],
        "classifier__optimizer": [optim.Adam, functools.partial(optim.SGD, momentum=0.9)],
    }
    search = GridSearchCV(model, grid, cv=2).fit(x, y)
    assert search.best_params_["classifier__lr"] == 0.02 and search.best_score_ > 0.85


def test_the_seed_decides_and_no_other_draw_is_changed(iris):
    x, y = iris
    dropping = functools.partial(two_layers, dropout=0.3)
    ntb.random.seed(5)
    np.random.seed(5)
    before = ntb.random.default().value
    first, again, other = (
        Classifier(dropping, random_state=seed, **QUICK).fit(x, y).predict_proba(x) for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert (
        np.array_equal(before, ntb.random.default().value) and np.random.random() == np.random.RandomState(5).random()
    )
    traced = Classifier(dropping, random_state=0, **{**QUICK, "traced": True}).fit(x, y)
    assert np.array_equal(first, traced.predict_proba(x))


def two_layers(n_features, n_outputs, dropout=0.0):
    return nn.MLP(n_features, 8, n_outputs, dropout=dropout)


def test_fitting_goes_on_as_if_it_had_not_stopped(iris):
    x, y = iris
    parts = [slice(None, None, 2), slice(1, None, 2)] * 2

    def fitted(moved):
        classifier = Classifier(functools.partial(two_layers, dropout=0.1), random_state=0, **QUICK)
        for part in parts:
            classifier = moved(classifier.partial_fit(x[part], y[part], classes=[0, 1, 2]))
        return classifier

    one = fitted(lambda classifier: classifier)
    for moved in (copy.deepcopy, lambda classifier: pickle.loads(pickle.dumps(classifier))):
        other = fitted(moved)
        assert np.array_equal(one.predict_proba(x), other.predict_proba(x)) and other.history_ == other._trainer.history
        assert other.history_["loss"] == one.history_["loss"] and len(one.history_["loss"]) == len(parts)
    whole = clone(one).set_params(epochs=2).fit(x, y)
    both = clone(one)
    for _ in range(2):
        both.partial_fit(x, y, classes=[0, 1, 2])
    assert np.array_equal(whole.predict_proba(x), both.predict_proba(x))


def test_early_stopping_keeps_the_best_epoch(iris):
    x, y = iris
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 3, len(y))  # nothing can be learned, only by heart
    classifier = Classifier(
        epochs=200, lr=0.05, early_stopping=True, validation_fraction=0.3, patience=2, random_state=0, traced=False
    ).fit(x, noise)
    losses = list(classifier.history_["val_loss"])
    assert len(losses) < 200 and np.argmin(losses) == len(losses) - 3
    classifier.partial_fit(x, noise)
    assert len(classifier.history_["val_loss"]) == len(losses) + 1
    assert Regressor(epochs=3, early_stopping=True, traced=False).fit(x, x[:, :2]).predict(x).shape == (150, 2)


def test_weights_count(iris):
    x, y = iris
    weights = np.where(y == 2, 0.0, 1.0)
    classifier = Classifier(random_state=0, **QUICK).fit(x, y, sample_weight=weights)
    assert classifier.classes_.tolist() == [0, 1]
    same = Classifier(random_state=0, **QUICK).fit(x[y < 2], y[y < 2])
    np.testing.assert_allclose(classifier.predict_proba(x), same.predict_proba(x), rtol=1e-9)
    # All in one step, so that what counts twice is as what comes twice.
    doubled = {"batch_size": 1000, "random_state": 0, "optimizer": optim.SGD, "epochs": 3, "lr": 0.1, "traced": False}
    twice = np.concatenate([x, x[:50]]), np.concatenate([x[:, 0], x[:50, 0]])
    repeated = Regressor(**doubled).fit(*twice)
    for weights in (np.where(np.arange(150) < 50, 2.0, 1.0), np.where(np.arange(150) < 50, 20, 10)):
        weighted = Regressor(**doubled).fit(x, x[:, 0], weights)
        np.testing.assert_allclose(repeated.predict(x), weighted.predict(x), rtol=1e-9)
    online = [Regressor(**doubled).partial_fit(x, x[:, 0], np.full(150, w)).history_["loss"][0] for w in (1, 3)]
    assert online[1] == pytest.approx(3 * online[0])


def test_models_of_ones_own(iris):
    x, y = iris
    float32 = Classifier(two_layers, random_state=0, **QUICK).fit(x, y)
    assert float32.model_[0].weight.dtype == np.float32 and float32.score(x, y) > 0.9
    unsized = Classifier(lambda n, k: nn.Sequential(nn.Linear(None, 6), np.tanh, nn.Linear(None, k)), **QUICK).fit(x, y)
    assert unsized.score(x, y) > 0.8
    huber = Regressor(loss=nn.huber, random_state=0, **QUICK).fit(x, x[:, 0], sample_weight=np.ones(150))
    assert huber.score(x, x[:, 0]) > 0.8


def test_names_of_features_are_checked(iris):
    pandas = pytest.importorskip("pandas", reason="names of features come from tables of pandas")
    x, y = load_iris(return_X_y=True, as_frame=True)
    classifier = Classifier(**QUICK).fit(x, y)
    assert list(classifier.feature_names_in_) == list(x) and classifier.n_features_in_ == 4
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(pandas.DataFrame(x.to_numpy(), columns=list("abcd")))


def test_nothing_is_there_before_a_fit():
    with pytest.raises(NotFittedError):
        Regressor().predict([[1.0]])
    assert repr(Classifier(lr=0.1)) == "Classifier(lr=0.1)"


def test_progress_is_told_where_it_is_asked_for(iris, capsys):
    Classifier(**{**QUICK, "epochs": 1}).fit(*iris)
    assert capsys.readouterr() == ("", "")
    Classifier(verbose=True, **{**QUICK, "epochs": 1}).fit(*iris)
    assert "epoch 1/1" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "wrong", [{"epochs": -1}, {"batch_size": 0}, {"lr": "fast"}, {"patience": 0, "early_stopping": True}]
)
def test_arguments_are_checked_when_it_is_fitted(iris, wrong):
    estimator = Classifier(**{**QUICK, **wrong})
    with pytest.raises(InputError):
        estimator.fit(*iris)
