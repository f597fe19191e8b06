"""Pictures, by their old names."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import vis
from .datasets.vis import styled
from .nodes.leaves import Variable

graph = vis.graph


def render_cnn_filters(w: Any, *, title: str = "", **style: Any) -> Any:
    """The filters of a convolution (F, C, H, W): an array, or a Variable node. `figsize`, `cmap` and `interpolation` as
    for the pictures of datasets."""
    return styled(vis.filters(np.asarray(w.value if isinstance(w, Variable) else w), title=title), **style)
