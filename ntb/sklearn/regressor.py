"""A regressor of scikit-learn around a model."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from ..errors import InputError
from ..nn import mse
from .estimator import Estimator


class Regressor(RegressorMixin, Estimator):
    """Learns one number or several for each sample. Scale what is large: a loss of targets in the thousands learns
    slowly (`sklearn.compose.TransformedTargetRegressor` does it).

    Args:
        model_function, …: see `__init__`; `n_outputs` is the number of targets.
        loss: of predictions and targets, both (N, targets), by default `nn.mse`.

    Attributes:
        model_, history_, …: see `Estimator`.

    >>> x = np.linspace(-1, 1, 50).reshape(-1, 1)
    >>> regressor = Regressor(epochs=200, lr=0.01, random_state=0).fit(x, x[:, 0] ** 2)
    >>> regressor.predict(x).shape, regressor.score(x, x[:, 0] ** 2) > 0.9
    ((50,), True)
    """

    _usual_loss = staticmethod(mse)
    _form = {"multi_output": True, "y_numeric": True}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _learned(self, y: np.ndarray, begins: bool, classes: Any) -> np.ndarray:
        columns = y.reshape(len(y), -1).astype(np.float64)
        if begins:
            self.n_outputs_, self._is_vector = columns.shape[1], y.ndim == 1
        elif columns.shape[1] != self.n_outputs_:
            raise InputError(
                f"y had {self.n_outputs_} targets for each sample in the first call, not {columns.shape[1]}"
            )
        return columns

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Regressor:
        """Train for one more epoch, with these samples alone, for data that come in parts; arguments as for `fit`.

        Raises:
            InputError: y has another number of targets than in the first call.
        """
        return self._fit_more(X, y, sample_weight)

    def predict(self, X: Any) -> np.ndarray:
        """The targets of each sample, (N,) or (N, targets), as y had them."""
        found = self._outputs(X)
        return found[:, 0] if self._is_vector else found
