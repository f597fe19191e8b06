"""Images as rows of features, between convolutions and dense layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..forms import block


@block
def flatten(x: Any) -> Any:
    """All axes but the first made one: the features of each image in a row, (N, C, *space) -> (N, D).

    >>> flatten(np.arange(4.0).reshape(1, 1, 2, 2))
    array([[0., 1., 2., 3.]])
    """
    return np.reshape(x, (x.shape[0], math.prod(x.shape[1:])))
