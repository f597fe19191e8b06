"""What the estimators share: a model is made by a function, trained by a Trainer, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import random
from ..data import split
from ..errors import InputError, describe
from ..nn import MLP
from ..optim import Adam
from ..training import Trainer
from ..training.callbacks import EarlyStopping

_FLOATS = (np.float64, np.float32)
_FUNCTIONS = {
    "model_function": "of n_features and n_outputs that returns a model",
    "loss": "of outputs and targets, such as nn.cross_entropy",
    "optimizer": "of lr that returns an optimizer, as the class optim.Adam is, or partial(optim.SGD, momentum=0.9)",
}


class Estimator(BaseEstimator):
    """The base of Classifier and Regressor, which say what targets are, and what predictions.

    Attributes:
        model_: the trained model.
        history_: a `ntb.training.History`: by name one number for each epoch.
        n_features_in_, feature_names_in_: of the samples, as in all estimators.
    """

    _usual_loss: Callable[..., Any]
    _form: Mapping[str, Any] = {}
    """What scikit-learn's checks are told of the targets."""

    def __init__(
        self,
        model_function: Callable[..., Any] | None = None,
        *,
        loss: Callable[..., Any] | None = None,
        optimizer: Callable[..., Any] | None = None,
        lr: Any = 1e-3,
        epochs: int = 50,
        batch_size: int = 32,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int = 10,
        random_state: Any = None,
        traced: bool = True,
        verbose: bool = False,
    ) -> None:
        """Nothing is checked before `fit`.

        Args:
            model_function: called as `model_function(n_features, n_outputs)`, it returns a Module that maps an array
                (N, n_features) to one of (N, n_outputs); it is given samples in the floating-point type of its
                parameters. By default it is an MLP with one hidden layer of 32 units, in float64.
            loss: a function of the model's outputs and the targets that gives a mean. With weights of samples it is
                given `weights=`, of the targets' shape, and divides by their sum, as losses of ntb do.
            optimizer: a class of ntb.optim, or another function that makes an optimizer of a learning rate, such as
                `functools.partial(optim.SGD, momentum=0.9)`; by default `optim.Adam`.
            lr: the learning rate, or a schedule.
            epochs: how often `fit` goes through the samples, at most.
            batch_size: samples in a step.
            early_stopping: whether samples are put aside, and training ends when the loss on them, which counts all of
                them alike, has not become less for `patience` epochs. Then the parameters of the best epoch come back.
            validation_fraction: which part is put aside.
            patience: after how many epochs without a better one.
            random_state: an int, for the same numbers in each `fit`; a `numpy.random.RandomState`; None for the one of
                `np.random`. The order of samples follows from it, and what models draw from ntb's default generator:
                their first parameters, dropout.
            traced: whether steps are traced and replayed (`ntb.function`), which pays in all but short runs.
            verbose: whether to tell of each epoch.
        """
        self.model_function = model_function
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state
        self.traced = traced
        self.verbose = verbose

    def _learned(self, y: np.ndarray, begins: bool, classes: Any) -> np.ndarray:
        """The targets as the loss takes them. Where a fit begins, what follows from them is noted before."""
        raise NotImplementedError

    # --- training

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Make a new model and train it.

        Args:
            X: the samples, (N, n_features), of finite numbers.
            y: the targets, as the class says.
            sample_weight: how much the loss of each sample counts beside the others', (N,), not negative; 0 leaves it
                out.

        Returns:
            The estimator itself.

        Raises:
            ValueError: arrays that do not fit, as all estimators raise it.
            InputError: which is one, too: an argument that cannot be used, weights that are none, or another model
                than n_features and n_outputs ask for.
        """
        samples = self._samples(X, y, sample_weight, begins=True)
        if sample_weight is not None:
            samples = (*samples[:2], samples[2] / np.mean(samples[2]))
        self._begin(samples)
        if not self.early_stopping:
            self._train(samples, self.epochs)
            return self
        samples, held_out = self._put_aside(samples)
        self._trainer.callbacks.append(EarlyStopping("val_loss", self.patience))
        try:
            self._train(samples, self.epochs, held_out)
        finally:
            self._trainer.callbacks.clear()  # `partial_fit` puts nothing aside
        return self

    def _fit_more(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Any:
        """An epoch with these samples; the first time with a new model."""
        begins = not hasattr(self, "model_")
        samples = self._samples(X, y, sample_weight, begins, classes)
        if begins:
            self._begin(samples)
        self._train(samples, 1)
        return self

    def _samples(self, X: Any, y: Any, weights: Any, begins: bool, classes: Any = None) -> tuple[np.ndarray, ...]:
        """Samples, targets and, where there are some, weights."""
        X, y = validate_data(self, X, y, reset=begins, dtype=_FLOATS, **self._form)
        if weights is None:
            return X, self._learned(y, begins, classes)
        weights = _checked_weights(weights, len(X))
        counts = weights > 0
        targets = self._learned(y[counts], begins, classes)
        each = np.broadcast_to(weights[counts].reshape(-1, *[1] * (targets.ndim - 1)), targets.shape)
        return X[counts], targets, each

    def _begin(self, samples: tuple[np.ndarray, ...]) -> None:
        """Make a new model, its optimizer and trainer."""
        for name, meaning in _FUNCTIONS.items():
            given = getattr(self, name)
            if given is not None and not callable(given):
                raise InputError(f"{name} is a function {meaning}, not {describe(given)}")
        self._seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        self._draws = random.generator(self._seed).value
        with self._drawing():
            self.model_ = self._made_model(samples[0])
        self._dtype = next((v.dtype for v in self.model_.trainable_variables()), np.dtype(np.float64))
        self._optimizer = (self.optimizer or Adam)(self.lr)
        self._trainer = self._made_trainer()
        self.history_ = self._trainer.history

    def _made_model(self, X: np.ndarray) -> Any:
        model = (self.model_function or _usual_model)(X.shape[1], self.n_outputs_)
        if not hasattr(model, "trainable_variables"):
            raise InputError(f"model_function returns a model, such as nn.MLP(...), not {describe(model)}")
        outputs = model(X[:1], train=False)
        if tuple(outputs.shape) != (1, self.n_outputs_):
            raise InputError(
                f"for an array {X[:1].shape} the model gives one of shape {tuple(outputs.shape)}; expected (1, "
                f"{self.n_outputs_}), since n_outputs, the second argument of model_function, is {self.n_outputs_}"
            )
        return model

    def _made_trainer(self) -> Trainer:
        model, optimizer, loss = self.model_, self._optimizer, self.loss or self._usual_loss

        def step(x: Any, y: Any, *weights: Any) -> Any:
            if not weights:
                return optimizer.minimize(lambda: loss(model(x, train=True), y), model)
            # sum(w l) / n: the loss divides by sum(w), by which a batch would count as one without weights
            weighted = lambda: loss(model(x, train=True), y, weights=weights[0]) * np.mean(weights[0])
            return optimizer.minimize(weighted, model)

        return Trainer(
            model, loss, optimizer, step=step, seed=self._seed, traced=bool(self.traced), progress=bool(self.verbose)
        )

    def _put_aside(self, samples: tuple[np.ndarray, ...]) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        by = samples[1] if samples[1].dtype.kind == "i" else None  # of each class the same part
        rest, aside = split(*samples, aside=self.validation_fraction, shuffle=self._seed, by=by)
        if not len(rest[0]) or not len(aside[0]):
            raise InputError(
                f"early stopping puts validation_fraction={self.validation_fraction} of {len(samples[0])} samples "
                f"aside, which leaves {len(rest[0])} to train on and {len(aside[0])} to watch; it needs some of both"
            )
        return rest, aside[:2]

    def _train(self, samples: tuple[np.ndarray, ...], epochs: int, held_out: Any = None) -> None:
        samples = tuple(map(self._in_type, samples))
        validation = held_out and tuple(map(self._in_type, held_out))
        with self._drawing():
            self._trainer.fit(samples, epochs=epochs, batch_size=self.batch_size, validation=validation)

    def _in_type(self, array: np.ndarray) -> np.ndarray:
        """Floating-point numbers in the type that the model computes in."""
        return array.astype(self._dtype, copy=False) if array.dtype.kind == "f" else array

    @contextmanager
    def _drawing(self) -> Iterator[None]:
        """A block in which ntb's default generator, which models draw from, has the state of this estimator."""
        shared = random.default()
        before = shared.value
        shared.assign(self._draws)
        try:
            yield
        finally:
            self._draws = shared.value
            shared.assign(before)

    # --- using the model

    def _outputs(self, X: Any) -> np.ndarray:
        """What the model gives for samples, (N, n_outputs), in float64."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=_FLOATS)
        return np.asarray(self._trainer.predict(self._in_type(X)), np.float64)

    # --- copies: the trainer's steps are functions made here, and are made anew

    def __getstate__(self) -> dict[str, Any]:
        return {name: x for name, x in super().__getstate__().items() if name != "_trainer"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            self._trainer = self._made_trainer()
            self._trainer.epoch, self._trainer.history = self.history_.epochs, self.history_


def _usual_model(n_features: int, n_outputs: int) -> MLP:
    return MLP(n_features, 32, n_outputs, dtype=np.float64)


def _checked_weights(weights: Any, count: int) -> np.ndarray:
    weights = np.asarray(weights, np.float64)
    if weights.shape != (count,):
        raise InputError(f"sample_weight has a number for each of {count} samples, not the shape {weights.shape}")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise InputError("the weights of samples are finite numbers that are not negative")
    if not weights.any():
        raise InputError("the weights of all samples are zero, so that there is nothing to learn from")
    return weights
