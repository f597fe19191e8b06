"""Models of ntb as estimators of scikit-learn, for its pipelines, grid searches and cross-validation.

>>> from sklearn.datasets import load_iris
>>> from sklearn.model_selection import cross_val_score
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from ntb.sklearn import Classifier
>>> x, y = load_iris(return_X_y=True)
>>> classifier = make_pipeline(StandardScaler(), Classifier(epochs=20, lr=0.01, random_state=0))
>>> bool(cross_val_score(classifier, x, y, cv=3).mean() > 0.9)
True

They need scikit-learn, which the extra `sklearn` installs.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..errors import InputError
from ..habits import of_package

if TYPE_CHECKING:
    from .classifier import Classifier
    from .regressor import Regressor

__all__ = ["Classifier", "Regressor"]
_missing, __dir__ = of_package(__name__, __all__)


def __getattr__(name):
    """The classes, which are children of scikit-learn's, are imported when they are first asked for."""
    if name not in __all__:
        return _missing(name)
    if find_spec("sklearn") is None:
        raise InputError(f"ntb.sklearn.{name} needs scikit-learn, which is not installed: pip install 'ntb[sklearn]'")
    return getattr(import_module(f"{__name__}.{name.lower()}"), name)
